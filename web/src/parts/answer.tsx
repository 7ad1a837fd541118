// Wherever something is stopped, warned of or hidden: "this helped", "this hurt, because …", a question, a request for an exception.
import { useState } from 'react'
import { usePost } from '../api/queries'
import { Button } from './basic'
import { Dialog, Field } from './form'

type Say = 'helped' | 'hurt' | 'question' | 'exception'
const TITLES: Record<Say, string> = { helped: 'This helped', hurt: 'This hurt, because …', question: 'Ask the owner', exception: 'Ask for an exception' }
const HINTS: Record<Say, string> = {
  helped: 'What did it prevent or catch? May stay empty.',
  hurt: 'What did it stop or cost? The control’s owner reads it and answers.',
  question: 'The control’s owner answers; you are told.',
  exception: 'Why it should not hold here. The owner decides; it ends by itself.',
}
const DAY_MS = 86_400_000
/** Exceptions last at most so long; the server holds to it too. */
const MOST_DAYS = 90
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)

export interface Answered {
  /** The decision that speaks: a verdict, an alert, a suppression, a lockdown. */
  to?: number | undefined
  control?: string | undefined
  entity?: string | undefined
  environment?: string | undefined
  /** Findings and other facts that it rests on. */
  facts?: number[] | undefined
}

export function AnswerBar({ about, exception = true }: { about: Answered; exception?: boolean }) {
  const [say, setSay] = useState<Say>()
  const kinds: Say[] = exception ? ['helped', 'hurt', 'question', 'exception'] : ['helped', 'hurt', 'question']
  return (
    <div className="buttons" role="group" aria-label="Answer the control">
      {kinds.map((kind) => <Button key={kind} onClick={() => setSay(kind)}>{{ helped: 'Helped', hurt: 'Hurt', question: 'Ask', exception: 'Exception' }[kind]}</Button>)}
      {say && <Form say={say} about={about} close={() => setSay(undefined)} />}
    </div>
  )
}

function Form({ say, about, close }: { say: Say; about: Answered; close: () => void }) {
  const [text, setText] = useState('')
  const [until, setUntil] = useState(inDays(30))
  const [key] = useState(() => crypto.randomUUID())
  const send = usePost('/api/v1/answers', {
    said: (answer: { heard_by?: string | null }) => (answer.heard_by ? `Said; ${answer.heard_by} hears of it` : 'Said'),
    also: ['/api/v1/answers', '/api/v1/controls', '/api/v1/home', '/api/v1/friction', '/api/v1/exceptions'],
  })
  const submit = () =>
    send.mutate(
      { body: { ...about, say, text, place: 'page', idempotency_key: key, ...(say === 'exception' ? { until: `${until}T00:00:00Z` } : {}) } },
      { onSuccess: close },
    )
  return (
    <Dialog title={TITLES[say]} send="Send" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={say === 'helped' || text.trim() !== ''}>
      <p className="soft">{[about.control, about.entity].filter(Boolean).join(' · ')}</p>
      <Field label={say === 'question' ? 'Question' : 'Because'} value={text} onChange={setText} area required={say !== 'helped'} hint={HINTS[say]} autoFocus />
      {say === 'exception' && <Field label="Until" type="date" value={until} onChange={setUntil} min={inDays(1)} max={inDays(MOST_DAYS)} hint={`At most ${MOST_DAYS} days; a week before it ends the owner is told`} required />}
    </Dialog>
  )
}
