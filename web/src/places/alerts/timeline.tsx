// What happened, in order. Of persons nothing is said.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Section } from '../../parts/basic'
import { T } from '../../parts/text'
import { At, clock, millis } from '../../parts/time'
import { OutcomeMark } from './marks'
import type { Moved, Row, Whole } from './shapes'

interface Line { at: string; what: ReactNode; kind: 'first' | 'people' | 'machine' }

/** A step in words; none when it says nothing to a reader. */
function said(moved: Moved): ReactNode {
  switch (moved.what) {
    case 'state':
      return <>{moved.value === 'open' ? 'open again' : moved.value === 'resolved' ? 'closed' : moved.value}{moved.detail && <> <OutcomeMark outcome={moved.detail} /></>}{moved.until && ` until ${clock(moved.until)}`}</>
    case 'owner':
      return <>handed to <T>{moved.value}</T></>
    case 'level':
      return `${moved.value} by now`
    case 'mark':
      return `marked ${moved.value}`
    case 'notified':
      return 'a notice was sent'
    case 'comment':
      return 'comment'
    case 'action':
      return <>playbook <T>{moved.value}</T>: {moved.detail}</>
    case 'tag':
      return <>tagged <T>{moved.value}</T></>
    case 'assignee':
      return moved.value || moved.number !== null ? 'somebody took it' : 'nobody has it any more'
    case 'incident':
      return moved.number ? 'joined the incident' : 'left the incident'
    default:
      return moved.what
  }
}

/** Reasons that only say the deed again. */
const EMPTY = new Set(['acknowledge', 'assign', 'tag', 'join', ''])

const named = (part: Row) => <><Link to="/alerts/$id" params={{ id: String(part.id) } as never}><T>{part.title}</T></Link>{part.entity && <span className="soft small"> <T>{part.entity}</T></span>}</>

function lines(whole: Whole): Line[] {
  const names = new Map(whole.parts.map((part) => [part.id, part]))
  const all: Line[] = []
  const own = whole.kind === 'incident'
  if (!own) all.push({ at: whole.first, kind: 'first', what: 'first event' })
  all.push({ at: whole.opened, kind: 'machine', what: <>{own ? 'the incident was opened' : 'raised'}: <T>{whole.reason}</T></> })
  for (const part of whole.parts) {
    if (part.kind === 'task') all.push({ at: part.opened, kind: 'people', what: <>task: <T>{part.title}</T></> })
    else all.push({ at: part.first, kind: 'first', what: <>first event of {named(part)}</> }, { at: part.opened, kind: 'machine', what: <>alert, {part.level}: {named(part)}</> })
  }
  for (const moved of whole.timeline) {
    const part = names.get(moved.about)
    // That an alert joined is said by its own line.
    if (moved.what === 'incident' && part) continue
    const reason = moved.reason && !EMPTY.has(moved.reason) ? moved.reason : null
    all.push({ at: moved.at, kind: moved.by === null ? 'machine' : 'people', what: <>{part && <><T>{part.title}</T>: </>}{said(moved)}{reason && <span className="alerts-said"> “<T>{reason}</T>”</span>}</> })
  }
  return all.sort((a, b) => millis(a.at) - millis(b.at))
}

export function Timeline({ whole }: { whole: Whole }) {
  const all = lines(whole)
  const day = (at: string) => clock(at).slice(0, 10)
  const one = all.every((line) => day(line.at) === day(all[0]!.at))
  return (
    <Section title="Timeline" told={`${all.length} steps${one && all[0] ? ` on ${day(all[0].at)}` : ''}`}>
      <ol className="alerts-timeline">
        {all.map((line, at) => <li key={at} className={line.kind}><At at={line.at} date={!one} /><span>{line.what}</span></li>)}
      </ol>
    </Section>
  )
}
