// A trace as a tree, and the path through it that took the time. Input is hostile: parents may be missing, circles may be told.
import { nanos } from '../../api/ask'

export interface SpanRow {
  event_id: number
  timestamp: string
  duration_ns?: number
  name?: string
  kind?: string
  status_code?: string
  status_message?: string
  service_name?: string
  span_id?: string
  parent_span_id?: string
  scope_name?: string
  attributes?: Record<string, unknown>
  resource_attributes?: Record<string, unknown>
  events?: { timestamp?: string | number; name?: string; attributes?: Record<string, unknown> }[]
  links?: { trace_id?: string; span_id?: string; attributes?: Record<string, unknown> }[]
}
export interface LogRow {
  event_id: number
  timestamp: string
  severity_text?: string
  severity_number?: number
  service_name?: string
  body?: string
  span_id?: string
  attributes?: Record<string, unknown>
}

export interface Span {
  id: string
  row: SpanRow
  /** Nanoseconds since the trace began. */
  start: number
  end: number
  depth: number
  children: Span[]
  logs: Log[]
  /** Spans below it. */
  below: number
  failed: boolean
  /** Its parent was named, and is not there. */
  lost: boolean
  /** Where the trace waited for it, from and to. */
  critical: [number, number][]
}
export interface Log { id: string; row: LogRow; at: number }
export interface Trace {
  roots: Span[]
  spans: Map<string, Span>
  looseLogs: Log[]
  length: number
  begin: bigint
  services: string[]
  failed: number
}

export function build(spanRows: SpanRow[], logRows: LogRow[]): Trace {
  const times = [...spanRows, ...logRows].map(({ timestamp }) => nanos(timestamp))
  const begin = times.reduce((least, time) => (time < least ? time : least), times[0] ?? 0n)
  const since = (timestamp: string) => Number(nanos(timestamp) - begin)
  const spans = new Map<string, Span>()
  for (const [index, row] of spanRows.entries()) {
    // Two spans with one id: both are shown.
    const id = row.span_id && !spans.has(row.span_id) ? row.span_id : `${row.span_id ?? ''}#${index}`
    const start = since(row.timestamp)
    spans.set(id, { id, row, start, end: start + Math.max(0, row.duration_ns ?? 0), depth: 0, children: [], logs: [], below: 0, failed: row.status_code === 'error', lost: false, critical: [] })
  }
  const roots = connect(spans)
  const looseLogs: Log[] = []
  for (const row of logRows) {
    const log = { id: `log-${row.event_id}`, row, at: since(row.timestamp) }
    const span = row.span_id && spans.get(row.span_id)
    if (span) span.logs.push(log)
    else looseLogs.push(log)
  }
  const all = [...spans.values()]
  critical(roots)
  return {
    roots, spans, looseLogs, begin,
    length: Math.max(1, ...chunks(all).map((part) => Math.max(...part.map(({ end }) => end))), ...chunks(looseLogs).map((part) => Math.max(...part.map(({ at }) => at)))),
    services: [...new Set(all.map(({ row }) => row.service_name ?? ''))],
    failed: all.filter(({ failed }) => failed).length,
  }
}

/** As many as a call may have arguments without a thought. */
const CHUNK = 5000
const chunks = <A>(all: A[]) => Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, at) => all.slice(at * CHUNK, (at + 1) * CHUNK))

/** Hangs spans below their parents; answers those without one, in the order of time. */
function connect(spans: Map<string, Span>): Span[] {
  const roots: Span[] = []
  const parents = new Map<Span, Span>()
  for (const span of spans.values()) {
    const named = span.row.parent_span_id
    const parent = named ? spans.get(named) : undefined
    span.lost = Boolean(named) && !parent
    if (parent && parent !== span) parents.set(span, parent)
    else roots.push(span)
  }
  // Those in a circle are reached from no root: each circle is opened at one place.
  const reached = new Set<Span>(roots)
  for (const first of spans.values()) {
    const way = new Set<Span>()
    let span: Span | undefined = first
    while (span && !reached.has(span) && !way.has(span)) {
      way.add(span)
      span = parents.get(span)
    }
    if (span && way.has(span)) {
      parents.delete(span)
      span.lost = true
      roots.push(span)
    }
    way.forEach((one) => reached.add(one))
  }
  for (const [span, parent] of parents) parent.children.push(span)
  const byStart = (a: Span, b: Span) => a.start - b.start
  for (const span of spans.values()) span.children.sort(byStart)
  // Depths from above, counts from below; no recursion, a chain may be as long as the trace.
  const order = [...roots]
  for (let at = 0; at < order.length; at++) for (const child of order[at]!.children) (child.depth = order[at]!.depth + 1), order.push(child)
  for (const span of order.reverse()) span.below = span.children.reduce((sum, child) => sum + 1 + child.below, 0)
  return roots.sort(byStart)
}

/** Marks what the trace waited for: back from its end, each time the child that ended last before. */
function critical(roots: Span[]) {
  const longest = roots.reduce<Span | undefined>((best, span) => (!best || span.end - span.start > best.end - best.start ? span : best), undefined)
  if (!longest) return
  const work: [Span, number][] = [[longest, longest.end]]
  for (let next = work.pop(); next; next = work.pop()) {
    const [span, until] = next
    let at = Math.min(until, span.end)
    const last = [...span.children].sort((a, b) => b.end - a.end)
    for (const child of last) {
      const end = Math.min(child.end, span.end)
      // What began before its parent or runs beside what was waited for is no part of the way.
      if (end > at || child.start < span.start || end <= child.start) continue
      if (at > end) span.critical.push([end, at])
      work.push([child, end])
      at = child.start
    }
    if (at > span.start) span.critical.push([span.start, at])
  }
}

export type Row = { kind: 'span'; span: Span } | { kind: 'log'; log: Log; depth: number; span?: Span }

/** The rows to show: spans in order below each other, their logs with them, without what is folded. */
export function rows(trace: Trace, folded: Set<string>, withLogs: boolean): Row[] {
  const shown: Row[] = []
  const stack: (Span | { log: Log; span: Span })[] = [...trace.roots].reverse()
  for (let next = stack.pop(); next; next = stack.pop()) {
    if ('log' in next) {
      shown.push({ kind: 'log', log: next.log, depth: next.span.depth + 1, span: next.span })
      continue
    }
    const span = next
    shown.push({ kind: 'span', span })
    if (folded.has(span.id)) continue
    const parts: (Span | { log: Log; span: Span })[] = [...span.children]
    if (withLogs) parts.push(...span.logs.map((log) => ({ log, span })))
    parts.sort((a, b) => ('log' in a ? a.log.at : a.start) - ('log' in b ? b.log.at : b.start))
    for (const part of parts.reverse()) stack.push(part)
  }
  if (withLogs) for (const log of trace.looseLogs) shown.push({ kind: 'log', log, depth: 0 })
  return shown
}

export interface Waited { span: Span; ns: number }
/** The spans that took most of the way, the longest first. */
export const waits = (trace: Trace): Waited[] =>
  [...trace.spans.values()]
    .filter(({ critical }) => critical.length > 0)
    .map((span) => ({ span, ns: span.critical.reduce((sum, [from, to]) => sum + to - from, 0) }))
    .sort((a, b) => b.ns - a.ns)
