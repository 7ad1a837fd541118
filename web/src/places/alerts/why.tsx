// Why an alert fired: the rule's own words and numbers, and the reason that stands behind the rule.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { AnswerBar } from '../../parts/answer'
import { Facts, Section } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { T } from '../../parts/text'
import { Ago, At, millis, span } from '../../parts/time'
import { type Control, controlOf, type Row, type Whole } from './shapes'

/** Around an alert, so that what led to it is seen too. */
const BEFORE_MS = 10 * 60_000
const AFTER_MS = 5 * 60_000
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`

/** What Explore is asked for to see what was said about a thing. */
export function searchOf(row: Pick<Row, 'entity'>): string {
  const [, kind = '', name = ''] = /^([^:]*):(.*)$/s.exec(row.entity ?? '') ?? []
  if (!name) return ''
  if (kind === 'service') return `service:${quoted(name)}`
  if (kind === 'host') return `host:${quoted(name)}`
  if (kind === 'container') return `container.id:${quoted(name)}`
  return quoted(name.split('/').at(-1)!)
}
export function rangeOf(row: Pick<Row, 'first' | 'last'>): { from: string; to: string } {
  return { from: new Date(millis(row.first) - BEFORE_MS).toISOString(), to: new Date(millis(row.last) + AFTER_MS).toISOString() }
}

function useAllControls(enabled = true): Control[] {
  const controls = useGet('/api/v1/controls', {}, { enabled })
  return (controls.data?.controls ?? []).map(({ control }) => control)
}

/** The control behind a rule, once controls are known. */
export function useControl(row: { rule: string; tags: string[] } | undefined): Control | undefined {
  const all = useAllControls(row !== undefined)
  return row && controlOf(row, all)
}

/** The incident by its title; whoever may not see it learns no more than that there is one. */
function OfIncident({ id }: { id: number }) {
  const asked = useGet('/api/v1/incidents/{id}', { path: { id } })
  const incident = asked.data as Row | undefined
  if (asked.error) return <span className="soft">one that you may not see</span>
  return <Link to="/incidents/$id" params={{ id: String(id) } as never}>{incident ? <T>{incident.title}</T> : `incident ${id}`}</Link>
}

export function Why({ whole }: { whole: Whole }) {
  const control = useControl(whole)
  const lasted = millis(whole.last) - millis(whole.first)
  return (
    <Section title="Why it fired" aside={<Link to="/explore" search={{ query: searchOf(whole), ...rangeOf(whole) } as never}>What was logged then</Link>}>
      <p className="alerts-why wrap"><T>{whole.why ?? whole.reason}</T></p>
      <Facts rows={[
        ['Rule', <span className="row"><Link to="/alerts" search={{ tab: 'rules', rule: whole.rule } as never}><T>{whole.title}</T></Link><code className="soft small"><T>{whole.rule}</T></code></span>],
        ['About', whole.entity && <Entity name={whole.entity} />],
        ['Grouped by', whole.key.length > 0 && <span>{whole.key.map(([name, value], at) => <span key={name}>{at > 0 && ', '}<T>{name}</T> = <code><T>{String(value)}</T></code></span>)}</span>],
        ['Events', <span>{count(whole.events)}{lasted > 0 ? ` within ${span(lasted)}` : ''}, fired {many(whole.firings, 'time')}</span>],
        ['First and last', <span><At at={whole.first} /> – <At at={whole.last} date={lasted > 43_200_000} /> <span className="nowrap">(<Ago at={whole.last} />)</span></span>],
        ['Owner', <span className="row"><Owner team={whole.team} />{whole.why_owner && <span className="soft small"><T>{whole.why_owner}</T></span>}</span>],
        ['Incident', whole.incident && <OfIncident id={whole.incident} />],
        ['Tags', whole.tags.length > 0 && <span className="soft"><T>{whole.tags.join(', ')}</T></span>],
        ['Dataset', whole.dataset !== 'default' && <T>{whole.dataset}</T>],
        ['Work saved', whole.minutes_saved > 0 && many(whole.minutes_saved, 'minute')],
      ]} />
      {control && <Behind control={control} whole={whole} />}
    </Section>
  )
}

/** What restricts or watches here, by the alerts of an incident: each control once, with what fired for it and a way to answer. */
export function Controls({ whole }: { whole: Whole }) {
  const alerts = whole.parts.filter(({ kind }) => kind === 'alert')
  const all = useAllControls(alerts.length > 0)
  const found = new Map<string, { control: Control; fired: Row[] }>()
  for (const alert of alerts) {
    const control = controlOf(alert, all)
    if (!control) continue
    found.get(control.name)?.fired.push(alert) ?? found.set(control.name, { control, fired: [alert] })
  }
  if (found.size === 0) return null
  return (
    <Section title="Controls that spoke" told={count(found.size)}>
      <ul className="alerts-lines-list">
        {[...found.values()].map(({ control, fired }) => {
          const hidden = fired.filter(({ marks }) => marks.includes('inhibited')).length
          return (
            <li key={control.name} className="alerts-spoke">
              <div><Link to="/controls/$name" params={{ name: control.name } as never}><T>{control.title}</T></Link></div>
              <div className="soft small">{many(fired.length, 'alert')}{hidden > 0 && `, ${count(hidden)} inhibited`}; kept by <Owner team={control.owner} /></div>
              <AnswerBar about={{ to: whole.id, control: control.name, ...(whole.entity ? { entity: whole.entity } : {}) }} exception={false} />
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

function Behind({ control, whole }: { control: Control; whole: Whole }) {
  return (
    <div className="note alerts-behind">
      <div>
        <strong>Why the rule is there: </strong>
        <T>{control.threat}</T>
      </div>
      <div className="small"><span className="soft">For operations: </span><T>{control.protects.operations}</T> <span className="soft">For security: </span><T>{control.protects.security}</T></div>
      <div className="row small">
        <Link to="/controls/$name" params={{ name: control.name } as never}><T>{control.title}</T></Link>
        <span className="soft">kept by <Owner team={control.owner} /></span>
        <AnswerBar about={{ to: whole.id, control: control.name, ...(whole.entity ? { entity: whole.entity } : {}) }} exception={false} />
      </div>
    </div>
  )
}
