// Forms of what is done: prefilled, and a reason for each.
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { post, type Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { useMe, useTeams } from '../../app/session'
import { Dialog, Field } from '../../parts/form'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { say } from '../../parts/toast'
import { useAct, useAgain } from './act'
import { holds, inDays, MOST_DAYS, OUTCOMES, type Row } from './shapes'

export interface Asked { rows: Row[]; close: () => void; done?: () => void }

/** What a form is about, said once. */
const about = (rows: Row[]) => <T>{rows.length === 1 ? [rows[0]!.title, rows[0]!.entity].filter(Boolean).join(' · ') : many(rows.length, 'row')}</T>

interface AskProps { title: string; send?: string; about?: ReactNode; ready: boolean; work: () => Promise<unknown>; close: () => void; done?: (() => void) | undefined; children: ReactNode }
/** What all forms here are: they do their work, and close when it is done; what was typed stays when it is not. */
export function Ask({ title, send = title, about, ready, work, close, done, children }: AskProps) {
  const doing = useMutation<unknown, Problem, void>({ mutationFn: work })
  const submit = () => doing.mutate(undefined, { onSuccess: () => (close(), done?.()) })
  return (
    <Dialog title={title} send={send} submit={submit} onClose={close} doing={doing.isPending} error={doing.error} ready={ready}>
      {about && <p className="soft cut">{about}</p>}
      {children}
    </Dialog>
  )
}

export function CloseForm({ rows, close, done }: Asked) {
  const [outcome, setOutcome] = useState('true')
  const [reason, setReason] = useState('')
  const act = useAct()
  const incidents = rows.filter(({ kind }) => kind === 'incident').length
  const work = () => act.mutateAsync({ rows, deed: { do: 'resolve', outcome, reason } })
  return (
    <Ask title="Close with an outcome" send="Close" about={about(rows)} ready={reason.trim() !== ''} work={work} close={close} done={done}>
      <fieldset className="alerts-choices">
        <legend className="soft small">What was it?</legend>
        {OUTCOMES.map(({ value, label }) => (
          <label key={value} className="row"><input type="radio" name="outcome" checked={outcome === value} onChange={() => setOutcome(value)} /> {label}</label>
        ))}
      </fieldset>
      <Field label="Why" value={reason} onChange={setReason} area required autoFocus hint="The next one like it shows this outcome; the ledger of rules counts it." />
      {incidents > 0 && <p className="soft">The open alerts of {incidents === 1 ? 'the incident' : 'the incidents'} are closed with it; tasks stay until they are done.</p>}
    </Ask>
  )
}

const NAPS = [
  { value: 'now+1h', label: '1 hour' },
  { value: 'now+4h', label: '4 hours' },
  { value: 'now+1d', label: '1 day' },
  { value: 'now+7d', label: '1 week' },
  { value: 'date', label: 'Until a day …' },
]

export function SnoozeForm({ rows, close, done }: Asked) {
  const [nap, setNap] = useState('now+4h')
  const [day, setDay] = useState(inDays(3))
  const [reason, setReason] = useState('')
  const act = useAct()
  const work = () => act.mutateAsync({ rows, deed: { do: 'snooze', until: nap === 'date' ? `${day}T08:00:00Z` : nap, reason } })
  return (
    <Ask title="Snooze" about={about(rows)} ready={reason.trim() !== ''} work={work} close={close} done={done}>
      <div className="form pair">
        <Field label="For how long" value={nap} onChange={setNap} options={NAPS} />
        {nap === 'date' && <Field label="Day" type="date" value={day} onChange={setDay} min={inDays(1)} max={inDays(MOST_DAYS)} required />}
      </div>
      <Field label="Why" value={reason} onChange={setReason} required autoFocus hint="Then it is open again, whatever became of it." />
    </Ask>
  )
}

export function HandOverForm({ rows, close, done }: Asked) {
  const [team, setTeam] = useState('')
  const [reason, setReason] = useState('')
  const act = useAct()
  const known = useKnownTeams()
  const work = () => act.mutateAsync({ rows, deed: { do: 'hand_over', to: team.trim(), reason } })
  return (
    <Ask title="Hand over" about={about(rows)} ready={team.trim() !== '' && reason.trim() !== ''} work={work} close={close} done={done}>
      <Field label="To the team" value={team} onChange={setTeam} required autoFocus list="alerts-teams" autoComplete="off" />
      <datalist id="alerts-teams">{known.map((one) => <option key={one} value={one} />)}</datalist>
      <Field label="Why" value={reason} onChange={setReason} required hint="This moves the alert alone. Who owns the thing itself is changed on its page." />
    </Ask>
  )
}

/** Teams that are named anywhere near. */
export function useKnownTeams(): string[] {
  const mine = useTeams()
  const queue = useGet('/api/v1/alerts', { query: { state: 'all', limit: 1 } })
  const owners = Object.keys(queue.data?.counts.owners ?? {})
  return [...new Set([...mine, ...owners])].filter(Boolean).sort()
}

export function CommentForm({ rows, close, done }: Asked) {
  const [text, setText] = useState('')
  const act = useAct()
  const work = () => act.mutateAsync({ rows, deed: { do: 'comment', reason: text } })
  return (
    <Ask title="Comment" send="Add" about={about(rows)} ready={text.trim() !== ''} work={work} close={close} done={done}>
      <Field label="What is known or was done" value={text} onChange={setText} area required autoFocus hint="It stands in the timeline and in the review, without a name." />
    </Ask>
  )
}

/** Puts alerts into an incident that there is, or opens one with them. */
export function IncidentForm({ rows, close, done, open }: Asked & { open: (body: Record<string, unknown>) => Promise<void> }) {
  const me = useMe()
  const incidents = useGet('/api/v1/incidents', { query: { limit: 200 } })
  const may = (incidents.data?.rows ?? []).filter((one) => holds(me, 'responder', one.team))
  const worst = rows[0]
  const [into, setInto] = useState('new')
  const [title, setTitle] = useState(worst?.title ?? '')
  const [reason, setReason] = useState('')
  const act = useAct()
  const fresh = into === 'new'
  const work = () => fresh
    ? open({ title, reason, level: worst?.level ?? 'high', aspect: worst?.aspect, team: worst?.team ?? null, entity: worst?.entity ?? null, alerts: rows.map(({ id }) => id), key: crypto.randomUUID() })
    : act.mutateAsync({ rows, deed: { do: 'join', incident: into === 'none' ? null : Number(into) } })
  const options = [
    { value: 'new', label: 'A new incident' },
    ...may.map((one) => ({ value: String(one.id), label: `${one.title} (${one.level}, ${one.team ?? 'no owner'})`.slice(0, 90) })),
    ...(rows.some((row) => row.incident) ? [{ value: 'none', label: 'No incident any more' }] : []),
  ]
  return (
    <Ask title={fresh ? 'Open an incident' : 'Move into an incident'} send={fresh ? 'Open' : 'Move'} about={about(rows)} ready={!fresh || (title.trim() !== '' && reason.trim() !== '')} work={work} close={close} done={done}>
      <Field label="Incident" value={into} onChange={setInto} options={options} />
      {fresh && <Field label="Title" value={title} onChange={setTitle} required autoFocus />}
      {fresh && <Field label="Why" value={reason} onChange={setReason} area required hint="What is known by now; it begins the timeline." />}
    </Ask>
  )
}

type Scope = 'both' | 'rule' | 'entity'
interface Hides { rule?: string; entity?: string }
const SCOPES: { value: Scope; label: string }[] = [
  { value: 'both', label: 'This rule about this thing' },
  { value: 'rule', label: 'This rule about anything' },
  { value: 'entity', label: 'Any rule about this thing' },
]
const FIRST_HIDDEN = 5

/** What would be hidden, each pair once. */
function hidden(rows: Row[], scope: Scope): Hides[] {
  const all = rows.map((row): Hides => ({ ...(scope !== 'entity' ? { rule: row.rule } : {}), ...(scope !== 'rule' && row.entity ? { entity: row.entity } : {}) }))
  return [...new Map(all.filter((one) => one.rule || one.entity).map((one) => [JSON.stringify(one), one])).values()]
}

/** Keeps alerts from being raised, until a day: with a reason, an owner and an end. */
export function SuppressForm({ rows, close, done }: Asked) {
  const me = useMe()
  const again = useAgain()
  const own = useKnownTeams().filter((team) => holds(me, 'editor', team))
  const [scope, setScope] = useState<Scope>('both')
  const [owner, setOwner] = useState(rows[0]?.team ?? own[0] ?? '')
  const [until, setUntil] = useState(inDays(30))
  const [reason, setReason] = useState('')
  const what = hidden(rows, scope)
  const work = async () => {
    const made: number[] = []
    for (const hides of what) {
      const answer = (await post('/api/v1/suppressions', { ...hides, reason, owner: owner.trim(), until: `${until}T00:00:00Z`, idempotency_key: crypto.randomUUID() } as never)) as { suppression: Row | null }
      if (answer.suppression) made.push(answer.suppression.id)
    }
    const undo = () => post('/api/v1/alerts/act', { ids: made, do: 'resolve', outcome: 'done', reason: 'taken back at once' } as never)
    say(`${many(made.length, 'suppression')} until ${until}`, () => void undo().then(again, () => say('Not taken back: end it under Suppressions')))
    await again()
  }
  return (
    <Ask title="Suppress" ready={reason.trim() !== '' && owner.trim() !== '' && what.length > 0} work={work} close={close} done={done}>
      <Field label="Hide" value={scope} onChange={(next) => setScope(next as Scope)} options={SCOPES} />
      <ul className="alerts-hides">
        {what.slice(0, FIRST_HIDDEN).map((one) => <li key={JSON.stringify(one)}><code><T>{[one.rule && `rule ${one.rule}`, one.entity && `about ${one.entity}`].filter(Boolean).join(', ')}</T></code></li>)}
        {what.length > FIRST_HIDDEN && <li className="soft">and {what.length - FIRST_HIDDEN} more</li>}
      </ul>
      <div className="form pair">
        <Field label="Team that answers for it" value={owner} onChange={setOwner} required list="alerts-owners" autoComplete="off" />
        <Field label="Until" type="date" value={until} onChange={setUntil} min={inDays(1)} max={inDays(MOST_DAYS)} required hint={`At most ${MOST_DAYS} days; its end is told a week ahead`} />
      </div>
      <datalist id="alerts-owners">{own.map((one) => <option key={one} value={one} />)}</datalist>
      <Field label="Why" value={reason} onChange={setReason} area required autoFocus hint="Whoever wonders why nothing was said reads this." />
      <p className="soft small">What it hides is counted under Suppressions. Alerts that are open already stay open.</p>
    </Ask>
  )
}
