// What to paste so that something arrives: with this server's address and a fresh token. Turns live on the first event.
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { Schemas } from '../api/client'
import { useGet, usePost } from '../api/queries'
import { useMe } from '../app/session'
import { Button, Paste, Trouble } from './basic'
import { Icon } from './icon'
import { many } from './number'
import { T } from './text'
import { Ago } from './time'

type Settings = Schemas['Settings']
type Table = 'logs' | 'spans' | 'metrics'

/** How often the first event is asked for, and how often what comes is looked at then. */
const WAIT_MS = 2_000
const LIVE_MS = 15_000
/** Rows that Tandem makes of itself say nothing of what somebody sends. */
const OWN = 'tandem'

/** Whether anything but Tandem itself sends, and what. */
export function useArrivals(table?: Table) {
  const [live, setLive] = useState(false)
  const asked = useGet('/api/v1/streams', {}, { every: live ? LIVE_MS : WAIT_MS })
  const rows = (asked.data?.streams ?? []).filter((one) => one.source !== OWN && (!table || one.tables.includes(table)))
  rows.sort((a, b) => b.last_received.localeCompare(a.last_received))
  if (rows.length > 0 && !live) setLive(true)
  return { rows, known: asked.data !== undefined, error: asked.error }
}

const WAYS = [
  { id: 'curl', name: 'One line now' },
  { id: 'sdk', name: 'OpenTelemetry SDK' },
  { id: 'collector', name: 'Collector' },
  { id: 'agent', name: 'A machine' },
] as const
type Way = (typeof WAYS)[number]['id']
/** A line of JSON is a log: it would never make a span or a metric appear. */
const waysTo = (table: Table | undefined) => WAYS.filter(({ id }) => id !== 'curl' || table === undefined || table === 'logs')

/** The address of a door as others reach it: the port it listens on, at the name this page was asked for by. */
function door(listen: string | null | undefined, usual: number): string {
  const port = Number(/:(\d+)$/.exec(listen ?? '')?.[1] ?? 0)
  return `${location.hostname}:${port || usual}`
}

function texts(settings: Settings | undefined, token: string | undefined): Record<Way, { text: string; told: ReactNode }> {
  const scheme = (settings?.tls ?? location.protocol === 'https:') ? 'https' : 'http'
  const otlp = `${scheme}://${door(settings?.otlp_http_listen, 4318)}`
  const near = /^(localhost|127\.|\[?::1)/.test(location.hostname)
  // On the loopback everybody may send; elsewhere a token is needed, and its place is shown.
  const shown = token ?? (near ? undefined : 'TOKEN')
  const header = shown ? ` -H 'Authorization: Bearer ${shown}'` : ''
  return {
    curl: {
      text: `curl${header} '${location.origin}/api/v1/ingest/json' \\\n  --data-binary '{"level":"info","service":"hello","message":"the first event"}'`,
      told: 'In a terminal on a machine that reaches this address. One JSON object a line; files go the same way, with --data-binary @app.jsonl.',
    },
    sdk: {
      text: [
        `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}`,
        'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
        ...(shown ? [`export OTEL_EXPORTER_OTLP_HEADERS='authorization=Bearer ${shown}'`] : []),
        'export OTEL_SERVICE_NAME=my-service',
        "export OTEL_RESOURCE_ATTRIBUTES='service.version=1.0.0,deployment.environment.name=production'",
      ].join('\n'),
      told: 'In the environment of a service with an OpenTelemetry SDK or agent; then restart it.',
    },
    collector: {
      text: `exporters:\n  otlphttp/tandem:\n    endpoint: ${otlp}\n${shown ? `    headers:\n      authorization: Bearer ${shown}\n` : ''}service:\n  pipelines:\n    logs:    { receivers: [otlp], exporters: [otlphttp/tandem] }\n    traces:  { receivers: [otlp], exporters: [otlphttp/tandem] }\n    metrics: { receivers: [otlp], exporters: [otlphttp/tandem] }`,
      told: 'Into the configuration of an OpenTelemetry Collector, beside the exporters that are there.',
    },
    agent: {
      text: `${shown ? `TANDEM_TOKEN=${shown} ` : ''}tandem agent --url ${otlp}`,
      told: 'On another machine: its log files, journal, metrics, packages and sockets.',
    },
  }
}

/** Three steps to the first event. `table` says what is waited for; `then` leads on from there. */
export function PasteIn({ table, then }: { table?: Table; then?: ReactNode }) {
  const ways = waysTo(table)
  const [way, setWay] = useState<Way>(ways[0]!.id)
  const [token, setToken] = useState<string>()
  const me = useMe()
  // A token that sends is made by an admin of all teams.
  const may = me.grants.some((grant) => grant.role === 'admin' && grant.team === '*')
  const settings = useGet('/api/v1/settings', {}, { enabled: may })
  const make = usePost('/api/v1/tokens', { said: 'The token is made; it is shown once', also: ['/api/v1/tokens'] })
  const known = settings.data
  const { text, told } = texts(known, token)[way]
  const name = `pasted ${new Date().toISOString().slice(0, 10)}`
  const fresh = () => make.mutate({ body: { kind: 'ingest', name, grants: [] } as never }, { onSuccess: (made) => setToken((made as { token: string }).token) })
  return (
    <ol className="paste-in">
      <li>
        <h3>A token</h3>
        {token ? (
          <p className="row made"><Icon name="good" /> Made, and already in the text below. Copy it from there: it is not shown again.</p>
        ) : may ? (
          <div className="row">
            <Button kind="primary" disabled={make.isPending} onClick={fresh}>{make.isPending ? 'Making …' : 'Make a token for sending'}</Button>
            <span className="soft">From this machine it also works without one.</span>
          </div>
        ) : (
          <p className="soft">An admin makes one for you: Settings, Tokens, or <code>tandem token create</code>. From the server’s own machine it also works without one.</p>
        )}
        {make.error && <Trouble error={make.error} />}
      </li>
      <li>
        <h3>Paste</h3>
        <div className="buttons" role="group" aria-label="By what">
          {ways.map((one) => <Button key={one.id} on={one.id === way} onClick={() => setWay(one.id)}>{one.name}</Button>)}
        </div>
        <Paste text={text} label={`To paste: ${WAYS.find((one) => one.id === way)!.name}`} />
        <p className="soft small">{told}</p>
      </li>
      <li>
        <h3>See it arrive</h3>
        <Arriving {...(table ? { table } : {})} then={then} />
      </li>
    </ol>
  )
}

function Arriving({ table, then }: { table?: Table; then: ReactNode }) {
  const { rows, error } = useArrivals(table)
  if (error) return <Trouble error={error} />
  const first = rows[0]
  if (!first) return <p className="row waiting-live" role="status"><i aria-hidden="true" /> Waiting for the first {table === 'spans' ? 'span' : table === 'metrics' ? 'metric' : 'event'}. This page looks every two seconds.</p>
  return (
    <div className="row" role="status">
      <span className="badge good"><Icon name="good" /> Live</span>
      <span>{many(rows.length, 'sender')}; last <strong><T>{first.service || 'without a service'}</T></strong> by {first.source}, <Ago at={first.last_received} /></span>
      {then ?? <Link className="button" to="/explore" search={(first.service ? { query: `service:${first.service}` } : {}) as never}>Look at it</Link>}
    </div>
  )
}
