// What the API tells of controls, as far as this place reads it.
export type Mode = 'observe' | 'warn' | 'enforce'
export const MODES: Mode[] = ['observe', 'warn', 'enforce']

export interface Control {
  name: string
  title: string
  owner: string
  threat: string
  protects: { operations: string; security: string }
  teams: string[]
  mode: Mode
  effective: string | null
  review_by: string | null
  ask: string | null
  rules: string[]
  checks: string[]
  standards: Record<string, string[]>
  text: string
}
export interface Because { decision: number; kind: string; reason: string; owner: string; until: string }
export interface InForce { id: number; control: Control; mode: Mode; because: Because | null }

export interface Exception { decision: number; control: string; entity: string | null; environment: string | null; reason: string; owner: string; until: string }
export interface Adjustment extends Exception { mode: Mode; at: string }
export interface Lockdown { decision: number; controls: string[]; reviewed: string[]; mode: Mode; reason: string; owner: string; at: string; until: string; review_at: string }
export interface Review { lockdown: Lockdown; waiting: string[]; overdue: boolean }
export interface Controls {
  at: string
  count: number
  controls: InForce[]
  exceptions: Exception[]
  adjustments: Adjustment[]
  lockdowns: Lockdown[]
  reviews: Review[]
  problems: unknown[]
}

/** What exempts, hides, locks or adjusts. */
export interface Restriction {
  id: number
  kind: string
  control: string | null
  title: string
  reason: string
  owner: string
  until: string | null
  ask: string
  entity: string | null
  environment: string | null
}
export interface Ending extends Omit<Restriction, 'entity' | 'environment'> { about: string; over: boolean }
export interface Restrictions { count: number; rows: Restriction[]; endings: Ending[] }

export interface Reply { id: number; at: string; did: string; text: string; made: number | null }
export interface Asking {
  id: number
  kind: string
  control: string | null
  title: string
  owner: string
  about: string | null
  environment: string | null
  say: string
  text: string
  at: string
  until: string | null
  cites: number[]
  waits: boolean
  replies: Reply[]
}

type BySeverity = Record<string, number>
export interface Measure {
  name: string
  title: string
  asked: number
  would_have_stopped: number
  stopped: number
  for_defence: number
  excepted: number
  undecided: number
  said: { helped: number; hurt: number; questions: number; requests: number; wrong: number; unanswered: number; longest: number | null }
  waiting: { ended: number; open: number; p50: number | null; p95: number | null }
  exceptions: { made: number; renewed: number; in_force: number }
  bypasses: number
  against: { open: BySeverity; fixed: BySeverity; caught: BySeverity; alerts: number; incidents: number; findings_missing: boolean }
  friction: number
  risk: number
}
export interface Proposal { control: string; what: 'tune' | 'retire' | 'tighten'; because: string }
export interface Friction { since: string; until: string; controls: Measure[]; systems: Measure[]; proposals: Proposal[] }

export interface OneControl { control: InForce; answers: Asking[]; exceptions: Exception[]; adjustments: Adjustment[]; friction: Measure | null; proposals: Proposal[] }

export interface Asked { question: 'release' | 'scale'; service: string; environment?: string; version?: string; from?: number; to?: number; defence?: string }
export interface Reason {
  check: string
  answer: 'ready' | 'undecided' | 'not_yet'
  text: string
  control: string
  for_operations: string
  for_security: string
  owner: string
  ask: string
  review_by: string | number | null
  mode: Mode
  because: Because | null
  fix: string
  excepted: number | null
  excepted_until: string | number | null
  facts: number[]
}
export interface Verdict {
  id: number | null
  at: string | number
  asked: Asked
  answer: 'ready' | 'undecided' | 'not_yet'
  stopped: boolean
  passed_for_defence: boolean
  reasons: Reason[]
  passed: string[]
}

/** A decision of the ledger, by a statement. */
export interface Decision {
  id: number
  at: string
  kind: string
  entity: string | null
  reason: string
  owner: string | null
  control: number | null
  expires: string | null
  body: Record<string, unknown>
}

/** Findings that somebody suppressed, until a day. */
export interface Waiver { id: number; reason: string; owner: string; control: number | null; at: string; until: string; findings: number[] }
