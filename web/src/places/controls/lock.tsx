// Calling a lockdown: which controls, why, until when, and when it is looked at again.
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { Dialog, Field } from '../../parts/form'
import { plain, T } from '../../parts/text'
import { clock } from '../../parts/time'
import { DECIDED, read, useControls } from './data'

const HOUR_MS = 3_600_000
const local = (ms: number) => clock(ms).slice(0, 16).replace(' ', 'T')
const HOURS: [string, number][] = [['4 hours', 4], ['12 hours', 12], ['1 day', 24], ['1 week', 168]]

type Incident = Schemas['QueueRow']

export function CallLockdown({ close }: { close: () => void }) {
  const controls = (useControls().data?.controls ?? []).filter(({ control }) => control.name !== 'lockdown')
  const incidents = (read<{ rows: Incident[] }>(useGet('/api/v1/incidents', { query: { limit: 50 } })).data?.rows ?? []).filter(({ state }) => state !== 'resolved')
  const [chosen, setChosen] = useState<Set<string>>(new Set())
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState(() => local(Date.now() + 4 * HOUR_MS))
  const [review, setReview] = useState(() => local(Date.now() + 8 * 24 * HOUR_MS))
  const [because, setBecause] = useState('')
  const [key] = useState(() => crypto.randomUUID())
  const send = usePost('/api/v1/lockdowns', { said: 'The lockdown holds; everybody is told', also: DECIDED })
  const wrong = until && Date.parse(until) <= Date.now() ? 'It lies in the past' : undefined
  const early = review && until && review < until ? 'The review comes after the end' : undefined
  const submit = () =>
    send.mutate(
      { body: { controls: [...chosen], reason, until: new Date(until).toISOString(), review_at: review ? new Date(review).toISOString() : undefined, because_of: because ? Number(because) : undefined, idempotency_key: key } as never },
      { onSuccess: close },
    )
  const toggle = (name: string) => {
    const next = new Set(chosen)
    if (!next.delete(name)) next.add(name)
    setChosen(next)
  }
  return (
    <Dialog title="Call a lockdown" send="Lock down" kind="danger" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={Boolean(chosen.size && reason.trim() && until && !wrong && !early)}>
      <p className="soft">The chosen controls stop from now on. What was stricter stays so, and capacity for defence is never held back.</p>
      <Field label="Because" value={reason} onChange={setReason} area required autoFocus hint="Whoever is stopped reads it" />
      <fieldset className="controls-choose">
        <legend>Controls that stop * <span className="soft">({chosen.size} chosen)</span></legend>
        {controls.map(({ control, mode }) => (
          <label key={control.name}>
            <input type="checkbox" checked={chosen.has(control.name)} onChange={() => toggle(control.name)} />
            <span><T>{control.title}</T> <span className="soft small">{control.name}{mode === 'enforce' ? ', stops already' : ''}</span></span>
          </label>
        ))}
      </fieldset>
      <div className="row" role="group" aria-label="For how long">{HOURS.map(([name, hours]) => <button key={name} type="button" className="button" onClick={() => setUntil(local(Date.now() + hours * HOUR_MS))}>{name}</button>)}</div>
      <div className="form pair">
        <Field label="Ends" type="datetime-local" value={until} onChange={setUntil} required wrong={wrong} hint="At most 90 days" />
        <Field label="Is reviewed" type="datetime-local" value={review} onChange={setReview} wrong={early} hint="At most 30 days after its end" />
      </div>
      <Field label="Incident behind it" value={because} onChange={setBecause} options={[{ value: '', label: 'none' }, ...incidents.map(({ id, title }) => ({ value: String(id), label: plain(`${id}: ${title}`) }))]} />
    </Dialog>
  )
}
