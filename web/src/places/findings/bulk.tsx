// What is done about several findings at once.
import { useState } from 'react'
import { Button } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { useKeys } from '../../parts/keys'
import { many } from '../../parts/number'
import { plain } from '../../parts/text'
import type { Row } from './shapes'
import { Suppress } from './suppress'
import { handed, useHand, useHurt, useMayFor } from './triage'

type Act = 'suppress' | 'hand' | 'hurt'

export function Bulk({ rows, clear }: { rows: Row[]; clear: () => void }) {
  const [act, setAct] = useState<Act>()
  const acts = useActs(rows)
  useKeys('Chosen findings', {
    Escape: { does: 'Choose none', run: clear },
    ...(acts.suppress ? { s: { does: 'Suppress', run: () => setAct('suppress') } } : {}),
    ...(acts.hand ? { o: { does: 'Hand to an owner', run: () => setAct('hand') } } : {}),
    u: { does: 'This hurt', run: () => setAct('hurt') },
  })
  return (
    <div className="findings-bulk" role="region" aria-label="Chosen findings">
      <b>{many(rows.length, 'finding')} chosen</b>
      {acts.suppress && <Button onClick={() => setAct('suppress')}>Suppress … <kbd>s</kbd></Button>}
      {acts.hand && <Button onClick={() => setAct('hand')}>Hand to an owner … <kbd>o</kbd></Button>}
      <Button onClick={() => setAct('hurt')}>This hurt … <kbd>u</kbd></Button>
      <Button kind="quiet" onClick={clear}>Choose none <kbd>Esc</kbd></Button>
      {!acts.suppress && <span className="soft small">Responders of the teams that own them suppress findings.</span>}
      {act && <Acting act={act} rows={rows} close={() => setAct(undefined)} done={clear} />}
    </div>
  )
}

export const useActs = (rows: Row[]) => ({ suppress: useMayFor('responder', rows), hand: useMayFor('editor', rows) })

/** The dialog of an act. */
export function Acting({ act, rows, close, done }: { act: Act; rows: Row[]; close: () => void; done?: () => void }) {
  const finish = () => (close(), done?.())
  if (act === 'suppress') return <Suppress rows={rows} close={close} done={finish} />
  if (act === 'hand') return <Hand rows={rows} close={close} done={finish} />
  return <Hurt rows={rows} close={close} done={finish} />
}

function Hand({ rows, close, done }: { rows: Row[]; close: () => void; done: () => void }) {
  const [owner, setOwner] = useState('')
  const [reason, setReason] = useState('')
  const [key] = useState(() => crypto.randomUUID())
  const hand = useHand()
  const things = [...handed(rows).keys()]
  const files = rows.filter(({ owners }) => owners.length > 0)
  const teams = [...new Set(files.flatMap(({ owners }) => owners))]
  const ready = things.length > 0 && owner.trim() !== '' && reason.trim() !== ''
  return (
    <Dialog title="Hand to an owner" {...(things.length > 0 ? { send: 'Hand over', submit: () => hand.mutate({ rows, owner: owner.trim(), reason, key }, { onSuccess: done }) } : {})} onClose={close} doing={hand.isPending} error={hand.error} ready={ready}>
      {things.length > 0 && <p className="soft">Findings follow the owner of what is weak. Handed over: {plain(things.slice(0, 6).join(', '))}{things.length > 6 && ` and ${things.length - 6} more`}, with all that belongs to it.</p>}
      {files.length > 0 && <p className="note">{many(files.length, 'finding')} {files.length === 1 ? 'is' : 'are'} in files that the file of owners gives to {plain(teams.join(', '))}. Change CODEOWNERS there: that is where it is decided.</p>}
      {things.length > 0 && (
        <>
          <Field label="To the team" value={owner} onChange={setOwner} required autoFocus placeholder="payments" />
          <Field label="Because" value={reason} onChange={setReason} area required />
        </>
      )}
    </Dialog>
  )
}

function Hurt({ rows, close, done }: { rows: Row[]; close: () => void; done: () => void }) {
  const [text, setText] = useState('')
  const [key] = useState(() => crypto.randomUUID())
  const hurt = useHurt()
  const by = new Map<string, Row[]>()
  for (const row of rows) {
    const { control } = row
    if (control) by.set(control, [...(by.get(control) ?? []), row])
  }
  const groups = [...by].map(([control, of]) => ({ control, rows: of }))
  const without = rows.length - groups.reduce((sum, group) => sum + group.rows.length, 0)
  return (
    <Dialog title="This hurt, because …" {...(groups.length > 0 ? { send: 'Send', submit: () => hurt.mutate({ groups, text, key }, { onSuccess: done }) } : {})} onClose={close} doing={hurt.isPending} error={hurt.error} ready={groups.length > 0 && text.trim() !== ''}>
      {groups.length > 0 && <p className="soft">Said to {groups.map(({ control, rows: of }) => `${control} (${of.length})`).join(', ')}. Its owner reads it and replies.</p>}
      {without > 0 && <p className="note">Behind the rules of {many(without, 'finding')} stands no control, so nobody would hear of it: name the rule under <code>rules</code> in a control’s file.</p>}
      {groups.length > 0 && <Field label="Because" value={text} onChange={setText} area required autoFocus hint="What did it cost, or why is it wrong?" />}
    </Dialog>
  )
}
