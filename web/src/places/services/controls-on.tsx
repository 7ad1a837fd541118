// The controls that hold a thing: how they speak, whom to ask, and what exempts it.
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../../api/client'
import { AnswerBar } from '../../parts/answer'
import { Badge, Section } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count } from '../../parts/number'
import type { Column } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { At } from '../../parts/time'
import { Capped } from './bits'

type On = Schemas['InForce']
export type Held = Pick<Schemas['Controls'], 'controls' | 'exceptions' | 'count'>

const ORDER = ['enforce', 'warn', 'observe']
/** What only observes stops nobody, and is answered on its own page. */
const SPEAKS = ['enforce', 'warn']
const KINDS: Record<string, 'critical' | 'medium' | 'plain'> = { enforce: 'critical', warn: 'medium', observe: 'plain' }

export function ControlsOn({ held, entity }: { held: Held; entity: string }) {
  const rows = held.controls.toSorted((one, other) => ORDER.indexOf(one.mode) - ORDER.indexOf(other.mode))
  const exempt = (name: string) => held.exceptions.find((one) => one.control === name && (one.entity === null || one.entity === entity))
  const columns: Column<On>[] = [
    { id: 'mode', head: 'Now', sort: ({ mode }) => ORDER.indexOf(mode), cell: ({ mode, because }) => <span title={because ? plain(because.reason) : undefined}><Badge kind={KINDS[mode] ?? 'plain'}>{plain(mode)}</Badge></span> },
    { id: 'title', head: 'Control', sort: ({ control }) => control.title, cell: ({ control, because }) => (
      <span className="col services-tight">
        <Link to="/controls/$name" params={{ name: control.name } as never}><T>{control.title}</T></Link>
        {because && <span className="soft small"><T>{because.kind}</T>: <T>{because.reason}</T>, until <At at={because.until} /></span>}
      </span>
    ) },
    { id: 'security', head: 'For security', cell: ({ control }) => <span className="small soft"><T>{control.protects.security}</T></span> },
    { id: 'operations', head: 'For operations', cell: ({ control }) => <span className="small soft"><T>{control.protects.operations}</T></span> },
    { id: 'asked', head: 'Is asked', sort: ({ control }) => control.owner, cell: ({ control }) => <span className="row services-close"><Owner team={control.owner} />{control.ask && <span className="soft small"><T>{control.ask}</T></span>}</span> },
    { id: 'exempt', head: 'Exempt', cell: ({ control }) => { const one = exempt(control.name); return one ? <span className="small"><T>{one.reason}</T> <span className="soft">(<T>{one.owner}</T>, until <At at={one.until} />{one.environment ? <>, <T>{one.environment}</T></> : null})</span></span> : <span className="soft">–</span> } },
    { id: 'answer', head: 'Answer', cell: ({ control, mode }) => (SPEAKS.includes(mode) ? <AnswerBar about={{ control: control.name, entity }} /> : <Link to="/controls/$name" params={{ name: control.name } as never} className="soft">says nothing yet</Link>) },
  ]
  return (
    <Section title="Controls that hold it" told={`${count(rows.length)}, ${count(rows.filter(({ mode }) => mode === 'enforce').length)} of them stop something`}>
      <Capped label="Controls" rows={rows} columns={columns} id={({ control }) => control.name} empty="No control holds it." />
    </Section>
  )
}
