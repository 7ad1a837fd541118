// Keys, by layer: what lies above is asked first, then what was mounted last. Fields keep what is typed in them.
import { createContext, useContext, useEffect, useRef } from 'react'

export interface Key {
  /** What it does, in the help. */
  does: string
  run: () => void
  /** Also while a field has the focus. */
  inFields?: boolean
}
export type Keys = Record<string, Key>

interface Layer { name: string; keys: Keys; alone: boolean; height: number }
const layers: Layer[] = []
/** A first key that waits for a second, such as `g`. */
let prefix = ''
let waiting: ReturnType<typeof setTimeout> | undefined
const PREFIX_MS = 1200

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type))

function named(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key
  return (event.ctrlKey || event.metaKey ? 'Ctrl-' : '') + (event.altKey ? 'Alt-' : '') + (key.length === 1 ? (event.ctrlKey || event.metaKey ? key.toLowerCase() : key) : key)
}

function press(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing) return
  const field = isField(event.composedPath()[0] ?? event.target)
  // Enter and space belong to what has the focus.
  const target = event.target as HTMLElement
  if ((event.key === 'Enter' || event.key === ' ') && target.closest?.('a, button, summary, [role="option"]')) return
  const name = prefix ? `${prefix} ${named(event)}` : named(event)
  const starts = !prefix && !field && layers.some((layer) => Object.keys(layer.keys).some((key) => key.startsWith(`${name} `)))
  for (const layer of [...layers].reverse().sort((a, b) => b.height - a.height)) {
    const key = layer.keys[name]
    if (key && (!field || key.inFields)) {
      event.preventDefault()
      forget()
      return key.run()
    }
    if (layer.alone) break
  }
  forget()
  if (starts) {
    prefix = name
    waiting = setTimeout(forget, PREFIX_MS)
  }
}

function forget() {
  prefix = ''
  clearTimeout(waiting)
}

/** How high something lies: a list that loads behind a drawer must not take the drawer's keys. */
export const Height = createContext(0)
/** What is alone lies above everything. */
const HIGHEST = 100

let listening = false
/** Takes keys while mounted. `alone` keeps keys from the layers below: for dialogs. */
export function useKeys(name: string, keys: Keys, { alone = false, on = true, higher = 0 } = {}) {
  const below = useContext(Height)
  const height = alone ? HIGHEST : below + higher
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    if (!on) return
    if (!listening) window.addEventListener('keydown', press)
    listening = true
    const layer: Layer = { name, alone, height, get keys() { return latest.current } }
    layers.push(layer)
    return () => void layers.splice(layers.indexOf(layer), 1)
  }, [name, alone, on, height])
}

/** What can be pressed now, for the help. */
export const known = (): Layer[] => layers.filter((layer) => Object.keys(layer.keys).length > 0)
