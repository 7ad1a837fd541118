// A line of numbers over time, with marks of what happened meanwhile.
import { type ReactNode, useId } from 'react'
import { clock, type Instant, millis } from '../../parts/time'

export interface Point { at: number; value: number; bad?: number }
interface Given {
  label: string
  points: Point[]
  height?: number
  marks?: { at: Instant; name: string }[]
  /** From when to when; that of the points when absent. */
  range?: [number, number]
  /** Bars, where each stands for a span of time; else a line. */
  bars?: boolean
  /** How a number is said, and how on the scale beside it. */
  say?: (value: number) => string
  scale?: (value: number) => string
  children?: ReactNode
}
const WIDTH = 600
const usual = (value: number) => (Math.round(value * 10) / 10).toLocaleString('en')

export function Spark({ label, points, height = 44, marks = [], range, bars, say = usual, scale = say }: Given) {
  const id = useId()
  const [from, to] = range ?? [points[0]?.at ?? 0, points.at(-1)?.at ?? 1]
  const most = Math.max(...points.map(({ value }) => value), 0)
  if (points.length === 0) return <div className="services-spark none" style={{ height }}><span className="soft small">nothing in this time</span></div>
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * WIDTH
  const y = (value: number) => height - 1 - (most > 0 ? value / most : 0) * (height - 4)
  const width = Math.max(1, WIDTH / Math.max(1, (to - from) / step(points)) - 1)
  const told = `${label}: at most ${say(most)}, last ${say(points.at(-1)!.value)}`
  return (
    <figure className="services-spark">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" style={{ height }} role="img" aria-labelledby={id}>
        <title id={id}>{told}</title>
        <line x1={0} x2={WIDTH} y1={height - 0.5} y2={height - 0.5} className="base" />
        {bars ? points.map(({ at, value, bad }) => (
          <g key={at}>
            <rect x={x(at)} width={width} y={y(value)} height={Math.max(0, height - 1 - y(value))} className="all"><title>{`${clock(at)}: ${say(value)}${bad ? `, ${say(bad)} failed` : ''}`}</title></rect>
            {bad ? <rect x={x(at)} width={width} y={y(bad)} height={Math.max(1, height - 1 - y(bad))} className="bad" pointerEvents="none" /> : null}
          </g>
        )) : <polyline points={points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')} className="line" />}
        {marks.map((mark, at) => <line key={at} x1={x(millis(mark.at))} x2={x(millis(mark.at))} y1={0} y2={height} className="mark"><title>{`${mark.name}, ${clock(mark.at)}`}</title></line>)}
      </svg>
      <span className="services-scale" aria-hidden="true"><span>{scale(most)}</span><span>0</span></span>
    </figure>
  )
}

/** How far apart points are: the least that occurs, since some may be missing. */
function step(points: Point[]): number {
  let least = Infinity
  for (let at = 1; at < points.length; at++) least = Math.min(least, points[at]!.at - points[at - 1]!.at)
  return Number.isFinite(least) && least > 0 ? least : 60_000
}
