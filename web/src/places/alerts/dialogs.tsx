// Forms of what is done: prefilled, and a reason for each.
import { useState } from 'react'
import { useGet } from '../../api/queries'
import { useMe, useTeams } from '../../app/session'
import { Dialog, Field } from '../../parts/form'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { useAct } from './act'
import { holds, inDays, MOST_DAYS, OUTCOMES, type Page, type Row } from './shapes'

export interface Asked { rows: Row[]; close: () => void; done?: () => void }
const named = (rows: Row[]) => (rows.length === 1 ? `“${rows[0]!.title}”` : many(rows.length, 'row'))

/** What a form is about, said once. */
function About({ rows }: { rows: Row[] }) {
  return <p className="soft cut"><T>{rows.length === 1 ? [rows[0]!.title, rows[0]!.entity].filter(Boolean).join(' · ') : named(rows)}</T></p>
}

export function CloseForm({ rows, close, done }: Asked) {
  const [outcome, setOutcome] = useState('true')
  const [reason, setReason] = useState('')
  const act = useAct()
  const incidents = rows.filter(({ kind }) => kind === 'incident').length
  const submit = () => act.mutate({ rows, deed: { do: 'resolve', outcome, reason } }, { onSuccess: () => (close(), done?.()) })
  return (
    <Dialog title="Close with an outcome" send="Close" submit={submit} onClose={close} doing={act.isPending} error={act.error} ready={reason.trim() !== ''}>
      <About rows={rows} />
      <fieldset className="alerts-choices">
        <legend className="soft small">What was it?</legend>
        {OUTCOMES.map(({ value, label }) => (
          <label key={value} className="row"><input type="radio" name="outcome" checked={outcome === value} onChange={() => setOutcome(value)} /> {label}</label>
        ))}
      </fieldset>
      <Field label="Why" value={reason} onChange={setReason} area required autoFocus hint="The next one like it shows this outcome; the ledger of rules counts it." />
      {incidents > 0 && <p className="soft">The open alerts of {incidents === 1 ? 'the incident' : 'the incidents'} are closed with it; tasks stay until they are done.</p>}
    </Dialog>
  )
}

const NAPS = [
  { value: 'now+1h', label: 'for an hour' },
  { value: 'now+4h', label: 'for 4 hours' },
  { value: 'now+1d', label: 'for a day' },
  { value: 'now+7d', label: 'for a week' },
  { value: 'date', label: 'until a day …' },
]

export function SnoozeForm({ rows, close, done }: Asked) {
  const [nap, setNap] = useState('now+4h')
  const [day, setDay] = useState(inDays(3))
  const [reason, setReason] = useState('')
  const act = useAct()
  const submit = () => act.mutate({ rows, deed: { do: 'snooze', until: nap === 'date' ? `${day}T08:00:00Z` : nap, reason } }, { onSuccess: () => (close(), done?.()) })
  return (
    <Dialog title="Snooze" send="Snooze" submit={submit} onClose={close} doing={act.isPending} error={act.error} ready={reason.trim() !== ''}>
      <About rows={rows} />
      <div className="form pair">
        <Field label="Wakes up" value={nap} onChange={setNap} options={NAPS} />
        {nap === 'date' && <Field label="Day" type="date" value={day} onChange={setDay} min={inDays(1)} max={inDays(MOST_DAYS)} required />}
      </div>
      <Field label="Why" value={reason} onChange={setReason} required autoFocus hint="Then it is open again, whatever became of it." />
    </Dialog>
  )
}

