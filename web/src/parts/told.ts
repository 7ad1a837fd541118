// Changes that two sources tell of, such as a pipeline and telemetry that saw the new version, are one.
import { type Instant, millis } from './time'

/** As the server counts, for suspects and the measures of delivery. */
const SAME_MS = 3_600_000

interface Told { at: Instant; kind: string; entity: string; version: string | null; environment: string | null }

/** Each change once, as the first who told of it says: that is when it was. The order stays. */
export function toldOnce<One extends Told>(all: One[]): One[] {
  const last = new Map<string, number>()
  const kept = new Set<One>()
  for (const one of all.toSorted((a, b) => millis(a.at) - millis(b.at))) {
    const name = [one.kind, one.entity, one.version, one.environment].join('\n')
    const before = one.version === null ? undefined : last.get(name)
    if (before !== undefined && millis(one.at) - before < SAME_MS) continue
    last.set(name, millis(one.at))
    kept.add(one)
  }
  return all.filter((one) => kept.has(one))
}
