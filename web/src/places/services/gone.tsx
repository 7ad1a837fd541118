// A link to what is not there says when it was, and what to do.
import { Link } from '@tanstack/react-router'
import { useUrl } from '../../app/url'
import { Button, Empty } from '../../parts/basic'
import { T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import type { AsOf } from './asof'
import { telemetry, type Thing, type Trace } from './entity-data'
import { split } from './shapes'

const WORDS: Record<string, string> = { change: 'The last change of it', finding: 'The last finding about it', alert: 'The last alert about it' }

export function Gone({ thing, asOf, traces }: { thing: Thing; asOf: AsOf; traces: Trace[] }) {
  const [, set] = useUrl()
  const of = (what: string) => traces.find((trace) => trace.what === what)?.at ?? null
  const seen = of('seen')
  const now = of('now')
  const search = telemetry(thing)
  return (
    <div className="note services-gone" role="status">
      <strong>{asOf.iso ? 'It was not there then' : seen ? 'It is not there any more' : 'Nobody reports it by itself'}</strong>
      {seen && <span>It was seen last <Ago at={seen} />, at <At at={seen} />. It may have ended, been renamed, or stopped to send.</span>}
      {asOf.iso && now && <span>It is there now.</span>}
      {!seen && !now && <span>It is known from what was said about it alone.</span>}
      {Object.entries(WORDS).map(([what, words]) => of(what) && <span key={what}>{words}: <Ago at={of(what)} />.</span>)}
      <span className="row">
        {seen && <Button kind="primary" onClick={() => set({ at: seen })}>See it as it was then</Button>}
        {asOf.iso && <Button onClick={() => set({ at: undefined })}>Look at now</Button>}
        {search && seen && <Link className="button" to="/explore" search={{ query: search.query, from: new Date(Date.parse(seen) - 3_600_000).toISOString(), to: new Date(Date.parse(seen) + 300_000).toISOString() } as never}>Its last logs</Link>}
        <Link className="button" to="/services" search={{ kind: thing.kind === 'service' ? undefined : thing.kind } as never}>What runs now</Link>
      </span>
    </div>
  )
}

export function Unknown({ entity, asOf }: { entity: string; asOf: AsOf }) {
  const [, set] = useUrl()
  const { kind, name } = split(entity)
  return (
    <Empty title="Nothing of this name is known">
      <p><code><T>{entity}</T></code> {asOf.iso ? 'was not there then, nor within a year before.' : 'is not there, and was not within a year.'} Names are compared letter by letter; what is in a dataset that you may not see is not shown.</p>
      <p className="row">
        {asOf.iso && <Button onClick={() => set({ at: undefined })}>Look at now</Button>}
        <Link className="button" to="/services" search={{ kind: kind === 'service' ? undefined : kind, text: name.split('/').at(-1) } as never}>Look for the name</Link>
        <Link className="button" to="/explore" search={{ query: `"${name.split('/').at(-1)!.replaceAll('"', '')}"` } as never}>Look for it in the logs</Link>
      </p>
    </Empty>
  )
}
