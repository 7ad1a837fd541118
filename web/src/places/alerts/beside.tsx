// What is laid beside an alert or an incident: changes that may be to blame, what is weak there, the events.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button, LevelMark, Section } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago, At, millis } from '../../parts/time'
import type { Cited, Suspect, Weak, Whole } from './shapes'

/** What is less likely is folded. */
const FIRST_SUSPECTS = 5

export function Suspects({ rows, entity }: { rows: Suspect[] | undefined; entity: string | null }) {
  const [more, setMore] = useState(false)
  const all = rows ?? []
  const shown = more ? all : all.slice(0, FIRST_SUSPECTS)
  const most = Math.max(0.001, ...all.map(({ score }) => score))
  return (
    <Section title="Suspect changes" told={all.length > 0 ? `${all.length}, the likeliest first` : undefined}>
      {all.length === 0 ? (
        <p className="soft">{entity ? 'Nothing that is known was changed on it or near it before. Deploys are told by pipelines, webhooks or telemetry with service.version.' : 'It is about nothing that has a name here, so no change is near it.'}</p>
      ) : (
        <ol className="alerts-suspects">
          {shown.map((one) => (
            <li key={one.id}>
              <span className="bar" role="img" aria-label={`likelihood ${one.score.toFixed(2)}`} title={`${one.score.toFixed(2)}; 1 is a change of the thing itself in that moment`}><i style={{ width: `${Math.max(4, (100 * one.score) / most)}%` }} /></span>
              <div>
                <div><strong><T>{one.kind.replace('_', ' ')}</T>{one.version && <> <T>{one.version}</T></>}</strong> of <Entity name={one.entity} /> <span className="soft nowrap"><Ago at={one.at} /></span></div>
                <div className="soft small"><T>{one.reasons.join(' · ')}</T></div>
              </div>
            </li>
          ))}
        </ol>
      )}
      {shown.length < all.length && <div><Button onClick={() => setMore(true)}>Show all {all.length}</Button></div>}
    </Section>
  )
}

export function Findings({ rows, entity }: { rows: Weak[] | undefined; entity: string | null }) {
  const all = rows ?? []
  const link = entity && <Link to="/findings" search={{ entity } as never}>All on it</Link>
  return (
    <Section title="What is weak there" told={all.length > 0 ? many(all.length, 'finding') : undefined} aside={all.length > 0 ? link : undefined}>
      {all.length === 0 ? <p className="soft">When it was raised, no open finding was known on it or on what it runs. {link}</p> : (
        <ul className="alerts-lines-list">
          {all.map((one) => (
            <li key={one.id} className="alerts-weak">
              <LevelMark level={one.severity} />
              <div><Link to="/findings" search={{ open: String(one.id) } as never}><T>{one.title}</T></Link> <span className="soft small"><T>{one.entity}</T></span></div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

/** Copies stay a while around their time in Explore. */
const NEAR_MS = 60_000
const FIRST_ROWS = 8
const SHOWN_FIRST = ['message', 'body', 'name']

function about(fields: Record<string, unknown>): string {
  const text = SHOWN_FIRST.map((name) => fields[name]).find((value) => typeof value === 'string' && value !== '')
  return String(text ?? JSON.stringify(fields))
}

function Event({ event }: { event: Cited }) {
  const ms = millis(event.timestamp)
  const around = { from: new Date(ms - NEAR_MS).toISOString(), to: new Date(ms + NEAR_MS).toISOString() }
  const search = event.event_id === null ? undefined : { query: `event_id:${event.event_id}`, ...around, ...(event.table === 'logs' ? {} : { tab: event.table === 'spans' ? 'traces' : 'metrics' }) }
  const source = event.fields['service.name'] ?? event.fields['host.name']
  const fields = Object.entries(event.fields).filter(([name]) => !SHOWN_FIRST.includes(name))
  return (
    <li>
      <details>
        <summary>
          <At at={event.timestamp} date={false} ms /> {source !== undefined && <span className="soft"><T most={60}>{String(source)}</T></span>} <span className="alerts-message"><T most={400}>{about(event.fields)}</T></span>
        </summary>
        <dl className="facts small">
          {fields.map(([name, value]) => <div key={name} style={{ display: 'contents' }}><dt><T>{name}</T></dt><dd className="mono"><T most={2_000}>{typeof value === 'string' ? value : JSON.stringify(value)}</T></dd></div>)}
        </dl>
      </details>
      {search && <Link to="/explore" search={search as never} aria-label={`Open in Explore: ${plain(about(event.fields)).slice(0, 80)}`}>Explore</Link>}
    </li>
  )
}

export function Evidence({ whole }: { whole: Whole }) {
  const [all, setAll] = useState(false)
  const events = whole.cited
  const there = events.filter((event): event is Cited => event !== null)
  const shown = all ? there : there.slice(0, FIRST_ROWS)
  const gone = events.length - there.length
  return (
    <Section title="Cited events" told={events.length > 0 ? `${there.length} kept as copies${gone > 0 ? `, ${gone} erased` : ''}` : undefined}>
      {there.length === 0 ? (
        <p className="soft">{gone > 0 ? 'Its events were erased.' : 'It rests on counts, not on single events: “What was logged then” shows what they were counted from.'}</p>
      ) : (
        <ul className="alerts-events">{shown.map((event, at) => <Event key={event.event_id ?? at} event={event} />)}</ul>
      )}
      {shown.length < there.length && <div><Button onClick={() => setAll(true)}>Show all {there.length}</Button></div>}
    </Section>
  )
}
