// The catalog is put together from five questions: what there is, whose it is, its versions, and what is open about it.
import { useMemo } from 'react'
import { type Reports, useReport } from '../../api/reports'
import type { AsOf } from './asof'
import type { Attributes, Deployed, Open } from './shapes'
import { worst } from './shapes'
import { json, quote, type Row, useSql } from './sql'

export interface Thing {
  kind: string
  name: string
  entity: string
  owner: string | null
  why: string | null
  tier: string
  seen: string
  signals: string[]
  attributes: Attributes
  deployed: Deployed[]
  findings: { n: number; worst: number }
  alerts: { n: number; worst: number }
  orphan: boolean
  silent: boolean
}

const SHOWN_KINDS = `SELECT kind, count(*) AS n FROM`
interface KindCount extends Row { kind: string; n: number }
interface Entity extends Row { kind: string; entity: string; seen: string; attributes: string; owner: string | null; reason: string | null }

/** What is open of each: its own, and that of the repository it is built from. */
const findings = (asOf: AsOf, kind: string) => `
  WITH f AS (SELECT entity_kind, entity, count(*) AS n, ${worst('severity')} AS worst FROM ${asOf.table('findings')}
    WHERE waiver IS NULL AND (suppressed IS NULL OR suppressed_until <= ${asOf.now}) GROUP BY 1, 2),
  held AS (SELECT DISTINCT from_kind, from_entity, to_kind, to_entity FROM ${asOf.table('relations')} WHERE kind = 'built_from' AND from_kind = ${quote(kind)}
    UNION SELECT entity_kind, entity, entity_kind AS same_kind, entity AS same FROM f WHERE entity_kind = ${quote(kind)})
  SELECT h.from_kind AS entity_kind, h.from_entity AS entity, sum(f.n) AS n, max(f.worst) AS worst
  FROM held h JOIN f ON f.entity_kind = h.to_kind AND f.entity = h.to_entity GROUP BY 1, 2`

/** The version in each environment, and since when: as the first of those said who told of it within an hour. */
export const deployedSql = (asOf: AsOf, where: string) => `
  SELECT entity_kind, entity, environment, version, first AS at FROM (
    SELECT *, row_number() OVER (PARTITION BY entity_kind, entity, environment ORDER BY at DESC, id DESC) AS place,
      min(at) OVER (PARTITION BY entity_kind, entity, environment, version ORDER BY at RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW) AS first FROM ${asOf.table('changes')}
    WHERE kind = 'deployment' AND version IS NOT NULL AND coalesce(attributes['status'], 'success') = 'success' AND ${where}
  ) WHERE place = 1 ORDER BY environment`

export function useKinds(asOf: AsOf) {
  return useSql<KindCount>(`${SHOWN_KINDS} ${asOf.table('entities')} GROUP BY 1 ORDER BY 2 DESC, 1`, { keep: true })
}

export function useCatalog(asOf: AsOf, kind: string, every: number | undefined) {
  const query = { ...(asOf.iso ? { at: asOf.iso } : {}), kind }
  const things = useSql<Entity>(`
    SELECT e.kind, e.entity, e.seen, e.attributes, o.owner, o.reason FROM ${asOf.table('entities')} e
    LEFT JOIN ${asOf.table('owners')} o ON o.entity_kind = e.kind AND o.entity = e.entity AND o.layer = ''
    WHERE e.kind = ${quote(kind)} ORDER BY e.entity`, { every, keep: true })
  const deployed = useSql<Deployed>(deployedSql(asOf, `entity_kind = ${quote(kind)}`), { every, keep: true })
  const weak = useSql<Open>(findings(asOf, kind), { every, keep: true })
  const alerts = useSql<Open>(`SELECT entity_kind, entity, count(*) AS n, ${worst('level')} AS worst FROM ${asOf.table('alerts')}
    WHERE state <> 'resolved' AND entity_kind = ${quote(kind)} GROUP BY 1, 2`, { every, keep: true })
  const orphans = useReport('orphans', query, { keep: true })
  const silent = useReport('silent', asOf.iso ? { at: asOf.iso } : {}, { keep: true })
  const [t, d, w, a, o, s] = [things.data, deployed.data, weak.data, alerts.data, orphans.data, silent.data]
  const rows = useMemo(() => together(t?.rows, d?.rows, w?.rows, a?.rows, o, s), [t, d, w, a, o, s])
  return { things, parts: [deployed, weak, alerts, orphans, silent], rows }
}

function by<R extends { entity: string }>(rows: R[] | undefined): Map<string, R[]> {
  const all = new Map<string, R[]>()
  for (const row of rows ?? []) all.set(row.entity, [...(all.get(row.entity) ?? []), row])
  return all
}

function together(things: Entity[] | undefined, deployed: Deployed[] | undefined, weak: Open[] | undefined, alerts: Open[] | undefined, orphans: Reports['orphans'] | undefined, silent: Reports['silent'] | undefined): Thing[] {
  const versions = by(deployed)
  const open = by(weak)
  const loud = by(alerts)
  const named = (report: { rows: { kind: string; name: string }[] } | undefined) => new Set(report?.rows.map(({ kind, name }) => `${kind}:${name}`))
  const alone = named(orphans)
  const still = named(silent)
  const one = (found: Open[] | undefined) => ({ n: found?.[0]?.n ?? 0, worst: found?.[0]?.worst ?? 0 })
  return (things ?? []).map(({ kind, entity: name, seen, attributes, owner, reason }) => {
    const known = json<Attributes>(attributes) ?? {}
    const entity = `${kind}:${name}`
    return {
      kind, name, entity, owner, why: reason, seen, attributes: known,
      tier: String(known.tier ?? ''),
      signals: Array.isArray(known.signals) ? known.signals : [],
      deployed: versions.get(name) ?? [],
      findings: one(open.get(name)),
      alerts: one(loud.get(name)),
      orphan: alone.has(entity),
      silent: still.has(entity),
    }
  })
}
