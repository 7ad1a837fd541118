// What was done and refused, and whether the trail is whole.
import { useState } from 'react'
import { get, type Problem, type Schemas } from '../../api/client'
import { usePost } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Button, Facts, Section, Shown, Trouble } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { Icon } from '../../parts/icon'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { json, quote, type Row, useSql } from '../services/sql'
import { valueText } from '../services/bits'

const PAGE = 100
const LONGEST_REASON = 1024
interface Entry extends Row { seq: number; known: string; action: string; object: string; detail: string }
type Named = Schemas['AuditTrail']

export default function Audit() {
  const [url, set] = useUrl()
  const [names, setNames] = useState<Record<number, string>>({})
  const [asking, setAsking] = useState(false)
  const where = [url.action && `action = ${quote(url.action)}`, url.before && /^\d+$/.test(url.before) && `seq < ${url.before}`].filter(Boolean).join(' AND ')
  const asked = useSql<Entry>(`SELECT seq, known, action, object, detail FROM audit${where ? ` WHERE ${where}` : ''} ORDER BY seq DESC LIMIT ${PAGE}`, { keep: true })
  const kinds = useSql<{ action: string; n: number }>('SELECT action, count(*) AS n FROM audit GROUP BY 1 ORDER BY 2 DESC')
  const rows = asked.data?.rows ?? []
  const all = kinds.data?.rows.reduce((sum, { n }) => sum + n, 0)
  const named = Object.keys(names).length > 0
  const columns: Column<Entry>[] = [
    { id: 'seq', head: 'Place', className: 'num', cell: ({ seq }) => count(seq) },
    { id: 'known', head: 'When', className: 'nowrap', cell: ({ known }) => <><At at={known} /> <span className="soft small"><Ago at={known} /></span></> },
    { id: 'action', head: 'What', className: 'nowrap', cell: ({ action }) => (action === 'refused' ? <Badge kind="medium">refused</Badge> : <T>{action}</T>) },
    { id: 'object', head: 'To what', className: 'settings-object', cell: ({ object }) => <T most={160}>{object}</T> },
    ...(named ? [{ id: 'person', head: 'Who', cell: ({ seq }: Entry) => (names[seq] ? <T most={120}>{names[seq]}</T> : <span className="soft">–</span>) }] : []),
    { id: 'detail', head: 'More', cell: ({ detail }) => <Detail text={detail} /> },
  ]
  return (
    <div className="col settings-gap">
      <Verify />
      <Section title="Audit trail" told={asked.data && `${many(rows.length, 'entry', 'entries')}${all === undefined ? '' : ` of ${count(all)}`}, the newest first, in ${asked.data.took} ms`}
        aside={<span className="row">
          <select className="select" aria-label="What" value={url.action ?? ''} onChange={(event) => set({ action: event.target.value, before: undefined })}>
            <option value="">Everything</option>{kinds.data?.rows.map(({ action, n }) => <option key={action} value={action}>{plain(action)} ({count(n)})</option>)}
          </select>
          {named ? <Button onClick={() => setNames({})}>Mask names</Button> : <Button disabled={rows.length === 0} onClick={() => setAsking(true)}>Show names …</Button>}
        </span>}>
        <Shown of={asked}>{() => <Table label="Audit trail" rows={rows} columns={columns} id={({ seq }) => String(seq)} />}</Shown>
        <div className="row">
          {url.before && <Button icon="left" onClick={() => set({ before: undefined })}>Newest</Button>}
          {rows.length === PAGE && <Button onClick={() => set({ before: String(rows.at(-1)!.seq) })}>Older</Button>}
        </div>
      </Section>
      {asking && <Names rows={rows} close={() => setAsking(false)} told={setNames} />}
    </div>
  )
}

/** A digest tells by its beginning; the whole is in the title. */
const short = (text: string) => text.replace(/\b([0-9a-f]{10})[0-9a-f]{54}\b/g, '$1…')

function Detail({ text }: { text: string }) {
  const all = Object.entries(json<Record<string, unknown>>(text) ?? {}).filter(([, value]) => value !== null)
  return <span className="small soft" title={plain(text).slice(0, 2000)}>{all.map(([name, value], at) => <span key={name}>{at > 0 && ' · '}{plain(name)} <T most={100}>{short(valueText(value))}</T></span>)}</span>
}

function Verify() {
  const send = usePost('/api/v1/audit/verify')
  const told = send.data
  const whole = told && told.problems.length === 0
  return (
    <Section title="Is it whole?" aside={<Button kind="primary" disabled={send.isPending} onClick={() => send.mutate({})}>{send.isPending ? 'Verifying …' : 'Verify'}</Button>}>
      <p className="soft">Looks at every entry, signed checkpoint and decision: whether anything was edited, taken out, put in another order or cut off at the end. The same is <code>tandem audit verify</code>.</p>
      {send.error && <Trouble error={send.error} />}
      {told && (
        <div role="status" className="col">
          <p className="row"><Badge kind={whole ? 'good' : 'critical'}><Icon name={whole ? 'good' : 'critical'} />{whole ? 'whole' : many(told.problems.length, 'problem')}</Badge> {many(told.entries, 'entry', 'entries')} and {many(told.checkpoints, 'checkpoint')} were looked at.</p>
          <Facts rows={[['Root of all entries', <code key="root" className="wrap">{told.root}</code>]]} />
          {!whole && <><ul className="settings-problems">{told.problems.map((one, at) => <li key={at}><T>{one}</T></li>)}</ul><p>Keep a copy of the data folder before anything else, and compare with the last backup: what was altered stands there as it was.</p></>}
        </div>
      )}
    </Section>
  )
}

function Names({ rows, close, told }: { rows: Entry[]; close: () => void; told: (names: Record<number, string>) => void }) {
  const [reason, setReason] = useState('')
  const [doing, setDoing] = useState(false)
  const [error, setError] = useState<Problem>()
  const long = new TextEncoder().encode(reason).length > LONGEST_REASON ? `At most ${LONGEST_REASON} bytes` : undefined
  const submit = async () => {
    const seqs = rows.map(({ seq }) => seq)
    const from = Math.min(...seqs)
    setDoing(true)
    try {
      // Filtered rows may lie far apart: the bound of the server holds for what is between.
      const answer = (await get('/api/v1/audit', { query: { from, limit: Math.max(...seqs) - from + 1, reason: reason.trim() } })) as Named
      told(Object.fromEntries(answer.entries.flatMap(({ seq, person }) => (person ? [[seq, person]] : []))))
      close()
    } catch (problem) {
      setError(problem as Problem)
    } finally {
      setDoing(false)
    }
  }
  return (
    <Dialog title="Show names" send="Show" submit={() => void submit()} onClose={close} doing={doing} error={error} ready={reason.trim() !== '' && !long}>
      <p>Names are masked. To see them for these entries takes a reason, which is written into the trail with your name.</p>
      <Field label="Why" value={reason} onChange={setReason} required autoFocus wrong={long} hint="Such as: incident 42" />
    </Dialog>
  )
}
