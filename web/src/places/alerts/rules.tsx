// The rules of this server: what they are, what they do, what was refused, and what one would have done.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import { post } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Facts, LevelMark, Section, Shown, Told, Trouble } from '../../parts/basic'
import { Doing, Stopped } from '../../parts/doing'
import { Drawer } from '../../parts/drawer'
import { Entity } from '../../parts/entity'
import { Grid, type GridColumn } from '../../parts/grid'
import { count, many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { useNarrow } from './columns'
import { LEVELS, type Rule } from './shapes'
import { useControl } from './why'


function Now({ row }: { row: Rule }) {
  const now = row.status_now
  if (now?.error) return <Badge kind="high" title={now.error}>fails</Badge>
  if (now?.blind) return <Badge kind="medium" title="It cannot tell anything: what it looks at is not there">blind</Badge>
  if (now?.firing) return <Badge kind="accent">{count(now.firing)} firing</Badge>
  if (row.matched) return <span>{many(row.matched, 'match', 'matches')}</span>
  return <span className="soft">quiet</span>
}

function columnsOf(narrow: boolean): GridColumn<Rule>[] {
  const title: GridColumn<Rule> = { id: 'title', head: 'Rule', width: 'minmax(0, 2fr)', cell: (row) => <span title={plain(row.title)}><T>{row.title}</T></span> }
  if (narrow) return [{ id: 'level', head: '', width: '42px', cell: (row) => <LevelMark level={row.level} short /> }, title, { id: 'now', head: 'Now', width: '96px', cell: (row) => <Now row={row} /> }]
  return [
    { id: 'level', head: 'Level', width: '140px', cell: (row) => <LevelMark level={row.level} /> },
    title,
    { id: 'kind', head: 'Looks at', width: '104px', cell: (row) => ({ event: 'events', correlation: 'correlation', operational: 'numbers' })[row.kind] },
    { id: 'side', head: 'Side', width: '96px', cell: (row) => row.aspect },
    { id: 'now', head: 'Since the start', width: '120px', cell: (row) => <Now row={row} /> },
    { id: 'looked', head: 'Looked', width: '88px', className: 'num', cell: (row) => (row.looked === undefined ? <span className="soft">–</span> : count(row.looked)) },
    { id: 'place', head: 'File', width: 'minmax(0, 1.3fr)', cell: (row) => <code className="soft small" title={plain(row.place)}><T>{row.place}</T></code> },
  ]
}

export default function Rules() {
  const [url, set] = useUrl()
  const me = useMe()
  const narrow = useNarrow()
  const asked = useGet('/api/v1/rules')
  const data = asked.data
  const reload = usePost('/api/v1/rules/reload', { said: (told) => `${count((told as any).rules + (told as any).correlations + (told as any).operational)} rules are in force`, also: ['/api/v1/rules', '/api/v1/detection'] })
  const text = (url.text ?? '').toLowerCase()
  const rows = (data?.rules ?? []).filter((row) => (!url.level || LEVELS.indexOf(row.level) <= LEVELS.indexOf(url.level)) && (!url.kind || row.kind === url.kind) && (!url.side || row.aspect === url.side) && (!text || `${row.title} ${row.id} ${row.name ?? ''} ${row.tags.join(' ')} ${row.place}`.toLowerCase().includes(text)))
  const open = data?.rules.find((row) => row.id === url.rule)
  const admin = me.grants.some((grant) => grant.role === 'admin')
  const choice = (name: string, label: string, options: [string, string][]) => (
    <select className="select" aria-label={label} value={url[name] ?? ''} onChange={(event) => set({ [name]: event.target.value })}>{options.map(([value, words]) => <option key={value} value={value}>{words}</option>)}</select>
  )
  return (
    <>
      <div className="row alerts-filters" role="search">
        <input className="input" type="search" data-search aria-label="Find a rule" placeholder="Title, id, tag or file" value={url.text ?? ''} onChange={(event) => set({ text: event.target.value }, { push: false })} />
        {choice('level', 'Level', [['', 'Any level'], ...LEVELS.map((level): [string, string] => [level, level === 'critical' ? level : `${level} or worse`])])}
        {choice('kind', 'Looks at', [['', 'Of any kind'], ['event', 'Events'], ['correlation', 'Correlations'], ['operational', 'Numbers']])}
        {choice('side', 'Side', [['', 'Both sides'], ['security', 'Security'], ['operations', 'Operations']])}
        {data && <span className="told" role="status"><Told shown={rows.length} of={data.count} one="rule" /></span>}
        {admin && <span className="alerts-right"><Button disabled={reload.isPending} onClick={() => reload.mutate({ body: {} as never })}>{reload.isPending ? 'Reading …' : 'Read the files again'}</Button></span>}
      </div>
      {reload.error && <Trouble error={reload.error} />}
      {data && data.refused.length > 0 && <Refused files={data.refused} />}
      <Shown of={asked}>
        {() => rows.length === 0 ? <Empty title="No rule fits"><p>Look without the filters. Own rules are files in the folder that <code>--rules</code> names.</p></Empty> : (
          <Grid label="Rules" rows={rows} columns={columnsOf(narrow)} id={(row) => row.id} open={(row) => set({ rule: row.id })} opened={url.rule} />
        )}
      </Shown>
      {open && <One key={open.id} rule={open} close={() => set({ rule: undefined })} />}
    </>
  )
}

function Refused({ files }: { files: string[] }) {
  return (
    <details className="problem" open={files.length <= 5}>
      <summary><strong>{many(files.length, 'file is', 'files are')} refused: these look at nothing until they are mended</strong></summary>
      <ul className="alerts-refused">{files.map((one, at) => <li key={at}><code><T>{one}</T></code></li>)}</ul>
    </details>
  )
}

function One({ rule, close }: { rule: Rule; close: () => void }) {
  const control = useControl({ rule: rule.id, tags: rule.tags })
  const alerts = useGet('/api/v1/alerts', { query: { rule: rule.id, state: 'all', limit: 1 } })
  const raised = alerts.data?.counts.all
  return (
    <Drawer title={plain(rule.title)} onClose={close}>
      <div className="row"><LevelMark level={rule.level} /><Badge>{rule.kind}</Badge><span className="soft">{rule.aspect}</span><Now row={rule} /></div>
      {control && <p className="note"><strong>Why it is there: </strong><T>{control.threat}</T> <Link to="/controls/$name" params={{ name: control.name } as never}><T>{control.title}</T></Link></p>}
      <Facts rows={[
        ['Id', <code><T>{rule.id}</T></code>],
        ['Name', rule.name && <code><T>{rule.name}</T></code>],
        ['File', <code><T>{rule.place}</T></code>],
        ['What to do', rule.runbook && (/^https?:\/\//.test(rule.runbook) ? <a href={rule.runbook} rel="noreferrer noopener"><T>{rule.runbook}</T></a> : <code><T>{rule.runbook}</T></code>)],
        ['Status', rule.status],
        ['Tags', rule.tags.length > 0 && <T>{rule.tags.join(', ')}</T>],
        ['Looked at', rule.looked !== undefined && many(rule.looked, 'event')],
        ['Matched', rule.matched !== undefined && many(rule.matched, 'time')],
        ['Now', rule.status_now && `${count(rule.status_now.firing)} firing, ${count(rule.status_now.pending)} pending, ${count(rule.status_now.known)} known${rule.status_now.failures ? `, ${count(rule.status_now.failures)} looks failed` : ''}`],
        ['Last failure', rule.status_now?.error && <T>{rule.status_now.error}</T>],
        ['Alerts', raised !== undefined && <Link to="/alerts" search={{ rule: rule.id, state: 'all', order: 'last' } as never}>{count(raised)} so far</Link>],
      ]} />
      <Backtest rule={rule} />
    </Drawer>
  )
}

const DAY_MS = 86_400_000
function Backtest({ rule }: { rule: Rule }) {
  // Rules over numbers look every minute: what is longer than a day is refused.
  const often = rule.kind === 'operational'
  const [days, setDays] = useState(often ? '0.25' : '7')
  const client = useQueryClient()
  // Since when is fixed when it is asked, so that the answer stays that of this question.
  const [from, setFrom] = useState<string>()
  const queryKey = ['/api/v1/rules/backtest', rule.id, from]
  const run = useQuery({ queryKey, enabled: from !== undefined, staleTime: Infinity, retry: false, queryFn: ({ signal }) => post('/api/v1/rules/backtest', { rule: rule.id, from }, { signal }) })
  const told = run.data
  const most = Math.max(1, ...Object.values(told?.days ?? {}))
  const start = () => setFrom(new Date(Date.now() - Number(days) * DAY_MS).toISOString())
  return (
    <Section title="What it would have done" told="over what is stored; it raises nothing">
      <div className="row">
        <select className="select" aria-label="Over which time" value={days} onChange={(event) => setDays(event.target.value)}>
          {(often ? [['0.25', 'Last 6 hours'], ['1', 'Last day']] : [['1', 'Last day'], ['7', 'Last 7 days'], ['30', 'Last 30 days']]).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </select>
        {run.isFetching ? <Doing what="Looking through what is stored" cancel={() => void client.cancelQueries({ queryKey })} /> : <Button onClick={start}>Try it</Button>}
        {told && <span className="told" role="status">{many(told.alerts, 'alert')} from {many(told.matches, 'match', 'matches')}</span>}
      </div>
      {run.error && <Trouble error={run.error} />}
      {from && run.isPending && !run.isFetching && <Stopped again={() => void run.refetch()} />}
      {told && told.failed.length > 0 && <p className="alerts-wrong">{many(told.failed.length, 'look')} got no answer: <T>{told.failed[0]}</T></p>}
      {told && told.alerts > 0 && (
        <table className="table" aria-label="Alerts by day">
          <tbody>{Object.entries(told.days).map(([day, number]) => <tr key={day}><td className="nowrap">{day.slice(0, 10)}</td><td className="num">{count(number)}</td><td style={{ width: '60%' }}><div className="bar"><i style={{ width: `${(100 * number) / most}%` }} /></div></td></tr>)}</tbody>
        </table>
      )}
      {told && told.top.length > 0 && <p className="soft small">Mostly about {told.top.slice(0, 5).map(([name, number], at) => <span key={String(name)}>{at > 0 && ', '}{name ? <Entity name={String(name)} /> : 'nothing named'} ({count(Number(number))})</span>)}</p>}
    </Section>
  )
}
