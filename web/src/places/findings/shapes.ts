// What the API tells of findings, as far as this place reads it.
import type { Waiver } from '../controls/shapes'

export interface Term { name: string; value: number; weight: number; points: number; because: string }
export interface Step { at: string; what: string; origin: string; scan: number | null; change: number | null }
export interface ScanRef { id: number; at: string; tool: string; commit: string | null; branch: string | null; version: string | null; pipeline: string | null }
export interface ChangeRef { id: number; kind: string; entity: string; at: string; version: string | null }
export interface Hidden { reason: string; owner: string; until: string | null; by: string; ends: string; expired: boolean }

export interface Finding {
  id: number
  entity: string | null
  rule: string
  severity: string
  title: string
  message: string
  place: string
  path: string
  line: number | null
  address: string
  dataset: string
  state: 'new' | 'open' | 'back' | 'fixed'
  suppressed: Hidden | null
  evidence: Record<string, unknown>
  found: string
  steps: Step[]
  found_by: ScanRef | null
  fixed_by: ScanRef | null
  fixed_by_change: ChangeRef | null
  rank: { score: number; terms: Term[] }
  owner: { team: string; because: string } | null
  owners: string[]
  runs: string[]
  places: number
}
export interface Findings { at: string; count: number; suppressed: number; truncated: boolean; findings: Finding[] }

/** A finding with all that is known of it. */
export interface Named extends Finding {
  via: string[]
  since: ChangeRef | null
  fix: { versions: string[]; commit: string | null; change: ChangeRef | null }
  waiting: string[]
}
export interface Why { id: string; at: string; findings: Named[]; holders: { entity: string; since: string }[] }

/** A finding as the list shows it. */
export interface Row extends Finding { waiver: Waiver | undefined; days: number }

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info']
export const STATES = ['new', 'open', 'back', 'fixed'] as const
