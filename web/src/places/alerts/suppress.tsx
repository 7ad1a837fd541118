// Keeping alerts from being raised, until a day: with a reason, an owner and an end.
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { useMe } from '../../app/session'
import { Dialog, Field } from '../../parts/form'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { say } from '../../parts/toast'
import { SHOWN } from './act'
import { type Asked, useKnownTeams } from './dialogs'
import { holds, inDays, MOST_DAYS, type Row } from './shapes'

type Scope = 'both' | 'rule' | 'entity'
interface Hides { rule?: string; entity?: string }
const SCOPES: { value: Scope; label: string }[] = [
  { value: 'both', label: 'This rule about this thing' },
  { value: 'rule', label: 'This rule about anything' },
  { value: 'entity', label: 'Any rule about this thing' },
]

/** What would be hidden, each pair once. */
function hidden(rows: Row[], scope: Scope): Hides[] {
  const all = rows.map((row): Hides => ({ ...(scope !== 'entity' ? { rule: row.rule } : {}), ...(scope !== 'rule' && row.entity ? { entity: row.entity } : {}) }))
  return [...new Map(all.filter((one) => one.rule || one.entity).map((one) => [JSON.stringify(one), one])).values()]
}

export function SuppressForm({ rows, close, done }: Asked) {
  const me = useMe()
  const client = useQueryClient()
  const teams = useKnownTeams()
  const own = teams.filter((team) => holds(me, 'editor', team))
  const [scope, setScope] = useState<Scope>('both')
  const [owner, setOwner] = useState(rows[0]?.team ?? own[0] ?? '')
  const [until, setUntil] = useState(inDays(30))
  const [reason, setReason] = useState('')
  const [doing, setDoing] = useState(false)
  const [error, setError] = useState<unknown>()
  const what = hidden(rows, scope)
  const again = () => Promise.all(SHOWN.map((start) => client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(start) })))
  const submit = async () => {
    setDoing(true)
    const made: number[] = []
    try {
      for (const hides of what) {
        const answer = (await post('/api/v1/suppressions', { ...hides, reason, owner: owner.trim(), until: `${until}T00:00:00Z`, idempotency_key: crypto.randomUUID() } as never)) as { suppression: Row | null }
        if (answer.suppression) made.push(answer.suppression.id)
      }
      const undo = () => post('/api/v1/alerts/act', { ids: made, do: 'resolve', outcome: 'done', reason: 'taken back at once' } as never)
      say(`${many(made.length, 'suppression')} until ${until}`, () => void undo().then(again, () => say('Not taken back: end it under Suppressions')))
      await again()
      close()
      done?.()
    } catch (problem) {
      setError(problem)
    } finally {
      setDoing(false)
    }
  }
  return (
    <Dialog title="Suppress" send="Suppress" submit={() => void submit()} onClose={close} doing={doing} error={error} ready={reason.trim() !== '' && owner.trim() !== '' && what.length > 0}>
      <Field label="Hide" value={scope} onChange={(next) => setScope(next as Scope)} options={SCOPES} />
      <ul className="alerts-hides">
        {what.slice(0, 5).map((one) => <li key={JSON.stringify(one)}><code><T>{[one.rule && `rule ${one.rule}`, one.entity && `about ${one.entity}`].filter(Boolean).join(', ')}</T></code></li>)}
        {what.length > 5 && <li className="soft">and {what.length - 5} more</li>}
      </ul>
      <div className="form pair">
        <Field label="Team that answers for it" value={owner} onChange={setOwner} required list="alerts-owners" autoComplete="off" />
        <Field label="Until" type="date" value={until} onChange={setUntil} min={inDays(1)} max={inDays(MOST_DAYS)} required hint={`At most ${MOST_DAYS} days; its end is told a week ahead`} />
      </div>
      <datalist id="alerts-owners">{own.map((one) => <option key={one} value={one} />)}</datalist>
      <Field label="Why" value={reason} onChange={setReason} area required autoFocus hint="Whoever wonders why nothing was said reads this." />
      <p className="soft small">What it hides is counted under Suppressions. Alerts that are open already stay open.</p>
    </Dialog>
  )
}
