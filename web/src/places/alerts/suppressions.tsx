// What is kept from being raised: by whom, why, until when, and how much it hid.
import { useState } from 'react'
import { post } from '../../api/client'
import { useQuery } from '@tanstack/react-query'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { AnswerBar } from '../../parts/answer'
import { Badge, Button, Empty, Facts, Shown } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Owner } from '../../parts/entity'
import { Field } from '../../parts/form'
import { useKeys } from '../../parts/keys'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, At, millis } from '../../parts/time'
import { say } from '../../parts/toast'
import { useAgain } from './act'
import { Ask } from './dialogs'
import { holds, inDays, MOST_DAYS, type Row } from './shapes'

const DAY_MS = 86_400_000
/** Its end is told so long before. */
const SOON_MS = 7 * DAY_MS
interface Reason { reason: string; hides: Record<string, unknown>; control: number | null }

/** Why each is there and what it hides: the queue has them, the reason stands in the decision. */
function useReasons() {
  return useQuery({
    queryKey: ['/api/v1/suppressions', 'reasons'],
    queryFn: async ({ signal }) => {
      const answer = (await post('/api/v1/sql', { sql: "SELECT id, reason, control, body FROM decisions WHERE kind = 'suppression'" } as never, { signal })) as unknown as { rows: [number, string, number | null, string][] }
      return new Map(answer.rows.map(([id, reason, control, body]): [number, Reason] => [id, { reason, control, hides: (JSON.parse(body) as { hides?: Record<string, unknown> }).hides ?? {} }]))
    },
  })
}

/** What is hidden, in words. */
function words(hides: Record<string, unknown>): string {
  const { rule, entity, tag, key, all_teams } = hides as { rule?: string; entity?: string; tag?: string; key?: Record<string, string>; all_teams?: boolean }
  const parts = [rule && `rule ${rule}`, entity && `about ${entity}`, tag && `tagged ${tag}`, ...Object.entries(key ?? {}).map(([name, value]) => `${name} = ${value}`)]
  return `${parts.filter(Boolean).join(', ')}${all_teams ? ' (of all teams)' : ''}`
}

function Ends({ row }: { row: Row }) {
  if (row.state === 'resolved') return <span className="soft">ended <Ago at={row.closed} /></span>
  if (!row.until) return <>–</>
  return millis(row.until) - Date.now() < SOON_MS ? <Badge kind="high"><Ago at={row.until} /></Badge> : <Ago at={row.until} />
}

