import type { AsOf } from './asof'
import { every, type Thing } from './entity-data'
import { type Change, split } from './shapes'
import { quote, useSql } from './sql'

/** Deploys that are looked at for the overview and for the marks of the slider. */
export const DEPLOYS = 100

/** The repositories that a thing is built from. */
export const repositories = (thing: Thing) => [...new Set(thing.parts.filter(({ relation, outward }) => outward && relation === 'built_from').map(({ kind, name }) => `${kind}:${name}`))]

/** Changes of a thing, and unless one kind is asked for those of its repositories; the newest first. */
export function useChanges(thing: Thing, asOf: AsOf, { only, most }: { only?: string; most: number }) {
  const of = [thing.entity, ...(only ? [] : repositories(thing))].map(split)
  const where = of.map(({ kind, name }) => `(entity_kind = ${quote(kind)} AND entity = ${quote(name)})`).join(' OR ')
  return useSql<Change>(`SELECT id, at, known, kind, entity_kind, entity, environment, version, origin, attributes FROM ${asOf.table('changes')}
    WHERE (${where}) AND at <= ${asOf.now}${only ? ` AND kind = ${quote(only)}` : ''} ORDER BY at DESC, id DESC LIMIT ${most}`, { every: every(asOf), keep: true })
}
