// What is wrong with the files that people keep: pages, controls, drills and plans.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { Empty, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'

interface Problem { file?: string; line?: number | null; page?: string; what?: string; why?: string; message?: string; text?: string; owner?: string; review_by?: string }
interface List { count: number; first: (Problem | string)[] }
interface Lists { problems: { first: (Problem | string)[]; more: number }; broken_links: List; overdue: List; stale_commands: List; without_runbook: List; one_author: List }

const LISTS: { id: Exclude<keyof Lists, 'problems'>; name: string; about: string }[] = [
  { id: 'broken_links', name: 'Links that lead nowhere', about: 'Somebody follows them in an outage.' },
  { id: 'stale_commands', name: 'Commands that are no more', about: 'Pages that tell a command of Tandem which this version has not.' },
  { id: 'overdue', name: 'Past their day of review', about: 'Look at them again, and set the next day.' },
  { id: 'without_runbook', name: 'Rules without a runbook', about: 'Their alerts say what happened, not what to do.' },
  { id: 'one_author', name: 'Known to one author alone', about: 'How many wrote a page is counted, never who.' },
]

export default function Knowledge() {
  const asked = useGet('/api/v1/knowledge/lists')
  const controls = useGet('/api/v1/controls')
  const wrong = (controls.data as unknown as { problems?: (Problem | string)[] } | undefined)?.problems ?? []
  return (
    <Shown of={asked}>{(data) => {
      const lists = data as unknown as Lists
      const files = [...lists.problems.first, ...wrong]
      const bad = LISTS.filter(({ id }) => (lists[id]?.count ?? 0) > 0)
      return (
        <div className="col settings-gap">
          <Section title="Files that could not be read" told={count(files.length + lists.problems.more)}>
            {files.length === 0 ? <p className="soft">All of them are read.</p> : <Rows rows={files} more={lists.problems.more} />}
          </Section>
          {bad.map(({ id, name, about }) => (
            <Section key={id} title={name} told={count(lists[id].count)}>
              <p className="soft">{about}</p>
              <Rows rows={lists[id].first} more={lists[id].count - lists[id].first.length} />
            </Section>
          ))}
          {bad.length === 0 && files.length === 0 && <Empty title="Nothing is wrong with the files"><p>They lie in the folder that the server was started with (<code>--knowledge DIR</code>): runbooks, decisions, controls, drills and roadmaps, as Markdown and YAML in git.</p></Empty>}
          <p className="soft">Pages themselves are under <Link to="/readiness">Readiness</Link>; <code>tandem knowledge lint DIR</code> tells the same before a push.</p>
        </div>
      )
    }}</Shown>
  )
}

function Rows({ rows, more }: { rows: (Problem | string)[]; more: number }) {
  return (
    <>
      <ul className="settings-problems">
        {rows.map((one, at) => <li key={at}>{typeof one === 'string' ? <T>{one}</T> : <One problem={one} />}</li>)}
      </ul>
      {more > 0 && <p className="soft">and {count(more)} more</p>}
    </>
  )
}

function One({ problem }: { problem: Problem }) {
  const place = problem.page ?? problem.file
  const why = problem.why ?? problem.message ?? problem.text
  return (
    <span className="row">
      {problem.page ? <Link to="/readiness" search={{ page: problem.page } as never}><T>{plain(problem.page)}</T></Link> : <code><T>{place}</T></code>}
      {problem.line ? <span className="soft">line {problem.line}</span> : null}
      {problem.what && <code><T most={120}>{problem.what}</T></code>}
      {why && <span><T>{why}</T></span>}
      {problem.review_by && <span>was due <At at={problem.review_by} /></span>}
      {problem.owner && <Owner team={problem.owner} />}
    </span>
  )
}
