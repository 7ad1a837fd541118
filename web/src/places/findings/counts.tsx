// How many of what: by severity, by age, by owner. Each is a filter; each counts what the other filters leave.
import { useMemo } from 'react'
import type { Search } from '../../app/url'
import { LevelMark } from '../../parts/basic'
import { count } from '../../parts/number'
import { plain } from '../../parts/text'
import { AGES, ageOf, fits } from './data'
import { type Row, SEVERITIES } from './shapes'

/** Owners that are shown beside each other. */
const MOST_OWNERS = 5

export function Counts({ known, url, set }: { known: Row[]; url: Search; set: (change: Search) => void }) {
  const chosen = url.severity ? url.severity.split(',') : []
  const bySeverity = useMemo(() => tally(known.filter((row) => fits(row, url, 'severity')), ({ severity }) => severity), [known, url.q, url.owner, url.age])
  const byOwner = useMemo(() => tally(known.filter((row) => fits(row, url, 'owner')), ({ owner }) => owner?.team ?? '-'), [known, url.q, url.severity, url.age])
  const owners = [...byOwner].sort((a, b) => b[1] - a[1]).slice(0, MOST_OWNERS)
  const most = Math.max(1, ...owners.map(([, number]) => number))
  const toggle = (severity: string) => {
    const next = chosen.includes(severity) ? chosen.filter((one) => one !== severity) : [...chosen, severity]
    set({ severity: next.length ? SEVERITIES.filter((one) => next.includes(one)).join(',') : undefined })
  }
  return (
    <div className="findings-counts">
      <div role="group" aria-label="By severity">
        <h2>Severity</h2>
        <ul className="findings-bars">
          {SEVERITIES.map((severity) => (
            <li key={severity}>
              <button type="button" aria-pressed={chosen.includes(severity)} onClick={() => toggle(severity)}>
                <span><LevelMark level={severity} /></span>
                <b>{count(bySeverity.get(severity) ?? 0)}</b>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <Ageing known={known} url={url} set={set} />
      <div role="group" aria-label="By owner">
        <h2>Owner{byOwner.size > MOST_OWNERS && <span className="told"> {MOST_OWNERS} of {byOwner.size}</span>}</h2>
        <ul className="findings-bars">
          {owners.map(([team, number]) => (
            <li key={team}>
              <button type="button" aria-pressed={url.owner === team} onClick={() => set({ owner: url.owner === team ? undefined : team })}>
                <span className="cut">{team === '-' ? 'nobody' : plain(team)}</span>
                <span className="bar" aria-hidden="true"><i style={{ width: `${(100 * number) / most}%` }} /></span>
                <b>{count(number)}</b>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

function tally<V>(rows: Row[], of: (row: Row) => V): Map<V, number> {
  const counts = new Map<V, number>()
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1)
  return counts
}

/** How long what is open is known, in columns of severities. */
function Ageing({ known, url, set }: { known: Row[]; url: Search; set: (change: Search) => void }) {
  const columns = useMemo(() => {
    const rows = known.filter((row) => fits(row, url, 'age'))
    return AGES.map((age) => {
      const of = rows.filter((row) => ageOf(row) === age)
      return { age, total: of.length, severities: tally(of, ({ severity }) => severity) }
    })
  }, [known, url.q, url.severity, url.owner])
  const most = Math.max(1, ...columns.map(({ total }) => total))
  return (
    <div role="group" aria-label="By age">
      <h2>Age</h2>
      <ul className="findings-ages">
        {columns.map(({ age, total, severities }) => (
          <li key={age.id}>
            <button type="button" aria-pressed={url.age === age.id} title={`${age.name}: ${SEVERITIES.filter((one) => severities.get(one)).map((one) => `${severities.get(one)} ${one}`).join(', ') || 'none'}`} onClick={() => set({ age: url.age === age.id ? undefined : age.id })}>
              <b>{count(total)}</b>
              <span className="stack" aria-hidden="true" style={{ height: `${Math.max(2, (70 * total) / most)}px` }}>
                {SEVERITIES.map((severity) => severities.get(severity) ? <i key={severity} className={severity} style={{ flexGrow: severities.get(severity) }} /> : null)}
              </span>
              <span className="soft small">{age.short}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
