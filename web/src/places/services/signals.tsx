// What a thing does: requests, failures and slowness, and its logs, with its deploys as marks.
import { Link } from '@tanstack/react-router'
import { useUrl } from '../../app/url'
import { Section, Trouble } from '../../parts/basic'
import { count, duration, percent, read } from '../../parts/number'
import type { AsOf } from './asof'
import { every, telemetry, type Thing } from './entity-data'
import { Spark } from './spark'
import { type Row, useSql } from './sql'
import { clock, millis } from '../../parts/time'
import { short } from '../../parts/unit'

interface Bucket extends Row { at: string; n: number; bad: number; p95: number | null }
const WINDOWS: Record<string, { name: string; minutes: number }> = {
  '1h': { name: 'hour', minutes: 60 }, '6h': { name: '6 hours', minutes: 360 }, '24h': { name: '24 hours', minutes: 1440 }, '7d': { name: '7 days', minutes: 10_080 },
}
const BUCKETS = 60

export function SignalsOf({ thing, asOf }: { thing: Thing; asOf: AsOf }) {
  const [url, set] = useUrl()
  const id = url.window && WINDOWS[url.window] ? url.window : '1h'
  const { name, minutes } = WINDOWS[id]!
  const told = telemetry(thing)
  const within = `timestamp > ${asOf.now} - INTERVAL '${minutes} minutes' AND timestamp <= ${asOf.now}`
  const bin = `date_bin(INTERVAL '${Math.ceil((minutes * 60) / BUCKETS)} seconds', timestamp)`
  const spans = useSql<Bucket>(told && `SELECT ${bin} AS at, count(*) AS n, count(*) FILTER (WHERE status_code = 'error') AS bad, approx_percentile_cont(duration_ns, 0.95) AS p95
    FROM spans WHERE ${told.where} AND kind IN ('server', 'consumer') AND ${within} GROUP BY 1 ORDER BY 1`, { every: every(asOf), keep: true })
  const total = useSql<Bucket>(told && `SELECT '' AS at, count(*) AS n, count(*) FILTER (WHERE status_code = 'error') AS bad, approx_percentile_cont(duration_ns, 0.95) AS p95
    FROM spans WHERE ${told.where} AND kind IN ('server', 'consumer') AND ${within}`, { every: every(asOf), keep: true })
  const logs = useSql<Bucket>(told && `SELECT ${bin} AS at, count(*) AS n, count(*) FILTER (WHERE severity_number >= 17) AS bad, NULL AS p95
    FROM logs WHERE ${told.where} AND ${within} GROUP BY 1 ORDER BY 1`, { every: every(asOf), keep: true })
  if (!told) return null
  const to = asOf.iso ? Date.parse(asOf.iso) : Math.max(spans.dataUpdatedAt, logs.dataUpdatedAt) || Date.now()
  const range: [number, number] = [to - minutes * 60_000, to]
  const address = asOf.iso ? { from: new Date(range[0]).toISOString(), to: asOf.iso } : { from: `now-${id}` }
  const marks = thing.deployed.map(({ at, version, environment }) => ({ at, name: `${version} to ${environment ?? 'an environment'}` })).filter(({ at }) => millis(at) > range[0])
  const points = (rows: Bucket[] | undefined) => (rows ?? []).map(({ at, n, bad }) => ({ at: millis(at), value: n, bad }))
  const all = total.data?.rows[0]
  const bucketMinutes = Math.ceil((minutes * 60) / BUCKETS) / 60
  const aMinute = (value: number) => `${short(value / bucketMinutes)} / min`
  const lines = (logs.data?.rows ?? []).reduce((sum, { n }) => sum + n, 0)
  const errors = (logs.data?.rows ?? []).reduce((sum, { bad }) => sum + bad, 0)
  return (
    <Section title="Signals" told={spans.data && logs.data && `in ${spans.data.took + logs.data.took} ms${read((spans.data.read ?? 0) + (logs.data.read ?? 0))}`}
      aside={<select className="select" aria-label="Signals of the last" value={id} onChange={(event) => set({ window: event.target.value === '1h' ? undefined : event.target.value }, { push: false })}>{Object.entries(WINDOWS).map(([id, { name }]) => <option key={id} value={id}>Last {name}</option>)}</select>}>
      {(spans.error ?? logs.error) && <Trouble error={spans.error ?? logs.error} retry={() => void Promise.all([spans.refetch(), logs.refetch(), total.refetch()])} />}
      <div className="services-signal">
        <span className="figure"><b>{all ? `${count(Math.round((all.n / minutes) * 10) / 10)} / min` : '…'}</b><span>requests{all && all.n > 0 ? <>, <Link to="/explore" search={{ tab: 'traces', query: `${told.query} status_code:error`, ...address } as never}>{percent(all.bad / all.n)} failed</Link></> : ''}</span></span>
        <Spark label="Requests, and those that failed" bars points={points(spans.data?.rows)} range={range} marks={marks} scale={aMinute} />
      </div>
      <div className="services-signal">
        <span className="figure"><b>{all ? (all.p95 === null || all.n === 0 ? '–' : duration(all.p95)) : '…'}</b><span>95 of 100 requests are faster</span></span>
        <Spark label="p95 of requests" points={(spans.data?.rows ?? []).map(({ at, p95 }) => ({ at: millis(at), value: p95 ?? 0 }))} range={range} marks={marks} say={duration} />
      </div>
      <div className="services-signal">
        <span className="figure"><b>{logs.data ? count(lines) : '…'}</b><span>log lines{logs.data ? <>, <Link to="/explore" search={{ query: `${told.query} severity>=error`, ...address } as never}>{count(errors)} errors</Link></> : ''}</span></span>
        <Spark label="Log lines, and errors among them" bars points={points(logs.data?.rows)} range={range} marks={marks} scale={aMinute} />
      </div>
      <div className="services-axis" aria-hidden="true"><span /><div>{[0, 0.5, 1].map((part) => <span key={part}>{clock(range[0] + part * (range[1] - range[0])).slice(minutes > 1440 ? 5 : 11, 16)}</span>)}</div></div>
      <p className="soft small">The last {name}{asOf.iso ? ' before the time above' : ''}; red is what failed, a dashed line a deploy.</p>
    </Section>
  )
}
