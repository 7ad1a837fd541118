// Who calls whom: from facts, with numbers from the spans of the hour before.
import { useMemo } from 'react'
import type { AsOf } from './asof'
import { quote, type Row, useSql } from './sql'
import { worst } from './shapes'

export interface Call { from: string; to: string; declared: boolean; seen: boolean; n?: number; errors?: number; p95?: number }
export interface Node { entity: string; external: boolean; owner: string | null; n?: number; errors?: number; p95?: number; alerts: number; worst: number }

interface EdgeRow extends Row { from_kind: string; from_entity: string; to_kind: string; to_entity: string; kind: string }
interface Numbers extends Row { source: string; target: string; n: number; errors: number; p95: number }
interface NodeRow extends Row { kind: string; entity: string; owner: string | null }
interface AlertRow extends Row { entity: string; n: number; worst: number }

/** A service as facts name it. */
const NAMED = (span: string) => `coalesce(${span}.resource_attributes['service.namespace'] || '/', '') || ${span}.service_name`
/** Spans of so long before the time give the numbers. */
export const WINDOWS: Record<string, string> = { '15m': '15 minutes', '1h': '60 minutes', '6h': '6 hours' }
const EVERY_MS = 60_000

const within = (span: string, asOf: AsOf, window: string) => `${span}.timestamp > ${asOf.now} - INTERVAL '${window}' AND ${span}.timestamp <= ${asOf.now}`
const where = (span: string, environment: string | undefined) => (environment ? ` AND ${span}.resource_attributes['deployment.environment.name'] = ${quote(environment)}` : '')

export function useCalls(asOf: AsOf, window: string, environment: string | undefined) {
  const every = asOf.iso ? undefined : EVERY_MS
  const edges = useSql<EdgeRow>(`SELECT DISTINCT from_kind, from_entity, to_kind, to_entity, kind FROM ${asOf.table('relations')}
    WHERE kind IN ('calls', 'depends_on') AND from_kind IN ('service', 'resource') AND to_kind IN ('service', 'external', 'resource')`, { every, keep: true })
  const nodes = useSql<NodeRow>(`SELECT e.kind, e.entity, o.owner FROM ${asOf.table('entities')} e
    LEFT JOIN ${asOf.table('owners')} o ON o.entity_kind = e.kind AND o.entity = e.entity AND o.layer = '' WHERE e.kind IN ('service', 'resource')`, { every, keep: true })
  const alerts = useSql<AlertRow>(`SELECT entity, count(*) AS n, ${worst('level')} AS worst FROM ${asOf.table('alerts')}
    WHERE state <> 'resolved' AND entity_kind = 'service' GROUP BY 1`, { every, keep: true })
  const numbers = useSql<Numbers>(`SELECT ${NAMED('p')} AS source, ${NAMED('c')} AS target, count(*) AS n,
      count(*) FILTER (WHERE c.status_code = 'error') AS errors, approx_percentile_cont(c.duration_ns, 0.95) AS p95
    FROM spans c JOIN spans p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id AND p.service_name <> c.service_name
    WHERE c.kind IN ('server', 'consumer') AND ${within('c', asOf, window)} AND ${within('p', asOf, window)}${where('c', environment)} GROUP BY 1, 2`, { every, keep: true })
  const load = useSql<Numbers>(`SELECT '' AS source, ${NAMED('s')} AS target, count(*) AS n, count(*) FILTER (WHERE s.status_code = 'error') AS errors,
      approx_percentile_cont(s.duration_ns, 0.95) AS p95 FROM spans s
    WHERE s.kind IN ('server', 'consumer') AND ${within('s', asOf, window)}${where('s', environment)} GROUP BY 2`, { every, keep: true })
  const [e, n, a, c, l] = [edges.data, nodes.data, alerts.data, numbers.data, load.data]
  const drawn = useMemo(() => graph(e?.rows ?? [], n?.rows ?? [], a?.rows ?? [], c?.rows ?? [], l?.rows ?? []), [e, n, a, c, l])
  return { edges, numbers, graph: drawn }
}

export function graph(edges: EdgeRow[], things: NodeRow[], alerts: AlertRow[], numbers: Numbers[], load: Numbers[]): { nodes: Node[]; calls: Call[]; alone: string[] } {
  const calls = new Map<string, Call>()
  const call = (from: string, to: string) => {
    const key = `${from}\n${to}`
    if (!calls.has(key)) calls.set(key, { from, to, declared: false, seen: false })
    return calls.get(key)!
  }
  for (const edge of edges) {
    const one = call(`${edge.from_kind}:${edge.from_entity}`, `${edge.to_kind}:${edge.to_entity}`)
    if (edge.kind === 'calls') one.seen = true
    else one.declared = true
  }
  for (const { source, target, n, errors, p95 } of numbers) Object.assign(call(`service:${source}`, `service:${target}`), { seen: true, n, errors, p95 })
  const owners = new Map(things.map(({ kind, entity, owner }) => [`${kind}:${entity}`, owner]))
  const loads = new Map(load.map((row) => [`service:${row.target}`, row]))
  const loud = new Map(alerts.map((row) => [`service:${row.entity}`, row]))
  const joined = new Set([...calls.values()].flatMap(({ from, to }) => [from, to]))
  const nodes = [...joined].sort().map((entity): Node => {
    const { n, errors, p95 } = loads.get(entity) ?? {}
    const alert = loud.get(entity)
    return { entity, external: entity.startsWith('external:'), owner: owners.get(entity) ?? null, ...(n === undefined ? {} : { n, errors, p95 }), alerts: alert?.n ?? 0, worst: alert?.worst ?? 0 }
  })
  const alone = [...owners.keys()].filter((entity) => entity.startsWith('service:') && !joined.has(entity)).sort()
  return { nodes, calls: [...calls.values()].sort((one, other) => (other.n ?? 0) - (one.n ?? 0) || one.from.localeCompare(other.from)), alone }
}
