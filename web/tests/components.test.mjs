import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { bundled } from './bundled.mjs'

const page = await bundled('components.tsx')
after(() => setImmediate(() => process.exit()))

test('whoever is known sees the place, and what may be done', async () => {
  page.serve()
  assert.match((await page.signedIn()).textContent, /admin may edit/)
  page.serve({ 'GET /api/v1/me': { ...page.MOCKS['GET /api/v1/me'], grants: [{ role: 'viewer', team: '*', datasets: ['*'] }] } })
  assert.match((await page.signedIn()).textContent, /admin may not edit/)
})

test('whoever is not known is asked for the log-in, and a refusal keeps what was typed', async () => {
  page.serve({ 'GET /api/v1/me': page.refused(401, 'log in'), 'POST /api/v1/login': page.refused(401, 'this is not the password') })
  const body = await page.signedIn()
  const [login, password] = body.querySelectorAll('input')
  await page.type(login, 'vera')
  await page.type(password, 'wrong')
  await page.click(body.querySelector('button[type=submit]'))
  assert.match(body.querySelector('[role=alert]').textContent, /this is not the password.*what to do/)
  assert.equal(login.value, 'vera')
  const calls = page.serve()
  await page.click(body.querySelector('button[type=submit]'))
  assert.match(body.textContent, /admin may edit/)
  assert.deepEqual(calls[0].body, { login: 'vera', password: 'wrong' })
})

test('an answer to a control carries what it is about, why, and the session’s secret', async () => {
  page.serve()
  await page.signedIn()
  const calls = page.serve()
  const body = await page.answer()
  await page.click([...body.querySelectorAll('button')].find((button) => button.textContent === 'Hurt'))
  await page.click(body.querySelector('button[type=submit]'))
  assert.equal(calls.length, 0, 'without a reason nothing is sent')
  await page.type(body.querySelector('textarea'), 'the scan runs twice')
  await page.click(body.querySelector('button[type=submit]'))
  const { body: sent, headers } = calls.find(({ method }) => method === 'POST')
  assert.deepEqual({ ...sent, idempotency_key: undefined }, { control: 'tests-passed', entity: 'service:checkout', to: 7, say: 'hurt', text: 'the scan runs twice', place: 'page', idempotency_key: undefined })
  assert.equal(headers['x-csrf-token'], 'c5rf')
  assert.match(body.textContent, /Said; security hears of it/)
  assert.equal(body.querySelector('dialog'), null)
})

test('rows are moved through, opened and sorted by keys and heads', async () => {
  const opened = []
  const body = await page.table([{ id: 'b', n: 2 }, { id: 'a', n: 10 }], ({ id }) => opened.push(id))
  await page.press('j')
  await page.press('j')
  await page.press('Enter')
  await page.press('k')
  await page.press('Enter')
  assert.deepEqual(opened, ['a', 'b'])
  const order = () => [...body.querySelectorAll('tbody tr')].map((row) => row.firstChild.textContent).join()
  await page.click(body.querySelector('th button'))
  assert.equal(order(), 'a,b')
  assert.equal(body.querySelector('th[aria-sort]').getAttribute('aria-sort'), 'descending')
  await page.click(body.querySelector('th button'))
  assert.equal(order(), 'b,a')
})

test('text from outside is text', async () => {
  const body = await page.text('<img src=x onerror=alert(1)>\u202Eexe')
  assert.equal(body.querySelector('img'), null)
  assert.match(body.textContent, /<img src=x onerror=alert\(1\)>\\u\{202e\}exe/)
})

test('Markdown from outside is elements without markup, scripts or foreign schemes', async () => {
  const body = await page.markdown('# A\n\n<script>alert(1)</script> <b onclick="x">b</b>\n\n[good](https://example.org) [bad](javascript:alert(1)) [data](data:text/html,x) ![i](https://example.org/x.png)\n\n- [x] done\n\n`a<b>` **bold \u202E**\n\n| a | b |\n|---|---|\n| 1 | <i>2</i> |')
  for (const gone of ['script', 'b', 'img', 'i', '[onclick]']) assert.equal(body.querySelector(`.prose ${gone}`), null, gone)
  assert.deepEqual([...body.querySelectorAll('a')].map((link) => link.getAttribute('href')), ['https://example.org'])
  assert.match(body.textContent, /<script>alert\(1\)<\/script>/)
  assert.match(body.textContent, /bold \\u\{202e\}/)
  assert.equal(body.querySelector('code').textContent, 'a<b>')
  assert.equal(body.querySelectorAll('.prose td').length, 2)
})

test('what went wrong says what to do', async () => {
  const body = await page.trouble(new page.Problem(400, 'no such field', 'did you mean `level`?'))
  assert.match(body.querySelector('[role=alert]').textContent, /no such field.*did you mean level\?/)
  assert.equal(body.querySelector('[role=alert] code').textContent, 'level', 'what stands between backticks is set as code')
})
