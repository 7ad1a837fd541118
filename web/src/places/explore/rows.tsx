// The lines that were found, in columns that one chooses.
import { type ReactNode, useMemo } from 'react'
import { Grid, type GridColumn } from '../../parts/grid'
import { Icon } from '../../parts/icon'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'
import { add, cut, is } from './language'
import { SeverityMark } from './severity'
import { idOf, type Row, severityOf, shown, valueOf } from './shapes'

export const USUAL_COLUMNS = ['level', 'service', 'message']
/** How much of a text a cell holds: more is never in sight. */
const CELL = 600
const WIDTHS: Record<string, string> = { level: '76px', severity: '76px', service: 'minmax(80px, 130px)', message: 'minmax(240px, 6fr)', body: 'minmax(240px, 6fr)', trace_id: '150px', 'http.response.status_code': '90px', 'http.request.method': '80px' }
const NAMES: Record<string, string> = { 'http.response.status_code': 'status', 'http.request.method': 'method' }

interface Given {
  rows: Row[]
  columns: string[]
  hide: (column: string) => void
  narrow: boolean
  tall: boolean
  /** Whether the range is longer than a day, so that times need their date. */
  dated: boolean
  open: (row: Row) => void
  opened: string | undefined
  chosen: Set<string>
  choose: (id: string) => void
  more?: () => void
  onScroll?: (top: number) => void
}

export function Rows({ rows, columns, hide, narrow, tall, dated, open, opened, chosen, choose, more, onScroll }: Given) {
  const grid = useMemo((): GridColumn<Row>[] => {
    const time: GridColumn<Row> = { id: 'time', head: 'Time', width: narrow ? '74px' : dated ? '172px' : '102px', cell: (row) => <At at={row.timestamp} date={dated && !narrow} ms={!narrow} />, className: 'explore-time' }
    const mark: GridColumn<Row> = { id: 'chosen', head: <span className="hidden-visually">Chosen</span>, width: '30px', cell: (row) => <input type="checkbox" aria-label="Choose this line" checked={chosen.has(idOf(row))} onChange={() => choose(idOf(row))} /> }
    // A narrow screen shows when, how bad and what.
    const names = narrow ? ['level', 'message'] : columns
    return [...(narrow ? [] : [mark]), time, ...names.map((name) => column(name, narrow, hide))]
  }, [columns, narrow, dated, chosen, choose, hide])
  return (
    <Grid label="Lines" rows={rows} columns={grid} id={idOf} open={open} opened={opened} chosen={chosen} choose={choose} {...(more ? { more } : {})} {...(onScroll ? { onScroll } : {})}
      rowHeight={tall ? 44 : 26} rowClass={(row) => `explore-line ${severityOf(row)}${tall ? ' tall' : ''}`} />
  )
}

function column(name: string, narrow: boolean, hide: (column: string) => void): GridColumn<Row> {
  const cell = (row: Row): ReactNode => {
    if (name === 'level' || name === 'severity') return <SeverityMark of={severityOf(row)} word={!narrow} />
    const text = shown(valueOf(row, name))
    return text === '' ? <span className="soft">–</span> : <T most={CELL}>{text}</T>
  }
  const head = (
    <span className="explore-head">
      <span className="cut" title={plain(name)}><T>{NAMES[name] ?? name}</T></span>
      {!narrow && <button type="button" aria-label={`Hide the column ${plain(name)}`} title="Hide" onClick={() => hide(name)}><Icon name="close" /></button>}
    </span>
  )
  const level = name === 'level' || name === 'severity'
  return { id: name, head: narrow && level ? '' : head, cell, width: narrow && level ? '24px' : (WIDTHS[name] ?? 'minmax(90px, 1.2fr)'), ...(name === 'message' || name === 'body' ? { className: 'mono' } : narrow && level ? { className: 'explore-mark-only' } : {}) }
}

/** Fields that a first pipe makes groups of. */
function groups(query: string): string[] {
  const first = cut(query).pipes.split('|')[1] ?? ''
  const [, top] = /^\s*top\s+\d+\s+(\S+)\s*$/i.exec(first) ?? []
  const [, by] = /\sby\s+(.+)$/i.exec(first) ?? []
  return top ? [top] : (by ?? '').split(',').map((name) => name.trim()).filter(Boolean)
}

/** The answer of a search with pipes: whatever columns it has. Opening a group searches for its lines. */
export function Piped({ rows, columns, query, search }: { rows: Row[]; columns: { name: string; type: string }[]; query: string; search: (query: string) => void }) {
  const grid = useMemo((): GridColumn<[Row, number]>[] => columns.map(({ name, type }) => {
    const numeric = /int|double|float/.test(type)
    return {
      id: name,
      head: <T>{name}</T>,
      width: numeric ? '110px' : type === 'timestamp' ? '190px' : name === 'body' ? 'minmax(200px, 6fr)' : 'minmax(100px, 320px)',
      cell: ([row]) => {
        const value = row[name]
        if (value === null || value === undefined) return <span className="soft">–</span>
        return type === 'timestamp' ? <At at={shown(value)} ms /> : <T most={CELL}>{typeof value === 'number' && !name.endsWith('_id') ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : shown(value)}</T>
      },
      ...(numeric ? { className: 'num' } : {}),
    }
  }), [columns])
  const numbered = useMemo(() => rows.map((row, index): [Row, number] => [row, index]), [rows])
  const named = groups(query).filter((name) => columns.some((column) => column.name === name))
  const open = ([row]: [Row, number]) => search(named.reduce((text, name) => add(text, is(name, row[name] === undefined || row[name] === null ? null : shown(row[name]))), cut(query).filter))
  return <Grid label="Answer" rows={numbered} columns={grid} id={([, index]) => String(index)} rowHeight={26} {...(named.length > 0 ? { open } : {})} />
}
