// Risk against friction: what controls stand against, and what they cost. By control and by system, never by person.
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useUrl } from '../../app/url'
import { Button, Empty, Section, Shown } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { span } from '../../parts/time'
import { Adjust } from './adjust'
import { useControls, useFriction } from './data'
import { Said, Stopped } from './list'
import { ControlLink } from './parts'
import { Scatter } from './scatter'
import type { Friction, Measure, Mode, Proposal } from './shapes'

const DAYS: [string, string][] = [['7', '7 days'], ['30', '30 days'], ['90', '90 days']]

export function FrictionTab() {
  const [url, set] = useUrl()
  const days = url.days ?? '30'
  const by = url.by === 'systems' ? 'systems' : 'controls'
  const of = useFriction(days)
  return (
    <>
      <div className="row">
        <span className="buttons" role="group" aria-label="By">
          <Button on={by === 'controls'} onClick={() => set({ by: undefined })}>Controls</Button>
          <Button on={by === 'systems'} onClick={() => set({ by: 'systems' })}>Systems</Button>
        </span>
        <select className="select" aria-label="Over" value={days} onChange={(event) => set({ days: event.target.value === '30' ? undefined : event.target.value })}>
          {DAYS.map(([value, name]) => <option key={value} value={value}>Last {name}</option>)}
        </select>
        <span className="told">{of.data && `${many(of.data[by].length, by === 'controls' ? 'control' : 'system')}. `}Risk: what it stands against. Friction: what it stops, “this hurt”, waits and ways around it. Both from 0 to 1; unknown is 0.</span>
      </div>
      <Shown of={of}>{(data) => <Measured data={data} by={by} />}</Shown>
    </>
  )
}

function Measured({ data, by }: { data: Friction; by: 'controls' | 'systems' }) {
  const navigate = useNavigate()
  const [at, setAt] = useState<string>()
  const rows = [...data[by]].sort((a, b) => b.friction - a.friction || b.risk - a.risk || a.name.localeCompare(b.name))
  const open = (row: Measure) => void navigate((by === 'controls' ? { to: '/controls/$name', params: { name: row.name } } : { to: '/services/$entity', params: { entity: row.name } }) as never)
  if (rows.length === 0) return <Empty title="Nothing was measured yet"><p>Let a pipeline ask before it releases: <code>tandem check release SERVICE</code>. Each answer, wait and exception counts from then on.</p></Empty>
  return (
    <>
      <div className="controls-quadrant">
        <Scatter rows={rows} at={at} setAt={setAt} open={open} />
        <Proposals proposals={data.proposals} />
      </div>
      <Table label={by === 'controls' ? 'Friction of controls' : 'Friction of systems'} rows={rows} columns={by === 'controls' ? COLUMNS : SYSTEMS} id={(row) => row.name} open={open} opened={at} />
      {rows.some(({ against }) => against.findings_missing) && <p className="note">There are too many findings to look at each: numbers of findings are missing here.</p>}
    </>
  )
}

const SENSE = { tune: 'Tune it: it hurts more than it must', retire: 'Retire it: it stands against nothing', tighten: 'Tighten it: it finds what matters and hurts nobody' }

export function Proposals({ proposals }: { proposals: Proposal[] }) {
  const [tighten, setTighten] = useState<string>()
  const mode = useControls().data?.controls.find(({ control }) => control.name === tighten)?.mode
  return (
    <Section title="Proposed" told={proposals.length || 'nothing'}>
      {proposals.length === 0 && <p className="soft">Once it was asked or answered 10 times, a control is proposed to be tuned, retired or tightened, with its numbers.</p>}
      <ul className="controls-proposals">
        {proposals.map((one) => (
          <li key={one.control}>
            <b>{SENSE[one.what]}</b>
            <div><ControlLink name={one.control} />: <T>{one.because}</T>.</div>
            {one.what === 'tighten' && <Button onClick={() => setTighten(one.control)}>Tighten until …</Button>}
            {one.what === 'retire' && <div className="soft small">Its owner takes the file <code>controls/{one.control}.md</code> out of the folder of knowledge.</div>}
            {one.what === 'tune' && <Link to="/controls/$name" params={{ name: one.control } as never} search={{} as never}>Read its answers</Link>}
          </li>
        ))}
      </ul>
      {tighten && <Adjust control={tighten} mode={(mode === 'warn' ? 'enforce' : 'warn') satisfies Mode} reason={proposals.find(({ control }) => control === tighten)?.because ?? ''} close={() => setTighten(undefined)} />}
    </Section>
  )
}

const share = (value: number) => value.toFixed(2)
const total = (severities: Record<string, number>) => Object.values(severities).reduce((sum, number) => sum + number, 0)
const ms = (nanos: number | null) => (nanos === null ? '' : span(nanos / 1e6))

const NUMBERS: Column<Measure>[] = [
  { id: 'friction', head: 'Friction', className: 'num', sort: ({ friction }) => friction, cell: ({ friction }) => share(friction) },
  { id: 'risk', head: 'Risk', className: 'num', sort: ({ risk }) => risk, cell: ({ risk }) => share(risk) },
  { id: 'stopped', head: 'Stopped, or would have', className: 'num', sort: ({ stopped, would_have_stopped }) => stopped * 1e6 + would_have_stopped, cell: (row) => <Stopped measure={row} /> },
  { id: 'said', className: 'wide-only', head: 'Answers', sort: ({ said }) => said.hurt, cell: (row) => <Said measure={row} /> },
  { id: 'waiting', head: 'Wait', className: 'wide-only num', sort: ({ waiting }) => waiting.p50 ?? 0, cell: ({ waiting }) => <span title="From being stopped to passing: median, and how many still wait">{ms(waiting.p50) || '–'}{waiting.open > 0 && <span className="soft"> · {waiting.open} wait</span>}</span> },
  { id: 'around', head: 'Around it', className: 'wide-only num', sort: ({ bypasses, exceptions }) => bypasses + exceptions.made, cell: ({ bypasses, exceptions }) => <Around bypasses={bypasses} made={exceptions.made} renewed={exceptions.renewed} /> },
  { id: 'against', className: 'wide-only', head: 'Findings and alerts', cell: ({ against }) => <Against against={against} /> },
]
const COLUMNS: Column<Measure>[] = [{ id: 'name', head: 'Control', width: '26%', sort: ({ name }) => name, cell: ({ name, title }) => <><ControlLink name={name} /><div className="soft small"><T>{title}</T></div></> }, ...NUMBERS]
const SYSTEMS: Column<Measure>[] = [{ id: 'name', head: 'System', sort: ({ name }) => name, cell: ({ name }) => <Entity name={name} /> }, ...NUMBERS]

function Around({ bypasses, made, renewed }: { bypasses: number; made: number; renewed: number }) {
  const parts = [bypasses && many(bypasses, 'bypass', 'bypasses'), made && many(made, 'exception'), renewed && `${renewed} renewed`].filter(Boolean)
  return parts.length ? <>{parts.join(', ')}</> : <span className="soft">–</span>
}

export function Against({ against }: { against: Measure['against'] }) {
  const parts = [
    total(against.open) && `${total(against.open)} open`,
    total(against.fixed) && `${total(against.fixed)} fixed`,
    total(against.caught) && `${total(against.caught)} caught`,
    against.alerts && many(against.alerts, 'alert'),
    against.incidents && many(against.incidents, 'incident'),
  ].filter(Boolean)
  return parts.length ? <span title="Findings of its rules that are open, were fixed, or were caught; alerts and incidents">{parts.join(', ')}</span> : <span className="soft">nothing known</span>
}
