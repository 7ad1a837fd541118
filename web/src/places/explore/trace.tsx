// One trace: what waited for what, where it failed, and what was logged on the way.
import { Link } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import type { Schemas } from '../../api/client'
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Shown } from '../../parts/basic'
import { useKeys } from '../../parts/keys'
import { count, duration, many, percent, took } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { build, type LogRow, type Row, rows as rowsOf, type Span, type SpanRow, type Trace as Tree, waits } from './trace-model'
import { Waterfall, type WaterfallHandle } from './trace-rows'
import { LogPanel, SpanPanel } from './trace-span'
import './trace.css'

type Told = Omit<Schemas['Trace'], 'spans' | 'logs'> & { spans: SpanRow[]; logs: LogRow[] }
/** What is asked around a trace: its own time and a little on both sides. */
const AROUND_MS = 60_000

export default function Trace({ id }: { id: string }) {
  const asked = useGet('/api/v1/traces/{id}', { path: { id } })
  if (asked.error?.status === 404 || asked.error?.status === 400) {
    return (
      <Empty title="Nothing of this trace is here">
        <p>No span and no log names <code><T>{id}</T></code>: it was let go by a sampler, is older than what is kept, is of a dataset that you may not see, or the address is cut. {asked.error.status === 400 && asked.error.help && <>The server says: <T>{asked.error.help}</T>.</>}</p>
        <Link className="button" to="/explore" search={{ tab: 'traces' } as never}>Find another trace</Link>
      </Empty>
    )
  }
  return <div className="trace"><Shown of={asked}>{(told) => <Loaded key={id} told={told as unknown as Told} />}</Shown></div>
}

