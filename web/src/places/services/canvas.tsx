// The drawing of the map: moved by dragging or arrows, closer and farther by the wheel with Ctrl, the buttons, `+` and `-`.
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useUrl } from '../../app/url'
import { Button } from '../../parts/basic'
import { duration, percent } from '../../parts/number'
import { plain } from '../../parts/text'
import type { Call, Node } from './calls-data'
import { layout, NODE, path } from './layout'
import { level, split } from './shapes'

const EDGE = 24
const CLOSER = 1.25
const ZOOM = { least: 0.3, most: 3 }
const STEP = 60
/** Widths of lines go by the number of calls. */
const WIDE = 5
/** Smaller than this part of its size a name cannot be read: narrow screens scroll instead. */
const READABLE = 0.62
const LETTERS = 20
const BAD = 0.01

export function Canvas({ nodes, calls }: { nodes: Node[]; calls: Call[] }) {
  const [url, set] = useUrl()
  const laid = useMemo(() => layout(nodes.map(({ entity }) => entity), calls), [nodes, calls])
  const [view, setView] = useState({ zoom: 1, x: 0, y: 0 })
  const frame = useRef<HTMLDivElement>(null)
  const drag = useRef<{ x: number; y: number } | undefined>(undefined)
  const zoom = (by: number) => setView((before) => ({ ...before, zoom: Math.min(ZOOM.most, Math.max(ZOOM.least, before.zoom * by)) }))
  const move = (x: number, y: number) => setView((before) => ({ ...before, x: before.x + x, y: before.y + y }))
  useEffect(() => {
    const box = frame.current!
    const onWheel = (event: WheelEvent) => {
      // Without Ctrl the wheel scrolls the page, as everywhere.
      if (!event.ctrlKey) return
      event.preventDefault()
      zoom(event.deltaY < 0 ? CLOSER : 1 / CLOSER)
    }
    box.addEventListener('wheel', onWheel, { passive: false })
    return () => box.removeEventListener('wheel', onWheel)
  }, [])
  const onKey = (event: KeyboardEvent) => {
    const does: Record<string, () => void> = {
      '+': () => zoom(CLOSER), '-': () => zoom(1 / CLOSER), '0': () => setView({ zoom: 1, x: 0, y: 0 }),
      ArrowLeft: () => move(STEP, 0), ArrowRight: () => move(-STEP, 0), ArrowUp: () => move(0, STEP), ArrowDown: () => move(0, -STEP),
    }
    if (!does[event.key]) return
    event.preventDefault()
    does[event.key]!()
  }
  const onMove = (event: PointerEvent) => {
    if (!drag.current) return
    move(event.clientX - drag.current.x, event.clientY - drag.current.y)
    drag.current = { x: event.clientX, y: event.clientY }
  }
  const chosen = nodes.some(({ entity }) => entity === url.node) ? url.node : undefined
  const beside = new Set(calls.flatMap(({ from, to }) => (from === chosen || to === chosen ? [from, to] : [])))
  const most = Math.max(1, ...calls.map(({ n }) => n ?? 0))
  const width = laid.width + 2 * EDGE
  const height = laid.height + 2 * EDGE
  return (
    <div className="services-map" ref={frame}>
      <div className="services-map-tools">
        <Button icon="plus" aria-label="Closer" onClick={() => zoom(CLOSER)} />
        <Button icon="minus" aria-label="Farther" onClick={() => zoom(1 / CLOSER)} />
        <Button onClick={() => setView({ zoom: 1, x: 0, y: 0 })}>Whole</Button>
      </div>
      <div className="services-map-scroll">
      <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label="Map of calls; the list below says the same" tabIndex={0} onKeyDown={onKey} style={{ maxHeight: Math.min(640, Math.max(220, height)), minWidth: Math.round(width * READABLE) }}
        onPointerDown={(event) => { if (!(event.target as Element).closest('a')) { drag.current = { x: event.clientX, y: event.clientY }; event.currentTarget.setPointerCapture(event.pointerId) } }}
        onPointerMove={onMove} onPointerUp={() => (drag.current = undefined)} onPointerCancel={() => (drag.current = undefined)}>
        <defs>
          {['', 'bad'].map((kind) => <marker key={kind} id={`services-arrow${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0 8,4 0,8Z" className={`services-arrow ${kind}`} /></marker>)}
        </defs>
        <g transform={`translate(${EDGE + view.x} ${EDGE + view.y}) scale(${view.zoom})`}>
          {laid.edges.map(({ edge, points }, at) => <Line key={at} call={edge as Call} d={path(points)} most={most} dim={chosen !== undefined && edge.from !== chosen && edge.to !== chosen} />)}
          {nodes.map((node) => <Box key={node.entity} node={node} {...laid.nodes.get(node.entity)!} chosen={node.entity === chosen} dim={chosen !== undefined && node.entity !== chosen && !beside.has(node.entity)} choose={() => set({ node: node.entity === chosen ? undefined : node.entity })} />)}
        </g>
      </svg>
      </div>
      <p className="soft small services-legend">Lines are as wide as there are calls; a red one fails in 1 % or more; a dashed one is declared and was not traced. Choose a node to see its calls. Drag moves; Ctrl and the wheel, <kbd>+</kbd> and <kbd>-</kbd> zoom.</p>
    </div>
  )
}

const failing = ({ n, errors }: { n?: number; errors?: number }) => (n ? (errors ?? 0) / n : 0)

function Line({ call, d, most, dim }: { call: Call; d: string; most: number; dim: boolean }) {
  const bad = failing(call) >= BAD
  const width = 1 + (WIDE - 1) * Math.sqrt((call.n ?? 0) / most)
  const told = call.n === undefined ? (call.seen ? 'seen' : 'declared, not traced') : `${call.n} calls, ${percent(failing(call))} failed, p95 ${duration(call.p95 ?? 0)}`
  return (
    <path d={d} className={['services-line', bad && 'bad', !call.seen && 'declared', dim && 'dim'].filter(Boolean).join(' ')} strokeWidth={width} markerEnd={`url(#services-arrow${bad ? 'bad' : ''})`}>
      <title>{`${plain(call.from)} → ${plain(call.to)}: ${told}`}</title>
    </path>
  )
}

/** A duration in a few letters. */
const short = (ns: number) => (ns < 1e9 ? `${ns < 1e7 ? (ns / 1e6).toFixed(1) : Math.round(ns / 1e6)} ms` : `${(ns / 1e9).toFixed(1)} s`)
const cut = (text: string) => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text)

function Box({ node, x, y, chosen, dim, choose }: { node: Node; x: number; y: number; chosen: boolean; dim: boolean; choose: () => void }) {
  const { kind, name } = split(node.entity)
  const bad = failing(node) >= BAD
  const below = node.n === undefined ? (kind === 'service' ? 'no spans' : kind) : `${percent(failing(node))} failed, p95 ${short(node.p95 ?? 0)}`
  const told = `${plain(node.entity)}: ${below}${node.alerts > 0 ? `, ${node.alerts} alerts, the worst ${level(node.worst)}` : ''}`
  return (
    <g transform={`translate(${x} ${y})`}>
    <a href={`/services/${encodeURIComponent(node.entity)}`} aria-current={chosen || undefined} className={['services-node', kind !== 'service' && 'other', bad && 'bad', chosen && 'chosen', dim && 'dim'].filter(Boolean).join(' ')}
      onClick={(event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); choose() }}>
      <rect width={NODE.width} height={NODE.height} rx={6} aria-hidden="true"><title>{told}</title></rect>
      <text x={10} y={17} className="name">{cut(plain(name))}</text>
      <text x={10} y={32} className="below">{below}</text>
      {node.alerts > 0 && <g transform={`translate(${NODE.width - 20} 8)`} className={`services-alert ${level(node.worst)}`}><title>{`${node.alerts} alerts, the worst ${level(node.worst)}`}</title><path d="M6 0 12 11H0Z" /><text x={6} y={9.5} aria-hidden="true">!</text></g>}
    </a>
    </g>
  )
}
