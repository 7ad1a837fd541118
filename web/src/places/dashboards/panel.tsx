// A panel: its name, what it says, how much and how long, and the way to look further. It asks when it comes into sight.
import { Link } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Problem } from '../../api/client'
import type { Range } from '../../app/time'
import { Button, Trouble, Waiting } from '../../parts/basic'
import { Stopped } from '../../parts/doing'
import { Icon } from '../../parts/icon'
import { late } from '../../parts/late'
import { bytes, count, many } from '../../parts/number'
import { T, plain } from '../../parts/text'
import { span } from '../../parts/time'
import { ask, type Chosen, explored, type Told } from './panel-ask'
import { Body } from './panel-body'
import type { PanelOf } from './shapes'

const Markdown = late(() => import('../../parts/markdown'))
interface Given { id: string; panel: PanelOf; chosen: Chosen; range: Range; sync: string; zoom: (from: number, to: number) => void }

export function Panel({ id, panel, chosen, range, sync, zoom }: Given) {
  const [box, seen] = useSeen()
  const client = useQueryClient()
  const key = ['panel', id, chosen]
  const asks = panel.kind !== 'markdown'
  // Each moment is another question; what was answered before stays in sight until the answer is here, and is not kept longer.
  const asked = useQuery<Told, Problem>({ queryKey: key, queryFn: ({ signal }) => ask(panel, chosen, signal), enabled: seen && asks, retry: false, staleTime: Infinity, gcTime: 60_000, placeholderData: (before) => before, refetchOnWindowFocus: false })
  const there = explored(panel, chosen, range)
  return (
    <section className={`panel panel-${panel.kind}`} ref={box} style={{ gridColumn: `span ${panel.width}` }} aria-label={plain(panel.title)}>
      <header>
        <h2><T>{panel.title}</T></h2>
        <span className="told">{asked.data && <Much told={asked.data} />}</span>
        {asked.isFetching && <Button kind="quiet" onClick={() => void client.cancelQueries({ queryKey: key })}>Cancel</Button>}
        {panel.link && <Link to={panel.link}>More</Link>}
        {there && <Link to="/explore" search={there as never} title="The same in Explore" aria-label={`${plain(panel.title)} in Explore`}>{panel.kind === 'number' ? <Icon name="explore" /> : 'Explore'}</Link>}
      </header>
      {panel.kind === 'markdown' && panel.text !== null && <Markdown text={panel.text} />}
      {asks && asked.error && <Trouble error={asked.error} retry={() => void asked.refetch()} />}
      {asks && asked.data && <Body told={asked.data} panel={panel} range={[chosen.from, chosen.to]} sync={sync} zoom={zoom} />}
      {asks && !asked.data && !asked.error && (asked.fetchStatus === 'idle' && seen ? <Stopped again={() => void asked.refetch()} /> : <Waiting lines={panel.kind === 'number' ? 1 : 5} />)}
    </section>
  )
}

/** How many, how long, how much was read; where there is little room, the first of it. */
function Much({ told: { got, rows, tookMs, read } }: { told: Told }) {
  const counted = got.kind === 'chart' ? `${count(got.series.length)} series` : got.kind === 'events' && got.matched !== null && got.matched > got.rows.length ? `${count(got.rows.length)} of ${count(got.matched)}` : `${got.kind === 'table' && got.answer.more ? 'the first ' : ''}${many(got.kind === 'events' ? got.rows.length : rows, 'row')}`
  const parts = [got.kind === 'number' ? '' : counted, span(Math.max(1, tookMs)), read ? bytes(read) : ''].filter(Boolean)
  return parts.map((part, at) => <span key={at}>{at > 0 && ', '}{part}</span>)
}

/** Whether it was ever in sight. */
function useSeen() {
  const box = useRef<HTMLElement>(null)
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    if (seen || !box.current) return
    const watch = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true), { rootMargin: '200px' })
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [seen])
  return [box, seen] as const
}
