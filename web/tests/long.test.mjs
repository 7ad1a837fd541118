// Long work says that it goes on and can be stopped: what is asked for is then asked no longer, and can be asked again.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { bundled } from './bundled.mjs'

const page = await bundled('places.ts')
after(() => setImmediate(() => process.exit()))

const WORK = [
  ['a search', '/explore', 'POST /api/v1/search', 'Searching', 'Search again', /3 found/, ({ body }) => body.limit === 500],
  ['a statement', '/explore?tab=sql&sql=SELECT%201%20AS%20one', 'POST /api/v1/sql', 'Running', 'Run Ctrl ↵', /1 row, in 4 ms/, ({ body }) => body.sql.startsWith('SELECT 1')],
  ['a metric', '/explore?tab=metrics', 'GET /api/v1/metrics/range', 'Reading', 'Ask again', /2 values/],
  ['traces', '/explore?tab=traces', 'POST /api/v1/search', 'Searching', 'Ask again', /1 trace/],
  ['a comparison', `/explore?compare=${new Date(Date.now() - 3e5).toISOString()},${new Date().toISOString()}`, 'GET /api/v1/facets', 'Comparing', 'Ask again', /2 and 1 lines|\d+ and \d+ lines, \d+ fields/, ({ query }) => query.limit === '50' && query.fields.includes('order.id')],
  ['a back-test of a search', '/explore?alert=1', 'POST /api/v1/rules/backtest', 'Looking through what is stored', 'Ask again', /2 times/],
  ['a back-test of a rule', '/alerts?tab=rules&rule=error_rate', 'POST /api/v1/rules/backtest', 'Looking through what is stored', 'Ask again', /2 alerts from 30 matches/],
]
for (const [name, address, asks, says, again, shows, only = () => true] of WORK) {
  test(`${name} is stopped, and asked again`, async () => {
    const usual = (call) => (typeof page.MOCKS[asks] === 'function' ? page.MOCKS[asks](call) : page.MOCKS[asks])
    const held = []
    let holds = true
    const late = (call) => new Promise((_, reject) => {
      held.push(call)
      call.signal.addEventListener('abort', () => reject(call.signal.reason))
    })
    const begins = name === 'a back-test of a rule'
    const { body } = await page.open(address, { [asks]: (call) => (holds && only(call) ? late(call) : usual(call)) }, begins ? undefined : () => held.length > 0)
    if (begins) await page.click('Try it', () => held.length > 0)
    await page.settled(() => body.textContent.includes(says))
    await page.click('Cancel')
    assert.ok(held[0].signal.aborted, 'the server is told')
    holds = false
    await page.click(again)
    assert.match(body.textContent, shows)
    assert.doesNotMatch(body.textContent, new RegExp(`${says} …`))
  })
}
