// How uPlot is told to draw: axes, colours of the theme, gaps, marks.
import uPlot from 'uplot'
import { colourOf, dashOf, type Series } from './series'
import { clock } from './time'
import { bare, inUnit } from './unit'

export interface Mark { at: number; label: string; kind?: 'change' | 'alert' }
export interface Drawing {
  /** Milliseconds since 1970, ascending. */
  times: number[]
  series: Series[]
  unit?: string
  kind?: 'lines' | 'bars' | 'points'
  stacked?: boolean
  /** What the axis of time shows; else as far as there are values. */
  range?: [number, number]
  marks?: Mark[]
  log?: boolean
}

export const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || '#888'
/** The colour of an area, which may be another than that of a line or a word. */
export const area = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`${name}-fill`).trim() || css(name)
const FONT = '11px ui-sans-serif, system-ui, sans-serif'
const two = (number: number) => String(number).padStart(2, '0')

/** Hours, or days where the steps are days; the day below the first and wherever it changes. */
function times(seconds: number[], step: number): string[] {
  let day = ''
  return seconds.map((second) => {
    const date = new Date(second * 1000)
    const today = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
    if (step >= 86_400) return today.slice(5)
    const hours = `${two(date.getHours())}:${two(date.getMinutes())}${step < 60 ? `:${two(date.getSeconds())}` : ''}`
    const shown = today === day ? hours : `${hours}\n${today.slice(5)}`
    day = today
    return shown
  })
}

/** A line goes on over a step or two without a value: what is sent every minute is no row of dots at half a minute. */
const BRIDGED_STEPS = 3
function bridging(own: (number | null)[], all: number[]): uPlot.Series.GapsRefiner {
  const there = all.filter((_, at) => own[at] !== null)
  const steps = there.slice(1).map((time, at) => time - there[at]!).sort((a, b) => a - b)
  const usual = steps[Math.floor(steps.length / 2)] ?? 0
  return (u, _series, _from, _to, gaps) => {
    const wide = Math.abs(u.valToPos((usual * BRIDGED_STEPS) / 1000, 'x', true) - u.valToPos(0, 'x', true))
    return gaps.filter(([start, end]) => end - start > wide)
  }
}

/** Values without a neighbour have no line: they are drawn as points, and no others. */
function alone(own: (number | null)[]): uPlot.Series.Points.Filter {
  const there = (at: number) => own[at] !== null && own[at] !== undefined
  const found = own.flatMap((_, at) => (there(at) && !there(at - 1) && !there(at + 1) ? [at] : []))
  return () => (found.length > 0 ? found : null)
}

/** What uPlot draws; stacked series are sums, the whole behind its parts. */
export function dataOf({ times, series, stacked }: Drawing): uPlot.AlignedData {
  const rows = series.map(({ values }) => values)
  if (stacked) {
    const below = new Array<number>(times.length).fill(0)
    for (const [index, row] of rows.entries()) rows[index] = row.map((value, at) => (below[at] = below[at]! + (value ?? 0)))
    rows.reverse()
  }
  return [times.map((time) => time / 1000), ...rows] as uPlot.AlignedData
}

/** Of the series that uPlot knows by its number, the one that was given. */
export const givenAt = ({ series, stacked }: Drawing, index: number) => (stacked ? series.length - index : index - 1)

function seriesOf(drawing: Drawing, hidden: Set<string>): uPlot.Series[] {
  const { series, kind = 'lines', stacked, times } = drawing
  const bars = kind === 'bars' && uPlot.paths.bars!({ size: [0.92, 60], gap: 0 })
  return series.map((_, index) => {
    const at = stacked ? series.length - 1 - index : index
    const one = series[at]!
    const colour = () => (bars ? area : css)(colourOf(one, at))
    return {
      label: one.name,
      show: !hidden.has(one.name),
      stroke: colour,
      width: kind === 'bars' ? 0 : 1.6,
      ...(bars ? { paths: bars, fill: colour, points: { show: false } } : {}),
      ...(kind === 'points' ? { paths: () => null, points: { show: true, size: at === 0 ? 5 : 7, width: at === 0 ? 1 : 2, fill: at === 0 ? colour : () => css('--ground'), stroke: colour } } : {}),
      ...(kind === 'lines' ? { dash: dashOf(at), gaps: bridging(one.values, times), points: { show: false, size: 5, fill: colour, filter: alone(one.values) } } : {}),
    }
  })
}

/** From one power of ten to another: else the lowest line would be drawn below the chart, over the times. */
function decades(min: number | null, max: number | null): [number, number] {
  const [low, high] = [Math.floor(Math.log10(Math.max(1e-12, min ?? 1))), Math.ceil(Math.log10(Math.max(1e-12, max ?? 10)))]
  return [10 ** low, 10 ** Math.max(high, low + 1)]
}

