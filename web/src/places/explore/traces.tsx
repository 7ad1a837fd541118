// Looking for traces: by what their spans say, how long they took, whether they failed.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useGet } from '../../api/queries'
import { absolute, type Range, useRange } from '../../app/time'
import { useUrl } from '../../app/url'
import { Button, Empty, Trouble, Waiting } from '../../parts/basic'
import { Chart } from '../../parts/chart'
import { Doing, Stopped } from '../../parts/doing'
import { Grid, type GridColumn } from '../../parts/grid'
import { Icon } from '../../parts/icon'
import { bytes, count, duration, many } from '../../parts/number'
import { RangePicker, Share } from '../../parts/range'
import type { Series } from '../../parts/series'
import { plain, T } from '../../parts/text'
import { At, clock } from '../../parts/time'
import { type Filter, type Found, findTraces, type Traces as Answer } from './traces-find'
import { Bar } from './bar'
import { useNarrow } from './narrow'
import { NoneYet } from './none-yet'
import './traces.css'

export default function Traces() {
  const [url, set] = useUrl()
  const [range, setRange] = useRange()
  const client = useQueryClient()
  const query = url.query ?? ''
  const roots = url.spans ? url.spans === 'roots' : !query && !url.service
  // Whoever looks for something means all that fits; whoever only looks does not mean Tandem's own requests.
  const own = url.own === '1' || Boolean(query || url.service)
  const filter: Filter = { query, roots, own, least: url.least ?? '', most: url.most ?? '', failed: url.failed === '1', service: url.service ?? '', slowest: url.order === 'took' }
  const key = ['traces', filter, range]
  const asked = useQuery<Answer>({ queryKey: key, queryFn: ({ signal }) => findTraces(filter, range, signal), retry: false, placeholderData: (before) => before })
  const change = (next: Record<string, string | undefined>) => set({ ...next, trace: undefined, span: undefined })
  return (
    <div className="traces">
      <Tools filter={filter} change={change} range={range} setRange={setRange} doing={asked.isFetching} cancel={() => void client.cancelQueries({ queryKey: key })} again={() => void asked.refetch()} error={asked.error} />
      {asked.error && <Trouble error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data ? <List data={asked.data} filter={filter} range={range} setRange={setRange} change={change} /> : asked.isPending && asked.isFetching ? <Waiting /> : !asked.error && <Stopped again={() => void asked.refetch()} />}
    </div>
  )
}

interface BarGiven { filter: Filter; change: (next: Record<string, string | undefined>) => void; range: Range; setRange: (range: Partial<Range>) => void; doing: boolean; cancel: () => void; again: () => void; error: unknown }
const DURATION = '\\s*\\d+(\\.\\d+)?\\s*(ns|us|ms|s|m|h)\\s*'

function Tools({ filter, change, range, setRange, doing, cancel, again, error }: BarGiven) {
  const services = useGet('/api/v1/facets', { query: { fields: 'service', table: 'spans', ...(range.to === 'now' ? { from: range.from } : absolute(range)), limit: 200 } as never }, { keep: true })
  const narrow = useNarrow()
  const names: string[] = ((services.data as any)?.facets?.[0]?.values ?? []).map((one: { value: string }) => one.value)
  if (filter.service && !names.includes(filter.service)) names.push(filter.service)
  return (
    <>
      <div className="explore-top">
        <Bar table="spans" query={filter.query} error={error} wrong={filter.query} search={(query) => (query === filter.query ? again() : change({ query, spans: undefined }))} />
        <div className="row">
          <RangePicker range={range} set={setRange} />
          <Share short={narrow} />
        </div>
      </div>
      <div className="row traces-bar">
        <select className="select" aria-label="Service" value={filter.service} onChange={(event) => change({ service: event.target.value })}>
          <option value="">All services</option>
          {names.map((name) => <option key={name} value={name}>{plain(name)}</option>)}
        </select>
        <select className="select" aria-label="Which spans are looked at" title="A row is a trace in both cases" value={filter.roots ? 'roots' : 'any'} onChange={(event) => change({ spans: event.target.value })}>
          <option value="roots">By its first span</option>
          <option value="any">By any span</option>
        </select>
        <Bound label="Took at least" name="least" value={filter.least} change={change} />
        <Bound label="Took at most" name="most" value={filter.most} change={change} />
        <Button on={filter.failed} onClick={() => change({ failed: filter.failed ? undefined : '1' })}>{narrow ? 'Errors' : 'With errors'}</Button>
        {!filter.query && !filter.service && <Button on={filter.own} title="With the requests that Tandem itself answered" onClick={() => change({ own: filter.own ? undefined : '1' })}>{narrow ? 'Tandem’s own' : 'With Tandem’s own'}</Button>}
        {doing && <Doing what="Searching" cancel={cancel} />}
      </div>
    </>
  )
}