export default function Suppressions() {
  const me = useMe()
  const [url, set] = useUrl()
  const all = url.state === 'all'
  const asked = useGet('/api/v1/suppressions', { query: { limit: 500, ...(all ? { state: 'all' } : {}), ...(url.team ? { team: url.team } : {}) } })
  const reasons = useReasons()
  const page = asked.data
  const rows = page?.rows ?? []
  const [at, setAt] = useState<Row>()
  const [ending, setEnding] = useState<Row>()
  const [renewing, setRenewing] = useState<Row>()
  const may = (row: Row | undefined): row is Row => row !== undefined && row.state !== 'resolved' && holds(me, 'editor', row.team)
  const open = rows.find(({ id }) => String(id) === url.open)
  useKeys('Suppressions', { r: { does: 'Renew', run: () => void (may(open ?? at) && setRenewing(open ?? at)) } })
  const columns: Column<Row>[] = [
    { id: 'hides', head: 'Hides', className: 'alerts-any', cell: (row) => <><T>{reasons.data?.has(row.id) ? words(reasons.data.get(row.id)!.hides) : row.title}</T><span className="narrow-only soft small alerts-below"><T>{reasons.data?.get(row.id)?.reason}</T></span></>, sort: (row) => row.title },
    { id: 'why', head: 'Why', className: 'wide-only', cell: (row) => <T>{reasons.data?.get(row.id)?.reason}</T>, sort: (row) => reasons.data?.get(row.id)?.reason ?? '' },
    { id: 'team', head: 'Owner', className: 'wide-only', cell: (row) => <Owner team={row.team} />, sort: (row) => row.team ?? '' },
    { id: 'hid', head: 'Hid', className: 'num wide-only', cell: (row) => count(row.firings), sort: (row) => row.firings },
    { id: 'ends', head: 'Ends', className: 'nowrap', cell: (row) => <Ends row={row} />, sort: (row) => row.until ?? '' },
    { id: 'acts', head: <span className="hidden-visually">Acts</span>, className: 'alerts-row-acts', cell: (row) => may(row) && <span className="row"><Button onClick={() => setRenewing(row)}>Renew …</Button><Button kind="quiet" onClick={() => setEnding(row)}>End …</Button></span> },
  ]
  return (
    <>
      <div className="row alerts-bar">
        {page && <span className="told" role="status">{many(page.counts.all, 'suppression')}; {many(rows.reduce((sum, row) => sum + row.firings, 0), 'firing')} hidden</span>}
        <label className="row"><input type="checkbox" checked={all} onChange={(event) => set({ state: event.target.checked ? 'all' : undefined })} /> Ended ones too</label>
      </div>
      <Shown of={asked}>
        {() => rows.length === 0 ? (
          <Empty title="Nothing is suppressed"><p>Whatever fires is raised. An alert that is known and harmless for a while is suppressed from the queue, with a reason, an owner and an end within {MOST_DAYS} days.</p></Empty>
        ) : (
          <Table label="Suppressions" rows={rows} columns={columns} id={(row) => String(row.id)} open={(row) => set({ open: String(row.id) })} opened={url.open} cursor={setAt} />
        )}
      </Shown>
      {open && (
        <Drawer title={plain(open.title)} onClose={() => set({ open: undefined })}>
          <Facts rows={[
            ['Hides', <T>{words(reasons.data?.get(open.id)?.hides ?? {})}</T>],
            ['Why', <T>{reasons.data?.get(open.id)?.reason}</T>],
            ['Owner', <Owner team={open.team} />],
            ['Made', <At at={open.opened} />],
            ['Ends', <span className="row"><At at={open.until} /><Ends row={open} /></span>],
            ['Hid', `${many(open.firings, 'firing')} on ${many(open.events, 'event')}`],
            ['Last hidden', open.firings > 0 && <Ago at={open.last} />],
          ]} />
          <AnswerBar about={{ to: open.id }} exception={false} />
          {may(open) && <div className="row"><Button kind="primary" onClick={() => setRenewing(open)}>Renew … <kbd>r</kbd></Button><Button onClick={() => setEnding(open)}>End …</Button></div>}
        </Drawer>
      )}
      {renewing && <Renew row={renewing} told={reasons.data?.get(renewing.id)} close={() => setRenewing(undefined)} />}
      {ending && <End row={ending} close={() => setEnding(undefined)} />}
    </>
  )
}

interface Form { row: Row; close: () => void }

/** A renewal is a new one of the same; the old one ends, so that each has its own reason and end. */
function Renew({ row, told, close }: Form & { told: Reason | undefined }) {
  const lasted = Math.min(MOST_DAYS, Math.max(1, Math.round((millis(row.until) - millis(row.opened)) / DAY_MS)))
  const [until, setUntil] = useState(inDays(lasted))
  const [reason, setReason] = useState(told?.reason ?? '')
  const again = useAgain()
  const work = async () => {
    if (!told) return
    await post('/api/v1/suppressions', { ...told.hides, reason, owner: row.team ?? '', until: `${until}T00:00:00Z`, dataset: row.dataset, control: told.control, idempotency_key: `renews:${row.id}` } as never)
    await post('/api/v1/alerts/act', { ids: [row.id], do: 'resolve', outcome: 'done', reason: `renewed until ${until}` } as never)
    await again()
    say(`Renewed until ${until}`)
  }
  return (
    <Ask title="Renew" about={<><T>{words(told?.hides ?? {})}</T>; hid {many(row.firings, 'firing')} so far</>} ready={reason.trim() !== '' && told !== undefined} work={work} close={close}>
      <Field label="Until" type="date" value={until} onChange={setUntil} min={inDays(1)} max={inDays(MOST_DAYS)} required hint={`As long as before; at most ${MOST_DAYS} days`} />
      <Field label="Why" value={reason} onChange={setReason} area required autoFocus />
    </Ask>
  )
}

function End({ row, close }: Form) {
  const [reason, setReason] = useState('')
  const again = useAgain()
  const work = async () => {
    await post('/api/v1/alerts/act', { ids: [row.id], do: 'resolve', outcome: 'done', reason } as never)
    await again()
    say('Ended: what it hid is raised from now on')
  }
  return (
    <Ask title="End the suppression" send="End" about={<T>{row.title}</T>} ready={reason.trim() !== ''} work={work} close={close}>
      <Field label="Why" value={reason} onChange={setReason} required autoFocus hint="What it hid is raised from then on." />
    </Ask>
  )
}
