// Hands a thing over to another team: a decision with a reason.
import { useId, useState } from 'react'
import { usePost } from '../../api/queries'
import { Dialog, Field } from '../../parts/form'
import { plain, T } from '../../parts/text'
import { say } from '../../parts/toast'
import { useSql } from './sql'

export function HandOver({ entity, now, close }: { entity: string; now: string | undefined; close: () => void }) {
  const [owner, setOwner] = useState('')
  const [reason, setReason] = useState('')
  const [at, setAt] = useState('')
  const [key] = useState(() => crypto.randomUUID())
  const list = useId()
  const teams = useSql<{ team: string }>(`SELECT entity AS team FROM entities WHERE kind = 'team' UNION SELECT owner FROM owners ORDER BY 1 LIMIT 500`)
  // What it was derived from is asked anew: owners stand in reports, in SQL and on the page itself.
  const send = usePost('/api/v1/owners', { also: ['/api/v1/owners', '/api/v1/inventory', '/api/v1/sql', '/api/v1/home', '/api/v1/findings'] })
  const submit = () => send.mutate(
    { body: { entity, owner: owner.trim(), reason: reason.trim(), key, ...(at ? { at: new Date(at).toISOString() } : {}) } },
    { onSuccess: () => { say(at ? `${plain(owner)} has it from then on` : `${plain(owner)} has it now`); close() } },
  )
  const same = owner.trim() !== '' && owner.trim() === now
  return (
    <Dialog title={now ? 'Hand over' : 'Name an owner'} send={now ? 'Hand over' : 'Name'} submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={owner.trim() !== '' && reason.trim() !== '' && !same}>
      <p className="soft"><T>{entity}</T>{now ? <> is <T>{now}</T>’s now.</> : ' is nobody’s now.'} A team takes it, not a person. It is a decision: it stands in the history with its reason.</p>
      <Field label="To the team" value={owner} onChange={setOwner} list={list} required autoFocus wrong={same ? 'It is theirs already' : undefined} autoComplete="off" />
      <datalist id={list}>{teams.data?.rows.map(({ team }) => <option key={team} value={team} />)}</datalist>
      <Field label="Why" value={reason} onChange={setReason} area required hint="Who finds it later reads this." />
      <Field label="From" type="datetime-local" value={at} onChange={setAt} hint="Now when empty." />
    </Dialog>
  )
}
