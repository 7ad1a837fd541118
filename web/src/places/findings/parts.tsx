// Weak parts and their advisories: one row for a part, however many have it; and all that have one.
import { useMemo, useState } from 'react'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Facts, LevelMark, Section, Shown, Told } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { Grid, type GridColumn } from '../../parts/grid'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { RankBar, short } from './columns'
import { component, fixes, names, partName, useWhy } from './data'
import { type Named, type Row, SEVERITIES } from './shapes'

interface Part { purl: string; rows: Row[]; worst: Row; severity: string; advisories: string[]; fixed: string[]; exploited: boolean; entities: number; places: number; owners: string[] }

function parts(rows: Row[]): Part[] {
  const by = new Map<string, Row[]>()
  for (const row of rows) {
    const purl = component(row)
    if (purl) by.set(purl, [...(by.get(purl) ?? []), row])
  }
  const all = [...by].map(([purl, of]): Part => ({
    purl, rows: of,
    worst: of.reduce((worst, row) => (row.rank.score > worst.rank.score ? row : worst)),
    severity: SEVERITIES.find((severity) => of.some((row) => row.severity === severity)) ?? 'info',
    advisories: [...new Set(of.map((row) => names(row)[0] ?? row.rule))],
    fixed: [...new Set(of.flatMap(fixes))],
    exploited: of.some((row) => row.evidence.exploited === true),
    entities: new Set(of.map(({ entity }) => entity)).size,
    places: new Set(of.flatMap(({ runs }) => runs)).size,
    owners: [...new Set(of.map(({ owner }) => owner?.team ?? ''))],
  }))
  return all.sort((a, b) => b.worst.rank.score - a.worst.rank.score)
}

export function Parts({ rows }: { rows: Row[] }) {
  const [url, set] = useUrl()
  const [about, setAbout] = useState('')
  const all = useMemo(() => parts(rows), [rows])
  const words = (url.q ?? '').toLowerCase()
  const shown = words ? all.filter((part) => `${part.purl} ${part.advisories.join(' ')}`.toLowerCase().includes(words)) : all
  return (
    <>
      <div className="row">
        <input className="input findings-find" type="search" data-search placeholder="Find a part or an advisory" aria-label="Find a part or an advisory" value={url.q ?? ''} onChange={(event) => set({ q: event.target.value }, { push: false })} />
        <span className="told"><Told shown={shown.length} of={all.length} one="weak part" /></span>
        <form className="row" onSubmit={(event) => (event.preventDefault(), about.trim() && set({ part: about.trim() }))}>
          <input className="input findings-find" aria-label="Who has it" placeholder="Who has pkg:npm/lodash, CVE-…?" value={about} onChange={(event) => setAbout(event.target.value)} />
          <button type="submit" className="button" disabled={!about.trim()}>Who has it?</button>
        </form>
      </div>
      {shown.length > 0 ? (
        <div className="findings-grid findings-parts"><Grid label="Weak parts" rows={shown} columns={COLUMNS} id={({ purl }) => purl} open={({ purl }) => set({ part: purl })} opened={url.part} rowHeight={44} /></div>
      ) : (
        <Empty title={all.length ? 'No part fits' : 'No weak part is known'}>
          <p>{all.length ? 'Ask with “Who has it?” for parts that are not weak.' : <>Parts come from bills of materials and lock files: <code>tandem import sbom bom.json</code>, or a scan of the repository. Advisories come by <code>tandem db import</code>.</>}</p>
        </Empty>
      )}
    </>
  )
}

