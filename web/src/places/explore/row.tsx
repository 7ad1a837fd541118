// One line: its fields, the lines around it, where it came from.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { Button, Facts, Section, Shown } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { plain, T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { say } from '../../parts/toast'
import { Around } from './around'
import { add, is, isNot } from './language'
import { read } from './search'
import { SeverityMark } from './severity'
import { entityOf, hostOf, idOf, nanos, type Row, severityOf, shown, type Value } from './shapes'

interface Given {
  id: string
  row: Row | undefined
  query: string
  search: (query: string) => void
  columns: string[]
  showColumn: (field: string) => void
  openTrace: (id: string) => void
  openRow: (row: Row) => void
  close: () => void
}

export function RowPanel(given: Given) {
  const { id, close } = given
  const [at = '', event = ''] = id.split('~')
  const unreadable = !event || Number.isNaN(Date.parse(at))
  // An address may name a line that is not among those that were read.
  const asked = useQuery<Row | null, Problem>({
    queryKey: ['explore/row', id],
    enabled: !given.row && !unreadable,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      let found: Row | null = null
      const from = nanos(at)
      await read({ query: `event_id:${event}`, from: String(from), to: String(from + 1n), limit: 1, histogram: 0 }, signal, ({ rows }) => (found = rows[0] ?? found))
      return found
    },
  })
  const row = given.row ?? asked.data
  return (
    <Drawer title={row ? <span className="row"><SeverityMark of={severityOf(row)} /><At at={row.timestamp} ms /></span> : 'Line'} onClose={close} actions={row && <Copy row={row} />}>
      {row ? <Whole {...given} row={row} /> : unreadable ? <p>This address names no line: a part of it is missing. Copy it again, or search for the line.</p> : <Shown of={asked}>{() => <p>This line is not there any more: it was erased, or is older than what is kept. Its time was <At at={at} />.</p>}</Shown>}
    </Drawer>
  )
}

const Copy = ({ row }: { row: Row }) => <Button onClick={() => void navigator.clipboard.writeText(JSON.stringify(row, null, 2)).then(() => say('The line is copied as JSON'), () => say('The browser keeps the clipboard to itself'))}>Copy as JSON</Button>

function Whole({ row, ...given }: Given & { row: Row }) {
  const entity = entityOf(row)
  const host = hostOf(row)
  return (
    <>
      <pre className="explore-text" tabIndex={0} aria-label="Text"><T most={200_000}>{pretty(row)}</T></pre>
      <div className="explore-drawer">
        <Facts rows={[
          ['When', <span key="when"><Ago at={row.timestamp} /> <span className="soft mono">{row.timestamp}</span></span>],
          ['Service', entity && <span key="entity" className="row"><Entity name={entity} at={row.timestamp} /><OwnerOf entity={entity} at={row.timestamp} /></span>],
          ['Host', host && <Entity key="host" name={`host:${host}`} at={row.timestamp} />],
          ['Trace', row.trace_id && <button key="trace" type="button" className="explore-link mono" onClick={() => given.openTrace(row.trace_id!)}>{row.trace_id}</button>],
        ]} />
      </div>
      <Fields row={row} {...given} />
      <Around key={idOf(row)} row={row} open={given.openRow} />
    </>
  )
}

function pretty(row: Row): string {
  const text = shown(row.body)
  if (!row.body_type) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function OwnerOf({ entity, at }: { entity: string; at: string }) {
  const told = useGet('/api/v1/owners', { query: { entity, at } })
  const owners = told.data?.owners
  if (!owners) return null
  const whole = owners.find(({ layer }) => layer === '') ?? owners[0]
  return <span className="row"><span className="soft">of</span><Owner team={whole?.owner} /></span>
}

/** Longer texts may scroll. */
const LONG = 200
const HIDDEN = new Set(['attributes', 'resource_attributes', 'scope_attributes', 'extra', 'body', 'event_id', 'timestamp'])

/** Names of fields as one searches for them, with their values. */
function listed(row: Row): [string, [string, Value][]][] {
  const own = Object.entries(row.attributes ?? {})
  const names = new Set(own.map(([name]) => name))
  // What the record has itself hides the same name of its resource.
  const resource = Object.entries(row.resource_attributes ?? {}).map(([name, value]): [string, Value] => [names.has(name) ? `resource.${name}` : name, value])
  const scope = Object.entries(row.scope_attributes ?? {}).map(([name, value]): [string, Value] => [`scope.${name}`, value])
  const columns = Object.entries(row).filter(([name, value]) => !HIDDEN.has(name) && value !== undefined && value !== null) as [string, Value][]
  return [['Attributes', own], ['Resource', resource], ['Columns', columns], ['Scope', scope]]
}

function Fields({ row, query, search, columns, showColumn }: Given & { row: Row }) {
  const [wanted, setWanted] = useState('')
  const fits = ([name, value]: [string, Value]) => `${name} ${shown(value)}`.toLowerCase().includes(wanted.trim().toLowerCase())
  const groups = listed(row).map(([title, fields]) => [title, fields.filter(fits)] as const).filter(([, fields]) => fields.length > 0)
  const total = listed(row).reduce((sum, [, fields]) => sum + fields.length, 0)
  return (
    <Section title="Fields" told={total} aside={<input className="input" type="search" aria-label="Find in the fields" placeholder="Find" value={wanted} onChange={(event) => setWanted(event.target.value)} />}>
      {groups.map(([title, fields]) => (
        <div key={title}>
          <h3 className="soft small">{title}</h3>
          <ul className="explore-named">
            {fields.map(([name, value]) => {
              const text = shown(value)
              const simple = typeof value !== 'object' && text.length <= 500
              return (
                <li key={name}>
                  <span className="name"><T>{name}</T></span>
                  {/* What is long scrolls by itself, by the keyboard too. */}
                  <span className="mono value" {...(text.length > LONG ? { tabIndex: 0, role: 'group', 'aria-label': plain(name) } : {})}><T>{text}</T></span>
                  <span className="does">
                    {simple && <Button kind="quiet" icon="plus" aria-label={`Only ${plain(name)} ${plain(text)}`} title="Only this value" onClick={() => search(add(query, is(name, text), isNot(name, text)))} />}
                    {simple && <Button kind="quiet" icon="minus" aria-label={`Without ${plain(name)} ${plain(text)}`} title="Without this value" onClick={() => search(add(query, isNot(name, text), is(name, text)))} />}
                    <Button kind="quiet" icon="column" on={columns.includes(name)} aria-label={`${plain(name)} as a column`} title={columns.includes(name) ? 'Hide the column' : 'As a column'} onClick={() => showColumn(name)} />
                  </span>
                </li>
              )
            })}
          </ul>
        </div>
      ))}
      {groups.length === 0 && <p className="soft">No field has “{wanted}”.</p>}
    </Section>
  )
}
