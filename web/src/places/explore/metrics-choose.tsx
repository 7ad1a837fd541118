// Choosing a metric, and what it is split by.
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { Range } from '../../app/time'
import { Button } from '../../parts/basic'
import { count, many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { type Metric, useDimensions } from './metrics-ask'
import { useNarrow } from './narrow'

const MOST_SHOWN = 300
/** The server groups by at most so many. */
const MOST_GROUPS = 8
/** Beyond so many values a split is no picture: it is offered last. */
const FEW_SHOWN = 10

export function List({ metrics, chosen, choose }: { metrics: Metric[]; chosen: string; choose: (name: string) => void }) {
  const [text, setText] = useState('')
  const asked = useDeferredValue(text.trim().toLowerCase())
  const narrow = useNarrow()
  const here = useRef<HTMLButtonElement>(null)
  // The one that an address names may be far down.
  useEffect(() => here.current?.scrollIntoView({ block: 'nearest' }), [])
  const fitting = useMemo(() => metrics.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(asked)), [metrics, asked])
  if (narrow) {
    return (
      <select className="select" aria-label="Metric" value={chosen} onChange={(event) => choose(event.target.value)}>
        {!metrics.some(({ name }) => name === chosen) && <option value={chosen}>{plain(chosen)}</option>}
        {metrics.map(({ name }) => <option key={name} value={name}>{plain(name)}</option>)}
      </select>
    )
  }
  return (
    <nav className="metrics-list" aria-label="Metrics">
      <input className="input wide" type="search" data-search aria-label="Find a metric" placeholder="Find a metric" value={text} onChange={(event) => setText(event.target.value)} />
      <p className="told metrics-head"><span role="status">{fitting.length === metrics.length ? many(metrics.length, 'metric') : `${count(fitting.length)} of ${many(metrics.length, 'metric')}`}</span><span>values</span></p>
      <ul>
        {fitting.slice(0, MOST_SHOWN).map((metric) => (
          <li key={metric.name}>
            <button type="button" ref={metric.name === chosen ? here : undefined} aria-current={metric.name === chosen ? 'true' : undefined} title={plain(`${metric.name}${metric.description ? `: ${metric.description}` : ''}`)} onClick={() => choose(metric.name)}>
              <span className="cut"><T>{metric.name}</T></span>
              <span className="soft">{count(metric.points)}</span>
            </button>
          </li>
        ))}
      </ul>
      {fitting.length > MOST_SHOWN && <p className="soft small">and {count(fitting.length - MOST_SHOWN)} more: type a part of the name</p>}
    </nav>
  )
}

export function GroupBy({ metric, range, chosen, choose }: { metric: string; range: Range; chosen: string[]; choose: (by: string[]) => void }) {
  const dimensions = useDimensions(metric, range)
  const [all, setAll] = useState(false)
  const known = dimensions.data ?? []
  const splitting = known.filter(({ name, values }) => values > 1 || chosen.includes(name))
  // What the address names is offered even where no point has it.
  for (const name of chosen) if (!splitting.some((one) => one.name === name)) splitting.push({ name, values: 0 })
  const shown = all ? splitting : splitting.filter(({ name }, at) => at < FEW_SHOWN || chosen.includes(name))
  const toggle = (name: string) => choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name].slice(-MOST_GROUPS))
  if (splitting.length === 0) return dimensions.isPending ? null : <p className="soft small">Its points differ in nothing that it could be split by.</p>
  return (
    <div className="row" role="group" aria-label="Split by">
      <span className="soft">Split by</span>
      {shown.map(({ name, values }) => <Button key={name} on={chosen.includes(name)} onClick={() => toggle(name)}><T>{name}</T> <span className="soft small">{count(values)}</span></Button>)}
      {splitting.length > shown.length && <Button kind="quiet" onClick={() => setAll(true)}>{splitting.length - shown.length} more</Button>}
    </div>
  )
}
