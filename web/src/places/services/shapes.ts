// What this place reads of answers.
import type { Schemas } from '../../api/client'
import type { Row } from './sql'

export type Report<R> = Pick<Schemas['Report_Ran'], 'at' | 'count' | 'totals' | 'truncated' | 'from'> & { rows: R[] }

export interface Attributes {
  tier?: string
  signals?: string[]
  lifecycle?: string
  type?: string
  runbook?: string
  links?: { title?: string; url: string }[]
  'service.version'?: string
  'deployment.environment.name'?: string
  [name: string]: unknown
}
export type Part = Schemas['Report_InventoryPart']['rows'][number]

/** What was deployed last, by thing and environment. */
export interface Deployed extends Row { entity_kind: string; entity: string; environment: string | null; version: string | null; at: string }
/** How many are open, and how bad the worst is: 5 is critical. */
export interface Open extends Row { entity_kind: string; entity: string; n: number; worst: number }
export interface Change extends Row { id: number; at: string; known: string; kind: string; entity_kind: string; entity: string; environment: string | null; version: string | null; origin: string; attributes: string }

export type OwnerNow = Schemas['Owner']
export type OwnerHistory = Schemas['OwnersBetween']

export interface Alert extends Row { id: number; at: string; title: string; level: string; state: string; rule: string; team: string | null; incident: number | null; last: string }

export type Finding = Schemas['Finding']

/** From the worst on. */
export const LEVELS = ['critical', 'high', 'medium', 'low', 'informational']
export const level = (worst: number) => LEVELS[5 - worst] ?? 'informational'
/** The number of a level in SQL, so that the worst is the largest. */
export const worst = (column: string) => `max(CASE ${column} WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3 WHEN 'low' THEN 2 ELSE 1 END)`

export const split = (entity: string): { kind: string; name: string } => {
  const at = entity.indexOf(':')
  // What has no kind is a service: so they are called in talk.
  return at < 0 ? { kind: 'service', name: entity } : { kind: entity.slice(0, at), name: entity.slice(at + 1) }
}