/** A duration; taken when the field is left or Enter is pressed, if it is one. */
function Bound({ label, name, value, change }: { label: string; name: string; value: string; change: BarGiven['change'] }) {
  const [text, setText] = useState(value)
  const [shown, setShown] = useState(value)
  if (shown !== value) (setShown(value), setText(value))
  const wrong = text !== '' && !new RegExp(`^${DURATION}$`).test(text)
  const take = () => !wrong && text.trim() !== value && change({ [name]: text.replace(/\s/g, '') })
  return (
    <input className="input traces-bound" aria-label={label} title={wrong ? 'A number with its unit: 250ms, 1.5s, 2m' : label} placeholder={name === 'least' ? '≥ 250ms' : '≤ 2s'} value={text} aria-invalid={wrong || undefined} onChange={(event) => setText(event.target.value)} onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && (event.preventDefault(), take())} />
  )
}

/** By how long they took, the slowest of all are asked for; else what was found is put in order. */
const ORDERS = ['at', 'took', 'spans', 'failed'] as const
type Order = (typeof ORDERS)[number]
/** What there is room for on a phone. */
const NARROW = ['at', 'name', 'took']

function List({ data, filter, range, setRange, change }: { data: Answer; filter: Filter; range: Range; setRange: (range: Partial<Range>) => void; change: BarGiven['change'] }) {
  const [url, set] = useUrl()
  const sort: Order = ORDERS.find((order) => order === url.order) ?? 'at'
  const rows = useMemo(() => [...data.traces].sort((a, b) => b[sort] - a[sort]), [data, sort])
  const longest = Math.max(1, ...rows.map(({ took }) => took))
  const narrow = useNarrow()
  const dated = !narrow && new Set(rows.map(({ at }) => new Date(at).toDateString())).size > 1
  // Of the newest, nothing before them was looked at.
  const cut = data.more && !filter.slowest && rows.length > 0 ? Math.min(...rows.map(({ at }) => at)) : undefined
  if (rows.length === 0) return <Nothing filter={filter} setRange={setRange} change={change} />
  const by = (name: Order, head: string) => ({ head: sort === name ? `${head} ↓` : head, sort: () => set({ order: name === 'at' ? undefined : name }) })
  const columns: GridColumn<Found>[] = [
    { id: 'at', ...by('at', 'Time'), width: dated ? '164px' : '84px', className: 'soft', cell: (row) => <At at={row.at} date={dated} ms={false} /> },
    { id: 'name', head: 'Trace, by its first span', width: narrow ? 'minmax(0, 1fr)' : 'minmax(180px, 2fr)', cell: (row) => <><span className="soft"><T>{row.service}</T></span> <T>{row.name}</T>{row.headless && <span className="soft" title="Its first span did not arrive"> (no root)</span>}</> },
    { id: 'took', ...by('took', 'Took'), width: narrow ? '96px' : '190px', cell: (row) => narrow ? <span className={row.failed > 0 ? 'traces-failed' : undefined}>{row.failed > 0 && <Icon name="critical" title="with errors" />}{duration(row.took)}</span> : <Took took={row.took} longest={longest} failed={row.failed > 0} /> },
    { id: 'spans', ...by('spans', 'Spans'), width: '84px', className: 'num', cell: (row) => (filter.roots ? count(row.spans) : `${count(row.hits)} of ${count(row.spans)}`) },
    { id: 'failed', ...by('failed', 'Errors'), width: '76px', cell: (row) => row.failed > 0 && <span className="traces-failed"><Icon name="critical" />{count(row.failed)}</span> },
    { id: 'services', head: 'Services', width: 'minmax(120px, 1.4fr)', cell: (row) => <span className="soft" title={plain(row.services.join(', '))}><T>{row.services.join(', ')}</T></span> },
  ]
  return (
    <>
      <Scatter rows={data.traces} range={range} cut={cut} zoom={(from, to) => setRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })} open={(id) => set({ trace: id, span: undefined })} />
      <p className="told" role="status">{foundText(data, filter, cut)}, in {Math.round(data.tookMs)} ms{data.read ? `, ${bytes(data.read)} read` : ''}</p>
      <Grid label="Traces" {...(narrow ? {} : { least: 820 })} rows={rows} columns={narrow ? columns.filter(({ id }) => NARROW.includes(id)) : columns} id={(row) => row.id} open={(row) => set({ trace: row.id, span: undefined })} opened={url.trace} />
    </>
  )
}

