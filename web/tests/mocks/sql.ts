// Answers of SQL: by what a statement reads. The server cannot describe their columns; the page names them itself.
import { ago, type Call, DAY, HOUR, type Mocks, type Schemas } from './types'

const answer = (columns: [string, string][], rows: unknown[][]): Schemas['SqlAnswer'] => ({ columns: columns.map(([name, type]) => ({ name, type })), rows, row_count: rows.length, took_ms: 4, read_bytes: 0, truncated: false })
const texts = (...names: string[]) => names.map((name): [string, string] => [name, 'text'])
const DECISION = texts('id', 'at', 'kind', 'entity', 'reason', 'owner', 'control', 'expires', 'body')

/** The first that fits answers. */
const STATEMENTS: [RegExp, Schemas['SqlAnswer']][] = [
  [/information_schema/, answer(texts('table_name', 'column_name', 'data_type'), [['logs', 'body', 'Utf8'], ['logs', 'timestamp', 'Timestamp(Nanosecond, None)']])],
  [/kind = 'verdict'/, answer(DECISION, [[901, ago(HOUR), 'verdict', 'service:checkout', '', 'security', 601, null, JSON.stringify({ asked: { question: 'release', service: 'checkout', environment: 'production', version: '1.4.2' }, answer: 'not_yet', stopped: true, reasons: [], passed: [] })]])],
  [/FROM decisions WHERE kind = 'suppression'/, answer(texts('id', 'reason', 'control', 'body'), [[61, 'the probe is being replaced', null, JSON.stringify({ hides: { rule: 'noisy_probe', entity: 'service:cart' } })]])],
  [/FROM decisions/, answer(DECISION, [])],
  [/FROM changes c LEFT JOIN owners/, answer(texts('id', 'at', 'kind', 'entity_kind', 'entity', 'environment', 'version', 'origin', 'owner'), [[801, ago(35), 'deployment', 'service', 'checkout', 'production', '1.4.2', 'github', 'shop']])],
  [/FROM \(\s*SELECT \*, row_number\(\) OVER \(PARTITION BY entity_kind/, answer(texts('entity_kind', 'entity', 'environment', 'version', 'at'), [['service', 'checkout', 'production', '1.4.2', ago(35)]])],
  [/GROUP BY 1 ORDER BY 2 DESC, 1/, answer(texts('kind', 'n'), [['service', 2], ['host', 1]])],
  [/e\.seen, e\.attributes/, answer(texts('kind', 'entity', 'seen', 'attributes', 'owner', 'reason'), [['service', 'cart', ago(1), '{}', null, null], ['service', 'checkout', ago(1), '{"tier":"1","signals":["logs","traces"]}', 'shop', 'catalog-info.yaml']])],
  [/id, seen, until, attributes FROM entities/, answer(texts('id', 'seen', 'until', 'attributes'), [[1, ago(1), null, '{"tier":"1","signals":["logs"]}']])],
  [/WITH f AS/, answer(texts('entity_kind', 'entity', 'n', 'worst'), [['service', 'checkout', 2, 4]])],
  [/id, at, known, kind, entity_kind/, answer(texts('id', 'at', 'known', 'kind', 'entity_kind', 'entity', 'environment', 'version', 'origin', 'attributes'), [[801, ago(35), ago(34), 'deployment', 'service', 'checkout', 'production', '1.4.2', 'github', '{}']])],
  [/SELECT name, max\(unit\)/, answer(texts('name', 'unit', 'kind', 'monotonic', 'description', 'points'), [['http.server.requests', '1', 'sum', true, 'Requests', 120]])],
  [/trace_id, begin, last/, answer(texts('trace_id', 'begin', 'took', 'spans', 'failed', 'services', 'service', 'name', 'heads'), [['ab'.repeat(16), ago(1), 25e6, 3, 1, ['checkout', 'cart'], 'checkout', 'POST /pay', 1]])],
  [/seq, known, action, object, detail FROM audit/, answer(texts('seq', 'known', 'action', 'object', 'detail'), [[2, ago(HOUR), 'refused', 'POST /api/v1/users', '{"need":"admin of all teams"}'], [1, ago(30 * DAY), 'user_made', 'user:1', '{}']])],
  [/action, count\(\*\) AS n FROM audit/, answer(texts('action', 'n'), [['refused', 1], ['user_made', 1]])],
  [/^SELECT 1 AS one/, answer([['one', 'bigint']], [[1]])],
]
const NONE = answer([], [])
export const told = (statement: string) => STATEMENTS.find(([pattern]) => pattern.test(statement))?.[1] ?? NONE

export const SQL = {
  'GET /api/v1/sql': ({ query }: Call) => told(query.sql ?? ''),
  'POST /api/v1/sql': ({ body }: Call) => told((body as { sql: string }).sql),
} satisfies Mocks
