// The audit trail: every decision, in its order, each bound to the one before. Names are masked; showing them is an entry of its own.
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Button, Empty, Paste, Shown, Told, Trouble } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Dialog, Field } from '../../parts/form'
import { Grid, type GridColumn } from '../../parts/grid'
import { count } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'
import { read } from './data'

type Entry = Schemas['AuditEntry']
type Verified = Schemas['AuditVerified']
/** Entries of a page. */
const PAGE = 1000

export function Audit() {
  const [url, set] = useUrl()
  const [verified, setVerified] = useState<Verified>()
  const [reason, setReason] = useState('')
  const [naming, setNaming] = useState(false)
  const from = Number(url.from ?? 0) || 0
  const of = read<{ entries: Entry[]; names: boolean }>(useGet('/api/v1/audit', { query: { from, limit: PAGE, reason } }, { keep: true }))
  const verify = usePost('/api/v1/audit/verify')
  const ask = (then?: (told: Verified) => void) => verify.mutate({}, { onSuccess: (told) => (setVerified(told as unknown as Verified), then?.(told as unknown as Verified)) })
  const entries = of.data?.entries ?? []
  const words = (url.q ?? '').toLowerCase()
  const shown = words ? entries.filter((one) => `${one.action} ${one.object} ${one.person ?? ''} ${JSON.stringify(one.detail)}`.toLowerCase().includes(words)) : entries
  const opened = entries.find(({ seq }) => String(seq) === url.open)
  const person: GridColumn<Entry>[] = of.data?.names ? [{ id: 'person', head: 'Who', width: '140px', cell: (entry) => <T>{entry.person}</T> }] : []
  return (
    <>
      <div className="row">
        <input className="input controls-find" type="search" data-search placeholder="Find in these" aria-label="Find in these entries" value={url.q ?? ''} onChange={(event) => set({ q: event.target.value }, { push: false })} />
        <span className="told"><Told shown={shown.length} of={entries.length} one="entry" more="entries" />{entries.length > 0 && <>, {count(entries[0]!.seq)} to {count(entries.at(-1)!.seq)}</>}</span>
        <span className="buttons">
          <Button icon="left" disabled={from === 0} onClick={() => set({ from: from > PAGE ? String(from - PAGE) : undefined })}>Earlier</Button>
          <Button disabled={entries.length < PAGE} onClick={() => set({ from: String(from + PAGE) })}>Later</Button>
          <Button disabled={verify.isPending} title="Verifies, to know how many there are" onClick={() => ask((told) => set({ from: String(Math.max(0, told.entries - PAGE)) }))}>Newest</Button>
        </span>
        <Button kind="primary" icon="good" disabled={verify.isPending} onClick={() => ask()}>{verify.isPending ? 'Verifying …' : 'Verify'}</Button>
        {of.data?.names ? <Button onClick={() => setReason('')}>Mask names</Button> : <Button onClick={() => setNaming(true)}>Show names …</Button>}
      </div>
      {verify.error && <Trouble error={verify.error} />}
      {verified && <Proof verified={verified} />}
      <Shown of={of}>
        {() => (shown.length > 0 ? <div className="controls-audit"><Grid label="Audit trail" rows={shown} columns={[...COLUMNS, ...person]} id={({ seq }) => String(seq)} open={({ seq }) => set({ open: String(seq) })} opened={url.open} /></div> : <Empty title="No entry here"><p>{words ? 'None of these has it: take the words out, or go to other entries.' : 'Go to earlier entries.'}</p></Empty>)}
      </Shown>
      {opened && <Drawer title={`Entry ${opened.seq}: ${plain(opened.action)}`} onClose={() => set({ open: undefined })}><p className="wrap"><At at={opened.at} ms />, <T>{opened.object}</T></p><Paste label="Detail" text={plain(JSON.stringify(opened.detail, null, 2))} /></Drawer>}
      {naming && <Names close={() => setNaming(false)} show={setReason} />}
    </>
  )
}

/** What an entry says, as words; digests, by their beginning alone. */
const DIGEST = /^[0-9a-f]{32,}$/
const FIRST_DIGITS = 8
function brief(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return JSON.stringify(detail) ?? ''
  const told = (value: unknown): string => (typeof value === 'string' ? (DIGEST.test(value) ? `${value.slice(0, FIRST_DIGITS)}…` : value) : JSON.stringify(value))
  return Object.entries(detail).filter(([, value]) => value !== null && value !== '').map(([name, value]) => `${name.replaceAll('_', ' ')} ${told(value)}`).join(', ')
}

function Proof({ verified }: { verified: Verified }) {
  if (verified.problems.length > 0) {
    return (
      <div className="problem" role="alert">
        <strong>The trail was tampered with, or is damaged: {verified.problems.length} problems in {count(verified.entries)} entries</strong>
        <pre><T>{JSON.stringify(verified.problems, null, 2)}</T></pre>
      </div>
    )
  }
  return <p className="note" role="status">All {count(verified.entries)} entries and {count(verified.checkpoints)} checkpoints hold. Root <code className="wrap">{verified.root}</code>: keep it elsewhere, and a trail that was rewritten as a whole shows too.</p>
}

function Names({ close, show }: { close: () => void; show: (reason: string) => void }) {
  const [reason, setReason] = useState('')
  return (
    <Dialog title="Show names" send="Show" submit={() => (show(reason), close())} onClose={close} ready={reason.trim() !== ''}>
      <p className="soft">Names are shown for this reason, and that they were is an entry of the trail.</p>
      <Field label="Because" value={reason} onChange={setReason} area required autoFocus />
    </Dialog>
  )
}

const COLUMNS: GridColumn<Entry>[] = [
  { id: 'seq', head: '#', width: '70px', className: 'num', cell: ({ seq }) => count(seq) },
  { id: 'at', head: 'When', width: '160px', cell: ({ at }) => <At at={at} /> },
  { id: 'action', head: 'What', width: '150px', cell: ({ action }) => <T>{action}</T> },
  { id: 'object', head: 'Of', width: 'minmax(120px, 200px)', cell: ({ object }) => <span className="mono"><T most={200}>{object}</T></span> },
  { id: 'detail', head: 'Detail', width: 'minmax(240px, 2fr)', cell: ({ detail }) => <span className="soft"><T most={300}>{brief(detail)}</T></span> },
]
