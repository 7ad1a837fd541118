// What the tests of components render, and how.
import { QueryClientProvider } from '@tanstack/react-query'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { queries } from '../src/api/queries'
import { AnswerBar } from '../src/parts/answer'
import { Table } from '../src/parts/table'
import { T } from '../src/parts/text'
import Markdown from '../src/parts/markdown'
import { Trouble } from '../src/parts/basic'
import { Toasts } from '../src/parts/toast'
import { Session, useMe, useMay } from '../src/app/session'
export { Problem } from '../src/api/client'
export { MOCKS, serve } from './mocks'

let root: Root | undefined
/** Renders into an empty page, and answers its body. */
export async function render(node: ReactNode): Promise<HTMLElement> {
  await act(async () => root?.unmount())
  queries.clear()
  document.body.innerHTML = '<div id="root"></div>'
  root = createRoot(document.getElementById('root')!)
  await act(async () => root!.render(<QueryClientProvider client={queries}>{node}<Toasts /></QueryClientProvider>))
  await settled()
  return document.body
}
/** What was asked for has been answered and shown. */
export async function settled() {
  for (let turn = 0; turn < 5; turn++) await act(async () => new Promise((resolve) => setTimeout(resolve, 0)))
}
export async function press(key: string) {
  await act(async () => void window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })))
}
export async function click(element: Element | null | undefined) {
  if (!element) throw new Error('there is nothing to click')
  await act(async () => (element as HTMLElement).click())
  await settled()
}
export async function type(element: Element | null, text: string) {
  const field = element as HTMLInputElement
  await act(async () => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')!.set!.call(field, text)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  })
}

const Who = () => <p>{useMe().name} {useMay('editor', 'shop') ? 'may' : 'may not'} edit</p>
export const signedIn = () => render(<Session><Who /></Session>)
export const text = (value: string) => render(<p><T>{value}</T></p>)
export const markdown = (value: string) => render(<Markdown text={value} />)
export const trouble = (error: unknown) => render(<Trouble error={error} />)
export const answer = () => render(<AnswerBar about={{ control: 'tests-passed', entity: 'service:checkout', to: 7 }} />)
export const table = (rows: { id: string; n: number }[], open: (row: { id: string }) => void) =>
  render(<Table label="Rows" rows={rows} id={({ id }) => id} open={open} columns={[{ id: 'id', head: 'Name', cell: ({ id }) => id }, { id: 'n', head: 'Number', cell: ({ n }) => n, sort: ({ n }) => n }]} />)
