// Values over time. Drag to zoom; arrow keys move through the values; what it shows is also said in words.
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { colourOf, dashOf, type Series, summary } from './series'
import { area, css, dataOf, type Drawing, givenAt, type Mark, optionsOf, spoken } from './chart-draw'
import { plain } from './text'
import { clock } from './time'
import { bare, inUnit } from './unit'
import './chart.css'

export type { Mark } from './chart-draw'
interface Given extends Drawing {
  label: string
  height?: number
  hidden?: Set<string>
  /** Charts with the same word move their cursors together. */
  sync?: string
  /** A range was chosen by dragging. */
  zoom?: (from: number, to: number) => void
  /** A value was clicked. */
  pick?: (index: number, series: number) => void
}

/** Pixels that are no drag. */
const CLICK_PX = 4
const TOLD_VALUES = 10

export function Chart(given: Given) {
  const { label, height = 200, hidden = NONE, sync } = given
  const box = useRef<HTMLDivElement>(null)
  const tip = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const latest = useRef(given)
  latest.current = given
  useEffect(() => {
    const host = box.current!
    const drawing = latest.current
    const size = () => ({ width: Math.max(120, host.clientWidth), height })
    const u = new uPlot(optionsOf(drawing, size(), hidden, sync, {
      setSelect: [(u) => {
        if (u.select.width < CLICK_PX) return
        const [from, to] = [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')]
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)
        latest.current.zoom?.(Math.round(from * 1000), Math.round(to * 1000))
      }],
      setCursor: [(u) => tell(u, latest.current, hidden, tip.current!)],
    }), dataOf(drawing), host)
    plot.current = u
    let down = 0
    u.over.addEventListener('mousedown', (event) => (down = event.clientX))
    u.over.addEventListener('click', (event) => {
      const near = nearest(u)
      if (Math.abs(event.clientX - down) < CLICK_PX && near) latest.current.pick?.(near.index, givenAt(drawing, near.series))
    })
    const resized = new ResizeObserver(() => u.setSize(size()))
    resized.observe(host)
    const repaint = () => u.redraw(false)
    window.addEventListener('tandem:theme', repaint)
    return () => {
      window.removeEventListener('tandem:theme', repaint)
      resized.disconnect()
      u.destroy()
    }
    // What is drawn is drawn anew: that is cheap, and there is one way to do it.
  }, [given.times, given.series, given.unit, given.kind, given.stacked, given.marks, given.log, given.range?.[0], given.range?.[1], height, hidden, sync])
  const step = (by: number) => {
    const u = plot.current
    if (!u || given.times.length === 0) return
    const index = Math.max(0, Math.min(given.times.length - 1, (u.cursor.idx ?? (by > 0 ? -1 : given.times.length)) + by))
    u.setCursor({ left: u.valToPos(given.times[index]! / 1000, 'x'), top: u.over.clientHeight / 3 })
  }
  const about = spoken(plain(label), given, (one) => {
    const { min, max, last } = summary(one.values)
    return `least ${inUnit(min, given.unit)}, greatest ${inUnit(max, given.unit)}, last ${inUnit(last, given.unit)}`
  })
  return (
    <div className="chart" ref={box} role="img" aria-label={about} tabIndex={0} style={{ height }} title={given.zoom ? undefined : plain(label)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
        event.preventDefault()
        step(event.key === 'ArrowLeft' ? -1 : 1)
      }}>
      <div className="chart-tip" ref={tip} role="status" />
    </div>
  )
}
const NONE = new Set<string>()

/** The value next to the cursor, in pixels. */
function nearest(u: uPlot): { index: number; series: number } | undefined {
  const { idx, left = 0, top = 0 } = u.cursor
  if (idx === null || idx === undefined) return undefined
  let [best, found]: [number, { index: number; series: number } | undefined] = [Infinity, undefined]
  // Values of one moment lie above each other, and those beside it may be nearer.
  for (let index = Math.max(0, idx - 40); index <= Math.min(u.data[0].length - 1, idx + 40); index++) {
    for (let series = 1; series < u.data.length; series++) {
      const value = u.data[series]![index]
      if (value === null || value === undefined || !u.series[series]!.show) continue
      const far = Math.hypot(u.valToPos(u.data[0][index]!, 'x') - left, u.valToPos(value, 'y') - top)
      if (far < best) [best, found] = [far, { index, series }]
    }
  }
  return found
}

