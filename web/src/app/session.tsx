// Who asks. Signed out, the page keeps its address and asks for the log-in.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type FormEvent, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { type Answer, BACK, get, post, Problem, remember } from '../api/client'
import { Trouble, Waiting } from '../parts/basic'
import { Field } from '../parts/form'
import { useKeys } from '../parts/keys'
import { Brand } from './brand'

export type Me = Answer<'/api/v1/me'>
/** From the least on: each may what those before it may. */
export const ROLES = ['viewer', 'responder', 'editor', 'admin']
export const roleAt = (role: string) => ROLES.indexOf(role)

/** How often is asked who one is, while nobody answers. */
const AGAIN_MS = 3_000

const Who = createContext<Me | undefined>(undefined)
export const useMe = (): Me => useContext(Who)!
/** Whether the caller has a role, in a team or in any. What the server refuses is not offered. */
export function useMay(role: string, team?: string): boolean {
  return useMe().grants.some((grant) => roleAt(grant.role) >= roleAt(role) && (!team || grant.team === '*' || grant.team === team))
}
/** The caller's teams; none named is all. */
export const useTeams = (): string[] => [...new Set(useMe().grants.map(({ team }) => team).filter((team) => team !== '*'))]

export function Session({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const [ended, setEnded] = useState(false)
  const me = useQuery<Me, Problem>({
    queryKey: ['/api/v1/me'],
    queryFn: async ({ signal }) => {
      const told = await get('/api/v1/me', { signal })
      remember(told.csrf)
      return told
    },
    retry: (count, error) => !error.signedOut && count < 3,
    staleTime: 300_000,
    // Who opened the page before the server was up need not press anything.
    refetchInterval: ({ state }) => (state.error && !state.error.signedOut ? AGAIN_MS : false),
  })
  useEffect(() => {
    const onEnd = () => setEnded(true)
    window.addEventListener('tandem:signed-out', onEnd)
    return () => window.removeEventListener('tandem:signed-out', onEnd)
  }, [])
  const entered = (told: Me) => {
    remember(told.csrf)
    client.setQueryData(['/api/v1/me'], told)
    setEnded(false)
    window.dispatchEvent(new Event(BACK))
  }
  // The page stays below the log-in: what was typed in it is kept.
  const outside = me.error?.signedOut || ended
  if (me.isPending) return <div className="signin"><Waiting lines={3} /></div>
  if (me.error && !me.error.signedOut && !me.data) return <div className="signin"><Trouble error={me.error} retry={() => void me.refetch()} /></div>
  return (
    <>
      {outside && (me.data ? <Over><SignIn again entered={entered} /></Over> : <SignIn again={false} entered={entered} />)}
      {me.data && <div hidden={outside} style={{ height: '100%' }}><Who value={me.data}>{children}</Who></div>}
    </>
  )
}

/** Above everything, also above a dialog that was open: its text is kept below, and its keys rest. */
function Over({ children }: { children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  useKeys('The log-in', { Escape: { does: 'Stay here', run: () => undefined, inFields: true } }, { alone: true })
  return <dialog ref={dialog} className="over" aria-label="Log in again" onCancel={(event) => event.preventDefault()}>{children}</dialog>
}

function SignIn({ again, entered }: { again: boolean; entered: (me: Me) => void }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [error, setError] = useState<unknown>()
  const [doing, setDoing] = useState(false)
  const provider = document.querySelector('meta[name="tandem-provider"]') !== null
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setDoing(true)
    try {
      entered(await post('/api/v1/login', { login, password }))
    } catch (problem) {
      setError(problem)
    } finally {
      setDoing(false)
    }
  }
  return (
    <main className="signin">
      <Brand />
      {again ? <p className="note">The session is over. Log in again: this page is kept as it is.</p> : <h1>Log in</h1>}
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field label="Log-in" value={login} onChange={setLogin} autoComplete="username" required autoFocus />
        <Field label="Password" type="password" value={password} onChange={setPassword} autoComplete="current-password" required />
        {error ? <Trouble error={error} /> : null}
        <button type="submit" className="button primary" disabled={doing || !login || !password}>{doing ? 'Asking …' : 'Log in'}</button>
      </form>
      {provider && <a href="/api/v1/oidc/start">Log in with the organisation’s provider</a>}
      {!again && (
        <p className="soft small">
          First time? The server printed the log-in and password of its first user when it started; <code className="nowrap">tandem user add LOGIN --role admin</code> makes another one.
        </p>
      )}
    </main>
  )
}
