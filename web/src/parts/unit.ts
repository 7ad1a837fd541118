// Numbers in the units that OpenTelemetry names (UCUM), as people read them.
import { bytes, duration } from './number'

const NANOS: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 36e11 }
const GREAT: [number, string][] = [[1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e4, ' k']]

/** A number with at most four digits that count. */
export function short(value: number): string {
  const size = Math.abs(value)
  const [divisor, letter] = GREAT.find(([least]) => size >= least) ?? [1, '']
  const shown = value / (letter === ' k' ? 1e3 : divisor)
  const digits = Math.abs(shown) >= 100 ? 0 : Math.abs(shown) >= 10 ? 1 : size >= 1 || size === 0 ? 2 : 4
  return `${Number(shown.toFixed(digits)).toLocaleString('en', { maximumFractionDigits: 4 })}${letter}`
}

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
  const name = base.replace(/[{}]/g, '')
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

/** The unit of a metric: `1` of a utilization is a part of one. */
export const unitOf = (name: string, unit: string | null | undefined) => (unit === '1' && /utili[sz]ation|ratio|fraction/.test(name) ? 'ratio' : (unit ?? ''))
