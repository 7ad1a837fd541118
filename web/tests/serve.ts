// Stands in for the server: answers what the page asks from the mocks, and remembers what was sent.
import { MOCKS } from './mocks'
import type { Call } from './mocks/types'

/** Answers by endpoint, `GET /api/v1/alerts/{id}`; a `Response` for what goes wrong. */
export type Answers = Record<string, unknown>

/** The endpoint that an address is of; one without parts in braces comes first. */
function endpoint(answers: Answers, method: string, path: string): [string, Record<string, string>] | undefined {
  const exact = `${method} ${path}`
  if (exact in answers) return [exact, {}]
  for (const name of Object.keys(answers)) {
    const match = new RegExp(`^${name.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(exact)
    if (match) return [name, Object.fromEntries(Object.entries(match.groups ?? {}).map(([part, value]) => [part, decodeURIComponent(value)]))]
  }
  return undefined
}

function respond(answer: unknown): Response {
  if (answer instanceof Response) return answer.clone()
  if (typeof answer === 'string') return new Response(answer, { headers: { 'content-type': 'text/plain' } })
  return Response.json(answer)
}

/** What the server says when it refuses. */
export const refused = (status: number, message: string, help: string | null = 'what to do') => Response.json({ error: { message, help, where: null } }, { status })

/** Answers from `answers`, and from the mocks where they say nothing. */
export function serve(answers: Answers = {}): Call[] {
  const all: Answers = { ...MOCKS, ...answers }
  const calls: Call[] = []
  globalThis.fetch = (async (given: string, init: RequestInit = {}) => {
    init.signal?.throwIfAborted()
    const url = new URL(given, location.href)
    const method = init.method ?? 'GET'
    const [name, path] = endpoint(all, method, url.pathname) ?? [undefined, {}]
    const call: Call = { method, url: given, path, query: Object.fromEntries(url.searchParams), body: init.body ? JSON.parse(String(init.body)) : undefined, headers: init.headers as Record<string, string>, signal: init.signal ?? undefined }
    calls.push(call)
    if (name === undefined) return refused(404, `nothing is mocked at ${method} ${url.pathname}`)
    const answer = all[name]
    const told: unknown = typeof answer === 'function' ? await answer(call) : answer
    // A search answers line by line.
    if (name === 'POST /api/v1/search' && Array.isArray(told)) return new Response(told.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return respond(told)
  }) as typeof fetch
  return calls
}
