// What was said of a thing over time: whose it was, what was seen, what was decided.
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Button, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count, many, took } from '../../parts/number'
import type { Column } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, At, millis, span } from '../../parts/time'
import { Capped, valueText } from './bits'
import type { Given } from './entity'
import { every } from './entity-data'
import { json, quote, type Row, useSql } from './sql'

const MOST = 1000
/** Owners are told from so long before on. */
const OWNERS_MS = 400 * 86_400_000
/** What was learnt so much later than it was so, was learnt late. */
const LATE_MS = 3_600_000
interface Seen extends Row { id: number; at: string; known: string; ended: number; until: string | null; origin: string; attributes: string }
interface Decided extends Row { id: number; at: string; kind: string; reason: string | null; owner: string | null; expires: string | null }
interface Run { from: Seen; to: Seen; times: number; changed: string[]; ended: boolean }

export default function History({ thing, asOf }: Given) {
  const [, set] = useUrl()
  const seen = useSql<Seen>(thing.id === undefined ? undefined : `SELECT id, at, known, ended, until, origin, attributes FROM ${asOf.table('observations')} WHERE about = ${thing.id} AND at <= ${asOf.now} ORDER BY at DESC, id DESC LIMIT ${MOST}`, { every: every(asOf), keep: true })
  const decided = useSql<Decided>(`SELECT id, at, kind, reason, owner, expires FROM ${asOf.table('decisions')} WHERE entity_kind = ${quote(thing.kind)} AND entity = ${quote(thing.name)} AND kind NOT IN ('alert', 'notice') ORDER BY at DESC LIMIT ${MOST}`, { every: every(asOf), keep: true })
  const runs = useMemo(() => together(seen.data?.rows ?? []), [seen.data])
  return (
    <>
      <Owners thing={thing} asOf={asOf} />
      <Section title="Decided about it" told={decided.data && `${many(decided.data.rows.length, 'decision')}${took(decided.data.took)}`}>
        <Shown of={decided} lines={2}>{({ rows }) => <Capped label="Decisions" rows={rows} columns={DECIDED} id={({ id }) => String(id)} empty="Nothing was decided about it." />}</Shown>
      </Section>
      <Section title="What was seen" told={seen.data && `${many(seen.data.rows.length, 'observation')} in ${many(runs.length, 'run')}${seen.data.rows.length === MOST ? ', the latest' : ''}${took(seen.data.took)}`}>
        <p className="soft">Never altered: each source says what it saw and when. What says the same again is one run; what changed is named.</p>
        {thing.id === undefined ? <p className="soft">No source reports it by itself{asOf.iso ? ' then' : ''}; others point at it.</p> : (
          <Shown of={seen}>{() => <Capped label="What was seen" keys rows={runs} id={({ from }) => String(from.id)} empty="Nothing was seen." columns={[
            ...RUNS,
            { id: 'then', head: '', cell: ({ to }: Run) => <Button kind="quiet" onClick={() => set({ at: to.at, tab: undefined })}>as of then</Button> },
          ]} />}</Shown>
        )}
      </Section>
    </>
  )
}

function Owners({ thing, asOf }: Given) {
  const to = asOf.iso
  const from = useMemo(() => new Date((to ? Date.parse(to) : Date.now()) - OWNERS_MS).toISOString(), [to])
  const asked = useGet('/api/v1/owners/history', { query: { entity: thing.entity, from, ...(to ? { to } : {}) } }, { keep: true })
  const told = asked.data
  return (
    <Section title="Owners" told={told && many(told.intervals.rows.length, 'claim')}>
      <Shown of={asked} lines={2}>{() => told && (
        <>
          {told.via && <p className="soft">Nobody claims it: it goes with <T>{told.via}</T>.</p>}
          {told.hand_overs.length > 0 && <p>{told.hand_overs.map(({ at, from, to, layer }) => <span key={at} className="services-handed"><At at={at} />: {from ? <T>{from}</T> : 'nobody'} → {to ? <T>{to}</T> : 'nobody'}{layer ? <> (<T>{layer}</T>)</> : null}</span>)}</p>}
          <Capped label="Owners" rows={told.intervals.rows.toReversed()} id={(row) => `${row.owner} ${row.origin} ${row.from} ${row.layer}`} empty="Nobody ever claimed it. Name an owner above." columns={[
            { id: 'owner', head: 'Team', cell: ({ owner }) => <Owner team={owner} /> },
            { id: 'layer', head: 'Of', cell: ({ layer }) => <T>{layer || 'the whole'}</T> },
            { id: 'origin', head: 'Said by', cell: ({ origin }) => <T>{origin === 'manual' ? 'people, by a hand-over' : origin}</T> },
            { id: 'from', head: 'From', cell: ({ from }) => <At at={from} /> },
            { id: 'until', head: 'Until', cell: ({ until }) => (until ? <At at={until} /> : <Badge kind="good">holds</Badge>) },
            { id: 'long', head: 'For', cell: ({ from, until }) => <span className="soft">{span((until ? millis(until) : to ? Date.parse(to) : Date.now()) - millis(from))}</span> },
          ]} />
        </>
      )}</Shown>
    </Section>
  )
}

