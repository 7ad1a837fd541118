// What this place reads of answers.
import type { Row } from './sql'

export interface Report<R> { at: string; count: number; rows: R[]; totals: Record<string, number>; truncated: boolean; from: string[] }

export interface Running { kind: string; name: string; owner: string | null; reason: string | null; seen: string; until: string | null; attributes: Attributes }
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
export interface Orphan { kind: string; name: string; since: string; owned_until: string | null; sends: string[] }
export interface Part { kind: string; name: string; origin: string; outward: boolean; relation: string; seen: string }

/** What was deployed last, by thing and environment. */
export interface Deployed extends Row { entity_kind: string; entity: string; environment: string | null; version: string | null; at: string }
/** How many are open, and how bad the worst is: 5 is critical. */
export interface Open extends Row { entity_kind: string; entity: string; n: number; worst: number }
export interface Change extends Row { id: number; at: string; known: string; kind: string; entity_kind: string; entity: string; environment: string | null; version: string | null; origin: string; attributes: string }

export interface OwnerNow { layer: string; owner: string; origin: string; since: string; via: string | null; conflicts: string[]; overruled: { origin: string; owner: string }[]; reason: string }
export interface OwnerHistory {
  intervals: { rows: { from: string; until: string | null; layer: string; origin: string; owner: string }[] }
  hand_overs: Record<string, unknown>[]
}

export interface Alert extends Row { id: number; at: string; title: string; level: string; state: string; rule: string; team: string | null; incident: number | null; last: string }

export interface Finding {
  id: number
  entity: string
  rule: string
  severity: string
  title: string
  place: string | null
  state: string
  rank?: { score?: number; terms?: { because: string; points: number }[] }
}

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
