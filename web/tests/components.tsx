// What the tests of parts render.
import { useMay, useMe, Session } from '../src/app/session'
import { AnswerBar } from '../src/parts/answer'
import { Trouble } from '../src/parts/basic'
import Markdown from '../src/parts/markdown'
import { Table } from '../src/parts/table'
import { T } from '../src/parts/text'
import { render } from './render'
export { Problem } from '../src/api/client'
export { MOCKS } from './mocks'
export { refused, serve } from './serve'
export { click, press, type } from './render'

const Who = () => <p>{useMe().name} {useMay('editor', 'shop') ? 'may' : 'may not'} edit</p>
export const signedIn = () => render(<Session><Who /></Session>)
export const text = (value: string) => render(<p><T>{value}</T></p>)
export const markdown = (value: string) => render(<Markdown text={value} />)
export const trouble = (error: unknown) => render(<Trouble error={error} />)
export const answer = () => render(<AnswerBar about={{ control: 'tests-passed', entity: 'service:checkout', to: 7 }} />)
export const table = (rows: { id: string; n: number }[], open: (row: { id: string }) => void) =>
  render(<Table label="Rows" rows={rows} id={({ id }) => id} open={open} columns={[{ id: 'id', head: 'Name', cell: ({ id }) => id }, { id: 'n', head: 'Number', cell: ({ n }) => n, sort: ({ n }) => n }]} />)
