// The first look at a thing: how it does, what came last, what is open, what is beside it.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { Badge, LevelMark, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count, many, took } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { toldOnce } from '../../parts/told'
import { DEPLOYS, useChanges } from './changes-data'
import type { Given } from './entity'
import { useAlerts, useWeak } from './entity-data'
import { RELATIONS } from './relations'
import { SignalsOf } from './signals'
import type { Part } from './shapes'

const FEW = 5
const FEW_NEIGHBOURS = 5

export default function Overview({ thing, asOf }: Given) {
  return (
    <div className="columns">
      <div className="col services-gap">
        <SignalsOf thing={thing} asOf={asOf} />
        <Findings thing={thing} asOf={asOf} />
        <Alerts thing={thing} asOf={asOf} />
      </div>
      <div className="col services-gap">
        <Deploys thing={thing} asOf={asOf} />
        <Beside thing={thing} asOf={asOf} />
        <Pages thing={thing} asOf={asOf} />
      </div>
    </div>
  )
}

const More = ({ tab, at, children }: { tab: string; at: string | undefined; children: string }) => <Link to="." search={{ tab, at } as never}>{children}</Link>

function Findings({ thing, asOf }: Given) {
  const weak = useWeak(thing, asOf)
  return (
    <Section title="Open findings" told={weak.data && count(weak.data.count)} aside={weak.data && weak.data.count > 0 && <More tab="findings" at={asOf.at}>All findings</More>}>
      <Shown of={weak} lines={3}>{({ findings, hidden }) => (findings.length === 0 ? <p className="soft">Nothing open is known{hidden > 0 ? `; ${many(hidden, 'is', 'are')} hidden by an exception or suppression` : ''}.</p> : (
        <ol className="services-list">
          {findings.slice(0, FEW).map((one) => (
            <li key={one.id}>
              <span className="services-level"><LevelMark level={one.severity} /></span>
              <Link to="/findings" search={{ open: String(one.id), entity: one.entity } as never} className="grow"><T most={160}>{one.title}</T></Link>
              <span className="soft num" title={one.rank.terms.filter(({ points }) => points > 0).map(({ because }) => because).join('; ')}>rank {Math.round(one.rank.score)}</span>
            </li>
          ))}
        </ol>
      ))}</Shown>
    </Section>
  )
}

function Alerts({ thing, asOf }: Given) {
  const alerts = useAlerts(thing, asOf)
  return (
    <Section title="Alerts" told={alerts.data && `${count(alerts.data.rows.length)} not resolved${took(alerts.data.took)}`} aside={<Link to="/alerts" search={{ entity: thing.entity } as never}>All alerts</Link>}>
      <Shown of={alerts} lines={3}>{({ rows }) => (rows.length === 0 ? <p className="soft">None is open{asOf.iso ? ' then' : ''}.</p> : (
        <ol className="services-list">
          {rows.slice(0, FEW).map((one) => (
            <li key={one.id}>
              <span className="services-level"><LevelMark level={one.level ?? 'informational'} /></span>
              <Link to="/alerts/$id" params={{ id: String(one.id) } as never} className="grow"><T most={160}>{one.title}</T></Link>
              {one.incident && <Link to="/incidents/$id" params={{ id: String(one.incident) } as never}>incident</Link>}
              {one.state && <Badge kind={one.state === 'open' ? 'high' : one.state === 'acknowledged' ? 'accent' : undefined}>{plain(one.state)}</Badge>}
              <span className="soft nowrap"><Ago at={one.at} /></span>
            </li>
          ))}
        </ol>
      ))}</Shown>
    </Section>
  )
}

function Deploys({ thing, asOf }: Given) {
  const changes = useChanges(thing, asOf, { only: 'deployment', most: DEPLOYS })
  return (
    <Section title="Latest deploys" told={changes.data && `${count(toldOnce(changes.data.rows).length)}${changes.data.rows.length === DEPLOYS ? ', the latest' : ''}${took(changes.data.took)}`} aside={<More tab="changes" at={asOf.at}>All changes</More>}>
      <Shown of={changes} lines={3}>{({ rows }) => (rows.length === 0 ? <p className="soft">None is known. A pipeline tells them by a webhook or <code>POST /api/v1/changes</code>; telemetry tells new versions by itself.</p> : (
        <ol className="services-list">
          {toldOnce(rows).slice(0, FEW).map((one) => (
            <li key={one.id}>
              <code><T most={60}>{one.version ?? '–'}</T></code>
              <span className="grow soft"><T most={60}>{one.environment ? `to ${one.environment}` : ''}</T></span>
              <span className="soft small"><T most={40}>{one.origin === 'telemetry' ? 'seen running' : `told by ${one.origin}`}</T></span>
              <span className="soft nowrap"><Ago at={one.at} /></span>
            </li>
          ))}
        </ol>
      ))}</Shown>
    </Section>
  )
}

function Beside({ thing, asOf }: Given) {
  const groups = new Map<string, Part[]>()
  for (const part of thing.parts) {
    const words = RELATIONS(part)
    groups.set(words, [...(groups.get(words) ?? []).filter(({ kind, name }) => kind !== part.kind || name !== part.name), part])
  }
  return (
    <Section title="Neighbours" told={count(thing.parts.length)} aside={<More tab="neighbours" at={asOf.at}>All neighbours</More>}>
      {groups.size === 0 ? <p className="soft">It stands alone: nothing is known that belongs to it, calls it or is called.</p> : (
        <dl className="facts">
          {[...groups].map(([words, parts]) => (
            <div key={words} style={{ display: 'contents' }}>
              <dt>{words}</dt>
              <dd className="services-beside">
                {parts.slice(0, FEW_NEIGHBOURS).map(({ kind, name }) => <Entity key={`${kind}:${name}`} name={`${kind}:${name}`} at={asOf.at} />)}
                {parts.length > FEW_NEIGHBOURS && <span className="soft">and {count(parts.length - FEW_NEIGHBOURS)} more</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  )
}

function Pages({ thing }: Given) {
  const pages = useGet('/api/v1/knowledge/pages', { query: { service: thing.name, limit: 20 } as never }, { enabled: thing.kind === 'service' })
  const rows = pages.data?.pages ?? []
  if (thing.kind !== 'service') return null
  return (
    <Section title="Knowledge" told={pages.data && count(rows.length)}>
      {pages.data && rows.length === 0 ? <p className="soft">No page names it. A runbook in the knowledge folder with <code>services: [{plain(thing.name)}]</code> stands here, and at its alerts.</p> : (
        <ol className="services-list">
          {rows.map((page) => <li key={page.id}><Badge>{plain(page.kind)}</Badge><Link to="/readiness" search={{ page: page.id } as never} className="grow"><T most={160}>{page.title}</T></Link><Owner team={page.owner} /></li>)}
        </ol>
      )}
    </Section>
  )
}