/** How many traces, out of what, and since when: a row is a trace, also where spans were looked for. */
function foundText({ traces, spans, matched, more }: Answer, { roots, slowest }: Filter, cut: number | undefined): string {
  const which = slowest ? 'slowest' : 'newest'
  const since = cut === undefined ? '' : `, since ${clock(cut, { date: Date.now() - cut > DAY_MS })}`
  // A first span stands for its trace.
  if (roots && traces.length === spans) return more ? `The ${which} ${count(spans)}${matched ? ` of ${count(matched)} traces` : ' traces; there are more'}${since}` : many(spans, 'trace')
  return `${many(traces.length, 'trace')} with ${more ? `the ${which} ${count(spans)}${matched ? ` of ${count(matched)}` : ''} spans that match${since}` : `${many(spans, 'span')} that ${spans === 1 ? 'matches' : 'match'}`}`
}
const DAY_MS = 86_400_000

/** A part of the longest: what is slow stands out. */
function Took({ took, longest, failed }: { took: number; longest: number; failed: boolean }) {
  return (
    <span className="traces-took">
      <span>{duration(took)}</span>
      <i><b className={failed ? 'failed' : undefined} style={{ width: `${(100 * took) / longest}%` }} /></i>
    </span>
  )
}

/** Each trace where it began and as high as it took; those that failed have another shape. */
function Scatter({ rows, range, cut, zoom, open }: { rows: Found[]; range: Range; /** Before this nothing was looked at. */ cut: number | undefined; zoom: (from: number, to: number) => void; open: (id: string) => void }) {
  const drawn = useMemo(() => {
    const order = [...rows].sort((a, b) => a.at - b.at)
    const took = (failed: boolean) => order.map((row) => (row.failed > 0 === failed ? Math.max(1, row.took) : null))
    const series: Series[] = [{ name: 'without an error', values: took(false), colour: '--accent' }, { name: 'with errors', values: took(true), colour: '--critical' }]
    return { order, times: order.map(({ at }) => at), series }
  }, [rows])
  const span = useMemo<[number, number]>(() => {
    const { from, to } = absolute(range)
    return [cut ?? Date.parse(from), Date.parse(to)]
  }, [rows, cut, range.from, range.to])
  return <Chart label="How long traces took" times={drawn.times} series={drawn.series} unit="ns" kind="points" log height={150} range={span} zoom={zoom} pick={(index) => drawn.order[index] && open(drawn.order[index].id)} />
}

function Nothing({ filter, setRange, change }: { filter: Filter; setRange: (range: Partial<Range>) => void; change: BarGiven['change'] }) {
  const plainSearch = !filter.query && !filter.service && !filter.least && !filter.most && !filter.failed
  if (plainSearch && filter.roots) return <NoneYet what="traces" table="spans" again="traces" wider={() => setRange({ from: 'now-7d', to: 'now' })} />
  return (
    <Empty title="No span matches in this range">
      {filter.roots && (filter.query || filter.service) && <p>Only the first span of each trace was looked at. <Button onClick={() => change({ spans: 'any' })}>Look at any span</Button></p>}
      <p className="row">
        <Button onClick={() => setRange({ from: 'now-24h', to: 'now' })}>Last 24 hours</Button>
        <Button onClick={() => change({ query: undefined, service: undefined, least: undefined, most: undefined, failed: undefined, spans: undefined })}>Clear all filters</Button>
      </p>
    </Empty>
  )
}
