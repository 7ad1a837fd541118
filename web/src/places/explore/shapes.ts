// What the server answers about logs, and how a field of a row is found: as the search language finds it.
import type { Schemas } from '../../api/client'

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }
export type Attributes = Record<string, Value>
export interface Row {
  event_id: number
  timestamp: string
  service_name?: string
  severity_number?: number
  severity_text?: string
  body?: string
  trace_id?: string
  span_id?: string
  attributes?: Attributes
  resource_attributes?: Attributes
  scope_attributes?: Attributes
  [column: string]: Value | undefined
}
export type Column = Schemas['Column']
export type Bars = Schemas['Bars']
export type Done = Schemas['SearchDone']
export interface Refused { message: string; help?: string; where?: { start: number; end: number } }
/** A line of a search's answer: one of these. */
export interface Line { row?: Row; histogram?: Bars; columns?: Column[]; done?: Done; error?: Refused }
export type Facet = Schemas['Facet']
export type FieldKnown = Schemas['FieldInfo']
export type Proposal = Schemas['Completion']
/** A search as it is asked: the text, and the time, fixed so that all parts of the page mean the same. */
export interface Run { query: string; from: string; to: string }

export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'] as const
export type Severity = (typeof LEVELS)[number]
const NUMBERED: Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
const WORDS: [RegExp, Severity][] = [[/^(fatal|crit|emerg|alert|panic)/i, 'fatal'], [/^err/i, 'error'], [/^warn/i, 'warn'], [/^(info|notice)/i, 'info'], [/^debug/i, 'debug'], [/^trace/i, 'trace']]

/** The level of a row: by its number, of which OpenTelemetry has four to each, or else by its word. */
export function severity(number: number | null | undefined, text: string | null | undefined): Severity {
  if (number && number >= 1 && number <= 24) return NUMBERED[Math.floor((number - 1) / 4)]!
  return WORDS.find(([word]) => text && word.test(text))?.[1] ?? 'none'
}
export const severityOf = (row: Row) => severity(row.severity_number, row.severity_text)

const SHORT: Record<string, string> = { service: 'service_name', message: 'body', msg: 'body', level: 'severity_text', severity: 'severity_text', time: 'timestamp', host: 'host.name' }
/** The value of a field: a column, an attribute of the record, or else of its resource. */
export function valueOf(row: Row, field: string): Value | undefined {
  const name = SHORT[field] ?? field
  const [, from, key] = /^(attributes|attr|resource|scope)\.(.+)$/.exec(name) ?? []
  if (key) return (from === 'resource' ? row.resource_attributes : from === 'scope' ? row.scope_attributes : row.attributes)?.[key]
  return row[name] ?? row.attributes?.[name] ?? row.resource_attributes?.[name]
}
export const shown = (value: Value | undefined): string => (value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Which row it is. An `event_id` has 64 bits, more than a number here keeps: its time makes up for it. */
export const idOf = (row: Row) => `${row.timestamp}~${row.event_id}`

/** The thing that a row came from, named as in the catalogue. */
export function entityOf(row: Row): string | undefined {
  if (!row.service_name) return undefined
  const space = row.resource_attributes?.['service.namespace'] ?? row.attributes?.['service.namespace']
  return `service:${space ? `${shown(space)}/` : ''}${row.service_name}`
}
export const hostOf = (row: Row) => shown(valueOf(row, 'host.name')) || undefined

/** Nanoseconds since 1970 of a time as the server writes it. */
export function nanos(at: string): bigint {
  const [, seconds, part = ''] = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(at) ?? []
  if (!seconds) return BigInt(Date.parse(at)) * 1_000_000n
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(part.padEnd(9, '0'))
}
