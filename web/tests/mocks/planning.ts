// What is talked about, and what comes.
import { ago, DAY, type Mocks, type Schemas } from './types'

const UPGRADE: Schemas['Upgrade'] = { id: 'postgresql', title: 'PostgreSQL 18 for all stores', component: 'resource:orders-db', from_version: '16', to_version: '18', owner: 'platform', from: '2026-12-12', until: '2026-12-16', objections_until: '2026-12-05', soak_days: 7, back: 'the old primary is kept for a week', for_operations: '16 gets no repairs', for_security: 'the same' }
const measure = (value: number | null, unit: string): Schemas['DoraMeasure'] => ({ value, unit, count: 4, numerator: 4, denominator: 30, earlier: null, ids: [], missing: value === null ? 'nothing told of it' : null })
const month = (name: string, value: number): Schemas['DoraMonth'] => ({
  month: name, days: 30, deployment_frequency: measure(value, 'per_day'), lead_time_p50: measure(3600, 'seconds'), lead_time_p90: measure(7200, 'seconds'), change_fail_rate: measure(0.1, 'share'), rework_rate: measure(0.05, 'share'), escape_rate: measure(null, 'share'),
  failed_deployment_recovery_time: measure(1800, 'seconds'), security_feedback_p50: measure(600, 'seconds'), security_feedback_p90: measure(900, 'seconds'), fix_time_p50: measure(86_400, 'seconds'), fix_time_p90: measure(172_800, 'seconds'),
})

export const PLANNING = {
  'GET /api/v1/agenda': { day: '2026-11-22', since: ago(7 * DAY), next: '2026-11-29', held: null, notes: null, missed: [], meeting: { at: null, teams: ['shop'], days: 7, minutes: 30, phase: 'running', starts: null, reading: [] }, sections: [{ name: 'incidents', title: 'Incidents', more: 0, items: [{ at: ago(DAY), ids: [7], next: 'write the review', team: 'shop', text: 'Customers cannot pay' }] }, { name: 'exceptions', title: 'Exceptions that end', more: 0, items: [] }] },
  'POST /api/v1/meetings': { day: '2026-11-22', meeting: 4, repeated: false, teams: ['shop'] },
  'GET /api/v1/roadmap': { count: 2, problems: [], ahead: [], upgrades: [UPGRADE], roadmap: [{ id: 'signed-commits', title: 'Signed commits everywhere', for_operations: 'We know what runs.', for_security: 'No foreign code.', horizon: 'now', owner: 'security', teams: ['shop'], from: '2026-11-12', until: '2027-02-10', restricts: '2027-01-01', notice_days: 30, controls: ['tests-passed'], steps: ['write it down'] }] },
  'GET /api/v1/upgrades/{id}': { upgrade: UPGRADE, everywhere_from: '2026-12-23', has: ['host:db-1'], hosts: ['host:db-1'], services: { 'service:checkout': 'shop', 'service:cart': null }, objections: [{ at: ago(DAY), id: 3, late: false, reason: 'the sale ends on Sunday', team: 'shop' }], overlaps: [] },
  'POST /api/v1/upgrades/{id}/objections': { late: false, objection: 4, owner: 'platform' },
  'GET /api/v1/dora': { from: ago(180 * DAY), until: ago(0), teams: { 'team:shop': [month('2026-09', 1), month('2026-10', 2)] }, services: { 'service:checkout': [month('2026-09', 1), month('2026-10', 2)] } },
} satisfies Mocks
