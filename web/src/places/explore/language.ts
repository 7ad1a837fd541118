// Writing the search language: values in quotes where they need them, conditions put in and taken out.
const PLAIN = /^[\p{L}\p{N}_.@]+$/u
const KEPT = new Set(['and', 'or', 'not', 'missing'])

/** A value as it must be written to be read back as itself. */
export function quote(value: string): string {
  if (PLAIN.test(value) && !value.includes('..') && !KEPT.has(value.toLowerCase())) return value
  return `"${value.replace(/["\\]/g, (one) => `\\${one}`)}"`
}
/** The condition that a field has a value; null is that it has none. */
export const is = (field: string, value: string | null) => (value === null ? `missing:${field}` : `${field}:${quote(value)}`)
export const isNot = (field: string, value: string | null) => (value === null ? `${field}:*` : `-${field}:${quote(value)}`)

interface Word { text: string; start: number; depth: number }
/** The words of a query up to its first pipe: a quoted text or a regular expression is part of its word. Parentheses are depth. */
function words(query: string): { words: Word[]; end: number } {
  const found: Word[] = []
  let [word, depth, at] = ['', 0, 0]
  const finish = () => {
    if (word) found.push({ text: word, start: at - word.length, depth })
    word = ''
  }
  while (at < query.length) {
    const one = query[at]!
    // A value from `/` to the next one is a regular expression if nothing follows it; else it is a path.
    const whole = one === '"' ? /"(?:\\.|[^"\\])*"?/y : one === '/' && (word === '' || /[:=]$/.test(word)) ? /\/(?:\\.|[^\\/])*\/(?=[\s)]|$)/y : one === '\\' ? /\\./y : undefined
    if (whole) whole.lastIndex = at
    const match = whole?.exec(query)?.[0]
    if (match) {
      word += match
      at += match.length
      continue
    }
    if (one === '|') break
    if (/[\s()]/.test(one)) {
      finish()
      depth += one === '(' ? 1 : one === ')' ? -1 : 0
    } else word += one
    at++
  }
  finish()
  return { words: found, end: at }
}

/** A query cut at its first pipe. */
export function cut(query: string): { filter: string; pipes: string } {
  const { end } = words(query)
  return { filter: query.slice(0, end).trim(), pipes: query.slice(end) }
}
/** Whether a filter has an `OR` of its own, which binds weaker than what would be added. */
const loose = (filter: string) => words(filter).words.some(({ text, depth }) => depth === 0 && text.toLowerCase() === 'or')
const find = (query: string, term: string) => (loose(query) ? undefined : words(query).words.find(({ text, depth }) => depth === 0 && text === term))
/** Whether a condition stands in a query, by itself. */
export const has = (query: string, term: string) => find(query, term) !== undefined

function join(filter: string, pipes: string): string {
  return [filter, pipes].filter(Boolean).join(' ')
}
/** The query with a condition more; the contrary one is taken out. */
export function add(query: string, term: string, contrary?: string): string {
  if (has(query, term)) return query
  const { filter, pipes } = cut(contrary && has(query, contrary) ? drop(query, contrary) : query)
  return join(both(filter === '*' ? '' : filter, term), pipes)
}
/** The query without a condition. */
export function drop(query: string, term: string): string {
  const word = find(query, term)
  return word ? join(query.slice(0, word.start).trimEnd(), query.slice(word.start + term.length).trimStart()) : query
}
/** What holds both: an empty one is everything. */
export const both = (filter: string, term: string) => (filter ? (loose(filter) ? `(${filter}) ${term}` : `${filter} ${term}`) : term)

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** Places in a query are told in bytes of UTF-8; those of a text here are units of UTF-16. */
export const toBytes = (text: string, at: number) => encoder.encode(text.slice(0, at)).length
export const fromBytes = (text: string, at: number) => decoder.decode(encoder.encode(text).slice(0, at)).length
