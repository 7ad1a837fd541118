// What a thing is made of: packages and libraries, in the repositories, images and hosts that it is built from and runs on.
import { useDeferredValue } from 'react'
import { useUrl } from '../../app/url'
import { LevelMark, Section, Shown } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { count, many } from '../../parts/number'
import type { Column } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Capped } from './bits'
import type { Given } from './entity'
import { beneath, every } from './entity-data'
import { level, worst } from './shapes'
import { json, type Row, useSql } from './sql'

const MOST = 5000
/** Of what holds a part so many are named. */
const NAMED = 4
interface Held extends Row { holders: string; own: number; part_kind: string; part: string; attributes: string; origins: string; weak: number | null; worst: number | null }
interface Known { name?: string; version?: string; licenses?: string[]; scope?: string }

export default function Parts({ thing, asOf }: Given) {
  const [url, set] = useUrl()
  const held = useSql<Held>(`WITH ${beneath(asOf, thing.entity)},
    f AS (SELECT place, entity_kind, entity, count(*) AS n, ${worst('severity')} AS worst FROM ${asOf.table('findings')} WHERE place LIKE 'pkg:%' GROUP BY 1, 2, 3)
    SELECT p.to_kind AS part_kind, p.to_entity AS part, max(p.attributes) AS attributes, string_agg(DISTINCT p.origin, ', ') AS origins, max(f.n) AS weak, max(f.worst) AS worst,
      string_agg(DISTINCT b.kind || ':' || b.entity, chr(10)) AS holders, max(CASE WHEN b.kind = 'host' THEN 0 ELSE 1 END) AS own
    FROM ${asOf.table('relations')} p JOIN beneath b ON b.kind = p.from_kind AND b.entity = p.from_entity
    LEFT JOIN f ON f.place = p.to_entity AND f.entity_kind = b.kind AND f.entity = b.entity
    WHERE p.kind = 'has' GROUP BY 1, 2 ORDER BY own DESC, part LIMIT ${MOST}`, { every: every(asOf), keep: true })
  const text = useDeferredValue((url.text ?? '').toLowerCase())
  const rows = (held.data?.rows ?? []).filter((row) => (!text || `${row.part} ${row.holders}`.toLowerCase().includes(text)) && (!url.weak || row.weak))
  return (
    <Section title="Parts" told={held.data && `${rows.length === held.data.rows.length ? many(rows.length, 'part') : `${count(rows.length)} of ${many(held.data.rows.length, 'part')}`}${held.data.rows.length === MOST ? ', there are more' : ''}, in ${held.data.took} ms`}
      aside={<span className="row">
        <label className="row"><input type="checkbox" checked={url.weak === 'yes'} onChange={(event) => set({ weak: event.target.checked ? 'yes' : undefined }, { push: false })} /> With findings</label>
        <input className="input" type="search" data-search placeholder="Name" aria-label="Name of a part" value={url.text ?? ''} onChange={(event) => set({ text: event.target.value }, { push: false })} />
      </span>}>
      <p className="soft">Of itself, of the repositories and images that it is built from, and of the machines that it runs on.</p>
      <Shown of={held}>{(all) => (
        <Capped label="Parts" rows={rows} columns={columns(asOf.at)} id={({ part_kind, part }) => `${part_kind}:${part}`} keys
          empty={all.rows.length > 0 ? 'No part is like that.' : 'No part is known. Bills of materials tell them (`tandem import cyclonedx FILE`), a scan of the repository, and the agent on its hosts.'} />
      )}</Shown>
    </Section>
  )
}

const known = ({ attributes }: Held) => json<Known>(attributes) ?? {}
const columns = (at: string | undefined): Column<Held>[] => [
  { id: 'name', head: 'Part', sort: (row) => known(row).name ?? row.part, cell: (row) => <Entity name={`${row.part_kind}:${row.part}`} at={at} /> },
  { id: 'version', head: 'Version', cell: (row) => <code><T most={60}>{known(row).version ?? ''}</T></code> },
  { id: 'weak', head: 'Findings', sort: ({ weak, worst }) => -(worst ?? 0) * 1e6 - (weak ?? 0), cell: ({ weak, worst }) => (weak ? <span className="row"><LevelMark level={level(worst ?? 1)} short /> {count(weak)}</span> : <span className="soft">–</span>) },
  { id: 'in', head: 'In', sort: ({ holders }) => holders, cell: ({ holders }) => <span className="row services-close">{holders.split('\n').slice(0, NAMED).map((name) => <Entity key={name} name={name} at={at} />)}{holders.split('\n').length > NAMED && <span className="soft">and {count(holders.split('\n').length - NAMED)} more</span>}</span> },
  { id: 'licence', head: 'Licence', cell: (row) => <span className="soft"><T most={60}>{(known(row).licenses ?? []).map(plain).join(', ') || '–'}</T></span> },
  { id: 'origins', head: 'Told by', sort: ({ origins }) => origins, cell: ({ origins }) => <span className="soft"><T>{origins}</T></span> },
]
