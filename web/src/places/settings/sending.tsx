// How to send, with this server's addresses; and what arrives.
import type { Schemas } from '../../api/client'
import { useGet } from '../../api/queries'
import { Badge, Facts, Paste, Section, Shown } from '../../parts/basic'
import { PasteIn } from '../../parts/paste-in'
import { bytes, count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { useAdminOfAll } from './grants'
import type { Settings } from './shapes'

type Stream = Schemas['Stream']
/** Streams that are drawn; the largest come first. */
const MOST = 300
const EVERY_MS = 10_000

export default function Sending() {
  const all = useAdminOfAll()
  const asked = useGet('/api/v1/settings', {}, { enabled: all })
  const settings = asked.data
  return (
    <div className="col settings-gap">
      <Section title="Addresses" told={all ? undefined : 'The usual ones: those in use are shown to admins of all teams'}>
        {all ? <Shown of={asked}>{() => <Doors settings={settings} />}</Shown> : <Doors settings={undefined} />}
      </Section>
      <Section title="Send something">
        <PasteIn />
      </Section>
      <Other settings={settings} />
      <Arrivals />
    </div>
  )
}

/** What a door listens on; port 0 was picked at the start. */
function Listen({ at, scheme = '' }: { at: string | null | undefined; scheme?: string }) {
  if (!at) return <span className="soft">off</span>
  if (at.endsWith(':0')) return <span><code>{scheme}{at.slice(0, -2)}:…</code> <span className="soft">a free port; the server printed it when it started</span></span>
  return <code><T>{`${scheme}${at}`}</T></code>
}

function Doors({ settings }: { settings: Settings | undefined }) {
  const http = settings?.tls ? 'https://' : 'http://'
  const beyond = settings && !/^(127\.|\[::1\]|localhost)/.test(settings.http_listen ?? '')
  return (
    <>
      <Facts rows={[
        ['OTLP over HTTP', <Listen key="h" at={settings ? settings.otlp_http_listen : '127.0.0.1:4318'} scheme={http} />],
        ['OTLP over gRPC', <Listen key="g" at={settings ? settings.otlp_grpc_listen : '127.0.0.1:4317'} />],
        ['syslog, UDP and TCP', <Listen key="s" at={settings ? settings.syslog_listen : '127.0.0.1:5514'} />],
        ['JSON lines', <code key="j">{location.origin}/api/v1/ingest/json</code>],
        ['Elasticsearch bulk', <code key="e">{location.origin}/_bulk</code>],
        ['Facts of machines', <code key="f">{location.origin}/api/v1/ingest/facts</code>],
        ['Results of scans', <code key="c">{location.origin}/api/v1/ingest/scans</code>],
        ['TLS', settings && (settings.tls ? <Badge key="tls" kind="good">on</Badge> : <Badge key="tls" {...(beyond ? { kind: 'high' as const } : {})}>{beyond ? 'off, and others reach it' : 'off'}</Badge>)],
        ['A token to send', settings && (settings.insecure ? <Badge key="t" kind="high">not needed: --insecure</Badge> : 'needed as soon as a token for sending is configured, or a door is open beyond this machine')],
      ]} />
    </>
  )
}

function Other({ settings }: { settings: Settings | undefined }) {
  const port = (at: string | null | undefined, usual: number) => Number(/:(\d+)$/.exec(at ?? '')?.[1] ?? 0) || usual
  const host = location.hostname
  const forges = Object.entries(settings?.webhooks ?? {})
  return (
    <Section title="Other senders">
      <div className="settings-ways">
        <div className="col"><h3>syslog</h3><Paste label="syslog" text={`logger --server ${host} --port ${port(settings?.syslog_listen, 5514)} --udp --rfc5424 "hello"`} /></div>
        <div className="col"><h3>Filebeat, Fluent Bit, Vector, Logstash</h3><Paste label="Elasticsearch output" text={`output.elasticsearch:\n  hosts: ["${location.origin}"]\n  api_key: "id:TOKEN"`} /></div>
        <div className="col"><h3>Files of what there is and whose it is</h3><Paste label="Imports" text={`tandem import catalog catalog-info.yaml\ntandem import codeowners CODEOWNERS --subject repository:github.com/acme/shop\ntandem import kubernetes objects.yaml --cluster production`} /></div>
        <div className="col"><h3>Deploys, from a pipeline</h3><Paste label="A deploy" text={`curl -H "Authorization: Bearer $TANDEM_TOKEN" -H 'content-type: application/json' \\\n  '${location.origin}/api/v1/changes' \\\n  -d '{"kind":"deployment","entity":"service:shop","version":"1.2.3","environment":"production"}'`} /></div>
      </div>
      {forges.length > 0 && <p className="soft">Webhooks of forges: {forges.map(([name, on]) => `${name} ${on ? 'takes them' : 'has no secret, and is off'}`).join('; ')}.</p>}
    </Section>
  )
}

function Arrivals() {
  const asked = useGet('/api/v1/streams', {}, { every: EVERY_MS })
  const streams = (asked.data?.streams ?? []).toSorted((one, other) => other.bytes - one.bytes)
  return (
    <Section title="What arrives" told={asked.data && `${many(streams.length, 'stream')}, ${count(streams.reduce((sum, { rows }) => sum + rows, 0))} rows${streams.length > MOST ? `, the largest ${MOST} are shown` : ''}`}>
      <Shown of={asked}>{() => (streams.length === 0 ? <p className="soft">Nothing yet. This list fills by itself.</p> : <Table label="What arrives" rows={streams.slice(0, MOST)} columns={COLUMNS} id={({ dataset, service, source }) => `${dataset} ${service} ${source}`} />)}</Shown>
    </Section>
  )
}

const COLUMNS: Column<Stream>[] = [
  { id: 'service', head: 'Service', sort: ({ service }) => service, cell: ({ service }) => (service ? <T most={120}>{service}</T> : <span className="soft">none</span>) },
  { id: 'source', head: 'By', sort: ({ source }) => source, cell: ({ source }) => <T>{source}</T> },
  { id: 'tables', head: 'What', cell: ({ tables }) => tables.map((table) => (table === 'spans' ? 'traces' : table)).sort().join(', ') },
  { id: 'dataset', head: 'Dataset', sort: ({ dataset }) => dataset, cell: ({ dataset }) => <T>{dataset}</T> },
  { id: 'rows', head: 'Rows', className: 'num', sort: ({ rows }) => rows, cell: ({ rows }) => count(rows) },
  { id: 'bytes', head: 'Bytes', className: 'num', sort: (row) => row.bytes, cell: (row) => bytes(row.bytes) },
  { id: 'last', head: 'Received', className: 'nowrap', sort: ({ last_received }) => -millis(last_received), cell: ({ last_received }) => <Ago at={last_received} /> },
  { id: 'asked', head: 'Asked for', className: 'nowrap', sort: ({ last_query }) => -(millis(last_query) || 0), cell: ({ last_query }) => (last_query ? <Ago at={last_query} /> : <span className="soft">never</span>) },
]
