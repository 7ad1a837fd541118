// Which attributes tell some lines from the others: by the share that each value has in both.
import { type Facet, type Row, shown, valueOf } from './shapes'

export interface Side { total: number; facets: Map<string, Map<string, number>> }
export interface Difference { field: string; value: string | null; here: number; there: number; by: number; also: string[] }
/** Differences shown; below this much they are chance or noise. */
const LEAST_SHARE = 0.05
const MOST_SHOWN = 30
/** A field with nearly as many values as lines names each of them. */
const MOST_DISTINCT = 0.8
/** Stands for lines without the field. */
const NONE = '\u0000'

/** Counts of chosen rows. */
export function sideOf(rows: Row[], fields: string[]): Side {
  const facets = new Map<string, Map<string, number>>()
  for (const field of fields) {
    const values = new Map<string, number>()
    for (const row of rows) {
      const key = shown(valueOf(row, field)) || NONE
      values.set(key, (values.get(key) ?? 0) + 1)
    }
    facets.set(field, values)
  }
  return { total: rows.length, facets }
}

/** Counts that the server made. */
export function sideFrom(facets: Facet[]): Side {
  const made = new Map(facets.map((facet) => [facet.field, new Map([...facet.values.map(({ value, count }): [string, number] => [value, count]), [NONE, facet.missing]])]))
  const total = Math.max(0, ...facets.map((facet) => facet.missing + facet.values.reduce((sum, { count }) => sum + count, 0)))
  return { total, facets: made }
}

/** What is left of all when the selection is taken out. */
export function without(all: Side, some: Side): Side {
  const facets = new Map([...all.facets].map(([field, values]) => [field, new Map([...values].map(([value, count]) => [value, Math.max(0, count - (some.facets.get(field)?.get(value) ?? 0))]))]))
  return { total: Math.max(0, all.total - some.total), facets }
}

/** The values that differ most, a field at most three times. */
export function differences(here: Side, there: Side): Difference[] {
  const found: Difference[] = []
  for (const [field, values] of here.facets) {
    const others = there.facets.get(field) ?? new Map<string, number>()
    const distinct = [...values.keys()].filter((value) => value !== NONE).length
    if (here.total > 4 && distinct > here.total * MOST_DISTINCT) continue
    const own: Difference[] = [...new Set([...values.keys(), ...others.keys()])].map((value) => {
      const [a, b] = [(values.get(value) ?? 0) / Math.max(1, here.total), (others.get(value) ?? 0) / Math.max(1, there.total)]
      return { field, value: value === NONE ? null : value, here: a, there: b, by: Math.abs(a - b), also: [] }
    })
    const most = own.filter(({ by }) => by >= LEAST_SHARE).sort((a, b) => b.by - a.by || Number(a.value === null) - Number(b.value === null))
    // Of two values one tells all: what the one gains the other loses.
    found.push(...most.slice(0, own.filter(({ here, there }) => here + there > 0).length <= 2 ? 1 : 2))
  }
  return together(found.sort((a, b) => b.by - a.by)).slice(0, MOST_SHOWN)
}

/** Fields that are absent together, or whose one value comes and goes together, are one difference. */
function together(found: Difference[]): Difference[] {
  const known = new Map<string, Difference>()
  return found.filter((one) => {
    const sign = `${one.value === null} ${one.here.toFixed(3)} ${one.there.toFixed(3)}`
    const first = known.get(sign)
    first?.also.push(one.value === null ? one.field : `${one.field}: ${one.value}`)
    if (!first) known.set(sign, one)
    return !first
  })
}
