// What an incident gives to do: roles that teams take, and tasks that are tracked to done.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { Badge, Button, Section, Trouble } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { Field } from '../../parts/form'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { SHOWN, useAct } from './act'
import { useMine } from './acts'
import { useKnownTeams } from './dialogs'
import { inDays, type Row, type Whole } from './shapes'

/** Roles are tasks with these names: a team has one, never a person. */
const ROLES: [string, string][] = [
  ['Lead', 'decides, and says who does what'],
  ['Communication', 'tells those outside'],
  ['Mending', 'puts right what is broken'],
]
const isRole = (row: Row) => ROLES.some(([name]) => name.toLowerCase() === row.title.trim().toLowerCase())

export function Tasks({ whole }: { whole: Whole }) {
  const may = useMine([whole]).length > 0
  const all = whole.parts.filter(({ kind }) => kind === 'task')
  const tasks = all.filter((row) => !isRole(row))
  const done = tasks.filter(({ state }) => state === 'resolved').length
  return (
    <>
      <Section title="Roles">
        <ul className="alerts-lines-list">
          {ROLES.map(([name, what]) => <Role key={name} name={name} what={what} row={all.find((row) => row.title.trim().toLowerCase() === name.toLowerCase() && row.state !== 'resolved')} whole={whole} may={may} />)}
        </ul>
      </Section>
      <Section title="Tasks" told={tasks.length > 0 ? `${done} of ${tasks.length} done` : undefined}>
        {tasks.length === 0 && <p className="soft">Nothing to do was written down yet. What is here goes into the review and is tracked until it is done.</p>}
        <ul className="alerts-lines-list">{tasks.map((row) => <Task key={row.id} row={row} />)}</ul>
        {may && <Adding whole={whole} />}
      </Section>
    </>
  )
}

function Role({ name, what, row, whole, may }: { name: string; what: string; row: Row | undefined; whole: Whole; may: boolean }) {
  const teams = useKnownTeams()
  const add = usePost('/api/v1/incidents/{id}/tasks', { said: `${name} is given`, also: SHOWN })
  const act = useAct()
  const error = add.error ?? act.error
  const give = (team: string) => {
    if (team === (row?.team ?? '')) return
    if (row) act.mutate({ rows: [row], deed: { do: 'hand_over', to: team, reason: `${name} changes` } })
    else add.mutate({ path: { id: whole.id }, body: { title: name, team, key: `role:${name}` } as never })
  }
  return (
    <li className="alerts-role">
      <div><strong>{name}</strong><div className="soft small">{what}</div></div>
      {may ? (
        <select className="select" aria-label={`Team with the role ${name}`} value={row?.team ?? ''} disabled={add.isPending || act.isPending} onChange={(event) => event.target.value && give(event.target.value)}>
          <option value="">no team yet</option>
          {[...new Set([...teams, ...(row?.team ? [row.team] : [])])].map((team) => <option key={team} value={team}>{team}</option>)}
        </select>
      ) : row?.team ? <Owner team={row.team} /> : <span className="soft">no team yet</span>}
      {error && <Trouble error={error} />}
    </li>
  )
}

function Task({ row }: { row: Row }) {
  const act = useAct()
  const may = useMine([row]).length > 0
  const over = row.state === 'resolved'
  const late = !over && row.until !== null && millis(row.until) < Date.now()
  const toggle = () => act.mutate({ rows: [row], deed: over ? { do: 'reopen', reason: 'not done yet' } : { do: 'resolve', outcome: 'done', reason: 'done' } })
  return (
    <li className="row">
      <label className="row alerts-task">
        <input type="checkbox" checked={over} disabled={!may || act.isPending} onChange={toggle} />
        <span className={over ? 'soft' : undefined}><T>{row.title}</T></span>
      </label>
      <Owner team={row.team} />
      {row.until && <span className={late ? 'alerts-wrong' : 'soft'}>{late ? 'was due ' : 'due '}<Ago at={row.until} /></span>}
      {row.state === 'acknowledged' && <Badge kind="accent">taken</Badge>}
      {act.error && <Trouble error={act.error} />}
    </li>
  )
}

function Adding({ whole }: { whole: Whole }) {
  const [title, setTitle] = useState('')
  const [team, setTeam] = useState(whole.team ?? '')
  const [due, setDue] = useState('')
  const teams = useKnownTeams()
  const add = usePost('/api/v1/incidents/{id}/tasks', { said: 'The task is added', also: SHOWN })
  const submit = () => {
    if (!title.trim()) return
    add.mutate({ path: { id: whole.id }, body: { title, team: team || null, due: due ? `${due}T16:00:00Z` : null, key: crypto.randomUUID() } as never }, { onSuccess: () => setTitle('') })
  }
  return (
    <form className="alerts-adding" onSubmit={(event) => (event.preventDefault(), submit())}>
      <Field label="Something to do" value={title} onChange={setTitle} placeholder="Rotate the keys" />
      <Field label="Team" value={team} onChange={setTeam} options={[{ value: '', label: 'that of the incident' }, ...[...new Set([...teams, ...(whole.team ? [whole.team] : [])])].map((one) => ({ value: one, label: one }))]} />
      <Field label="Due" type="date" value={due} onChange={setDue} min={inDays(0)} />
      <Button type="submit" disabled={add.isPending || !title.trim()}>Add</Button>
      {add.error && <Trouble error={add.error} />}
    </form>
  )
}
