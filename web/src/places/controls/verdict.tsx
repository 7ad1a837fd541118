// A verdict as people read it: ready, or not yet, because; for both sides, with the fix, whom to ask and how to answer.
import { Link } from '@tanstack/react-router'
import { AnswerBar } from '../../parts/answer'
import { Badge, Facts, LevelMark } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { many } from '../../parts/number'
import { Coded, plain, T } from '../../parts/text'
import { Ago, At, type Instant } from '../../parts/time'
import { ControlLink, ModeMark } from './parts'
import type { Asked, Reason, Verdict } from './shapes'

/** What was asked, in words. */
export function asked(of: Asked, named = true): string {
  const what = of.question === 'release' ? `release${of.version ? ` ${of.version}` : ''}` : `scale${of.from !== undefined || of.to !== undefined ? ` ${of.from ?? '?'} → ${of.to ?? '?'}` : ''}`
  return plain(`${what}${named ? ` of ${of.service}` : ''}${of.environment ? ` to ${of.environment}` : ''}`)
}

const WORDS = { ready: 'ready', undecided: 'undecided', not_yet: 'not yet' }
export function AnswerMark({ verdict }: { verdict: Pick<Verdict, 'answer' | 'stopped'> }) {
  const kind = verdict.stopped ? 'critical' : ({ ready: 'good', undecided: 'low', not_yet: 'medium' } as const)[verdict.answer]
  return <Badge kind={kind} title={verdict.stopped ? 'It stopped' : 'It let pass'}>{WORDS[verdict.answer]}{verdict.stopped ? ', stopped' : ''}</Badge>
}

export function VerdictView({ verdict, titled = true }: { verdict: Verdict; titled?: boolean }) {
  const { asked: of } = verdict
  return (
    <div className="col controls-verdict">
      <div className="row">
        <AnswerMark verdict={verdict} />
        {titled ? <b className="grow"><T>{asked(of)}</T></b> : <span className="grow" />}
        <span className="soft"><Ago at={verdict.at} /></span>
      </div>
      {verdict.answer === 'not_yet' && !verdict.stopped && <p className="soft">{verdict.passed_for_defence ? 'It was let pass for defence, and is looked at afterwards.' : 'It passes: no control that is enforced speaks against it. This is what would have been said.'}</p>}
      <Facts rows={[['Service', <Entity key="service" name={`service:${of.service}`} />], ['For defence', of.defence && <T>{of.defence}</T>]]} />
      <ol className="controls-reasons">{verdict.reasons.map((reason, at) => <One key={at} reason={reason} verdict={verdict} />)}</ol>
      <Waived all={verdict.waived} />
      {verdict.passed.length > 0 && <p className="soft small">{many(verdict.passed.length, 'check')} found nothing against it: {verdict.passed.join(', ')}.</p>}
    </div>
  )
}

/** What no check counts, since somebody suppressed it: why, who answers for it, and until when. */
function Waived({ all }: { all: Verdict['waived'] }) {
  if (all.length === 0) return null
  return (
    <>
      <p className="soft">{many(all.length, 'finding')} {all.length === 1 ? 'is' : 'are'} suppressed, and not counted:</p>
      <ul className="controls-waived">
        {all.map((one) => (
          <li key={one.finding}>
            <LevelMark level={one.severity} short /> <Link to="/findings" search={{ open: String(one.finding), suppressed: 'true' } as never}><T>{one.title}</T></Link> until <At at={one.until as Instant} date />: <T>{one.reason}</T> <span className="soft">(answered for by <Owner team={one.owner} />, <Link to="/controls" search={{ tab: 'exceptions', open: String(one.decision) } as never}>{one.decision}</Link>)</span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Checks that rest on findings: their facts can be opened. */
const OF_FINDINGS = ['exploited-component', 'critical-findings', 'secrets-found']
function Rests({ reason }: { reason: Reason }) {
  if (!OF_FINDINGS.includes(reason.check)) return <span className="soft">{reason.facts.join(', ')}</span>
  return <>{reason.facts.map((id, at) => <span key={id}>{at > 0 && ', '}<Link className="controls-intext" to="/findings" search={{ open: String(id), suppressed: 'true' } as never}>finding {id}</Link></span>)}</>
}

function One({ reason, verdict }: { reason: Reason; verdict: Verdict }) {
  const entity = `service:${verdict.asked.service}`
  const stops = reason.answer === 'not_yet' && reason.mode === 'enforce' && !reason.excepted
  return (
    <li className={stops ? 'stops' : ''}>
      <div className="row controls-head"><b className="grow wrap"><Coded>{reason.text}</Coded></b>{reason.answer === 'undecided' && <Badge kind="low">undecided</Badge>}{reason.excepted ? <Badge kind="good">excepted</Badge> : <ModeMark mode={reason.mode} />}</div>
      <Facts
        rows={[
          ['For operations', <T key="operations">{reason.for_operations}</T>],
          ['For security', <T key="security">{reason.for_security}</T>],
          ['Fix', <b key="fix"><Coded>{reason.fix}</Coded></b>],
          ['Control', <><ControlLink key="control" name={reason.control} /> <code className="soft small">{reason.check}</code></>],
          ['Owner', <><Owner key="owner" team={reason.owner} />{reason.ask && reason.ask !== reason.owner && <span className="soft">, ask <T>{reason.ask}</T></span>}</>],
          ['Mode because', reason.because && <><T>{reason.because.reason}</T> <span className="soft">({reason.because.kind}, ends <Ago at={reason.because.until} />)</span></>],
          ['Exception', reason.excepted !== null && <><Link className="controls-intext" to="/controls" search={{ tab: 'exceptions', open: String(reason.excepted) } as never}>{reason.excepted}</Link>, ends <At at={reason.excepted_until as Instant} date /></>],
          ['Facts', reason.facts.length > 0 && <Rests reason={reason} />],
        ]}
      />
      <AnswerBar about={{ ...(verdict.id ? { to: verdict.id } : {}), control: reason.control, entity, environment: verdict.asked.environment }} />
    </li>
  )
}
