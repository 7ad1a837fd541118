// Incidents: what belongs together, and those that people open themselves.
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, LevelMark, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { Field } from '../../parts/form'
import { useKeys } from '../../parts/keys'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis, span } from '../../parts/time'
import { useAct } from './act'
import { Acts, useOpening } from './acts'
import { Ask, useKnownTeams } from './dialogs'
import { asked, Filters } from './filters'
import { StateMark } from './marks'
import { holds, LEVELS, type Row } from './shapes'

const EVERY_MS = 15_000
const COLUMNS: Column<Row>[] = [
  { id: 'level', head: 'Level', cell: (row) => <LevelMark level={row.level} />, sort: (row) => -LEVELS.indexOf(row.level) },
  { id: 'title', head: 'What', cell: (row) => <><T>{row.title}</T><span className="narrow-only soft small alerts-below">{row.state} · {row.entity && <><T>{row.entity}</T> · </>}<Ago at={row.opened} /></span></>, sort: (row) => row.title },
  { id: 'side', head: 'Side', className: 'wide-only', cell: (row) => <Badge kind="plain">{row.aspect}</Badge> },
  { id: 'about', head: 'About', className: 'wide-only', cell: (row) => <Entity name={row.entity} />, sort: (row) => row.entity ?? '' },
  { id: 'team', head: 'Owner', className: 'wide-only', cell: (row) => <Owner team={row.team} />, sort: (row) => row.team ?? '' },
  { id: 'state', head: 'State', className: 'wide-only', cell: (row) => <StateMark row={row} />, sort: (row) => row.state },
  { id: 'fired', head: 'Fired', className: 'num wide-only', cell: (row) => count(row.firings), sort: (row) => row.firings },
  { id: 'opened', head: 'Opened', className: 'num nowrap wide-only', cell: (row) => <Ago at={row.opened} />, sort: (row) => row.opened },
  { id: 'lasted', head: 'Lasted', className: 'num nowrap wide-only', cell: (row) => <Lasted row={row} />, sort: (row) => millis(row.closed ?? Date.now()) - millis(row.opened) },
]

function Lasted({ row }: { row: Row }) {
  return <>{span(millis(row.closed ?? Date.now()) - millis(row.opened))}{!row.closed && <span className="soft"> so far</span>}</>
}

export default function Incidents() {
  const me = useMe()
  const [url] = useUrl()
  const navigate = useNavigate()
  const query = asked({ ...url, order: url.order ?? 'level' })
  const page = useGet('/api/v1/incidents', { query: { ...query, limit: 500 } }, { every: EVERY_MS, keep: true })
  const data = page.data
  const [chosen, setChosen] = useState<Set<string>>(new Set())
  const [at, setAt] = useState<Row>()
  const [form, setForm] = useState(false)
  const act = useAct()
  const rows = data?.rows ?? []
  const picked = rows.filter((row) => chosen.has(String(row.id)))
  const may = me.grants.some(({ role }) => role !== 'viewer')
  useKeys('Incidents', {
    e: { does: 'Acknowledge', run: () => {
      const those = (picked.length > 0 ? picked : at ? [at] : []).filter((row) => row.state === 'open' && holds(me, 'responder', row.team))
      if (those.length > 0) act.mutate({ rows: those, deed: { do: 'acknowledge' } })
    } },
  })
  return (
    <>
      <Filters counts={data?.counts} incidents />
      <div className="row alerts-bar">
        {picked.length > 0 ? <><strong>{picked.length} chosen</strong><Acts rows={picked} done={() => setChosen(new Set())} /></> : data && <span className="told" role="status">{many(data.counts.all, 'incident')}</span>}
        {may && picked.length === 0 && <span className="alerts-right"><Button icon="plus" onClick={() => setForm(true)}>Open an incident</Button></span>}
      </div>
      <Shown of={page}>
        {() => rows.length === 0 ? (
          <Empty title={url.state || url.level || url.team || url.text || url.from ? 'No incident fits' : 'No incident is open'}>
            <p>Alerts become an incident by themselves when three rules fire about what belongs together, when security and operations both do, when their risk reaches 50, or when one is critical. People open one when no rule saw it.</p>
          </Empty>
        ) : (
          <Table label="Incidents" rows={rows} columns={COLUMNS} id={(row) => String(row.id)} open={(row) => void navigate({ to: '/incidents/$id', params: { id: String(row.id) } } as never)} chosen={chosen} choose={setChosen} cursor={setAt} />
        )}
      </Shown>
      {form && <OpenForm close={() => setForm(false)} />}
    </>
  )
}

function OpenForm({ close }: { close: () => void }) {
  const me = useMe()
  const teams = useKnownTeams().filter((team) => holds(me, 'responder', team))
  const everywhere = holds(me, 'responder', null)
  const [title, setTitle] = useState('')
  const [reason, setReason] = useState('')
  const [level, setLevel] = useState('high')
  const [aspect, setAspect] = useState('operations')
  const [team, setTeam] = useState(everywhere ? '' : (teams[0] ?? ''))
  const [entity, setEntity] = useState('')
  const open = useOpening()
  const work = () => open({ title, reason, level, aspect, team: team || null, entity: entity.trim() || null, alerts: [], key: crypto.randomUUID() })
  return (
    <Ask title="Open an incident" send="Open" ready={title.trim() !== '' && reason.trim() !== ''} work={work} close={close}>
      <Field label="Title" value={title} onChange={setTitle} required autoFocus placeholder="Customers cannot pay" />
      <Field label="Why" value={reason} onChange={setReason} area required hint="What is known by now; it begins the timeline." />
      <div className="form pair">
        <Field label="Level" value={level} onChange={setLevel} options={LEVELS} />
        <Field label="Side" value={aspect} onChange={setAspect} options={['operations', 'security']} />
        <Field label="Team that owns it" value={team} onChange={setTeam} options={[...(everywhere ? [{ value: '', label: 'nobody yet' }] : []), ...teams.map((one) => ({ value: one, label: one }))]} />
        <Field label="About" value={entity} onChange={setEntity} placeholder="service:checkout" />
      </div>
    </Ask>
  )
}
