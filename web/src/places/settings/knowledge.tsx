// What is wrong with the files that people keep: pages, controls, drills and plans.
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../../api/client'
import { useGet } from '../../api/queries'
import { Empty, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count } from '../../parts/number'
import { T } from '../../parts/text'

type Lists = Schemas['KnowledgeLists']
/** What stands on a line: a name alone, a file, a page, or a service. */
type Line = Lists[keyof Lists]['first'][number] | Schemas['PageProblem']

const LISTS: { id: keyof Lists; name: string; about: string }[] = [
  { id: 'broken_links', name: 'Links that lead nowhere', about: 'Somebody follows them in an outage.' },
  { id: 'stale_commands', name: 'Commands that are no more', about: 'Pages that tell a command of Tandem which this version has not.' },
  { id: 'overdue', name: 'Past their day of review', about: 'Look at them again, and set the next day.' },
  { id: 'without_runbook', name: 'Rules without a runbook', about: 'Their alerts say what happened, not what to do.' },
  { id: 'one_author', name: 'Known to one author alone', about: 'How many wrote a page is counted, never who.' },
]

export default function Knowledge() {
  const asked = useGet('/api/v1/knowledge/lists')
  const controls = useGet('/api/v1/controls')
  const wrong = controls.data?.problems ?? []
  return (
    <Shown of={asked}>{(lists) => {
      const files = [...lists.problems.first, ...wrong]
      const bad = LISTS.filter(({ id }) => lists[id].count > 0)
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

function Rows({ rows, more }: { rows: Line[]; more: number }) {
  return (
    <>
      <ul className="settings-problems">
        {rows.map((one, at) => <li key={at}>{typeof one === 'string' ? <T>{one}</T> : <One line={one} />}</li>)}
      </ul>
      {more > 0 && <p className="soft">and {count(more)} more</p>}
    </>
  )
}

const Page = ({ id }: { id: string }) => <Link to="/readiness" search={{ page: id } as never}><T>{id}</T></Link>

function One({ line }: { line: Exclude<Line, string> }) {
  if ('path' in line) return <span className="row"><code><T>{line.path}</T></code><At line={line.line} /><span><T>{line.what}</T></span></span>
  if ('service' in line) return <span className="row"><Entity name={`service:${line.service}`} />{line.pages.map((id) => <Page key={id} id={id} />)}<span><T>{line.why}</T></span></span>
  if ('review_by' in line) return <span className="row"><Page id={line.page} /><span>was due {line.review_by}</span><Owner team={line.owner} /></span>
  return <span className="row"><Page id={line.page} /><At line={line.line} /><code><T most={120}>{line.what}</T></code><span><T>{line.why}</T></span></span>
}

const At = ({ line }: { line: number | null }) => (line === null ? null : <span className="soft">line {line}</span>)
