// How many lines there were when, by level. Drag over it, or mark with Shift and the arrows, to look closer or to compare.
import { Link } from '@tanstack/react-router'
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react'
import { Entity } from '../../parts/entity'
import { Icon } from '../../parts/icon'
import { count, many } from '../../parts/number'
import { T } from '../../parts/text'
import { clock, span } from '../../parts/time'
import type { Bar, Mark } from './bars'
import { LEVEL_COLOURS, LEVEL_NAMES } from './severity'
import { useNarrow } from './narrow'
import { LEVELS, type Severity } from './shapes'

const HEIGHT = 72
type Picked = [number, number]
interface Given {
  bars: Bar[]
  marks: Mark[]
  complete: boolean
  /** What a drag does. */
  mode: 'zoom' | 'compare'
  pick: (from: number, to: number) => void
  picked?: Picked | undefined
}

export function Histogram({ bars, marks, complete, mode, pick, picked }: Given) {
  const [drag, setDrag] = useState<Picked>()
  const [over, setOver] = useState<number>()
  const [shownMarks, setShownMarks] = useState<number>()
  const narrow = useNarrow()
  const plot = useRef<HTMLDivElement>(null)
  const most = Math.max(1, ...bars.map((bar) => bar.count))
  const total = bars.reduce((sum, bar) => sum + bar.count, 0)
  const slots = Math.min(bars.length, narrow ? 13 : 36)
  const here = useMemo(() => bySlot(marks, bars, slots), [marks, bars, slots])
  const index = (event: PointerEvent) => {
    const box = plot.current!.getBoundingClientRect()
    return Math.max(0, Math.min(bars.length - 1, Math.floor(((event.clientX - box.left) / box.width) * bars.length)))
  }
  const finish = (range: Picked | undefined) => {
    setDrag(undefined)
    if (range) pick(bars[Math.min(...range)]!.start, bars[Math.max(...range)]!.end)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (by !== 0) {
      const next = Math.max(0, Math.min(bars.length - 1, (over ?? bars.length) + by))
      setOver(next)
      setDrag((before) => (event.shiftKey ? [before?.[0] ?? over ?? next, next] : undefined))
    } else if (event.key === 'Enter' && over !== undefined) finish(drag ?? [over, over])
    else if (event.key === 'Escape' && drag) setDrag(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  if (bars.length === 0) return <div className="explore-histogram" style={{ height: HEIGHT + 36 }} />
  const ranged: Picked | undefined = drag ? [Math.min(...drag), Math.max(...drag)] : picked && [bars.findIndex((bar) => bar.end > picked[0]), bars.findLastIndex((bar) => bar.start < picked[1])]
  const at = over === undefined ? undefined : bars[over]
  return (
    <div className="explore-histogram">
      <div className="explore-marks">
        {[...here].map(([slot, some]) => (
          <button key={slot} type="button" className={some.some(({ kind }) => kind === 'alert') ? 'alert' : undefined} style={{ left: `${((slot + 0.5) / slots) * 100}%` }} aria-expanded={shownMarks === slot}
            aria-label={`${some.length} ${some.length === 1 ? 'mark' : 'marks'} at ${clock(some[0]!.at)}: ${some[0]!.name}`} title={some.slice(0, 6).map(({ kind, name, entity }) => `${kind}: ${name} ${entity}`).join('\n')} onClick={() => setShownMarks(shownMarks === slot ? undefined : slot)}>
            <Icon name={some.some(({ kind }) => kind === 'alert') ? 'critical' : 'low'} />
          </button>
        ))}
      </div>
      <div ref={plot} className={complete ? 'explore-plot' : 'explore-plot filling'} tabIndex={0} role="application" style={{ height: HEIGHT }} onKeyDown={onKeyDown} onBlur={() => setOver(undefined)}
        aria-label={`${count(total)} lines in ${bars.length} bars of ${span(bars[0]!.end - bars[0]!.start)}, at most ${count(most)} in one. Arrows move, with Shift they mark, Enter ${mode === 'zoom' ? 'looks closer' : 'compares'}.`}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrag([index(event), index(event)])
        }}
        onPointerMove={(event) => (setOver(index(event)), event.buttons === 1 && setDrag((before) => before && [before[0], index(event)]))}
        onPointerLeave={() => setOver(undefined)} onPointerUp={() => finish(drag)} onPointerCancel={() => setDrag(undefined)}>
        <Stacks bars={bars} most={most} />
        {ranged && <div className="explore-picked" style={{ left: `${(ranged[0] / bars.length) * 100}%`, width: `${((ranged[1] - ranged[0] + 1) / bars.length) * 100}%` }} />}
        {over !== undefined && <div className="explore-over" style={{ left: `${(over / bars.length) * 100}%`, width: `${100 / bars.length}%` }} />}
      </div>
      <div className="explore-axis small soft">
        {at ? <BarSaid bar={at} /> : <Ends bars={bars} most={total > 0 ? most : 0} marks={[...here.values()].flat()} />}
      </div>
      {shownMarks !== undefined && here.has(shownMarks) && <Marks marks={here.get(shownMarks)!} at={(shownMarks + 0.5) / slots} />}
    </div>
  )
}

