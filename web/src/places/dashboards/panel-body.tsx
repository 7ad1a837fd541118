// What a panel shows: a number, a chart, rows, events.
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Cell, Column as Asked, EventRow } from '../../api/ask'
import { Chart, Legend } from '../../parts/chart'
import { short } from '../../parts/entity'
import { isNumber, isTime, NamedBars, shownCell } from '../../parts/result'
import { areas, greatest, MOST_LINES, type Series } from '../../parts/series'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'
import { inUnit } from '../../parts/unit'
import type { Got, Told } from './panel-ask'
import type { PanelOf } from './shapes'

interface Given { told: Told; panel: PanelOf; range: [number, number]; sync: string; zoom: (from: number, to: number) => void }
const NOTHING = 'Nothing in this range.'

export function Body({ told, panel, range, sync, zoom }: Given) {
  const { got } = told
  if (got.kind === 'number') return <Figure got={got} />
  if (got.kind === 'chart') return got.series.length === 0 ? <None panel={panel} /> : <Drawn got={got} panel={panel} range={range} sync={sync} zoom={zoom} />
  if (got.kind === 'named') return got.names.length === 0 ? <None panel={panel} /> : <NamedBars names={got.names} values={got.values} tell={(value) => inUnit(value, panel.unit ?? '')} />
  if (got.kind === 'events') return got.rows.length === 0 ? <None panel={panel} /> : <Events rows={got.rows} label={panel.title} table={panel.table ?? 'logs'} />
  return got.answer.rows.length === 0 ? <None panel={panel} /> : <Rows answer={got.answer} label={panel.title} />
}

/** Why a panel is empty: a metric that nobody sends is named. */
function None({ panel }: { panel: PanelOf }) {
  return <p className="soft">{panel.metric ? <>No value of <code><T>{panel.metric}</T></code> in this range: either nothing that is chosen sends it, or the range is too narrow.</> : NOTHING}</p>
}

function Figure({ got }: { got: Got & { kind: 'number' } }) {
  const line = got.line.map((value) => value ?? 0)
  const greatest = Math.max(...line, 0) || 1
  const points = line.map((value, at) => `${(100 * at) / Math.max(1, line.length - 1)},${24 - (22 * value) / greatest}`).join(' ')
  return (
    <div className="panel-figure">
      <b>{inUnit(got.value, got.unit)}</b>
      {line.length > 1 && <svg viewBox="0 0 100 26" preserveAspectRatio="none" aria-hidden="true"><polyline points={points} /></svg>}
    </div>
  )
}

/** HTTP statuses and severities say by their names how bad they are. */
const MEANT: [RegExp, string][] = [
  [/^5(\d\d|xx)$|^(fatal|error|critical|refused|failed)$/i, '--critical'],
  [/^4(\d\d|xx)$|^warn(ing)?$/i, '--high'],
  [/^3(\d\d|xx)$/, '--low'],
  [/^2(\d\d|xx)$|^(accepted|ok)$/i, '--good'],
  [/^info$/i, '--accent'],
  [/^(debug|trace)$/i, '--informational'],
  [/^\(none\)$/i, '--edge-strong'],
]
const coloured = (series: Series[]): Series[] => {
  const named = series.map((one) => ({ ...one, colour: MEANT.find(([pattern]) => pattern.test(one.name))?.[1] }))
  // One colour for several would hide them in each other.
  const colours = named.map(({ colour }) => colour)
  return new Set(colours).size === series.length && !colours.includes(undefined) ? (named as Series[]) : series
}

