// Tables of any columns: what a statement answers, as rows and as a chart.
import { useMemo, type ReactNode } from 'react'
import type { Cell, Column, TableAnswer } from '../api/ask'
import { Grid, type GridColumn } from './grid'
import { aligned, type Series } from './series'
import { plain, T } from './text'
import { clock, millis } from './time'
import { short } from './unit'

export const isTime = ({ type }: Column) => /^(timestamp|date)/.test(type)
export const isNumber = ({ type }: Column) => /^(tinyint|smallint|int|bigint|real|float|double|decimal|u?int)/.test(type) && !type.includes('[')

/** One value, in a line. */
export function shownCell(value: Cell | undefined, column: Column, ms = true): ReactNode {
  if (value === null || value === undefined) return <span className="soft">null</span>
  if (isTime(column)) return <span className="nowrap" title={String(value)}>{clock(value as string, { ms: ms && !/\.000/.test(String(value)) })}</span>
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)))
  return <T most={400}>{typeof value === 'string' ? value : JSON.stringify(value)}</T>
}

const MOST_CHARACTERS = 60
const LEAST_CHARACTERS = 7
const CHARACTER_PX = 7.4
/** Digits are wider than most letters. */
const DIGIT_PX = 8.4
/** A text may be so much wider than its longest value: beyond, a number would stand far from its name. */
const LOOSE = 1.5
const LOOKED_AT = 60

/** As wide as its first rows want, within reason. */
function widthOf(column: Column, rows: Cell[][], at: number): number {
  if (isTime(column)) return 192
  const longest = rows.slice(0, LOOKED_AT).reduce((most, row) => Math.max(most, String(row[at] ?? '').length), column.name.length)
  return 18 + (isNumber(column) ? DIGIT_PX : CHARACTER_PX) * Math.min(MOST_CHARACTERS, Math.max(LEAST_CHARACTERS, longest))
}

interface Numbered { at: number; cells: Cell[] }
export function ResultGrid({ answer, label, open, opened }: { answer: TableAnswer; label: string; open?: (at: number) => void; opened?: number | undefined }) {
  const rows = useMemo(() => answer.rows.map((cells, at): Numbered => ({ at, cells })), [answer])
  const [columns, least] = useMemo(() => {
    const widths = answer.columns.map((column, at) => widthOf(column, answer.rows, at))
    const columns = answer.columns.map((column, at): GridColumn<Numbered> => ({
      id: `${at}`,
      head: <span title={`${plain(column.name)}: ${column.type}`}><T>{column.name}</T></span>,
      width: isNumber(column) || isTime(column) ? `${widths[at]}px` : `minmax(${widths[at]}px, ${widths[at]! < 18 + CHARACTER_PX * MOST_CHARACTERS ? `${LOOSE * widths[at]!}px` : `${widths[at]}fr`})`,
      className: isNumber(column) ? 'num' : '',
      cell: ({ cells }) => shownCell(cells[at], column),
    }))
    return [columns, widths.reduce((sum, width) => sum + width, 0)] as const
  }, [answer])
  return <Grid label={label} rows={rows} columns={columns} least={least} id={({ at }) => String(at)} {...(open ? { open: ({ at }: Numbered) => open(at) } : {})} opened={opened === undefined ? undefined : String(opened)} />
}

export type Drawn = { kind: 'time'; times: number[]; series: Series[] } | { kind: 'bars'; names: string[]; column: string; values: number[] } | undefined

/** The chart that an answer asks for by its shape: numbers over time, by the texts beside them; else numbers by name. */
export function drawn({ columns, rows }: Pick<TableAnswer, 'columns' | 'rows'>): Drawn {
  const time = columns.findIndex(isTime)
  const numbers = columns.flatMap((column, at) => (isNumber(column) && at !== time ? [at] : []))
  const texts = columns.flatMap((_, at) => (at !== time && !numbers.includes(at) ? [at] : []))
  if (numbers.length === 0 || rows.length === 0) return undefined
  const number = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : null)
  if (time >= 0) {
    const lines = new Map<string, [number, number | null][]>()
    for (const row of rows) {
      const at = millis(row[time] as string)
      if (Number.isNaN(at)) continue
      const by = texts.map((text) => (row[text] === null ? '(none)' : String(row[text]))).join(', ')
      for (const index of numbers) {
        const name = [by, numbers.length > 1 || !by ? columns[index]!.name : ''].filter(Boolean).join(' ')
        lines.get(name)?.push([at, number(row[index])]) ?? lines.set(name, [[at, number(row[index])]])
      }
    }
    const named = [...lines].map(([name, points]) => ({ name, points }))
    // Columns keep the order that they were written in; what texts make has none.
    if (texts.length > 0) named.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    return { kind: 'time', ...aligned(named) }
  }
  if (texts.length === 0) return undefined
  return { kind: 'bars', column: columns[numbers[0]!]!.name, names: rows.map((row) => texts.map((text) => String(row[text] ?? '(none)')).join(', ')), values: rows.map((row) => number(row[numbers[0]!]) ?? 0) }
}

const MOST_BARS = 60
/** Numbers by name. */
export function NamedBars({ names, values, tell = short, most = MOST_BARS }: { names: string[]; values: number[]; tell?: (value: number) => string; most?: number }) {
  const greatest = Math.max(...values, 0) || 1
  return (
    <div className="named-bars">
      {names.slice(0, most).map((name, at) => (
        <div key={`${name} ${at}`}>
          <span className="cut" title={plain(name)}><T most={200}>{name}</T></span>
          <i><b style={{ width: `${Math.max(0, (100 * values[at]!) / greatest)}%` }} /></i>
          <span className="num">{tell(values[at]!)}</span>
        </div>
      ))}
      {names.length > most && <p className="soft small">and {names.length - most} more</p>}
    </div>
  )
}
