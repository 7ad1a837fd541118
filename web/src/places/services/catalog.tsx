// The catalog: one row for each thing that there is.
import { Link, useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, LevelMark, Shown, Trouble } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { useAsOf } from './asof'
import { type Thing, useCatalog, useKinds } from './catalog-data'
import { level } from './shapes'
import { Signals, Versions } from './bits'

/** Rows that are drawn at first; the others follow on demand. */
const FIRST = 200
const EVERY_MS = 30_000
/** What the server tells of itself is no system of anybody. */
const OWN = 'service:tandem'

type Mark = 'orphan' | 'silent' | 'findings' | 'alerts'
const MARKS: Record<Mark, { name: string; about: string; is: (thing: Thing) => boolean }> = {
  orphan: { name: 'without owner', about: 'Nobody is responsible', is: (thing) => thing.orphan },
  silent: { name: 'silent', about: 'They run, and send no logs', is: (thing) => thing.silent },
  findings: { name: 'with findings', about: 'Something open is weak', is: (thing) => thing.findings.n > 0 },
  alerts: { name: 'with alerts', about: 'Something is unresolved', is: (thing) => thing.alerts.n > 0 },
}

const COLUMNS: Column<Thing>[] = [
  { id: 'name', head: 'Name', sort: ({ name }) => name, cell: (thing) => <Name thing={thing} /> },
  { id: 'owner', head: 'Owner', sort: ({ owner }) => owner ?? '', cell: ({ owner, why }) => <span title={why ? plain(why) : undefined}><Owner team={owner} /></span> },
  { id: 'tier', head: 'Tier', sort: ({ tier }) => tier || '~', cell: ({ tier }) => (tier ? <T>{tier}</T> : <span className="soft">–</span>), className: 'wide-only' },
  { id: 'version', head: 'Runs', cell: (thing) => <Versions of={thing} />, className: 'wide-only' },
  { id: 'deployed', head: 'Last deploy', sort: (thing) => -latest(thing), cell: (thing) => <Ago at={latest(thing) || null} />, className: 'nowrap wide-only' },
  { id: 'signals', head: 'Sends', sort: ({ signals }) => signals.length, cell: (thing) => <Signals of={thing.signals} silent={thing.silent} />, className: 'wide-only' },
  { id: 'alerts', head: 'Alerts', sort: ({ alerts }) => -(alerts.worst * 1e6 + alerts.n), cell: ({ entity, alerts }) => <Open n={alerts.n} worst={alerts.worst} to="/alerts" search={{ entity }} />, className: 'nowrap' },
  { id: 'findings', head: 'Findings', sort: ({ findings }) => -(findings.worst * 1e6 + findings.n), cell: ({ entity, findings }) => <Open n={findings.n} worst={findings.worst} to="/services/$entity" params={{ entity }} search={{ tab: 'findings' }} />, className: 'nowrap' },
  { id: 'seen', head: 'Seen', sort: ({ seen }) => -millis(seen), cell: ({ seen }) => <Ago at={seen} />, className: 'nowrap wide-only' },
]

const latest = ({ deployed }: Thing) => Math.max(0, ...deployed.map(({ at }) => millis(at)))

function Name({ thing: { entity, name, silent } }: { thing: Thing }) {
  const { at } = useAsOf()
  return (
    <span className="row services-name">
      <Link to="/services/$entity" params={{ entity } as never} search={(at ? { at } : {}) as never} title={plain(entity)}><T most={120}>{name}</T></Link>
      {silent && <Badge kind="medium" title="It runs, and sends no logs">silent</Badge>}
    </span>
  )
}

function Open({ n, worst, to, params, search }: { n: number; worst: number; to: string; params?: Record<string, string>; search: Record<string, string> }) {
  const { at } = useAsOf()
  if (n === 0) return <span className="soft">–</span>
  return <Link to={to as never} params={params as never} search={{ ...search, ...(at ? { at } : {}) } as never} className="services-open"><LevelMark level={level(worst)} short /> {count(n)}</Link>
}

