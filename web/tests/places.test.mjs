// Every place, from the mocks: what it shows, what it says when there is nothing, and what it says when the server refuses.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { bundled } from './bundled.mjs'

const page = await bundled('places.ts')
after(() => setImmediate(() => process.exit()))

/** Address, what it asks first, what it shows of the mocks, what it says when nothing is there; `undefined` where that cannot be. */
const PLACES = [
  ['/', 'GET /api/v1/home', /Customers cannot pay.*Name an owner for what has none.*Rotate the keys.*deployment 1\.4\.2/s, /Welcome.*three steps.*Waiting for the first event/s],
  ['/explore', 'POST /api/v1/search', /3 found in 12 ms, 4\.0 KiB read.*payment refused/s, /No logs yet.*Make a token for sending/s],
  ['/explore?query=level:error', 'POST /api/v1/search', /1 found in 12 ms.*payment refused/s, /Nothing found in this range.*level:error.*Show all lines/s],
  ['/explore?tab=traces', 'POST /api/v1/search', /1 trace, in \d+ ms.*POST \/pay/s, /No traces/],
  ['/explore?trace=' + 'ab'.repeat(16), 'GET /api/v1/traces/{id}', /1 span of 1 service, 1 log; .*; found in 5 ms, 1\.0 KiB read/],
  ['/explore?tab=metrics', 'POST /api/v1/sql', /http\.server\.requests.*1 series, 2 values.*in \d+ ms, 2\.0 KiB read/s, /No metrics/],
  ['/explore?tab=sql&sql=SELECT%201%20AS%20one', 'POST /api/v1/sql', /1 row, in 4 ms.*one/s, /no row fits/],
  ['/alerts', 'GET /api/v1/alerts', /2 alerts, 1 incident.*Error rate of checkout/s, /Nothing is open.*Show closed ones/s],
  ['/alerts?text=x', 'GET /api/v1/alerts', /Error rate of checkout/, /Nothing fits.*Show all, closed ones too/s],
  ['/alerts?tab=incidents', 'GET /api/v1/incidents', /1 incident.*Customers cannot pay/s, /No incident is open/],
  ['/alerts?tab=suppressions', 'GET /api/v1/suppressions', /1 suppression; 12 firings hidden.*rule noisy_probe, about service:cart.*the probe is being replaced/s, /Nothing is suppressed/],
  ['/alerts?tab=ledger', 'GET /api/v1/rules/ledger', /1 row; 14 alerts.*nine of fourteen were false/s, /No rule raised an alert/],
  ['/alerts?tab=rules', 'GET /api/v1/rules', /1 file is refused.*levl.*Error rate/s, /No rule fits/],
  ['/alerts?tab=notices', 'GET /api/v1/notices', /Given up1.*the channel answers 503.*On their way1.*no connection/s, /Every notice was taken/],
  ['/alerts/41', 'GET /api/v1/alerts/{id}', /12 of 100 requests failed.*deployment 1\.4\.2.*payment refused/s],
  ['/incidents/7', 'GET /api/v1/incidents/{id}', /Customers cannot pay.*Error rate of checkout.*Rotate the keys/s],
  ['/incidents/7?tab=review', 'GET /api/v1/incidents/{id}/review', /What happened, in order\./],
  ['/services', 'POST /api/v1/sql', /2 rows, in 4 ms.*cart.*no owner.*checkout.*1\.4\.2/s, /No service is known yet.*How to send/s],
  ['/services?tab=reports', 'GET /api/v1/inventory/{report}', /2 rows, from telemetry.*service:mail/s, /No service is known yet/],
  ['/services?tab=reports&report=unread', 'GET /api/v1/inventory/{report}', /cart.*web-1.*4\.0 KiB/s, /Each stream is asked for or read by a rule/],
  ['/services/service:checkout', 'GET /api/v1/owners', /catalog-info\.yaml says so.*lodash 4\.17\.20/s],
  ['/services/service:checkout?tab=changes', 'GET /api/v1/suspects', /1 change that may be to blame.*1\.4\.2/s],
  ['/services/service:checkout?tab=responsibility', 'GET /api/v1/controls', /Controls that hold it2, 1 of them stop something/],
  ['/services/service:checkout?tab=history', 'GET /api/v1/owners/history', /1 claim.*shop/s],
  ['/findings', 'GET /api/v1/findings', /2 findings.*1 suppressed.*lodash 4\.17\.20.*A key in the code.*no owner/s, /Nothing was scanned yet.*tandem scan --server/s],
  ['/findings?severity=low', 'GET /api/v1/findings', /0 of 2 findings.*No finding fits.*Take the filters out/s],
  ['/findings?open=301', 'GET /api/v1/why', /Raise it to.*4\.17\.21.*Still to deploy.*service:cart/s],
  ['/findings?tab=parts', 'GET /api/v1/findings', /1 weak part.*lodash 4\.17\.20.*GHSA-0000/s, /No weak part is known/],
  ['/controls', 'GET /api/v1/controls', /2 controls, 1 stop.*Tests passed before a release.*3 \+ 2 of 40/s, /There is no control/],
  ['/controls?tab=friction', 'GET /api/v1/friction', /Tune it: it hurts more than it must/],
  ['/controls?tab=answers', 'GET /api/v1/answers', /the scan runs twice.*Reply/s, /Nothing waits for a reply/],
  ['/controls?tab=exceptions', 'GET /api/v1/exceptions', /the runner is being replaced.*service:cart in staging|service:cart in staging.*the runner is being replaced/s, /Nothing is exempt or hidden/],
  ['/controls?tab=adjustments', 'GET /api/v1/controls', /a week to get used to it/, /Every control is as its file says/],
  ['/controls?tab=lockdowns', 'GET /api/v1/controls', /a stolen token.*an attack on the mail.*overdue since/s, /No lockdown/],
  ['/controls?tab=checks', 'GET /api/v1/sql', /1 verdict, in 4 ms.*not yet, stopped.*release 1\.4\.2 to production/s, /Nobody asked yet/],
  ['/controls?tab=audit', 'GET /api/v1/audit', /2 entries, 1 to 2.*user_made/s],
  ['/controls/tests-passed', 'GET /api/v1/controls/{name}', /A change that nobody tried breaks what people pay with.*the scan runs twice/s],
  ['/readiness', 'GET /api/v1/knowledge/pages', /Customers cannot pay.*Rules without a runbook1/s, /Yours belong here too/],
  ['/readiness?q=bank', 'GET /api/v1/knowledge/search', /Found1.*Look at the bank first/s, /Nothing says that/],
  ['/readiness?page=runbooks/checkout.md', 'GET /api/v1/knowledge/page', /Look at the bank first/],
  ['/readiness?tab=restore', 'GET /api/v1/recovery', /1 circle: none of them can come first.*service:cart → service:mail.*nobody said where its backup is/s, /Nothing to bring back is known yet/],
  ['/readiness?tab=drills', 'GET /api/v1/drills', /Orders come back from their backup/, /Nothing was planned to be tried/],
  ['/readiness?tab=drills&drill=orders-restore&run=5', 'GET /api/v1/drill-runs/{id}', /Step 1 of 2:.*Stop the primary of orders/s],
  ['/readiness?tab=coverage', 'GET /api/v1/inventory/{report}', /service:mail.*Logs nobody reads1.*service:cart.*host:web-1/s, /Everything that is known to run sends logs/],
  ['/planning?teams=shop', 'GET /api/v1/agenda', /Incidents1.*write the review.*Nothing under: exceptions that end/s, /Nothing to talk about/],
  ['/planning?tab=roadmap', 'GET /api/v1/roadmap', /Signed commits everywhere.*restricts from 2027-01-01/s, /Nothing is planned yet/],
  ['/planning?tab=upgrades', 'GET /api/v1/roadmap', /PostgreSQL 18 for all stores.*16 → 18/s, /No upgrade is planned/],
  ['/planning?tab=upgrades&upgrade=postgresql', 'GET /api/v1/upgrades/{id}', /Affected services2.*the sale ends on Sunday/s],
  ['/planning?tab=dora', 'GET /api/v1/dora', /Deployments a day.*2better than its usual 1/s, /No change was told yet/],
  ['/planning?tab=stream', 'GET /api/v1/dora', /From commit to what runs.*90 %/s, /No change of a service was told yet/],
  ['/dashboards', 'GET /api/v1/dashboards', /2 dashboards, 1 without a look.*remove it\?/s, /No dashboards/],
  ['/dashboards/service', 'GET /api/v1/dashboards/{name}', /A service.*Errors by service1 row, 4 ms.*Whom to ask/s],
  ['/settings', undefined, /You are.*admin of all teams/s],
  ['/settings?tab=sending', 'GET /api/v1/settings', /127\.0\.0\.1:4318.*Live.*1 sender/s, /Waiting for the first event/],
  ['/settings?tab=users', 'GET /api/v1/users', /3 users.*vera.*kept out.*user 4, forgotten/s],
  ['/settings?tab=tokens', 'GET /api/v1/tokens', /1 token, 1 that are over are not shown.*nightly report/s, /There is none/],
  ['/settings?tab=routes', 'GET /api/v1/routes', /2 routes.*\/api\/v1\/findings/s],
  ['/settings?tab=audit', 'POST /api/v1/sql', /2 entries of 2, the newest first, in 4 ms.*refused/s],
  ['/settings?tab=knowledge', 'GET /api/v1/knowledge/lists', /knowledge\/drills\/old\.yaml.*line 4.*there is no such page.*Known to one author/s, /Nothing is wrong with the files/],
  ['/settings?tab=about', 'GET /api/v1/status', /1\.0\.0.*5,000.*1 of 1 machine report.*web-1/s],
]

