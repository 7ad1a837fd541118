// Numbers in the units that OpenTelemetry names (UCUM), as people read them.
import { bytes, duration } from './number'

const NANOS: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 36e11 }
const GREAT: [number, string][] = [[1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e4, ' k']]

/** A number with at most three digits that count, and all before the point. */
export function short(value: number): string {
  const size = Math.abs(value)
  const [divisor, letter] = GREAT.find(([least]) => size >= least) ?? [1, '']
  const shown = value / (letter === ' k' ? 1e3 : divisor)
  if (size < 1) return Number(shown.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })
  const digits = Math.abs(shown) >= 100 ? 0 : Math.abs(shown) >= 10 ? 1 : 2
  return `${Number(shown.toFixed(digits)).toLocaleString('en')}${letter}`
}

/** What is counted, of one or of more: `{row}` is `row` or `rows`. */
const counted = (name: string, value: number) => (value === 1 ? name : /(s|x|ch|sh)$/.test(name) ? `${name}es` : name.replace(/([^aeiou])y$/, '$1ie') + 's')

/** The value in its unit; `ratio` is a part of one. */
export function inUnit(value: number | null | undefined, unit = ''): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  const sign = value < 0 ? '−' : ''
  const per = unit.endsWith('/s') && unit !== '/s'
  const base = per ? unit.slice(0, -2) : unit
  const end = per ? '/s' : ''
  if (base === 'By') return `${sign}${bytes(Math.abs(value))}${end}`
  if (base === 'ratio') return `${short(100 * value)} %${end}`
  // Seconds per second are a share of time: how many processors were busy.
  if (base in NANOS && per) return `${short(value)} ${base}/s`
  if (base in NANOS) return value === 0 ? '0' : `${sign}${long(Math.abs(value) * NANOS[base]!)}`
  const annotated = /^\{(.*)\}$/.exec(base)?.[1]
  const name = annotated ? counted(annotated, value) : base
  return `${short(value)}${name && name !== '1' ? ` ${name}` : ''}${end}`
}

const DAY = 864e11
/** Durations beyond minutes too. */
function long(ns: number): string {
  if (ns >= DAY) return `${short(ns / DAY)} d`
  if (ns >= 36e11) return `${short(ns / 36e11)} h`
  if (ns >= 12e10) return `${short(ns / 6e10)} min`
  return duration(Number(ns.toPrecision(4)))
}

/** The unit without what is counted: in a column of figures the head of the chart says it. */
export const bare = (unit = '') => unit.replace(/\{[^}]*\}/, '')

/** The unit of a metric: `1` of a utilization is a part of one. */
export const unitOf = (name: string, unit: string | null | undefined) => (unit === '1' && /utili[sz]ation|ratio|fraction/.test(name) ? 'ratio' : (unit ?? ''))
