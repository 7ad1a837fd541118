// What is going on: incidents that are not over, lockdowns, reviews that are due.
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../../api/client'
import { Badge, LevelMark, Section } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { Ago } from '../../parts/time'

export function Now({ home, team }: { home: Schemas['Home']; team: string | undefined }) {
  const order = ['critical', 'high', 'medium', 'low', 'informational']
  const incidents = home.incidents.rows.filter((one) => !team || one.team === team).sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
  const others = home.incidents.count - incidents.length
  const lockdowns = home.lockdowns.rows
  const reviews = home.reviews.rows
  const told = [incidents.length > 0 && many(incidents.length, 'incident'), lockdowns.length > 0 && many(lockdowns.length, 'lockdown'), reviews.length > 0 && many(reviews.length, 'review')].filter(Boolean).join(', ')
  return (
    <Section title="Going on" told={told || undefined} aside={<Link to="/alerts" search={{ tab: 'incidents' } as never}>{team && others > 0 ? `${many(others, 'incident')} of others` : 'All incidents'}</Link>}>
      {incidents.length + lockdowns.length + reviews.length === 0 && <p className="soft">No incident and no lockdown.</p>}
      <ul className="home-list home-now">
        {incidents.map((one) => (
          <li key={one.id}>
            <LevelMark level={one.level} />
            <span className="home-title"><Link to="/incidents/$id" params={{ id: String(one.id) } as never}><T>{one.title}</T></Link></span>
            <span className="small">{one.entity && <Entity name={one.entity} />}</span>
            <span className="soft small nowrap">{one.state}, <Ago at={one.opened} /></span>
            <span className="small"><Owner team={one.team} /></span>
          </li>
        ))}
        {lockdowns.map((one) => (
          <li key={one.decision}>
            <Badge kind="critical">lockdown</Badge>
            <span className="home-title"><Link to="/controls" search={{ tab: 'lockdowns', open: String(one.decision) } as never}><T>{one.reason}</T></Link> <span className="soft small">{many(one.controls.length, 'control')}</span></span>
            <span />
            <span className="soft small nowrap">ends <Ago at={one.until} /></span>
            <span className="small"><Owner team={one.owner} /></span>
          </li>
        ))}
        {reviews.map((one) => (
          <li key={one.lockdown.decision}>
            <Badge kind={one.overdue ? 'critical' : 'high'}>review</Badge>
            <span className="home-title"><Link to="/controls" search={{ tab: 'lockdowns', open: String(one.lockdown.decision) } as never}><T>{one.lockdown.reason}</T></Link> <span className="soft small">{many(one.waiting.length, 'control')} to decide on</span></span>
            <span />
            <span className="soft small nowrap">{one.overdue ? 'was due ' : 'due '}<Ago at={one.lockdown.review_at} /></span>
            <span className="small"><Owner team={one.lockdown.owner} /></span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