function Drawn({ got, panel, range, sync, zoom }: { got: Got & { kind: 'chart' }; panel: PanelOf; range: [number, number]; sync: string; zoom: (from: number, to: number) => void }) {
  const [hidden, setHidden] = useState<Set<string>>(new Set())
  const series = useMemo(() => coloured((got.bars ? areas : greatest)(got.series)), [got])
  return (
    <>
      <Chart label={panel.title} times={got.times} series={series} unit={got.unit} kind={got.bars ? 'bars' : 'lines'} stacked={got.bars} range={range} height={170} hidden={hidden} sync={sync} zoom={zoom} />
      {!got.bars && series.length < got.series.length && <p className="soft small">The {MOST_LINES} greatest of {got.series.length}.</p>}
      {(series.length > 1 || got.bars) && <Legend series={series} unit={got.unit} hidden={hidden} hide={setHidden} sums={got.bars} />}
    </>
  )
}

/** A name of SQL as it is read: `used_percent` is `Used percent`. */
const read = (name: string) => name.replaceAll('_', ' ').replace(/^[a-z]/, (first) => first.toUpperCase())
/** Numbers that name something are no amounts. */
const NAMES = /(^|_)(id|pid|port|code|status)$/
const cellOf = (value: Cell | undefined, column: Asked) => {
  if (value === null || value === undefined) return <span className="soft">–</span>
  if (typeof value === 'string' && short(value) !== value) return <span title={plain(value)}><T>{short(value)}</T></span>
  return typeof value === 'number' && !NAMES.test(column.name) ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : shownCell(value, column, false)
}

/** A column of so short values is read in one line; what is longer breaks, and has room to. */
const SHORT = 28
interface Row { at: number; cells: Cell[] }
function Rows({ answer, label }: { answer: (Got & { kind: 'table' })['answer']; label: string }) {
  const rows = answer.rows.map((cells, at): Row => ({ at, cells }))
  const columns = answer.columns.map((column, at): Column<Row> => ({
    id: String(at),
    head: <span title={plain(column.name)}><T>{read(column.name)}</T></span>,
    className: isNumber(column) ? 'num' : isTime(column) || answer.rows.every((cells) => short(String(cells[at] ?? '')).length <= SHORT) ? 'nowrap' : 'panel-long',
    sort: ({ cells }) => (typeof cells[at] === 'number' ? (cells[at] as number) : String(cells[at] ?? '')),
    cell: ({ cells }) => cellOf(cells[at], column),
  }))
  return <div className="panel-rows"><Table label={label} rows={rows} columns={columns} id={({ at }) => String(at)} keys={false} /></div>
}

const text = (value: unknown) => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value))
const MINUTE_MS = 60_000

function Events({ rows, label, table }: { rows: EventRow[]; label: string; table: string }) {
  const around = (row: EventRow) => {
    const at = Date.parse(text(row.timestamp))
    return { from: new Date(at - MINUTE_MS).toISOString(), to: new Date(at + MINUTE_MS).toISOString() }
  }
  const columns: Column<EventRow>[] = [
    { id: 'at', head: 'Time', className: 'nowrap', width: '150px', sort: (row) => text(row.timestamp), cell: (row) => (table === 'logs' ? <Link to="/explore" search={{ ...around(row), open: `${text(row.timestamp)}~${text(row.event_id)}` } as never}><At at={text(row.timestamp)} /></Link> : <At at={text(row.timestamp)} />) },
    { id: 'level', head: 'Level', width: '60px', sort: (row) => Number(row.severity_number ?? 0), cell: (row) => <T>{text(row.severity_text)}</T> },
    { id: 'service', head: 'Service', width: '130px', sort: (row) => text(row.service_name), cell: (row) => <T>{text(row.service_name)}</T> },
    { id: 'body', head: 'Text', cell: (row) => <T most={400}>{text(row.body ?? row.name)}</T> },
    ...(rows.some((row) => row.trace_id) ? [{ id: 'trace', head: '', width: '50px', cell: (row: EventRow) => (row.trace_id ? <Link to="/explore" search={{ tab: 'traces', trace: text(row.trace_id), ...around(row) } as never}>Trace</Link> : null) }] : []),
  ]
  return <div className="panel-rows"><Table label={label} rows={rows} columns={columns} id={(row) => text(row.event_id)} keys={false} /></div>
}
