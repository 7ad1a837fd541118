// Oneself: what one may, the password, the colours.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { useMe } from '../../app/session'
import { signOut } from '../../app/signout'
import { choose, chosen } from '../../app/theme'
import { Button, Facts, Section, Trouble } from '../../parts/basic'
import { Field } from '../../parts/form'
import { T } from '../../parts/text'
import { Grants } from './grants'
import { datasets, MAY, ROLES } from './shapes'

/** The server holds to it; here it is said before the password is sent. */
const LEAST_CHARACTERS = 12

export function You() {
  const me = useMe()
  const best = ROLES.findLast((role) => me.grants.some((grant) => grant.role === role))
  return (
    <div className="settings-narrow">
      <Section title="You">
        <Facts rows={[
          ['Log-in', <T key="name">{me.name}</T>],
          ['You are', <Grants key="grants" of={me.grants} />],
          ['You see', <T key="datasets">{datasets(me.datasets)}</T>],
          ['You may', best ? <ul key="may">{['see', ...ROLES.slice(1, ROLES.indexOf(best) + 1).map((role) => MAY[role]!.replace('also ', ''))].map((one) => <li key={one}>{one}</li>)}</ul> : 'nothing'],
        ]} />
        <div><Button onClick={() => void signOut()}>Log out</Button></div>
      </Section>
      <Colours />
      {me.kind === 'user' && <Password />}
    </div>
  )
}

function Colours() {
  const [now, setNow] = useState(chosen())
  return (
    <Section title="Colours">
      <span className="buttons" role="group" aria-label="Colours">
        {([['dark', 'Dark'], ['light', 'Light'], [null, 'As the system says']] as const).map(([one, words]) => <Button key={words} on={now === one} onClick={() => (choose(one), setNow(one))}>{words}</Button>)}
      </span>
      <p className="soft small">Kept in this browser.</p>
    </Section>
  )
}

function Password() {
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  const send = usePost('/api/v1/me/password', { said: 'The password is another. All sessions end: log in with the new one' })
  const short = fresh !== '' && [...fresh].length < LEAST_CHARACTERS ? `At least ${LEAST_CHARACTERS} characters` : undefined
  const differs = again !== '' && again !== fresh ? 'They differ' : undefined
  const ready = old !== '' && fresh !== '' && again === fresh && !short
  return (
    <Section title="Password">
      <form className="form settings-form" onSubmit={(event) => {
        event.preventDefault()
        // The session ends with it; asking for anything then shows the log-in, over this page.
        if (ready) send.mutate({ body: { old, new: fresh } as never }, { onSuccess: () => window.dispatchEvent(new Event('tandem:signed-out')) })
      }}>
        <Field label="Current password" type="password" value={old} onChange={setOld} autoComplete="current-password" required />
        <Field label="New password" type="password" value={fresh} onChange={setFresh} autoComplete="new-password" required wrong={short} hint={`At least ${LEAST_CHARACTERS} characters. All your sessions end with it.`} />
        <Field label="New password again" type="password" value={again} onChange={setAgain} autoComplete="new-password" required wrong={differs} />
        {send.error && <Trouble error={send.error} />}
        <div><button type="submit" className="button primary" disabled={!ready || send.isPending}>{send.isPending ? 'Setting …' : 'Set the password'}</button></div>
      </form>
    </Section>
  )
}
