// What fired, and what came of it.
import { ago, type Call, DAY, HOUR, type Mocks, type Schemas } from './types'

const ROW: Schemas['QueueRow'] = {
  id: 41, kind: 'alert', title: 'Error rate of checkout', rule: 'error_rate', entity: 'service:checkout', team: 'shop', level: 'high', aspect: 'operations', state: 'open', outcome: null, because: null,
  marks: [], tags: ['tandem.control.tests-passed'], dataset: 'default', events: 120, firings: 3, first: ago(30), last: ago(2), opened: ago(29), acknowledged: null, closed: null, notified: ago(29), incident: 7, assignee: null,
  runbook: null, until: null, minutes_saved: 0, fingerprint: 'f41', answer_with: 'tandem answer 41 hurt "because ..."',
}
export const ALERT = ROW
export const SECOND: Schemas['QueueRow'] = { ...ROW, id: 42, title: 'Log-in from two countries', rule: 'impossible_travel', entity: 'host:web-1', team: null, level: 'critical', aspect: 'security', state: 'acknowledged', tags: [], incident: null, firings: 1, events: 2 }
export const INCIDENT: Schemas['QueueRow'] = { ...ROW, id: 7, kind: 'incident', title: 'Customers cannot pay', rule: '', level: 'critical', incident: null, tags: [] }
const TASK: Schemas['QueueRow'] = { ...ROW, id: 51, kind: 'task', title: 'Rotate the keys', rule: '', incident: 7, until: ago(-DAY), tags: [] }
const HIDES: Schemas['QueueRow'] = { ...ROW, id: 61, kind: 'suppression', title: 'noisy_probe about service:cart', rule: 'noisy_probe', entity: 'service:cart', firings: 12, until: ago(-3 * DAY), tags: [] }

const page = (rows: Schemas['QueueRow'][]): Schemas['QueuePage'] => {
  const tally = (of: (row: Schemas['QueueRow']) => string) => Object.fromEntries([...new Set(rows.map(of))].map((name) => [name, rows.filter((row) => of(row) === name).length]))
  return { rows, next: null, counts: { all: rows.length, levels: tally(({ level }) => level), owners: tally(({ team }) => team ?? ''), states: tally(({ state }) => state) } }
}
/** As the server does it, for what the page asks by. */
const queue = (all: Schemas['QueueRow'][]) => ({ query }: Call) => {
  const states = query.state === 'all' ? undefined : (query.state ?? 'open,acknowledged,snoozed').split(',')
  return page(all.filter((row) => (!states || states.includes(row.state)) && (!query.rule || row.rule === query.rule) && (!query.team || row.team === query.team) && (!query.incident || row.incident === Number(query.incident))))
}

const SUSPECT: Schemas['Suspect'] = { id: 801, at: ago(35), entity: 'service:checkout', kind: 'deployment', version: '1.4.2', score: 0.92, reasons: ['of the thing itself', '5 minutes before'] }
const BESIDE: Schemas['RunbookBeside'] = { page: 'runbooks/checkout.md', title: 'Customers cannot pay', link: null, why: 'service', score: 0.8, helped: 2 }
const WHOLE = {
  cited: [{ event_id: 9001, table: 'logs', timestamp: Date.now() * 1e6, fields: { message: 'payment refused', 'service.name': 'checkout' } }],
  cites: [{ event: 9001 }], key: [['service', 'checkout']] as [string, string][], parts: [], reason: 'more than 5 in 100 requests failed', why: '12 of 100 requests failed within 5 minutes', why_owner: 'catalog-info.yaml says so',
  suspects: [SUSPECT], findings: [{ id: 301, entity: 'service:checkout', rule: 'vulnerable-component', severity: 'high', title: 'lodash 4.17.20 can be polluted' }],
  timeline: [{ about: 41, at: ago(20), by: 1, decision: 71, detail: null, number: null, person: 1, reason: 'looking at it', until: null, value: 'acknowledged', what: 'state' }],
}

