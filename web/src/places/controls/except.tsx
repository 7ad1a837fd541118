// The form of an exception, filled in by the server: all but why.
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { Dialog, Field } from '../../parts/form'
import { T } from '../../parts/text'
import { clock } from '../../parts/time'
import { DECIDED, endOf, inDays, read, useControls } from './data'
import { ControlLink, isDay, Services, SERVICES, thing, Until } from './parts'

type Form = Schemas['ExceptionForm']

export function Except({ control: given, entity: about, close }: { control?: string | undefined; entity?: string | undefined; close: () => void }) {
  const names = useControls().data?.controls.map(({ control }) => control.name) ?? []
  const [control, setControl] = useState(given ?? '')
  const [entity, setEntity] = useState(about ?? '')
  const [environment, setEnvironment] = useState('')
  const [reason, setReason] = useState('')
  const [owner, setOwner] = useState<string>()
  const [until, setUntil] = useState(inDays(30))
  const [key] = useState(() => crypto.randomUUID())
  const form = read<Form>(useGet('/api/v1/exceptions/form', { query: { control, entity: thing(entity) } }, { enabled: control !== '', keep: true })).data
  const team = useControls().data?.controls.find((one) => one.control.name === control)?.control.owner
  const may = useMay('editor', team)
  const send = usePost('/api/v1/exceptions', { said: (answer: { until: string }) => `Exempt until ${clock(answer.until)}`, also: DECIDED })
  const submit = () =>
    send.mutate(
      { body: { control, entity: thing(entity), environment: environment || undefined, reason, owner: owner || undefined, until: endOf(until), idempotency_key: key } as never },
      { onSuccess: close },
    )
  return (
    <Dialog title="Make an exception" send="Make the exception" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={Boolean(control && reason.trim() && isDay(until) && may)}>
      <Field label="From the control" value={control} onChange={setControl} options={[{ value: '', label: 'Choose …' }, ...names]} required />
      {form && <p className="soft small">For operations: <T>{form.for_operations}</T> For security: <T>{form.for_security}</T> Ask <T>{form.ask}</T>.</p>}
      {control && team && !may && <p className="note">An editor of {team} makes it. You can ask for it on the page of <ControlLink name={control} title="Its page" />.</p>}
      <div className="form pair">
        <Field label="For this alone" value={entity} onChange={setEntity} list={SERVICES} placeholder="service:checkout" hint="Empty for all" />
        <Field label="In this environment alone" value={environment} onChange={setEnvironment} placeholder="production" hint="Empty for all" />
      </div>
      <Services />
      <Field label="Because" value={reason} onChange={setReason} area required />
      <div className="form pair">
        <Field label="Who answers for it" value={owner ?? form?.owner ?? ''} onChange={setOwner} hint={form?.owner_because ?? 'The thing’s owner, else the control’s'} />
        <Until value={until} onChange={setUntil} />
      </div>
    </Dialog>
  )
}
