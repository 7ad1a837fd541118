// Logs: a search, its histogram, the values in it, the lines. All of it is in the address.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Problem } from '../../api/client'
import { absolute, useRange } from '../../app/time'
import { useUrl } from '../../app/url'
import { useBack } from '../../parts/back'
import { Button, Trouble, Waiting } from '../../parts/basic'
import { RangePicker, Share } from '../../parts/range'
import { useQueryClient } from '@tanstack/react-query'
import { AlertRule } from './alert'
import { Bar } from './bar'
import { filled, useMarks, useSplit } from './bars'
import { Compare, type Selection } from './compare'
import { FirstRun, NothingFound, useAnything } from './empty'
import { useFigures } from './figures'
import { Facets } from './facets'
import { Histogram } from './histogram'
import { cut } from './language'
import { RowPanel } from './row'
import { Piped, Rows, USUAL_COLUMNS } from './rows'
import { useSearch } from './search'
import { idOf, type Row, type Run } from './shapes'
import { State, TailState } from './state'
import { useTail } from './tail'
import { useNarrow } from './narrow'
import { Views } from './views'

/** Rows of the search that stay below a tail. */
const BELOW_TAIL = 200
const DAY_MS = 86_400_000
/** So far down a list is read, not watched. */
const READING_PX = 40

