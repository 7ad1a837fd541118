// One user: rights given and taken, a new password, kept out, forgotten.
import { useState } from 'react'
import { post } from '../../api/client'
import { queries, usePost } from '../../api/queries'
import { useMe } from '../../app/session'
import { Button, Facts, Section, Trouble } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'
import { say } from '../../parts/toast'
import { useAdminOfAll, useOwnTeams } from './grants'
import { called, datasets, type Grant, team, type User } from './shapes'
import { Forget, Give, NewPassword } from './user-dialogs'

const again = () => void queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/api/v1/users') })
const ALSO = ['/api/v1/users', '/api/v1/tokens']
type Doing = 'give' | 'password' | 'forget'

export function UserDrawer({ user, close }: { user: User; close: () => void }) {
  const me = useMe()
  const all = useAdminOfAll()
  const [doing, setDoing] = useState<Doing>()
  const self = user.login === me.name
  const disable = usePost('/api/v1/users/{id}/disable', { also: ALSO })
  const keepOut = (disabled: boolean) => disable.mutate({ path: { id: user.id }, body: { disabled } }, {
    onSuccess: () => say(disabled ? `${plain(called(user))} is kept out; its sessions ended` : `${plain(called(user))} may log in again`, () => disable.mutate({ path: { id: user.id }, body: { disabled: !disabled } })),
  })
  return (
    <Drawer title={<T most={80}>{called(user)}</T>} onClose={close}>
      <Facts rows={[
        ['Made', <At key="made" at={user.created} />],
        ['Logs in by', [user.password && 'password', user.single_sign_on && 'single sign-on'].filter(Boolean).join(' and ') || 'nothing'],
        ['State', user.disabled ? 'kept out' : 'may log in'],
      ]} />
      <Section title="Rights" told={`${user.grants.length}`} aside={<Button icon="plus" onClick={() => setDoing('give')}>Give a role</Button>}>
        {user.grants.length === 0 && <p className="soft">None: it may log in, and sees nothing.</p>}
        <ul className="settings-rights">{user.grants.map((grant) => <Right key={grant.team} user={user} grant={grant} />)}</ul>
      </Section>
      {all && (
        <Section title="Way in">
          {disable.error && <Trouble error={disable.error} />}
          <div className="row">
            {user.password && <Button onClick={() => setDoing('password')}>New password</Button>}
            {!self && <Button disabled={disable.isPending} onClick={() => keepOut(!user.disabled)}>{user.disabled ? 'Let in again' : 'Keep out'}</Button>}
            {!self && user.login !== null && <Button kind="danger" onClick={() => setDoing('forget')}>Forget …</Button>}
          </div>
          <p className="soft small">Who is kept out keeps its rights for later; its sessions end at once and its tokens rest. To forget erases the name everywhere, for good.</p>
        </Section>
      )}
      {doing === 'give' && <Give user={user} close={() => setDoing(undefined)} />}
      {doing === 'password' && <NewPassword user={user} close={() => setDoing(undefined)} />}
      {doing === 'forget' && <Forget user={user} close={() => setDoing(undefined)} gone={close} />}
    </Drawer>
  )
}

function Right({ user, grant }: { user: User; grant: Grant }) {
  const own = useOwnTeams()
  const may = own.includes('*') || own.includes(grant.team)
  const take = usePost('/api/v1/users/{id}/revoke', { also: ALSO })
  const back = () => void post('/api/v1/users/{id}/grant', { ...grant } as never, { path: { id: user.id } }).then(again, (error: Error) => say(error.message))
  const submit = () => take.mutate({ path: { id: user.id }, body: { team: grant.team } }, { onSuccess: () => say(`${plain(called(user))} is no ${plain(grant.role)} of ${plain(team(grant.team))} any more`, back) })
  return (
    <li>
      <span className="grow"><strong>{plain(grant.role)}</strong> of <T>{team(grant.team)}</T> <span className="soft">sees <T>{datasets(grant.datasets)}</T></span></span>
      {may && <Button kind="quiet" disabled={take.isPending} onClick={submit} aria-label={`Take back: ${plain(grant.role)} of ${plain(team(grant.team))}`}>Take back</Button>}
      {take.error && <Trouble error={take.error} />}
    </li>
  )
}
