// The buttons of what may be done to some rows, and their forms.
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { post } from '../../api/client'
import { useMe } from '../../app/session'
import { Button } from '../../parts/basic'
import { say } from '../../parts/toast'
import { useAct, useAgain } from './act'
import { CloseForm, CommentForm, HandOverForm, IncidentForm, SnoozeForm, SuppressForm } from './dialogs'
import { holds, type Row } from './shapes'

type Form = 'close' | 'snooze' | 'suppress' | 'incident' | 'hand_over' | 'comment'
const FORMS = { close: CloseForm, snooze: SnoozeForm, suppress: SuppressForm, hand_over: HandOverForm, comment: CommentForm }

/** Opens an incident and goes there. */
export function useOpening() {
  const navigate = useNavigate()
  const again = useAgain()
  return async (body: Record<string, unknown>) => {
    const { incident } = (await post('/api/v1/incidents', body as never)) as { incident: number }
    await again()
    say('The incident is open')
    void navigate({ to: '/incidents/$id', params: { id: String(incident) } } as never)
  }
}

/** The rows of these that the caller may act on. */
export function useMine(rows: Row[]): Row[] {
  const me = useMe()
  return rows.filter((row) => holds(me, 'responder', row.team))
}

export function Acts({ rows, done, few = false }: { rows: Row[]; done?: () => void; few?: boolean }) {
  const me = useMe()
  const mine = useMine(rows)
  const [form, setForm] = useState<Form>()
  const act = useAct()
  const opening = useOpening()
  const open = mine.filter(({ state }) => state !== 'resolved')
  const fresh = open.filter(({ state }) => state !== 'acknowledged')
  const alerts = mine.filter(({ kind }) => kind === 'alert')
  const editor = me.grants.some(({ role }) => role === 'editor' || role === 'admin')
  if (mine.length === 0) return rows.length > 0 && !few ? <span className="soft small">Acting on {rows.length === 1 ? 'it' : 'these'} takes a responder of the team that owns the thing.</span> : null
  const Shown = form && form !== 'incident' ? FORMS[form] : undefined
  const about = form === 'suppress' || form === 'incident' ? alerts : form === 'comment' ? mine : open
  const forms = (
    <>
      {Shown && <Shown rows={about} close={() => setForm(undefined)} {...(done ? { done } : {})} />}
      {form === 'incident' && <IncidentForm rows={about} open={opening} close={() => setForm(undefined)} {...(done ? { done } : {})} />}
    </>
  )
  return (
    <div className="row alerts-acts" role="group" aria-label="What to do">
      {fresh.length > 0 && <Button kind="primary" disabled={act.isPending} title="Somebody looks at it (e)" onClick={() => act.mutate({ rows: fresh, deed: { do: 'acknowledge' } }, { onSuccess: () => done?.() })}>Acknowledge</Button>}
      {open.length > 0 && <Button onClick={() => setForm('close')}>Close …</Button>}
      {open.length > 0 && <Button onClick={() => setForm('snooze')}>Snooze …</Button>}
      {open.length === 0 && <Button onClick={() => act.mutate({ rows: mine, deed: { do: 'reopen', reason: 'it is not over' } }, { onSuccess: () => done?.() })}>Open again</Button>}
      {editor && alerts.length > 0 && <Button onClick={() => setForm('suppress')}>Suppress …</Button>}
      {alerts.length > 0 && <Button onClick={() => setForm('incident')}>To an incident …</Button>}
      {open.length > 0 && <Button onClick={() => setForm('hand_over')}>Hand over …</Button>}
      <Button kind="quiet" onClick={() => setForm('comment')}>Comment …</Button>
      {act.error && <span className="wrong" role="alert">{act.error.message}</span>}
      {forms}
    </div>
  )
}
