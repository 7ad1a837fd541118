// What a statement answered: rows, a chart, a file.
import { useMemo, useState } from 'react'
import type { TableAnswer } from '../../api/ask'
import { post } from '../../api/client'
import { useRange } from '../../app/time'
import { useUrl } from '../../app/url'
import { Button, Facts } from '../../parts/basic'
import { Chart, Legend } from '../../parts/chart'
import { Drawer } from '../../parts/drawer'
import { bytes, count, many } from '../../parts/number'
import { drawn, isTime, NamedBars, ResultGrid, shownCell } from '../../parts/result'
import { greatest, MOST_LINES } from '../../parts/series'
import { T } from '../../parts/text'
import { say } from '../../parts/toast'
import { MOST_ROWS } from './sql'

/** To begin with: questions that people ask. */
const EXAMPLES: [string, string][] = [
  ['Errors by service', "SELECT service_name, count(*) AS errors\nFROM logs\nWHERE severity_number >= 17 AND timestamp >= $from AND timestamp < $to\nGROUP BY 1 ORDER BY 2 DESC"],
  ['Requests over time', "SELECT date_bin($step, timestamp) AS time, service_name, count(*) / $seconds AS per_second\nFROM spans\nWHERE kind = 'server' AND timestamp >= $from AND timestamp < $to\nGROUP BY 1, 2 ORDER BY 1"],
  ['Slowest routes', "SELECT service_name, name, count(*) AS calls, round(approx_percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ns) / 1e6, 1) AS p95_ms\nFROM spans\nWHERE kind = 'server' AND timestamp >= $from AND timestamp < $to\nGROUP BY 1, 2 ORDER BY 4 DESC LIMIT 20"],
  ['Changes and who answers for them', "SELECT c.at, c.kind, c.entity, c.version, c.environment, o.owner\nFROM changes c LEFT JOIN owners o ON o.entity_kind = c.entity_kind AND o.entity = c.entity AND o.layer = ''\nORDER BY c.at DESC LIMIT 50"],
]

interface Given { answer: TableAnswer | undefined; run: { text: string; sql: string } | undefined; doing: boolean; stopped: boolean; use: (text: string) => void }

export function Result({ answer, run, doing, stopped, use }: Given) {
  const [url, set] = useUrl()
  const [, setRange] = useRange()
  const [hidden, setHidden] = useState<Set<string>>(new Set())
  const chart = useMemo(() => answer && drawn(answer), [answer])
  const asChart = url.view === 'chart' && chart !== undefined
  const series = useMemo(() => (chart?.kind === 'time' ? greatest(chart.series) : []), [chart])
  if (stopped) return <p className="soft">Stopped; the server was told. Run it again when you like.</p>
  if (!answer) return doing || run ? null : <Examples use={use} />
  const opened = url.row === undefined ? undefined : answer.rows[Number(url.row)]
  return (
    <>
      <div className="row sql-told">
        <span className="told" role="status">{answer.more ? `the first ${count(answer.rows.length)} rows; there are more` : many(answer.rows.length, 'row')}, in {Math.round(answer.tookMs)} ms{answer.read !== undefined && `, ${bytes(answer.read)} read`}</span>
        {chart && <span className="buttons" role="group" aria-label="Shown as"><Button on={!asChart} onClick={() => set({ view: undefined })}>Table</Button><Button on={asChart} onClick={() => set({ view: 'chart' })}>Chart</Button></span>}
        {run && <Download run={run.sql} />}
      </div>
      {asChart && chart.kind === 'time' && (
        <div className="sql-chart">
          <Chart label="The result over time" times={chart.times} series={series} hidden={hidden} height={280} zoom={(from, to) => setRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })} />
          {chart.series.length > MOST_LINES && <p className="soft small">The {MOST_LINES} greatest of {count(chart.series.length)} series.</p>}
          <Legend series={series} hidden={hidden} hide={setHidden} sums />
        </div>
      )}
      {asChart && chart.kind === 'bars' && <div className="sql-chart"><NamedBars names={chart.names} values={chart.values} /></div>}
      {!asChart && answer.rows.length > 0 && <ResultGrid answer={answer} label="Result" open={(at) => set({ row: String(at) }, { push: false })} opened={opened && Number(url.row)} />}
      {answer.rows.length === 0 && <p className="soft">The statement is right, and no row fits. {run && /\$from/.test(run.text) && <Button onClick={() => setRange({ from: 'now-7d', to: 'now' })}>Last 7 days</Button>}</p>}
      {opened && (
        <Drawer title={`Row ${Number(url.row) + 1}`} onClose={() => set({ row: undefined }, { push: false })}>
          <Facts rows={answer.columns.map((column, at) => [<T key={at}>{column.name}</T>, <Whole key={at} value={opened[at]} column={column} />])} />
        </Drawer>
      )}
    </>
  )
}

/** A value in full; JSON is laid out. */
function Whole({ value, column }: { value: TableAnswer['rows'][number][number] | undefined; column: TableAnswer['columns'][number] }) {
  if (typeof value !== 'string' || isTime(column)) return <>{shownCell(value, column)}</>
  if (/^[[{]/.test(value)) {
    try {
      return <pre className="source" tabIndex={0}><T>{JSON.stringify(JSON.parse(value), null, 2)}</T></pre>
    } catch {
      // It only looked like JSON.
    }
  }
  return <span className="wrap"><T>{value}</T></span>
}

function Download({ run }: { run: string }) {
  const [doing, setDoing] = useState<AbortController>()
  const load = async () => {
    const control = new AbortController()
    setDoing(control)
    try {
      const text = (await post('/api/v1/sql' as never, { sql: run, format: 'csv' } as never, { signal: control.signal })) as unknown as string
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
      link.download = `tandem-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.csv`
      link.click()
      URL.revokeObjectURL(link.href)
    } catch (error) {
      if (!control.signal.aborted) say(error instanceof Error ? error.message : String(error))
    }
    setDoing(undefined)
  }
  return doing ? <Button onClick={() => doing.abort()}>Stop the file</Button> : <Button onClick={() => void load()} title="All rows, not only those shown">CSV</Button>
}

function Examples({ use }: { use: (text: string) => void }) {
  return (
    <div className="empty">
      <h2>One SELECT over what you may see</h2>
      <p>Logs, spans and metrics join findings, changes, entities, owners, alerts and controls. Completion knows the columns and attributes; nothing can be written. At most {count(MOST_ROWS)} rows are shown.</p>
      <div className="row">{EXAMPLES.map(([name, text]) => <Button key={name} onClick={() => use(text)}>{name}</Button>)}</div>
    </div>
  )
}
