import { useState } from 'react'
import { type Search, useUrl } from '../../app/url'
import { Button, Empty, Head, Paste, Shown } from '../../parts/basic'
import { Grid } from '../../parts/grid'
import { count, many } from '../../parts/number'
import { Share } from '../../parts/range'
import { Tabs, useTab } from '../../parts/tabs'
import { Bulk } from './bulk'
import { columns, narrowColumns, useNarrow } from './columns'
import { Counts } from './counts'
import { PAGE, useFindings } from './data'
import { Detail } from './detail'
import { Filters, FILTERS } from './filters'
import { About, Parts } from './parts'
import './findings.css'

const TABS = [{ id: 'findings', name: 'Findings' }, { id: 'parts', name: 'Parts & advisories' }]

export default function Place() {
  const [url, set] = useUrl()
  const [chosen, setChosen] = useState<Set<string>>(new Set())
  const tab = useTab(TABS)
  const found = useFindings(url)
  const { rows, known, of, hidden } = found
  const filtered = FILTERS.some((name) => url[name])
  const toggle = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  const picked = rows.filter(({ id }) => chosen.has(String(id)))
  const all = picked.length === rows.length && rows.length > 0
  const narrow = useNarrow()
  const list = (narrow ? narrowColumns : columns)({ chosen, toggle, all, choose: () => setChosen(all ? new Set() : new Set(rows.map(({ id }) => String(id)))), sort: url.sort, setSort: (sort) => set({ sort }) })
  return (
    <div className="place full findings">
      <Head title="Findings" told={of.data && <Shows shown={rows.length} of={of.data.count} loaded={of.data.findings.length} more={of.data.truncated ? of.more : undefined} loading={of.isFetchingNextPage} hidden={hidden} url={url} set={set} />}><Share /></Head>
      <Tabs tabs={TABS} label="Findings" />
      {tab === 'findings' ? (
        <>
          <Filters url={url} set={set} known={known} />
          <Shown of={of}>
            {(data) => (
              <>
                {known.length > 0 && <Counts known={known} url={url} set={set} />}
                {picked.length > 0 && <Bulk rows={picked} clear={() => setChosen(new Set())} />}
                {rows.length > 0 ? (
                  <div className={found.fetching ? 'findings-grid asking' : 'findings-grid'}>
                    <Grid label="Findings" rows={rows} columns={list} id={({ id }) => String(id)} open={({ id }) => set({ open: String(id) })} opened={url.open} chosen={chosen} choose={toggle} rowHeight={narrow ? 62 : 44} rowClass={(row) => (row.suppressed ? 'hidden-one' : undefined)} />
                  </div>
                ) : (
                  <Nothing filtered={filtered} any={data.count > 0 || hidden > 0} hidden={hidden} clear={() => set(Object.fromEntries(FILTERS.map((name) => [name, undefined])))} show={() => set({ suppressed: 'true' })} />
                )}
              </>
            )}
          </Shown>
        </>
      ) : (
        <Shown of={of}>{() => <Parts rows={known} />}</Shown>
      )}
      {url.open && <Detail id={url.open} row={known.find(({ id }) => String(id) === url.open)} at={url.at} close={() => set({ open: undefined })} />}
      {url.part && <About name={url.part} at={url.at} close={() => set({ part: undefined })} />}
    </div>
  )
}

function Shows({ shown, of, loaded, more, loading, hidden, url, set }: { shown: number; of: number; loaded: number; more: (() => void) | undefined; loading: boolean; hidden: number; url: Search; set: (change: Search) => void }) {
  return (
    <>
      {shown === of ? many(shown, 'finding') : `${count(shown)} of ${many(of, 'finding')}`}
      {more && <>, the {count(loaded)} most urgent; <button type="button" className="findings-link" disabled={loading} onClick={more}>{loading ? 'loading …' : `${count(Math.min(PAGE, of - loaded))} more`}</button></>}
      {url.suppressed !== 'true' && hidden > 0 && <>, <button type="button" className="findings-link" onClick={() => set({ suppressed: 'true' })}>{count(hidden)} suppressed</button></>}
    </>
  )
}

function Nothing({ filtered, any, hidden, clear, show }: { filtered: boolean; any: boolean; hidden: number; clear: () => void; show: () => void }) {
  if (filtered || any) {
    return (
      <Empty title={filtered ? 'No finding fits' : 'Nothing is open'}>
        <p>{filtered ? 'Nothing that is open has all of this. What is fixed is listed with the state fixed.' : 'All that was found is fixed or suppressed.'}</p>
        <div className="row">{filtered && <Button onClick={clear}>Take the filters out</Button>}{hidden > 0 && <Button onClick={show}>Show {count(hidden)} suppressed</Button>}</div>
      </Empty>
    )
  }
  const server = location.origin
  return (
    <Empty title="Nothing was scanned yet">
      <p>Findings come from scans, in the pipeline or by hand. Each says why it matters to both sides, who acts, and what mends it. This page turns live with the first.</p>
      <Paste label="Scan a repository" text={`# an ingest token: Settings, Tokens\nexport TANDEM_TOKEN=…\ntandem scan --server ${server}`} />
      <p>What another tool found, and bills of materials:</p>
      <Paste label="Import results" text={`tandem import sarif results.sarif\ntandem import sbom bom.json`} />
    </Empty>
  )
}
