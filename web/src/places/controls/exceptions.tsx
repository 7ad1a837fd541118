// What exempts, hides, mutes or blocks, in one form: control, reason, owner, end, and what each hid.
import { useMemo, useState } from 'react'
import type { Schemas } from '../../api/client'
import { useGet } from '../../api/queries'
import { useMay } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Section, Shown, Told } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { read, useRestrictions, useVerdicts } from './data'
import { Except } from './except'
import { Choose } from './list'
import { ControlLink, scope } from './parts'
import { Restricted } from './restricted'
import type { Ending, Restriction } from './shapes'

/** Adjustments and lockdowns have tabs of their own. */
const ELSEWHERE = ['adjustment', 'lockdown']
const SOON_MS = 7 * 86_400_000
export interface Row extends Restriction { for: string; hid: string | null; hidden: number }
type Hidden = Schemas['QueueRow']

export function Exceptions() {
  const [url, set] = useUrl()
  const of = useRestrictions()
  const rows = useRows(of.data?.rows)
  const editor = useMay('editor')
  const kinds = [...new Set(rows.map(({ kind }) => kind))].sort()
  const owners = [...new Set(rows.map(({ owner }) => owner))].sort()
  const shown = rows.filter((row) => (!url.kind || row.kind === url.kind) && (!url.owner || row.owner === url.owner))
  const opened = rows.find(({ id }) => String(id) === url.open)
  return (
    <>
      <div className="row">
        {editor && <Button kind="primary" icon="plus" onClick={() => set({ new: 'exception' })}>Make an exception</Button>}
        <Choose label="Kind" all="All kinds" value={url.kind} options={kinds} set={(kind) => set({ kind })} />
        <Choose label="Owner" all="All owners" value={url.owner} options={owners} set={(owner) => set({ owner })} />
        <span className="told"><Told shown={shown.length} of={rows.length} /> in force; all of them end by themselves</span>
      </div>
      <Shown of={of}>
        {(data) => (
          <>
            {shown.length > 0 ? <Table label="Exceptions" rows={shown} columns={COLUMNS} id={({ id }) => String(id)} open={({ id }) => set({ open: String(id) })} opened={url.open} /> : (
              <Empty title={rows.length ? 'Nothing fits' : 'Nothing is exempt or hidden'}>
                <p>{rows.length ? 'Take a filter out.' : 'Exceptions, suppressions of alerts and of findings, silences and blocks come here, each with reason, owner and end.'}</p>
              </Empty>
            )}
            <Over endings={data.endings.filter(({ over }) => over)} />
          </>
        )}
      </Shown>
      {opened && <Restricted row={opened} close={() => set({ open: undefined })} />}
      {url.new === 'exception' && <Except control={url.control} entity={url.entity} close={() => set({ new: undefined, control: undefined, entity: undefined })} />}
    </>
  )
}

/** With what each hid: counted by the server for alerts and findings, by the kept verdicts for exceptions. */
export function useRows(given: Restriction[] | undefined): Row[] {
  const suppressions = read<{ rows: Hidden[] }>(useGet('/api/v1/suppressions', { query: { limit: 1000 } }))
  const verdicts = useVerdicts()
  return useMemo(() => {
    const hidden = new Map(suppressions.data?.rows.map((row) => [row.id, row]))
    const passed = new Map<number, number>()
    for (const { reasons } of verdicts.data ?? []) for (const { excepted } of reasons) if (excepted) passed.set(excepted, (passed.get(excepted) ?? 0) + 1)
    return (given ?? []).filter(({ kind }) => !ELSEWHERE.includes(kind)).map((row): Row => {
      const alerts = hidden.get(row.id)
      if (row.kind === 'suppression') return { ...row, for: alerts?.title ?? 'alerts', hidden: alerts?.firings ?? 0, hid: alerts ? many(alerts.firings, 'alert') : null }
      if (row.kind === 'waiver') return { ...row, for: row.entity ?? many(row.findings, 'finding'), hidden: row.findings, hid: many(row.findings, 'finding') }
      return { ...row, for: scope(row.entity, row.environment), hidden: passed.get(row.id) ?? 0, hid: row.kind === 'exception' ? many(passed.get(row.id) ?? 0, 'verdict') : null }
    })
  }, [given, suppressions.data, verdicts.data])
}

const NAMES: Record<string, string> = { waiver: 'finding suppressed', suppression: 'alerts suppressed' }
export const kindName = (kind: string) => NAMES[kind] ?? kind
const COLUMNS: Column<Row>[] = [
  { id: 'kind', head: 'Kind', sort: ({ kind }) => kind, width: '150px', cell: ({ kind }) => <span className="controls-kind">{kindName(kind)}</span> },
  { id: 'control', className: 'wide-only', head: 'Control', sort: ({ control }) => control ?? '', cell: ({ control, title }) => (control ? <ControlLink name={control} title={title} /> : <span className="soft">its own</span>) },
  { id: 'for', className: 'controls-for', head: 'For', width: '24%', cell: (row) => <T>{row.for}</T> },
  { id: 'reason', className: 'wide-only', head: 'Because', width: '26%', cell: ({ reason }) => <T>{reason}</T> },
  { id: 'owner', className: 'wide-only', head: 'Owner', sort: ({ owner }) => owner, cell: ({ owner }) => <Owner team={owner} /> },
  { id: 'hid', head: 'Hid or let pass', className: 'wide-only num', sort: ({ hidden }) => hidden, cell: ({ hid }) => (hid ? <span className="nowrap">{hid}</span> : <span className="soft">–</span>) },
  { id: 'until', head: 'Ends', sort: ({ until }) => millis(until), cell: ({ until }) => <EndMark until={until} /> },
]

export function EndMark({ until }: { until: string | null }) {
  const soon = millis(until) - Date.now() < SOON_MS
  return <span className="nowrap">{soon ? <Badge kind="medium"><Ago at={until} /></Badge> : <Ago at={until} />}</span>
}

function Over({ endings }: { endings: Ending[] }) {
  const [all, setAll] = useState(false)
  if (endings.length === 0) return null
  return (
    <Section title="Ended of late" told={count(endings.length)} aside={<Button kind="quiet" onClick={() => setAll(!all)}>{all ? 'Hide' : 'Show'}</Button>}>
      {all && <Table label="Ended of late" rows={endings} columns={OVER} id={({ id }) => String(id)} keys={false} />}
    </Section>
  )
}
const OVER: Column<Ending>[] = [
  { id: 'kind', head: 'Kind', cell: ({ kind }) => kindName(kind) },
  { id: 'control', head: 'Control', cell: ({ control, title }) => <ControlLink name={control} title={title} /> },
  { id: 'for', head: 'For', cell: ({ about }) => <T>{about}</T> },
  { id: 'reason', head: 'Because', cell: ({ reason }) => <T>{reason}</T> },
  { id: 'owner', head: 'Owner', cell: ({ owner }) => <Owner team={owner} /> },
  { id: 'until', head: 'Ended', cell: ({ until }) => <span className="nowrap"><Ago at={until} /></span> },
]
