// What this server is: version, limits in use, what it holds, and the machines that report.
import type { Answer, Schemas } from '../../api/client'
import { useGet } from '../../api/queries'
import { Badge, Facts, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { bytes, count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, span } from '../../parts/time'
import { useAdminOfAll } from './grants'
import type { Settings } from './shapes'

type TableStats = Schemas['TableStats']
type Status = Schemas['Status']
type Agents = Answer<'/api/v1/agents'>
type Agent = Agents['agents'][number]
const EVERY_MS = 15_000

export default function About() {
  const all = useAdminOfAll()
  const status = useGet('/api/v1/status', {}, { every: EVERY_MS })
  const settings = useGet('/api/v1/settings', {}, { enabled: all })
  const agents = useGet('/api/v1/agents')
  return (
    <div className="col settings-gap">
      <Shown of={status}>{(data) => <Server status={data as unknown as Status} />}</Shown>
      {all ? <Shown of={settings}>{(data) => <InUse settings={data as unknown as Settings} />}</Shown> : <p className="soft">Settings in use are shown to admins of all teams.</p>}
      <Section title="Agents" told={agents.data && `${count(agents.data.reporting)} of ${many(agents.data.count, 'machine')} report`}>
        <Shown of={agents} lines={2}>{(data) => <Machines agents={data.agents} />}</Shown>
      </Section>
    </div>
  )
}

function Server({ status }: { status: Status }) {
  const tables = Object.entries(status.store?.tables ?? {}).map(([name, stats]) => ({ name, ...stats }))
  const failed = (status.store?.failed_commits ?? 0) + (status.store?.failed_flushes ?? 0)
  return (
    <>
      <Section title="This server">
        <Facts rows={[
          ['Version', <code key="v"><T>{status.version}</T></code>],
          ['Up for', `${span(status.uptime_seconds * 1000)}`],
          ['Takes requests', status.ready ? <Badge key="r" kind="good">yes</Badge> : <Badge key="r" kind="critical">no</Badge>],
          ['Rows in memory alone', count(status.pending_flush)],
          ['Damaged files set aside', status.quarantined > 0 ? <Badge key="q" kind="critical">{count(status.quarantined)}</Badge> : 'none'],
          ['Writes that failed', status.store && (failed > 0 ? <Badge key="f" kind="critical">{count(failed)}</Badge> : 'none')],
          ['A commit takes', status.store && status.store.commits > 0 && `${((1000 * status.store.commit_seconds) / status.store.commits).toFixed(1)} ms on average, of ${count(status.store.commits)}`],
          ['Live tails', count(status.tails)],
          ['Merging of files', status.compaction],
        ]} />
      </Section>
      {tables.length > 0 && (
        <Section title="What is stored" told={many(tables.length, 'table')}>
          <Table label="What is stored" rows={tables} columns={COLUMNS} id={({ name }) => name} keys={false} />
        </Section>
      )}
    </>
  )
}

const COLUMNS: Column<TableStats & { name: string }>[] = [
  { id: 'name', head: 'Table', cell: ({ name }) => <code>{name}</code> },
  { id: 'rows', head: 'Rows', className: 'num', sort: ({ rows }) => rows, cell: ({ rows }) => count(rows) },
  { id: 'memory', head: 'In memory', className: 'num', sort: ({ memory_bytes }) => memory_bytes, cell: ({ memory_bytes }) => bytes(memory_bytes) },
  { id: 'files', head: 'Files', className: 'num', sort: ({ files }) => files, cell: ({ files }) => count(files) },
  { id: 'bytes', head: 'On disk', className: 'num', sort: ({ file_bytes }) => file_bytes, cell: ({ file_bytes }) => bytes(file_bytes) },
  { id: 'oldest', head: 'Oldest in files', className: 'nowrap', cell: ({ oldest }) => <Ago at={oldest} /> },
]

const DAY_S = 86_400
function InUse({ settings }: { settings: Settings }) {
  return (
    <Section title="Settings in use" told="without secrets">
      <Facts rows={[
        ['Kept for', settings.retention_seconds === null ? 'good' : many(Math.round(settings.retention_seconds / DAY_S), 'day')],
        ['Kept at most', settings.retention_bytes === null ? 'as much as the disk holds' : bytes(settings.retention_bytes)],
        ['Memory for events', bytes(settings.memory_bytes)],
        ['Memory for questions', bytes(settings.query_memory_bytes)],
        ['A question may take', `${settings.query_timeout_seconds} s`],
        ['Facts are kept in', settings.ledger === 'sqlite' ? 'SQLite, in the data folder' : 'PostgreSQL'],
        ['Secrets in events', settings.redact ? <Badge key="m" kind="good">masked</Badge> : <Badge key="m" kind="high">kept as they come</Badge>],
        ['TLS', settings.tls ? 'on' : 'off'],
        ['Single sign-on', settings.single_sign_on ? 'on' : 'off'],
        ['Notices go to', settings.channels.length === 0 ? <span key="c" className="soft">nowhere: no channel is configured</span> : <T key="c">{settings.channels.join(', ')}</T>],
      ]} />
      <p className="soft">They come from one file, the environment and flags; <code>tandem serve --help</code> names them all.</p>
    </Section>
  )
}

function Machines({ agents }: { agents: Agent[] }) {
  if (agents.length === 0) return <p className="soft">No agent reported yet. <code>tandem agent --url …</code> on a machine sends its log files, journal, metrics, packages and sockets.</p>
  return (
    <Table label="Agents" rows={agents} id={({ host, dataset }) => `${dataset} ${host}`} columns={[
      { id: 'host', head: 'Machine', sort: ({ host }: Agent) => host, cell: ({ host }: Agent) => <Entity name={`host:${host}`} /> },
      { id: 'state', head: 'State', sort: ({ reporting }: Agent) => Number(reporting), cell: ({ reporting }: Agent) => (reporting ? <Badge kind="good">reports</Badge> : <Badge kind="medium">silent</Badge>) },
      { id: 'seen', head: 'Reported', sort: ({ last_seen }: Agent) => last_seen, cell: ({ last_seen }: Agent) => <Ago at={last_seen} /> },
      { id: 'os', head: 'System', cell: ({ os }: Agent) => <T>{os ?? '–'}</T> },
      { id: 'owner', head: 'Owner', sort: ({ owner }: Agent) => owner ?? '', cell: ({ owner }: Agent) => <Owner team={owner} /> },
      { id: 'reboot', head: 'Start anew', cell: ({ reboot_required }: Agent) => (reboot_required ? <Badge kind="medium">needed</Badge> : <span className="soft">{reboot_required === null ? 'unknown' : 'no'}</span>) },
    ]} />
  )
}
