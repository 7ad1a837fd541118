// Who comes in, and with which rights.
import { useDeferredValue, useState } from 'react'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Section, Shown } from '../../parts/basic'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { Grants, useAdminOfAll } from './grants'
import { called, type User } from './shapes'
import { NewUser } from './user-dialogs'
import { UserDrawer } from './user'

export default function Users() {
  const asked = useGet('/api/v1/users')
  const [url, set] = useUrl()
  const [making, setMaking] = useState(false)
  const all = useAdminOfAll()
  const me = useMe()
  const text = useDeferredValue((url.text ?? '').toLowerCase())
  const users = asked.data?.users ?? []
  const rows = users.filter((user) => !text || `${called(user)} ${user.grants.map(({ role, team }) => `${role} ${team}`).join(' ')}`.toLowerCase().includes(text))
  const open = users.find(({ id }) => String(id) === url.open)
  const columns: Column<User>[] = [
    { id: 'login', head: 'Log-in', sort: called, cell: (user) => <span className="row"><button type="button" className="settings-link" onClick={() => set({ open: String(user.id) })}><T most={80}>{called(user)}</T></button>{user.login === me.name && <Badge kind="accent">you</Badge>}</span> },
    { id: 'grants', head: 'Is', cell: ({ grants }) => <Grants of={grants} /> },
    { id: 'by', head: 'Logs in by', sort: ({ single_sign_on }) => Number(single_sign_on), cell: ({ password, single_sign_on }) => [password && 'password', single_sign_on && 'single sign-on'].filter(Boolean).join(' and ') || 'nothing' },
    { id: 'state', head: 'State', sort: ({ disabled }) => Number(disabled), cell: ({ disabled }) => (disabled ? <Badge kind="medium">kept out</Badge> : <Badge kind="good">may log in</Badge>) },
    { id: 'created', head: 'Made', className: 'nowrap', sort: ({ created }) => created, cell: ({ created }) => <Ago at={created} /> },
  ]
  return (
    <Section title="Users" told={asked.data && (rows.length === users.length ? many(users.length, 'user') : `${count(rows.length)} of ${many(users.length, 'user')}`)}
      aside={<span className="row">
        <input className="input" type="search" data-search placeholder="Log-in, role or team" aria-label="Log-in, role or team" value={url.text ?? ''} onChange={(event) => set({ text: event.target.value }, { push: false })} />
        {all && <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>New user</Button>}
      </span>}>
      {!all && <p className="soft">As an admin of a team you give and take rights in it. Who is in at all is up to the admins of all teams.</p>}
      <Shown of={asked}>{() => <Table label="Users" rows={rows} columns={columns} id={({ id }) => String(id)} open={({ id }) => set({ open: String(id) })} opened={url.open} />}</Shown>
      {url.open && asked.data && !open && <p className="soft" role="status">There is no user {plain(url.open)} any more.</p>}
      {open && <UserDrawer user={open} close={() => set({ open: undefined })} />}
      {making && <NewUser close={() => setMaking(false)} />}
    </Section>
  )
}
