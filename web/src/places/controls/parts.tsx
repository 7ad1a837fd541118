// Small parts that every tab of this place shows.
import { Link } from '@tanstack/react-router'
import { Badge } from '../../parts/basic'
import { Field } from '../../parts/form'
import { T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { useGet } from '../../api/queries'
import { inDays, MOST_DAYS, read } from './data'
import type { Because, Mode } from './shapes'

const KINDS = { observe: 'plain', warn: 'medium', enforce: 'accent' } as const
const SAYS = { observe: 'It says what it would have stopped', warn: 'It warns, and lets pass', enforce: 'It stops' }
export const ModeMark = ({ mode }: { mode: Mode }) => <span className={`controls-mode ${mode}`}><Badge kind={KINDS[mode]} title={SAYS[mode]}>{mode}</Badge></span>

/** How a control speaks, and what made it so. */
export function Speaks({ mode, because }: { mode: Mode; because: Because | null }) {
  return (
    <>
      <ModeMark mode={mode} />
      {because && <div className="soft small">{because.kind}, ends <Ago at={because.until} /></div>}
    </>
  )
}

export function ControlLink({ name, title }: { name: string | null; title?: string | undefined }) {
  if (!name) return <T>{title ?? '–'}</T>
  return <Link to="/controls/$name" params={{ name } as never} search={{} as never} title={title}>{name}</Link>
}

/** Until when; at most as long as anything that restricts may last. */
export function Until({ value, onChange, label = 'Until' }: { value: string; onChange: (day: string) => void; label?: string }) {
  const wrong = value && (value < inDays(0) || value > inDays(MOST_DAYS)) ? `Between today and ${inDays(MOST_DAYS)}` : undefined
  return <Field label={label} type="date" value={value} onChange={onChange} min={inDays(0)} max={inDays(MOST_DAYS)} required wrong={wrong} hint={`At most ${MOST_DAYS} days; the owner is told a week before`} />
}
export const isDay = (day: string) => /^\d{4}-\d\d-\d\d$/.test(day) && day >= inDays(0) && day <= inDays(MOST_DAYS)

/** What a thing and an environment are called together. */
export const scope = (entity: string | null | undefined, environment: string | null | undefined) => `${entity ?? 'everything'}${environment ? ` in ${environment}` : ''}`

/** `checkout` is a service; anything else is written with its kind. */
export const thing = (text: string): string | undefined => (text.trim() === '' ? undefined : text.includes(':') ? text.trim() : `service:${text.trim()}`)

/** The names of services, for fields that complete them. */
export const SERVICES = 'controls-services'
export function Services() {
  const rows = read<{ rows: [string][] }>(useGet('/api/v1/sql', { query: { sql: "SELECT entity FROM entities WHERE kind = 'service' ORDER BY entity LIMIT 500" } })).data?.rows ?? []
  return <datalist id={SERVICES}>{rows.map(([name]) => <option key={name} value={`service:${name}`} />)}</datalist>
}
