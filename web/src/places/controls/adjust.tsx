// Relaxing or tightening a control until a day: its owner's act.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { Dialog, Field } from '../../parts/form'
import { clock } from '../../parts/time'
import { DECIDED, endOf, inDays } from './data'
import { isDay, Until } from './parts'
import { MODES, type Mode } from './shapes'

const SAYS: Record<Mode, string> = { observe: 'observe: it says what it would have stopped', warn: 'warn: it warns, and lets pass', enforce: 'enforce: it stops' }

export function Adjust({ control, controls, mode = 'observe', reason: given = '', close }: { control: string; controls?: string[]; mode?: Mode; reason?: string; close: () => void }) {
  const [name, setName] = useState(control)
  const [speaks, setSpeaks] = useState<string>(mode)
  const [entity, setEntity] = useState('')
  const [environment, setEnvironment] = useState('')
  const [reason, setReason] = useState(given)
  const [until, setUntil] = useState(inDays(30))
  const send = usePost('/api/v1/adjustments', { said: (answer: { until: string }) => `${name} is ${speaks} until ${clock(answer.until)}`, also: DECIDED })
  const submit = () =>
    send.mutate(
      { body: { control: name, mode: speaks, reason, until: endOf(until), ...(entity ? { entity: entity.includes(':') ? entity : `service:${entity}` } : {}), ...(environment ? { environment } : {}) } as never },
      { onSuccess: close },
    )
  return (
    <Dialog title={controls ? 'Adjust a control' : `Adjust ${control}`} send="Adjust" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={Boolean(name && reason.trim() && isDay(until))}>
      {controls && <Field label="Control" value={name} onChange={setName} options={controls} required />}
      <Field label="Mode" value={speaks} onChange={setSpeaks} options={MODES.map((value) => ({ value, label: SAYS[value] }))} />
      <div className="form pair">
        <Field label="For this service alone" value={entity} onChange={setEntity} placeholder="all" hint="Empty for all" />
        <Field label="In this environment alone" value={environment} onChange={setEnvironment} placeholder="all" hint="Empty for all" />
      </div>
      <Field label="Because" value={reason} onChange={setReason} area required hint="Whoever it stops, or does not, reads it" />
      <Until value={until} onChange={setUntil} />
    </Dialog>
  )
}
