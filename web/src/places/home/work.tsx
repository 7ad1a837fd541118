// What waits for my team, or for all: one list, ranked, with why each stands there.
import { Link } from '@tanstack/react-router'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useGet } from '../../api/queries'
import { useReport } from '../../api/reports'
import type { Schemas } from '../../api/client'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Button, LevelMark, Section, Told, Trouble, Waiting } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { useKeys } from '../../parts/keys'
import { count } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { useAct } from '../alerts/act'
import { holds } from '../alerts/shapes'
import { type Item, folded, type Kind, ofEnding, ofFinding, ofOrphan, ofQuestion, ofQueue, ofSilent, ofTask } from './items'

const NAMES: Record<Kind, string> = {
  incidents: 'Incidents', alerts: 'Alerts', findings: 'Findings', questions: 'Questions', endings: 'Endings', tasks: 'Tasks', orphans: 'Orphans', silent: 'Missing logs',
}
const ONE: Record<Kind, string> = { incidents: 'incident', alerts: 'alert', findings: 'finding', questions: 'question', endings: 'ending', tasks: 'task', orphans: 'orphan', silent: 'no logs' }
/** Of each kind so many are asked for; how many there are is told beside. */
const ASKED = 50
const FIRST_ROWS = 12
const EVERY_MS = 30_000

/** Everything that waits, from where it is kept, and how much of each there is. */
function useItems(team: string | undefined, home: Schemas['Home'] | undefined) {
  const queue = { team, order: 'level', limit: ASKED }
  const alerts = useGet('/api/v1/alerts', { query: { ...queue, state: 'open,acknowledged' } }, { every: EVERY_MS })
  const incidents = useGet('/api/v1/incidents', { query: { ...queue, state: 'open,acknowledged' } }, { every: EVERY_MS })
  const tasks = useGet('/api/v1/tasks', { query: { team, limit: ASKED } })
  const findings = useGet('/api/v1/findings', { query: { owner: team, limit: ASKED } })
  const orphans = useReport('orphans', { kind: 'service' })
  const coverage = useReport('coverage')
  const asked = [alerts, incidents, tasks, findings, orphans, coverage]
  const items = useMemo(() => {
    const mine = (owner: string | null | undefined) => !team || owner === team
    const shown = new Set(incidents.data?.rows.map(({ id }) => id))
    const all: Item[] = [
      ...(incidents.data?.rows ?? []).map(ofQueue),
      // Those of an incident that is shown wait there; another team's incident may hold this team's alerts.
      ...(alerts.data?.rows ?? []).filter((row) => !row.incident || !shown.has(row.incident)).map(ofQueue),
      ...(tasks.data?.rows ?? []).map(ofTask),
      ...(findings.data?.findings ?? []).map(ofFinding),
      ...(home?.questions.rows ?? []).filter((one) => mine(one.owner)).map(ofQuestion),
      ...(home?.endings.rows ?? []).filter((one) => mine(one.owner)).map(ofEnding),
      // What nobody owns is for all; a team sees its own.
      ...(team ? [] : (orphans.data?.rows ?? []).map(ofOrphan)),
      ...(coverage.data?.rows ?? []).filter((row) => !row.logs && mine(row.owned_by)).map(ofSilent),
    ]
    return folded(all.sort((a, b) => b.rank - a.rank))
  }, [alerts.data, incidents.data, tasks.data, findings.data, orphans.data, coverage.data, home, team])
  const totals: Partial<Record<Kind, number>> = {
    incidents: incidents.data?.counts.all,
    findings: findings.data?.count,
    tasks: tasks.data?.counts.all,
  }
  return { items, totals, error: asked.find(({ error }) => error)?.error, pending: asked.some(({ isPending }) => isPending) }
}

const COLUMNS: Column<Item>[] = [
  { id: 'what', head: 'What', cell: (row) => (
    <div className="home-what">
      {row.level ? <LevelMark level={row.level} short /> : <span />}
      <div><Link to={row.to as never} search={(row.search ?? {}) as never}><T most={160}>{row.title}</T></Link></div>
      <div className="soft small"><span className="narrow-only">{ONE[row.kind]}{row.about && <> · <T>{row.about}</T></>} · </span><T>{row.because}</T></div>
    </div>
  ) },
  { id: 'kind', head: 'Kind', className: 'nowrap soft wide-only', cell: (row) => ONE[row.kind], sort: (row) => row.kind },
  { id: 'about', head: 'About', className: 'home-cut wide-only', cell: (row) => (row.about ? <Entity name={row.about.split(' in ')[0]} /> : <span className="soft">–</span>), sort: (row) => row.about ?? '' },
  { id: 'team', head: 'Owner', cell: (row) => <Owner team={row.team} />, sort: (row) => row.team ?? '' },
]

export function Work({ team, home }: { team: string | undefined; home: Schemas['Home'] | undefined }) {
  const [url, set] = useUrl()
  const navigate = useNavigate()
  const me = useMe()
  const { items, totals, error, pending } = useItems(team, home)
  const kinds = (Object.keys(NAMES) as Kind[]).filter((kind) => items.some((item) => item.kind === kind))
  const shown = items.filter((item) => !url.kind || item.kind === url.kind)
  const rows = url.work === 'all' ? shown : shown.slice(0, FIRST_ROWS)
  const [at, setAt] = useState<Item>()
  const act = useAct()
  const row = rows.find(({ id }) => id === at?.id)?.row
  useKeys('Work', { e: { does: 'Acknowledge', run: () => row && row.state === 'open' && holds(me, 'responder', row.team) && act.mutate({ rows: [row], deed: { do: 'acknowledge' } }) } })
  const number = (kind: Kind) => totals[kind] ?? items.filter((item) => item.kind === kind).length
  return (
    <Section title={team ? <>Work of <T>{team}</T></> : 'Work of all teams'} told={!pending && <><Told shown={rows.length} of={shown.length} one="row" />: what waits, ranked; why it stands there is below each</>}>
      {error && <Trouble error={error} />}
      {act.error && <Trouble error={act.error} />}
      {kinds.length > 0 && (
        <div className="row home-kinds" role="group" aria-label="Kinds of work">
          {kinds.map((kind) => <Button key={kind} on={url.kind === kind} onClick={() => set({ kind: url.kind === kind ? undefined : kind })}>{NAMES[kind]} <span className="soft">{count(number(kind))}</span></Button>)}
        </div>
      )}
      {pending && items.length === 0 ? <Waiting /> : items.length === 0 ? (
        <p className="soft">{team ? 'Nothing waits for this team. What it owns is named under Services; what nobody owns waits for all.' : 'Nothing waits for anybody.'}</p>
      ) : (
        <Table label="Work" rows={rows} columns={COLUMNS} id={(row) => row.id} open={(row) => void navigate({ to: row.to, search: row.search ?? {} } as never)} cursor={setAt} />
      )}
      {rows.length < shown.length && <div><Button onClick={() => set({ work: 'all' })}>Show all {count(shown.length)}</Button></div>}
    </Section>
  )
}
