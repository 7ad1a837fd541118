// What may stand in a statement or a search of a dashboard for what is chosen on the page.
//
// In SQL `$from`, `$to`, `$step`, `$seconds` (of a step) and `$name` of a variable, which is text, '' for all. In a search
// `field:$name`, which becomes everything when all is chosen, and `$step`. Values are quoted: none can end what it stands in.
import { literal, quoted } from './ask'

export interface Given {
  from: number
  to: number
  values?: Record<string, string>
  /** About how many steps are wanted. */
  wanted?: number
}
export interface Filled {
  text: string
  /** Of a place in the filled text, the place in what was written. */
  back: (offset: number) => number
}

const STEPS_S = [1, 5, 10, 15, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800]
/** About as many steps as can be told apart. */
const WANTED_STEPS = 90
/** Seconds of a step that people can read. */
export function stepOf(from: number, to: number, wanted = WANTED_STEPS): number {
  const least = (to - from) / 1000 / wanted
  return STEPS_S.find((step) => step >= least) ?? 2_592_000
}
export const stepText = (seconds: number) => (seconds % 86_400 === 0 ? `${seconds / 86_400}d` : seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`)

const nanosOf = (ms: number) => `to_timestamp_nanos(${BigInt(Math.round(ms)) * 1_000_000n})`

/** Whether the range of time matters to a statement. */
export const usesRange = (text: string) => /\$(from|to|step|seconds)\b/.test(text)

export function fillSql(text: string, { from, to, values = {}, wanted }: Given): Filled {
  const step = stepOf(from, to, wanted)
  const known: Record<string, string> = { from: nanosOf(from), to: nanosOf(to), step: `INTERVAL '${step} seconds'`, seconds: `${step}.0` }
  for (const [name, value] of Object.entries(values)) known[name] ??= literal(value)
  return replaced(text, /\$([a-z_]+)\b/g, (match) => known[match[1]!])
}

/** The search with what is chosen in it. */
export function fillQuery(text: string, { from, to, values = {}, wanted }: Given): string {
  const step = stepText(stepOf(from, to, wanted))
  return replaced(text, /(-?[\w.]+:)?\$([a-z_]+)\b/g, ([, field, name]) => {
    if (name === 'step' && !field) return step
    const value = values[name!]
    if (value === undefined) return undefined
    // Everything was chosen: the whole condition falls away.
    if (value === '') return '*'
    return `${field ?? ''}${quoted(value)}`
  }).text
}

function replaced(text: string, pattern: RegExp, of: (match: RegExpMatchArray) => string | undefined): Filled {
  const moves: { at: number; end: number; source: number; sourceEnd: number }[] = []
  let [out, from] = ['', 0]
  for (const match of text.matchAll(pattern)) {
    const value = of(match)
    if (value === undefined) continue
    out += text.slice(from, match.index)
    from = match.index + match[0].length
    moves.push({ at: out.length, end: out.length + value.length, source: match.index, sourceEnd: from })
    out += value
  }
  const back = (offset: number) => {
    let shift = 0
    for (const move of moves) {
      if (offset < move.at) break
      if (offset < move.end) return move.source
      shift = move.sourceEnd - move.end
    }
    return offset + shift
  }
  return { text: out + text.slice(from), back }
}

/** The statement with values alone filled in: the range is left to whoever opens it. */
export const fillValues = (text: string, values: Record<string, string>) => replaced(text, /\$([a-z_]+)\b/g, (match) => (values[match[1]!] === undefined || RESERVED.has(match[1]!) ? undefined : literal(values[match[1]!]!))).text
const RESERVED = new Set(['from', 'to', 'step', 'seconds'])
