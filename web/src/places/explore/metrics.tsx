// Metrics: which there are, and one over time, split and filtered.
import { Link } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Problem } from '../../api/client'
import { type Range, resolve, useRange } from '../../app/time'
import { useUrl } from '../../app/url'
import { Button, Empty, Shown, Trouble, Waiting } from '../../parts/basic'
import { Chart, Legend, type Mark } from '../../parts/chart'
import { Doing, Stopped } from '../../parts/doing'
import { many, read } from '../../parts/number'
import { RangePicker, Share } from '../../parts/range'
import { greatest, MOST_LINES } from '../../parts/series'
import { T } from '../../parts/text'
import { At, clock, span } from '../../parts/time'
import { unitOf } from '../../parts/unit'
import { Bar } from './bar'
import { aggregates, type Asked, type Metric, unitAfter, useChanges, useMetrics, values, type Values } from './metrics-ask'
import { GroupBy, List } from './metrics-choose'
import { useNarrow } from './narrow'
import { NoneYet } from './none-yet'
import './metrics.css'

const STEPS = ['10s', '30s', '1m', '5m', '15m', '1h', '6h', '1d']

export default function Metrics() {
  const [url, set] = useUrl()
  const [range, setRange] = useRange()
  const known = useMetrics(range)
  return (
    <div className="metrics">
      <Shown of={known} lines={8}>
        {(metrics) => {
          if (metrics.length === 0) return <NoneYet what="metrics" table="metrics" again="metrics" wider={() => setRange({ from: 'now-7d', to: 'now' })} />
          const metric = metrics.find(({ name }) => name === url.metric) ?? (url.metric ? undefined : metrics[0])
          return (
            <>
              <List metrics={metrics} chosen={url.metric ?? metrics[0]!.name} choose={(name) => set({ metric: name, agg: undefined, by: undefined, query: undefined })} />
              {metric ? <One key={metric.name} metric={metric} range={range} setRange={setRange} />
                : metrics.every(({ own }) => own) ? <div className="metrics-one"><NoneYet what="metrics" table="metrics" again="metrics" wider={() => setRange({ from: 'now-7d', to: 'now' })} /></div>
                : <Empty title="No value of it in this range"><p>Nobody sent <code><T>{url.metric}</T></code> between {clock(resolve(range.from))} and {range.to === 'now' ? 'now' : clock(resolve(range.to))}.</p><Button onClick={() => setRange({ from: 'now-7d', to: 'now' })}>Last 7 days</Button></Empty>}
            </>
          )
        }}
      </Shown>
    </div>
  )
}

function One({ metric, range, setRange }: { metric: Metric; range: Range; setRange: (range: Partial<Range>) => void }) {
  const [url, set] = useUrl()
  const client = useQueryClient()
  const narrow = useNarrow()
  const [hidden, setHidden] = useState<Set<string>>(new Set())
  const usual = aggregates(metric)
  const agg = url.agg && usual.includes(url.agg) ? url.agg : usual[0]!
  const asked: Asked = { metric: metric.name, agg, by: url.by ?? '', step: url.step ?? '', query: url.query ?? '', range }
  const key = ['metric-values', asked]
  const told = useQuery<Values, Problem>({ queryKey: key, queryFn: ({ signal }) => values(asked, signal), retry: false, placeholderData: (before) => before })
  const changes = useChanges(range)
  const unit = unitAfter(agg, unitOf(metric.name, metric.unit))
  return (
    <section className="metrics-one" aria-label={metric.name}>
      <div className="row">
        <h2><T>{metric.name}</T></h2>
        <span className="soft"><T>{[metric.kind.replace('_', ' '), metric.unit && metric.unit !== '1' ? metric.unit : '', metric.description].filter(Boolean).join(', ')}</T></span>
        <span className="grow" />
        {told.isFetching && <Doing what="Reading" cancel={() => void client.cancelQueries({ queryKey: key })} />}
        <RangePicker range={range} set={setRange} />
        <Share short={narrow} />
      </div>
      <div className="row">
        <label className="metrics-pick">Value <select className="select" value={agg} onChange={(event) => set({ agg: event.target.value === usual[0] ? undefined : event.target.value })}>{usual.map((one) => <option key={one}>{one}</option>)}</select></label>
        <label className="metrics-pick">Step <select className="select" value={asked.step} onChange={(event) => set({ step: event.target.value })}><option value="">automatic</option>{STEPS.map((one) => <option key={one}>{one}</option>)}</select></label>
        <Bar table="metrics" query={asked.query} error={told.error} wrong={asked.query} search={(query) => set({ query })} />
      </div>
      <GroupBy metric={metric.name} range={range} chosen={asked.by ? asked.by.split(',') : []} choose={(by) => set({ by: by.join(',') })} />
      {told.error && <Trouble error={told.error} />}
      {told.data ? (
        <Drawn data={told.data} label={`${agg} of ${metric.name}`} unit={unit} marks={changes.data ?? []} hidden={hidden} hide={setHidden} zoom={(from, to) => setRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })} />
      ) : told.isFetching ? <Waiting lines={6} /> : !told.error && <Stopped again={() => void told.refetch()} />}
    </section>
  )
}

interface DrawnGiven { data: Values; label: string; unit: string; marks: Mark[]; hidden: Set<string>; hide: (hidden: Set<string>) => void; zoom: (from: number, to: number) => void }

function Drawn({ data, label, unit, marks, hidden, hide, zoom }: DrawnGiven) {
  const series = useMemo(() => greatest(data.series), [data])
  if (series.length === 0) return <p className="soft">No point of it fits in this range: take a wider one, or take out the filter.</p>
  return (
    <>
      <p className="told" role="status">{many(data.series.length, 'series', 'series')}{data.series.length > MOST_LINES && `, the ${MOST_LINES} greatest shown`}, {many(data.points, 'value')}, one each {span(data.stepMs)}, in {Math.round(data.tookMs)} ms{read(data.read)}{data.truncated && '; cut: the newest are not here, take a longer step'}</p>
      <Chart label={label} times={data.times} series={series} unit={unit} range={data.range} marks={marks} hidden={hidden} height={300} zoom={zoom} />
      <Legend series={series} unit={unit} hidden={hidden} hide={hide} />
      {marks.length > 0 && (
        <details className="metrics-changes">
          <summary>{many(marks.length, 'change')} in this range, marked in the chart</summary>
          <ul>{marks.map((mark) => <li key={`${mark.at} ${mark.label}`}><At at={mark.at} /> <Link to="/explore" search={{ query: '', from: new Date(mark.at - AROUND_MS).toISOString(), to: new Date(mark.at + AROUND_MS).toISOString() } as never}><T>{mark.label}</T></Link></li>)}</ul>
        </details>
      )}
    </>
  )
}
/** Logs around a change. */
const AROUND_MS = 600_000