export default function Logs() {
  const [url, set] = useUrl()
  const [range, setRange] = useRange('now-15m')
  const [round, setRound] = useState(0)
  const client = useQueryClient()
  const query = url.query ?? ''
  const run = useMemo((): Run => ({ query, ...safely(range) }), [query, range.from, range.to, round])
  const { found, cancel, more } = useSearch(run)
  const tailing = url.tail === '1'
  const [top, setTop] = useState(0)
  const [paused, setPaused] = useState(false)
  const held = paused || top > READING_PX || Boolean(url.open)
  const tail = useTail(cut(query).filter, tailing, tailing && held)
  const [chosen, setChosen] = useState<Set<string>>(() => new Set())
  const [picking, setPicking] = useState(false)
  const [showFacets, setShowFacets] = useState(false)
  const [showAll, setShowAll] = useState(false)
  const narrow = useNarrow()
  useEffect(() => setChosen(new Set()), [run])

  const search = useCallback((next: string) => {
    // The same again is a wish for what is new.
    if (next === query) setRound((before) => before + 1)
    set({ query: next })
  }, [query, set])
  const columns = useMemo(() => (url.columns ? url.columns.split(',') : USUAL_COLUMNS), [url.columns])
  const showColumn = useCallback((field: string) => {
    const before = columns.includes(field) ? columns.filter((one) => one !== field) : [...columns.slice(0, -1), field, ...columns.slice(-1)]
    set({ columns: before.join() === USUAL_COLUMNS.join() || before.length === 0 ? undefined : before.join() })
  }, [columns, set])
  const open = useCallback((row: Row) => set({ open: idOf(row) }), [set])
  const choose = useCallback((id: string) => setChosen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]))), [])
  const rows = useMemo(() => (tailing ? tail.rows.concat(found.rows.slice(0, BELOW_TAIL)) : found.rows), [tailing, tail.rows, found.rows])
  const follows = tailing && range.to === 'now'
  const figures = useFigures(run, found.bars, range, follows, held)
  // Whatever else is asked waits for the first rows.
  const split = useSplit(figures.run, found.columns || (found.of !== run && !follows) ? undefined : figures.bars, follows)
  const marks = useMarks(figures.run)
  const [from, to] = [Date.parse(figures.run.from), Date.parse(figures.run.to)]
  const bars = useMemo(() => (figures.bars ? filled(figures.bars, from, to, split.data) : []), [figures.bars, from, to, split.data])
  // What is wrong with the search is no better the second time.
  const wrong = found.error instanceof Problem && found.error.status === 400
  // What failed by no fault of the search is asked again when the server is back, or the session.
  const failed = found.error instanceof Problem && (found.error.status === 0 || found.error.signedOut)
  const again = useCallback(() => {
    if (failed) setRound((before) => before + 1)
    if (tail.error) tail.again()
  }, [failed, tail.error, tail.again])
  useBack(again)
  const selection = useSelection(url.compare, chosen, rows)
  const pick = (start: number, end: number) => {
    const picked = { from: new Date(Math.max(start, from)).toISOString(), to: new Date(Math.min(end, to)).toISOString() }
    if (!picking) return setRange(picked)
    setPicking(false)
    set({ compare: `${picked.from},${picked.to}` })
  }
  const nothing = found.rows.length === 0 && found.done !== undefined && !found.error && !(tailing && tail.rows.length > 0)
  const anything = useAnything(query === '' && !showAll && found.done !== undefined && !found.error)
  const firstRun = query === '' && !showAll && anything.known && !anything.some
  const live = () => {
    setTop(0)
    setPaused(false)
    // What the tail brought is found by the search that follows it.
    if (tailing) setRound((before) => before + 1)
    set({ tail: tailing ? undefined : '1', open: undefined })
  }
  const resume = () => {
    setPaused(false)
    if (url.open) set({ open: undefined })
    scrollUp()
  }
  // The first line came: the same question has another answer now.
  const waited = useRef(false)
  useEffect(() => {
    if (waited.current && !firstRun) {
      void client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('explore/') })
      setRound((before) => before + 1)
    }
    waited.current = firstRun
  }, [firstRun, client])

  return (
    <>
      <div className="explore-top">
        <Bar query={query} search={search} error={found.error ?? (tailing ? tail.error : undefined)} wrong={query} />
        <div className="row">
          <RangePicker range={range} set={setRange} />
          <Button icon="play" on={tailing} onClick={live}>Live</Button>
          <Button icon="alerts" title={narrow ? 'Alert on this' : undefined} aria-label={narrow ? 'Alert on this' : undefined} onClick={() => set({ alert: '1' })}>{!narrow && 'Alert on this'}</Button>
          <Views short={narrow} />
          <Share short={narrow} />
        </div>
      </div>
      {!found.columns && !firstRun && !wrong && !(nothing && marks.length === 0) && <Histogram bars={bars} marks={marks} complete={figures.bars?.complete ?? false} mode={picking ? 'compare' : 'zoom'} pick={pick} picked={selection?.from ? [Date.parse(selection.from), Date.parse(selection.to!)] : undefined} />}
      <div className="explore-state" hidden={firstRun || wrong}>
        {tailing ? <TailState tail={tail} query={query} paused={held} fixed={!follows} resume={resume} pause={() => setPaused(true)} /> : <State found={found} cancel={cancel} search={() => search(query)} />}
        <div className="aside row">
          {narrow && !found.columns && rows.length > 0 && <Button on={showFacets} onClick={() => setShowFacets(!showFacets)}>Filters</Button>}
          {!found.columns && rows.length > 0 && <Button on={picking || Boolean(url.compare)} title="Which attributes differ in a part of the time or in chosen lines" onClick={() => (url.compare ? set({ compare: undefined }) : chosen.size > 0 ? set({ compare: 'rows' }) : setPicking(!picking))}>{chosen.size > 0 ? `Compare ${chosen.size} chosen` : 'Compare'}</Button>}
          {!found.columns && rows.length > 0 && !narrow && <Button on={url.lines === '2'} onClick={() => set({ lines: url.lines === '2' ? undefined : '2' }, { push: false })}>Two-line rows</Button>}
        </div>
      </div>
      {picking && <p className="note">Drag over the bars to mark a part of the time: it is compared with the rest. Or choose lines with <kbd>x</kbd> first. <Button kind="quiet" onClick={() => setPicking(false)}>Never mind</Button></p>}
      {found.error ? <Trouble error={found.error} {...(wrong ? {} : { retry: () => search(query) })} /> : null}
      {firstRun ? <div className="explore-scroll"><FirstRun own={() => setShowAll(true)} /></div>
        : found.columns ? <Piped rows={found.rows} columns={found.columns} query={query} search={search} />
        : found.error && (wrong || found.rows.length === 0) ? null : (
          <div className={nothing ? 'explore-body nothing' : 'explore-body'}>
            {!nothing && !(found.cancelled && rows.length === 0) && (!narrow || showFacets) && <Facets run={figures.run} ready={found.of === run} search={search} columns={columns} showColumn={showColumn} />}
            <div className="explore-lines" hidden={narrow && showFacets && !nothing}>
              {nothing ? <div className="explore-scroll"><NothingFound run={run} range={range} setRange={setRange} clear={() => search('')} /></div>
                : rows.length === 0 && found.since ? <Waiting lines={14} />
                : <Rows rows={rows} columns={columns} hide={showColumn} narrow={narrow} tall={url.lines === '2' && !narrow} dated={to - from > DAY_MS} open={open} opened={url.open} chosen={chosen} choose={choose} {...(tailing ? {} : { more })} onScroll={tailing ? setTop : undefined} />}
            </div>
          </div>
        )}
      {url.open && !url.trace && <RowPanel key={url.open} id={url.open} row={rows.find((row) => idOf(row) === url.open)} query={query} search={search} columns={columns} showColumn={showColumn} openTrace={(trace) => set({ trace })} openRow={open} close={() => set({ open: undefined })} />}
      {selection && !url.open && <Compare run={run} selection={selection} search={search} close={() => set({ compare: undefined })} />}
      {url.alert && <AlertRule query={query} close={() => set({ alert: undefined })} />}
    </>
  )
}

/** The range, fixed; one that cannot be read is the usual one. */
function safely(range: { from: string; to: string }) {
  try {
    return absolute(range)
  } catch {
    return absolute({ from: 'now-15m', to: 'now' })
  }
}

const scrollUp = () => document.querySelector('.explore-lines .grid')?.scrollTo({ top: 0 })

function useSelection(compare: string | undefined, chosen: Set<string>, rows: Row[]): Selection | undefined {
  const latest = useRef(rows)
  latest.current = rows
  return useMemo(() => {
    if (!compare) return undefined
    if (compare === 'rows') return chosen.size > 0 ? { rows: latest.current.filter((row) => chosen.has(idOf(row))) } : undefined
    const [from, to] = compare.split(',')
    return from && to ? { from, to } : undefined
  }, [compare, chosen])
}
