// What is weak.
import { ago, DAY, type Mocks, type Schemas } from './types'

const SCAN: Schemas['ScanRef'] = { id: 31, at: ago(2 * DAY), tool: 'tandem scan', commit: '0123456789abcdef', branch: 'main', version: '1.4.2', pipeline: 'ci' }
export const FINDING: Schemas['Finding'] = {
  id: 301, address: '', dataset: 'default', entity: 'repository:github.com/acme/shop', evidence: { component: 'pkg:npm/lodash@4.17.20', advisory: 'GHSA-0000', fixed: ['4.17.21'] }, fingerprint: 'f301', fixed_by: null, fixed_by_change: null,
  found: ago(2 * DAY), found_by: SCAN, line: 12, message: 'lodash 4.17.20 can be polluted by what it merges', owners: [], path: 'package-lock.json', place: 'package-lock.json:12', rule: 'vulnerable-component', severity: 'high', state: 'open',
  steps: [{ at: ago(2 * DAY), change: null, known: ago(2 * DAY), origin: 'scan', scan: 31, what: 'found' }], control: 'tests-passed', suppressed: null, title: 'lodash 4.17.20 can be polluted',
  owner: { team: 'shop', because: 'it owns repository:github.com/acme/shop: CODEOWNERS' }, places: 2, rank: { score: 71.5, terms: [{ because: 'it runs in production', name: 'runs', points: 40, value: 1, weight: 40 }] }, runs: ['service:checkout'],
}
const OLD: Schemas['Finding'] = { ...FINDING, id: 302, title: 'A key in the code', rule: 'secret-in-code', severity: 'critical', found: ago(100 * DAY), owner: null, evidence: {}, runs: [], places: 0, path: 'config.py', place: 'config.py:3', rank: { score: 64, terms: [] } }

export const FINDINGS = {
  'POST /api/v1/findings/suppress': { until: ago(-30 * DAY), suppressions: [{ id: 708, entity: 'service:checkout', control: 'tests-passed', findings: [301], repeated: false }] },
  'GET /api/v1/findings': ({ query }) => {
    const findings = [FINDING, OLD].filter((one) => (!query.entity || one.entity === query.entity) && (!query.owner || one.owner?.team === query.owner))
    return { at: ago(0), count: findings.length, suppressed: 1, truncated: false, next: null, findings }
  },
  'GET /api/v1/why': { id: '301', at: ago(0), findings: [{ ...FINDING, via: ['shop', 'lodash'], since: { at: ago(3 * DAY), entity: 'service:checkout', id: 801, kind: 'deployment', version: '1.4.1' }, fix: { versions: ['4.17.21'], commit: null, change: null }, waiting: ['service:cart'] }], holders: [{ entity: 'service:checkout', since: ago(3 * DAY) }] },
} satisfies Mocks
