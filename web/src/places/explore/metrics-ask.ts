// What is asked about metrics: which there are, what they can be split by, their values, and what changed meanwhile.
import { useQuery } from '@tanstack/react-query'
import { literal, sql } from '../../api/ask'
import { get, Problem, type Schemas } from '../../api/client'
import { stepOf, stepText } from '../../api/fill'
import { absolute, type Range } from '../../app/time'
import type { Mark } from '../../parts/chart'
import { aligned, type Series } from '../../parts/series'
import { millis } from '../../parts/time'

export interface Metric { name: string; unit: string; kind: string; monotonic: boolean; description: string; points: number; /** Tandem's, of itself. */ own: boolean }
const MOST_METRICS = 2000
const within = ({ from, to }: Range) => `timestamp >= ${literal(from)} AND timestamp < ${literal(to)}`

export function useMetrics(range: Range) {
  return useQuery<Metric[], Problem>({
    queryKey: ['metrics', range],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const told = await sql(`SELECT name, max(unit), max(kind), bool_or(coalesce(is_monotonic, false)), max(description), count(*), bool_and(source = 'tandem') FROM metrics WHERE ${within(absolute(range))} GROUP BY name ORDER BY name`, { most: MOST_METRICS, signal })
      return told.rows.map(([name, unit, kind, monotonic, description, points, own]) => ({ name: String(name), unit: String(unit ?? ''), kind: String(kind ?? ''), monotonic: monotonic === true, description: String(description ?? ''), points: Number(points), own: own === true }))
    },
  })
}

export interface Dimension { name: string; values: number }
/** Sets of attributes that are looked at: a metric of more is told by those. */
const MOST_SETS = 2000

/** What the metric's points differ in. */
export function useDimensions(metric: string | undefined, range: Range) {
  return useQuery<Dimension[], Problem>({
    queryKey: ['dimensions', metric, range],
    enabled: metric !== undefined,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const told = await sql(`SELECT DISTINCT service_name, attributes, resource_attributes FROM metrics WHERE name = ${literal(metric!)} AND ${within(absolute(range))}`, { most: MOST_SETS, signal })
      const values = new Map<string, Set<string>>()
      const add = (name: string, value: unknown) => (values.get(name) ?? values.set(name, new Set()).get(name)!).add(typeof value === 'string' ? value : JSON.stringify(value))
      for (const [service, attributes, resource] of told.rows) {
        if (service) add('service', service)
        for (const [name, value] of pairs(attributes)) add(COLUMNS.has(name) ? `attributes.${name}` : name, value)
        for (const [name, value] of pairs(resource)) if (name !== 'service.name') add(name, value)
      }
      return [...values].map(([name, set]) => ({ name, values: set.size })).sort((a, b) => Number(b.name === 'service') - Number(a.name === 'service') || Number(b.values > 1) - Number(a.values > 1) || a.values - b.values || a.name.localeCompare(b.name))
    },
  })
}

/** An attribute that is called as a column is, is asked for by its full name. */
const COLUMNS = new Set(['source', 'kind', 'name', 'unit', 'dataset', 'description', 'temporality', 'value', 'count', 'sum', 'min', 'max', 'flags', 'scale', 'extra', 'cut'])

function pairs(text: unknown): [string, unknown][] {
  try {
    return Object.entries(JSON.parse(String(text ?? '{}')) as object)
  } catch {
    return []
  }
}

export interface Asked { metric: string; agg: string; by: string; step: string; query: string; range: Range }
export interface Values { times: number[]; series: Series[]; tookMs: number; read: number | null; truncated: boolean; stepMs: number; range: [number, number]; points: number }
type Told = Schemas['MetricRange']

/** A metric over time. */
export async function values({ metric, agg, by, step, query, range }: Asked, signal: AbortSignal): Promise<Values> {
  const begun = performance.now()
  const { from, to } = absolute(range)
  const usual = stepText(stepOf(Date.parse(from), Date.parse(to), 120))
  const told = (await get('/api/v1/metrics/range', { query: { name: metric, agg, by, step: step || usual, query, from, to }, signal })) as unknown as Told
  // Fields that a point lacks are no part of its name: senders of two generations can be split by both of their names.
  const named = told.series.map(({ labels, points }) => ({ name: Object.values(labels).filter((value) => value !== null).join(', ') || (Object.keys(labels).length > 0 ? '(none)' : metric), points: points.map(([at, value]): [number, number | null] => [millis(at), value]) }))
  return { ...aligned(named), tookMs: performance.now() - begun, read: told.read_bytes, truncated: told.truncated, stepMs: told.step_ns / 1e6, range: [Date.parse(from), Date.parse(to)], points: told.series.reduce((sum, one) => sum + one.points.length, 0) }
}

const MOST_MARKS = 60
/** What was changed in the range, the newest if there is much. */
export function useChanges(range: Range) {
  return useQuery<Mark[], Problem>({
    queryKey: ['changes-in', range],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const { from, to } = absolute(range)
      const told = await sql(`SELECT at, kind, entity_kind, entity, version FROM changes WHERE at >= ${literal(from)} AND at < ${literal(to)} ORDER BY at DESC LIMIT ${MOST_MARKS}`, { most: MOST_MARKS, signal })
      return told.rows.map(([at, kind, entityKind, entity, version]) => ({ at: millis(at as string), label: `${kind} of ${entityKind} ${entity}${version ? ` ${version}` : ''}`, kind: 'change' as const }))
    },
  })
}

/** Ways to make one value of a step that mean something for a metric, the usual one first. */
export function aggregates({ kind, monotonic }: Pick<Metric, 'kind' | 'monotonic'>): string[] {
  if (kind === 'sum' && monotonic) return ['rate', 'increase', 'last', 'max']
  if (kind.includes('histogram') || kind === 'summary') return ['avg', 'max', 'min', 'count', 'sum', 'rate']
  return ['avg', 'max', 'min', 'last', 'sum', 'p50', 'p90', 'p95', 'p99', 'count']
}
/** What the values are in: counts have no unit, growth a second has its own. */
export const unitAfter = (agg: string, unit: string) => (agg === 'count' ? '' : agg === 'rate' ? `${unit === '1' ? '' : unit}/s` : unit)
