// One answer for each endpoint that a tested component asks, typed as the server describes it: a change of the API that matters
// does not compile.
import type { Answer, PathsOf } from '../src/api/client'

type Mocks = { [P in PathsOf<'get'>]?: Answer<P> }
export const MOCKS = {
  '/api/v1/me': { name: 'admin', kind: 'user', grants: [{ role: 'admin', team: '*', datasets: ['*'] }], datasets: ['*'], csrf: 'c5rf' },
} satisfies Mocks

export interface Call { method: string; url: string; body: unknown; headers: Record<string, string> }

/** Answers what components ask from the mocks, and remembers what was sent. */
export function serve(answers: Record<string, unknown> = MOCKS): Call[] {
  const calls: Call[] = []
  globalThis.fetch = (async (url: string, init: RequestInit = {}) => {
    calls.push({ method: init.method ?? 'GET', url, body: init.body ? JSON.parse(String(init.body)) : undefined, headers: init.headers as Record<string, string> })
    const path = url.split('?')[0]!
    const answer = answers[`${init.method ?? 'GET'} ${path}`] ?? answers[path]
    if (answer === undefined) return Response.json({ error: { message: `nothing is mocked at ${path}`, where: null, help: null } }, { status: 404 })
    return answer instanceof Response ? answer.clone() : Response.json(answer)
  }) as typeof fetch
  return calls
}