/** Lists of a place that do not say how many there are: neither in their section nor in the place’s head. */
function silent(body) {
  return [...body.querySelectorAll('main table[aria-label], main [role=grid]')].filter((list) => {
    const rows = list.querySelectorAll('tbody tr, .grid-row').length
    const told = [...(list.closest('section, aside') ?? list.closest('.place, main')).querySelectorAll('.told')].map((one) => (one.textContent.match(/\d+/g) ?? []).map(Number))
    // Alerts and incidents stand in one list, and are counted apart.
    return !told.some((numbers) => numbers.includes(rows) || numbers[0] + numbers[1] === rows)
  }).map((list) => list.getAttribute('aria-label'))
}

for (const [address, , shows] of PLACES) {
  test(`${address} shows what there is, and how many`, async () => {
    const { body } = await page.open(address)
    assert.match(body.textContent, shows)
    assert.deepEqual(silent(body), [])
  })
}
for (const [address, , , empty] of PLACES.filter(([, , , empty]) => empty)) {
  test(`${address} says why it is empty`, async () => assert.match((await page.open(address, page.EMPTY)).body.textContent, empty))
}
for (const [address, asks] of PLACES.filter(([, asks]) => asks)) {
  test(`${address} says what went wrong, and what to do`, async () => {
    const { body } = await page.open(address, { [asks]: page.refused(422, 'there is no field levl', 'did you mean level?') })
    const said = [...body.querySelectorAll('[role=alert]')].map((one) => one.textContent).join()
    assert.match(said, /there is no field levl.*did you mean level\?/)
  })
}

/** What is refused for want of a role is told as such, wherever one looks first. */
for (const [address, asks] of PLACES.filter(([address, asks]) => asks && !address.includes('?'))) {
  test(`${address} says what a refusal takes`, async () => {
    const { body } = await page.open(address, { [asks]: page.refused(403, 'this takes the role viewer in the dataset audit', 'an admin gives it') })
    assert.match(body.textContent, /this takes the role viewer in the dataset audit.*an admin gives it|There is no such (alert|incident) for you/s)
  })
}