function line(name: string, value: string, swatch?: { colour: string; dash: number[] }): HTMLElement {
  const row = document.createElement('div')
  const mark = document.createElement('span')
  if (swatch) {
    mark.className = `chart-swatch ${swatch.dash.length === 0 ? '' : swatch.dash[0]! > 3 ? 'dash' : 'dot'}`
    mark.style.borderTopColor = swatch.colour
  }
  const [text, number] = [document.createElement('span'), document.createElement('b')]
  text.textContent = plain(name)
  number.textContent = value
  row.append(mark, text, number)
  return row
}

/** Writes what is under the cursor. Text alone: names come from outside. */
function tell(u: uPlot, given: Given, hidden: Set<string>, tip: HTMLElement) {
  const { left = -1 } = u.cursor
  const near = given.kind === 'points' ? nearest(u)?.index : u.cursor.idx
  tip.style.display = left < 0 || near === null || near === undefined ? 'none' : 'block'
  if (tip.style.display === 'none') return
  const index = near!
  const values = given.series
    .map((series, at) => ({ series, at, value: series.values[index] }))
    .filter(({ value, series }) => value !== null && value !== undefined && !hidden.has(series.name))
    .sort((a, b) => b.value! - a.value!)
  const rows = values.slice(0, TOLD_VALUES).map(({ series, at, value }) => line(series.name, inUnit(value, given.unit), { colour: (given.kind === 'bars' ? area : css)(colourOf(series, at)), dash: given.kind === 'lines' || !given.kind ? dashOf(at) : [] }))
  if (values.length > TOLD_VALUES) rows.push(line(`and ${values.length - TOLD_VALUES} more`, ''))
  const perPixel = u.posToVal(1, 'x') - u.posToVal(0, 'x')
  const marks = (given.marks ?? []).filter(({ at }) => Math.abs(at / 1000 - u.posToVal(left, 'x')) < 6 * perPixel)
  tip.replaceChildren(line(clock(given.times[index]), ''), ...rows, ...marks.map((mark: Mark) => line(`${clock(mark.at, { date: false })} ${mark.label}`, '')))
  const half = u.over.clientWidth / 2
  const offset = u.over.offsetLeft + left
  tip.style.left = left < half ? `${offset + 12}px` : 'auto'
  tip.style.right = left < half ? 'auto' : `${tip.parentElement!.clientWidth - offset + 12}px`
  tip.style.top = '6px'
}

/** The series of a chart with their figures; a click hides one. */
export function Legend({ series, unit, hidden, hide, sums = false }: { series: Series[]; unit?: string; hidden: Set<string>; hide: (hidden: Set<string>) => void; sums?: boolean }) {
  const toggle = (name: string) => {
    const next = new Set(hidden)
    if (!next.delete(name)) next.add(name)
    hide(next)
  }
  const say = (value: number | null) => inUnit(value, bare(unit))
  return (
    <div className="legend" tabIndex={0} role="region" aria-label="Series">
      <table>
        <thead><tr><th scope="col">Series</th><th scope="col">Last</th><th scope="col">Min</th><th scope="col">Max</th><th scope="col">Avg</th>{sums && <th scope="col">Sum</th>}</tr></thead>
        <tbody>
          {series.map((one, at) => {
            const told = summary(one.values)
            // Areas have no dashes.
            const dash = sums ? [] : dashOf(at)
            return (
              <tr key={one.name}>
                <td>
                  <button type="button" aria-pressed={!hidden.has(one.name)} title={plain(one.name)} onClick={() => toggle(one.name)}>
                    <span className={`chart-swatch ${dash.length === 0 ? '' : dash[0]! > 3 ? 'dash' : 'dot'}`} style={{ borderTopColor: sums ? `var(${colourOf(one, at)}-fill, var(${colourOf(one, at)}))` : `var(${colourOf(one, at)})` }} />
                    <bdi className="cut">{plain(one.name)}</bdi>
                  </button>
                </td>
                <td>{say(told.last)}</td><td>{say(told.min)}</td><td>{say(told.max)}</td><td>{say(told.avg)}</td>{sums && <td>{say(told.sum)}</td>}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
