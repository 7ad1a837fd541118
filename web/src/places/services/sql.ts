// Facts and telemetry by SQL, with rows as objects.
import { useQuery } from '@tanstack/react-query'
import { post, Problem, type Schemas } from '../../api/client'

type Cell = string | number | boolean | null
export type Row = Record<string, Cell>
export interface Told<R> { rows: R[]; took: number; read: number | null; truncated: boolean }

/** A text of SQL. */
export const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
/** A list of texts of SQL; an empty one holds nothing. */
export const list = (texts: string[]) => (texts.length > 0 ? texts.map(quote).join(', ') : 'NULL')

export async function sql<R>(statement: string, signal?: AbortSignal): Promise<Told<R>> {
  const answer = (await post('/api/v1/sql', { sql: statement } as never, signal ? { signal } : {})) as Schemas['SqlAnswer'] & { rows: Cell[][] }
  if (answer.error) throw new Problem(500, answer.error.message, answer.error.help ?? undefined)
  const names = answer.columns.map(({ name }) => name)
  return {
    rows: answer.rows.map((cells) => Object.fromEntries(cells.map((cell, at) => [names[at], cell])) as R),
    took: answer.took_ms ?? 0,
    read: answer.read_bytes,
    truncated: answer.truncated ?? false,
  }
}

/** Asks a statement; none is asked while it is `undefined`. */
export function useSql<R = Row>(statement: string | undefined, { every, keep = false }: { every?: number | undefined; keep?: boolean } = {}) {
  return useQuery<Told<R>, Problem>({
    queryKey: ['/api/v1/sql', statement],
    queryFn: ({ signal }) => sql<R>(statement!, signal),
    enabled: statement !== undefined,
    refetchInterval: every ?? false,
    ...(keep ? { placeholderData: (previous: unknown) => previous as never } : {}),
  })
}

/** What a column of JSON holds. */
export function json<T>(text: unknown): T | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
