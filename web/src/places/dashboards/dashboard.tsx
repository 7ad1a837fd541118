// One dashboard: what can be chosen, and its panels, all of one moment.
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useGet } from '../../api/queries'
import { isRelative, resolve, useRange } from '../../app/time'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Head, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { useKeys } from '../../parts/keys'
import { useArrivals } from '../../parts/paste-in'
import { RangePicker, Share } from '../../parts/range'
import { plain, T } from '../../parts/text'
import { clock } from '../../parts/time'
import { Panel } from './panel'
import type { Dashboard as Shape, Variable } from './shapes'
import './dashboards.css'

const EVERY: [string, string][] = [['', 'Not by itself'], ['10', 'Again every 10 s'], ['30', 'Again every 30 s'], ['60', 'Again every minute'], ['300', 'Again every 5 min']]
const USUAL_EVERY = '30'
/** Offered values of a variable. */
const MOST_VALUES = 200
/** The dashboard of Tandem itself is full without anybody. */
const OWN = 'tandem'
/** In the address: everything is chosen, although the file names a first choice. */
const ALL = '*'

export default function Dashboard() {
  const { name } = useParams({ strict: false }) as { name: string }
  const asked = useGet('/api/v1/dashboards/{name}' as never, { path: { name } })
  if (asked.error?.status === 404) {
    return (
      <div className="place">
        <Head title="Dashboard" />
        <Empty title={`There is no dashboard ${plain(name)}`}>
          <p>It was renamed or deleted: a dashboard is a file in the folder <code>dashboards</code> of a folder of knowledge, and its history in git says when and why.</p>
          <Link className="button" to="/dashboards">All dashboards</Link>
        </Empty>
      </div>
    )
  }
  return <Shown of={asked}>{(told) => <Loaded key={name} dashboard={told as unknown as Shape} />}</Shown>
}

function Loaded({ dashboard }: { dashboard: Shape }) {
  const [url, set] = useUrl()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [range, setRange] = useRange(dashboard.range ?? undefined)
  const [moment, setMoment] = useState(() => Date.now())
  const every = url.every ?? USUAL_EVERY
  const moving = isRelative(range)
  useEffect(() => {
    if (!moving || !Number(every)) return
    // A page that nobody sees asks nothing.
    const timer = setInterval(() => document.visibilityState === 'visible' && setMoment(Date.now()), 1000 * Number(every))
    return () => clearInterval(timer)
  }, [moving, every])
  useEffect(() => setMoment(Date.now()), [range.from, range.to])
  const values = Object.fromEntries(dashboard.variables.map((one) => [one.name, valueOf(one, url[`var.${one.name}`])]))
  const chosen = useMemo(() => ({ from: resolve(range.from, moment), to: resolve(range.to, moment), values }), [range.from, range.to, moment, JSON.stringify(values)])
  const arrivals = useArrivals()
  const nobody = arrivals.known && arrivals.rows.length === 0 && dashboard.name !== OWN
  const asking = useIsFetching({ queryKey: ['panel'] }) > 0
  useKeys('The dashboard', { r: { does: 'Ask again', run: () => setMoment(Date.now()) }, Escape: { does: 'Back to the dashboards', run: () => void navigate({ to: '/dashboards' }) } })
  return (
    <div className="place dashboard">
      <Head title={<T>{dashboard.title}</T>} back={<Link to="/dashboards">Dashboards</Link>} about={<T>{dashboard.about}</T>} told={<>{dashboard.approved ? `approved ${dashboard.approved}` : <Badge kind="medium">draft</Badge>}, <Owner team={dashboard.owner} /></>}>
        <RangePicker range={range} set={setRange} />
        {moving && <select className="select" aria-label="Asked again" value={EVERY.some(([value]) => value === every) ? every : USUAL_EVERY} onChange={(event) => set({ every: event.target.value === USUAL_EVERY ? undefined : event.target.value || '0' })}>{EVERY.map(([value, words]) => <option key={value} value={value || '0'}>{words}</option>)}</select>}
        {asking ? <Button className="dashboard-again" onClick={() => void client.cancelQueries({ queryKey: ['panel'] })}>Cancel</Button> : <Button className="dashboard-again" onClick={() => setMoment(Date.now())} title={`As of ${clock(moment)}`}>Ask again</Button>}
        <Share />
      </Head>
      {nobody && <p className="note">Nothing but Tandem itself sends yet, so most panels are empty. <Link to="/settings" search={{ tab: 'sending' } as never}>How to send</Link> has what to paste; what arrives shows here by itself.</p>}
      {dashboard.variables.length > 0 && (
        <div className="row">
          {dashboard.variables.map((one) => <Choose key={one.name} variable={one} from={range.from} to={range.to} value={values[one.name]!} choose={(value) => set({ [`var.${one.name}`]: value === (one.default ?? '') ? undefined : value || ALL })} />)}
        </div>
      )}
      <div className="dashboard-panels">
        {dashboard.panels.map((panel, index) => (
          <Panel key={`${index} ${panel.title}`} id={`${dashboard.name} ${index}`} panel={panel} chosen={chosen} range={range} sync={dashboard.name}
            zoom={(from, to) => setRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })} />
        ))}
      </div>
    </div>
  )
}

const valueOf = (variable: Variable, given: string | undefined) => (given === ALL ? '' : (given ?? variable.default ?? ''))

/** What occurs in the range; what the address names is offered too. */
function Choose({ variable, from, to, value, choose }: { variable: Variable; from: string; to: string; value: string; choose: (value: string) => void }) {
  const asked = useGet('/api/v1/facets', { query: { table: variable.table, fields: variable.field, from, ...(to === 'now' ? {} : { to }), limit: MOST_VALUES } as never }, { keep: true })
  const told: { value: string }[] = (asked.data as any)?.facets?.[0]?.values ?? []
  const names = told.map((one) => String(one.value)).sort()
  if (value && !names.includes(value)) names.unshift(value)
  return (
    <label className="dashboard-choose">
      <T>{variable.label}</T>
      <select className="select" value={value} onChange={(event) => choose(event.target.value)}>
        <option value="">All</option>
        {names.map((name) => <option key={name} value={name}>{plain(name)}</option>)}
      </select>
    </label>
  )
}
