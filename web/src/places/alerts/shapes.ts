// What the server tells of alerts, incidents and rules, as far as this place reads it.
import type { Me } from '../../app/session'

export type State = 'open' | 'acknowledged' | 'snoozed' | 'resolved'
export interface Row {
  id: number
  kind: 'alert' | 'incident' | 'task' | 'suppression'
  title: string
  rule: string
  entity: string | null
  team: string | null
  level: string
  aspect: string
  state: State
  outcome: string | null
  marks: string[]
  tags: string[]
  dataset: string
  events: number
  firings: number
  first: string
  last: string
  opened: string
  acknowledged: string | null
  closed: string | null
  incident: number | null
  assignee: number | null
  runbook: string | null
  until: string | null
  minutes_saved: number
}
export interface Page { rows: Row[]; counts: { all: number; levels: Record<string, number>; owners: Record<string, number>; states: Record<string, number> }; next: string | null }
export interface Suspect { id: number; at: string; entity: string; kind: string; version: string | null; score: number; reasons: string[] }
export interface Beside { page: string; title: string; link: string | null; why: string; score: number; helped: number }
export interface Weak { id: number; entity: string; rule: string; severity: string; title: string }
export interface Moved { at: string; about: number; what: string; value: string; detail: string | null; until: string | null; number: number | null; by: number | null; reason: string | null; decision: number | null }
export interface Cited { event_id: number | null; table: string; timestamp: number; fields: Record<string, unknown> }
export interface Whole extends Row {
  reason: string
  why: string | null
  why_owner?: string
  key: [string, string][]
  cited: (Cited | null)[]
  cites: ({ event: number } | { fact: number })[]
  suspects?: Suspect[]
  findings?: Weak[]
  parts: Row[]
  timeline: Moved[]
  runbooks: Beside[]
  playbooks?: { name: string; minutes: number }[]
  risk?: number
  first_useful_signal_seconds?: number | null
}
export interface Score {
  rule: string
  title: string
  team: string
  level: string
  alerts: number
  fired: number
  acted: number
  ignored: number
  confirmed: number
  benign: number
  false: number
  notified: number
  suppressed: number
  minutes_saved: number
  median_seconds_to_acknowledge: number | null
  proposal: { advice: string; why: string } | null
}
export interface Rule {
  id: string
  name: string | null
  title: string
  kind: 'event' | 'correlation' | 'operational'
  level: string
  aspect: string
  status: string | null
  tags: string[]
  runbook: string | null
  place: string
  looked?: number
  matched?: number
  status_now?: { firing: number; pending: number; known: number; failures: number; error: string | null; blind: boolean }
}
export interface Control { name: string; title: string; owner: string; rules: string[]; threat: string; protects: { operations: string; security: string } }

export const LEVELS = ['critical', 'high', 'medium', 'low', 'informational']
export const OUTCOMES: { value: string; label: string }[] = [
  { value: 'true', label: 'True: it happened, and should not' },
  { value: 'benign', label: 'Benign: it happened, and was meant to' },
  { value: 'false', label: 'False: it did not happen' },
]

/** Roles from the least; each may do what those before it may. */
const ROLES = ['viewer', 'responder', 'editor', 'admin']
/** Whether the caller has a role for what a team owns; what nobody owns takes the role in all teams. */
export function holds(me: Me, role: 'responder' | 'editor', team: string | null): boolean {
  return me.grants.some((grant) => ROLES.indexOf(grant.role) >= ROLES.indexOf(role) && (grant.team === '*' || (team !== null && grant.team === team)))
}

/** Whether a pattern with stars fits a name. */
export function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === name
  const [head, tail] = [parts[0]!, parts.at(-1)!]
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false
  let from = head.length
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= name.length - tail.length
}

/** The control behind a rule: the one that a tag names, else the one whose patterns fit best. */
export function controlOf(row: { rule: string; tags: string[] }, all: Control[]): Control | undefined {
  const tagged = row.tags.find((tag) => tag.startsWith('tandem.control.'))?.slice('tandem.control.'.length)
  const behind = all.filter((one) => one.rules.some((pattern) => fits(pattern, row.rule)))
  return all.find((one) => one.name === tagged) ?? behind.find((one) => one.rules.includes(row.rule)) ?? behind[0]
}

const DAY_MS = 86_400_000
/** Whatever hides something ends within so many days; the server holds to it too. */
export const MOST_DAYS = 90
export const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
