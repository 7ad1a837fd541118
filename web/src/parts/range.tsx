// Choosing a range of time.
import { useState } from 'react'
import { RANGES, type Range, readable, resolve, shareable } from '../app/time'
import { useUrl } from '../app/url'
import { Button } from './basic'
import { Dialog, Field } from './form'
import { T } from './text'
import { clock } from './time'
import { say } from './toast'

const local = (text: string) => {
  const time = resolve(text)
  return Number.isNaN(time) ? '' : clock(time).replace(' ', 'T')
}

export function RangePicker({ range, set }: { range: Range; set: (range: Partial<Range>) => void }) {
  const [open, setOpen] = useState(false)
  const [url] = useUrl()
  const usual = range.to === 'now' && RANGES.some(([from]) => from === range.from)
  return (
    <>
      <select className="select" aria-label="Range of time" value={usual ? range.from : 'other'} onChange={(event) => (event.target.value === 'other' ? setOpen(true) : set({ from: event.target.value, to: 'now' }))}>
        {RANGES.map(([from, name]) => <option key={from} value={from}>Last {name}</option>)}
        <option value="other">{usual ? 'From … to …' : `${clock(resolve(range.from))} – ${range.to === 'now' ? 'now' : clock(resolve(range.to))}`}</option>
      </select>
      {!usual && <Button onClick={() => setOpen(true)}>Change</Button>}
      {!readable(url.from, url.to) && <span className="badge medium" role="status"><T>{`${url.from ?? ''} – ${url.to ?? 'now'}`}</T> is no range of time: the usual one is shown</span>}
      {open && <Exact range={range} close={() => setOpen(false)} set={set} />}
    </>
  )
}

function Exact({ range, set, close }: { range: Range; set: (range: Partial<Range>) => void; close: () => void }) {
  const [from, setFrom] = useState(local(range.from))
  const [to, setTo] = useState(local(range.to))
  const wrong = from && to && from >= to ? 'The end is not after the beginning' : undefined
  const submit = () => {
    set({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })
    close()
  }
  return (
    <Dialog title="Range of time" send="Use" submit={submit} onClose={close} ready={Boolean(from && to && !wrong)}>
      <div className="form pair">
        <Field label="From" type="datetime-local" value={from} onChange={setFrom} required />
        <Field label="To" type="datetime-local" value={to} onChange={setTo} required wrong={wrong} />
      </div>
    </Dialog>
  )
}

/** Copies this page's address, times fixed. `short` is its icon alone. */
export function Share({ short = false }: { short?: boolean }) {
  return <Button icon="link" {...(short ? { 'aria-label': 'Share', title: 'Share' } : {})} onClick={() => void navigator.clipboard.writeText(shareable()).then(() => say('The address is copied; its times are fixed'), () => say('The browser keeps the clipboard to itself: copy the address from the bar'))}>{!short && 'Share'}</Button>
}
