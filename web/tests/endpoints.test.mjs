// Whatever the page asks has a mock, and so is in the tests of the places and held to the server's description.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { bundled } from './bundled.mjs'

const { MOCKS } = await bundled('mocks/index.ts')
after(() => setImmediate(() => process.exit()))

const src = join(dirname(fileURLToPath(import.meta.url)), '../src')
const METHODS = { useGet: 'GET', get: 'GET', text: 'GET', address: 'GET', EventSource: 'GET', usePost: 'POST', post: 'POST', lines: 'POST' }

/** Every address of the API in the page's text: asked with a method, or named to ask it again. */
function* addresses() {
  for (const file of readdirSync(src, { recursive: true }).filter((name) => /\.tsx?$/.test(name) && name !== join('api', 'types.ts'))) {
    const tree = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
    const found = []
    const visit = (node) => {
      const text = ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('') : ''
      if (text.startsWith('/api/v1/') && !ts.isJsxAttribute(node.parent)) found.push({ file, path: text.split('?')[0], method: methodOf(node) })
      ts.forEachChild(node, visit)
    }
    visit(tree)
    yield* found
  }
}
function methodOf(node) {
  const outer = ts.isAsExpression(node.parent) ? node.parent : node
  const call = outer.parent
  if (!(ts.isCallExpression(call) || ts.isNewExpression(call)) || call.arguments?.[0] !== outer) return undefined
  return METHODS[call.expression.getText()]
}
const ALL = [...addresses()]
const plain = (name) => name.replace(/\{\w*\}/g, '{}')

test('every endpoint that the page asks has a mock', () => {
  assert.ok(ALL.length > 200, `only ${ALL.length} addresses were found`)
  const mocked = new Set(Object.keys(MOCKS).map(plain))
  const without = ALL.filter(({ method, path }) => method && !mocked.has(`${method} ${plain(path)}`))
  assert.deepEqual(without.map(({ file, method, path }) => `${method} ${path} in ${file}`), [])
})

test('what is asked again is something that the page asks', () => {
  const asked = ALL.filter(({ method }) => method).map(({ path }) => path)
  const lost = ALL.filter(({ method, path }) => !method && !asked.some((one) => plain(one).startsWith(plain(path))))
  assert.deepEqual(lost.map(({ file, path }) => `${path} in ${file}`), [])
})

test('every mock is of an endpoint that the page asks', () => {
  const asked = new Set(ALL.filter(({ method }) => method).map(({ method, path }) => `${method} ${plain(path)}`))
  assert.deepEqual(Object.keys(MOCKS).filter((name) => !asked.has(plain(name))), [])
})
