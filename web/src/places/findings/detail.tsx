// A finding: why it is urgent, why it matters to both sides, where it is, how it came in, and what mends it.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { AnswerBar } from '../../parts/answer'
import { Badge, Button, Empty, Facts, LevelMark, Section, Shown } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { useControls } from '../controls/data'
import { ControlLink, ModeMark } from '../controls/parts'
import { Acting, useActs } from './bulk'
import { behindFinding, component, fixes, names, partName, useWhy } from './data'
import { Life } from './life'
import { Rank } from './rank'
import type { Named, Row } from './shapes'
import { Source } from './source'
import { useMayFor, useTakeBack } from './triage'

export function Detail({ id, row, at, close }: { id: string; row: Row | undefined; at: string | undefined; close: () => void }) {
  const why = useWhy(id, at)
  const found = why.data?.findings[0]
  const title = found ?? row
  return (
    <Drawer title={title ? <><LevelMark level={title.severity} /> <T>{title.title}</T></> : `Finding ${id}`} onClose={close}>
      <Shown of={why} lines={9}>
        {({ findings: [one] }) => (one ? <One finding={one} row={row} /> : <Empty title={`There is no finding ${id}`}><p>It may be of a dataset that you do not see, or of another time. What is fixed stays: choose the state fixed.</p></Empty>)}
      </Shown>
    </Drawer>
  )
}

function One({ finding, row }: { finding: Named; row: Row | undefined }) {
  const part = component(finding)
  const aliases = names(finding)
  return (
    <>
      <Acts row={{ ...finding, days: row?.days ?? 0 }} />
      <Suppressed finding={finding} />
      {finding.message && finding.message !== finding.title && <p className="wrap"><T>{finding.message}</T></p>}
      <Facts
        rows={[
          ['State', <><b key="state">{finding.state}</b>, found <Ago at={finding.found} /></>],
          ['Owner', <><Owner key="owner" team={finding.owner?.team} /> <span className="soft">{finding.owner ? <T>{finding.owner.because}</T> : 'name one: it is in nobody’s list'}</span></>],
          ['Of', <Entity key="of" name={finding.entity} />],
          ['Rule', <Link key="rule" to="/findings" search={{ rule: finding.rule } as never} title="All of this rule"><T>{finding.rule}</T></Link>],
          ['Part', part && <Link to="/findings" search={{ tab: 'parts', part } as never} title="All that have it"><T>{`${partName(part).name} ${partName(part).version}`}</T></Link>],
          ['Advisory', aliases.length > 0 && aliases.map((name, at) => <span key={name}>{at > 0 && ', '}<Link to="/findings" search={{ tab: 'parts', part: name } as never}><T>{name}</T></Link></span>)],
          ['Found by', finding.found_by && <><T>{finding.found_by.tool}</T> <span className="soft"><T>{[finding.found_by.version, finding.found_by.branch, finding.found_by.commit?.slice(0, 10)].filter(Boolean).join(', ')}</T></span></>],
        ]}
      />
      <Source finding={finding} />
      <Mends finding={finding} />
      <Reason finding={finding} />
      <Section title="Why here in the list" told={`${finding.rank.score.toFixed(1)} of 100, from ${many(finding.rank.terms.length, 'term')}`}><Rank rank={finding.rank} /></Section>
      <Runs finding={finding} />
      <Section title="Its life" told={many(finding.steps.length, 'step')}><Life finding={finding} /></Section>
    </>
  )
}

function Acts({ row }: { row: Row }) {
  const [act, setAct] = useState<'suppress' | 'hand'>()
  const may = useActs([row])
  if (!may.suppress && !may.hand) return null
  return (
    <div className="row">
      {may.suppress && row.suppressed?.decision == null && row.state !== 'fixed' && <Button onClick={() => setAct('suppress')}>Suppress …</Button>}
      {may.hand && <Button onClick={() => setAct('hand')}>Hand to an owner …</Button>}
      {act && <Acting act={act} rows={[row]} close={() => setAct(undefined)} />}
    </div>
  )
}

