// The rows of a trace: names on the left, time on the right. Those in sight exist.
import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, memo, type RefObject, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { Icon } from '../../parts/icon'
import { useKeys } from '../../parts/keys'
import { duration } from '../../parts/number'
import { plain, T } from '../../parts/text'
import type { Row, Span, Trace } from './trace-model'
import { useNarrow } from './narrow'
import { keyOf } from './trace'

export interface WaterfallHandle { show: (index: number) => void }
interface Given {
  handle: RefObject<WaterfallHandle | null>
  tree: Trace
  rows: Row[]
  /** Nanoseconds since the trace began that the left edge stands for, and those across. */
  from: number
  length: number
  folded: Set<string>
  toggle: (span: Span) => void
  opened: string | undefined
  open: (row: Row) => void
  found: Set<Span> | undefined
}

const ROW_PX = 26
const INDENT_PX = 12
/** Deeper rows are not moved further: their names must stay in sight. */
const DEEPEST = 14
/** Round times between the lines that cross all rows: so many at most, fewer where there is little room. */
const TICKS = 5
const TICKS_NARROW = 2
/** 1, 2 or 5 of some power of ten. */
function stepOf(length: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(length / most))
  return [1, 2, 5, 10].map((one) => one * power).find((step) => length / step <= most)!
}
const round = (text: string) => text.replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ')

export function Waterfall({ handle, tree, rows, from, length, folded, toggle, opened, open, found }: Given) {
  const scroll = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(-1)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 10, paddingStart: ROW_PX })
  // Rows have one height, and the head covers the first of them.
  const show = (index: number) => {
    setAt(index)
    const box = scroll.current!
    const top = index * ROW_PX
    if (top < box.scrollTop) box.scrollTop = top
    else if (top + 2 * ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * ROW_PX - box.clientHeight
  }
  useImperativeHandle(handle, () => ({ show }))
  useEffect(() => {
    const index = opened ? rows.findIndex((row) => keyOf(row) === opened) : -1
    if (index >= 0) show(index)
    // Only what was in the address is shown at first.
  }, [])
  const move = (by: number) => rows.length > 0 && show(Math.max(0, Math.min(rows.length - 1, at + by)))
  const here = rows[at]
  const fold = (open: boolean) => here?.kind === 'span' && here.span.children.length > 0 && folded.has(here.span.id) === open && toggle(here.span)
  useKeys('Spans', {
    j: { does: 'Next span', run: () => move(1) },
    k: { does: 'Span before', run: () => move(-1) },
    ArrowDown: { does: 'Next span', run: () => move(1) },
    ArrowUp: { does: 'Span before', run: () => move(-1) },
    ArrowLeft: { does: 'Fold', run: () => void fold(false) },
    ArrowRight: { does: 'Unfold', run: () => void fold(true) },
    Enter: { does: 'Open', run: () => here && open(here) },
  })
  const colours = useMemo(() => new Map(tree.services.map((service, index) => [service, `var(--line-${index % 8})`])), [tree])
  // Rows in sight stay as they are while one scrolls: what they are given must not change by itself.
  const latest = useRef(toggle)
  latest.current = toggle
  const step = stepOf(length, useNarrow() ? TICKS_NARROW : TICKS)
  const ticks = Array.from({ length: Math.ceil(length / step) }, (_, at) => at * step)
  const steady = useCallback((span: Span) => latest.current(span), [])
  return (
    <div className="waterfall" style={{ '--step': `${(100 * step) / length}%` } as CSSProperties} ref={scroll} role="treegrid" aria-label="Spans" aria-rowcount={rows.length + 1} tabIndex={0}>
      <div className="waterfall-row waterfall-head" role="row" aria-rowindex={1}>
        <div role="columnheader">Span</div>
        <div role="columnheader" className="waterfall-time">
          <div className="waterfall-scale">{ticks.map((tick) => <span key={tick} style={{ left: `${(100 * tick) / length}%` }}>{tick === 0 && from === 0 ? '0' : round(duration(Math.round(from + tick)))}</span>)}</div>
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize() - ROW_PX }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!
          const key = keyOf(row)
          const faint = found && !(row.kind === 'span' && found.has(row.span))
          const depth = Math.min(DEEPEST, row.kind === 'span' ? row.span.depth : row.depth)
          return (
            <div key={item.key} role="row" aria-rowindex={item.index + 2} aria-level={(row.kind === 'span' ? row.span.depth : row.depth) + 1} aria-selected={opened === key} aria-expanded={row.kind === 'span' && row.span.children.length > 0 ? !folded.has(key) : undefined}
              className={['waterfall-row', item.index === at && 'at', faint && 'faint'].filter(Boolean).join(' ')} style={{ transform: `translateY(${item.start - ROW_PX}px)`, top: ROW_PX }}
              onClick={(event) => {
                if ((event.target as HTMLElement).closest('button')) return
                setAt(item.index)
                open(row)
              }}>
              <div role="gridcell" className="waterfall-name" style={{ paddingLeft: 6 + depth * INDENT_PX }}>
                {row.kind === 'span' ? <SpanName span={row.span} folded={folded.has(key)} toggle={steady} colour={colours.get(row.span.row.service_name ?? '')!} /> : <LogName row={row} />}
              </div>
              <div role="gridcell" className="waterfall-time">
                <div className="waterfall-scale">{row.kind === 'span' ? <SpanBar span={row.span} from={from} length={length} colour={colours.get(row.span.row.service_name ?? '')!} /> : <i className={`waterfall-log ${levelOf(row.log.row.severity_number)}`} style={{ left: `${part(row.log.at - from, length)}%` }} />}</div>
              </div>
            </div>
          )
        })}
      </div>
    </div>
  )
}

