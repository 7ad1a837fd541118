// What this place asks for, once.
import type { UseQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Problem, Schemas } from '../../api/client'
import { useGet } from '../../api/queries'
import type { Asking, Controls, Decision, Friction, OneControl, Restrictions, Verdict } from './shapes'

/** An answer, read as what this place knows of it. */
export const read = <A,>(of: unknown) => of as UseQueryResult<A, Problem>

export const useControls = (to: { entity?: string | undefined; environment?: string | undefined } = {}, keep = true) => read<Controls>(useGet('/api/v1/controls', { query: to }, { keep }))
export const useControl = (name: string) => read<OneControl>(useGet('/api/v1/controls/{name}', { path: { name } }))
export const useRestrictions = () => read<Restrictions>(useGet('/api/v1/exceptions'))
export const useFriction = (days: string) => read<Friction>(useGet('/api/v1/friction', { query: { days } }, { keep: true }))
export const useAnswers = (query: { mine?: boolean; owner?: string | undefined; all?: boolean }, enabled = true) =>
  read<{ count: number; rows: Asking[] }>(useGet('/api/v1/answers', { query: { ...query, mine: query.mine || undefined, all: query.all || undefined } }, { keep: true, enabled }))

/** What has to be asked again when something was decided about a control. */
export const DECIDED = ['/api/v1/controls', '/api/v1/exceptions', '/api/v1/answers', '/api/v1/friction', '/api/v1/home', '/api/v1/sql', '/api/v1/findings', '/api/v1/why']

// Decisions that no list of the API has: by a statement. Their bodies are JSON as text.
const COLUMNS = "id, at, kind, CASE WHEN entity IS NULL THEN NULL ELSE entity_kind || ':' || entity END AS entity, reason, owner, control, expires, body"
type Rows = Schemas['SqlAnswer']

export function useDecisions(where: string, most: number, enabled = true) {
  const asked = read<Rows>(useGet('/api/v1/sql', { query: { sql: `SELECT ${COLUMNS} FROM decisions WHERE ${where} ORDER BY at DESC, id DESC LIMIT ${most}` } }, { enabled }))
  const rows = useMemo(() => asked.data && decisions(asked.data), [asked.data])
  return { data: rows, tookMs: asked.data?.took_ms, error: asked.error, isPending: asked.isPending, refetch: asked.refetch }
}

function decisions({ columns, rows }: Rows): Decision[] {
  return rows.map((row) => {
    const all = Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])) as Record<string, unknown>
    let body: Record<string, unknown> = {}
    try {
      body = JSON.parse(String(all.body ?? '{}')) as Record<string, unknown>
    } catch {
      // A body that cannot be read hides nothing of the rest.
    }
    return { ...all, body } as unknown as Decision
  })
}

/** Verdicts kept last; the same one given again is one. */
export const MOST_VERDICTS = 200
export function useVerdicts() {
  const kept = useDecisions("kind = 'verdict'", MOST_VERDICTS)
  const data = useMemo(() => kept.data?.map((one) => verdict(one)), [kept.data])
  return { ...kept, data }
}
export const verdict = (one: Decision): Verdict => ({ reasons: [], passed: [], waived: [], ...(one.body as object), id: one.id, at: one.at }) as unknown as Verdict

const DAY_MS = 86_400_000
/** What restricts lasts at most so long; the server holds to it too. */
export const MOST_DAYS = 90
export const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
/** The end of a chosen day: who says a day means that it still holds on it, and never longer than is allowed. */
export const endOf = (day: string) => new Date(Math.min(Date.parse(`${day}T23:59:59Z`), Date.now() + MOST_DAYS * DAY_MS - 60_000)).toISOString()
