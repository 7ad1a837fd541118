// What one span, or one log of a trace, says.
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Badge, Button, Facts, Section } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { useKeys } from '../../parts/keys'
import { duration, percent } from '../../parts/number'
import { T } from '../../parts/text'
import { At, clock, millis } from '../../parts/time'
import { quoted } from '../../api/ask'
import type { Log, Span, Trace } from './trace-model'

/** Logs of the same service around a span. */
const AROUND_MS = 30_000
const MOST_LOGS = 50

function Panel({ title, close, children }: { title: ReactNode; close: () => void; children: ReactNode }) {
  useKeys('The span', { Escape: { does: 'Close it', run: close } })
  return (
    <aside className="trace-panel" aria-label="The span">
      <header><h3><bdi>{title}</bdi></h3><Button kind="quiet" icon="close" aria-label="Close the span" onClick={close} /></header>
      {children}
    </aside>
  )
}

export function SpanPanel({ span, tree, close, only, go }: { span: Span; tree: Trace; close: () => void; only: (() => void) | undefined; go: (id: string) => void }) {
  const { row } = span
  const own = span.critical.reduce((sum, [from, to]) => sum + to - from, 0)
  const service = row.service_name ?? ''
  const begin = Number(tree.begin / 1_000_000n) + span.start / 1e6
  const around = { from: new Date(begin - AROUND_MS).toISOString(), to: new Date(begin + (span.end - span.start) / 1e6 + AROUND_MS).toISOString() }
  const parent = row.parent_span_id && tree.spans.get(row.parent_span_id)
  return (
    <Panel title={<T>{row.name}</T>} close={close}>
      <div className="row">
        {span.failed && <Badge kind="critical">error</Badge>}
        {only && span.children.length > 0 && <Button onClick={only}>Only this part</Button>}
        {service && <Link to="/explore" search={{ query: `service:${quoted(service)}`, ...around } as never}>Logs of the service around it</Link>}
      </div>
      {row.status_message && <p className="problem"><strong><T>{row.status_message}</T></strong></p>}
      <Facts rows={[
        ['Service', service && <Entity name={`service:${service}`} at={new Date(begin).toISOString()} />],
        ['Took', duration(span.end - span.start)],
        ['Waited for', own > 0 && `${duration(own)} of the trace, ${percent(own / tree.length)}`],
        ['Began', <><At at={row.timestamp} ms /> <span className="soft">({duration(Math.round(span.start))} after the trace)</span></>],
        ['Kind', row.kind],
        ['Host', host(row.resource_attributes)],
        ['Parent', parent ? <Button kind="quiet" onClick={() => go(parent.id)}><T>{parent.row.name}</T></Button> : row.parent_span_id && <span className="soft"><T>{row.parent_span_id}</T>, which is not here</span>],
        ['Span', <code><T>{row.span_id}</T></code>],
        ['Scope', row.scope_name && <T>{row.scope_name}</T>],
      ]} />
      <Attributes title="Attributes" of={row.attributes} open />
      {(row.events ?? []).length > 0 && (
        <Section title="Events" told={row.events!.length}>
          {row.events!.slice(0, MOST_LOGS).map((event, at) => (
            <div key={at} className="col">
              <div><code className="soft">{clock(event.timestamp, { date: false, ms: true })}</code> <strong><T>{event.name}</T></strong></div>
              <Exception of={event.attributes} />
            </div>
          ))}
        </Section>
      )}
      {span.logs.length > 0 && (
        <Section title="Logs" told={span.logs.length}>
          <ul className="col">{span.logs.slice(0, MOST_LOGS).map((log) => <li key={log.id}><code className="soft">{clock(log.row.timestamp, { date: false, ms: true })}</code> <span className="soft"><T>{log.row.severity_text}</T></span> <T most={1000}>{log.row.body}</T></li>)}</ul>
        </Section>
      )}
      {(row.links ?? []).length > 0 && (
        <Section title="Links" told={row.links!.length}>
          <ul>{row.links!.map((link, at) => <li key={at}><Link to="." search={(before: object) => ({ ...before, trace: link.trace_id, span: link.span_id, part: undefined }) as never}><code><T>{link.trace_id}</T></code></Link></li>)}</ul>
        </Section>
      )}
      <Attributes title="Resource" of={row.resource_attributes} />
    </Panel>
  )
}

export function LogPanel({ log, close }: { log: Log; close: () => void }) {
  const { row } = log
  const at = millis(row.timestamp)
  const around = { from: new Date(at - AROUND_MS).toISOString(), to: new Date(at + AROUND_MS).toISOString() }
  return (
    <Panel title="Log" close={close}>
      <p className="wrap"><T>{row.body}</T></p>
      <Facts rows={[
        ['Time', <At at={row.timestamp} ms />],
        ['Level', row.severity_text && <T>{row.severity_text}</T>],
        ['Service', row.service_name && <Entity name={`service:${row.service_name}`} />],
      ]} />
      {row.service_name && <Link to="/explore" search={{ query: `service:${quoted(row.service_name)}`, ...around } as never}>What it logged around it</Link>}
      <Attributes title="Attributes" of={row.attributes} open />
    </Panel>
  )
}

function host(resource: Record<string, unknown> | undefined): ReactNode {
  const name = resource?.['host.name']
  return typeof name === 'string' ? <Entity name={`host:${name}`} /> : null
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function Attributes({ title, of, open = false }: { title: string; of: Record<string, unknown> | undefined; open?: boolean }) {
  const [unfolded, setUnfolded] = useState(open)
  const pairs = Object.entries(of ?? {})
  if (pairs.length === 0) return null
  return (
    <Section title={title} told={pairs.length} aside={<Button kind="quiet" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>{unfolded ? 'Hide' : 'Show'}</Button>}>
      {unfolded && <Facts rows={pairs.map(([name, value]) => [<T key={name}>{name}</T>, <T key={name}>{shown(value)}</T>])} />}
    </Section>
  )
}

/** An exception's stack is read as it was written. */
function Exception({ of }: { of: Record<string, unknown> | undefined }) {
  const stack = of?.['exception.stacktrace']
  const rest = Object.entries(of ?? {}).filter(([name]) => name !== 'exception.stacktrace')
  return (
    <>
      <Facts rows={rest.map(([name, value]) => [<T key={name}>{name}</T>, <T key={name}>{shown(value)}</T>])} />
      {typeof stack === 'string' && <pre className="source" tabIndex={0} aria-label="Stack"><T>{stack}</T></pre>}
    </>
  )
}
