// Asking the server. One place knows of sessions, errors and lines of JSON.
import type { components, paths } from './types'

/** What the server's description names. */
export type Schemas = components['schemas']

/** What went wrong, as the server says it: what, where, and what to do. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly help?: string,
    readonly where?: { start: number; end: number } | string,
  ) {
    super(message)
  }
  /** Whether the session is over, or never began. */
  get signedOut() {
    return this.status === 401
  }
}

type Method = 'get' | 'post' | 'put'
type At<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never
/** Paths that take a method. */
export type PathsOf<M extends Method> = { [P in keyof paths]: At<P, M> extends { responses: unknown } ? P : never }[keyof paths]
// Of several forms of an answer the page takes JSON. An operation that describes no content answers what it likes.
type Content<R> = R extends { content: infer C extends object } ? (C extends { 'application/json': infer J } ? J : C[keyof C]) : any
type Success<O> = O extends { responses: infer R } ? Content<R[Extract<keyof R, 200 | 201 | 202>]> : never
/** What a path answers. */
export type Answer<P extends keyof paths, M extends Method = 'get'> = Success<At<P, M>>
/** What a path is asked with in its query. */
export type Query<P extends keyof paths, M extends Method = 'get'> =
  At<P, M> extends { parameters: { query?: infer Q } } ? Q : never
/** What a path takes as its body. */
export type Body<P extends keyof paths> = At<P, 'post'> extends { requestBody?: { content: infer C } } ? C[keyof C] : never

type Plain = string | number | boolean | null | undefined
export interface Asked {
  /** Parts of the path in braces. */
  path?: Record<string, string | number>
  query?: Record<string, Plain>
  signal?: AbortSignal
}

let csrf: string | undefined
/** The secret that writes carry; told by the server at log-in and with `me`. */
export function remember(secret: string | null | undefined) {
  csrf = secret ?? undefined
}

/** Since when the server does not answer, and the events that tell of it; `BACK` comes after a log-in, too. */
export const AWAY = 'tandem:away'
export const BACK = 'tandem:back'
let away: number | undefined
export const awaySince = () => away
function reached(answers: boolean) {
  if (answers === (away === undefined)) return
  away = answers ? undefined : Date.now()
  window.dispatchEvent(new Event(answers ? BACK : AWAY))
}
/** What stands before a server says so when the server itself is away. */
const NOBODY_BEHIND = [502, 503, 504]

export function address(path: string, { path: parts, query }: Asked = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts?.[name] ?? '')))
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return search ? `${filled}?${search}` : filled
}

function unanswered() {
  reached(false)
  return new Problem(0, 'The server does not answer', 'Is it running, and is this machine connected? What you typed is kept; this page tries again.')
}

/** Sends, and turns every kind of failure into a `Problem`. */
async function send(method: string, url: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (csrf && method !== 'GET') headers['x-csrf-token'] = csrf
  let answer: Response
  try {
    answer = await fetch(url, { method, headers, signal: signal ?? null, body: body === undefined ? null : JSON.stringify(body) })
  } catch (error) {
    if (signal?.aborted) throw error
    throw unanswered()
  }
  const told = answer.ok ? undefined : await answer.json().catch(() => undefined)
  if (!told && NOBODY_BEHIND.includes(answer.status)) throw unanswered()
  reached(true)
  if (answer.ok) return answer
  const problem = new Problem(
    answer.status,
    told?.error?.message ?? `the server answers ${answer.status} without a reason`,
    told?.error?.help,
    told?.error?.where,
  )
  // A password that is not the right one says nothing of the session.
  if (problem.signedOut && !url.startsWith('/api/v1/login') && !url.startsWith('/api/v1/me/password')) window.dispatchEvent(new Event('tandem:signed-out'))
  throw problem
}

export async function get<P extends PathsOf<'get'>>(path: P, asked: Asked = {}): Promise<Answer<P>> {
  return (await send('GET', address(path as string, asked), undefined, asked.signal)).json()
}

export async function post<P extends PathsOf<'post'>>(path: P, body?: Body<P>, asked: Asked = {}): Promise<Answer<P, 'post'>> {
  const answer = await send('POST', address(path as string, asked), body ?? {}, asked.signal)
  const text = await answer.text()
  return (text && answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as Answer<P, 'post'>
}

/** The text of what is not JSON: a review, an agenda as Markdown. */
export async function text(path: string, asked: Asked = {}): Promise<string> {
  return (await send('GET', address(path, asked), undefined, asked.signal)).text()
}

/** Reads lines of JSON as they come. */
export async function* lines<L>(path: PathsOf<'post'>, body: unknown, signal: AbortSignal): AsyncGenerator<L> {
  const answer = await send('POST', path as string, body, signal)
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let left = ''
  for (;;) {
    const { done, value } = await reader.read()
    const parts = (left + (value ?? '')).split('\n')
    left = done ? '' : (parts.pop() ?? '')
    for (const part of parts) if (part) yield JSON.parse(part) as L
    if (done) return
  }
}
