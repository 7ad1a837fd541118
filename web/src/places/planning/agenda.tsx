// The agenda of one or several teams, made from what happened since they met.
import { Link } from '@tanstack/react-router'
import { address } from '../../api/client'
import { useGet } from '../../api/queries'
import { useReport } from '../../api/reports'
import { useMay, useTeams } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count } from '../../parts/number'
import { T } from '../../parts/text'
import { At } from '../../parts/time'
import { Held, teamsOf } from './meeting'
import type { AgendaItem, Agenda as Told } from './shapes'

const today = () => new Date().toISOString().slice(0, 10)

export function Agenda() {
  const [url, set] = useUrl()
  const own = useTeams()
  const services = useReport('coverage')
  const owners = (services.data?.rows ?? []).map(({ owned_by }) => owned_by)
  const known = [...new Set([...own, ...owners.filter((owner) => typeof owner === 'string')])].toSorted()
  const teams = url.teams ?? (own.length > 0 ? own.join('+') : known[0]) ?? ''
  const day = url.day ?? today()
  const agenda = useGet('/api/v1/agenda', { query: { teams, for: day } }, { enabled: teams !== '' })
  const may = useMay('responder')
  const file = (format: string) => address('/api/v1/agenda', { query: { teams, for: day, format } })
  return (
    <>
      <form className="row" onSubmit={(event) => event.preventDefault()}>
        <label className="row planning-pick">Teams <input className="input" list="teams" defaultValue={teams} key={teams} placeholder="shop+security" onKeyDown={(event) => event.key === 'Enter' && set({ teams: event.currentTarget.value })} onBlur={(event) => set({ teams: event.currentTarget.value }, { push: false })} /></label>
        <datalist id="teams">{known.map((team) => <option key={team} value={team} />)}</datalist>
        <label className="row planning-pick">Day <input className="input" type="date" value={day} onChange={(event) => set({ day: event.target.value })} /></label>
        <span className="grow" />
        {teams && (
          <span className="row planning-acts">
            <span className="soft">Save as</span>
            <a className="button" href={file('markdown')}>Markdown</a>
            <a className="button" href={file('html')}>HTML</a>
            <a className="button" href={file('ics')}>Calendar entry</a>
            {may && <Button kind="primary" onClick={() => set({ write: '1' })}>Write notes</Button>}
          </span>
        )}
      </form>
      {teams === '' ? (
        <Empty title="For whom?">
          <p>Name a team, or several with <code>+</code> between them: what happened between them is then listed once.</p>
          <p>Teams are those that own something, and none is known here yet: <Link to="/services" search={{} as never}>Services</Link> says how to tell who owns what.</p>
        </Empty>
      ) : (
        <>
          <Shown of={agenda}>
            {(told) => <Body told={told} />}
          </Shown>
          <Held teams={teamsOf(teams)} day={day} may={may} />
        </>
      )}
    </>
  )
}

/** Every section is shown, in the order of the meeting; the empty ones in one line. */
function Body({ told }: { told: Told }) {
  const full = told.sections.filter(({ items }) => items.length > 0)
  const empty = told.sections.filter(({ items }) => items.length === 0)
  return (
    <>
      <p className="soft">
        What happened since {told.held && 'the last meeting on '}<Moment at={told.since} />. The meeting: {told.meeting.minutes} minutes every {told.meeting.days} days, in the phase “<T>{told.meeting.phase}</T>”{told.next && `; the next on ${told.next}`}.
        {told.missed.length > 0 && <> <Badge kind="high">missed: {told.missed.join(', ')}</Badge></>}
      </p>
      {told.meeting.reading.length > 0 && <p className="note">Before it, read: {told.meeting.reading.join(', ')}</p>}
      {full.map((section) => (
        <Section key={section.name} title={section.title} told={count(section.items.length + section.more)}>
          <ul className="steps planning-items">
            {section.items.map((item, at) => (
              <li key={at}>
                <span className="soft small">{item.at ? <Moment at={item.at} /> : ''}</span>
                <div className="row" style={{ alignItems: 'baseline' }}>
                  <span className="grow"><Line section={section.name} item={item} /></span>
                  {item.team && <Owner team={item.team} />}
                </div>
              </li>
            ))}
            {section.more > 0 && <li><span /><span className="soft">and {section.more} more</span></li>}
          </ul>
        </Section>
      ))}
      {full.length === 0 && <Empty title="Nothing to talk about"><p>Since the last meeting nothing happened that these teams have to decide. Give the time back.</p></Empty>}
      {empty.length > 0 && full.length > 0 && <p className="soft small">Nothing under: {empty.map(({ title }) => title.toLowerCase()).join('; ')}.</p>}
    </>
  )
}

/** A day, where the server told no time of it. */
const Moment = ({ at }: { at: string }) => (/T00:00:00(\.0+)?Z$/.test(at) ? <time className="nowrap" dateTime={at}>{at.slice(0, 10)}</time> : <At at={at} />)

/** A line leads to what it is about, where that has a page; what is to be done is done there, and its command is for elsewhere. */
function Line({ section, item }: { section: string; item: AgendaItem }) {
  const [, todo, command] = /^(?:(.*): )?(tandem .+)$/.exec(item.next ?? '') ?? []
  const to = pageOf(section, item, command ?? '')
  const next = to && command ? todo : item.next
  return <>{to ? <Link {...(to as { to: string })} title={command}><T>{item.text}</T></Link> : <T>{item.text}</T>}{next && <span className="soft"> →&nbsp;<T>{next}</T></span>}</>
}

function pageOf(section: string, { ids: [id], text }: AgendaItem, command: string): object | undefined {
  const [, upgrade] = /^tandem upgrade show (\S+)$/.exec(command) ?? []
  if (upgrade) return { to: '/planning', search: { tab: 'upgrades', upgrade } }
  return id === undefined ? undefined : PAGES[section]?.(String(id), text)
}

const PAGES: Record<string, (id: string, text: string) => object> = {
  questions: (answer) => ({ to: '/controls', search: { tab: 'answers', answer } }),
  answered: (answer) => ({ to: '/controls', search: { tab: 'answers', which: 'all', answer } }),
  lockdowns: () => ({ to: '/controls', search: { tab: 'lockdowns' } }),
  // Its line begins with what it is.
  ending: (open, text) => ({ to: '/controls', search: { tab: text.startsWith('lockdown') ? 'lockdowns' : text.startsWith('adjustment') ? 'adjustments' : 'exceptions', open } }),
  'controls-new': () => ({ to: '/controls', search: {} }),
  incidents: (id) => ({ to: '/incidents/$id', params: { id } }),
  findings: (open) => ({ to: '/findings', search: { open } }),
}
