// What happened, in order. Of persons nothing is said.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Section } from '../../parts/basic'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { At, clock, millis } from '../../parts/time'
import { OutcomeMark } from './marks'
import type { Moved, Row, Whole } from './shapes'

interface Line {
  at: string
  what: ReactNode
  kind: 'first' | 'people' | 'machine'
  /** The same step of several alerts of one rule in one second is one line: what they have in common, and which they are. */
  same?: string
  together?: ReactNode
  part?: Row
}

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

const linked = (part: Row, text: string) => <Link to="/alerts/$id" params={{ id: String(part.id) } as never}><T>{text}</T></Link>
const named = (part: Row) => <>{linked(part, part.title)}{part.entity && <span className="soft small"> <T>{part.entity}</T></span>}</>

const ofPart = (at: string, kind: Line['kind'], words: string, part: Row): Line => ({ at, kind, part, same: `${words} ${part.title}`, what: <>{words} {named(part)}</>, together: <>{words} <T>{part.title}</T></> })

function lines(whole: Whole): Line[] {
  const names = new Map(whole.parts.map((part) => [part.id, part]))
  const all: Line[] = []
  const own = whole.kind === 'incident'
  if (!own) all.push({ at: whole.first, kind: 'first', what: 'first event' })
  all.push({ at: whole.opened, kind: 'machine', what: <>{own ? 'the incident was opened' : 'raised'}: <T>{whole.reason}</T></> })
  for (const part of whole.parts) {
    if (part.kind === 'task') all.push({ at: part.opened, kind: 'people', what: <>task: <T>{part.title}</T></> })
    else all.push(ofPart(part.first, 'first', 'first event of', part), ofPart(part.opened, 'machine', `alert, ${part.level}:`, part))
  }
  for (const moved of whole.timeline) {
    const part = names.get(moved.about)
    // That an alert joined is said by its own line.
    if (moved.what === 'incident' && part) continue
    const reason = moved.reason && !EMPTY.has(moved.reason) ? moved.reason : null
    const step = <>{part && <><T>{part.title}</T>: </>}{said(moved)}</>
    all.push({
      at: moved.at, kind: moved.by === null ? 'machine' : 'people', what: <>{step}{reason && <span className="alerts-said"> “<T>{reason}</T>”</span>}</>,
      ...(part && !reason ? { part, together: step, same: [moved.what, moved.value, moved.detail, moved.until, part.title].join('\n') } : {}),
    })
  }
  return all.sort((a, b) => millis(a.at) - millis(b.at))
}

/** Lines that say the same of several, together. */
function gathered(all: Line[]): Line[][] {
  const groups = new Map<string, Line[]>()
  for (const [at, line] of all.entries()) {
    const key = line.same ? [clock(line.at), line.kind, line.same].join('\n') : String(at)
    groups.set(key, [...(groups.get(key) ?? []), line])
  }
  return [...groups.values()]
}

function Step({ of }: { of: Line[] }) {
  const [first] = of
  if (of.length === 1 || !first) return first?.what
  return <>{first.together} <span className="soft small">({many(of.length, 'alert')})</span> {of.map(({ part }, at) => part && <span key={at} className="small">{at > 0 && ', '}{linked(part, part.entity ?? String(part.id))}</span>)}</>
}

export function Timeline({ whole }: { whole: Whole }) {
  const all = lines(whole)
  const day = (at: string) => clock(at).slice(0, 10)
  const one = all.every((line) => day(line.at) === day(all[0]!.at))
  return (
    <Section title="Timeline" told={`${many(all.length, 'step')}${one && all[0] ? ` on ${day(all[0].at)}` : ''}`}>
      <ol className="alerts-timeline">
        {gathered(all).map((of, at) => <li key={at} className={of[0]!.kind}><At at={of[0]!.at} date={!one} /><span><Step of={of} /></span></li>)}
      </ol>
    </Section>
  )
}
