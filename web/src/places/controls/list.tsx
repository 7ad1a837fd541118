// All controls: why each is there, for both sides, how it speaks, and what it stopped or would have.
import { useNavigate } from '@tanstack/react-router'
import { useUrl } from '../../app/url'
import { Badge, Empty, Shown, Told } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { useControls, useFriction } from './data'
import { Speaks } from './parts'
import type { InForce, Measure } from './shapes'

type Row = InForce & { measure: Measure | undefined }

export function List() {
  const [url, set] = useUrl()
  const navigate = useNavigate()
  const entity = url.entity?.includes(':') ? url.entity : url.entity && `service:${url.entity}`
  const of = useControls({ entity, environment: url.environment })
  const friction = useFriction('30')
  const words = (url.q ?? '').toLowerCase()
  return (
    <Shown of={of}>
      {(data) => {
        const measures = new Map(friction.data?.controls.map((row) => [row.name, row]))
        const owners = [...new Set(data.controls.map(({ control }) => control.owner))].sort()
        const rows: Row[] = data.controls
          .filter(({ control, mode }) => (!url.owner || control.owner === url.owner) && (!url.mode || mode === url.mode) && (!words || text(control).includes(words)))
          .map((one) => ({ ...one, measure: measures.get(one.control.name) }))
        return (
          <>
            <div className="row" role="search" aria-label="Which controls">
              <input className="input controls-find" data-search type="search" placeholder="Find a control" aria-label="Find a control" value={url.q ?? ''} onChange={(event) => set({ q: event.target.value }, { push: false })} />
              <Choose label="Owner" all="All owners" value={url.owner} options={owners} set={(owner) => set({ owner })} />
              <Choose label="Mode" all="All modes" value={url.mode} options={['observe', 'warn', 'enforce']} set={(mode) => set({ mode })} />
              <input className="input controls-to" aria-label="As they hold for this service" placeholder="for a service" value={url.entity ?? ''} onChange={(event) => set({ entity: event.target.value }, { push: false })} />
              <input className="input controls-short" aria-label="In this environment" placeholder="in production" value={url.environment ?? ''} onChange={(event) => set({ environment: event.target.value }, { push: false })} />
              <span className="told"><Told shown={rows.length} of={data.count} one="control" />, with the numbers of 30 days</span>
            </div>
            {data.problems.length > 0 && <p className="note">{many(data.problems.length, 'file')} of controls could not be read: what was in force stays. <code>tandem controls lint</code> says where.</p>}
            {rows.length > 0 ? (
              <div className="controls-list"><Table label="Controls" rows={rows} columns={COLUMNS} id={(row) => row.control.name} open={(row) => void navigate({ to: '/controls/$name', params: { name: row.control.name } } as never)} /></div>
            ) : (
              <Empty title={data.count ? 'No control fits' : 'There is no control'}>
                <p>{data.count ? 'Take a filter out: all controls are listed without one.' : 'Controls are files: write one into the folder controls of a folder of knowledge.'}</p>
              </Empty>
            )}
          </>
        )
      }}
    </Shown>
  )
}

const text = (control: InForce['control']) => [control.name, control.title, control.threat, control.owner, ...control.rules, ...control.checks].join(' ').toLowerCase()

export function Choose({ label, all, value, options, set }: { label: string; all: string; value: string | undefined; options: (string | [string, string])[]; set: (value: string | undefined) => void }) {
  return (
    <select className="select" aria-label={label} value={value ?? ''} onChange={(event) => set(event.target.value || undefined)}>
      <option value="">{all}</option>
      {options.map((option) => (typeof option === 'string' ? <option key={option} value={option}>{plain(option)}</option> : <option key={option[0]} value={option[0]}>{plain(option[1])}</option>))}
    </select>
  )
}

const RANKS = { observe: 0, warn: 1, enforce: 2 }
const COLUMNS: Column<Row>[] = [
  { id: 'control', head: 'Control', width: '23%', sort: ({ control }) => control.title, cell: ({ control }) => <><div className="controls-title"><T>{control.title}</T></div><code className="soft small">{control.name}</code></> },
  { id: 'mode', head: 'Mode', width: '108px', sort: ({ mode }) => RANKS[mode], cell: ({ mode, because }) => <Speaks mode={mode} because={because} /> },
  { id: 'operations', className: 'wide-only', head: 'For operations', width: '18%', cell: ({ control }) => <T>{control.protects.operations}</T> },
  { id: 'security', className: 'wide-only', head: 'For security', width: '18%', cell: ({ control }) => <T>{control.protects.security}</T> },
  { id: 'owner', className: 'wide-only', head: 'Owner', sort: ({ control }) => control.owner, cell: ({ control }) => <Owner team={control.owner} /> },
  { id: 'stopped', head: 'Stopped, or would have', className: 'num controls-stopped', sort: ({ measure }) => (measure ? measure.stopped * 1e6 + measure.would_have_stopped : 0), cell: ({ measure }) => <Stopped measure={measure} /> },
  { id: 'said', className: 'wide-only', head: 'Answers', sort: ({ measure }) => said(measure), cell: ({ measure }) => <Said measure={measure} /> },
  { id: 'exceptions', head: 'Exempt', className: 'wide-only num', sort: ({ measure }) => measure?.exceptions.in_force ?? 0, cell: ({ measure }) => measure?.exceptions.in_force || <span className="soft">–</span> },
  { id: 'review', className: 'wide-only', head: 'Review', sort: ({ control }) => millis(control.review_by) || 0, cell: ({ control }) => <span className="nowrap"><Ago at={control.review_by} /></span> },
]

const said = (measure: Measure | undefined) => (measure ? measure.said.unanswered * 1e6 + measure.said.hurt * 1e3 + measure.said.helped : 0)

/** What it stopped or would have, of how often it was asked. */
export function Stopped({ measure }: { measure: Measure | undefined }) {
  if (!measure?.asked) return <span className="soft">–</span>
  return (
    <span className="nowrap" title={`${measure.stopped} stopped, ${measure.would_have_stopped} would have been, of ${measure.asked} askings`}>
      {measure.stopped > 0 && <b>{count(measure.stopped)} </b>}
      {measure.would_have_stopped > 0 && <>{measure.stopped > 0 ? '+ ' : ''}{count(measure.would_have_stopped)} </>}
      <span className="soft">{measure.stopped + measure.would_have_stopped === 0 ? '0 ' : ''}of {count(measure.asked)}</span>
    </span>
  )
}

export function Said({ measure }: { measure: Measure | undefined }) {
  const said = measure?.said
  const parts = said ? ([['helped', said.helped], ['hurt', said.hurt], ['asked', said.questions + said.requests]] as const).filter(([, number]) => number > 0) : []
  if (!said || parts.length === 0) return <span className="soft">–</span>
  return (
    <>
      <span className="nowrap">{parts.map(([word, number]) => `${number} ${word}`).join(', ')}</span>
      {said.unanswered > 0 && <div><Badge kind="medium" title="Waits for a reply of its owner">{said.unanswered} unanswered</Badge></div>}
    </>
  )
}
