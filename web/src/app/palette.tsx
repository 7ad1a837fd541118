// Ctrl-K: any place, service, page of knowledge or action, by a few letters.
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useGet } from '../api/queries'
import { useReport } from '../api/reports'
import { Icon, type IconName } from '../parts/icon'
import { useKeys } from '../parts/keys'
import { T } from '../parts/text'
import { say } from '../parts/toast'
import type { Place } from './places'
import { signOut } from './signout'
import { choose, theme } from './theme'
import { shareable } from './time'

interface Choice { id: string; name: string; about: string; icon: IconName; run: () => void }
const MOST_SHOWN = 40
/** How much of a name is asked for before things are looked up. */
const LEAST_LETTERS = 2

export function Palette({ places, close }: { places: Place[]; close: () => void }) {
  const navigate = useNavigate()
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const asked = useDeferredValue(text.trim())
  const enough = asked.length >= LEAST_LETTERS
  const services = useReport('running', { kind: 'service' }, { enabled: enough })
  const pages = useGet('/api/v1/knowledge/search', { query: { q: asked, limit: 8 } }, { enabled: enough, keep: true })
  useEffect(() => dialog.current?.showModal(), [])
  const fixed = useMemo((): Choice[] => {
    const go = (to: string) => () => void navigate({ to })
    return [
      ...places.map((place): Choice => ({ id: place.path, name: place.name, about: place.about, icon: place.icon, run: go(place.path) })),
      { id: 'theme', name: theme() === 'dark' ? 'Light' : 'Dark', about: 'Change the colours', icon: 'sun', run: () => choose(theme() === 'dark' ? 'light' : 'dark') },
      { id: 'share', name: 'Share this page', about: 'Copy the address, times fixed', icon: 'link', run: () => void navigator.clipboard.writeText(shareable()).then(() => say('The address is copied')) },
      { id: 'out', name: 'Log out', about: 'End the session', icon: 'close', run: () => void signOut() },
    ]
  }, [places, navigate])
  const lower = text.trim().toLowerCase()
  const choices: Choice[] = fixed.filter(({ name, about }) => `${name} ${about}`.toLowerCase().includes(lower))
  if (enough) {
    for (const { kind, name } of services.data?.rows ?? []) {
      const entity = `${kind}:${name}`
      if (entity.toLowerCase().includes(lower)) choices.push({ id: entity, name: entity, about: 'What runs', icon: 'services', run: () => void navigate({ to: '/services/$entity', params: { entity } } as never) })
    }
    for (const page of pages.data?.hits ?? []) {
      choices.push({ id: page.id, name: page.title, about: page.kind, icon: 'readiness', run: () => void navigate({ to: '/readiness', search: { page: page.id } } as never) })
    }
    choices.push({ id: 'search', name: `Search logs for “${text.trim()}”`, about: 'Explore', icon: 'explore', run: () => void navigate({ to: '/explore', search: { query: text.trim() } } as never) })
  }
  const shown = choices.slice(0, MOST_SHOWN)
  const run = (choice: Choice | undefined) => {
    if (!choice) return
    close()
    choice.run()
  }
  const move = (by: number) => setAt((before) => Math.max(0, Math.min(shown.length - 1, before + by)))
  useKeys('Dialog', {
    Escape: { does: 'Close', run: close, inFields: true },
    ArrowDown: { does: 'Next', run: () => move(1), inFields: true },
    ArrowUp: { does: 'Before', run: () => move(-1), inFields: true },
    Enter: { does: 'Do it', run: () => run(shown[at]), inFields: true },
  }, { alone: true })
  return (
    <dialog ref={dialog} className="dialog" aria-label="Go to or do anything" onCancel={(event) => (event.preventDefault(), close())} onClick={(event) => event.target === dialog.current && close()}>
      <input className="palette" placeholder="Go to or do anything" aria-label="Go to or do anything" role="combobox" aria-expanded="true" aria-controls="palette" aria-activedescendant={shown[at] && `palette-${at}`} value={text} autoFocus spellCheck={false}
        onChange={(event) => (setText(event.target.value), setAt(0))} />
      <div className="palette-list" id="palette" role="listbox" aria-label="Choices">
        {shown.map((choice, index) => (
          <div key={choice.id} id={`palette-${index}`} role="option" aria-selected={index === at} onClick={() => run(choice)} onMouseMove={() => setAt(index)}>
            <Icon name={choice.icon} />
            <span className="cut"><T>{choice.name}</T></span>
            <span className="soft small cut grow" style={{ textAlign: 'right' }}>{choice.about}</span>
          </div>
        ))}
      </div>
    </dialog>
  )
}
