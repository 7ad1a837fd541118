// Lockdowns: controls that stop at once, until a time, and what becomes of each afterwards.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { AnswerBar } from '../../parts/answer'
import { Badge, Button, Empty, Facts, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { Field } from '../../parts/form'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { DECIDED, useControls } from './data'
import { CallLockdown } from './lock'
import { ControlLink } from './parts'
import type { Lockdown, Review } from './shapes'

export function Lockdowns() {
  const of = useControls()
  const [calling, setCalling] = useState(false)
  const owner = of.data?.controls.find(({ control }) => control.name === 'lockdown')?.control.owner
  const may = useMay('editor', owner) && owner !== undefined
  return (
    <Shown of={of}>
      {(data) => (
        <>
          <div className="row">
            {may && <Button kind="danger" icon="critical" onClick={() => setCalling(true)}>Call a lockdown</Button>}
            <span className="told">{owner ? `An editor of ${owner} calls one. Everybody is told; it ends by itself, and each control is reviewed.` : 'There is no control lockdown, which a lockdown follows.'}</span>
          </div>
          <Section title="In force" told={data.lockdowns.length}>
            {data.lockdowns.length === 0 && <Empty title="No lockdown"><p>During an attack or an outage, some controls can stop at once for hours, with a reason that whoever is stopped reads.</p></Empty>}
            {data.lockdowns.map((one) => <One key={one.decision} lockdown={one} />)}
          </Section>
          <Section title="Wait for their review" told={data.reviews.length}>
            {data.reviews.length === 0 && <p className="soft">When a lockdown is over, each of its controls is kept, relaxed or removed here. Until then it stays on everybody’s Home.</p>}
            {data.reviews.map((one) => <Waiting key={one.lockdown.decision} review={one} />)}
          </Section>
          {calling && <CallLockdown close={() => setCalling(false)} />}
        </>
      )}
    </Shown>
  )
}

function One({ lockdown }: { lockdown: Lockdown }) {
  const left = lockdown.controls.filter((name) => !lockdown.reviewed.includes(name))
  return (
    <article className="controls-lockdown">
      <div className="row">
        <b className="grow wrap"><T>{lockdown.reason}</T></b>
        <Badge kind="critical">ends <Ago at={lockdown.until} /></Badge>
      </div>
      <Facts
        rows={[
          ['Owner', <Owner key="owner" team={lockdown.owner} />],
          ['Called', <><At key="at" at={lockdown.at} /> (<Ago at={lockdown.at} />)</>],
          ['Ends', <At key="until" at={lockdown.until} />],
          ['Review', <><At key="review" at={lockdown.review_at} /> (<Ago at={lockdown.review_at} />)</>],
        ]}
      />
      <ReviewOf id={lockdown.decision} controls={left} done={lockdown.reviewed} />
      <span className="row controls-say"><span className="soft">Tell its owner:</span><AnswerBar about={{ to: lockdown.decision }} exception={false} /></span>
    </article>
  )
}

function Waiting({ review: { lockdown, waiting, overdue } }: { review: Review }) {
  return (
    <article className="controls-lockdown">
      <div className="row">
        <b className="grow wrap"><T>{lockdown.reason}</T></b>
        <Badge kind={overdue ? 'high' : 'medium'}>{overdue ? 'overdue since' : 'due'} <Ago at={lockdown.review_at} /></Badge>
      </div>
      <p className="soft">It held from <At at={lockdown.at} /> to <At at={lockdown.until} />; {many(waiting.length, 'control')} of {lockdown.controls.length} still {waiting.length === 1 ? 'waits' : 'wait'}.</p>
      <ReviewOf id={lockdown.decision} controls={waiting} done={lockdown.controls.filter((name) => !waiting.includes(name))} />
    </article>
  )
}

function ReviewOf({ id, controls, done }: { id: number; controls: string[]; done: string[] }) {
  return (
    <ul className="controls-reviews" aria-label="Controls of it">
      {controls.map((name) => <ReviewLine key={name} id={id} control={name} />)}
      {done.map((name) => <li key={name} className="soft"><ControlLink name={name} /> reviewed</li>)}
    </ul>
  )
}

const OUTCOMES = [
  { value: 'kept', label: 'Keep: it goes on to stop' },
  { value: 'relaxed', label: 'Relax: as before' },
  { value: 'removed', label: 'Remove: as before, and its file goes' },
]

function ReviewLine({ id, control }: { id: number; control: string }) {
  const owner = useControls().data?.controls.find((one) => one.control.name === control)?.control.owner
  const may = useMay('editor', owner) && owner !== undefined
  const [open, setOpen] = useState(false)
  const [outcome, setOutcome] = useState('relaxed')
  const [reason, setReason] = useState('')
  const review = usePost('/api/v1/lockdowns/{id}/review', { said: `${control} is reviewed`, also: DECIDED })
  const send = () => review.mutate({ path: { id }, body: { control, outcome, reason } as never })
  return (
    <li>
      <div className="row"><ControlLink name={control} /><span className="soft small">of {owner ?? 'nobody'}</span>{may && !open && <Button onClick={() => setOpen(true)}>Review</Button>}</div>
      {open && (
        <form className="controls-review" onSubmit={(event) => (event.preventDefault(), reason.trim() && send())}>
          <Field label="It is" value={outcome} onChange={setOutcome} options={OUTCOMES} />
          <Field label="Because" value={reason} onChange={setReason} required autoFocus wrong={review.error?.message} />
          <button type="submit" className="button primary" disabled={!reason.trim() || review.isPending}>{review.isPending ? 'Sending …' : 'Review'}</button>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
        </form>
      )}
    </li>
  )
}
