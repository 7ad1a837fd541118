// A search under way: rows as they come, the histogram filling in, older rows when they are asked for.
import { useCallback, useEffect, useRef, useState } from 'react'
import { lines, Problem } from '../../api/client'
import { cut } from './language'
import { type Bars, type Column, type Done, idOf, type Line, nanos, type Row, type Run } from './shapes'

/** Rows of the first answer: some screens of them. */
const FIRST_ROWS = 500
/** Rows of each further one. */
const PAGE_ROWS = 5_000
/** Rows that the page holds: beyond, a narrower range is meant. The server answers as many at most, too. */
export const MOST_ROWS = 100_000
export const BARS = 60
/** How long lines are read before the browser may draw: well under a frame that is felt. */
const SLICE_MS = 12

export interface Found {
  rows: Row[]
  columns: Column[] | undefined
  bars: Bars | undefined
  done: Done | undefined
  error: unknown
  /** When it was asked, while it runs. */
  since: number | undefined
  paging: boolean
  /** There is nothing older. */
  ended: boolean
  cancelled: boolean
  /** What this is of: what was found before stays until the first rows are there. */
  of: Run | undefined
}
const NOTHING: Found = { rows: [], columns: undefined, bars: undefined, done: undefined, error: undefined, since: undefined, paging: false, ended: false, cancelled: false, of: undefined }

const aFrame = () => new Promise<void>((go) => setTimeout(go))

/** Reads an answer; `take` hears of the rows in slices short enough to be drawn between. */
export async function read(body: object, signal: AbortSignal, take: (found: { rows: Row[] } & Partial<Line>) => void): Promise<void> {
  let rows: Row[] = []
  let began = performance.now()
  let ended = false
  const flush = () => {
    if (rows.length > 0) take({ rows })
    rows = []
  }
  let first = true
  for await (const line of lines<Line>('/api/v1/search' as never, body, signal)) {
    if (line.error) throw new Problem(500, line.error.message, line.error.help, line.error.where)
    if (line.row) rows.push(line.row)
    else {
      // What is said of the rows is heard after them.
      if (line.done) flush()
      take({ rows: [], ...line })
    }
    if (line.done) ended = true
    if (performance.now() - began > SLICE_MS || (first && rows.length >= 60)) {
      first = false
      flush()
      await aFrame()
      if (signal.aborted) return
      began = performance.now()
    }
  }
  flush()
  if (!ended) throw new Problem(0, 'The answer was cut off', 'The server stopped, or the connection did. What came is shown; search again for the rest.')
}

export function useSearch(run: Run | undefined): { found: Found; cancel: () => void; more: () => void } {
  const [found, setFound] = useState<Found>(NOTHING)
  const now = useRef(found)
  const doing = useRef<AbortController>(undefined)
  const change = useCallback((by: Partial<Found>) => {
    now.current = { ...now.current, ...by }
    setFound(now.current)
  }, [])

  const ask = useCallback(async (body: object, take: (part: { rows: Row[] } & Partial<Line>) => void, then: Partial<Found>) => {
    const control = new AbortController()
    doing.current = control
    try {
      await read(body, control.signal, (part) => control.signal.aborted || take(part))
      if (!control.signal.aborted) change({ since: undefined, paging: false, ...then })
    } catch (error) {
      if (!control.signal.aborted) change({ error, of: run, since: undefined, paging: false, ended: true })
    }
  }, [change, run])

  useEffect(() => {
    if (!run) return
    // What was found before stays until the first rows are there, so that nothing flickers; its bars are no longer all.
    let fresh = false
    change({ bars: now.current.bars && { ...now.current.bars, complete: false }, since: Date.now(), error: undefined, cancelled: false, done: undefined, paging: false, ended: false })
    const take = (part: { rows: Row[] } & Partial<Line>) => {
      if (!fresh && (part.rows.length > 0 || part.columns || part.done)) {
        fresh = true
        change({ ...NOTHING, of: run, since: now.current.since, bars: now.current.bars })
      }
      if (part.columns) change({ columns: part.columns })
      if (part.rows.length > 0) change({ rows: now.current.rows.concat(part.rows) })
      if (part.histogram) change({ bars: part.histogram })
      if (part.done) change({ done: part.done, ended: Boolean(now.current.columns) || part.done.rows < FIRST_ROWS })
    }
    const piped = cut(run.query).pipes !== ''
    void ask({ query: run.query, from: run.from, to: run.to, ...(piped ? {} : { limit: FIRST_ROWS, histogram: BARS }) }, take, {})
    return () => doing.current?.abort()
  }, [run, ask, change])

  const cancel = useCallback(() => {
    doing.current?.abort()
    change({ of: run, since: undefined, paging: false, cancelled: true, ended: true })
  }, [change, run])

  const more = useCallback(() => {
    const { rows, ended, paging, since, columns } = now.current
    const last = rows.at(-1)
    if (!run || !last || ended || paging || since || columns || rows.length >= MOST_ROWS) return
    change({ paging: true })
    // Rows of the same moment as the last one may be missing: they are asked for again and known by their ids.
    const known = new Set(rows.slice(-PAGE_ROWS).filter((row) => row.timestamp === last.timestamp).map(idOf))
    const limit = Math.min(PAGE_ROWS + known.size, MOST_ROWS - rows.length + known.size)
    let got = 0
    const take = (part: { rows: Row[] } & Partial<Line>) => {
      got += part.rows.length
      const older = part.rows.filter((row) => !known.has(idOf(row)))
      if (older.length > 0) change({ rows: now.current.rows.concat(older) })
      if (part.done && got < limit) change({ ended: true })
    }
    void ask({ query: run.query, from: run.from, to: String(nanos(last.timestamp) + 1n), limit, histogram: 0 }, take, {})
    // Another one when a page is whole, or the first is: who waits at the end is served then.
  }, [run, ask, change, found.paging, found.since])

  return { found, cancel, more }
}
