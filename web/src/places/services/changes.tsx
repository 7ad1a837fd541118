// What was done to a thing, and which of it may be to blame.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Section, Shown } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { count, many } from '../../parts/number'
import type { Column } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, At, millis } from '../../parts/time'
import type { AsOf } from './asof'
import { Capped, valueText } from './bits'
import { useChanges } from './changes-data'
import type { Given } from './entity'
import { telemetry, type Thing } from './entity-data'
import type { Change } from './shapes'
import { json } from './sql'

const MOST = 500
/** What of a change is said besides; the rest is in its title. */
const TOLD = ['status', 'previous', 'commit', 'title', 'number', 'branch', 'message', 'url', 'outcome', 'name']
const COMMIT = 12
/** Suspects that are shown: people look at the first few. */
const LIKELIEST = 5

export default function Changes({ thing, asOf }: Given) {
  const [url, set] = useUrl()
  const changes = useChanges(thing, asOf, { most: MOST })
  const rows = changes.data?.rows ?? []
  const kinds = [...new Set(rows.map(({ kind }) => kind))].sort()
  const shown = rows.filter(({ kind, environment }) => (!url.change || kind === url.change) && (!url.environment || environment === url.environment))
  const environments = [...new Set(rows.flatMap(({ environment }) => environment ?? []))].sort()
  return (
    <>
      <Suspects thing={thing} asOf={asOf} />
      <Section title="Deploys and changes" told={changes.data && `${shown.length === rows.length ? count(rows.length) : `${count(shown.length)} of ${count(rows.length)}`}${rows.length === MOST ? ', the latest' : ''}, in ${changes.data.took} ms`}
        aside={<span className="row">
          <select className="select" aria-label="Kind of change" value={url.change ?? ''} onChange={(event) => set({ change: event.target.value }, { push: false })}>
            <option value="">Any kind</option>{kinds.map((kind) => <option key={kind} value={kind}>{plain(kind.replaceAll('_', ' '))}</option>)}
          </select>
          <select className="select" aria-label="Environment" value={url.environment ?? ''} onChange={(event) => set({ environment: event.target.value }, { push: false })}>
            <option value="">Any environment</option>{environments.map((name) => <option key={name} value={name}>{plain(name)}</option>)}
          </select>
        </span>}>
        <Shown of={changes}>{() => <Capped label="Changes" rows={shown} columns={columns(asOf, thing)} id={({ id }) => String(id)} keys empty="No change is known. A pipeline tells them by a webhook of its forge, by CDEvents, or by POST /api/v1/changes; telemetry tells new versions by itself." />}</Shown>
      </Section>
    </>
  )
}

const columns = (asOf: AsOf, thing: Thing): Column<Change>[] => {
  const search = telemetry(thing)
  return [
    { id: 'at', head: 'When', sort: ({ at }) => -millis(at), className: 'nowrap', cell: ({ at }) => <><At at={at} /> <span className="soft small"><Ago at={at} /></span></> },
    { id: 'kind', head: 'What', sort: ({ kind }) => kind, cell: ({ kind }) => <Badge kind={kind === 'deployment' ? 'accent' : 'plain'}><T>{kind.replaceAll('_', ' ')}</T></Badge> },
    { id: 'version', head: 'Version', cell: ({ version }) => (version ? <code><T most={60}>{version}</T></code> : '–') },
    { id: 'environment', head: 'Where', className: 'nowrap', sort: ({ environment }) => environment ?? '', cell: ({ environment }) => <T most={40}>{environment ?? '–'}</T> },
    { id: 'entity', head: 'Of', className: 'services-word', sort: ({ entity }) => entity, cell: ({ entity_kind, entity }) => <Entity name={`${entity_kind}:${entity}`} at={asOf.at} /> },
    { id: 'origin', head: 'Told by', className: 'nowrap', sort: ({ origin }) => origin, cell: ({ origin }) => <span className="soft"><T>{origin}</T></span> },
    { id: 'more', head: 'More', cell: ({ attributes }) => <More attributes={attributes} /> },
    ...(search ? [{ id: 'around', head: '', cell: ({ at }: Change) => <Link to="/explore" search={{ query: search.query, from: new Date(millis(at) - 900_000).toISOString(), to: new Date(millis(at) + 1_800_000).toISOString() } as never} className="nowrap" title="From 15 minutes before to 30 minutes after">logs around</Link> }] : []),
  ]
}

function More({ attributes }: { attributes: string }) {
  const all = json<Record<string, unknown>>(attributes) ?? {}
  const told = TOLD.filter((name) => all[name] !== undefined && all[name] !== null)
  return <span className="small soft" title={plain(attributes)}>{told.map((name, at) => <span key={name}>{at > 0 && ' · '}{name} <T most={80}>{name === 'commit' ? valueText(all[name]).slice(0, COMMIT) : valueText(all[name])}</T></span>)}</span>
}

function Suspects({ thing, asOf }: Given) {
  const asked = useGet('/api/v1/suspects', { query: { entity: thing.entity, ...(asOf.iso ? { at: asOf.iso } : {}) } }, { keep: true })
  const rows = asked.data?.suspects ?? []
  if (asked.data && rows.length === 0) return null
  return (
    <Section title={asOf.iso ? 'If something broke then' : 'If something is broken now'} told={asked.data && `${many(rows.length, 'change')} that may be to blame${rows.length > LIKELIEST ? `, the ${LIKELIEST} likeliest` : ', the likeliest first'}`}>
      <Shown of={asked} lines={3}>{() => (
        <ol className="services-list">
          {rows.slice(0, LIKELIEST).map((one) => (
            <li key={one.id}>
              <span className="services-score" title={`score ${one.score.toFixed(2)}`}><span className="bar"><i style={{ width: `${Math.min(100, (100 * one.score) / Math.max(0.001, rows[0]!.score))}%` }} /></span></span>
              <span className="grow"><T>{one.kind.replaceAll('_', ' ')}</T> {one.version && <code><T most={60}>{one.version}</T></code>} of <Entity name={one.entity} at={asOf.at} /><span className="soft small services-because"><T>{one.reasons.join(' · ')}</T></span></span>
              <span className="soft nowrap"><Ago at={one.at} /></span>
            </li>
          ))}
        </ol>
      )}</Shown>
    </Section>
  )
}
