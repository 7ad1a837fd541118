// What of the queue is shown: all of it is in the address.
import { type FormEvent, useEffect, useState } from 'react'
import { useUrl } from '../../app/url'
import { Button } from '../../parts/basic'
import { count } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { useNarrow } from './columns'
import { LEVELS, type Page } from './shapes'

const STATES = [
  { value: '', label: 'Not closed' },
  { value: 'open', label: 'Open' },
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'snoozed', label: 'Snoozed' },
  { value: 'resolved', label: 'Closed' },
  { value: 'all', label: 'In any state' },
]
const SINCE = [
  { value: '', label: 'Any time' },
  { value: 'now-1h', label: 'Last hour' },
  { value: 'now-24h', label: 'Last day' },
  { value: 'now-7d', label: 'Last week' },
  { value: 'now-30d', label: 'Last 30 days' },
]
const ORDERS = [
  { value: '', label: 'Worst first' },
  { value: 'opened', label: 'Newest first' },
  { value: 'last', label: 'Fired last first' },
]
const SHOWS = [
  { value: '', label: 'Alerts and incidents' },
  { value: 'alerts', label: 'Alerts' },
  { value: 'incidents', label: 'Incidents' },
]
const NAMES = ['state', 'level', 'team', 'entity', 'rule', 'text', 'from', 'to', 'order', 'show'] as const

/** What is asked of the queue, by the address. */
export function asked(url: Record<string, string | undefined>) {
  const { state, level, team, entity, rule, text, from, to } = url
  return { state, level, team, entity, rule, text, from, to, order: url.order ?? 'level' }
}

function Choice({ name, label, options }: { name: string; label: string; options: { value: string; label: string }[] }) {
  const [url, set] = useUrl()
  const value = url[name] ?? ''
  const known = options.some((option) => option.value === value)
  return (
    <select className="select" aria-label={label} value={value} onChange={(event) => set({ [name]: event.target.value })}>
      {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      {!known && <option value={value}>{plain(value)}</option>}
    </select>
  )
}

export function Filters({ counts, incidents = false }: { counts: Page['counts'] | undefined; incidents?: boolean }) {
  const [url, set] = useUrl()
  const [text, setText] = useState(url.text ?? '')
  useEffect(() => setText(url.text ?? ''), [url.text])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // `entity:service:checkout`, `rule:error_rate` and `team:shop` become filters; the rest is looked for in titles.
    const found: Record<string, string> = {}
    const left = text.replace(/\b(entity|rule|team):(\S+)/g, (_, name: string, value: string) => ((found[name] = value), '')).trim()
    set({ ...found, text: left })
  }
  const owners = Object.keys(counts?.owners ?? {}).filter(Boolean).sort()
  const teams = [{ value: '', label: 'Any team' }, ...owners.map((team) => ({ value: team, label: `${plain(team)} (${count(counts!.owners[team])})` }))]
  const levels = [{ value: '', label: 'Any level' }, ...LEVELS.map((level) => ({ value: level, label: level === 'critical' ? 'critical' : `${level} or worse` }))]
  const named = (['entity', 'rule'] as const).filter((name) => url[name])
  const narrow = useNarrow()
  const [open, setOpen] = useState(false)
  const any = NAMES.some((name) => url[name])
  return (
    <form className="row alerts-filters" role="search" onSubmit={submit}>
      <input className="input" type="search" data-search aria-label="Find by title" placeholder="Title, or rule:… entity:… team:…" value={text} onChange={(event) => setText(event.target.value)} />
      {narrow && <Button aria-expanded={open} onClick={() => setOpen(!open)}>Filters</Button>}
      {(!narrow || open) && (
        <>
          {!incidents && <Choice name="show" label="What is shown" options={SHOWS} />}
          <Choice name="state" label="State" options={STATES} />
          <Choice name="level" label="Level" options={levels} />
          <Choice name="team" label="Team" options={teams} />
          <Choice name="from" label="Raised since" options={SINCE} />
          <Choice name="order" label="Order" options={ORDERS} />
        </>
      )}
      {named.map((name) => <Button key={name} className="on" icon="close" aria-label={`Without ${name} ${plain(url[name]!)}`} onClick={() => set({ [name]: undefined })}><span className="cut">{name} <T>{url[name]}</T></span></Button>)}
      {any && <Button kind="quiet" onClick={() => set(Object.fromEntries(NAMES.map((name) => [name, undefined])))}>Clear</Button>}
    </form>
  )
}

/** How many there are of each, as ways in. */
export function Counts({ counts }: { counts: Page['counts'] }) {
  const [url, set] = useUrl()
  const shown = LEVELS.filter((level) => counts.levels[level])
  return (
    <span className="row alerts-counts">
      {shown.map((level) => (
        <button key={level} type="button" className={`badge ${level}`} aria-pressed={url.level === level} title={`${level} or worse`} onClick={() => set({ level: url.level === level ? undefined : level })}>
          {count(counts.levels[level])} {level}
        </button>
      ))}
    </span>
  )
}
