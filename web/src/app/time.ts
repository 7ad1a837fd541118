// The range of time that a place looks at: relative while one watches, absolute when it is shared.
import { useUrl } from './url'

export interface Range { from: string; to: string }
export const RANGES: [string, string][] = [
  ['now-5m', '5 minutes'], ['now-15m', '15 minutes'], ['now-1h', 'hour'], ['now-6h', '6 hours'], ['now-24h', '24 hours'], ['now-7d', '7 days'], ['now-30d', '30 days'],
]
const UNITS: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }

/** Milliseconds of `now`, `now-15m` or a date. */
export function resolve(text: string, now = Date.now()): number {
  const match = /^now(?:([+-])(\d+)([smhdw]))?$/.exec(text.trim())
  if (!match) return Date.parse(text)
  const size = match[2] ? Number(match[2]) * UNITS[match[3]!]! : 0
  return match[1] === '-' ? now - size : now + size
}

export const isRelative = (range: Range) => range.from.startsWith('now') || range.to.startsWith('now')
export const absolute = (range: Range, now = Date.now()): Range => ({ from: new Date(resolve(range.from, now)).toISOString(), to: new Date(resolve(range.to, now)).toISOString() })

/** Whether an address's times can be read, and end after they begin. */
export function readable(from: string | undefined, to: string | undefined): boolean {
  const [begin, end] = [from ? resolve(from) : 0, to ? resolve(to) : Infinity]
  return begin < end
}

export function useRange(usual = 'now-1h'): [Range, (range: Partial<Range>) => void] {
  const [url, set] = useUrl()
  return [readable(url.from, url.to) ? { from: url.from ?? usual, to: url.to ?? 'now' } : { from: usual, to: 'now' }, (range) => set({ ...range, ...(range.to === 'now' ? { to: undefined } : {}) })]
}

/** This page's address with its times fixed: what another person then sees is the same. */
export function shareable(): string {
  const url = new URL(location.href)
  const range = { from: url.searchParams.get('from') ?? '', to: url.searchParams.get('to') ?? 'now' }
  if (range.from && isRelative(range)) {
    const fixed = absolute(range)
    url.searchParams.set('from', fixed.from)
    url.searchParams.set('to', fixed.to)
  }
  const at = url.searchParams.get('at')
  if (at?.startsWith('now')) url.searchParams.set('at', new Date(resolve(at)).toISOString())
  return url.href
}