/** What hides it: reason, owner, end, and how to answer; here or in the code. */
function Suppressed({ finding }: { finding: Named }) {
  const back = useTakeBack()
  const may = useMayFor('responder', [{ owner: finding.suppressed && { team: finding.suppressed.owner } }])
  const hidden = finding.suppressed
  if (!hidden) return null
  if (hidden.decision === null) {
    return <p className="note"><b>{hidden.expired ? 'Was hidden' : 'Hidden'}</b> {hidden.by && <>by <T>{hidden.by}</T> </>}until <At at={hidden.ends} />: <T>{hidden.reason || 'without a reason'}</T>{hidden.owner && <>. Answered for by <Owner team={hidden.owner} /></>}. It is said where the code is: change it there.</p>
  }
  const id = hidden.decision
  return (
    <div className="note col">
      <span><b>Suppressed</b> until <At at={hidden.ends} />: <T>{hidden.reason}</T>. Answered for by <Owner team={hidden.owner} />. It counts in no list and in no check.</span>
      <div className="row">
        <AnswerBar about={{ to: id, entity: finding.entity ?? undefined }} exception={false} />
        <Link to="/controls" search={{ tab: 'exceptions', open: String(id) } as never}>Renew</Link>
        {may && <Button disabled={back.isPending} onClick={() => back.mutate(id)}>Take it back</Button>}
      </div>
    </div>
  )
}

/** Why the rule is there, for both sides: the control behind it. */
function Reason({ finding }: { finding: Named }) {
  const controls = useControls().data?.controls
  const behind = behindFinding(controls, finding)
  if (!behind) return <Section title="Why it matters">{controls && <p className="soft">No control stands behind the rule <code>{plain(finding.rule)}</code>: nobody says why it matters here, and nobody would hear an answer. Name it under <code>rules</code> in a control’s file.</p>}</Section>
  const { control, mode } = behind
  return (
    <Section title="Why it matters">
      <div className="row"><ControlLink name={control.name} title={control.title} /><ModeMark mode={mode} /><span className="soft small">of {control.owner}</span></div>
      <Facts
        rows={[
          ['For operations', <T key="operations">{control.protects.operations}</T>],
          ['For security', <T key="security">{control.protects.security}</T>],
          ['Without it', <T key="threat">{control.threat}</T>],
          ['Standards', Object.entries(control.standards).map(([catalog, ids]) => <span key={catalog} className="findings-standard"><span className="soft">{catalog}</span> {ids.join(', ')} </span>)],
        ]}
      />
      <AnswerBar about={{ control: control.name, entity: finding.entity ?? undefined, facts: [finding.id] }} />
    </Section>
  )
}

function Mends({ finding }: { finding: Named }) {
  const versions = finding.fix.versions.length ? finding.fix.versions : fixes(finding)
  const text = typeof finding.evidence.fix === 'string' ? finding.evidence.fix : undefined
  const { commit, change } = finding.fix
  const told = versions.length > 0 || text || commit || change || finding.waiting.length > 0
  return (
    <Section title="What mends it">
      {!told && <p className="soft">{component(finding) ? 'There is no version without it yet: close the way to it, or take it out.' : <>The rule’s page says how: <code>tandem scan --explain {plain(finding.rule)}</code>, with cases that fire and cases that do not.</>}</p>}
      <Facts
        rows={[
          ['Raise it to', versions.length > 0 && <b><T>{versions.join(', ')}</T></b>],
          ['How', text && <T>{text}</T>],
          ['Fixed by', (commit || change) && <>{commit && <code>{commit.slice(0, 12)}</code>} {change && <><T>{change.kind}</T> <T>{change.version ?? ''}</T> <Ago at={change.at} /></>}</>],
          ['Still to deploy', finding.waiting.length > 0 && finding.waiting.map((name) => <div key={name}><Entity name={name} /></div>)],
        ]}
      />
    </Section>
  )
}

function Runs({ finding }: { finding: Named }) {
  return (
    <Section title="Where it runs, and how it came in" told={many(finding.places, 'place')}>
      <Facts
        rows={[
          ['Runs', finding.runs.length > 0 ? finding.runs.map((name) => <div key={name}><Entity name={name} /></div>) : <span className="soft">nowhere, as far as is known</span>],
          ['More', finding.places > finding.runs.length && `${finding.places - finding.runs.length} places`],
          ['Came by', finding.via.length > 0 && <ol className="findings-via">{finding.via.map((one, at) => <li key={at}><T>{one}</T></li>)}</ol>],
          ['Since', finding.since ? <><Badge kind="plain">{finding.since.kind}</Badge> <T>{finding.since.version ?? ''}</T> of <Entity name={finding.since.entity} /> <Ago at={finding.since.at} /></> : <span className="soft">no change is known that brought it</span>],
        ]}
      />
    </Section>
  )
}
