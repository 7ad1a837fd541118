// One incident: what belongs to it, who does what, what happened, and the document for its review.
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { text, type Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { Empty, Facts, Head, LevelMark, Section, Shown, Trouble, Waiting } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { useKeys } from '../../parts/keys'
import { late } from '../../parts/late'
import { count, many } from '../../parts/number'
import { Share } from '../../parts/range'
import { type Column, Table } from '../../parts/table'
import { type Tab, Tabs, useTab } from '../../parts/tabs'
import { T } from '../../parts/text'
import { Ago, At, millis, span } from '../../parts/time'
import { useAct } from './act'
import { Acts } from './acts'
import './alerts.css'
import { Findings, Suspects } from './beside'
import { Standing } from './detail'
import { Guide } from './guide'
import { Marks, StateMark } from './marks'
import { holds, LEVELS, type Row, type Suspect, type Weak, type Whole } from './shapes'
import { Tasks } from './tasks'
import { Timeline } from './timeline'
import { Controls, rangeOf, searchOf } from './why'

const Markdown = late(() => import('../../parts/markdown'))
const EVERY_MS = 15_000
const TABS: Tab[] = [{ id: 'story', name: 'What happens' }, { id: 'review', name: 'Review document' }]
const ALERTS: Column<Row>[] = [
  { id: 'level', head: 'Level', cell: (row) => <LevelMark level={row.level} />, sort: (row) => -LEVELS.indexOf(row.level) },
  { id: 'title', head: 'Alert', cell: (row) => <><Link to="/alerts/$id" params={{ id: String(row.id) } as never}><T>{row.title}</T></Link><span className="narrow-only soft small"> <T>{row.entity}</T></span></>, sort: (row) => row.title },
  { id: 'about', head: 'About', className: 'alerts-cut wide-only', cell: (row) => <Entity name={row.entity} />, sort: (row) => row.entity ?? '' },
  { id: 'state', head: 'State', cell: (row) => <><StateMark row={row} /> <Marks row={row} /></>, sort: (row) => row.state },
  { id: 'first', head: 'First event', className: 'num nowrap wide-only', cell: (row) => <Ago at={row.first} />, sort: (row) => row.first },
]

export default function Incident() {
  const { id } = useParams({ strict: false }) as { id: string }
  const me = useMe()
  const navigate = useNavigate()
  const tab = useTab(TABS)
  const asked = useGet('/api/v1/incidents/{id}', { path: { id } }, { every: EVERY_MS })
  const whole = asked.data
  const act = useAct()
  useKeys('Incident', {
    e: { does: 'Acknowledge', run: () => whole && whole.state === 'open' && holds(me, 'responder', whole.team) && act.mutate({ rows: [whole], deed: { do: 'acknowledge' } }) },
    Escape: { does: 'Back to the incidents', run: () => void navigate({ to: '/alerts', search: { tab: 'incidents' } } as never) },
  })
  if (asked.error?.status === 403 || asked.error?.status === 404)
    return (
      <div className="place">
        <Head title="Incident" />
        <Empty title="There is no such incident for you">
          <p>It may be of a dataset that you may not see, or the address is wrong. Incidents are never deleted.</p>
          <Link className="button" to="/alerts" search={{ tab: 'incidents', state: 'all' } as never}>All incidents</Link>
        </Empty>
      </div>
    )
  return (
    <div className="place">
      <Head title={whole ? <T>{whole.title}</T> : 'Incident'} back={<Link to="/alerts" search={{ tab: 'incidents' } as never}>Incidents</Link>}><Share /></Head>
      <Shown of={asked}>
        {() => whole && (
          <>
            <Standing whole={whole} />
            <Acts rows={[whole]} />
            <Tabs tabs={TABS} label="The incident" />
            {tab === 'review' ? <Review whole={whole} /> : <Story whole={whole} />}
          </>
        )}
      </Shown>
    </div>
  )
}

/** Suspects of an incident: changes before its first event, on what it is about. */
function useSuspects(whole: Whole): Suspect[] | undefined {
  const asked = useGet('/api/v1/suspects', { query: { entity: whole.entity ?? undefined, at: whole.opened } }, { enabled: whole.entity !== null })
  return asked.data?.suspects
}

/** Open findings on what it is about, the worst first. */
function useFindings(whole: Whole): Weak[] | undefined {
  const asked = useGet('/api/v1/findings', { query: { entity: whole.entity ?? undefined, limit: 5 } }, { enabled: whole.entity !== null })
  return asked.data?.findings
}

function Story({ whole }: { whole: Whole }) {
  const suspects = useSuspects(whole)
  const findings = useFindings(whole)
  const alerts = whole.parts.filter(({ kind }) => kind === 'alert').sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || a.first.localeCompare(b.first))
  const signal = whole.first_useful_signal_seconds
  return (
    <div className="columns">
      <div className="alerts-gap">
        <Section title="Why it was opened" aside={<Link to="/explore" search={{ query: searchOf(whole), ...rangeOf(whole) } as never}>What was logged then</Link>}>
          <p className="alerts-why wrap"><T>{whole.reason}</T></p>
          <Facts rows={[
            ['About', whole.entity && <Entity name={whole.entity} />],
            ['Owner', <Owner team={whole.team} />],
            ['First event', <span><At at={whole.first} /> <span className="nowrap">(<Ago at={whole.first} />)</span></span>],
            ['Opened', <At at={whole.opened} />],
            ['First useful signal', signal !== null && signal !== undefined && `${span(1000 * signal)} after the first event`],
            ['Acknowledged', whole.acknowledged && `${span(millis(whole.acknowledged) - millis(whole.opened))} after it was opened`],
            [whole.closed ? 'Lasted' : 'Open for', span(millis(whole.closed ?? Date.now()) - millis(whole.opened))],
            ['Fired', `${many(whole.firings, 'time')} on ${many(whole.events, 'event')}`],
          ]} />
        </Section>
        <Section title="Alerts in it" told={count(alerts.length)}>
          {alerts.length === 0 ? <p className="soft">None: people opened it. The queue’s “To an incident …” moves alerts here.</p> : <Table label="Alerts of the incident" rows={alerts} columns={ALERTS} id={(row) => String(row.id)} keys={false} />}
        </Section>
        <Timeline whole={whole} />
      </div>
      <div className="alerts-gap">
        <Tasks whole={whole} />
        <Suspects rows={suspects} entity={whole.entity} />
        <Guide whole={whole} />
        <Controls whole={whole} />
        <Findings rows={findings} entity={whole.entity} />
      </div>
    </div>
  )
}

function Review({ whole }: { whole: Whole }) {
  const document = useQuery<string, Problem>({ queryKey: ['/api/v1/incidents/{id}/review', whole.id, whole.timeline.length, whole.parts.length], queryFn: ({ signal }) => text('/api/v1/incidents/{id}/review', { path: { id: whole.id }, signal }) })
  return (
    <Section title="Review" told="about systems; no person is in it" aside={<a className="button" href={`/api/v1/incidents/${whole.id}/review`} download={`incident-${whole.id}.md`}>Download Markdown</a>}>
      {document.error && <Trouble error={document.error} retry={() => void document.refetch()} />}
      {document.data !== undefined ? <Markdown text={document.data} /> : document.error ? null : <Waiting lines={8} />}
    </Section>
  )
}
