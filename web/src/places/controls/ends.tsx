// Renewing with one key, and ending before the time: acts of the control's owner.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { Button } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { clock } from '../../parts/time'
import { DECIDED, useControls } from './data'

/** The team that owns a control. */
export function useOwnerOf(control: string | null): string | undefined {
  return useControls().data?.controls.find((one) => one.control.name === control)?.control.owner
}

export function useRenew() {
  return usePost('/api/v1/exceptions/{id}/renew', { said: (answer: { until: string }) => `Renewed until ${clock(answer.until)}`, also: DECIDED })
}

export function Ends({ id, control }: { id: number; control: string | null }) {
  const owner = useOwnerOf(control)
  const may = useMay('editor', owner)
  const renew = useRenew()
  const [ending, setEnding] = useState(false)
  if (!may || !owner) return null
  return (
    <span className="controls-ends">
      <Button kind="quiet" disabled={renew.isPending} onClick={() => renew.mutate({ path: { id }, body: {} as never })} title="As it is, for as long as before">Renew</Button>
      <Button kind="quiet" onClick={() => setEnding(true)}>End</Button>
      {renew.error && <span className="small" role="alert" style={{ color: 'var(--critical)' }}> {renew.error.message}</span>}
      {ending && <End id={id} close={() => setEnding(false)} />}
    </span>
  )
}

export function End({ id, close }: { id: number; close: () => void }) {
  const [reason, setReason] = useState('')
  const end = usePost('/api/v1/exceptions/{id}/end', { said: 'Ended: what it held back is said again', also: DECIDED })
  return (
    <Dialog title="End it before its time" send="End it" kind="danger" submit={() => end.mutate({ path: { id }, body: { reason } as never }, { onSuccess: close })} onClose={close} doing={end.isPending} error={end.error} ready={reason.trim() !== ''}>
      <Field label="Because" value={reason} onChange={setReason} area required autoFocus />
    </Dialog>
  )
}
