// The page by keys alone: the same ones in every list.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { bundled } from './bundled.mjs'

const page = await bundled('places.ts')
after(() => setImmediate(() => process.exit()))
const acts = (calls) => calls.filter(({ url }) => url === '/api/v1/alerts/act').map(({ body }) => ({ ids: body.ids, do: body.do }))

/** Lists, and where the first row leads. */
const LISTS = [
  ['/', /^\/incidents\/7/],
  ['/explore', /open=/],
  ['/explore?tab=traces', /trace=abab/],
  ['/explore?tab=sql&sql=SELECT%201%20AS%20one', /row=0/],
  ['/alerts', /^\/incidents\/7/],
  ['/alerts?tab=incidents', /^\/incidents\/7/],
  ['/alerts?tab=suppressions', /open=61/],
  ['/alerts?tab=ledger', /tab=rules&rule=error_rate/],
  ['/alerts?tab=rules', /rule=error_rate/],
  ['/alerts?tab=notices', /^\/alerts\/41/],
  ['/services', /^\/services\/service(:|%3A)cart/],
  ['/services?tab=reports', /^\/services\/service(:|%3A)checkout/],
  ['/services/service:checkout?tab=neighbours', /^\/services\/repository/],
  ['/findings', /open=301/],
  ['/findings?tab=parts', /part=pkg/],
  ['/controls', /^\/controls\/tests-passed/],
  ['/controls?tab=friction', /^\/controls\/tests-passed/],
  ['/controls?tab=answers', /open=801/],
  ['/controls?tab=exceptions', /open=701/],
  ['/controls?tab=adjustments', /^\/controls\/tests-passed/],
  ['/controls?tab=checks', /open=901/],
  ['/controls?tab=audit', /open=1/],
  ['/readiness', /page=runbooks/],
  ['/readiness?q=bank', /page=runbooks/],
  ['/readiness?tab=restore', /^\/services\/resource/],
  ['/readiness?tab=drills', /drill=orders-restore/],
  ['/readiness?tab=coverage', /^\/services\/service(:|%3A)checkout/],
  ['/planning?tab=upgrades', /upgrade=postgresql/],
  ['/dashboards', /^\/dashboards\/service/],
  ['/settings?tab=users', /open=1/],
]
for (const [address, leads] of LISTS) {
  test(`j, k and Enter in the list of ${address}`, async () => {
    const opened = await page.open(address)
    for (const key of ['j', 'j', 'k', 'k', 'Enter']) await page.press(key)
    assert.match(opened.address(), leads)
  })
}

test('a list that is not the first of its place has the keys while it has the focus', async () => {
  const { body, address } = await page.open('/readiness?tab=coverage')
  const list = body.querySelector('[role=group][aria-label="Open sockets"]')
  await page.focus(list)
  await page.press('j')
  assert.equal(list.querySelector('tr.at')?.textContent.includes('443'), true)
  await page.press('Enter')
  assert.match(address(), /^\/services\/host/)
})

test('what is in a row stays what it is when its list gets the focus: a click on it is not lost', async () => {
  const { body } = await page.open('/alerts?tab=suppressions')
  const button = body.querySelector('tbody button')
  await page.focus(button)
  await page.press('j')
  assert.equal(button.isConnected, true)
})

/** What is open, and what Escape leads back to. */
const BACK = [
  ['/alerts?open=41', '/alerts'], ['/alerts/41', '/alerts'], ['/incidents/7', '/alerts?tab=incidents'], ['/findings?open=301', '/findings'], ['/explore?trace=' + 'ab'.repeat(16), '/explore'],
  ['/services/service:checkout', '/services'], ['/controls/tests-passed', '/controls'], ['/controls?tab=exceptions&open=701', '/controls?tab=exceptions'], ['/readiness?page=runbooks/checkout.md', '/readiness'],
  ['/readiness?tab=drills&drill=orders-restore', '/readiness?tab=drills'], ['/planning?tab=upgrades&upgrade=postgresql', '/planning?tab=upgrades'], ['/dashboards/service', '/dashboards'], ['/settings?tab=users&open=2', '/settings?tab=users'],
]
for (const [address, leads] of BACK) {
  test(`Esc leads back from ${address}`, async () => {
    const opened = await page.open(address)
    await page.press('Escape')
    assert.equal(opened.address(), leads)
  })
}

test('x chooses and e acknowledges, in the queue, in what is open, among incidents and at Home', async () => {
  const queue = await page.open('/alerts')
  for (const key of ['j', 'j', 'x', 'e']) await page.press(key)
  assert.deepEqual(acts(queue.calls), [{ ids: [41], do: 'acknowledge' }])
  const beside = await page.open('/alerts?open=41')
  await page.press('e')
  assert.deepEqual(acts(beside.calls), [{ ids: [41], do: 'acknowledge' }])
  const incidents = await page.open('/alerts?tab=incidents')
  for (const key of ['j', 'x', 'e']) await page.press(key)
  assert.deepEqual(acts(incidents.calls), [{ ids: [7], do: 'acknowledge' }])
  const home = await page.open('/')
  for (const key of ['j', 'e']) await page.press(key)
  assert.deepEqual(acts(home.calls), [{ ids: [7], do: 'acknowledge' }])
})

test('x chooses lines to compare, findings to act on, and notices to send again', async () => {
  const lines = await page.open('/explore')
  for (const key of ['j', 'x']) await page.press(key)
  assert.ok(page.named('Compare 1 chosen', lines.body))
  const findings = await page.open('/findings')
  for (const key of ['j', 'x', 's']) await page.press(key)
  assert.match(findings.body.querySelector('dialog').textContent, /Suppress/)
  const notices = await page.open('/alerts?tab=notices')
  for (const key of ['j', 'x']) await page.press(key)
  assert.ok(page.named('Send 1 notice again', notices.body))
})

test('/ looks for something, wherever one is, and Esc leaves the field', async () => {
  for (const address of ['/alerts', '/findings', '/controls', '/services', '/readiness', '/alerts?tab=rules', '/settings?tab=users', '/explore?tab=metrics', '/explore?tab=sql', '/planning', '/dashboards']) {
    await page.open(address)
    await page.press('/')
    await page.settled(() => document.activeElement?.hasAttribute('data-search'))
    await page.press('Escape')
    assert.ok(!document.activeElement?.hasAttribute('data-search'), address)
  }
})

test('g and a letter go to every place, ? tells the keys, Ctrl-K finds things', async () => {
  for (const [key, path] of Object.entries({ e: '/explore', a: '/alerts', s: '/services', f: '/findings', c: '/controls', r: '/readiness', p: '/planning', d: '/dashboards', ',': '/settings', h: '/' })) {
    const opened = await page.open(path === '/' ? '/settings' : '/')
    await page.press('g')
    await page.press(key)
    assert.equal(opened.address(), path)
  }
  const { body, address } = await page.open('/findings')
  await page.press('?')
  assert.match(body.querySelector('dialog').textContent, /Next row.*Choose.*Search.*Go to or do anything/s)
  await page.press('Escape')
  await page.press('k', { ctrlKey: true })
  await page.type('Go to or do anything', 'checkout')
  const choice = [...body.querySelectorAll('[role=option]')].findIndex((one) => one.textContent.startsWith('service:checkout'))
  for (let at = 0; at < choice; at++) await page.press('ArrowDown')
  await page.press('Enter')
  assert.match(address(), /^\/services\/service(:|%3A)checkout/)
})
