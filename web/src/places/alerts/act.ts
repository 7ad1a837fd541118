// What people do to alerts, incidents and tasks; each of it can be taken back for a while.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { get, post, type Problem } from '../../api/client'
import { many } from '../../parts/number'
import { say } from '../../parts/toast'
import type { Page, Row } from './shapes'

export interface Deed {
  do: 'acknowledge' | 'reopen' | 'snooze' | 'resolve' | 'hand_over' | 'comment' | 'assign' | 'join'
  reason?: string
  until?: string | null
  outcome?: string | null
  to?: string
  incident?: number | null
}
/** What shows alerts: asked again when something was done to one. */
export const SHOWN = ['/api/v1/alerts', '/api/v1/incidents', '/api/v1/tasks', '/api/v1/suppressions', '/api/v1/home', '/api/v1/rules/ledger', '/api/v1/exceptions']
const TAKEN_BACK = 'taken back at once'
/** Alerts of an incident that an act on it moves as well. */
const MOST_PARTS = 1_000
const DONE: Record<Deed['do'], string> = {
  acknowledge: 'acknowledged', reopen: 'opened again', snooze: 'snoozed', resolve: 'closed', hand_over: 'handed over', comment: 'commented on', assign: 'taken', join: 'moved',
}

const send = (rows: Row[], deed: Deed) => post('/api/v1/alerts/act', { ids: rows.map(({ id }) => id), key: crypto.randomUUID(), ...deed } as never)

/** Who acknowledges or closes an incident does so with its alerts: these are remembered for the way back. */
async function withParts(rows: Row[], deed: Deed): Promise<Row[]> {
  if (deed.do !== 'acknowledge' && deed.do !== 'resolve') return rows
  const incidents = rows.filter(({ kind }) => kind === 'incident')
  const pages = await Promise.all(incidents.map(({ id }) => get('/api/v1/alerts', { query: { incident: id, limit: MOST_PARTS } }) as Promise<Page>))
  const parts = pages.flatMap((page) => page.rows).filter(({ state }) => deed.do === 'resolve' || state === 'open')
  return [...rows, ...parts.filter((part) => !rows.some(({ id }) => id === part.id))]
}

/** What leads from where a deed led back to where each was. */
function back(row: Row, deed: Deed): Deed | undefined {
  switch (deed.do) {
    case 'join':
      return { do: 'join', incident: row.incident }
    case 'hand_over':
      return row.team ? { do: 'hand_over', to: row.team, reason: TAKEN_BACK } : undefined
    case 'assign':
      return { do: 'assign', to: 'nobody' }
    case 'comment':
      return undefined
    default:
      if (row.kind === 'suppression') return undefined
      if (row.state === 'acknowledged') return { do: 'acknowledge', reason: TAKEN_BACK }
      if (row.state === 'snoozed') return { do: 'snooze', until: row.until, reason: TAKEN_BACK }
      if (row.state === 'resolved') return { do: 'resolve', outcome: row.outcome, reason: TAKEN_BACK }
      return { do: 'reopen', reason: TAKEN_BACK }
  }
}

async function undo(rows: Row[], deed: Deed) {
  // Incidents first: acknowledging one moves its alerts, which are put right afterwards.
  const groups = new Map<string, { rows: Row[]; deed: Deed }>()
  for (const row of [...rows].sort((a, b) => Number(b.kind === 'incident') - Number(a.kind === 'incident'))) {
    const way = back(row, deed)
    if (!way) continue
    const name = `${row.kind} ${JSON.stringify(way)}`
    if (!groups.has(name)) groups.set(name, { rows: [], deed: way })
    groups.get(name)!.rows.push(row)
  }
  for (const group of groups.values()) await send(group.rows, group.deed)
}

/** Has all that shows alerts asked again. */
export function useAgain() {
  const client = useQueryClient()
  return () => Promise.all(SHOWN.map((start) => client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(start) })))
}

export function useAct() {
  const again = useAgain()
  return useMutation<void, Problem, { rows: Row[]; deed: Deed }>({
    mutationFn: async ({ rows, deed }) => {
      const moved = await withParts(rows, deed)
      await send(rows, deed)
      const way = moved.some((row) => back(row, deed))
      const words = `${rows.length === 1 ? rows[0]!.title : many(rows.length, 'row')} ${rows.length === 1 ? '' : 'are '}${DONE[deed.do]}`
      say(words, way ? () => void undo(moved, deed).then(again, (error: Problem) => say(`Not taken back: ${error.message}`)) : undefined)
      await again()
    },
  })
}
