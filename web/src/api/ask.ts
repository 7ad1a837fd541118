// Questions whose answers are tables: SQL, and searches read to their end.
import { lines, post, Problem } from './client'

export type Cell = string | number | boolean | null | unknown[] | Record<string, unknown>
export interface Column { name: string; type: string }
export interface TableAnswer {
  columns: Column[]
  rows: Cell[][]
  tookMs: number
  /** There were more rows than asked for. */
  more: boolean
  /** Bytes read, where the server tells. */
  read?: number | undefined
}

interface SqlTold { columns: Column[]; rows: Cell[][]; took_ms?: number; truncated?: boolean; read_bytes?: number | null; error?: { message: string; help?: string; where?: { start: number; end: number } } }

/** One SELECT; at most `most` rows. */
export async function sql(text: string, { most, signal }: { most: number; signal?: AbortSignal }): Promise<TableAnswer> {
  const begun = performance.now()
  // One row more than is shown tells whether there are more.
  const told = (await post('/api/v1/sql' as never, { sql: text, format: 'json', limit: most + 1 } as never, signal ? { signal } : {})) as SqlTold
  // An error on the way comes after the rows, since the status was sent before.
  if (told.error) throw new Problem(500, told.error.message, told.error.help, told.error.where)
  return { columns: told.columns, rows: told.rows.slice(0, most), tookMs: told.took_ms ?? performance.now() - begun, more: told.rows.length > most || Boolean(told.truncated), read: told.read_bytes ?? undefined }
}

export type EventRow = Record<string, unknown>
export interface Searched { query: string; table?: string; from?: string; to?: string; limit?: number; histogram?: number }
export interface SearchAnswer { columns?: Column[]; rows: EventRow[]; matched: number | null; more: boolean; tookMs: number; read?: number | undefined }
type SearchLine =
  | { row: EventRow }
  | { columns: Column[] }
  | { histogram: unknown }
  | { error: { message: string; help?: string; where?: { start: number; end: number } } }
  | { done: { rows: number; matched: number | null; truncated: boolean; took_ms: number; read_bytes?: number | null } }

/** A search to its end: for few rows, and for those that pipes make. */
export async function search(asked: Searched, signal: AbortSignal): Promise<SearchAnswer> {
  const answer: SearchAnswer = { rows: [], matched: null, more: false, tookMs: 0 }
  let done = false
  for await (const line of lines<SearchLine>('/api/v1/search' as never, { histogram: 0, ...asked }, signal)) {
    if ('row' in line) answer.rows.push(line.row)
    else if ('columns' in line) answer.columns = line.columns
    else if ('error' in line) throw new Problem(500, line.error.message, line.error.help, line.error.where)
    else if ('done' in line) {
      done = true
      Object.assign(answer, { matched: line.done.matched, more: line.done.truncated, tookMs: line.done.took_ms, read: line.done.read_bytes ?? undefined })
    }
  }
  if (!done) throw new Problem(0, 'The answer was cut off on its way', 'The connection or the server ended it; ask again.')
  return answer
}

/** A text as SQL writes it. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
/** A value as the search language writes it. */
export const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`

/** Nanoseconds of a time that the server told: a number of 64 bits would lose the last digits. */
export function nanos(time: unknown): bigint {
  const match = /^(.*?)(?:\.(\d{1,9}))?Z$/.exec(String(time))
  const seconds = match && Date.parse(`${match[1]}Z`)
  return match && Number.isFinite(seconds) ? BigInt(seconds as number) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')) : 0n
}
