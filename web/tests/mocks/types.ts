// What the mocks are held to: the server's own description of each answer. One that lacks a field, or has one that is gone,
// does not compile.
import type { Answer, PathsOf } from '../../src/api/client'
import type { components } from '../../src/api/types'

export type Schemas = components['schemas']
/** What was asked: the endpoint as the API names it, and all that came with it. */
export interface Call { method: string; url: string; path: Record<string, string>; query: Record<string, string>; body: unknown; headers: Record<string, string>; signal?: AbortSignal | undefined }

type Whole = { [P in PathsOf<'get'> as `GET ${P}`]: Answer<P> } & { [P in PathsOf<'post'> as `POST ${P}`]: Answer<P, 'post'> }
/** Answers that come line by line, or event by event, are described by one line. */
type Streamed = 'POST /api/v1/search' | 'GET /api/v1/tail'
export type Told = { [E in keyof Whole]: E extends Streamed ? Whole[E][] : Whole[E] }
/** One answer for an endpoint, or what makes it from the question. */
export type Mocks = { [E in keyof Told]?: Told[E] | ((asked: Call) => Told[E]) }

const MINUTE_MS = 60_000
/** A time so many minutes before now; after it when negative. */
export const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString()
export const HOUR = 60
export const DAY = 1440
