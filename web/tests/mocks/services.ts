// What runs, whose it is, and what is known of machines.
import type { Reports } from '../../src/api/reports'
import { ago, type Call, DAY, HOUR, type Mocks, type Schemas } from './types'

const report = (name: string) => ({ at: ago(0), from: ['telemetry'], known: null, report: name, truncated: false })
const REPORTS: Reports = {
  running: { ...report('running'), count: 2, totals: {}, rows: [
    { kind: 'service', name: 'checkout', owner: 'shop', reason: 'catalog-info.yaml', seen: ago(1), until: null, attributes: { tier: '1' } },
    { kind: 'service', name: 'cart', owner: null, reason: null, seen: ago(1), until: null, attributes: {} },
  ] },
  parts: { ...report('parts'), count: 2, totals: {}, rows: [
    { kind: 'repository', name: 'github.com/acme/shop', origin: 'catalog', outward: true, relation: 'built_from', seen: ago(HOUR) },
    { kind: 'host', name: 'web-1', origin: 'telemetry', outward: true, relation: 'runs_on', seen: ago(1) },
  ] },
  orphans: { ...report('orphans'), count: 1, totals: {}, rows: [{ kind: 'service', name: 'cart', owned_until: null, sends: ['logs'], since: ago(3 * DAY) }] },
  silent: { ...report('silent'), count: 1, totals: { looked_at: 2, percent: 50 }, rows: [{ kind: 'service', name: 'mail', owner: 'platform', seen: ago(5), sends: [], since: ago(DAY) }] },
  unread: { ...report('unread'), count: 1, totals: {}, read_by_rules: [], rows: [{ bytes: 4096, dataset: 'default', host: 'web-1', last_query: null, last_received: ago(1), rows: 64, service: 'cart', statements: [], tables: ['logs'] }] },
  coverage: { ...report('coverage'), count: 2, totals: { logs: 50 }, rows: [
    { service: 'checkout', owned_by: 'shop', owner: true, logs: true, traces: true, metrics: true, version: true, environment: true, runbook: true },
    { service: 'mail', owned_by: 'platform', owner: true, logs: false, traces: false, metrics: false, version: false, environment: false, runbook: false },
  ] },
  sockets: { ...report('sockets'), count: 1, totals: { exposed: 1 }, rows: [{ executable: '/usr/sbin/nginx', exposed: true, host: 'web-1', owner: 'platform', since: ago(DAY), socket: 'tcp 0.0.0.0:443' }] },
  layers: { ...report('layers'), count: 1, totals: { gaps: 1 }, rows: [{ due: null, entity: 'service:checkout', gap: 'nobody patches it', layer: 'runtime', owner: null, patches: 'node', reason: null, side: 'service-team' }] },
  external: { ...report('external'), count: 1, totals: {}, rows: [{ called_by: 1, callers: ['checkout'], name: 'pay.example.org', network: null, owner: null, seen: ago(2), since: ago(DAY) }] },
  images: { ...report('images'), count: 1, totals: {}, rows: [{ age_days: 200, name: 'acme/shop', owner: 'shop', running: 2, since: ago(200 * DAY), since_is: 'built' }] },
  surface: { ...report('surface'), count: 1, totals: { alarms: 0 }, rows: [{ alarm: false, at: ago(DAY), findings: 2, instances: 1, median: null, sockets: 1, surface: 2 }] },
  growth: { ...report('growth'), count: 1, totals: {}, rows: [{ at: ago(DAY), coverage: 50, covered: 1, covered_growth: null, deploys: 3, services: 2, services_growth: null }] },
  engineers: { ...report('engineers'), count: 1, totals: {}, rows: [{ engineers: 1, services: 2, services_per_engineer: 2 }] },
  clocks: { count: 1, rows: [{ dataset: 'default', host: 'web-1', offset_seconds: 90, since: ago(HOUR) }] },
}

const OWNER: Schemas['Owner'] = { conflicts: [], layer: '', origin: 'catalog', overruled: [], owner: 'shop', reason: 'catalog-info.yaml says so', since: ago(90 * DAY), via: null }

export const SERVICES = {
  'GET /api/v1/inventory/{report}': ({ path }: Call) => REPORTS[path.report as keyof Reports],
  'GET /api/v1/owners': ({ query }) => ({ at: ago(0), entity: query.entity ?? '', owners: [OWNER] }),
  'POST /api/v1/owners': { decision: 730, repeated: false },
  'GET /api/v1/owners/history': {
    from: ago(90 * DAY), to: ago(0), entity: 'service:checkout', via: null, before: [], after: [{ layer: '', owner: 'shop', reason: 'catalog-info.yaml says so' }], hand_overs: [],
    intervals: { ...report('ownership'), count: 1, totals: {}, rows: [{ from: ago(90 * DAY), layer: '', origin: 'catalog', owner: 'shop', until: null }] },
  },
  'GET /api/v1/suspects': { at: ago(0), entity: 'service:checkout', suspects: [{ id: 801, at: ago(35), entity: 'service:checkout', kind: 'deployment', version: '1.4.2', score: 0.92, reasons: ['of the thing itself'] }] },
  'GET /api/v1/agents': { agents: [{ dataset: 'default', environment: null, host: 'web-1', last_seen: ago(1), os: 'Debian 13', owner: 'platform', reboot_required: true, reporting: true, unreadable: null }], count: 1, policy: {}, reporting: 1 },
  'GET /api/v1/streams': { streams: [
    { bytes: 1e6, dataset: 'default', last_query: ago(HOUR), last_received: ago(1), rows: 5000, service: 'checkout', source: 'otlp_http', tables: ['logs', 'spans', 'metrics'] },
    { bytes: 4096, dataset: 'default', last_query: null, last_received: ago(0), rows: 64, service: 'tandem', source: 'tandem', tables: ['logs'] },
  ] },
} satisfies Mocks
