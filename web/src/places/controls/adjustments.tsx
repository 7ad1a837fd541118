// Controls that speak otherwise than their files say, until a day.
import { useState } from 'react'
import { Button, Empty, Shown, Told } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { useMay } from '../../app/session'
import { Adjust } from './adjust'
import { useControls } from './data'
import { ControlLink, ModeMark, scope } from './parts'
import { Ends } from './ends'
import type { Adjustment } from './shapes'

export function Adjustments() {
  const controls = useControls()
  const editor = useMay('editor')
  const [asking, setAsking] = useState(false)
  const names = controls.data?.controls.map(({ control }) => control.name) ?? []
  return (
    <>
      <div className="row">
        {editor && <Button kind="primary" icon="plus" onClick={() => setAsking(true)}>Adjust a control</Button>}
        <span className="told"><Told shown={controls.data?.adjustments.length ?? 0} one="adjustment" /> in force; each ends by itself, then the control is as its file says</span>
      </div>
      <Shown of={controls}>
        {({ adjustments }) =>
          adjustments.length > 0 ? <Table label="Adjustments" rows={adjustments} columns={COLUMNS} id={({ decision }) => String(decision)} /> : (
            <Empty title="Every control is as its file says"><p>Its owner can relax or tighten a control for a service, an environment or all, with a reason and an end.</p></Empty>
          )
        }
      </Shown>
      {asking && <Adjust control={names[0] ?? ''} controls={names} close={() => setAsking(false)} />}
    </>
  )
}

const COLUMNS: Column<Adjustment>[] = [
  { id: 'control', head: 'Control', sort: ({ control }) => control, cell: ({ control }) => <ControlLink name={control} /> },
  { id: 'mode', head: 'Mode', cell: ({ mode }) => <ModeMark mode={mode} /> },
  { id: 'for', className: 'controls-for', head: 'For', cell: ({ entity, environment }) => <T>{scope(entity, environment)}</T> },
  { id: 'reason', className: 'wide-only', head: 'Because', width: '32%', cell: ({ reason }) => <T>{reason}</T> },
  { id: 'owner', className: 'wide-only', head: 'Owner', sort: ({ owner }) => owner, cell: ({ owner }) => <Owner team={owner} /> },
  { id: 'since', className: 'wide-only', head: 'Since', sort: ({ at }) => millis(at), cell: ({ at }) => <span className="nowrap"><Ago at={at} /></span> },
  { id: 'until', head: 'Ends', sort: ({ until }) => millis(until), cell: ({ until, decision, control }) => <><span className="nowrap"><Ago at={until} /></span><div className="narrow-only"><Ends id={decision} control={control} /></div></> },
  { id: 'acts', className: 'wide-only', head: <span className="hidden-visually">Acts</span>, cell: ({ decision, control }) => <Ends id={decision} control={control} /> },
]
