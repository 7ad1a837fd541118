// The agenda of one or several teams, made from what happened since they met.
import { useState } from 'react'
import { address, type PathsOf } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { useMay, useTeams } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { Dialog, Field } from '../../parts/form'
import { count } from '../../parts/number'
import { T } from '../../parts/text'
import { At } from '../../parts/time'
import type { Agenda as Told } from './shapes'

const today = () => new Date().toISOString().slice(0, 10)
/** Every section is shown, in the order of the meeting; the empty ones in one line. */

export function Agenda() {
  const [url, set] = useUrl()
  const own = useTeams()
  const services = useGet('/api/v1/inventory/{report}', { path: { report: 'coverage' } })
  const owners = ((services.data as { rows?: { owned_by?: string | null }[] } | undefined)?.rows ?? []).map(({ owned_by }) => owned_by)
  const known = [...new Set([...own, ...owners.filter((owner) => typeof owner === 'string')])].toSorted()
  const teams = url.teams ?? (own.length > 0 ? own.join('+') : known[0]) ?? ''
  const day = url.day ?? today()
  const agenda = useGet('/api/v1/agenda', { query: { teams, for: day } }, { enabled: teams !== '' })
  const [noting, setNoting] = useState(false)
  const may = useMay('responder')
  const file = (format: string) => address('/api/v1/agenda', { query: { teams, for: day, format } })
  return (
    <>
      <form className="row" onSubmit={(event) => event.preventDefault()}>
        <label className="row">Teams <input className="input" list="teams" defaultValue={teams} key={teams} placeholder="shop+security" onKeyDown={(event) => event.key === 'Enter' && set({ teams: event.currentTarget.value })} onBlur={(event) => set({ teams: event.currentTarget.value }, { push: false })} /></label>
        <datalist id="teams">{known.map((team) => <option key={team} value={team} />)}</datalist>
        <label className="row">Day <input className="input" type="date" value={day} onChange={(event) => set({ day: event.target.value })} /></label>
        <span className="grow" />
        {teams && (
          <>
            <a className="button" href={file('markdown')}>Markdown</a>
            <a className="button" href={file('html')}>HTML</a>
            <a className="button" href={file('ics')}>Calendar</a>
            {may && <Button kind="primary" onClick={() => setNoting(true)}>Held: add notes</Button>}
          </>
        )}
      </form>
      {teams === '' ? <Empty title="For whom?"><p>Name a team, or several with <code>+</code> between them: what happened between them is then listed once.</p></Empty> : (
        <Shown of={agenda as { data: Told | undefined; error: unknown; isPending: boolean }}>
          {(told) => <Body told={told} />}
        </Shown>
      )}
      {noting && <Notes teams={teams} day={day} before={(agenda.data as Told | undefined)?.notes ?? ''} close={() => setNoting(false)} />}
    </>
  )
}

function Body({ told }: { told: Told }) {
  const full = told.sections.filter(({ items }) => items.length > 0)
  const empty = told.sections.filter(({ items }) => items.length === 0)
  return (
    <>
      <p className="soft">
        Since <At at={told.since} date />; {told.meeting.minutes} minutes, every {told.meeting.days} days while {told.meeting.phase}{told.next && `; then ${told.next}`}
        {told.missed.length > 0 && <> <Badge kind="high">missed: {told.missed.join(', ')}</Badge></>}
        {told.held && <> <Badge kind="good">held</Badge></>}
      </p>
      {told.meeting.reading.length > 0 && <p className="note">Before it, read: {told.meeting.reading.join(', ')}</p>}
      {full.map((section) => (
        <Section key={section.name} title={section.title} told={count(section.items.length + section.more)}>
          <ul className="steps">
            {section.items.map((item, at) => (
              <li key={at}>
                <span className="soft small">{item.at ? <At at={item.at} /> : ''}</span>
                <div className="row" style={{ alignItems: 'baseline' }}>
                  <span className="grow"><T>{item.text}</T>{item.next && <span className="soft"> → <T>{item.next}</T></span>}</span>
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
      {told.notes && <Section title="Notes"><pre className="source wrap"><T>{told.notes}</T></pre></Section>}
    </>
  )
}

function Notes({ teams, day, before, close }: { teams: string; day: string; before: string; close: () => void }) {
  const [notes, setNotes] = useState(before)
  const send = usePost('/api/v1/meetings' as PathsOf<'post'>, { said: 'Kept, and found by the search', also: ['/api/v1/agenda', '/api/v1/knowledge'] })
  return (
    <Dialog title={`Meeting of ${teams} on ${day}`} send="Keep" submit={() => send.mutate({ body: { teams: teams.split(/[+,]/), day, notes } as never }, { onSuccess: close })} onClose={close} doing={send.isPending} error={send.error}>
      <Field label="Notes (Markdown)" value={notes} onChange={setNotes} area hint="They name systems rather than persons" autoFocus />
    </Dialog>
  )
}
