// What a chart draws: values over one row of times.
export interface Series {
  name: string
  values: (number | null)[]
  /** A custom property of the style sheet, such as `--critical`; chosen by the order when absent. */
  colour?: string
}

/** At so many lines a chart is read no more. */
export const MOST_LINES = 20
const COLOURS = 8
const DASHES: number[][] = [[], [7, 4], [2, 3]]

export const colourOf = (series: Series, at: number) => series.colour ?? `--line-${at % COLOURS}`
/** Four lines are told by lightness alone; what follows has dashes, then dots. */
export const dashOf = (at: number): number[] => DASHES[Math.min(DASHES.length - 1, Math.floor(at / 4) % DASHES.length)]!

export interface Summary { last: number | null; min: number | null; max: number | null; avg: number | null; sum: number }
export function summary(values: (number | null)[]): Summary {
  let [min, max, sum, count]: [number | null, number | null, number, number] = [null, null, 0, 0]
  let last: number | null = null
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    min = min === null || value < min ? value : min
    max = max === null || value > max ? value : max
    sum += value
    count += 1
    last = value
  }
  return { last, min, max, avg: count ? sum / count : null, sum }
}

/** Points of each series, brought onto one row of times. */
export function aligned(points: { name: string; points: [number, number | null][] }[]): { times: number[]; series: Series[] } {
  const times = [...new Set(points.flatMap((one) => one.points.map(([at]) => at)))].sort((a, b) => a - b)
  const places = new Map(times.map((time, index) => [time, index]))
  const series = points.map(({ name, points }) => {
    const values: (number | null)[] = new Array(times.length).fill(null)
    for (const [at, value] of points) values[places.get(at)!] = value
    return { name, values }
  })
  return { times, series }
}

/** Areas on each other are told by colour alone, and there are so many. */
const MOST_AREAS = COLOURS
/** Of more areas than there are colours the greatest stay, and the others are one. */
export function areas(series: Series[]): Series[] {
  if (series.length <= MOST_AREAS) return series
  const size = new Map(series.map((one) => [one, summary(one.values).sum]))
  const kept = new Set([...series].sort((a, b) => size.get(b)! - size.get(a)!).slice(0, MOST_AREAS - 1))
  const others = series.filter((one) => !kept.has(one))
  const values = others[0]!.values.map((_, at) => (others.every((one) => one.values[at] === null) ? null : others.reduce((sum, one) => sum + (one.values[at] ?? 0), 0)))
  return [...series.filter((one) => kept.has(one)), { name: `${others.length} others`, values, colour: '--edge-strong' }]
}

/** The greatest first; beyond `MOST_LINES` they are counted, not drawn. */
export function greatest(series: Series[]): Series[] {
  if (series.length <= MOST_LINES) return series
  const size = new Map(series.map((one) => [one, summary(one.values).max ?? -Infinity]))
  return [...series].sort((a, b) => size.get(b)! - size.get(a)!).slice(0, MOST_LINES)
}
