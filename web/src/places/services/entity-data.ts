// What is known of one thing, as of a time.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { get, type Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { useReport } from '../../api/reports'
import type { AsOf } from './asof'
import { deployedSql } from './catalog-data'
import { type Attributes, type Deployed, type Finding, type OwnerNow, type Part, split, worst } from './shapes'
import { json, quote, type Row, useSql } from './sql'

interface Self extends Row { id: number; seen: string; until: string | null; attributes: string }
export interface Thing {
  entity: string
  kind: string
  name: string
  id: number | undefined
  seen: string | undefined
  attributes: Attributes
  owners: OwnerNow[]
  owner: OwnerNow | undefined
  parts: Part[]
  deployed: Deployed[]
}
const EVERY_MS = 30_000
export const every = (asOf: AsOf) => (asOf.iso ? undefined : EVERY_MS)
const when = (asOf: AsOf) => (asOf.iso ? { at: asOf.iso } : {})

export function useThing(entity: string, asOf: AsOf) {
  const { kind, name } = split(entity)
  const self = useSql<Self>(`SELECT id, seen, until, attributes FROM ${asOf.table('entities')} WHERE kind = ${quote(kind)} AND entity = ${quote(name)}`, { every: every(asOf), keep: true })
  const owners = useGet('/api/v1/owners', { query: { entity, ...when(asOf) } }, { keep: true })
  const parts = useReport('parts', { of: entity, ...when(asOf) }, { keep: true })
  const deployed = useSql<Deployed>(deployedSql(asOf, `entity_kind = ${quote(kind)} AND entity = ${quote(name)}`), { every: every(asOf), keep: true })
  const thing = useMemo((): Thing | undefined => {
    if (!self.data || !owners.data || !parts.data) return undefined
    const row = self.data.rows[0]
    const all = owners.data.owners
    return {
      entity, kind, name,
      id: row?.id,
      seen: row?.seen,
      attributes: json<Attributes>(row?.attributes) ?? {},
      owners: all,
      owner: all.find(({ layer }) => !layer),
      parts: parts.data.rows,
      deployed: deployed.data?.rows ?? [],
    }
  }, [self.data, owners.data, parts.data, deployed.data, entity, kind, name])
  return { thing, error: owners.error ?? self.error ?? parts.error, again: () => void Promise.all([self.refetch(), owners.refetch(), parts.refetch()]) }
}

/** Days before that are looked at for what is gone: each is a question of its own, so they are few. */
const BEFORE_DAYS = [0.05, 0.25, 1, 2, 4, 7, 14, 30, 60, 90, 180, 365]
const DAY_MS = 86_400_000
export interface Trace extends Row { what: string; at: string | null }

/** When something that is not there was there, and what was heard of it. */
export function useTraces(entity: string, asOf: AsOf, wanted: boolean) {
  const { kind, name } = split(entity)
  const start = useMemo(() => (asOf.iso ? Date.parse(asOf.iso) : Date.now()), [asOf.iso, entity])
  const is = `kind = ${quote(kind)} AND entity = ${quote(name)}`
  const about = `entity_kind = ${quote(kind)} AND entity = ${quote(name)}`
  const past = BEFORE_DAYS.map((days) => `SELECT seen FROM entities_at('${new Date(start - days * DAY_MS).toISOString()}') WHERE ${is}`).join(' UNION ALL ')
  return useSql<Trace>(wanted ? `
    SELECT 'seen' AS what, max(seen) AS at FROM (${past})
    UNION ALL SELECT 'now', max(seen) FROM entities WHERE ${is}
    UNION ALL SELECT 'change', max(at) FROM changes WHERE ${about}
    UNION ALL SELECT 'finding', max(seen) FROM findings WHERE ${about}
    UNION ALL SELECT 'alert', max(last) FROM alerts WHERE ${about}` : undefined)
}