const DECIDED: Column<Decided>[] = [
  { id: 'at', head: 'When', className: 'nowrap', sort: ({ at }) => -millis(at), cell: ({ at }) => <><At at={at} /> <span className="soft small"><Ago at={at} /></span></> },
  { id: 'kind', head: 'What', sort: ({ kind }) => kind, className: 'nowrap', cell: ({ kind, id }) => (kind === 'incident' ? <Link to="/incidents/$id" params={{ id: String(id) } as never}>incident</Link> : <T>{kind.replaceAll('_', ' ')}</T>) },
  { id: 'reason', head: 'Why', cell: ({ reason }) => <T most={300}>{reason ?? '–'}</T> },
  { id: 'owner', head: 'Team', sort: ({ owner }) => owner ?? '', cell: ({ owner }) => (owner ? <Owner team={owner} /> : <span className="soft">–</span>) },
  { id: 'expires', head: 'Ends', className: 'nowrap', cell: ({ expires }) => (expires ? <At at={expires} /> : <span className="soft">–</span>) },
]

const RUNS: Column<Run>[] = [
  { id: 'at', head: 'From', className: 'nowrap', cell: ({ from, to, times }) => <><At at={from.at} />{times > 1 && <span className="soft"> to <At at={to.at} /></span>}</> },
  { id: 'origin', head: 'Source', className: 'nowrap', cell: ({ from }) => <T>{from.origin}</T> },
  { id: 'times', head: 'Times', className: 'num', cell: ({ times }) => count(times) },
  { id: 'changed', head: 'What it says', cell: ({ ended, changed, from }) => (ended ? <Badge kind="medium">it was gone</Badge> : <span className="small">{changed.length === 0 ? <span className="soft">the same as before</span> : <T most={600}>{changed.join('; ')}</T>}{late(from) && <span className="soft"> (learnt <Ago at={from.known} />)</span>}</span>) },
]
const late = ({ at, known }: Seen) => millis(known) - millis(at) > LATE_MS

/** Observations that say the same one after the other, by source, as one; the newest first. */
function together(rows: Seen[]): Run[] {
  const last = new Map<string, Run>()
  const runs: Run[] = []
  for (const row of rows.toReversed()) {
    // A source that speaks of several environments says one thing of each.
    const key = `${row.origin} ${json<Record<string, unknown>>(row.attributes)?.['deployment.environment.name'] ?? ''}`
    const before = last.get(key)
    if (before && before.to.attributes === row.attributes && before.to.ended === row.ended) {
      before.to = row
      before.times += 1
      continue
    }
    const run = { from: row, to: row, times: 1, changed: difference(before?.to.attributes, row.attributes), ended: row.ended === 1 }
    last.set(key, run)
    runs.push(run)
  }
  return runs.reverse()
}

function difference(before: string | undefined, now: string): string[] {
  const old = json<Record<string, unknown>>(before) ?? {}
  const fresh = json<Record<string, unknown>>(now) ?? {}
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]))
  return names.map((name) => `${plain(name)} ${old[name] === undefined ? '' : `${valueText(old[name])} → `}${fresh[name] === undefined ? 'no more' : valueText(fresh[name])}`)
}
