// Renders into Node’s page, and does there what people do.
import './browser'
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router'
import { QueryClientProvider } from '@tanstack/react-query'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { queries } from '../src/api/queries'
import { routerOf } from '../src/app/routes'
import { Session } from '../src/app/session'
import { Toasts } from '../src/parts/toast'
import { type Answers, serve } from './serve'
import type { Call } from './mocks/types'

let root: Root | undefined
async function fresh(node: ReactNode, until?: Until): Promise<HTMLElement> {
  await act(async () => root?.unmount())
  queries.clear()
  document.body.innerHTML = '<div id="root"></div>'
  root = createRoot(document.getElementById('root')!)
  await act(async () => root!.render(<QueryClientProvider client={queries}>{node}</QueryClientProvider>))
  await settled(until)
  return document.body
}
/** Renders a part into an empty page, and answers its body. */
export const render = (node: ReactNode) => fresh(<>{node}<Toasts /></>)

export interface Opened { body: HTMLElement; calls: Call[]; address: () => string }
/** Opens the page at an address, answered by `answers` and else by the mocks. */
export async function open(address: string, answers: Answers = {}, until?: Until): Promise<Opened> {
  const calls = serve(answers)
  const router = routerOf(createMemoryHistory({ initialEntries: [address] }))
  const body = await fresh(<Session><RouterProvider router={router} /></Session>, until)
  return { body, calls, address: () => router.state.location.href }
}

/** Turns in which nothing was under way, after which the page is at rest. */
const QUIET_TURNS = 4
const MOST_TURNS = 500
/** What is waited for where the page does not come to rest, since an answer is held back. */
export type Until = () => boolean
/** What was asked for has been answered and shown. */
export async function settled(until?: Until) {
  for (let turn = 0, quiet = 0; until ? !until() : quiet < QUIET_TURNS; turn++) {
    if (turn > MOST_TURNS) throw new Error('the page does not come to rest')
    await act(async () => new Promise((resolve) => setTimeout(resolve, 0)))
    const waits = queries.isFetching() + queries.isMutating() > 0 || document.querySelector('[aria-label="Loading"]') !== null
    quiet = waits ? 0 : quiet + 1
  }
}
export async function press(key: string, more: KeyboardEventInit = {}) {
  await act(async () => void (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more })))
  await settled()
}
/** What can be clicked by its words or its name: a button, a link, a field. */
export function named(name: string | RegExp, within: ParentNode = document): HTMLElement {
  const fits = (text: string | null | undefined) => (typeof name === 'string' ? text?.trim() === name : name.test(text ?? ''))
  const found = [...within.querySelectorAll<HTMLElement>('button, a, input, select, textarea, summary, [role=row], tr')].find((one) => fits(one.getAttribute('aria-label')) || fits(one.textContent) || [...((one as HTMLInputElement).labels ?? [])].some((label) => fits(label.firstChild?.textContent)))
  if (!found) throw new Error(`there is nothing that is called ${name}`)
  return found
}
export async function click(what: Element | string | RegExp | null | undefined, until?: Until) {
  const element = typeof what === 'string' || what instanceof RegExp ? named(what) : what
  if (!element) throw new Error('there is nothing to click')
  await act(async () => (element as HTMLElement).click())
  await settled(until)
}
export async function type(what: Element | string | RegExp | null, text: string) {
  const field = (typeof what === 'string' || what instanceof RegExp ? named(what) : what) as HTMLInputElement
  await act(async () => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')!.set!.call(field, text)
    field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }))
  })
  await settled()
}
export async function focus(element: HTMLElement | null) {
  if (!element) throw new Error('there is nothing to focus')
  await act(async () => element.focus())
}
