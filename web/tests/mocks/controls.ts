// What restricts, what is said to it, and what exempts from it.
import { ago, DAY, HOUR, type Mocks, type Schemas } from './types'

const CONTROL: Schemas['Control'] = {
  name: 'tests-passed', title: 'Tests passed before a release', owner: 'security', threat: 'A change that nobody tried breaks what people pay with.', protects: { operations: 'Fewer failed changes.', security: 'Nothing untested goes out.' },
  teams: [], mode: 'enforce', effective: ago(90 * DAY), review_by: ago(-30 * DAY), ask: 'security', rules: ['vulnerable-*', 'error_rate'], checks: ['tests-passed'], standards: { SSDF: ['PW.8'] }, text: 'Why it is there.',
}
const LOCK: Schemas['Control'] = { ...CONTROL, name: 'lockdown', title: 'Lockdown', mode: 'observe', rules: [], checks: [] }
const IN_FORCE: Schemas['InForce'][] = [{ id: 601, control: CONTROL, mode: 'enforce', because: null }, { id: 602, control: LOCK, mode: 'observe', because: null }]
export const EXCEPTION: Schemas['Exception'] = { decision: 701, control: 'tests-passed', entity: 'service:cart', environment: 'staging', reason: 'the runner is being replaced', owner: 'shop', until: ago(-2 * DAY) }
const ADJUSTMENT: Schemas['Adjustment'] = { decision: 702, control: 'tests-passed', entity: null, environment: 'staging', mode: 'warn', reason: 'a week to get used to it', owner: 'security', at: ago(DAY), until: ago(-6 * DAY) }
export const LOCKDOWN: Schemas['Lockdown'] = { decision: 703, controls: ['tests-passed'], reviewed: [], mode: 'enforce', reason: 'a stolen token', owner: 'security', at: ago(HOUR), until: ago(-3 * HOUR), review_at: ago(-DAY), dataset: 'default' }
const REVIEW: Schemas['OpenReview'] = { lockdown: { ...LOCKDOWN, decision: 704, reason: 'an attack on the mail', until: ago(DAY) }, waiting: ['tests-passed'], overdue: true }
export const ASKING: Schemas['Asking'] = { id: 801, kind: 'verdict', control: 'tests-passed', title: 'Tests passed before a release', owner: 'security', about: 'service:checkout', environment: 'production', say: 'hurt', text: 'the scan runs twice', at: ago(HOUR), until: null, cites: [], waits: true, replies: [], dataset: 'default' }
const CARRIED: Schemas['Carried'] = { answer_at: '/api/v1/answers', answer_with: 'tandem answer 701 hurt "because ..."', ask: 'security', control: 'tests-passed', owner: 'shop', reason: 'the runner is being replaced', title: 'Tests passed before a release', until: ago(-2 * DAY) }
export const ENDING: Schemas['Ending'] = { ...CARRIED, id: 701, kind: 'exception', about: 'service:cart', over: false }
const MEASURE: Schemas['FrictionRow'] = {
  name: 'tests-passed', title: 'Tests passed before a release', asked: 40, would_have_stopped: 2, stopped: 3, for_defence: 1, excepted: 1, undecided: 0, bypasses: 0, friction: 0.4, risk: 0.7,
  said: { helped: 2, hurt: 1, questions: 0, requests: 0, wrong: 0, unanswered: 1, longest: 3600 }, waiting: { ended: 2, open: 1, p50: 600, p95: 1200 }, exceptions: { made: 1, renewed: 0, in_force: 1 },
  against: { open: { high: 1 }, fixed: {}, caught: {}, alerts: 2, incidents: 1, findings_missing: false },
}
const PROPOSAL: Schemas['ControlProposal'] = { control: 'tests-passed', what: 'tune', because: 'one in eight askings was stopped, and half of what was said is "hurt"' }
export const FRICTION: Schemas['Friction'] = { since: ago(30 * DAY), until: ago(0), controls: [MEASURE], systems: [{ ...MEASURE, name: 'service:checkout', title: 'service:checkout' }], proposals: [PROPOSAL] }
export const VERDICT: Schemas['VerdictTold'] = {
  id: 901, at: ago(HOUR), asked: { question: 'release', service: 'checkout', environment: 'production', version: '1.4.2' }, answer: 'not_yet', stopped: true, passed_for_defence: false, passed: ['owner-known'], waived: [{ finding: 302, title: 'minimist 1.2.0 can be polluted', severity: 'critical', decision: 708, reason: 'the code is never reached', owner: 'shop', until: ago(-20 * DAY) }], inputs: 'd1', answer_with: [], markdown: '', text: '',
  reasons: [{ check: 'tests-passed', answer: 'not_yet', text: 'no test run of 1.4.2 is known', control: 'tests-passed', control_id: 601, for_operations: 'Fewer failed changes.', for_security: 'Nothing untested goes out.', owner: 'security', ask: 'security', review_by: null, mode: 'enforce', because: null, fix: 'run the tests and send the results', excepted: null, excepted_until: null, facts: [] }],
}

export const CONTROLS = {
  'GET /api/v1/controls': { at: ago(0), count: 2, controls: IN_FORCE, exceptions: [EXCEPTION], adjustments: [ADJUSTMENT], lockdowns: [LOCKDOWN], reviews: [REVIEW], problems: ['controls/old.md:2: there is no mode `hard`'] },
  'GET /api/v1/controls/{name}': { control: IN_FORCE[0]!, answers: [ASKING], exceptions: [EXCEPTION], adjustments: [ADJUSTMENT], friction: MEASURE, proposals: [PROPOSAL] },
  'GET /api/v1/exceptions': { count: 1, rows: [{ ...CARRIED, id: 701, kind: 'exception', entity: 'service:cart', environment: 'staging', findings: 0 }], endings: [ENDING] },
  'POST /api/v1/exceptions': { exception: 705, repeated: false, until: ago(-30 * DAY) },
  'GET /api/v1/exceptions/form': { ask: 'security', at_most: ago(-90 * DAY), control: 'tests-passed', entity: 'service:cart', for_operations: 'Fewer failed changes.', for_security: 'Nothing untested goes out.', owner: 'shop', owner_because: 'it owns service:cart', title: 'Tests passed before a release', until: ago(-30 * DAY) },
  'POST /api/v1/exceptions/{id}/end': { ended: 706, id: 701 },
  'POST /api/v1/exceptions/{id}/renew': { id: 707, repeated: false, until: ago(-32 * DAY) },
  'GET /api/v1/friction': FRICTION,
  'GET /api/v1/answers': { count: 1, rows: [ASKING] },
  'POST /api/v1/answers': { answer: 12, heard_by: 'security' },
  'POST /api/v1/replies': { reply: 13, made: null },
  'POST /api/v1/adjustments': { adjustment: 708, until: ago(-6 * DAY) },
  'POST /api/v1/lockdowns': { lockdown: 709 },
  'POST /api/v1/lockdowns/{id}/review': { review: 710, adjustment: null, until: null, waiting: [] },
  'POST /api/v1/check': { answer: 'not_yet', at: ago(0), stopped: true, verdicts: [{ ...VERDICT, id: null }] },
} satisfies Mocks
