// Which reports there are, and how each is shown.
import type { ReactNode } from 'react'
import { Badge } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { bytes, count } from '../../parts/number'
import type { Column } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, At, millis } from '../../parts/time'
import { Signals, YesNo } from './bits'
import { Spark } from './spark'

type Any = Record<string, any>
export interface ReportKind {
  id: string
  name: string
  about: string
  empty: string
  columns: (at: string | undefined) => Column<Any>[]
  key: (row: Any) => string
  /** Names of totals; those that begin with % are in hundredths. */
  totals?: Record<string, string>
  chart?: (rows: Any[]) => ReactNode
  /** Rows are in the order of time: the newest is shown first. */
  newest?: boolean
  given?: { name: string; label: string; usual: string; options: string[] }
}

const text = (id: string, head: string): Column<Any> => ({ id, head, sort: (row) => String(row[id] ?? ''), cell: (row) => <T>{row[id]}</T> })
const number = (id: string, head: string): Column<Any> => ({ id, head, sort: (row) => Number(row[id] ?? 0), className: 'num', cell: (row) => (row[id] === null ? '–' : count(Math.round(Number(row[id]) * 10) / 10)) })
const time = (id: string, head: string): Column<Any> => ({ id, head, sort: (row) => millis(row[id]) || 0, className: 'nowrap', cell: (row) => <Ago at={row[id]} /> })
const owner = (id = 'owner'): Column<Any> => ({ id, head: 'Owner', sort: (row) => row[id] ?? '', cell: (row) => <Owner team={row[id]} /> })
const yes = (id: string, head: string): Column<Any> => ({ id, head, sort: (row) => Number(row[id]), cell: (row) => <YesNo is={Boolean(row[id])} /> })
const thing = (at: string | undefined): Column<Any> => ({ id: 'name', head: 'What', sort: (row) => `${row.kind}:${row.name}`, cell: (row) => <Entity name={`${row.kind}:${row.name}`} at={at} /> })
const sends = (head = 'Sends'): Column<Any> => ({ id: 'sends', head, sort: (row) => row.sends.length, cell: (row) => <Signals of={row.sends} silent /> })
const key = (row: Any) => `${row.kind}:${row.name}`

const line = (rows: Any[], field: string, label: string) => (
  <Spark label={label} points={rows.map((row) => ({ at: millis(row.at), value: Number(row[field]) || 0 }))} height={64} />
)

