// Small parts that several pages of this place share.
import { useState } from 'react'
import { Badge, Button } from '../../parts/basic'
import { count } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { clock } from '../../parts/time'
import type { Attributes, Deployed } from './shapes'

const SIGNALS: [string, string][] = [['logs', 'logs'], ['spans', 'traces'], ['metrics', 'metrics']]

/** What it sends; what it does not is struck through. */
export function Signals({ of, silent }: { of: string[]; silent?: boolean }) {
  if (of.length === 0) return <span className="soft">{silent ? 'nothing' : '–'}</span>
  return (
    <span className="services-signals">
      {SIGNALS.map(([table, word]) => (of.includes(table) ? <span key={table}>{word}</span> : <s key={table} title={`It sends no ${word}`}><span className="hidden-visually">no </span>{word}</s>))}
    </span>
  )
}

const SHORT: Record<string, string> = { production: 'prod', development: 'dev' }

/** The version in each environment: what was deployed there last, or else what telemetry says. */
export function Versions({ of: { deployed, attributes } }: { of: { deployed: Deployed[]; attributes: Attributes } }) {
  const told = attributes['service.version']
  if (deployed.length === 0 && !told) return <span className="soft">–</span>
  if (deployed.length === 0) return <code><T most={60}>{told}</T></code>
  // An environment that is not named says nothing where others are.
  const named = deployed.filter(({ environment }) => environment)
  const order = (environment: string | null) => (environment === 'production' ? 0 : 1)
  const shown = (named.length > 0 ? named : deployed).toSorted((one, other) => order(one.environment) - order(other.environment))
  return (
    <span className="services-versions">
      {shown.map(({ environment, version, at }) => (
        <span key={environment ?? ''} className="nowrap" title={`deployed ${clock(at)}`}>
          <code><T most={60}>{version}</T></code>
          {environment && <span className="soft small"> <T most={30}>{SHORT[environment] ?? environment}</T></span>}
        </span>
      ))}
    </span>
  )
}

const FIRST = 100
/** A table that begins with so many rows, and says how many there are. */
export function Capped<R>({ label, rows, columns, id, open, empty, truncated, keys = false }: { label: string; rows: R[]; columns: Column<R>[]; id: (row: R) => string; open?: (row: R) => void; empty: string; truncated?: boolean; keys?: boolean }) {
  const [most, setMost] = useState(FIRST)
  if (rows.length === 0) return <p className="soft">{empty}</p>
  return (
    <>
      <Table label={label} rows={rows.slice(0, most)} columns={columns} id={id} keys={keys} {...(open ? { open } : {})} />
      {rows.length > most && <div><Button onClick={() => setMost(most * 4)}>Show more: {count(rows.length - most)} are left</Button></div>}
      {truncated && <p className="soft small">The server cut the list here: there are more.</p>}
    </>
  )
}

/** Yes or no, in words and colour. */
export const YesNo = ({ is, not = 'no' }: { is: boolean; not?: string }) => (is ? <Badge kind="good">yes</Badge> : <Badge kind="medium">{not}</Badge>)

/** A value of an attribute, as it is read. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ')
  if (value !== null && typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

