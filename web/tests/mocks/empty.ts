// What a server answers that holds nothing yet.
import { ALERTS } from './alerts'
import { FRICTION } from './controls'
import { HOME } from './home'
import { PLANNING } from './planning'
import { ago, type Call, type Mocks, type Schemas } from './types'

const QUEUE: Schemas['QueuePage'] = { rows: [], next: null, counts: { all: 0, levels: {}, owners: {}, states: {} } }
const NONE = { count: 0, rows: [] }
const LISTED = { count: 0, first: [] }
const SQL: Schemas['SqlAnswer'] = { columns: [], rows: [], row_count: 0, took_ms: 1, read_bytes: 0, truncated: false }

export const EMPTY = {
  'GET /api/v1/alerts': QUEUE,
  'GET /api/v1/incidents': QUEUE,
  'GET /api/v1/tasks': QUEUE,
  'GET /api/v1/suppressions': QUEUE,
  'GET /api/v1/notices': { rows: [], waiting: [] },
  'GET /api/v1/rules': { count: 0, read_again: 0, refused: [], rules: [] },
  'GET /api/v1/rules/ledger': { ...ALERTS['GET /api/v1/rules/ledger'], count: 0, minutes_saved: 0, rows: [] },
  'GET /api/v1/controls': { at: ago(0), count: 0, controls: [], exceptions: [], adjustments: [], lockdowns: [], reviews: [], problems: [] },
  'GET /api/v1/exceptions': { ...NONE, endings: [] },
  'GET /api/v1/answers': NONE,
  'GET /api/v1/friction': { ...FRICTION, controls: [], systems: [], proposals: [] },
  'GET /api/v1/findings': { at: ago(0), count: 0, suppressed: 0, truncated: false, next: null, findings: [] },
  'GET /api/v1/inventory/{report}': ({ path }: Call) => ({ at: ago(0), from: [], known: null, report: path.report ?? '', count: 0, rows: [], totals: {}, truncated: false }),
  'GET /api/v1/owners': ({ query }) => ({ at: ago(0), entity: query.entity ?? '', owners: [] }),
  'GET /api/v1/streams': { streams: [] },
  'GET /api/v1/agents': { agents: [], count: 0, policy: {}, reporting: 0 },
  'POST /api/v1/search': [{ histogram: { width_ns: 60e9, complete: true, bars: [] } }, { done: { rows: 0, matched: 0, took_ms: 1, read_bytes: 0, truncated: false } }],
  'GET /api/v1/facets': { table: 'logs', facets: [] },
  'GET /api/v1/fields': { table: 'logs', fields: [] },
  'GET /api/v1/metrics/range': { agg: 'rate', name: '', step_ns: 60e9, took_ms: 1, read_bytes: 0, truncated: false, series: [] },
  'GET /api/v1/sql': SQL,
  'POST /api/v1/sql': SQL,
  'GET /api/v1/knowledge/pages': { count: 0, next: null, pages: [], problems: { first: [], more: 0 } },
  'GET /api/v1/knowledge/search': { count: 0, hits: [] },
  'GET /api/v1/knowledge/lists': { problems: { first: [], more: 0 }, broken_links: LISTED, overdue: LISTED, stale_commands: LISTED, without_runbook: LISTED, one_author: LISTED },
  'GET /api/v1/recovery': { at: ago(0), minimum: 0, rounds: 0, parts: [], circles: [], gaps: [] },
  'GET /api/v1/drills': { ...NONE, problems: [] },
  'GET /api/v1/agenda': { ...PLANNING['GET /api/v1/agenda'], sections: [] },
  'GET /api/v1/roadmap': { count: 0, problems: [], ahead: [], upgrades: [], roadmap: [] },
  'GET /api/v1/dora': { from: ago(1), until: ago(0), teams: {}, services: {} },
  'GET /api/v1/home': { ...HOME['GET /api/v1/home'], levers: [], findings: { count: 0, severities: {} }, incidents: NONE, lockdowns: NONE, reviews: NONE, questions: NONE, endings: NONE },
  'GET /api/v1/levers': { at: ago(0), levers: [] },
  'GET /api/v1/dashboards': NONE,
  'GET /api/v1/tokens': { tokens: [] },
  'GET /api/v1/routes': { routes: [] },
} satisfies Mocks
