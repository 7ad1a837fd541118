// Nothing to show: nothing was ever sent, or the range holds nothing. Each says what to do.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Problem } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { RANGES, type Range, resolve } from '../../app/time'
import { Button, Empty, Paste, Trouble } from '../../parts/basic'
import { ago, clock } from '../../parts/time'
import { read } from './search'
import type { Row, Run } from './shapes'

const WATCH_MS = 2000
const WAYS = ['Collector', 'SDK', 'curl'] as const
interface Streams { streams: { tables: string[]; source: string }[] }

/** Whether logs of others than Tandem itself were ever sent; asked again and again while there are none. */
export function useAnything(empty: boolean): { known: boolean; some: boolean } {
  const streams = useGet('/api/v1/streams', {}, { enabled: empty, every: WATCH_MS })
  const told = streams.data as Streams | undefined
  return { known: told !== undefined, some: Boolean(told?.streams.some(({ tables, source }) => tables.includes('logs') && source !== 'tandem')) }
}

/** What to paste, with this server's address, until the first line is here. */
export function FirstRun({ arrived }: { arrived: () => void }) {
  const { some } = useAnything(true)
  const [way, setWay] = useState<(typeof WAYS)[number]>('Collector')
  const [token, setToken] = useState<string>()
  useEffect(() => {
    if (some) arrived()
  }, [some, arrived])
  return (
    <Empty title="No logs yet">
      <p>Nothing has been sent here. Paste one of these where your service runs; this page shows the first line as soon as it comes.</p>
      <div className="row">
        <div className="buttons" role="group" aria-label="How to send">{WAYS.map((one) => <Button key={one} on={one === way} onClick={() => setWay(one)}>{one}</Button>)}</div>
        <Token token={token} made={setToken} />
      </div>
      <Paste text={paste(way, token)} label={`What to paste for ${way}`} />
      <p className="row" role="status"><i className="explore-pulse" aria-hidden="true" />Listening for the first line …</p>
    </Empty>
  )
}

function Token({ token, made }: { token: string | undefined; made: (token: string) => void }) {
  const may = useMay('admin')
  const make = usePost('/api/v1/tokens', { said: 'A token for sending is made; it is shown only here' })
  if (!may) return <span className="soft small">On another machine a token is needed: ask an admin for one.</span>
  if (token) return <span className="soft small">The token is in the text below. It is not shown again.</span>
  return (
    <>
      <Button disabled={make.isPending} onClick={() => make.mutate({ body: { kind: 'ingest', name: `made in Explore ${new Date().toISOString().slice(0, 16)}`, grants: [] } as never }, { onSuccess: (answer) => made((answer as { token: string }).token) })}>Make a token</Button>
      <span className="soft small">Needed beyond this machine</span>
      {make.error && <Trouble error={make.error} />}
    </>
  )
}

function paste(way: (typeof WAYS)[number], token: string | undefined): string {
  const host = location.hostname.includes(':') ? `[${location.hostname.replace(/[[\]]/g, '')}]` : location.hostname
  const otlp = `${location.protocol}//${host}:4318`
  if (way === 'Collector') {
    return `# OpenTelemetry Collector: config.yaml
exporters:
  otlphttp/tandem:
    endpoint: ${otlp}${token ? `\n    headers:\n      authorization: Bearer ${token}` : ''}
service:
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [otlphttp/tandem]`
  }
  if (way === 'SDK') {
    return `# Environment of a service with an OpenTelemetry SDK
export OTEL_SERVICE_NAME=my-service
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}${token ? `\nexport OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${token}"` : ''}
export OTEL_LOGS_EXPORTER=otlp`
  }
  return `curl ${location.origin}/api/v1/ingest/json${token ? ` \\\n  -H 'authorization: Bearer ${token}'` : ''} \\
  -d '{"service": "my-service", "level": "info", "message": "hello from curl"}'`
}

/** Nothing in this range: where the newest match is, and a wider range. */
export function NothingFound({ run, range, setRange, clear }: { run: Run; range: Range; setRange: (range: Partial<Range>) => void; clear: () => void }) {
  const newest = useQuery<string | null, Problem>({
    queryKey: ['explore/newest', run.query],
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      let found: Row | undefined
      await read({ query: run.query, to: run.to, limit: 1, histogram: 0 }, signal, ({ rows }) => (found ??= rows[0]))
      return found?.timestamp ?? null
    },
  })
  const length = resolve(run.to) - resolve(run.from)
  const wider = RANGES.filter(([from]) => Date.now() - resolve(from) > Math.max(length, Date.now() - resolve(run.from)) * 1.01).slice(0, 3)
  return (
    <Empty title="Nothing found in this range">
      <p>
        From {clock(run.from)} to {range.to === 'now' ? 'now' : clock(run.to)} no line matches{run.query ? <> <code>{run.query}</code></> : ''}.{' '}
        {newest.data ? `The newest one before is from ${ago(newest.data)}.` : newest.data === null ? 'No earlier line does either: is a name or value spelt as in the data?' : ''}
      </p>
      <div className="row">
        {newest.data && <Button kind="primary" onClick={() => setRange({ from: new Date(Date.parse(newest.data!) - 900_000).toISOString(), to: new Date(Date.parse(newest.data!) + 60_000).toISOString() })}>Go there</Button>}
        {wider.map(([from, name]) => <Button key={from} onClick={() => setRange({ from, to: 'now' })}>Last {name}</Button>)}
        {run.query && <Button onClick={clear}>Search for everything</Button>}
      </div>
    </Empty>
  )
}