/** Powers of ten, every second one where there are many. */
function powers(min: number, max: number): number[] {
  const [low, high] = [Math.floor(Math.log10(Math.max(1e-12, min))), Math.ceil(Math.log10(Math.max(1e-12, max)))]
  const step = high - low > 5 ? 2 : 1
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, at) => 10 ** (low + at * step))
}

/** Steps between lines: powers of two of bytes, whole numbers of what is counted whole; else uPlot's own. */
const BINARY = Array.from({ length: 60 }, (_, at) => 2 ** at)
const WHOLE = Array.from({ length: 15 }, (_, at) => [1, 2, 5].map((step) => step * 10 ** at)).flat()
function steps({ unit = '', series, log }: Drawing): { incrs?: number[] } {
  if (log) return {}
  if (/^By(\/s)?$/.test(unit)) return { incrs: BINARY }
  return series.every(({ values }) => values.every((value) => value === null || Number.isInteger(value))) ? { incrs: WHOLE } : {}
}

/** `20.0 ms` is `20 ms` on an axis. */
const trimmed = (text: string) => text.replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '')

function axes(drawing: Drawing): uPlot.Axis[] {
  const { unit = '', log } = drawing
  const plain = { stroke: () => css('--soft'), font: FONT, grid: { stroke: () => css('--edge'), width: 1 }, ticks: { show: false } }
  return [
    { ...plain, grid: { show: false }, space: 64, size: 40, gap: 8, values: (_u, splits, _axis, _space, step) => times(splits, step) },
    {
      ...plain, gap: 4, ...steps(drawing),
      // A line for each power of ten, and no others.
      ...(log ? { splits: (_u: uPlot, _axis: number, min: number, max: number) => powers(min, max), filter: (_u: uPlot, splits: number[]) => splits } : {}),
      values: (_u, splits) => splits.map((value) => (value === null ? '' : trimmed(inUnit(value, bare(unit))))),
      size: (_u, values) => Math.max(36, 10 + 6.4 * Math.max(0, ...(values ?? []).map((text) => text?.length ?? 0))),
    },
  ]
}

/** Changes and alerts, as lines through the chart with a mark at its foot. */
function markers(u: uPlot, marks: Mark[]) {
  const { ctx, bbox } = u
  const scale = devicePixelRatio
  ctx.save()
  for (const { at, kind } of marks) {
    const x = Math.round(u.valToPos(at / 1000, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.strokeStyle = ctx.fillStyle = css(kind === 'alert' ? '--critical' : '--soft')
    ctx.lineWidth = scale
    ctx.setLineDash([3 * scale, 3 * scale])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.beginPath()
    ctx.moveTo(x, bbox.top + bbox.height - 7 * scale)
    ctx.lineTo(x - 4 * scale, bbox.top + bbox.height)
    ctx.lineTo(x + 4 * scale, bbox.top + bbox.height)
    ctx.fill()
  }
  ctx.restore()
}

/** Half a step on both sides, so that first and last bars are whole. */
function shownRange({ range, kind, times }: Drawing): [number, number] {
  const half = kind === 'bars' && times.length > 1 ? (times[1]! - times[0]!) / 2 : 0
  const [from, to] = range ?? [(times[0] ?? 0) - half, (times.at(-1) ?? 1) + half]
  return [from / 1000, (to > from ? to : from + 1) / 1000]
}

export function optionsOf(drawing: Drawing, size: { width: number; height: number }, hidden: Set<string>, sync: string | undefined, hooks: uPlot.Hooks.Arrays): uPlot.Options {
  return {
    ...size,
    // Right of the last value there is room for half of the time below it.
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      focus: { prox: 24 },
      ...(sync ? { sync: { key: sync, setSeries: false } } : {}),
    },
    focus: { alpha: 1 },
    scales: {
      x: { time: true, range: () => shownRange(drawing) },
      y: drawing.log ? { distr: 3, range: (_u, min, max) => decades(min, max) } : { range: (_u, min, max) => scaleOf(min, max) },
    },
    axes: axes(drawing),
    series: [{}, ...seriesOf(drawing, hidden)],
    hooks: { ...hooks, draw: [(u) => markers(u, drawing.marks ?? [])] },
  }
}

/** From nothing up where values are positive: a small change must not look like a great one. */
function scaleOf(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1]
  const low = Math.min(0, min)
  const high = Math.max(0, max)
  return low === high ? [0, 1] : [low * 1.05, high * 1.05]
}

/** What the chart says to those who do not see it. */
export function spoken(label: string, drawing: Drawing, tell: (series: Series) => string): string {
  const { times, series } = drawing
  if (times.length === 0 || series.length === 0) return `${label}: no values`
  const told = series.slice(0, 6).map((one) => `${one.name}: ${tell(one)}`)
  const more = series.length > told.length ? `; and ${series.length - told.length} more` : ''
  return `${label}, ${clock(times[0])} to ${clock(times.at(-1))}. ${told.join('; ')}${more}`
}
