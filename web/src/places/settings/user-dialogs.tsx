// What is asked when users are made and altered.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { Paste } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { plain, T } from '../../parts/text'
import { say } from '../../parts/toast'
import { complete, GrantFields, useOwnTeams, type Wanted, wanted } from './grants'
import { called, ROLES, team, type User } from './shapes'

const ALSO = ['/api/v1/users', '/api/v1/audit']
const useFirst = (): Wanted => {
  const own = useOwnTeams()
  return { role: ROLES[0]!, team: own.includes('*') ? '' : (own[0] ?? ''), datasets: '*' }
}

/** A password that was made by the server is told once. */
function Once({ login, password, close }: { login: string; password: string; close: () => void }) {
  return (
    <Dialog title={`The password of ${plain(login)}`} onClose={close}>
      <p>Hand it over by a way that others do not read. It is shown this once: only its hash is kept. {plain(login)} sets another one under Settings, You.</p>
      <Paste text={password} label="Password" />
    </Dialog>
  )
}

export function NewUser({ close }: { close: () => void }) {
  const first = useFirst()
  const [login, setLogin] = useState('')
  const [grant, setGrant] = useState(first)
  const [made, setMade] = useState<{ login: string; password: string | null }>()
  const send = usePost('/api/v1/users', { also: ALSO })
  const submit = () => send.mutate({ body: { login: login.trim(), grants: [wanted(grant)] } as never }, { onSuccess: (answer) => setMade(answer as unknown as { login: string; password: string | null }) })
  if (made?.password) return <Once login={made.login} password={made.password} close={close} />
  return (
    <Dialog title="New user" send="Make" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={login.trim() !== '' && complete(grant)}>
      <Field label="Log-in" value={login} onChange={setLogin} required autoFocus autoComplete="off" hint="The password is generated and shown once." />
      <GrantFields value={grant} change={setGrant} />
    </Dialog>
  )
}

export function Give({ user, close }: { user: User; close: () => void }) {
  const [grant, setGrant] = useState(useFirst())
  const send = usePost('/api/v1/users/{id}/grant', { also: ALSO })
  const before = user.grants.find((one) => one.team === grant.team.trim())
  const submit = () => send.mutate({ path: { id: user.id }, body: wanted(grant) as never }, { onSuccess: () => { say(`${plain(called(user))} is ${grant.role} of ${plain(team(grant.team.trim()))} now`); close() } })
  return (
    <Dialog title={`Give ${plain(called(user))} a role`} send="Give" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={complete(grant)}>
      <GrantFields value={grant} change={setGrant} />
      {before && <p className="note">It is {plain(before.role)} there now: in one team there is one role, and the new one takes its place.</p>}
    </Dialog>
  )
}

export function NewPassword({ user, close }: { user: User; close: () => void }) {
  const [made, setMade] = useState<string>()
  const send = usePost('/api/v1/users/{id}/password', { also: ALSO })
  const submit = () => send.mutate({ path: { id: user.id }, body: {} as never }, { onSuccess: (answer) => setMade((answer as unknown as { password: string }).password) })
  if (made) return <Once login={called(user)} password={made} close={close} />
  return (
    <Dialog title={`A new password for ${plain(called(user))}`} send="Generate" submit={submit} onClose={close} doing={send.isPending} error={send.error}>
      <p>A password is generated and shown once. The one until now is void, and all sessions of <T>{called(user)}</T> end.</p>
    </Dialog>
  )
}

export function Forget({ user, close, gone }: { user: User; close: () => void; gone: () => void }) {
  const [typed, setTyped] = useState('')
  const send = usePost('/api/v1/forget', { also: ALSO, said: 'The name is erased; the audit trail still verifies' })
  const submit = () => send.mutate({ body: { name: user.login } as never }, { onSuccess: () => { close(); gone() } })
  return (
    <Dialog title={`Forget ${plain(called(user))}`} send="Erase for good" kind="danger" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={typed.trim() === user.login}>
      <p>Name, password, identity, sessions and roles are gone for good, everywhere in the ledger. What was done stays written down, without the name. There is no way back.</p>
      <Field label={`Type ${plain(called(user))} to go on`} value={typed} onChange={setTyped} required autoFocus autoComplete="off" />
    </Dialog>
  )
}
