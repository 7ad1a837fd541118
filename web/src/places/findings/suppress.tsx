// Suppressing findings until a day: with a control, a reason, an owner and an end, like everything that hides.
import { useState } from 'react'
import { useUrl } from '../../app/url'
import { Dialog, Field } from '../../parts/form'
import { many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { endOf, inDays, useControls } from '../controls/data'
import { isDay, Until } from '../controls/parts'
import type { Row } from './shapes'
import { useSuppress } from './triage'

/** The most frequent of some texts. */
function usual(texts: (string | undefined)[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) if (text) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ''
}

export function Suppress({ rows, close, done }: { rows: Row[]; close: () => void; done: () => void }) {
  const controls = useControls().data?.controls ?? []
  const [given, setControl] = useState('')
  const [owner, setOwner] = useState(() => usual(rows.map((row) => row.owner?.team)))
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState(inDays(30))
  const [key] = useState(() => crypto.randomUUID())
  const suppress = useSuppress()
  const [{ branch }] = useUrl()
  const known = controls.find((one) => one.control.name === (given || usual(rows.map((row) => row.control ?? undefined))))
  const ready = Boolean(owner.trim() && reason.trim() && isDay(until))
  const submit = () => suppress.mutate({ rows, control: given || undefined, owner: owner.trim(), reason, until: endOf(until), branch, key }, { onSuccess: done })
  return (
    <Dialog title={`Suppress ${many(rows.length, 'finding')}`} send="Suppress" submit={submit} onClose={close} doing={suppress.isPending} error={suppress.error} ready={ready}>
      <p className="soft">Until the end they are left out of lists, counts and checks; checks name them. They are listed under “Suppressed too” and on Controls, where anybody can answer.</p>
      <Field label="Because" value={reason} onChange={setReason} area required autoFocus hint="Why may it stay for now? Whoever meets it later reads this" />
      <Field label="Control that it is about" value={given} onChange={setControl} options={[{ value: '', label: 'The one behind each rule' }, ...controls.map((one) => ({ value: one.control.name, label: plain(one.control.title) }))]} hint={known && `${plain(known.control.title)}, of ${known.control.owner}`} />
      {known && <p className="soft small">For operations: <T>{known.control.protects.operations}</T> For security: <T>{known.control.protects.security}</T></p>}
      <div className="form pair">
        <Field label="Who answers for it" value={owner} onChange={setOwner} required hint="A team" />
        <Until value={until} onChange={setUntil} />
      </div>
    </Dialog>
  )
}
