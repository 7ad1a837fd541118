// The small parts that every place is made of.
import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { useState } from 'react'
import { Problem } from '../api/client'
import { Icon, type IconName } from './icon'
import { count, many, took as tookText } from './number'
import { Coded, T } from './text'

type Kind = 'primary' | 'danger' | 'quiet'
export function Button({ kind, icon, on, children, className, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; icon?: IconName; on?: boolean }) {
  return (
    <button type="button" className={['button', kind, on && 'on', className].filter(Boolean).join(' ')} aria-pressed={on} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

export type Level = 'critical' | 'high' | 'medium' | 'low' | 'informational'
const LEVELS: Record<string, Level> = { critical: 'critical', high: 'high', medium: 'medium', low: 'low', info: 'informational', informational: 'informational', unknown: 'informational' }
/** How bad: a shape, a word and a colour, so that none is needed alone. */
export function LevelMark({ level, short = false }: { level: string; short?: boolean }) {
  const known = LEVELS[level] ?? 'informational'
  return (
    <span className={`badge ${known}`} title={short ? level : undefined}>
      <Icon name={known} {...(short ? { title: level } : {})} />
      {!short && level}
    </span>
  )
}

export function Badge({ kind, children, title }: { kind?: Level | 'good' | 'accent' | 'plain'; children: ReactNode; title?: string }) {
  return <span className={`badge ${kind ?? ''}`} title={title}>{children}</span>
}

/** The head of a place: its name, what it counts, and what can be done at once; of a page within a place, the way back above it, and a line of what it is about below. */
export function Head({ title, told, back, about, children }: { title: ReactNode; told?: ReactNode; back?: ReactNode; about?: ReactNode; children?: ReactNode }) {
  return (
    <div className="head">
      {back && <div className="back small"><Icon name="left" />{back}</div>}
      <h1>{title}</h1>
      {told && <span className="told" role="status">{told}</span>}
      {children && <div className="aside">{children}</div>}
      {about && <p className="about soft">{about}</p>}
    </div>
  )
}

/** A part of a place, with its name and how many there are. */
export function Section({ title, told, aside, children, id }: { title: ReactNode; told?: ReactNode; aside?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className="section" id={id} aria-label={typeof title === 'string' ? title : undefined}>
      <header>
        <h2>{title}</h2>
        {told !== undefined && <span className="told">{told}</span>}
        {aside && <div className="aside">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/** `N of M things, in T ms, B read`: every list says it, as far as its answer does. */
export function Told({ shown, of, one, more, took, read }: { shown: number; of?: number | undefined; one?: string; more?: string; took?: number | undefined; read?: string | undefined }) {
  const most = of ?? shown
  const counted = one ? many(most, one, more) : count(most)
  return <>{most === shown ? counted : `${count(shown)} of ${counted}`}{tookText(took)}{read && `, ${read} read`}</>
}

/** What went wrong and what to do. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : new Problem(0, error instanceof Error ? error.message : String(error))
  return (
    <div className="problem" role="alert">
      <strong><T>{problem.message}</T></strong>
      {problem.help && (problem.help.includes('\n') ? <pre><T>{problem.help}</T></pre> : <span><Coded>{problem.help}</Coded></span>)}
      {retry && <span><Button onClick={retry}>Try again</Button></span>}
    </div>
  )
}

/** Lines of grey while the first answer is on its way. */
export function Waiting({ lines = 6 }: { lines?: number }) {
  return (
    <div className="col" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, at) => <div key={at} className="skeleton" style={{ width: `${90 - ((at * 17) % 45)}%` }} />)}
    </div>
  )
}

/** What an answer becomes: waiting, trouble, or what it holds. */
export function Shown<A>({ of, children, lines }: { of: { data: A | undefined; error: unknown; isPending: boolean; refetch?: () => unknown }; children: (data: A) => ReactNode; lines?: number }) {
  // That the server is away is said once, above everything.
  if (of.data !== undefined) return <>{of.error && !(of.error instanceof Problem && of.error.status === 0) ? <Trouble error={of.error} /> : null}{children(of.data)}</>
  // What the server refuses it refuses again.
  const refused = of.error instanceof Problem && of.error.status >= 400 && of.error.status < 500 && of.error.status !== 429
  if (of.error) return <Trouble error={of.error} {...(refused ? {} : { retry: () => void of.refetch?.() })} />
  return <Waiting {...(lines ? { lines } : {})} />
}

/** Text to copy. */
export function Paste({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <div className="paste">
      <pre tabIndex={0} aria-label={label ?? 'What to paste'}>{text}</pre>
      <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>{copied ? 'Copied' : 'Copy'}</Button>
    </div>
  )
}

/** Nothing here yet: why, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** Names and values. */
export function Facts({ rows }: { rows: [ReactNode, ReactNode][] }) {
  const given = rows.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
  return <dl className="facts">{given.map(([name, value], at) => <div key={at} style={{ display: 'contents' }}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}
