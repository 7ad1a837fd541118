// Times: relative to read, absolute to compare, both in the reader's zone with the UTC one in the title.
import { useSyncExternalStore } from 'react'

export type Instant = string | number | null | undefined

/** Milliseconds since 1970 of what the server tells: RFC 3339, or nanoseconds. */
export function millis(at: Instant): number {
  if (at === null || at === undefined || at === '') return NaN
  if (typeof at === 'number') return at > 1e14 ? at / 1e6 : at
  return /^\d+$/.test(at) ? Number(BigInt(at) / 1_000_000n) : Date.parse(at)
}

const STEPS: [number, string][] = [[1000, 's'], [60_000, 'min'], [3_600_000, 'h'], [86_400_000, 'd'], [604_800_000, 'w']]

/** `3 min`, `2 d`: one unit, as long spans are read. */
export function span(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1000) return `${Math.round(size)} ms`
  const [unit, name] = STEPS.findLast(([unit]) => size >= unit * (unit === 604_800_000 ? 2 : 1)) ?? STEPS[0]!
  const count = size / unit
  return `${count < 10 && unit > 1000 ? count.toFixed(1).replace(/\.0$/, '') : Math.floor(count)} ${name}`
}

export function ago(at: Instant, now = Date.now()): string {
  const ms = millis(at)
  if (Number.isNaN(ms)) return 'never'
  const passed = now - ms
  if (Math.abs(passed) < 1500) return 'now'
  return passed > 0 ? `${span(passed)} ago` : `in ${span(-passed)}`
}

const two = (number: number, width = 2) => String(number).padStart(width, '0')
export function clock(at: Instant, { date = true, ms = false } = {}): string {
  const time = millis(at)
  if (Number.isNaN(time)) return '–'
  const d = new Date(time)
  const day = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`
  const hours = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}${ms ? `.${two(d.getMilliseconds(), 3)}` : ''}`
  return date ? `${day} ${hours}` : hours
}

// One timer for all, once a minute's tenth.
let tick = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  tick = Date.now()
  listeners.forEach((listener) => listener())
}, 6000)
const useTick = () => useSyncExternalStore((listener) => (listeners.add(listener), () => void listeners.delete(listener)), () => tick)

/** A time, relative, with the absolute one in its title. */
export function Ago({ at }: { at: Instant }) {
  useTick()
  const ms = millis(at)
  if (Number.isNaN(ms)) return <span className="soft">–</span>
  return <time dateTime={new Date(ms).toISOString()} title={`${clock(at)} here, ${new Date(ms).toISOString()}`}>{ago(at)}</time>
}

/** A time, absolute. */
export function At({ at, date = true, ms = false }: { at: Instant; date?: boolean; ms?: boolean }) {
  const time = millis(at)
  if (Number.isNaN(time)) return <span className="soft">–</span>
  return <time className="nowrap" dateTime={new Date(time).toISOString()} title={new Date(time).toISOString()}>{clock(at, { date, ms })}</time>
}
