// What the API tells of findings, as its description names it.
import type { Schemas } from '../../api/client'

export type Term = Schemas['RankTerm']
export type Step = Schemas['FindingStep']
export type ScanRef = Schemas['ScanRef']
export type ChangeRef = Schemas['ChangeRef']
export type Hidden = Schemas['Suppressed']
export type Finding = Schemas['Finding']
export type Findings = Schemas['Findings']
/** A finding with all that is known of it. */
export type Named = Schemas['FindingWhy']
export type Why = Schemas['WhyAnswer']

/** A finding as the list shows it. */
export interface Row extends Finding { days: number }

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info']
export const STATES = ['new', 'open', 'back', 'fixed'] as const
