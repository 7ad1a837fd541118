// What of a thing is open: its doors in the cluster, the sockets of its machines, and whom it calls outside.
import { type RowOf, useReport } from '../../api/reports'
import { Badge, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count, many, took } from '../../parts/number'
import type { Column } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { Capped } from './bits'
import type { Given } from './entity'
import { beneath, every } from './entity-data'
import { split } from './shapes'
import { json, quote, type Row, useSql } from './sql'

interface Door extends Row { kind: string; entity: string; attributes: string }
interface Known { type?: string; ports?: string[]; hosts?: string[]; exposed?: boolean; tls?: boolean }
interface Host extends Row { entity: string }
interface Outside extends Row { entity: string; attributes: string; since: string }

const reached = (is: boolean | undefined) => (is ? <Badge kind="high">from outside</Badge> : <Badge>within</Badge>)

export default function Exposure({ thing, asOf }: Given) {
  const { kind, name } = split(thing.entity)
  const doors = useSql<Door>(`WITH ${beneath(asOf, thing.entity)},
    doors AS (SELECT kind, entity FROM beneath WHERE kind IN ('k8s.service', 'k8s.ingress')),
    ways AS (SELECT r.from_kind AS kind, r.from_entity AS entity FROM r JOIN doors d ON d.kind = r.to_kind AND d.entity = r.to_entity WHERE r.from_kind = 'k8s.ingress')
    SELECT e.kind, e.entity, e.attributes FROM ${asOf.table('entities')} e JOIN (SELECT * FROM doors UNION SELECT * FROM ways) w ON w.kind = e.kind AND w.entity = e.entity ORDER BY 1, 2`, { every: every(asOf), keep: true })
  const hosts = useSql<Host>(`WITH ${beneath(asOf, thing.entity)} SELECT entity FROM beneath WHERE kind = 'host'`, { every: every(asOf), keep: true })
  const sockets = useReport('sockets', { all: true, ...(asOf.iso ? { at: asOf.iso } : {}) }, { keep: true })
  const outside = useSql<Outside>(`SELECT e.entity, e.attributes, max(r.since) AS since FROM ${asOf.table('relations')} r JOIN ${asOf.table('entities')} e ON e.kind = r.to_kind AND e.entity = r.to_entity
    WHERE r.kind = 'calls' AND r.to_kind = 'external' AND r.from_kind = ${quote(kind)} AND r.from_entity = ${quote(name)} GROUP BY 1, 2 ORDER BY 1`, { every: every(asOf), keep: true })
  const on = new Set(hosts.data?.rows.map(({ entity }) => entity))
  const mine = (sockets.data?.rows ?? []).filter(({ host }) => on.has(host)).sort((one, other) => Number(other.exposed) - Number(one.exposed))
  const open = mine.filter(({ exposed }) => exposed).length
  return (
    <>
      <Section title="Doors in the cluster" told={doors.data && `${many(doors.data.rows.length, 'door')}${took(doors.data.took)}`}>
        <Shown of={doors} lines={2}>{({ rows }) => <Capped label="Doors in the cluster" rows={rows} columns={DOORS(asOf.at)} id={({ kind, entity }) => `${kind}:${entity}`} empty="No service or ingress of a cluster leads to it, as far as is known. Objects of a cluster come by `tandem import kubernetes`." />}</Shown>
      </Section>
      <Section title="Sockets on the machines it runs on" told={hosts.data && sockets.data && `${count(open)} of ${count(mine.length)} reached by other machines, on ${many(on.size, 'machine')}`}>
        <Shown of={sockets} lines={3}>{() => <Capped label="Sockets" rows={mine} columns={SOCKETS(asOf.at)} id={({ host, socket }) => `${host} ${socket}`} keys empty={on.size === 0 ? 'It is not known on which machine it runs.' : 'Its machines tell no sockets: the agent does, or osquery.'} />}</Shown>
      </Section>
      <Section title="Calls beyond what is ours" told={outside.data && `${many(outside.data.rows.length, 'address', 'addresses')}${took(outside.data.took)}`}>
        <Shown of={outside} lines={2}>{({ rows }) => <Capped label="Calls beyond what is ours" rows={rows} columns={OUTSIDE(asOf.at)} id={({ entity }) => entity} empty="None was seen in the hour before." />}</Shown>
      </Section>
    </>
  )
}

const of = ({ attributes }: { attributes: string }) => json<Known & { network?: string }>(attributes) ?? {}
const DOORS = (at: string | undefined): Column<Door>[] => [
  { id: 'entity', head: 'Door', sort: ({ entity }) => entity, cell: ({ kind, entity }) => <Entity name={`${kind}:${entity}`} at={at} /> },
  { id: 'type', head: 'Type', cell: (row) => <T most={40}>{of(row).type ?? (row.kind === 'k8s.ingress' ? 'Ingress' : '–')}</T> },
  { id: 'ports', head: 'Ports or names', cell: (row) => <T most={120}>{[...(of(row).ports ?? []), ...(of(row).hosts ?? [])].join(', ') || '–'}</T> },
  { id: 'exposed', head: 'Reached', sort: (row) => Number(of(row).exposed ?? false), cell: (row) => reached(of(row).exposed) },
  { id: 'tls', head: 'TLS', cell: (row) => (of(row).tls === undefined ? <span className="soft">–</span> : of(row).tls ? <Badge kind="good">yes</Badge> : <Badge kind="medium">no</Badge>) },
]
const SOCKETS = (at: string | undefined): Column<RowOf<'sockets'>>[] => [
  { id: 'host', head: 'Machine', sort: ({ host }) => host, cell: ({ host }) => <Entity name={`host:${host}`} at={at} /> },
  { id: 'socket', head: 'Socket', sort: ({ socket }) => socket, cell: ({ socket }) => <code><T most={80}>{socket}</T></code> },
  { id: 'executable', head: 'Program', sort: ({ executable }) => executable ?? '', cell: ({ executable }) => <T most={120}>{executable ?? '–'}</T> },
  { id: 'exposed', head: 'Reached', sort: ({ exposed }) => Number(!exposed), cell: ({ exposed }) => (exposed ? <Badge kind="high">by other machines</Badge> : <Badge>by itself</Badge>) },
  { id: 'owner', head: 'Owner', sort: ({ owner }) => owner ?? '', cell: ({ owner }) => <Owner team={owner} /> },
  { id: 'since', head: 'Since', className: 'nowrap', sort: ({ since }) => -millis(since), cell: ({ since }) => <Ago at={since} /> },
]
const OUTSIDE = (at: string | undefined): Column<Outside>[] => [
  { id: 'entity', head: 'Address', cell: ({ entity }) => <Entity name={`external:${entity}`} at={at} /> },
  { id: 'network', head: 'Network', cell: (row) => (of(row).network === 'public' ? <Badge kind="medium">public</Badge> : <Badge><T>{of(row).network ?? 'unknown'}</T></Badge>) },
  { id: 'since', head: 'Seen', className: 'nowrap', cell: ({ since }) => <Ago at={since} /> },
]