export const REPORTS: ReportKind[] = [
  { id: 'coverage', name: 'Coverage', about: 'What is known of each service. What nobody sees, nobody defends or repairs.', empty: 'No service is known yet.',
    key: (row) => row.service, totals: { logs: '% logs', traces: '% traces', metrics: '% metrics', version: '% version', environment: '% environment', owner: '% owner', runbook: '% runbook' },
    columns: (at) => [
      { id: 'service', head: 'Service', sort: (row) => row.service, cell: (row) => <Entity name={`service:${row.service}`} at={at} /> },
      yes('logs', 'Logs'), yes('traces', 'Traces'), yes('metrics', 'Metrics'), yes('version', 'Version'), yes('environment', 'Environment'), yes('runbook', 'Runbook'), owner('owned_by'),
    ] },
  { id: 'orphans', name: 'Orphans', about: 'Services, hosts, images and repositories that nobody is responsible for. Name an owner on the page of each.', empty: 'Everything has an owner.',
    key, columns: (at) => [thing(at), text('kind', 'Kind'), time('since', 'Since'), time('owned_until', 'Owned until'), sends()] },
  { id: 'silent', name: 'Silent', about: 'What runs and sends no logs: after an attack or an outage there is nothing to look at.', empty: 'All that runs sends logs.',
    key, totals: { looked_at: 'looked at', percent: '% of them silent' }, columns: (at) => [thing(at), text('kind', 'Kind'), owner(), sends('Sends at all'), time('seen', 'Seen'), time('since', 'Since')] },
  { id: 'unread', name: 'Unread logs', about: 'Streams that nobody asked for in 30 days and that no rule reads: they cost, and help nobody yet.', empty: 'Each stream is asked for or read by a rule.',
    key: (row) => `${row.dataset} ${row.service} ${row.host}`, totals: { read_by_rules_alone: 'read by rules alone', not_looked_at: 'not looked at' },
    columns: () => [text('service', 'Service'), text('host', 'Host'), text('dataset', 'Dataset'), { id: 'bytes', head: 'Bytes', className: 'num', sort: (row) => row.bytes, cell: (row) => bytes(row.bytes) }, number('rows', 'Rows'), time('last_received', 'Received'), time('last_query', 'Asked for')] },
  { id: 'sockets', name: 'Exposure', about: 'Sockets that other machines reach. Each should be meant, and somebody’s.', empty: 'No exposed socket is known. Hosts tell theirs by the agent or osquery.',
    key: (row) => `${row.host} ${row.socket}`, totals: { exposed: 'exposed' }, given: { name: 'all', label: 'Also those that only the machine itself reaches', usual: 'false', options: ['false', 'true'] },
    columns: (at) => [
      { id: 'host', head: 'Host', sort: (row) => row.host, cell: (row) => <Entity name={`host:${row.host}`} at={at} /> }, text('socket', 'Socket'), text('executable', 'Program'),
      { id: 'exposed', head: 'Reached', sort: (row) => Number(row.exposed), cell: (row) => (row.exposed ? <Badge kind="high">by others</Badge> : <Badge>by itself</Badge>) }, owner(), time('since', 'Since'),
    ] },
  { id: 'surface', name: 'Attack surface', about: 'Instances × exposed sockets × open findings, day by day. An alarm is told when it is more than one and a half times the median before.', empty: 'Nothing was counted.', newest: true,
    key: (row) => row.at, totals: { alarms: 'alarms' }, chart: (rows) => line(rows, 'surface', 'Attack surface by day'), given: { name: 'days', label: 'Days', usual: '30', options: ['7', '30', '90'] },
    columns: () => [{ id: 'at', head: 'Day', cell: (row) => <At at={row.at} /> }, number('surface', 'Surface'), number('median', 'Median before'), number('instances', 'Instances'), number('sockets', 'Exposed sockets'), number('findings', 'Findings'),
      { id: 'alarm', head: 'Alarm', cell: (row) => (row.alarm ? <Badge kind="high">alarm</Badge> : <span className="soft">no</span>) }] },
  { id: 'growth', name: 'Growth', about: 'Whether what is seen grows as fast as what is to be seen.', empty: 'Nothing was counted.', newest: true,
    key: (row) => row.at, chart: (rows) => line(rows, 'coverage', 'Services covered, in hundredths, by day'), given: { name: 'days', label: 'Days', usual: '30', options: ['7', '30', '90'] },
    columns: () => [{ id: 'at', head: 'Day', cell: (row) => <At at={row.at} /> }, number('services', 'Services'), number('covered', 'Covered'), number('coverage', 'Coverage, %'), number('deploys', 'Deploys')] },
  { id: 'external', name: 'Not ours', about: 'Services of others that ours call, with who calls them.', empty: 'No call to a service of others was seen in the last hour.',
    key: (row) => row.name, columns: (at) => [
      { id: 'name', head: 'Address', sort: (row) => row.name, cell: (row) => <Entity name={`external:${row.name}`} at={at} /> }, text('network', 'Network'),
      { id: 'callers', head: 'Called by', sort: (row) => row.called_by, cell: (row) => <span className="row">{row.callers.map((name: string) => <Entity key={name} name={`service:${name}`} at={at} />)}</span> }, owner(), time('seen', 'Seen')] },
  { id: 'images', name: 'Images', about: 'Images that run, by their age. An old one misses what was mended since.', empty: 'No image is known.',
    key: (row) => row.name, columns: (at) => [{ id: 'name', head: 'Image', sort: (row) => row.name, cell: (row) => <Entity name={`container.image:${row.name}`} at={at} /> }, number('age_days', 'Days old'), number('running', 'Running'), owner(), time('since', 'Since')] },
  { id: 'layers', name: 'Who patches', about: 'Each layer of each thing: who patches it and until when. Gaps come first.', empty: 'There is no layer to patch.',
    key: (row) => `${row.entity} ${row.layer}`, totals: { gaps: 'gaps', filled: 'filled' },
    columns: (at) => [{ id: 'entity', head: 'What', sort: (row) => row.entity, cell: (row) => <Entity name={row.entity} at={at} /> }, text('layer', 'Layer'), text('patches', 'What is patched'), text('side', 'Side'), owner(), time('due', 'Until'),
      { id: 'gap', head: 'Gap', sort: (row) => row.gap ?? '', cell: (row) => (row.gap ? <Badge kind="medium"><T>{row.gap}</T></Badge> : <span className="soft">–</span>) }] },
  { id: 'engineers', name: 'Per engineer', about: 'How many services there are for each security engineer. You say how many engineers there are; nobody is counted.', empty: 'No service is known yet.',
    key: () => 'one', given: { name: 'engineers', label: 'Security engineers', usual: '1', options: ['1', '2', '3', '5', '8', '13', '21'] }, columns: () => [number('services', 'Services'), number('engineers', 'Engineers'), number('services_per_engineer', 'Services for each')] },
  { id: 'clocks', name: 'Clocks', about: 'Machines whose clock differs from this server’s: their events stand at the wrong place in a timeline.', empty: 'No clock is known to differ.',
    key: (row) => row.host, columns: (at) => [{ id: 'host', head: 'Host', sort: (row) => row.host, cell: (row) => <Entity name={`host:${row.host}`} at={at} /> }, number('offset_seconds', 'Seconds off'), time('since', 'Since')] },
]
