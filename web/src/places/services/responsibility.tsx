// Who builds, runs, patches, and is asked: for a thing and all that it is made of and runs on.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { type RowOf, useReport } from '../../api/reports'
import { Badge, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count, many, took } from '../../parts/number'
import { type Column } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'
import { Capped } from './bits'
import { ControlsOn, type Held } from './controls-on'
import type { Given } from './entity'
import { beneath, every } from './entity-data'
import { type Row, useSql } from './sql'

interface Owned extends Row { kind: string; entity: string; owner: string | null; reason: string | null }
type Layer = RowOf<'layers'>
interface Line { self: boolean; kind: string; names: string[]; owner: string | null; why: string | null; builds: string[]; layers: Layer[] }
/** Names of things that are told one by one; more of a kind are counted. */
const NAMED = 3
/** What is made by ourselves is built by whoever owns the repository. */
const BUILT = ['service', 'service.instance', 'container', 'container.image', 'repository', 'k8s.deployment', 'k8s.pod']

export default function Responsibility({ thing, asOf }: Given) {
  const query = asOf.iso ? { at: asOf.iso } : {}
  const owned = useSql<Owned>(`WITH ${beneath(asOf, thing.entity)},
    around AS (SELECT * FROM beneath UNION SELECT r.to_kind AS kind, r.to_entity AS entity FROM r WHERE how = 'depends_on' AND r.from_kind || ':' || r.from_entity IN (SELECT kind || ':' || entity FROM beneath))
    SELECT b.kind, b.entity, o.owner, o.reason FROM around b LEFT JOIN ${asOf.table('owners')} o ON o.entity_kind = b.kind AND o.entity = b.entity AND o.layer = '' ORDER BY 1, 2`, { every: every(asOf), keep: true })
  const layers = useReport('layers', query, { keep: true })
  const controls = useGet('/api/v1/controls', { query: { entity: thing.entity, ...query } }, { keep: true })
  const cells = layers.data?.rows ?? []
  const held = controls.data
  const lines = together(owned.data?.rows ?? [], cells, thing.entity)
  const gaps = lines.reduce((sum, { owner, layers }) => sum + (owner ? 0 : 1) + layers.filter(({ owner }) => !owner).length, 0)
  return (
    <>
      <Section title="Who answers for what" told={owned.data && layers.data && `${many(lines.length, 'row')}, ${gaps === 0 ? 'nothing is nobody’s' : many(gaps, 'gap')}${took(owned.data.took)}`}>
        <p className="soft">From owners, repositories and the policy of layers; things of a kind that the same team has are one row.</p>
        <Shown of={owned}>{() => <Capped label="Who answers for what" keys rows={lines} columns={columns(asOf.at, held)} id={({ kind, owner }) => `${kind} ${owner}`} empty="Nothing is known of who answers for it: name an owner above." />}</Shown>
      </Section>
      <Shown of={controls}>{(data) => <ControlsOn held={data} entity={thing.entity} />}</Shown>
    </>
  )
}

function together(rows: Owned[], cells: Layer[], self: string): Line[] {
  const builds = [...new Set(rows.filter(({ kind }) => kind === 'repository').map(({ owner }) => owner ?? ''))].filter(Boolean)
  const lines = new Map<string, Line>()
  for (const { kind, entity, owner, reason } of rows) {
    const name = `${kind}:${entity}`
    const key = name === self ? '' : `${kind} ${owner ?? ''}`
    const line = lines.get(key) ?? { self: name === self, kind, names: [], owner, why: reason, builds: BUILT.includes(kind) ? (kind === 'repository' && owner ? [owner] : builds) : [], layers: [] }
    line.names.push(name)
    for (const cell of cells.filter(({ entity }) => entity === name)) if (!line.layers.some(({ layer, owner, due }) => layer === cell.layer && owner === cell.owner && due === cell.due)) line.layers.push(cell)
    lines.set(key, line)
  }
  const order = (line: Line) => (line.self ? 0 : line.kind === 'repository' ? 1 : 2)
  return [...lines.values()].sort((one, other) => order(one) - order(other) || one.kind.localeCompare(other.kind))
}

const none = <span className="soft">–</span>
const teams = (names: string[]) => (names.length === 0 ? none : <span className="row services-close">{names.map((team) => <Owner key={team} team={team} />)}</span>)

const columns = (at: string | undefined, held: Held | undefined): Column<Line>[] => [
  { id: 'what', head: 'What', cell: ({ kind, names }) => (names.length <= NAMED ? <span className="col services-tight">{names.map((name) => <Entity key={name} name={name} at={at} />)}</span> : (
    <details><summary>{count(names.length)} of the kind {plain(kind)}</summary><span className="col services-tight">{names.map((name) => <Entity key={name} name={name} at={at} />)}</span></details>
  )) },
  { id: 'builds', head: 'Builds it', cell: ({ builds }) => teams(builds) },
  { id: 'runs', head: 'Runs it', cell: ({ kind, owner, why }) => (kind === 'repository' ? none : <span title={why ? plain(why) : undefined}><Owner team={owner} /></span>) },
  { id: 'patches', head: 'Secures it: patches', cell: ({ layers }) => (layers.length === 0 ? none : (
    <span className="col services-tight">{layers.map((cell) => (
      <span key={cell.layer + cell.owner + cell.due} className="row services-close" title={cell.gap ? plain(cell.gap) : undefined}>
        {cell.owner ? <Owner team={cell.owner} /> : <Badge kind="medium">nobody</Badge>}
        <span className="soft small"><T>{cell.patches}</T>{cell.due ? <> until <At at={cell.due} date /></> : ', no date'}</span>
      </span>
    ))}</span>
  )) },
  { id: 'asked', head: 'Is asked', cell: ({ owner, self }) => {
    // Whoever owns it; of the thing itself also those whose controls speak.
    const asked = [...new Set([...(owner ? [owner] : []), ...(self && held ? held.controls.filter(({ mode }) => mode !== 'observe').map(({ control }) => control.owner) : [])])]
    return asked.length === 0 ? <Link to="/services" search={{ mark: 'orphan', ...(at ? { at } : {}) } as never}>nobody yet</Link> : teams(asked)
  } },
]
