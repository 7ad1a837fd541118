// What waits for a team, in one order. The order is made of what the server says; nothing of it is about persons.
import type { Schemas } from '../../api/client'
import { ago, millis, span } from '../../parts/time'

export type Kind = 'incidents' | 'alerts' | 'findings' | 'questions' | 'endings' | 'tasks' | 'orphans' | 'silent'
export interface Item {
  id: string
  kind: Kind
  title: string
  about: string | null
  team: string | null
  /** Why it stands where it stands. */
  because: string
  level?: string
  to: string
  search?: Record<string, string>
  rank: number
  /** What can be acknowledged here. */
  row?: Schemas['QueueRow']
}

const DAY_MS = 86_400_000
/** What each kind weighs, beside a finding's own rank from 0 to 100. */
const LEVEL_RANK: Record<string, number> = { critical: 100, high: 82, medium: 52, low: 24, informational: 6 }
/** Somebody looks at it: others may take something else. */
const LOOKED_AT = 0.7
const FINDING = 0.8
const PER_DAY = 5
const between = (low: number, value: number, high: number) => Math.max(low, Math.min(high, value))

export function ofQueue(row: Schemas['QueueRow']): Item {
  const incident = row.kind === 'incident'
  const rank = (LEVEL_RANK[row.level] ?? 0) * (row.state === 'acknowledged' ? LOOKED_AT : 1) + (incident ? 5 : 0)
  const state = row.state === 'acknowledged' ? ', somebody looks at it' : ''
  return {
    id: `${row.kind}:${row.id}`, kind: incident ? 'incidents' : 'alerts', title: row.title, about: row.entity ?? null, team: row.team ?? null, level: row.level, rank,
    because: incident ? `open for ${span(Date.now() - millis(row.opened))}${state}` : `fired ${ago(row.last)}${state}`,
    to: incident ? `/incidents/${row.id}` : `/alerts/${row.id}`, row,
  }
}

export function ofTask(row: Schemas['QueueRow']): Item {
  const left = row.until ? millis(row.until) - Date.now() : Infinity
  return {
    id: `task:${row.id}`, kind: 'tasks', title: row.title, about: row.entity ?? null, team: row.team ?? null,
    because: left === Infinity ? 'a task of an incident' : left < 0 ? `was due ${ago(row.until)}` : `due ${ago(row.until)}`,
    to: `/incidents/${row.incident ?? ''}`, rank: left < 0 ? 75 : left < DAY_MS ? 60 : 35,
  }
}

export function ofFinding(one: Schemas['Finding']): Item {
  const terms = [...one.rank.terms].filter(({ points }) => points > 0).sort((a, b) => b.points - a.points).slice(0, 3)
  return {
    id: `finding:${one.id}`, kind: 'findings', title: one.title, about: one.entity, team: one.owner?.team ?? null, level: one.severity,
    because: terms.map(({ because }) => because).join('; '), to: '/findings', search: { open: String(one.id) }, rank: one.rank.score * FINDING,
  }
}

/** The same weakness in several things is one row: the worst stands for all. */
export function folded(all: Item[]): Item[] {
  const groups = new Map<string, Item[]>()
  for (const item of all) {
    const name = item.kind === 'findings' ? `${item.title}\n${item.level}` : item.id
    groups.set(name, [...(groups.get(name) ?? []), item])
  }
  return [...groups.values()].map(([first, ...rest]) => {
    const others = new Set(rest.map(({ about }) => about).filter((about) => about !== first!.about)).size
    return others > 0 ? { ...first!, because: `also in ${others} more; ${first!.because}` } : first!
  })
}

export function ofQuestion(one: Schemas['Asking']): Item {
  const days = (Date.now() - millis(one.at)) / DAY_MS
  return {
    id: `question:${one.id}`, kind: 'questions', title: one.text || one.title, about: one.about, team: one.owner,
    because: `${one.say === 'hurt' ? '“this hurt”' : one.say} to “${one.title}”, waits for ${span(Date.now() - millis(one.at))}`,
    to: '/controls', search: { tab: 'answers', answer: String(one.id) }, rank: between(55, 55 + days * PER_DAY, 80),
  }
}

export function ofEnding(one: Schemas['Ending']): Item {
  const left = millis(one.until) - Date.now()
  return {
    id: `ending:${one.id}`, kind: 'endings', title: `${one.kind}: ${one.reason}`, about: one.about === 'everything' ? null : one.about, team: one.owner,
    because: one.over || left < 0 ? `ended ${ago(one.until)}: renew it or let it be` : `ends ${ago(one.until)}`,
    to: '/controls', search: { tab: one.kind === 'lockdown' ? 'lockdowns' : one.kind === 'adjustment' ? 'adjustments' : 'exceptions', open: String(one.id) }, rank: one.over || left < 0 ? 70 : left < DAY_MS ? 65 : 42,
  }
}

export function ofOrphan(row: Schemas['Report_Orphan']['rows'][number]): Item {
  return {
    id: `orphan:${row.kind}:${row.name}`, kind: 'orphans', title: `${row.name} belongs to nobody`, about: `${row.kind}:${row.name}`, team: null,
    because: row.since ? `nobody has answered for it for ${span(Date.now() - millis(row.since))}` : 'nobody ever answered for it', to: `/services/${encodeURIComponent(`${row.kind}:${row.name}`)}`, rank: 40,
  }
}

export function ofSilent(row: { service: string; owned_by: string | null }): Item {
  return {
    id: `silent:${row.service}`, kind: 'silent', title: `${row.service} sends no logs`, about: `service:${row.service}`, team: row.owned_by,
    because: 'an outage or an attack of it cannot be explained', to: `/services/${encodeURIComponent(`service:${row.service}`)}`, rank: 38,
  }
}