function Loaded({ told }: { told: Told }) {
  const tree = useMemo(() => build(told.spans, told.logs), [told])
  const [url, set] = useUrl()
  const [folded, setFolded] = useState<Set<string>>(new Set())
  const [withLogs, setWithLogs] = useState(true)
  const [find, setFind] = useState('')
  const waterfall = useRef<WaterfallHandle>(null)
  const part = url.part ? tree.spans.get(url.part) : undefined
  const shownTree = useMemo<Tree>(() => (part ? { ...tree, roots: [part], looseLogs: [] } : tree), [tree, part])
  const rows = useMemo(() => rowsOf(shownTree, folded, withLogs), [shownTree, folded, withLogs])
  const found = useMemo(() => matching(tree, find), [tree, find])
  const opened = rows.find((row) => keyOf(row) === url.span)
  const openedSpan = url.span ? tree.spans.get(url.span) : undefined
  const open = (row: Row) => set({ span: keyOf(row) === url.span ? undefined : keyOf(row) }, { push: false })
  const toggle = (span: Span) => {
    const next = new Set(folded)
    if (!next.delete(span.id)) next.add(span.id)
    setFolded(next)
  }
  const jump = (fits: (span: Span) => boolean) => {
    const from = rows.findIndex((row) => keyOf(row) === url.span)
    const order = [...rows.slice(from + 1), ...rows.slice(0, from + 1)]
    const next = order.find((row) => row.kind === 'span' && fits(row.span))
    if (!next) return
    set({ span: keyOf(next) }, { push: false })
    waterfall.current?.show(rows.indexOf(next))
  }
  useKeys('The trace', { e: { does: 'Next error', run: () => jump(({ failed }) => failed) }, l: { does: 'Logs in place', run: () => setWithLogs(!withLogs) } })
  if (tree.spans.size === 0) {
    return (
      <Empty title="Logs name this trace, and none of its spans is here">
        <p>The service that wrote them sends no spans, or its sampler let this trace go. {many(told.logs.length, 'log')}: <LogsLink id={told.trace_id} tree={tree} /></p>
      </Empty>
    )
  }
  return (
    <>
      <Summary tree={tree} told={told} go={(span) => (set({ span: span.id }, { push: false }), waterfall.current?.show(rows.findIndex((row) => keyOf(row) === span.id)))} />
      <div className="row trace-tools">
        <input className="input" type="search" aria-label="Find spans" placeholder="Find a name, service or attribute" value={find} onChange={(event) => setFind(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && jump((span) => found.has(span))} />
        {find && <span className="told" role="status">{many(found.size, 'span')}</span>}
        {tree.failed > 0 && <Button onClick={() => jump(({ failed }) => failed)}>Next error</Button>}
        <Button on={withLogs} onClick={() => setWithLogs(!withLogs)}>Logs in place</Button>
        <Button onClick={() => setFolded(folded.size ? new Set() : new Set([...tree.spans.values()].filter(({ depth, children }) => depth > 0 && children.length > 0).map(({ id }) => id)))}>{folded.size ? 'Unfold all' : 'Fold all'}</Button>
        {part && <Button icon="left" onClick={() => set({ part: undefined })}>Whole trace</Button>}
        <span className="grow" />
        <LogsLink id={told.trace_id} tree={tree} />
      </div>
      <div className="trace-body">
        <Waterfall handle={waterfall} tree={tree} rows={rows} from={part?.start ?? 0} length={part ? Math.max(1, part.end - part.start) : tree.length} folded={folded} toggle={toggle} opened={url.span} open={open} found={find ? found : undefined} />
        {openedSpan && <SpanPanel span={openedSpan} tree={tree} close={() => set({ span: undefined, part: undefined }, { push: false })} only={part === openedSpan ? undefined : () => set({ part: openedSpan.id })} go={(one) => set({ span: one }, { push: false })} />}
        {!openedSpan && opened?.kind === 'log' && <LogPanel log={opened.log} close={() => set({ span: undefined }, { push: false })} />}
      </div>
    </>
  )
}

export const keyOf = (row: Row) => (row.kind === 'span' ? row.span.id : row.log.id)

function matching(tree: Tree, text: string): Set<Span> {
  const lower = text.trim().toLowerCase()
  if (!lower) return new Set()
  return new Set([...tree.spans.values()].filter(({ row }) => `${row.name} ${row.service_name} ${JSON.stringify(row.attributes ?? {})}`.toLowerCase().includes(lower)))
}

function LogsLink({ id, tree }: { id: string; tree: Tree }) {
  const begin = Number(tree.begin / 1_000_000n)
  const range = { from: new Date(begin - AROUND_MS).toISOString(), to: new Date(begin + tree.length / 1e6 + AROUND_MS).toISOString() }
  return <Link to="/explore" search={{ query: id, ...range } as never}>Logs of this trace</Link>
}

const share = (part: number) => (part > 0 && part < 0.01 ? 'under 1 %' : percent(part).replace(/\.\d/, ''))

/** What it was, how long, and what it waited for. */
function Summary({ tree, told, go }: { tree: Tree; told: Told; go: (span: Span) => void }) {
  const root = tree.roots[0]!
  const slow = useMemo(() => waits(tree).slice(0, 3), [tree])
  const way = useMemo(() => waits(tree).reduce((sum, { ns }) => sum + ns, 0), [tree])
  const lost = tree.roots.filter((span) => span.lost).length
  return (
    <div className="col trace-head">
      <div className="row">
        <strong className="trace-name"><T>{root.row.service_name}</T> <T>{root.row.name}</T></strong>
        {tree.failed > 0 && <Badge kind="critical">{many(tree.failed, 'error')}</Badge>}
        <span className="told">{duration(tree.length)}, {many(tree.spans.size, 'span')} of {many(tree.services.length, 'service')}, {many(told.logs.length, 'log')}; <At at={root.row.timestamp} ms />, <Ago at={root.row.timestamp} />; found{took(told.took_ms, told.read_bytes).slice(1)}</span>
      </div>
      {slow.length > 0 && (
        <div className="row small">
          <span className="soft" title="What the whole waited for at each moment: to be faster, make this shorter"><i className="trace-way" aria-hidden="true" /> Critical path, {duration(way)}, most of it in</span>
          {slow.map(({ span, ns }) => (
            <Button key={span.id} kind="quiet" onClick={() => go(span)} title={plain(`${span.row.service_name}: ${span.row.name}`)}>
              <span className="cut trace-short"><T>{span.row.service_name}</T> <T>{span.row.name}</T></span> {duration(ns)}, {share(ns / Math.max(1, way))}
            </Button>
          ))}
        </div>
      )}
      {told.truncated && <p className="note">This trace is longer than can be shown: the first {count(told.spans.length)} spans and {count(told.logs.length)} logs are here.</p>}
      {lost > 0 && <p className="soft small">{many(lost, 'span')} {lost === 1 ? 'names a parent' : 'name parents'} that did not arrive: a sampler, a sender that is away, or one that sends elsewhere.</p>}
    </div>
  )
}
