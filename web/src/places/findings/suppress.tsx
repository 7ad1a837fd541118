// Suppressing findings until a day: with a control, a reason, an owner and an end, like everything that hides.
import { useState } from 'react'
import { Dialog, Field } from '../../parts/form'
import { many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { endOf, inDays, useControls } from '../controls/data'
import { isDay, Until } from '../controls/parts'
import { behindFinding } from './data'
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
  const [given, setControl] = useState<string>()
  const [owner, setOwner] = useState(() => usual(rows.map((row) => row.owner?.team)))
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState(inDays(30))
  const [key] = useState(() => crypto.randomUUID())
  const suppress = useSuppress()
  const control = given ?? usual(rows.map((row) => behindFinding(controls, row)[0]?.control.name))
  const known = controls.find((one) => one.control.name === control)
  const ready = Boolean(known && owner.trim() && reason.trim() && isDay(until))
  const submit = () => known && suppress.mutate({ rows, control: known.id, owner: owner.trim(), reason, until: endOf(until), key }, { onSuccess: done })
  return (
    <Dialog title={`Suppress ${many(rows.length, 'finding')}`} send="Suppress" submit={submit} onClose={close} doing={suppress.isPending} error={suppress.error} ready={ready}>
      <p className="soft">They are left out of this list until the end, and listed under “Suppressed too” and on Controls, where anybody can answer.</p>
      <Field label="Because" value={reason} onChange={setReason} area required autoFocus hint="Why may it stay for now? Whoever meets it later reads this" />
      <Field label="Control that it is about" value={control} onChange={setControl} required options={[{ value: '', label: 'Choose …' }, ...controls.map((one) => ({ value: one.control.name, label: plain(one.control.title) }))]} hint={known ? `Of ${known.control.owner}` : 'No control stands behind this rule: choose the one that it is nearest to'} />
      {known && <p className="soft small">For operations: <T>{known.control.protects.operations}</T> For security: <T>{known.control.protects.security}</T></p>}
      <div className="form pair">
        <Field label="Who answers for it" value={owner} onChange={setOwner} required hint="A team" />
        <Until value={until} onChange={setUntil} />
      </div>
    </Dialog>
  )
}