const SCORE: Schemas['RuleScore'] = {
  rule: 'error_rate', title: 'Error rate', team: 'shop', level: 'high', alerts: 14, fired: 40, acted: 4, ignored: 8, confirmed: 3, benign: 2, false: 9, notified: 14, suppressed: 1, minutes_saved: 0, median_seconds_to_acknowledge: 240,
  proposal: { advice: 'tune', why: 'nine of fourteen were false' },
}
const RULE: Schemas['Rule'] = { id: 'error_rate', name: 'error_rate', title: 'Error rate', kind: 'operational', level: 'high', aspect: 'operations', status: 'stable', tags: [], runbook: null, place: 'rules/operations/error_rate.yaml', looked: 900, matched: 3, status_now: { blind: false, error: null, failures: 0, firing: 1, known: 4, pending: 0 } }
export const BACKTEST: Schemas['Hunted'] = { alerts: 2, candidates: 500, days: { '2026-11-20': 1, '2026-11-21': 1 }, evicted: 0, failed: [], from: ago(7 * DAY), to: ago(0), matches: 30, rules: ['error_rate'], samples: [], top: [['service:checkout', 2]] }

export const ALERTS = {
  'GET /api/v1/alerts': queue([ROW, SECOND, { ...ROW, id: 40, state: 'resolved', outcome: 'benign', closed: ago(2 * DAY), incident: null }]),
  'GET /api/v1/alerts/{id}': ({ path }) => ({ ...(path.id === '42' ? SECOND : ROW), ...WHOLE, runbooks: [BESIDE], playbooks: [{ name: 'restart-checkout', minutes: 10 }] }),
  'POST /api/v1/alerts/act': { acted: 1, repeated: 0 },
  'POST /api/v1/alerts/{id}/playbook': { playbook: 'restart-checkout', run: 'dry', steps: [{ action: 'notify', channel: 'on-call', problem: null, text: 'checkout is started anew' }] },
  'GET /api/v1/incidents': queue([INCIDENT]),
  'GET /api/v1/incidents/{id}': { ...INCIDENT, ...WHOLE, parts: [ROW, TASK], runbooks: [BESIDE], first_useful_signal_seconds: 90 },
  'POST /api/v1/incidents': { incident: 8 },
  'POST /api/v1/incidents/{id}/tasks': { task: 52 },
  'GET /api/v1/incidents/{id}/review': '# Customers cannot pay\n\nWhat happened, in order.',
  'GET /api/v1/tasks': queue([TASK]),
  'GET /api/v1/suppressions': queue([HIDES]),
  'POST /api/v1/suppressions': { suppression: HIDES },
  'GET /api/v1/rules': { count: 2, read_again: 1, refused: ['rules/broken.yaml:3: there is no field `levl`'], rules: [RULE, { ...RULE, id: 'impossible_travel', name: null, title: 'Log-in from two countries', kind: 'correlation', level: 'critical', aspect: 'security', place: 'rules/security/travel.yaml' }] },
  'GET /api/v1/rules/ledger': { budget: { notices: 5, shift_seconds: 28_800 }, count: 1, days: 30, minutes_saved: 12, rows: [SCORE] },
  'POST /api/v1/rules/backtest': BACKTEST,
  'POST /api/v1/rules/reload': { added: [], changed: [], removed: [], refused: [], rules: 40, correlations: 5, operational: 9, in_force: true, truncated: false, unchanged: 54 },
  'GET /api/v1/notices': { rows: [{ id: 91, at: ago(HOUR), channel: 'on-call', about: 41, attempts: 12, error: 'the channel answers 503', body: '{"text":"Error rate of checkout"}', dataset: 'default', due: ago(HOUR) }], waiting: [{ id: 92, at: ago(HOUR), channel: 'chat', about: 41, attempts: 2, error: 'no connection', body: '{"text":"Disk of db-1"}', dataset: 'default', due: ago(-HOUR) }] },
  'POST /api/v1/notices/retry': { retried: 1 },
  'GET /api/v1/detection': { behind: 0, correlations: 5, latency: { count: 10, p50_below_seconds: 0.5, p99_below_seconds: 2, sum_seconds: 6 }, notices: { sent: 14, failed_attempts: 12 }, operational: 9, refused: 1, rules: 40, state_bytes: 4096, through: 100 },
} satisfies Mocks