/** Common table expressions: `r`, what belongs together, and `beneath`, what a thing is made of and runs on. */
export function beneath(asOf: AsOf, entity: string): string {
  const { kind, name } = split(entity)
  const down = `('runs_on', 'runs_in', 'uses_image')`
  return `r AS (SELECT DISTINCT kind AS how, from_kind, from_entity, to_kind, to_entity FROM ${asOf.table('relations')}),
    first AS (SELECT from_kind AS kind, from_entity AS entity FROM r WHERE how = 'part_of' AND to_kind = ${quote(kind)} AND to_entity = ${quote(name)}
      UNION SELECT to_kind AS kind, to_entity AS entity FROM r WHERE how IN ('runs_on', 'runs_in', 'uses_image', 'built_from') AND from_kind = ${quote(kind)} AND from_entity = ${quote(name)}),
    second AS (SELECT r.to_kind AS kind, r.to_entity AS entity FROM r JOIN first f ON f.kind = r.from_kind AND f.entity = r.from_entity WHERE r.how IN ${down}),
    third AS (SELECT r.to_kind AS kind, r.to_entity AS entity FROM r JOIN second s ON s.kind = r.from_kind AND s.entity = r.from_entity WHERE r.how IN ${down}),
    beneath AS (SELECT ${quote(kind)} AS kind, ${quote(name)} AS entity UNION SELECT * FROM first UNION SELECT * FROM second UNION SELECT * FROM third)`
}

/** Findings of one thing or repository at most; its page has the others. */
const MOST_FINDINGS = 200
export interface Weak { findings: Finding[]; count: number; hidden: number }

/** Findings of a thing, and those in its repositories that run in it. */
export function useWeak(thing: Thing, asOf: AsOf) {
  const of = [thing.entity, ...thing.parts.filter(({ relation, outward }) => outward && relation === 'built_from').map(({ kind, name }) => `${kind}:${name}`)]
  return useQuery<Weak, Problem>({
    queryKey: ['/api/v1/findings', 'of', of, asOf.iso],
    queryFn: async ({ signal }) => {
      const answers = await Promise.all([...new Set(of)].map((entity) => get('/api/v1/findings', { query: { entity, limit: MOST_FINDINGS, ...when(asOf) }, signal })))
      const mine = answers.flatMap(({ findings }) => findings).filter(({ entity, runs }) => entity === thing.entity || runs.length === 0 || runs.includes(thing.entity))
      const left = answers.reduce((sum, { count, findings }) => sum + count - findings.length, 0)
      mine.sort((one, other) => other.rank.score - one.rank.score)
      return { findings: mine, count: mine.length + left, hidden: answers.reduce((sum, { suppressed }) => sum + suppressed, 0) }
    },
    placeholderData: (previous) => previous,
  })
}

export interface AlertRow extends Row { id: number; at: string; title: string; level: string; state: string; rule: string; team: string | null; incident: number | null; last: string; worst: number }
export function useAlerts(thing: Thing, asOf: AsOf) {
  return useSql<AlertRow>(`SELECT id, at, title, level, state, rule, team, incident, last, ${worst('level').replace(/^max/, '')} AS worst FROM ${asOf.table('alerts')}
    WHERE state <> 'resolved' AND entity_kind = ${quote(thing.kind)} AND entity = ${quote(thing.name)} ORDER BY worst DESC, at DESC LIMIT 100`, { every: every(asOf), keep: true })
}

/** How telemetry names a thing: as conditions of SQL, and as a search. */
export function telemetry({ kind, name }: { kind: string; name: string }): { where: string; query: string } | undefined {
  const parts = name.split('/')
  const last = parts.at(-1)!
  const of = (attribute: string, value: string) => `resource_attributes['${attribute}'] = ${quote(value)}`
  const word = (text: string) => (/^[\w.-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
  const k8s = /^k8s\.(pod|deployment|replicaset|statefulset|daemonset|job|cronjob|node|namespace|cluster)$/.exec(kind)
  if (kind === 'service') {
    const space = parts.slice(0, -1).join('/')
    // What stands before a slash is the namespace, or belongs to the name.
    if (space) return { where: `(service_name = ${quote(name)} OR (service_name = ${quote(last)} AND ${of('service.namespace', space)}))`, query: `(service:${word(name)} OR (service:${word(last)} resource.service.namespace:${word(space)}))` }
    return { where: `service_name = ${quote(name)}`, query: `service:${word(name)}` }
  }
  if (kind === 'service.instance' && parts.length > 1) {
    const instance = parts.slice(1).join('/')
    return { where: `service_name = ${quote(parts[0]!)} AND ${of('service.instance.id', instance)}`, query: `service:${word(parts[0]!)} resource.service.instance.id:${word(instance)}` }
  }
  if (kind === 'host') return { where: of('host.name', name), query: `host:${word(name)}` }
  if (kind === 'container') return { where: of('container.id', name), query: `resource.container.id:${word(name)}` }
  if (k8s) return { where: of(`k8s.${k8s[1]}.name`, last), query: `resource.k8s.${k8s[1]}.name:${word(last)}` }
  return undefined
}
