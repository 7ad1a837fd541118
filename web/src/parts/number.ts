// Numbers as people read them.
export const count = (number: number | null | undefined) => (number ?? 0).toLocaleString('en')
export const many = (number: number, one: string, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`
export function bytes(size: number | null | undefined): string {
  let left = size ?? 0
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB']) {
    if (left < 1024 || unit === 'TiB') return `${left < 10 && unit !== 'B' ? left.toFixed(1) : Math.round(left)} ${unit}`
    left /= 1024
  }
  return ''
}
export const percent = (part: number) => `${(100 * part).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`
/** Nanoseconds as a duration: three digits that count. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${ns} ns`
  if (ns < 1e6) return `${(ns / 1e3).toFixed(ns < 1e4 ? 2 : ns < 1e5 ? 1 : 0)} µs`
  if (ns < 1e9) return `${(ns / 1e6).toFixed(ns < 1e7 ? 2 : ns < 1e8 ? 1 : 0)} ms`
  return `${(ns / 1e9).toFixed(2)} s`
}
/** How much was read, where somebody says; nothing is said of nothing. */
export const read = (size: number | null | undefined) => (size ? `, ${bytes(size)} read` : '')
/** How long an answer took and how much was read for it, for what stands beside its count. */
export const took = (ms: number | undefined, size?: number | null) => (ms === undefined ? '' : `, in ${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms${read(size)}`)
