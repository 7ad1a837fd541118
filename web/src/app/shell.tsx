// What is around every place: the rail, what is loud, the palette, the help, and what was done.
import { useIsFetching } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Suspense, useEffect, useRef, useState } from 'react'
import { useGet } from '../api/queries'
import { Button, Waiting } from '../parts/basic'
import { Icon } from '../parts/icon'
import { type Keys, useKeys } from '../parts/keys'
import { T } from '../parts/text'
import { ago } from '../parts/time'
import { Toasts } from '../parts/toast'
import { Away } from './away'
import { Brand } from './brand'
import { Help } from './help'
import { Palette } from './palette'
import { DASHBOARDS, PLACES, type Place, SETTINGS } from './places'
import { useMe } from './session'
import { signOut } from './signout'
import { choose, theme } from './theme'

/** What a place does with a key comes before what all do. */
const BELOW = -1
const ALL = [...PLACES, DASHBOARDS, SETTINGS]

export function Shell() {
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const [palette, setPalette] = useState(false)
  const [help, setHelp] = useState(false)
  const stage = useRef<HTMLElement>(null)
  // Incidents have addresses of their own and belong to the place of alerts.
  const within = path.startsWith('/incidents') ? '/alerts' : path
  const place = ALL.find((place) => place.path !== '/' && within.startsWith(place.path)) ?? PLACES[0]!
  useEffect(() => {
    document.title = `${place.name} · Tandem`
  }, [place])
  const go: Keys = Object.fromEntries(ALL.map((place) => [`g ${place.key}`, { does: place.name, run: () => void navigate({ to: place.path }) }]))
  useKeys('Everywhere', {
    // A place without a search of its own leads to that of Explore, ready to type.
    '/': { does: 'Search', run: () => searchField() ?? void navigate({ to: '/explore' }).then(() => requestAnimationFrame(() => searchField())) },
    Escape: { does: 'Leave the field', run: leaveField, inFields: true },
    'Ctrl-k': { does: 'Go to or do anything', run: () => setPalette(true), inFields: true },
    '?': { does: 'These keys', run: () => setHelp(true) },
    ...go,
  }, { higher: BELOW })
  return (
    <div className="shell">
      <a className="skip" href="#stage" onClick={(event) => (event.preventDefault(), stage.current?.focus())}>Skip to the content</a>
      <Rail place={place} openPalette={() => setPalette(true)} openHelp={() => setHelp(true)} />
      <div className="stage">
        <Away />
        <Loud />
        <Working />
        <main id="stage" ref={stage} tabIndex={-1}>
          <Suspense fallback={<div className="place"><Waiting /></div>}><Outlet /></Suspense>
        </main>
      </div>
      {palette && <Palette places={ALL} close={() => setPalette(false)} />}
      {help && <Help close={() => setHelp(false)} />}
      <Toasts />
    </div>
  )
}

/** Puts the focus into the place's search field, if it has one. */
function searchField(): true | undefined {
  const field = document.querySelector<HTMLElement>('[data-search]')
  field?.focus()
  if (field instanceof HTMLInputElement) field.select()
  return field ? true : undefined
}

function leaveField() {
  const field = document.activeElement as HTMLElement | null
  if (field?.matches('input, textarea, select, [contenteditable]')) field.blur()
}

function Rail({ place, openPalette, openHelp }: { place: Place; openPalette: () => void; openHelp: () => void }) {
  const [open, setOpen] = useState(false)
  const [dark, setDark] = useState(theme() === 'dark')
  const me = useMe()
  const item = (one: Place) => (
    <Link key={one.path} to={one.path} aria-current={one === place ? 'page' : undefined} onClick={() => setOpen(false)}>
      <Icon name={one.icon} />
      {one.name}
    </Link>
  )
  return (
    <header className={open ? 'rail open' : 'rail'}>
      <Link to="/" aria-label="Tandem, Home" style={{ color: 'inherit' }}><Brand /></Link>
      <Button className="menu-button" icon="menu" aria-label="Places" aria-expanded={open} onClick={() => setOpen(!open)} />
      <div className="folds">
        <nav aria-label="Places">{PLACES.map(item)}</nav>
        <div className="foot">
          <nav aria-label="More">{[DASHBOARDS, SETTINGS].map(item)}</nav>
          <div className="row">
            <Button kind="quiet" onClick={openPalette} title="Go to or do anything"><kbd>Ctrl K</kbd></Button>
            <Button kind="quiet" onClick={openHelp} aria-label="Keys" title="Keys"><kbd>?</kbd></Button>
            <Button kind="quiet" icon={dark ? 'sun' : 'moon'} aria-label={dark ? 'Light' : 'Dark'} onClick={() => (choose(dark ? 'light' : 'dark'), setDark(!dark))} />
          </div>
          <div className="row soft small" style={{ padding: '0 8px' }}>
            <span className="cut grow" title={me.grants.map(({ role, team }) => `${role} of ${team === '*' ? 'all teams' : team}`).join(', ')}>{me.name}</span>
            <Button kind="quiet" onClick={() => void signOut()}>Log out</Button>
          </div>
        </div>
      </div>
    </header>
  )
}

/** Lockdowns that hold and those nobody looked at again: on every place. */
function Loud() {
  const home = useGet('/api/v1/home', {}, { every: 60_000 })
  const lockdowns = home.data?.lockdowns.rows ?? []
  const reviews = home.data?.reviews.rows ?? []
  return (
    <>
      {lockdowns.slice(0, 1).map((one) => (
        <div key={one.decision} className="loud critical" role="status">
          <Icon name="critical" />
          <span>Lockdown: <T>{one.reason}</T>; ends {ago(one.until)}</span>
          <Link to="/controls" search={{ tab: 'lockdowns' } as never}>Look</Link>
        </div>
      ))}
      {reviews.length > 0 && (
        <div className="loud high" role="status">
          <Icon name="high" />
          <span>{reviews.length === 1 ? 'A lockdown waits for its review' : `${reviews.length} lockdowns wait for their review`}</span>
          <Link to="/controls" search={{ tab: 'lockdowns' } as never}>Review</Link>
        </div>
      )}
    </>
  )
}

/** A line of light while the server is asked. */
function Working() {
  const asked = useIsFetching()
  return asked > 0 ? <div className="working" aria-hidden="true" /> : null
}
