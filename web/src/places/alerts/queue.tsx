// The queue: what fired, of security and operations, and the incidents it belongs to.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { get, type Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Button, Empty, Trouble, Waiting } from '../../parts/basic'
import { Grid } from '../../parts/grid'
import { useKeys } from '../../parts/keys'
import { count, many } from '../../parts/number'
import { useArrivals } from '../../parts/paste-in'
import { late } from '../../parts/late'
import { useAct } from './act'
import { Acts } from './acts'
import { useColumns } from './columns'
import { asked, Counts, Filters } from './filters'
import { holds, type Page, type Row } from './shapes'

const AlertDrawer = late(() => import('./drawer'), null)
const PAGE_ROWS = 200
const EVERY_MS = 15_000

/** Alerts page by page, and the incidents that fit the same filters, which come first. */
function useQueue() {
  const [url] = useUrl()
  const query = asked(url)
  const wants = (kind: string) => !url.show || url.show === kind
  const alerts = useInfiniteQuery<Page, Problem, { pages: Page[] }, unknown[], string | undefined>({
    queryKey: ['/api/v1/alerts', {}, query, 'pages'],
    queryFn: ({ signal, pageParam }) => get('/api/v1/alerts', { query: { ...query, limit: PAGE_ROWS, after: pageParam }, signal }) as Promise<Page>,
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: EVERY_MS,
    enabled: wants('alerts'),
    placeholderData: (before) => before,
  })
  // A rule raises alerts, never incidents.
  const incidents = useGet('/api/v1/incidents', { query: { ...query, limit: PAGE_ROWS } }, { every: EVERY_MS, enabled: wants('incidents') && !url.rule, keep: true })
  const page = incidents.data
  const rows = useMemo(() => {
    const first = wants('incidents') && !url.rule ? (page?.rows ?? []) : []
    return [...first, ...(wants('alerts') ? (alerts.data?.pages ?? []).flatMap(({ rows }) => rows) : [])]
  }, [alerts.data, page, url.show, url.rule])
  const counts = alerts.data?.pages[0]?.counts
  return { rows, alerts, incidents: page, counts: url.show === 'incidents' ? page?.counts : counts, error: alerts.error ?? incidents.error, pending: (wants('alerts') && alerts.isPending) || (wants('incidents') && !url.rule && incidents.isPending) }
}

export function Queue() {
  const me = useMe()
  const navigate = useNavigate()
  const [url, set] = useUrl()
  const { rows, alerts, incidents, counts, error, pending } = useQueue()
  const [chosen, setChosen] = useState<Set<string>>(new Set())
  const [at, setAt] = useState<Row>()
  const act = useAct()
  const id = (row: Row) => String(row.id)
  const choose = useCallback((one: string) => setChosen((before) => {
    const next = new Set(before)
    if (!next.delete(one)) next.add(one)
    return next
  }), [])
  const picked = rows.filter((row) => chosen.has(id(row)))
  const columns = useColumns({ chosen, choose, all: () => setChosen((before) => (before.size > 0 ? new Set() : new Set(rows.map(id)))) })
  const open = (row: Row) => (row.kind === 'incident' ? void navigate({ to: '/incidents/$id', params: { id: id(row) } } as never) : set({ open: id(row) }))
  const cursor = (row: Row | undefined) => {
    setAt(row)
    // What is open goes along with the keys.
    if (url.open && row?.kind === 'alert') set({ open: id(row) }, { push: false })
  }
  const acknowledge = () => {
    const those = (picked.length > 0 ? picked : rows.filter((row) => (url.open ? id(row) === url.open : row.id === at?.id))).filter((row) => holds(me, 'responder', row.team) && (row.state === 'open' || row.state === 'snoozed'))
    if (those.length > 0) act.mutate({ rows: those, deed: { do: 'acknowledge' } }, { onSuccess: () => setChosen(new Set()) })
  }
  useKeys('Queue', {
    e: { does: 'Acknowledge', run: acknowledge },
    ...(chosen.size > 0 && !url.open ? { Escape: { does: 'Choose none', run: () => setChosen(new Set()) } } : {}),
  })
  const more = useCallback(() => void (alerts.hasNextPage && !alerts.isFetchingNextPage && alerts.fetchNextPage()), [alerts])
  const filtered = ['state', 'level', 'team', 'entity', 'rule', 'text', 'from', 'show'].some((name) => url[name])
  const told = [url.show !== 'incidents' && counts && many(counts.all, 'alert'), url.show !== 'alerts' && !url.rule && incidents && many(incidents.counts.all, 'incident'), counts?.owners[''] && `${count(counts.owners[''])} without an owner`].filter(Boolean).join(', ')
  return (
    <>
      <Filters counts={counts} />
      <div className="row alerts-bar">
        {picked.length > 0 ? (
          <>
            <strong className="nowrap">{picked.length} chosen</strong>
            <Acts rows={picked} done={() => setChosen(new Set())} />
            <Button kind="quiet" onClick={() => setChosen(new Set())}>None</Button>
          </>
        ) : (
          <>
            <span className="told" role="status">{told}{alerts.hasNextPage && ` (${rows.length} read so far)`}</span>
            {counts && <Counts counts={counts} />}
          </>
        )}
        {act.error && <span role="alert" className="alerts-wrong">{act.error.message}</span>}
      </div>
      {error && <Trouble error={error} retry={() => void alerts.refetch()} />}
      {pending ? <Waiting lines={10} /> : rows.length === 0 ? <Nothing filtered={filtered} /> : (
        <Grid label="Queue" rows={rows} columns={columns.list} rowHeight={columns.height} id={id} open={open} opened={url.open} chosen={chosen} choose={choose} cursor={cursor} more={more} />
      )}
      {url.open && <AlertDrawer id={Number(url.open)} close={() => set({ open: undefined })} />}
    </>
  )
}

function Nothing({ filtered }: { filtered: boolean }) {
  const [, set] = useUrl()
  const arrivals = useArrivals()
  const nobody = arrivals.known && arrivals.rows.length === 0
  if (filtered)
    return (
      <Empty title="Nothing fits">
        <p>No alert and no incident fits these filters. Those that are over are under “Closed”.</p>
        <div className="row">
          <Button onClick={() => set({ state: 'all', level: undefined, team: undefined, entity: undefined, rule: undefined, text: undefined, from: undefined, show: undefined })}>Show all, closed ones too</Button>
        </div>
      </Empty>
    )
  return (
    <Empty title="Nothing is open">
      {nobody
        ? <p>Nothing arrives yet, so no rule can fire. <Link to="/settings" search={{ tab: 'sending' } as never}>How to send</Link> has what to paste.</p>
        : <p>Rules look at whatever arrives, and nothing they know of happened, or all of it was looked at.</p>}
      <p>Is something amiss that no rule saw? Open an incident under Incidents. Which rules there are is under Rules; Explore makes one from any search.</p>
      <Button onClick={() => set({ state: 'all' })}>Show closed ones</Button>
    </Empty>
  )
}
