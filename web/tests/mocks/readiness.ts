// Whether everything would come back, and where it says how.
import { ago, DAY, type Mocks, type Schemas } from './types'

const PAGE: Schemas['PageLinked'] = { id: 'runbooks/checkout.md', kind: 'runbook', title: 'Customers cannot pay', owner: 'shop', review_by: '2027-06-01', services: ['checkout'], alerts: [], rules: ['error_rate'], techniques: [], file: 'knowledge/runbooks/checkout.md', origin: 'markdown', link: null }
const PART: Schemas['RecoveryPart'] = { id: 1, entity: 'service:checkout', minimum: true, outside: false, owner: 'shop', round: 2, tier: 1, rto: 3600, rpo: 300, back_after: 5400, backup: null, backup_at: null, proof: null, proved: false, proved_at: null, took: null, needs: [{ id: 2, kind: 'depends_on', left_out: false, to: 'resource:orders-db' }], unreadable: [] }
const DRILL: Schemas['DrillRow'] = { name: 'orders-restore', title: 'Orders come back from their backup', owner: 'shop', service: 'service:checkout', probes: 1, steps: 2, restore: true }
const RUN: Schemas['DrillRun'] = { run: 5, drill: 'orders-restore', title: DRILL.title, mode: 'tabletop', owner: 'shop', phase: 'steps', service: 'service:checkout', started: ago(5), answers: [], back: null, done: [], not_well: [], states: [], taken_back: [], step: { inject: false, number: 1, of: 2, question: null, text: 'Stop the primary of orders' } }

export const READINESS = {
  'GET /api/v1/knowledge/pages': { count: 1, next: null, pages: [PAGE], problems: { first: [], more: 0 } },
  'GET /api/v1/knowledge/page': { ...PAGE, html: '<h1>Customers cannot pay</h1>', markdown: '# Customers cannot pay\n\nLook at the bank first.' },
  'GET /api/v1/knowledge/search': { count: 1, hits: [{ id: PAGE.id, kind: 'runbook', title: PAGE.title, snippet: 'Look at the bank first.', marks: [[12, 16]], score: 3, owner: 'shop', at: null, dataset: null, entity: null, link: '/api/v1/knowledge/page?id=runbooks/checkout.md', services: ['checkout'] }] },
  'GET /api/v1/knowledge/lists': {
    problems: { first: [{ path: 'knowledge/drills/old.yaml', line: 4, what: 'there is no field `stepz`' }], more: 0 },
    broken_links: { count: 1, first: [{ file: 'knowledge/runbooks/checkout.md', line: 7, page: PAGE.id, what: 'cart.md', why: 'there is no such page' }] },
    overdue: { count: 1, first: [{ owner: 'shop', page: PAGE.id, review_by: '2026-01-01' }] },
    stale_commands: { count: 0, first: [] }, without_runbook: { count: 1, first: ['impossible_travel'] }, one_author: { count: 1, first: [{ pages: [PAGE.id], service: 'checkout', why: 'one author' }] },
  },
  'POST /api/v1/knowledge/helped': { helped: 3, page: PAGE.id, repeated: false, rule: 'error_rate' },
  'GET /api/v1/recovery': { at: ago(0), minimum: 1, rounds: 2, parts: [PART, { ...PART, id: 2, entity: 'resource:orders-db', round: 1, backup: 'bucket:orders-nightly', backup_at: ago(DAY), proved: true, proved_at: ago(20 * DAY), took: 1800, needs: [] }], circles: [{ left_out: [['service:mail', 1]], members: ['service:cart', 'service:mail'], message: 'service:cart and service:mail need each other' }], gaps: [{ entity: 'service:checkout', facts: [], rule: 'no-backup', severity: 'high', title: 'service:checkout: nobody said where its backup is' }] },
  'GET /api/v1/drills': { count: 1, problems: [], rows: [DRILL] },
  'GET /api/v1/drills/{name}': { name: DRILL.name, title: DRILL.title, owner: 'shop', restore: true, service: DRILL.service, notes: [], expect: { acknowledge_within: null, detect_within: 300, recover_within: 14_400 }, probes: [{ name: 'few errors', kind: { query: { query: 'level:error', within: 300, at_least: null, at_most: 10 } } }], questions: [{ ask: 'Who may start it again?', known: 'shop' }], rollback: ['Start the primary again'], steps: [{ inject: true, question: null, text: 'Stop the primary of orders' }] },
  'POST /api/v1/drills/{name}/run': RUN,
  'GET /api/v1/drill-runs/{id}': RUN,
  'POST /api/v1/drill-runs/{id}/did': { ...RUN, step: null, back: 'Start the primary again' },
  'POST /api/v1/drill-runs/{id}/took_back': { ...RUN, step: null },
  'POST /api/v1/drill-runs/{id}/finish': { run: 5, phase: 'over', reason: 'all steps were done', acknowledged: null, detected: null, injected: null, recovered: null, evidence: 6, expected: [], facts: [], lines: [], missing: [] },
} satisfies Mocks
