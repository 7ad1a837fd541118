// What was sent.
import { ago, type Mocks, type Schemas, type Told } from './types'

const event = (id: number, level: string, body: string): Schemas['EventRow'] => ({
  event_id: id, timestamp: ago(id / 10), service_name: 'checkout', severity_number: level === 'error' ? 17 : 9, severity_text: level, body, trace_id: 'ab'.repeat(16), attributes: { 'order.id': `o-${id}` }, resource_attributes: { 'host.name': 'web-1' },
})
export const EVENTS = [event(1, 'error', 'payment refused'), event(2, 'info', 'order placed'), event(3, 'info', 'cart filled')]
/** An answer of some rows, as the server sends it. */
export const found = (rows: Schemas['EventRow'][]): Told['POST /api/v1/search'] => [
  ...rows.map((row) => ({ row })),
  { histogram: { width_ns: 60e9, complete: true, bars: rows.map((row): [string, number] => [String(row.timestamp), 1]) } },
  { done: { rows: rows.length, matched: rows.length, took_ms: 12, read_bytes: 4096, truncated: false } },
]
const SPAN: Schemas['EventRow'] = { event_id: 21, timestamp: ago(1), trace_id: 'ab'.repeat(16), span_id: 'cd'.repeat(8), parent_span_id: null, name: 'POST /pay', service_name: 'checkout', kind: 'server', duration_ns: 25e6, status_code: 'error', attributes: {}, resource_attributes: {} }

export const EXPLORE = {
  'POST /api/v1/search': ({ body }) => {
    const asked = body as { query: string; table?: string }
    return found(asked.table === 'spans' ? [SPAN] : EVENTS.filter(({ severity_text: level }) => !asked.query.includes('level:error') || level === 'error'))
  },
  'GET /api/v1/facets': ({ query }) => ({ table: query.table ?? 'logs', facets: (query.fields ?? '').split(',').map((field) => ({ field, missing: 0, values: field === 'service' ? [{ value: 'checkout', count: 3 }] : field === 'level' ? [{ value: 'info', count: 2 }, { value: 'error', count: 1 }] : [] })) }),
  'GET /api/v1/fields': ({ query }) => ({ table: query.table ?? 'logs', fields: [{ name: 'service_name', kind: 'text', source: 'column' }, { name: 'order.id', kind: 'text', source: 'attribute' }, { name: 'host.name', kind: 'text', source: 'resource' }] }),
  'GET /api/v1/complete': { proposals: [{ start: 0, end: 3, kind: 'field', text: 'level:' }] },
  'GET /api/v1/metrics/range': { agg: 'rate', name: 'http.server.requests', step_ns: 60e9, took_ms: 7, read_bytes: 2048, truncated: false, series: [{ labels: { service: 'checkout' }, points: [[ago(2), 4], [ago(1), 6]] }] },
  'GET /api/v1/traces/{id}': { trace_id: 'ab'.repeat(16), took_ms: 5, read_bytes: 1024, truncated: false, spans: [SPAN], logs: [EVENTS[0]!] },
  'GET /api/v1/tail': [{ event: 'row', data: event(4, 'warn', 'slow answer of the bank') }, { event: 'dropped', data: { dropped: 3 } }],
} satisfies Mocks
