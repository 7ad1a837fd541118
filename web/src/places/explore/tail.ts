// The live tail: rows as they are committed, at most some thousand kept, drawn a few times a second.
import { useCallback, useEffect, useRef, useState } from 'react'
import { Problem } from '../../api/client'
import { get } from '../../api/client'
import type { Row } from './shapes'

/** Rows kept, the newest; older ones are a search away. */
export const TAIL_ROWS = 10_000
/** Between two drawings: often enough to be live, seldom enough to be read. */
const DRAW_MS = 100

export interface Tailed { rows: Row[]; waiting: number; dropped: number; heard: boolean; error: unknown }
const NOTHING: Tailed = { rows: [], waiting: 0, dropped: 0, heard: false, error: undefined }

/** Follows a query while it is on. Paused, what comes is counted and kept, and the rows in sight stay. */
export function useTail(query: string, on: boolean, paused: boolean): Tailed & { again: () => void } {
  const [told, setTold] = useState(NOTHING)
  const [round, setRound] = useState(0)
  const holds = useRef(paused)
  holds.current = paused
  const drawNow = useRef<() => void>(undefined)
  useEffect(() => {
    if (!on) return
    let fresh: Row[] = []
    let kept: Row[] = []
    let state = NOTHING
    let arrived = 0
    let asked = 0
    let drawn = 0
    const draw = () => {
      asked = 0
      drawn = performance.now()
      if (holds.current) state = { ...state, waiting: arrived }
      else {
        if (fresh.length > 0) kept = fresh.reverse().concat(kept).slice(0, TAIL_ROWS)
        fresh = []
        arrived = 0
        state = { ...state, rows: kept, waiting: 0 }
      }
      setTold(state)
    }
    const soon = () => {
      // While the tab is hidden no frame comes; what is kept is bounded all the same.
      if (fresh.length > TAIL_ROWS) fresh = fresh.slice(-TAIL_ROWS)
      if (!asked) asked = window.setTimeout(() => requestAnimationFrame(draw), Math.max(0, DRAW_MS - (performance.now() - drawn)))
    }
    drawNow.current = soon
    setTold(NOTHING)
    const source = new EventSource(`/api/v1/tail?${new URLSearchParams({ query })}`)
    source.onopen = () => (state = { ...state, heard: true, error: undefined }, soon())
    source.addEventListener('row', (event) => {
      fresh.push(JSON.parse(event.data) as Row)
      arrived++
      soon()
    })
    source.addEventListener('dropped', (event) => {
      state = { ...state, dropped: state.dropped + (JSON.parse(event.data) as { dropped: number }).dropped }
      soon()
    })
    source.onerror = () => {
      const over = source.readyState === EventSource.CLOSED
      state = { ...state, heard: false, error: over ? state.error : new Problem(0, 'The tail was cut off', 'It begins again by itself when the server answers. What came meanwhile is found by a search.') }
      soon()
      // An event source hears no reason: the same question in plain gets one.
      if (over) void get('/api/v1/tail' as never, { query: { query }, signal: AbortSignal.timeout(1000) }).catch((error: unknown) => (state = { ...state, error: error instanceof Problem ? error : new Problem(0, 'The tail ended') }, soon()))
    }
    return () => {
      source.close()
      clearTimeout(asked)
    }
  }, [query, on, round])
  useEffect(() => {
    if (!paused) drawNow.current?.()
  }, [paused])
  return { ...told, again: useCallback(() => setRound((before) => before + 1), []) }
}
