// What an owner replies: words, or words and an act that ends by a day.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { Facts } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { Dialog, Field } from '../../parts/form'
import { T } from '../../parts/text'
import { Ago, clock } from '../../parts/time'
import { SayMark } from './answers'
import { DECIDED, endOf, inDays } from './data'
import { ControlLink, isDay, Until } from './parts'
import { type Asking, MODES } from './shapes'

const DID: { value: string; label: string }[] = [
  { value: 'answered', label: 'Answer in words' },
  { value: 'relaxed', label: 'Relax the control here, until a day' },
  { value: 'tightened', label: 'Tighten it here, until a day' },
  { value: 'excepted', label: 'Make the exception, until a day' },
  { value: 'refused', label: 'Refuse, because …' },
  { value: 'false', label: 'The check was wrong' },
]
const ACTS = ['relaxed', 'tightened', 'excepted']
const USUAL: Record<string, string> = { exception: 'excepted', hurt: 'relaxed' }

export function Reply({ asking, close }: { asking: Asking; close: () => void }) {
  const may = useMay('editor', asking.owner) && asking.waits
  const [did, setDid] = useState(USUAL[asking.say] ?? 'answered')
  const [reason, setReason] = useState('')
  const [mode, setMode] = useState('')
  const [until, setUntil] = useState(asking.until?.slice(0, 10) ?? inDays(14))
  const acts = ACTS.includes(did) && asking.control !== null
  const send = usePost('/api/v1/replies', { said: 'Replied; whoever asked is told', also: DECIDED })
  const submit = () => send.mutate({ body: { to: asking.id, did, reason, ...(acts ? { until: endOf(until), ...(mode && did !== 'excepted' ? { mode } : {}) } : {}) } as never }, { onSuccess: close })
  return (
    <Dialog title={may ? 'Reply' : 'What was said'} {...(may ? { send: 'Reply', submit } : {})} onClose={close} doing={send.isPending} error={send.error} ready={reason.trim() !== '' && (!acts || isDay(until))}>
      <div className="row"><SayMark say={asking.say} /><span className="grow wrap"><T>{asking.text}</T></span></div>
      <Facts
        rows={[
          ['Control', <ControlLink key="control" name={asking.control} title={asking.title} />],
          ['About', asking.about && <><Entity name={asking.about} />{asking.environment && <> in <T>{asking.environment}</T></>}</>],
          ['Owner', <Owner key="owner" team={asking.owner} />],
          ['Said', <Ago key="at" at={asking.at} />],
          ['Asked until', asking.until && clock(asking.until)],
        ]}
      />
      {asking.replies.map((one) => <p key={one.id}><b>{one.did}</b> <Ago at={one.at} />: <T>{one.text}</T></p>)}
      {may && (
        <>
          <Field label="Reply" value={did} onChange={setDid} options={asking.control ? DID : DID.filter(({ value }) => !ACTS.includes(value))} />
          <Field label="In words" value={reason} onChange={setReason} area required autoFocus hint="Whoever asked reads it" />
          {acts && <Until value={until} onChange={setUntil} />}
          {acts && did !== 'excepted' && <Field label="Then it speaks" value={mode} onChange={setMode} options={[{ value: '', label: did === 'relaxed' ? 'a step softer' : 'a step harder' }, ...MODES]} />}
        </>
      )}
      {!may && asking.waits && <p className="soft">An editor of {asking.owner} replies.</p>}
    </Dialog>
  )
}
