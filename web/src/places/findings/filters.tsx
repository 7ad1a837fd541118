// What is looked at. All of it is in the address.
import { useState } from 'react'
import type { Search } from '../../app/url'
import { Badge, Button } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { plain } from '../../parts/text'
import { Choose } from '../controls/list'
import { useNarrow } from './columns'
import { type Row, STATES } from './shapes'

/** All that narrows the list, in the address. */
export const FILTERS = ['q', 'entity', 'owner', 'rule', 'about', 'severity', 'state', 'since', 'branch', 'age', 'at'] as const
const NAMES: Record<string, string> = { entity: 'of', owner: 'owner', rule: 'rule', about: 'about', severity: 'severity', state: 'state', since: 'since', branch: 'branch', age: 'age', at: 'as of' }
const SINCE: [string, string][] = [['now-24h', 'since a day'], ['now-7d', 'since 7 days'], ['now-30d', 'since 30 days']]
const STATE_CHOICES: [string, string][] = [...STATES.map((state): [string, string] => [state, state]), ['new,open,back,fixed', 'all, also fixed']]

export function Filters({ url, set, known }: { url: Search; set: (change: Search, options?: { push?: boolean }) => void; known: Row[] }) {
  const [more, setMore] = useState(false)
  const narrow = useNarrow()
  const [open, setOpen] = useState(false)
  const entities = [...new Set(known.map(({ entity }) => entity ?? ''))].filter(Boolean).sort()
  const given = FILTERS.filter((name) => name !== 'q' && url[name])
  return (
    <div className="row" role="search" aria-label="Which findings">
      <input className="input findings-find" type="search" data-search placeholder="Find: words, a CVE, a package, a file" aria-label="Find in findings" value={url.q ?? ''} onChange={(event) => set({ q: event.target.value }, { push: false })} />
      {narrow && <Button aria-expanded={open} onClick={() => setOpen(!open)}>Filters</Button>}
      {(!narrow || open) && (
        <>
          <Choose label="Of" all="Everything" value={url.entity} options={url.entity && !entities.includes(url.entity) ? [url.entity, ...entities] : entities} set={(entity) => set({ entity })} />
          <Choose label="State" all="Open" value={url.state} options={STATE_CHOICES} set={(state) => set({ state })} />
          <Choose label="Since" all="Any time" value={url.since} options={url.since && !SINCE.some(([since]) => since === url.since) ? [[url.since, `since ${url.since}`], ...SINCE] : SINCE} set={(since) => set({ since })} />
          <label className="row findings-check"><input type="checkbox" checked={url.suppressed === 'true'} onChange={(event) => set({ suppressed: event.target.checked ? 'true' : undefined })} />Suppressed too</label>
          <Button onClick={() => setMore(true)}>More …</Button>
        </>
      )}
      {given.length > 0 && (
        <span className="row" role="group" aria-label="Filters">
          {given.map((name) => (
            <button key={name} type="button" className="findings-chip" title="Take it out" onClick={() => set({ [name]: undefined })}><Badge kind="accent">{NAMES[name]} {plain(url[name] === '-' ? 'nobody' : url[name]!)} ✕</Badge></button>
          ))}
          <Button kind="quiet" onClick={() => set(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}>Clear</Button>
        </span>
      )}
      {more && <More url={url} set={set} close={() => setMore(false)} />}
    </div>
  )
}

const FIELDS = ['rule', 'about', 'owner', 'branch', 'since', 'at'] as const
function More({ url, set, close }: { url: Search; set: (change: Search) => void; close: () => void }) {
  const [given, setGiven] = useState<Search>(() => Object.fromEntries(FIELDS.map((name) => [name, url[name] ?? ''])))
  const field = (name: (typeof FIELDS)[number], label: string, hint: string, placeholder: string) => <Field label={label} value={given[name] ?? ''} onChange={(value) => setGiven({ ...given, [name]: value })} hint={hint} placeholder={placeholder} />
  return (
    <Dialog title="Which findings" send="Look" submit={() => (set(Object.fromEntries(FIELDS.map((name) => [name, given[name]?.trim() || undefined]))), close())} onClose={close}>
      {field('rule', 'Rule', 'The id of a rule', 'kubernetes-no-digest')}
      {field('about', 'About', 'An advisory, an alias of it, a component, a place', 'CVE-2021-23337')}
      {field('owner', 'Owner', 'A team; - for what nobody owns', 'payments')}
      <div className="form pair">
        {field('branch', 'Branch', 'Of a side branch', 'feature/x')}
        {field('since', 'Found or changed since', 'A time, or now-7d', 'now-7d')}
        {field('at', 'As of', 'As it was then', 'now-7d')}
      </div>
    </Dialog>
  )
}
