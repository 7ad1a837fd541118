// Traces from spans that match: what each is as a whole is asked by SQL, since a search knows single spans alone.
import { literal, nanos, quoted, search, sql, type TableAnswer } from '../../api/ask'
import { Problem } from '../../api/client'
import { absolute, type Range } from '../../app/time'

export interface Filter {
  query: string
  /** Durations as the search language writes them, such as `500ms`. */
  least: string
  most: string
  failed: boolean
  service: string
  /** Only spans that nothing called, or any. */
  roots: boolean
  /** With what Tandem says of its own work: asked for only where nothing else is. */
  own: boolean
  /** Where more match than are looked at: the slowest of all, or the newest. */
  slowest: boolean
}
export interface Found {
  id: string
  service: string
  name: string
  /** Milliseconds since 1970. */
  at: number
  /** Nanoseconds. */
  took: number
  spans: number
  failed: number
  services: string[]
  /** Spans of it that the search found. */
  hits: number
  /** Its first span is not here. */
  headless: boolean
}
export interface Traces { traces: Found[]; spans: number; matched: number | null; more: boolean; tookMs: number; read: number | undefined }

/** Spans looked at: they make at most as many traces. */
export const MOST_SPANS = 500
/** Spans of a trace may lie outside of the range that one of them was found in. */
const AROUND_MS = 3_600_000

/** The search for what was filled in. What the person wrote comes first, so that places in it stay places in it. */
export function queryOf({ query, least, most, failed, service, roots, own }: Filter): string {
  const parts = [joins(query) ? `(${query.trim()})` : query.trim()]
  if (service) parts.push(`service:${quoted(service)}`)
  if (least) parts.push(`duration>=${least}`)
  if (most) parts.push(`duration<=${most}`)
  if (failed) parts.push('status_code:error')
  if (roots) parts.push('missing:parent_span_id')
  if (!own) parts.push('-source:tandem')
  return parts.filter(Boolean).join(' ')
}

/** Whether what follows would bind stronger than what joins it. */
const joins = (query: string) => /\sor\s/i.test(query)

/** A place in the search that was sent, as a place in what the person wrote. */
function placed(error: unknown, { query }: Filter): unknown {
  if (!(error instanceof Problem) || typeof error.where !== 'object' || !joins(query)) return error
  return new Problem(error.status, error.message, undefined, { start: error.where.start - 1, end: error.where.end - 1 })
}

export async function findTraces(filter: Filter, range: Range, signal: AbortSignal): Promise<Traces> {
  const begun = performance.now()
  const order = filter.slowest ? ` | sort duration_ns desc | limit ${MOST_SPANS} | fields trace_id, timestamp` : ''
  const found = await search({ query: (queryOf(filter) || '*') + order, table: 'spans', ...absolute(range), limit: MOST_SPANS, histogram: order ? 0 : 1 }, signal).catch((error: unknown) => {
    throw placed(error, filter)
  })
  const hits = new Map<string, number>()
  let [from, to] = [Infinity, -Infinity]
  for (const row of found.rows) {
    const at = Date.parse(String(row.timestamp))
    ;[from, to] = [Math.min(from, at), Math.max(to, at)]
    if (typeof row.trace_id === 'string') hits.set(row.trace_id, (hits.get(row.trace_id) ?? 0) + 1)
  }
  const whole = hits.size > 0 ? await sql(wholes([...hits.keys()], from, to), { most: MOST_SPANS, signal }) : undefined
  const traces = whole ? read(whole, hits) : []
  return { traces, spans: found.rows.length, matched: found.matched, more: found.more || found.rows.length === MOST_SPANS, tookMs: performance.now() - begun, read: found.read }
}

/** One row a trace. Ids are 32 hex digits from the server; they are quoted all the same. */
function wholes(ids: string[], from: number, to: number): string {
  const time = (ms: number) => literal(new Date(ms).toISOString())
  // Differences are made there: numbers of 64 bits lose their end on the way here.
  return `SELECT trace_id, begin, last - CAST(begin AS BIGINT) AS took, spans, failed, services, service, name, heads FROM (
  SELECT trace_id, min(timestamp) AS begin, max(ends) AS last, count(*) AS spans, count(*) FILTER (WHERE status_code = 'error') AS failed, array_agg(DISTINCT service_name) AS services,
    first_value(service_name ORDER BY parent_span_id IS NULL DESC, timestamp) AS service, first_value(name ORDER BY parent_span_id IS NULL DESC, timestamp) AS name,
    count(*) FILTER (WHERE parent_span_id IS NULL) AS heads
  FROM (SELECT *, CAST(timestamp AS BIGINT) + coalesce(duration_ns, 0) AS ends FROM spans
    WHERE timestamp >= ${time(from - AROUND_MS)} AND timestamp < ${time(to + AROUND_MS)} AND trace_id IN (${ids.map(literal).join(', ')}))
  GROUP BY trace_id)`
}

function read({ rows }: TableAnswer, hits: Map<string, number>): Found[] {
  return rows.map(([id, begin, took, spans, failed, services, service, name, heads]) => ({
    id: String(id),
    at: Number(nanos(begin) / 1000n) / 1000,
    took: Math.max(0, Number(took)),
    spans: Number(spans),
    failed: Number(failed),
    services: Array.isArray(services) ? services.map((one) => String(one ?? '')).sort() : [],
    service: String(service ?? ''),
    name: String(name ?? ''),
    hits: hits.get(String(id)) ?? 0,
    headless: Number(heads) === 0,
  }))
}
