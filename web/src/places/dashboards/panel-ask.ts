// What a panel asks, with the range and what is chosen filled in, and what it gets.
import { type EventRow, search, sql, type TableAnswer } from '../../api/ask'
import { get } from '../../api/client'
import { fillQuery, fillSql, fillValues, stepOf, stepText } from '../../api/fill'
import { drawn } from '../../parts/result'
import { aligned, type Series } from '../../parts/series'
import { millis } from '../../parts/time'
import { unitOf } from '../../parts/unit'
import type { PanelOf } from './shapes'

/** The moment and the choices that all panels share. */
export interface Chosen { from: number; to: number; values: Record<string, string> }
export type Got =
  | { kind: 'table'; answer: TableAnswer }
  | { kind: 'events'; rows: EventRow[]; matched: number | null; more: boolean }
  | { kind: 'chart'; times: number[]; series: Series[]; bars: boolean; unit: string }
  | { kind: 'named'; names: string[]; values: number[] }
  | { kind: 'number'; value: number | null; line: (number | null)[]; unit: string }
export interface Told { got: Got; tookMs: number; rows: number; read?: number | undefined }

/** What fits below each other; the link leads to all. */
const MOST_ROWS = 200
const MOST_EVENTS = 50
const MOST_POINTS = 20_000
/** Steps of a chart of bars: each must be wide enough to be pointed at. */
const BARS = 60

export async function ask(panel: PanelOf, chosen: Chosen, signal: AbortSignal): Promise<Told> {
  if (panel.metric) return metric(panel, chosen, signal)
  const table = panel.sql !== null ? await bySql(panel, chosen, signal) : await bySearch(panel, chosen, signal)
  if (!('columns' in table)) return table
  const told = { tookMs: table.tookMs, rows: table.rows.length, read: table.read }
  if (panel.kind === 'number') {
    const at = table.rows[0]?.findIndex((cell) => typeof cell === 'number') ?? -1
    return { ...told, got: { kind: 'number', value: at < 0 ? null : (table.rows[0]![at] as number), line: [], unit: panel.unit ?? '' } }
  }
  if (panel.kind === 'chart') {
    const shape = drawn(table)
    if (shape?.kind === 'time') return { ...told, got: { ...shape, kind: 'chart', bars: panel.sql === null || panel.agg === 'sum', unit: panel.unit ?? '' } }
    return { ...told, got: { kind: 'named', names: shape?.names ?? [], values: shape?.values ?? [] } }
  }
  return { ...told, got: { kind: 'table', answer: table } }
}

/** Values of a statement that may be added (`agg: sum`) are stacked. */
function bySql(panel: PanelOf, chosen: Chosen, signal: AbortSignal): Promise<TableAnswer> {
  return sql(fillSql(panel.sql!, panel.agg === 'sum' ? { ...chosen, wanted: BARS } : chosen).text, { most: panel.kind === 'chart' ? MOST_POINTS : MOST_ROWS, signal })
}

async function bySearch(panel: PanelOf, chosen: Chosen, signal: AbortSignal): Promise<TableAnswer | Told> {
  const steps = panel.kind === 'chart' ? { wanted: BARS } : {}
  const query = fillQuery(panel.query ?? '', { ...chosen, ...steps })
  const piped = query.includes('|')
  const answer = await search({ query, table: panel.table ?? 'logs', from: new Date(chosen.from).toISOString(), to: new Date(chosen.to).toISOString(), ...(piped ? {} : { limit: MOST_EVENTS, histogram: 1 }) }, signal)
  const { columns } = answer
  if (!columns) return { got: { kind: 'events', rows: answer.rows, matched: answer.matched, more: answer.more }, tookMs: answer.tookMs, rows: answer.rows.length, read: answer.read }
  return { columns, rows: answer.rows.map((row) => columns.map(({ name }) => (row[name] ?? null) as never)), tookMs: answer.tookMs, more: answer.more, read: answer.read }
}

async function metric(panel: PanelOf, { from, to, values }: Chosen, signal: AbortSignal): Promise<Told> {
  const begun = performance.now()
  const asked = { name: panel.metric!, agg: panel.agg ?? 'avg', by: panel.by ?? '', query: panel.query ? fillQuery(panel.query, { from, to, values }) : '', step: stepText(stepOf(from, to)), from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const told = (await get('/api/v1/metrics/range', { query: asked, signal })) as unknown as { series: { labels: Record<string, string | null>; points: [string, number | null][] }[] }
  const points = told.series.map(({ labels, points }) => ({ name: Object.values(labels).filter((value) => value !== null).join(', ') || panel.title, points: points.map(([at, value]): [number, number | null] => [millis(at), value]) }))
  const count = points.reduce((sum, one) => sum + one.points.length, 0)
  const rate = asked.agg === 'rate' && panel.unit && !panel.unit.endsWith('/s') ? `${panel.unit}/s` : (panel.unit ?? '')
  const unit = unitOf(panel.metric!, rate)
  const { times, series } = aligned(points)
  if (panel.kind === 'number') return { got: { kind: 'number', value: series[0]?.values.findLast((value) => value !== null) ?? null, line: series[0]?.values ?? [], unit }, tookMs: performance.now() - begun, rows: count }
  return { got: { kind: 'chart', times, series, bars: false, unit }, tookMs: performance.now() - begun, rows: count }
}

/** Where the same is asked in Explore, to go on from there. */
export function explored(panel: PanelOf, { from, to, values }: Chosen, range: { from: string; to: string }): Record<string, string> | undefined {
  if (panel.sql !== null) return { tab: 'sql', sql: fillValues(panel.sql, values), ...range, ...(panel.kind === 'chart' ? { view: 'chart' } : {}) }
  const query = panel.query === null ? '' : fillQuery(panel.query, { from, to, values })
  if (panel.metric) return { tab: 'metrics', metric: panel.metric, ...(panel.agg ? { agg: panel.agg } : {}), ...(panel.by ? { by: panel.by } : {}), query, ...range }
  if (panel.query === null) return undefined
  // Tables that pipes make have no place for spans and metrics there: what they are made from is shown.
  const bare = query.split('|')[0]!.trim()
  if (panel.table === 'spans') return { tab: 'traces', query: bare, spans: 'any', ...range }
  return { query: panel.kind === 'search' ? query : bare, ...range }
}
