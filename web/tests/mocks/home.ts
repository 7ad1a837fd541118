// What to do next, and how the server itself does; dashboards.
import { ASKING, ENDING, LOCKDOWN } from './controls'
import { ago, DAY, type Mocks, type Schemas } from './types'

const LEVER: Schemas['Lever'] = { id: 'owners', title: 'Name an owner for what has none', number: 3, of: 12, measure: 'things without an owner', operations: 'whoever is woken knows whom to ask', security: 'what is weak reaches somebody', effort: 'small', effort_why: 'a line in a file for each', first_step: 'tandem inventory orphans', gain: 0.8, gained: null, owners: ['platform'], score: 0.7, unknown: false }
const TABLE: Schemas['TableStats'] = { file_bytes: 1e6, files: 2, index_bytes: 1e4, memory_bytes: 100, memory_rows: 1, oldest: null, received_bytes: 1e6, received_rows: 5000, rows: 5000 }
const PANEL: Schemas['Panel'] = { title: 'Errors by service', kind: 'table', sql: 'SELECT 1 AS one', query: null, table: null, metric: null, agg: null, by: null, text: null, unit: null, link: null, width: 12 }

export const HOME = {
  'GET /api/v1/home': {
    at: ago(0), teams: null, levers: [LEVER], findings: { count: 2, severities: { high: 1, critical: 1 } }, incidents: { count: 1, rows: [{ entity: 'service:checkout', id: 7, level: 'critical', opened: ago(29), state: 'open', team: 'shop', title: 'Customers cannot pay' }] },
    lockdowns: { count: 1, rows: [LOCKDOWN] }, reviews: { count: 0, rows: [] }, questions: { count: 1, rows: [ASKING] }, endings: { count: 1, rows: [ENDING] }, problems: { count: 0, rows: [] },
  },
  'GET /api/v1/levers': { at: ago(0), levers: [LEVER, { ...LEVER, id: 'runbooks', title: 'Write a runbook for rules without one', owners: ['shop'] }] },
  'GET /api/v1/levers/{id}': { ...LEVER, at: ago(0), rows: [{ entity: 'service:cart', facts: [1], team: null, what: 'cart has no owner' }] },
  'GET /api/v1/status': {
    version: '1.0.0', ready: true, uptime_seconds: 3600, compaction: 'idle', in_flight_bytes: 0, pending_flush: 1, quarantined: 0, tails: 0, ingest: [{ bytes: 1e6, records: 5000, rejected: 0, requests: 50, source: 'otlp_http' }],
    store: { busy: 0, commit_buckets: [], commit_seconds: 1, commits: 50, compaction: 'idle', compactions: 1, duplicates: 0, expired_files: 0, expired_rows: 0, failed_commits: 0, failed_flushes: 0, flushes: 2, flushing: false, lingering_bytes: 0, log_bytes: 100, memory_bytes: 100, quarantined: 0, queries: 9, queue_bytes: 0, retry_keys_dropped: 0, sequence: 50, tables: { logs: TABLE } },
  },
  'GET /api/v1/dashboards': { count: 2, rows: [
    { name: 'service', title: 'A service', about: 'How one does.', owner: 'platform', approved: '2026-10-01', panels: 1, unused: false, views: { last: ago(DAY), last_30_days: 9 } },
    { name: 'old', title: 'Orders of last year', about: '', owner: 'shop', approved: null, panels: 3, unused: true, views: { last: null, last_30_days: 0 } },
  ] },
  'GET /api/v1/dashboards/{name}': { name: 'service', title: 'A service', about: 'How one does.', owner: 'platform', approved: '2026-10-01', range: 'now-1h', variables: [{ name: 'service', label: 'Service', table: 'logs', field: 'service', default: null }], panels: [PANEL, { ...PANEL, title: 'Read this', kind: 'markdown', sql: null, text: 'Whom to **ask**.' }] },
} satisfies Mocks
