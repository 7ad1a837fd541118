// A control: why it is there, for both sides, how it speaks and what made it so, what was said to it, and what it costs.
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../app/session'
import { AnswerBar } from '../../parts/answer'
import { Badge, Button, Empty, Facts, Head, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { useKeys } from '../../parts/keys'
import { late } from '../../parts/late'
import { Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, At, millis, span } from '../../parts/time'
import { Adjust } from './adjust'
import { AnswerList } from './answers'
import { useControl, useVerdicts } from './data'
import { Ends } from './ends'
import { Except } from './except'
import { Against, Proposals } from './friction'
import { Said, Stopped } from './list'
import { ModeMark, scope } from './parts'
import type { Adjustment, Control, Exception, Measure, OneControl } from './shapes'
import { AnswerMark, asked } from './verdict'
import './controls.css'

const Markdown = late(() => import('../../parts/markdown'))

export default function Page() {
  const { name = '' } = useParams({ strict: false }) as { name?: string }
  const of = useControl(name)
  if (of.error?.status === 404) {
    return (
      <div className="place controls fits">
        <Head title={plain(name)} />
        <Empty title="There is no such control"><p>Its file may have been renamed or taken out. <Link to="/controls" search={{} as never}>All controls</Link>, or what was decided about it in the <Link to="/controls" search={{ tab: 'audit', q: name } as never}>audit trail</Link>.</p></Empty>
      </div>
    )
  }
  return <div className="place controls fits"><Shown of={of} lines={10}>{(data) => <One data={data} />}</Shown></div>
}

function One({ data }: { data: OneControl }) {
  const { control, mode, because } = data.control
  const navigate = useNavigate()
  useKeys('The control', { Escape: { does: 'Back to the controls', run: () => void navigate({ to: '/controls' }) } })
  const may = useMay('editor', control.owner)
  const [acting, setActing] = useState<'adjust' | 'except'>()
  return (
    <>
      <Head title={<T>{control.title}</T>} back={<Link to="/controls" search={{} as never}>Controls</Link>} told={<><ModeMark mode={mode} /> <code>{control.name}</code></>}>
        {may && <Button onClick={() => setActing('adjust')}>Adjust …</Button>}
        {may && <Button onClick={() => setActing('except')}>Exempt …</Button>}
        <span className="row controls-say"><span className="soft">Tell its owner:</span><AnswerBar about={{ control: control.name }} /></span>
      </Head>
      {because && <p className="note">Its mode is <b>{mode}</b> because of {because.kind === 'lockdown' ? 'a lockdown' : 'an adjustment'}: <T>{because.reason}</T>. Answered for by {because.owner}, ends <At at={because.until} /> (<Ago at={because.until} />); then it is <b>{control.mode}</b> again.</p>}
      <div className="columns">
        <div className="col controls-main">
          <Why control={control} />
          {data.proposals.length > 0 && <Proposals proposals={data.proposals} />}
          <Section title="Answers" told={data.answers.length}><AnswerList rows={data.answers} empty="Nobody answered yet. Whoever it stops, warns or helps can say so above." /></Section>
          <Restrictions adjustments={data.adjustments} exceptions={data.exceptions} />
          <Verdicts control={control.name} />
        </div>
        <aside className="col controls-main">
          <About control={control} />
          {data.friction && <Numbers measure={data.friction} />}
        </aside>
      </div>
      {acting === 'adjust' && <Adjust control={control.name} mode={mode === 'enforce' ? 'warn' : 'enforce'} close={() => setActing(undefined)} />}
      {acting === 'except' && <Except control={control.name} close={() => setActing(undefined)} />}
    </>
  )
}

function Why({ control }: { control: Control }) {
  return (
    <Section title="Why it is there">
      <div className="controls-why">
        <div><h3>For operations</h3><p><T>{control.protects.operations}</T></p></div>
        <div><h3>For security</h3><p><T>{control.protects.security}</T></p></div>
        <div><h3>Without it</h3><p><T>{control.threat}</T></p></div>
      </div>
      {control.text && <Markdown text={control.text} />}
    </Section>
  )
}

function About({ control }: { control: Control }) {
  const due = millis(control.review_by) < Date.now()
  return (
    <Section title="About it">
      <Facts
        rows={[
          ['Owner', <Owner key="owner" team={control.owner} />],
          ['Who to ask', <T key="ask">{control.ask ?? control.owner}</T>],
          ['Mode in its file', <ModeMark key="mode" mode={control.mode} />],
          ['Holds from', control.effective && <><At at={control.effective} /> (<Ago at={control.effective} />)</>],
          ['Review', <>{due ? <Badge kind="high">due <Ago at={control.review_by} /></Badge> : <Ago key="review" at={control.review_by} />}</>],
          ['Affects', control.teams.length ? control.teams.join(', ') : 'all teams'],
          ['Checks', control.checks.length > 0 && <Names names={control.checks} />],
          ['Standards', Object.keys(control.standards).length > 0 && Object.entries(control.standards).map(([catalog, ids]) => <div key={catalog}><span className="soft">{catalog}</span> {ids.join(', ')}</div>)],
          ['Rules', control.rules.length > 0 && <Rules rules={control.rules} />],
        ]}
      />
    </Section>
  )
}

const Names = ({ names }: { names: string[] }) => <>{names.map((name) => <div key={name}><code>{name}</code></div>)}</>
/** Longer lists of rules are folded. */
const FIRST_RULES = 6
function Rules({ rules }: { rules: string[] }) {
  const [all, setAll] = useState(false)
  const shown = all ? rules : rules.slice(0, FIRST_RULES)
  return (
    <>
      {shown.map((rule) => <div key={rule} className="controls-rule">{rule.includes('*') ? <code>{rule}</code> : <Link to="/findings" search={{ rule } as never}><code>{rule}</code></Link>}</div>)}
      {rules.length > FIRST_RULES && <Button kind="quiet" onClick={() => setAll(!all)}>{all ? 'Fewer' : `${rules.length - FIRST_RULES} more`}</Button>}
    </>
  )
}

function Numbers({ measure }: { measure: Measure }) {
  const wait = measure.waiting.p50 === null ? undefined : `${span(measure.waiting.p50 / 1e6)} (median), ${span((measure.waiting.p95 ?? 0) / 1e6)} (95 of 100)`
  return (
    <Section title="In 30 days" aside={<Link to="/controls" search={{ tab: 'friction' } as never}>Compare with others</Link>}>
      <div className="figures">
        <div className="figure"><b>{measure.friction.toFixed(2)}</b><span title="Stopped askings, what hurt, waits and ways around it: 0 is none, 1 the most">friction, 0 to 1</span></div>
        <div className="figure"><b>{measure.risk.toFixed(2)}</b><span title="What it stands against: 0 is nothing known, 1 the most">risk, 0 to 1</span></div>
        <div className="figure"><b>{measure.asked}</b><span>times asked</span></div>
      </div>
      <Facts
        rows={[
          ['Stopped, or would have', <Stopped key="stopped" measure={measure} />],
          ['For defence', measure.for_defence || null],
          ['Undecided', measure.undecided || null],
          ['Excepted', measure.excepted || null],
          ['Answers', <Said key="said" measure={measure} />],
          ['Wrong', measure.said.wrong || null],
          ['Oldest question', measure.said.longest !== null && `waits ${span(measure.said.longest / 1e6)}`],
          ['Wait to pass', wait],
          ['Wait still', measure.waiting.open || null],
          ['Exceptions', measure.exceptions.made + measure.exceptions.renewed > 0 && `${measure.exceptions.made} made, ${measure.exceptions.renewed} renewed, ${measure.exceptions.in_force} in force`],
          ['Bypasses', measure.bypasses || null],
          ['Findings and alerts', <Against key="against" against={measure.against} />],
        ]}
      />
    </Section>
  )
}

function Restrictions({ adjustments, exceptions }: { adjustments: Adjustment[]; exceptions: Exception[] }) {
  const rows = [...adjustments.map((one) => ({ ...one, kind: `mode ${one.mode}` })), ...exceptions.map((one) => ({ ...one, kind: 'exempt' }))]
  return (
    <Section title="Adjusted and exempt" told={rows.length}>
      {rows.length === 0 ? <p className="soft">Nothing: it holds for all as its file says.</p> : (
        <Table label="Adjusted and exempt" rows={rows} id={({ decision }) => String(decision)} keys={false} columns={[
          { id: 'kind', head: 'What', cell: ({ kind }) => <span className="nowrap">{kind}</span> },
          { id: 'for', className: 'controls-for', head: 'For', cell: ({ entity, environment }) => <T>{scope(entity, environment)}</T> },
          { id: 'reason', head: 'Because', cell: ({ reason }) => <T>{reason}</T> },
          { id: 'owner', className: 'wide-only', head: 'Owner', cell: ({ owner }) => <Owner team={owner} /> },
          { id: 'until', head: 'Ends', cell: ({ until, decision, control }) => <><span className="nowrap"><Ago at={until} /></span><div className="narrow-only"><Ends id={decision} control={control} /></div></> },
          { id: 'acts', className: 'wide-only', head: <span className="hidden-visually">Acts</span>, cell: ({ decision, control }) => <Ends id={decision} control={control} /> },
        ]} />
      )}
    </Section>
  )
}

/** Verdicts that are shown here; the tab Checks has more. */
const FIRST_VERDICTS = 8
function Verdicts({ control }: { control: string }) {
  const of = useVerdicts()
  const rows = (of.data ?? []).flatMap((verdict) => verdict.reasons.filter((reason) => reason.control === control).map((reason) => ({ verdict, reason })))
  return (
    <Section title="What it spoke against" told={rows.length > FIRST_VERDICTS ? `${FIRST_VERDICTS} of ${rows.length}` : rows.length} aside={<Link to="/controls" search={{ tab: 'checks' } as never}>All checks</Link>}>
      <Shown of={of} lines={3}>
        {() => rows.length === 0 ? <p className="soft">Nothing that was asked of late.</p> : (
          <ul className="controls-answers">
            {rows.slice(0, FIRST_VERDICTS).map(({ verdict, reason }, at) => (
              <li key={at}>
                <div className="row"><AnswerMark verdict={verdict} /><Link to="/controls" search={{ tab: 'checks', open: String(verdict.id) } as never}><T>{asked(verdict.asked)}</T></Link><span className="soft small"><Ago at={verdict.at} /></span></div>
                <div className="soft"><T>{reason.text}</T></div>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Section>
  )
}