const part = (ns: number, length: number) => Math.max(0, Math.min(100, (100 * ns) / length))

const SpanName = memo(function SpanName({ span, folded, toggle, colour }: { span: Span; folded: boolean; toggle: (span: Span) => void; colour: string }) {
  const { row } = span
  return (
    <>
      {span.children.length > 0 ? (
        <button type="button" className="waterfall-fold" tabIndex={-1} aria-label={folded ? 'Unfold' : 'Fold'} onClick={() => toggle(span)}><Icon name={folded ? 'right' : 'down'} /></button>
      ) : <span className="waterfall-fold" />}
      <i className="waterfall-dot" style={{ background: colour }} />
      {span.failed && <span className="waterfall-failed"><Icon name="critical" title="error" /></span>}
      <span className="cut" title={plain(`${row.service_name}: ${row.name}`)}><span className="soft"><T>{row.service_name}</T></span> <T>{row.name}</T></span>
      {folded && <span className="soft small nowrap">+{span.below}</span>}
    </>
  )
})

function LogName({ row }: { row: Row & { kind: 'log' } }) {
  const { log } = row
  return (
    <>
      <span className="waterfall-fold" />
      <span className={`waterfall-level ${levelOf(log.row.severity_number)}`}>{plain(log.row.severity_text ?? 'log')}</span>
      <span className="cut soft" title={plain(log.row.body ?? '')}><T most={300}>{log.row.body}</T></span>
    </>
  )
}

/** Severity numbers of OpenTelemetry. */
const levelOf = (severity = 0) => (severity >= 17 ? 'critical' : severity >= 13 ? 'high' : '')
const SpanBar = memo(function SpanBar({ span, from, length, colour }: { span: Span; from: number; length: number; colour: string }) {
  const [left, right] = [part(span.start - from, length), part(span.end - from, length)]
  return (
    <>
      <i className={span.failed ? 'waterfall-bar failed' : 'waterfall-bar'} style={{ left: `${left}%`, width: `max(2px, ${right - left}%)`, background: colour }} />
      {span.critical.map(([start, end]) => <i key={start} className="waterfall-way" style={{ left: `${part(start - from, length)}%`, width: `max(1px, ${part(end - from, length) - part(start - from, length)}%)` }} />)}
      <span className="waterfall-took" style={{ left: `calc(${right}% + 6px)` }}>{duration(span.end - span.start)}</span>
    </>
  )
})