const COLUMNS: GridColumn<Part>[] = [
  { id: 'rank', head: 'Rank', width: '112px', cell: ({ worst }) => <RankBar rank={worst.rank} /> },
  { id: 'severity', head: 'Severity', width: '104px', cell: ({ severity }) => <LevelMark level={severity} /> },
  { id: 'part', head: 'Part', width: 'minmax(200px, 2fr)', cell: ({ purl }) => <><div className="cut findings-title"><T>{`${partName(purl).name} ${partName(purl).version}`}</T></div><div className="cut soft small"><T>{purl}</T></div></> },
  { id: 'advisories', head: 'Advisories', width: 'minmax(160px, 1.4fr)', cell: ({ advisories, exploited }) => <>{exploited && <Badge kind="critical">exploited</Badge>} <T>{advisories.join(', ')}</T></> },
  { id: 'in', head: 'In', width: '76px', cell: ({ entities }) => many(entities, 'thing') },
  { id: 'runs', head: 'Runs', width: '80px', cell: ({ places }) => (places ? many(places, 'place') : <span className="soft">nowhere</span>) },
  { id: 'fixed', head: 'Fixed in', width: 'minmax(150px, 1fr)', cell: ({ fixed }) => (fixed.length ? <T>{fixed.join(', ')}</T> : <span className="soft">no version yet</span>) },
  { id: 'owners', head: 'Owners', width: 'minmax(170px, 1fr)', cell: ({ owners }) => <T>{owners.map((owner) => owner || 'nobody').join(', ')}</T> },
]

/** All of an advisory or a part: who has it, where it runs, who acts, and what mends it. */
export function About({ name, at, close }: { name: string; at: string | undefined; close: () => void }) {
  const [, set] = useUrl()
  const of = useWhy(name, at)
  return (
    <Drawer title={plain(name.startsWith('pkg:') ? `${partName(name).name} ${partName(name).version}` : name)} onClose={close} actions={<Button onClick={() => set({ tab: undefined, part: undefined, about: name })}>As a list</Button>}>
      <Shown of={of}>
        {({ findings, holders }) => {
          if (findings.length + holders.length === 0) return <Empty title="Nobody has it, as far as is known"><p>It is in no bill of materials and no finding that you may see. Names are those of advisories (CVE, GHSA), of rules, or of parts, such as <code>pkg:npm/lodash@4.17.20</code>.</p></Empty>
          const open = findings.filter(({ state }) => state !== 'fixed')
          const fixed = [...new Set(findings.flatMap((one) => one.fix.versions))]
          return (
            <>
              <Facts
                rows={[
                  ['Name', <code key="name"><T>{name}</T></code>],
                  ['Advisories', <T key="names">{[...new Set(findings.flatMap(names))].join(', ')}</T>],
                  ['Fixed in', fixed.length > 0 && <b><T>{fixed.join(', ')}</T></b>],
                  ['Owners', [...new Set(open.map(({ owner }) => owner?.team ?? ''))].map((team) => <span key={team}><Owner team={team} /> </span>)],
                ]}
              />
              <Section title="Weak" told={`${count(open.length)} open of ${count(findings.length)}`}>
                {findings.length > 0 ? <Table label="Findings of it" rows={findings} columns={FOUND} id={({ id }) => String(id)} open={({ id }) => set({ part: undefined, open: String(id) })} /> : <p className="soft">It is known, and nothing is known against it.</p>}
              </Section>
              {holders.length > 0 && (
                <Section title="Has it" told={count(holders.length)}>
                  <ul className="col">{holders.map(({ entity, since }) => <li key={entity} className="row"><Entity name={entity} /><span className="soft small">since <Ago at={since} /></span></li>)}</ul>
                </Section>
              )}
            </>
          )
        }}
      </Shown>
    </Drawer>
  )
}

const FOUND: Column<Named>[] = [
  { id: 'rank', head: 'Rank', className: 'num', sort: ({ rank }) => -rank.score, cell: ({ rank }) => rank.score.toFixed(0) },
  { id: 'severity', head: 'Severity', cell: ({ severity }) => <LevelMark level={severity} /> },
  { id: 'of', head: 'Of', cell: ({ entity }) => <T>{short(entity)}</T> },
  { id: 'runs', head: 'Runs', cell: ({ runs, places }) => (runs.length ? <><Entity name={runs[0]} />{places > 1 && <span className="soft"> and {places - 1} more</span>}</> : <span className="soft">nowhere</span>) },
  { id: 'owner', head: 'Owner', cell: ({ owner }) => <Owner team={owner?.team} /> },
  { id: 'state', head: 'State', cell: ({ state }) => state },
]
