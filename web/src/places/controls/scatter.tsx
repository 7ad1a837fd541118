// Risk and friction as points. Points that would lie on each other are one, which says how many it is.
import { useEffect, useRef, useState } from 'react'
import type { Measure } from './shapes'

/** It is drawn as wide as there is room, so that letters keep their size; wider than this it would be empty. */
const WIDEST = 760
const HEIGHT = 340
const LEFT = 34
const BOTTOM = 26
const TOP = 8
const RIGHT = 12
/** So that points at 0 have room for their names. */
const PAD = 16
/** Where a risk lies in so much room. */
type Across = (risk: number) => number
const across = (width: number): Across => (risk) => LEFT + risk * (width - LEFT - RIGHT)
const y = (friction: number) => HEIGHT - BOTTOM - PAD - friction * (HEIGHT - BOTTOM - PAD - TOP)
/** Points closer than so many pixels lie on each other. */
const NEAR_X = 16
const NEAR_Y = 7
/** Space that a letter of a name takes, and a line. */
const LETTER = 6
const LINE = 13

interface Point { x: number; y: number; rows: Measure[] }
interface Label { at: number; x: number; y: number; width: number; end: boolean }

function points(rows: Measure[], x: Across): Point[] {
  const all: Point[] = []
  for (const row of rows) {
    const here = { x: x(row.risk), y: y(row.friction) }
    const near = all.find((one) => Math.abs(one.x - here.x) < NEAR_X && Math.abs(one.y - here.y) < NEAR_Y)
    if (near) near.rows.push(row)
    else all.push({ ...here, rows: [row] })
  }
  return all
}

const called = ({ rows }: Point) => (rows.length === 1 ? rows[0]!.name.replace(/^service:/, '') : `${rows.length} of them`)

/** Names beside their points, moved a line up or down where two would lie on each other; where none fits there is none. */
function labels(all: Point[], x: Across, width: number): Label[] {
  // What names a quarter is in the way, too.
  const placed: Label[] = QUARTERS.map((one) => ({ at: -1, x: x(one.x), y: y(one.y), width: one.text.length * LETTER, end: one.x > 0.5 }))
  // The more a point stands for, the sooner it gets its name.
  const order = all.map((point, at) => ({ point, at })).sort((a, b) => b.point.rows.length - a.point.rows.length)
  order.forEach(({ point, at }) => {
    const long = called(point).length * LETTER
    const end = point.x + 9 + long > width
    for (const by of [0, -LINE, LINE, -2 * LINE, 2 * LINE, -3 * LINE]) {
      const label = { at, x: end ? point.x - 9 : point.x + 9, y: point.y + 4 + by, width: long, end }
      const from = end ? label.x - long : label.x
      const to = end ? label.x : label.x + long
      const clear = all.every((other) => other === point || Math.abs(other.y - label.y + 4) > 8 || other.x < from - 6 || other.x > to + 6)
      const free = clear && placed.every((other) => Math.abs(other.y - label.y) >= LINE - 1 || from > (other.end ? other.x : other.x + other.width) || to < (other.end ? other.x - other.width : other.x))
      if (free && from > LEFT - 4 && to < width && label.y > 10 && label.y < HEIGHT - BOTTOM - 2) return void placed.push(label)
    }
  })
  return placed.filter(({ at }) => at >= 0)
}

const QUARTERS = [
  { text: 'costs more than it guards', x: 0.01, y: 0.95 },
  { text: 'guards much, costs much', x: 0.99, y: 0.95 },
  { text: 'quiet', x: 0.01, y: 0.46 },
  { text: 'guards much, costs little', x: 0.99, y: 0.46 },
]

export function Scatter({ rows, at, setAt, open }: { rows: Measure[]; at: string | undefined; setAt: (name: string | undefined) => void; open: (row: Measure) => void }) {
  const box = useRef<HTMLElement>(null)
  const [width, setWidth] = useState(WIDEST)
  useEffect(() => {
    const here = box.current!
    const observer = new ResizeObserver(() => here.clientWidth > 0 && setWidth(Math.min(WIDEST, here.clientWidth)))
    observer.observe(here)
    return () => observer.disconnect()
  }, [])
  const x = across(width)
  const all = points(rows, x)
  return (
    <figure className="controls-scatter" ref={box}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`Risk against friction of ${rows.length}; the table below has the same numbers`}>
        <rect x={LEFT} y={TOP} width={x(0.5) - LEFT} height={y(0.5) - TOP} className="costly" />
        {[0, 0.5, 1].map((one) => (
          <g key={one}>
            <line x1={x(one)} x2={x(one)} y1={TOP} y2={HEIGHT - BOTTOM} />
            <line x1={LEFT} x2={width - RIGHT} y1={y(one)} y2={y(one)} />
            <text x={x(one)} y={HEIGHT - 8} textAnchor="middle">{one}</text>
            <text x={LEFT - 6} y={y(one) + 4} textAnchor="end">{one}</text>
          </g>
        ))}
        <text x={x(0.5) + 40} y={HEIGHT - 8}>risk →</text>
        <text transform={`translate(14 ${y(0.5) - 24}) rotate(-90)`}>friction →</text>
        {QUARTERS.map((one) => <text key={one.text} className="quarter" x={x(one.x)} y={y(one.y)} textAnchor={one.x > 0.5 ? 'end' : 'start'}>{one.text}</text>)}
        {all.map((point, index) => (
          <circle key={index} cx={point.x} cy={point.y} r={3.5 + Math.min(5, Math.sqrt(point.rows.length))} className={point.rows.some(({ name }) => name === at) ? 'at' : ''}
            onMouseEnter={() => setAt(point.rows[0]!.name)} onMouseLeave={() => setAt(undefined)} onClick={() => point.rows.length === 1 && open(point.rows[0]!)}>
            <title>{point.rows.map((row) => `${row.name}: risk ${row.risk.toFixed(2)}, friction ${row.friction.toFixed(2)}`).join('\n')}</title>
          </circle>
        ))}
        {labels(all, x, width).map((label) => (
          <text key={label.at} className={all[label.at]!.rows.some(({ name }) => name === at) ? 'name at' : 'name'} x={label.x} y={label.y} textAnchor={label.end ? 'end' : 'start'}>{called(all[label.at]!)}</text>
        ))}
      </svg>
    </figure>
  )
}