/** Marks that stand together, so that each can be hit: none is narrower than a finger. */
function bySlot(marks: Mark[], bars: Bar[], slots: number): Map<number, Mark[]> {
  const found = new Map<number, Mark[]>()
  const [first, last] = [bars[0]?.start ?? 0, bars.at(-1)?.end ?? 0]
  for (const mark of marks) {
    const slot = Math.floor(((mark.at - first) / (last - first)) * slots)
    if (slot >= 0 && slot < slots) found.set(slot, [...(found.get(slot) ?? []), mark])
  }
  return found
}

function Stacks({ bars, most }: { bars: Bar[]; most: number }) {
  return (
    <svg viewBox={`0 0 ${bars.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {bars.map((bar, index) => {
        let below = 0
        return LEVELS.map((level) => {
          const part = bar.levels[level] ?? 0
          if (part === 0) return null
          // One line among thousands is still seen.
          const height = Math.max(1.5, (part / most) * (HEIGHT - 2))
          below += height
          return <rect key={`${index}-${level}`} x={index + 0.08} width={0.84} y={HEIGHT - below} height={height} style={{ fill: LEVEL_COLOURS[level] }} />
        })
      })}
    </svg>
  )
}

const parts = (levels: Partial<Record<Severity, number>>) => LEVELS.filter((level) => levels[level]).map((level) => <span key={level} className="nowrap"><i style={{ background: LEVEL_COLOURS[level] }} /> {LEVEL_NAMES[level]} {count(levels[level])}</span>)

function BarSaid({ bar }: { bar: Bar }) {
  return <><span className="nowrap">{clock(bar.start)} – {clock(bar.end, { date: false })}</span><span className="explore-legend"><b>{count(bar.count)}</b>{parts(bar.levels)}</span><span /></>
}

const day = (at: number) => clock(at).slice(0, 10)
/** Where the bars begin and end, with a day alone where it is another one; between, their levels and what the marks above are. */
function Ends({ bars, most, marks }: { bars: Bar[]; most: number; marks: Mark[] }) {
  const [first, last] = [bars[0]!.start, bars.at(-1)!.end]
  return <><span className="nowrap">{clock(first)}</span><Legend bars={bars} told={most > 0 && `each bar ${span(bars[0]!.end - bars[0]!.start)}, the highest ${count(most)}`} marks={marks} /><span className="nowrap">{clock(last, { date: day(first) !== day(last) })}</span></>
}

function Legend({ bars, told, marks }: { bars: Bar[]; told: string | false; marks: Mark[] }) {
  const sums: Partial<Record<Severity, number>> = {}
  for (const bar of bars) for (const level of LEVELS) if (bar.levels[level]) sums[level] = (sums[level] ?? 0) + bar.levels[level]
  const changes = marks.filter(({ kind }) => kind === 'change').length
  return (
    <span className="explore-legend">
      {parts(sums)}
      {told && <span className="nowrap">{told}</span>}
      {changes > 0 && <span className="nowrap marked"><Icon name="low" /> {many(changes, 'change')}</span>}
      {marks.length > changes && <span className="nowrap marked alert"><Icon name="critical" /> {many(marks.length - changes, 'alert')}</span>}
    </span>
  )
}

function Marks({ marks, at }: { marks: Mark[]; at: number }) {
  return (
    <ul className="explore-marked small" style={at < 0.5 ? { left: `${at * 100}%` } : { right: `${(1 - at) * 100}%` }}>
      {marks.slice(0, 12).map((mark) => (
        <li key={`${mark.kind}${mark.id}`}>
          <span className="soft nowrap">{clock(mark.at, { date: false })}</span>
          <span>{mark.kind}</span>
          {mark.kind === 'alert' ? <Link to="/alerts/$id" params={{ id: String(mark.id) } as never}><T>{mark.name}</T></Link> : <span><T>{mark.name}</T></span>}
          <Entity name={mark.entity} />
        </li>
      ))}
      {marks.length > 12 && <li className="soft">and {marks.length - 12} more</li>}
    </ul>
  )
}
