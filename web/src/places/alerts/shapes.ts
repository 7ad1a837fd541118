// What the server tells of alerts, incidents and rules, as its description names it; what follows from it here.
import type { Schemas } from '../../api/client'
import { type Me, roleAt } from '../../app/session'

export type Row = Schemas['QueueRow']
export type Page = Schemas['QueuePage']
export type Suspect = Schemas['Suspect']
export type Beside = Schemas['RunbookBeside']
export type Weak = Pick<Schemas['Finding'], keyof Schemas['AlertFinding']>
export type Moved = Schemas['TimelineRow']
export type Cited = Schemas['CitedEvent']
/** An alert or an incident with all that belongs to it: each has some of what the other lacks. */
export type Whole = Schemas['QueueWhole'] & Pick<Schemas['IncidentWhole'], 'runbooks'> & Partial<Pick<Schemas['AlertWhole'], 'playbooks'> & Pick<Schemas['IncidentWhole'], 'first_useful_signal_seconds'>>
export type Score = Schemas['RuleScore']
export type Rule = Schemas['Rule']
export type Control = Schemas['Control']

export const LEVELS = ['critical', 'high', 'medium', 'low', 'informational']
export const OUTCOMES: { value: string; label: string }[] = [
  { value: 'true', label: 'True: it happened, and should not' },
  { value: 'benign', label: 'Benign: it happened, and was meant to' },
  { value: 'false', label: 'False: it did not happen' },
]

/** Whether the caller has a role for what a team owns; what nobody owns takes the role in all teams. */
export function holds(me: Me, role: 'responder' | 'editor', team: string | null): boolean {
  return me.grants.some((grant) => roleAt(grant.role) >= roleAt(role) && (grant.team === '*' || (team !== null && grant.team === team)))
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