export function Catalog() {
  const asOf = useAsOf()
  const [url, set] = useUrl()
  const kind = url.kind ?? 'service'
  const kinds = useKinds(asOf)
  const { things, rows, parts } = useCatalog(asOf, kind, asOf.iso ? undefined : EVERY_MS)
  const text = useDeferredValue((url.text ?? '').toLowerCase())
  const owners = [...new Set(rows.map(({ owner }) => owner ?? ''))].sort()
  const found = rows.filter((thing) =>
    (!text || `${thing.name} ${thing.owner ?? ''}`.toLowerCase().includes(text)) &&
    (url.owner === undefined || (thing.owner ?? '-') === url.owner) &&
    (!url.mark || (MARKS[url.mark as Mark]?.is(thing) ?? true)))
  const failed = parts.find(({ error }) => error)?.error
  return (
    <>
      <div className="row services-filters" role="search" aria-label="Catalog">
        <input className="input" type="search" data-search placeholder="Name or owner" aria-label="Name or owner" value={url.text ?? ''} onChange={(event) => set({ text: event.target.value }, { push: false })} />
        <select className="select" aria-label="Kind" value={kind} onChange={(event) => set({ kind: event.target.value === 'service' ? undefined : event.target.value, mark: undefined, owner: undefined })}>
          {!kinds.data?.rows.some((one) => one.kind === kind) && <option value={kind}>{plain(kind)}</option>}
          {kinds.data?.rows.map((one) => <option key={one.kind} value={one.kind}>{plain(one.kind)} ({count(one.n)})</option>)}
        </select>
        <select className="select" aria-label="Owner" value={url.owner ?? ''} onChange={(event) => set({ owner: event.target.value })}>
          <option value="">Any owner</option>
          {owners.map((owner) => <option key={owner} value={owner || '-'}>{owner ? plain(owner) : 'no owner'}</option>)}
        </select>
        <span className="buttons" role="group" aria-label="Only those">
          {(Object.keys(MARKS) as Mark[]).map((mark) => (
            <Button key={mark} on={url.mark === mark} title={MARKS[mark].about} onClick={() => set({ mark: url.mark === mark ? undefined : mark })}>
              {MARKS[mark].name} <span className="soft">{count(rows.filter(MARKS[mark].is).length)}</span>
            </Button>
          ))}
        </span>
        <span className="told" role="status">{things.data && `${found.length === rows.length ? many(rows.length, 'row') : `${count(found.length)} of ${many(rows.length, 'row')}`}, in ${things.data.took} ms${things.data.truncated ? ', cut: there are more' : ''}`}</span>
      </div>
      {failed && <Trouble error={failed} />}
      <Shown of={things}>{() => <Rows found={found} all={rows} kind={kind} past={asOf.iso} />}</Shown>
    </>
  )
}

function Rows({ found, all, kind, past }: { found: Thing[]; all: Thing[]; kind: string; past: string | undefined }) {
  const navigate = useNavigate()
  const { at } = useAsOf()
  const [, set] = useUrl()
  const [most, setMost] = useState(FIRST)
  if (all.length === 0) return <Nothing kind={kind} past={past} />
  if (found.length === 0) return <Empty title="None of them is like that"><p>There are {count(all.length)} of this kind. <Button onClick={() => set({ text: undefined, owner: undefined, mark: undefined })}>Show all</Button></p></Empty>
  return (
    <>
      <Table label={`What runs of the kind ${plain(kind)}`} rows={found.slice(0, most)} columns={COLUMNS} id={({ entity }) => entity}
        open={({ entity }) => void navigate({ to: '/services/$entity', params: { entity }, search: at ? { at } : {} } as never)} />
      {!past && all.length === 1 && all[0]!.entity === OWN && (
        <Empty title="Only Tandem itself so far">
          <p>Whatever sends telemetry stands here, with its owner, its versions and what is open about it. <Link to="/settings" search={{ tab: 'sending' } as never}>How to send</Link> has what to paste.</p>
        </Empty>
      )}
      {found.length > most && <div><Button onClick={() => setMost(most + FIRST)}>Show {count(Math.min(FIRST, found.length - most))} more of {count(found.length - most)}</Button></div>}
    </>
  )
}

function Nothing({ kind, past }: { kind: string; past: string | undefined }) {
  const [, set] = useUrl()
  if (past) return <Empty title="Nothing of this kind was known then"><p>What was told later about that time shows here too. <Button onClick={() => set({ at: undefined })}>Look at now</Button></p></Empty>
  return (
    <Empty title={kind === 'service' ? 'No service is known yet' : 'There is nothing of this kind'}>
      <p>Services come by themselves from telemetry, as soon as one sends with a <code>service.name</code>; owners and tiers come from catalog files and CODEOWNERS.</p>
      <p><Link to="/settings" search={{ tab: 'sending' } as never}>How to send</Link> has what to paste, with this server’s addresses. Or import what is there already:</p>
      <pre className="source">tandem import catalog catalog-info.yaml{'\n'}tandem import kubernetes objects.yaml --cluster production{'\n'}tandem import codeowners CODEOWNERS --subject repository:github.com/acme/shop</pre>
    </Empty>
  )
}
