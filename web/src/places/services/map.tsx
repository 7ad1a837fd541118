// The map: who calls whom, drawn and as a list.
import { useMemo } from 'react'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Section, Shown } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { count, duration, many, percent, read } from '../../parts/number'
import type { Column } from '../../parts/table'
import { plain } from '../../parts/text'
import { type AsOf, useAsOf } from './asof'
import { Capped } from './bits'
import { type Call, type Node, useCalls, WINDOWS } from './calls-data'
import { Canvas } from './canvas'
import { useSql } from './sql'
import { split } from './shapes'

/** More are not drawn: a picture of them tells nobody anything. The list has them all. */
const MOST_DRAWN = 150

export default function Calls() {
  const asOf = useAsOf()
  const [url, set] = useUrl()
  const window = WINDOWS[url.window ?? '1h'] ?? WINDOWS['1h']!
  const { edges, numbers, graph } = useCalls(asOf, window, url.environment)
  const others = url.others !== 'no'
  const calls = useMemo(() => graph.calls.filter(({ to, from }) => (others || (kindOf(to) === 'service' && kindOf(from) === 'service'))), [graph.calls, others])
  const chosen = graph.nodes.find(({ entity }) => entity === url.node)
  return (
    <>
      <div className="row services-filters">
        <select className="select" aria-label="Numbers of" value={url.window ?? '1h'} onChange={(event) => set({ window: event.target.value === '1h' ? undefined : event.target.value })}>
          {Object.entries(WINDOWS).map(([id, name]) => <option key={id} value={id}>Numbers of the last {name}</option>)}
        </select>
        <Environments asOf={asOf} />
        <Button on={others} onClick={() => set({ others: others ? 'no' : undefined })}>Data stores and what is not ours</Button>
        <span className="told" role="status">
          {edges.data && `${many(graph.nodes.length, 'node')}, ${many(calls.length, 'call', 'calls')}`}
          {numbers.data ? `, numbers in ${numbers.data.took} ms${read(numbers.data.read)}` : numbers.error ? '' : ', numbers are on their way'}
        </span>
      </div>
      <Shown of={edges}>{() => (calls.length === 0 ? <Nothing past={asOf.iso} /> : <Drawn calls={calls} nodes={graph.nodes} />)}</Shown>
      {numbers.error && <p className="soft" role="status">The numbers could not be told: {plain(numbers.error.message)}</p>}
      {chosen && <Chosen node={chosen} calls={graph.calls} at={asOf.at} close={() => set({ node: undefined })} />}
      {calls.length > 0 && (
        <Section title="Calls" told={many(calls.length, 'row')}>
          <Capped label="Calls" rows={calls} columns={columns(asOf.at)} id={({ from, to }) => `${from} ${to}`} empty="" keys />
        </Section>
      )}
      {graph.alone.length > 0 && (
        <Section title="Not on the map" told={many(graph.alone.length, 'service')}>
          <p className="soft">No call of theirs was traced, and none is declared.</p>
          <div className="row">{graph.alone.slice(0, MOST_DRAWN).map((entity) => <Entity key={entity} name={entity} at={asOf.at} />)}</div>
        </Section>
      )}
    </>
  )
}

const kindOf = (entity: string) => split(entity).kind

function Drawn({ calls, nodes }: { calls: Call[]; nodes: Node[] }) {
  const shown = useMemo(() => {
    const names = new Set(calls.flatMap(({ from, to }) => [from, to]))
    return nodes.filter(({ entity }) => names.has(entity))
  }, [calls, nodes])
  if (shown.length > MOST_DRAWN) return <p className="soft">{count(shown.length)} nodes are too many to draw: choose an environment or leave out data stores. The list below has all calls.</p>
  return <Canvas nodes={shown} calls={calls} />
}

function Environments({ asOf }: { asOf: AsOf }) {
  const [url, set] = useUrl()
  const known = useSql<{ environment: string }>(`SELECT DISTINCT environment FROM ${asOf.table('changes')} WHERE kind = 'deployment' AND environment IS NOT NULL ORDER BY 1 LIMIT 50`, { keep: true })
  const names = known.data?.rows.map(({ environment }) => environment) ?? []
  if (names.length === 0 && !url.environment) return null
  return (
    <select className="select" aria-label="Environment" value={url.environment ?? ''} onChange={(event) => set({ environment: event.target.value })}>
      <option value="">All environments</option>
      {[...new Set([...names, ...(url.environment ? [url.environment] : [])])].map((name) => <option key={name} value={name}>{plain(name)}</option>)}
    </select>
  )
}

const failing = ({ n, errors }: { n?: number; errors?: number }) => (n ? (errors ?? 0) / n : 0)
/** From this part of failed calls on it is bad. */
const BAD = 0.01

export const columns = (at: string | undefined): Column<Call>[] => [
  { id: 'from', head: 'Caller', sort: ({ from }) => from, cell: ({ from }) => <Entity name={from} at={at} /> },
  { id: 'to', head: 'Called', sort: ({ to }) => to, cell: ({ to }) => <Entity name={to} at={at} /> },
  { id: 'n', head: 'Calls', className: 'num', sort: ({ n }) => n ?? -1, cell: ({ n }) => (n === undefined ? '–' : count(n)) },
  { id: 'errors', head: 'Failed', className: 'num', sort: failing, cell: (call) => (call.n === undefined ? '–' : failing(call) >= BAD ? <Badge kind="critical">{percent(failing(call))}</Badge> : percent(failing(call))) },
  { id: 'p95', head: 'p95', className: 'num', sort: ({ p95 }) => p95 ?? -1, cell: ({ p95 }) => (p95 === undefined ? '–' : duration(p95)) },
  { id: 'known', head: 'Known from', cell: ({ declared, seen }) => <span className="soft">{[seen && 'traces', declared && 'the catalog'].filter(Boolean).join(' and ')}</span> },
]

function Chosen({ node, calls, at, close }: { node: Node; calls: Call[]; at: string | undefined; close: () => void }) {
  const beside = calls.filter(({ from, to }) => from === node.entity || to === node.entity)
  return (
    <Section title={plain(node.entity)} told={many(beside.length, 'call')} aside={<Button kind="quiet" icon="close" aria-label="Leave it" onClick={close} />}>
      <p><Entity name={node.entity} at={at} /> has its own page.</p>
      <Capped label={`Calls of ${plain(node.entity)}`} rows={beside} columns={columns(at)} id={({ from, to }) => `${from} ${to}`} empty="" />
    </Section>
  )
}

function Nothing({ past }: { past: string | undefined }) {
  return past ? <Empty title="No call was known then"><p>Calls come from traces, and hold for an hour.</p></Empty> : (
    <Empty title="No call is known yet">
      <p>Calls come from traces, as soon as both sides send their spans; and from <code>dependsOn</code> in catalog files. Switch tracing on in the SDK of two services that talk:</p>
      <pre className="source">OTEL_TRACES_EXPORTER=otlp{'\n'}OTEL_PROPAGATORS=tracecontext</pre>
    </Empty>
  )
}
