// What was noted in meetings: written beside the agenda, and found again by its day.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { literal, sql } from '../../api/ask'
import type { PathsOf, Problem } from '../../api/client'
import { usePost } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Button, Section, Shown, Trouble } from '../../parts/basic'
import { Field } from '../../parts/form'
import { late } from '../../parts/late'
import { many } from '../../parts/number'
import { T } from '../../parts/text'

const Markdown = late(() => import('../../parts/markdown'))
/** Meetings that are looked through; of the same teams there are some dozens a year. */
const MOST_MEETINGS = 1000
const TEMPLATE = '## Decided\n\n- \n\n## Next steps\n\n- \n'

export interface Meeting { day: string; notes: string }
/** As the server names a meeting: each team once, in the order of their names. */
export const teamsOf = (text: string) => [...new Set(text.split(/[+, ]/).map((team) => team.trim().toLowerCase()).filter(Boolean))].sort()

/** The meetings that these teams held, the newest first; of a day the notes that were written last. */
export function useMeetings(teams: string[]) {
  return useQuery<Meeting[], Problem>({
    queryKey: ['/api/v1/agenda', 'meetings', teams.join('+')],
    enabled: teams.length > 0,
    queryFn: async ({ signal }) => {
      const { rows } = await sql(`SELECT body FROM decisions WHERE kind = ${literal('meeting')} ORDER BY id DESC`, { most: MOST_MEETINGS, signal })
      const held = new Map<string, Meeting>()
      for (const [body] of rows) {
        const told = JSON.parse(String(body)) as { teams?: string[]; day?: string; notes?: string }
        if (told.day && told.teams?.join('+') === teams.join('+') && !held.has(told.day)) held.set(told.day, { day: told.day, notes: told.notes ?? '' })
      }
      return [...held.values()].sort((a, b) => b.day.localeCompare(a.day))
    },
  })
}

/** Notes of a meeting, as they were written; `told` says which one. */
function Notes({ title, told, meeting, aside }: { title: string; told?: string | undefined; meeting: Meeting; aside?: React.ReactNode }) {
  return (
    <Section title={title} told={told} aside={aside}>
      {meeting.notes ? <Markdown text={meeting.notes} /> : <p className="soft">It was held, and nothing was noted.</p>}
    </Section>
  )
}

/** What this meeting noted, what the one before did, and every one that was held. */
export function Held({ teams, day, may }: { teams: string[]; day: string; may: boolean }) {
  const [url, set] = useUrl()
  const meetings = useMeetings(teams)
  const writing = may && url.write === '1'
  const write = () => set({ write: '1' })
  return (
    <Shown of={meetings} lines={3}>
      {(all) => {
        const [now, before] = [all.find((one) => one.day === day), all.find((one) => one.day < day)]
        return (
          <>
            {writing ? <Write key={`${teams.join('+')} ${day}`} teams={teams} day={day} before={now?.notes} close={() => set({ write: undefined })} />
              : now && <Notes title="Notes of this meeting" meeting={now} aside={may && <Button onClick={write}>Write on</Button>} />}
            {before && <Notes title="Notes of the last meeting" told={before.day} meeting={before} aside={<Link to="." search={((search: object) => ({ ...search, day: before.day, write: undefined })) as never}>Its agenda</Link>} />}
            {all.length > 0 && (
              <Section title="Meetings held" told={many(all.length, 'meeting')}>
                <ul className="steps">
                  {all.map((one) => (
                    <li key={one.day}>
                      <Link to="." search={((search: object) => ({ ...search, day: one.day, write: undefined })) as never} aria-current={one.day === day ? 'page' : undefined}>{one.day}</Link>
                      <span className="soft cut"><T>{gist(one.notes)}</T></span>
                    </li>
                  ))}
                </ul>
              </Section>
            )}
          </>
        )
      }}
    </Shown>
  )
}

/** The first words that are no heading. */
const gist = (notes: string) => notes.split('\n').map((line) => line.replace(/^[-*\s]+/, '')).find((line) => line && !line.startsWith('#')) ?? ''

/** Notes are written with the agenda in sight. What is not kept yet stays in this browser: a meeting is prepared days ahead. */
function Write({ teams, day, before, close }: { teams: string[]; day: string; before: string | undefined; close: () => void }) {
  const key = `tandem:notes:${teams.join('+')}:${day}`
  const [notes, setNotes] = useState(localStorage.getItem(key) ?? before ?? TEMPLATE)
  const send = usePost('/api/v1/meetings' as PathsOf<'post'>, { said: 'Kept, and found by the search', also: ['/api/v1/agenda', '/api/v1/knowledge'] })
  const change = (text: string) => {
    setNotes(text)
    try {
      localStorage.setItem(key, text)
    } catch {
      // The browser has no room: the text stays here as long as the page does.
    }
  }
  const done = () => {
    localStorage.removeItem(key)
    close()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate({ body: { teams, day, notes } as never }, { onSuccess: done })
  }
  return (
    <Section title="Notes of this meeting" told={day}>
      <form className="form planning-notes" onSubmit={submit}>
        <Field label="Notes (Markdown)" value={notes} onChange={change} area autoFocus hint="They name systems rather than persons. Until they are kept, they stay in this browser, also when you leave." />
        {send.error && <Trouble error={send.error} />}
        <div className="row">
          <button type="submit" className="button primary" disabled={send.isPending}>{send.isPending ? 'Keeping …' : 'Keep'}</button>
          <Button onClick={close}>Later</Button>
          <Button kind="quiet" onClick={done}>Drop what is not kept</Button>
        </div>
      </form>
    </Section>
  )
}