export function HandOverForm({ rows, close, done }: Asked) {
  const [team, setTeam] = useState('')
  const [reason, setReason] = useState('')
  const act = useAct()
  const known = useKnownTeams()
  const submit = () => act.mutate({ rows, deed: { do: 'hand_over', to: team.trim(), reason } }, { onSuccess: () => (close(), done?.()) })
  return (
    <Dialog title="Hand over" send="Hand over" submit={submit} onClose={close} doing={act.isPending} error={act.error} ready={team.trim() !== '' && reason.trim() !== ''}>
      <About rows={rows} />
      <Field label="To the team" value={team} onChange={setTeam} required autoFocus list="alerts-teams" autoComplete="off" />
      <datalist id="alerts-teams">{known.map((one) => <option key={one} value={one} />)}</datalist>
      <Field label="Why" value={reason} onChange={setReason} required hint="This moves the alert alone. Who owns the thing itself is changed on its page." />
    </Dialog>
  )
}

/** Teams that are named anywhere near. */
export function useKnownTeams(): string[] {
  const mine = useTeams()
  const queue = useGet('/api/v1/alerts', { query: { state: 'all', limit: 1 } })
  const owners = Object.keys((queue.data as Page | undefined)?.counts.owners ?? {})
  return [...new Set([...mine, ...owners])].filter(Boolean).sort()
}

export function CommentForm({ rows, close, done }: Asked) {
  const [text, setText] = useState('')
  const act = useAct()
  const submit = () => act.mutate({ rows, deed: { do: 'comment', reason: text } }, { onSuccess: () => (close(), done?.()) })
  return (
    <Dialog title="Say something" send="Say" submit={submit} onClose={close} doing={act.isPending} error={act.error} ready={text.trim() !== ''}>
      <About rows={rows} />
      <Field label="Comment" value={text} onChange={setText} area required autoFocus hint="It stands in the timeline and in the review; no name does." />
    </Dialog>
  )
}

/** Puts alerts into an incident that there is, or opens one with them. */
export function IncidentForm({ rows, close, done, open }: Asked & { open: (body: Record<string, unknown>) => Promise<void> }) {
  const me = useMe()
  const incidents = useGet('/api/v1/incidents', { query: { limit: 200 } })
  const may = ((incidents.data as Page | undefined)?.rows ?? []).filter((one) => holds(me, 'responder', one.team))
  const worst = rows[0]
  const [into, setInto] = useState('new')
  const [title, setTitle] = useState(worst?.title ?? '')
  const [reason, setReason] = useState('')
  const [doing, setDoing] = useState(false)
  const [error, setError] = useState<unknown>()
  const act = useAct()
  const fresh = into === 'new'
  const submit = async () => {
    if (!fresh) return act.mutate({ rows, deed: { do: 'join', incident: into === 'none' ? null : Number(into) } }, { onSuccess: () => (close(), done?.()) })
    setDoing(true)
    try {
      await open({ title, reason, level: worst?.level ?? 'high', aspect: worst?.aspect, team: worst?.team ?? null, entity: worst?.entity ?? null, alerts: rows.map(({ id }) => id), key: crypto.randomUUID() })
      close()
      done?.()
    } catch (problem) {
      setError(problem)
    } finally {
      setDoing(false)
    }
  }
  const options = [
    { value: 'new', label: 'A new incident' },
    ...may.map((one) => ({ value: String(one.id), label: `${one.title} (${one.level}, ${one.team ?? 'no owner'})`.slice(0, 90) })),
    ...(rows.some((row) => row.incident) ? [{ value: 'none', label: 'No incident any more' }] : []),
  ]
  return (
    <Dialog title={fresh ? 'Open an incident' : 'Move into an incident'} send={fresh ? 'Open' : 'Move'} submit={() => void submit()} onClose={close} doing={doing || act.isPending} error={error ?? act.error} ready={!fresh || (title.trim() !== '' && reason.trim() !== '')}>
      <About rows={rows} />
      <Field label="Incident" value={into} onChange={setInto} options={options} />
      {fresh && <Field label="One line" value={title} onChange={setTitle} required autoFocus />}
      {fresh && <Field label="Why" value={reason} onChange={setReason} area required hint="What is known by now; it begins the timeline." />}
    </Dialog>
  )
}
