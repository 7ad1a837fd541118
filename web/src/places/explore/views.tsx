// Searches that one comes back to, kept in this browser: a name and an address.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { parseSearch } from '../../app/url'
import { Button } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { Popover } from './popover'
import { say } from '../../parts/toast'

interface View { name: string; search: string }
const KEY = 'tandem:explore:views'
/** More would not be found again. */
const MOST = 100
/** What is open is no part of a view. */
const PASSING = ['open', 'trace', 'compare', 'tail']

function kept(): View[] {
  try {
    const read = JSON.parse(localStorage.getItem(KEY) ?? '[]') as View[]
    return Array.isArray(read) ? read.filter((one) => typeof one?.name === 'string' && typeof one.search === 'string') : []
  } catch {
    return []
  }
}

export function Views({ short }: { short?: boolean }) {
  const [views, setViews] = useState(kept)
  const [saving, setSaving] = useState(false)
  const keep = (next: View[]) => {
    setViews(next)
    localStorage.setItem(KEY, JSON.stringify(next))
  }
  const forget = (view: View) => {
    const before = views
    keep(views.filter((one) => one !== view))
    say(`The view ${view.name} is gone`, () => keep(before))
  }
  return (
    <>
      <Popover label="Views" short={short} told={views.length || undefined}>
        {(close) => (
          <>
            <Button icon="plus" onClick={() => (close(), setSaving(true))}>Save this one</Button>
            {views.length === 0 && <p className="soft small">None yet. A view keeps the search, its range and columns in this browser; to hand one to others, share its address.</p>}
            <ul className="explore-views">
              {views.map((view) => (
                <li key={view.name}>
                  <Link to="/explore" search={parseSearch(view.search) as never} className="cut grow" onClick={close}>{view.name}</Link>
                  <Button kind="quiet" icon="close" aria-label={`Forget the view ${view.name}`} onClick={() => forget(view)} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Popover>
      {saving && <Save close={() => setSaving(false)} save={(name) => (keep([{ name, search: current() }, ...views.filter((one) => one.name !== name)].slice(0, MOST)), say(`Saved as ${name}`))} />}
    </>
  )
}

function current(): string {
  const search = new URLSearchParams(location.search)
  for (const name of PASSING) search.delete(name)
  return search.toString()
}

function Save({ close, save }: { close: () => void; save: (name: string) => void }) {
  const [name, setName] = useState('')
  return (
    <Dialog title="Save this view" send="Save" onClose={close} ready={name.trim() !== ''} submit={() => (save(name.trim()), close())}>
      <Field label="Name" value={name} onChange={setName} required autoFocus hint="A view of the same name is replaced" />
    </Dialog>
  )
}
