import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { bundled } from './bundled.mjs'

const { address, parseSearch, stringifySearch, absolute, resolve, bytes, duration, many, percent, ago, clock, millis, span, toldOnce, plain, areas } = await bundled('small.ts')
// The clock of relative times ticks on.
after(() => setImmediate(() => process.exit()))

test('addresses are filled and escaped', () => {
  assert.equal(address('/api/v1/alerts/{id}', { path: { id: 7 } }), '/api/v1/alerts/7')
  assert.equal(address('/a/{name}', { path: { name: 'a/b c?' }, query: { q: 'x & y', no: undefined, empty: '', zero: 0, off: false } }), '/a/a%2Fb%20c%3F?q=x+%26+y&zero=0&off=false')
})

test('parameters are plain texts both ways', () => {
  for (const search of [{ query: 'level:error "a b" & c=d', from: 'now-15m' }, { tab: '1', q: '%41' }, {}]) {
    assert.deepEqual(parseSearch(stringifySearch(search)), search)
  }
  assert.equal(stringifySearch({ a: undefined, b: '' }), '')
})

test('times are resolved, and fixed when they are shared', () => {
  const now = Date.UTC(2026, 0, 31, 12)
  assert.equal(resolve('now', now), now)
  assert.equal(resolve('now-15m', now), now - 900_000)
  assert.equal(resolve('now+2w', now), now + 2 * 604_800_000)
  assert.equal(resolve('2026-01-31T12:00:00Z', now), now)
  assert.ok(Number.isNaN(resolve('soon', now)))
  assert.deepEqual(absolute({ from: 'now-1h', to: 'now' }, now), { from: '2026-01-31T11:00:00.000Z', to: '2026-01-31T12:00:00.000Z' })
})

test('what the server tells as a time is read', () => {
  assert.equal(millis('2026-01-31T12:00:00.123456789Z'), Date.UTC(2026, 0, 31, 12, 0, 0, 123))
  assert.equal(millis('1769860800000000000'), 1769860800000)
  assert.ok(Number.isNaN(millis(null)) && Number.isNaN(millis('')))
  assert.equal(clock(null), '–')
  assert.equal(ago(1000, 1000 + 61_000), '1 min ago')
  assert.equal(ago(10_000_000, 1000), 'in 2.8 h')
  for (const [ms, text] of [[0, '0 ms'], [1500, '1 s'], [90_000, '1.5 min'], [36e5 * 30, '1.3 d'], [864e5 * 10, '10 d'], [864e5 * 20, '2.9 w']]) assert.equal(span(ms), text)
})

test('numbers are written as people read them', () => {
  assert.deepEqual([bytes(0), bytes(1536), bytes(5 * 2 ** 30)], ['0 B', '1.5 KiB', '5.0 GiB'])
  assert.deepEqual([duration(900), duration(1_500_000), duration(15_300_000), duration(481_100_000), duration(2_500_000_000)], ['900 ns', '1.50 ms', '15.3 ms', '481 ms', '2.50 s'])
  assert.deepEqual([many(1, 'row'), many(2000, 'row'), percent(0.0123), percent(0.5)], ['1 row', '2,000 rows', '1.2 %', '50 %'])
})

test('what cannot be seen is written out', () => {
  assert.equal(plain('admin\u202Egnp.exe'), 'admin\\u{202e}gnp.exe')
  assert.equal(plain('a\u0000b\u200bc\u{e0041}'), 'a\\u{0}b\\u{200b}c\\u{e0041}')
  assert.equal(plain('tab\tand\nline, ä 漢 🙂'), 'tab\tand\nline, ä 漢 🙂')
})

test('a deployment that two sources tell of is one, as of the first', () => {
  const of = (id, at, more = {}) => ({ id, at: at * 60_000, kind: 'deployment', entity: 'service:shop', version: '1.2', environment: 'production', ...more })
  const all = [of(6, 300), of(5, 90, { environment: 'test' }), of(4, 61), of(3, 2, { version: null }), of(2, 1), of(1, 0), of(0, 0, { version: null })]
  assert.deepEqual(toldOnce(all).map(({ id }) => id), [6, 5, 4, 3, 1, 0])
})

test('of more areas than there are colours the greatest stay, and the others are one', () => {
  const series = Array.from({ length: 11 }, (_, at) => ({ name: `s${at}`, values: [at, null, null] }))
  series[1].values[1] = 2
  const kept = areas(series)
  assert.deepEqual(kept.map(({ name }) => name), ['s4', 's5', 's6', 's7', 's8', 's9', 's10', '4 others'])
  // s0 to s3: what none of them has stays without a value.
  assert.deepEqual(kept.at(-1).values, [0 + 1 + 2 + 3, 2, null])
  assert.equal(areas(series.slice(0, 8)).length, 8)
})
