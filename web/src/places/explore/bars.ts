// Bars of the histogram: the counts that came with the rows, split by level when that is known, and what happened meanwhile.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { get, type Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { millis } from '../../parts/time'
import { toldOnce } from '../../parts/told'
import { cut } from './language'
import { BARS, read } from './search'
import { type Bars, type Run, type Severity, severity, shown } from './shapes'

type Levels = Partial<Record<Severity, number>>
export interface Bar { start: number; end: number; count: number; levels: Levels }
/** Markers at most: more of them say nothing. */
const MOST_MARKS = 300

/** Steps that people read, in milliseconds. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5]
/** Bars narrower than this many in the range could not be seen. */
const MOST_BARS = 120

/** How wide bars are: as the server counted, unless its rows lie closer together than the range is long. */
export function widthOf(bars: Bars, from: number, to: number): number {
  const width = bars.width_ns / 1e6
  return (to - from) / width <= MOST_BARS ? width : (STEPS.find((step) => step >= width && (to - from) / step <= BARS) ?? (to - from) / BARS)
}

/** All bars between two times, also those without rows. */
export function filled(bars: Bars, from: number, to: number, split: Map<number, Levels> | undefined): Bar[] {
  const width = widthOf(bars, from, to)
  if (!(width > 0)) return []
  const counts = new Map<number, number>()
  for (const [start, count] of bars.bars) {
    const at = Math.floor(millis(start) / width) * width
    counts.set(at, (counts.get(at) ?? 0) + count)
  }
  const all: Bar[] = []
  // Bars begin at a multiple of their width; a range may begin within one.
  for (let at = Math.floor(from / width) * width; at < to; at += width) {
    const count = counts.get(at) ?? 0
    const levels = split?.get(at)
    const sum = Object.values(levels ?? {}).reduce((total, one) => total + one, 0)
    // Counts that came later than the split belong to no level yet.
    all.push({ start: at, end: at + width, count: Math.max(count, sum), levels: levels ?? { none: count } })
  }
  return all
}

/** How many of each level there are in each bar; asked when the counts are complete, of the same bars. */
export function useSplit(run: Run | undefined, bars: Bars | undefined, follows = false) {
  const width = run && bars ? widthOf(bars, Date.parse(run.from), Date.parse(run.to)) : 0
  return useQuery<Map<number, Levels>, Problem>({
    queryKey: ['explore/split', run, width],
    enabled: Boolean(run && bars?.complete && bars.bars.length > 0),
    staleTime: Infinity,
    gcTime: 60_000,
    // Of bars that move on, the levels known so far stay until the new ones are there.
    ...(follows ? { placeholderData: keepPreviousData } : {}),
    queryFn: async ({ signal }) => {
      const split = new Map<number, Levels>()
      const query = `${cut(run!.query).filter || '*'} | rate ${Math.round(width * 1e6)}ns by severity_number, severity_text`
      await read({ query, from: run!.from, to: run!.to }, signal, ({ rows }) => {
        for (const row of rows) {
          const at = millis(shown(row.time))
          const level = severity(row.severity_number, row.severity_text)
          const bar = split.get(at) ?? {}
          bar[level] = (bar[level] ?? 0) + Number(row.count)
          split.set(at, bar)
        }
      })
      return split
    },
  })
}

export interface Mark { at: number; kind: 'change' | 'alert'; name: string; entity: string; id: number }
interface Changes { rows: [number, string, string, string, string, string | null, string | null][] }

/** Changes and alerts in a range of time; packages are too many to mark. */
export function useMarks(run: Run | undefined): Mark[] {
  const text = (time: string) => `TIMESTAMP '${time.replace(/'/g, '')}'`
  const changes = useQuery<Changes, Problem>({
    queryKey: ['explore/changes', run?.from, run?.to],
    enabled: Boolean(run),
    queryFn: async ({ signal }) =>
      (await get('/api/v1/sql', {
        query: { sql: `SELECT id, at, kind, entity_kind, entity, version, environment FROM changes WHERE at >= ${text(run!.from)} AND at < ${text(run!.to)} AND kind <> 'package' ORDER BY at DESC LIMIT ${MOST_MARKS}`, format: 'json' },
        signal,
      })) as unknown as Changes,
  })
  const alerts = useGet('/api/v1/alerts', { query: { state: 'all', from: run?.from, to: run?.to, limit: MOST_MARKS } }, { enabled: Boolean(run) })
  const told = toldOnce((changes.data?.rows ?? []).map(([id, at, kind, entityKind, entity, version, environment]) => ({ id, at, kind, entity: `${entityKind}:${entity}`, version, environment })))
  const marks: Mark[] = told.map(({ id, at, kind, entity, version, environment }) => ({ id, at: millis(at), kind: 'change', entity, name: [kind, version, environment && `in ${environment}`].filter(Boolean).join(' ') }))
  for (const alert of alerts.data?.rows ?? []) marks.push({ id: alert.id, at: millis(alert.opened), kind: 'alert', entity: alert.entity ?? '', name: alert.title })
  return marks.sort((a, b) => a.at - b.at)
}
