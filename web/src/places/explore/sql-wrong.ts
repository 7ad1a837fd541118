// Where a statement is wrong, as the server tells it: line and column, bytes, or the name alone.
import { Problem } from '../../api/client'
import type { Filled } from '../../api/fill'
import type { Wrong } from './sql-editor'

type Where = { line?: number; column?: number; start?: number; end?: number; byte?: number } | null | undefined

export function placeOf(problem: Problem, filled: Filled): Wrong | undefined {
  const where = problem.where as Where
  const { text } = filled
  let at: number | undefined
  if (where?.line !== undefined && where.column !== undefined) at = offsetOf(text, where.line, where.column)
  else if (where?.start !== undefined || where?.byte !== undefined) at = charOf(text, where.start ?? where.byte!)
  else at = namedIn(problem.message, text)
  if (at === undefined || at > text.length) return undefined
  const word = /^(?:[\w.]+|\S)/.exec(text.slice(at))
  const from = filled.back(at)
  return { from, to: Math.max(from + 1, filled.back(at + (word?.[0].length ?? 1))) }
}

/** What the server says, in short; the columns that there are come below it. */
export function briefly(error: unknown): unknown {
  if (!(error instanceof Problem)) return error
  const [said = '', columns] = error.message.replace(/^Schema error: /, '').split(/\s+Valid fields are\s+/)
  return columns ? new Problem(error.status, said, `There are: ${columns}`) : error
}

function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  return lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1
}

const charOf = (text: string, byte: number) => new TextDecoder().decode(new TextEncoder().encode(text).slice(0, byte)).length

/** Of a column or table that there is not, only the name is told. */
function namedIn(message: string, text: string): number | undefined {
  const name = /(?:No field named|table|function) ['"]?((?:tandem\.public\.)?[\w."]+?)['"]?(?:\.?\s|\.?$|')/i.exec(message)?.[1]?.replace(/^tandem\.public\.|"/g, '')
  const at = name ? new RegExp(`\\b${name.split('.').at(-1)!.replace(/[^\w]/g, '\\$&')}\\b`, 'i').exec(text)?.index : undefined
  return at
}
