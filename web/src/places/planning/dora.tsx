// DORA's measures and their twins of security, each against its own past. Of systems and teams, never of persons.
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Empty, Section, Shown } from '../../parts/basic'
import { many, percent } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { span } from '../../parts/time'
import type { MeasureOf, Month } from './shapes'
import './planning.css'

/** What each is called, where it belongs, which way is better, and what is counted. */
const MEASURES: [MeasureOf, string, string, 'up' | 'down', string][] = [
  ['deployment_frequency', 'Deployments a day', 'DORA', 'up', 'days'],
  ['lead_time_p50', 'Commit to production, median', 'DORA', 'down', 'commits'],
  ['change_fail_rate', 'Changes that failed', 'DORA', 'down', 'changes'],
  ['failed_deployment_recovery_time', 'Back after a failed change', 'DORA', 'down', 'failures'],
  ['rework_rate', 'Rework', 'DORA', 'down', 'deployments'],
  ['security_feedback_p50', 'Commit to a scanner’s word, median', 'Security', 'down', 'commits'],
  ['fix_time_p50', 'Finding to fix, median', 'Security', 'down', 'findings'],
  ['fix_time_p90', 'Finding to fix, nine of ten', 'Security', 'down', 'findings'],
  ['escape_rate', 'Findings first seen in production', 'Security', 'down', 'findings'],
]

function written(value: number | null, unit: string): string {
  if (value === null) return '–'
  if (unit === 'share') return percent(value)
  if (unit === 'seconds') return span(value * 1000)
  return value < 10 ? value.toFixed(2).replace(/\.?0+$/, '') : String(Math.round(value))
}

export function Dora() {
  const [url, set] = useUrl()
  const months = url.months ?? '6'
  const dora = useGet('/api/v1/dora', { query: { months } }, { keep: true })
  return (
    <Shown of={dora}>
      {({ services, teams }) => {
        const all: Record<string, Month[]> = { ...teams, ...services }
        const names = Object.keys(all).filter((name) => /^(team|service):/.test(name))
        const name = url.of && all[url.of] ? url.of : names[0]
        const of = name ? all[name] : undefined
        return (
          <>
            <div className="row" hidden={!of}>
              <label className="row">Of <select className="select" value={name ?? ''} onChange={(event) => set({ of: event.target.value })}>{names.map((one) => <option key={one} value={one}>{plain(one)}</option>)}</select></label>
              <label className="row">Over <select className="select" value={months} onChange={(event) => set({ months: event.target.value })}>{['3', '6', '12'].map((one) => <option key={one} value={one}>{one} months</option>)}</select></label>
            </div>
            {!of ? <Empty title="No change was told yet"><p>Deployments come by <code>POST /api/v1/changes</code>, or by the webhooks of GitHub and GitLab: <code>docs/changes.md</code> shows both.</p></Empty> : (
              ['DORA', 'Security'].map((kind) => (
                <Section key={kind} title={kind === 'DORA' ? 'Delivery' : 'Security’s twins'} told={<T>{name}</T>}>
                  <div className="planning-dora">{MEASURES.filter(([, , of]) => of === kind).map(([id, title, , good, counted]) => <One key={id} id={id} title={title} good={good} counted={counted} months={of} />)}</div>
                </Section>
              ))
            )}
          </>
        )
      }}
    </Shown>
  )
}

/** Less of a difference is none. */
const ALIKE = 0.05
/** What a value rests on: a middle says nothing of two. */
const amount = ({ unit, numerator, denominator }: Month[MeasureOf], counted: string) => (unit === 'seconds' ? `of ${many(denominator, counted.replace(/s$/, ''), counted)}` : unit === 'share' ? `${numerator} of ${many(denominator, counted.replace(/s$/, ''), counted)}` : `${numerator} in ${many(denominator, 'day')},`)

function One({ id, title, good, counted, months }: { id: MeasureOf; title: string; good: 'up' | 'down'; counted: string; months: Month[] }) {
  const points = months.map((month) => ({ month: month.month, measure: month[id] }))
  const values = points.map(({ measure }) => measure?.value ?? null)
  const last = points.at(-1)?.measure
  const newest = points.findLast(({ measure }) => measure && measure.value !== null)
  const before = values.filter((value, at): value is number => value !== null && points[at] !== newest)
  const usual = before.length > 0 ? before.toSorted((a, b) => a - b)[Math.floor(before.length / 2)]! : null
  const value = newest?.measure?.value ?? null
  const other = value !== null && usual !== null && Math.abs(value - usual) > ALIKE * Math.max(Math.abs(usual), Math.abs(value))
  const better = other ? (value > usual) === (good === 'up') : null
  const most = Math.max(...values.map((one) => one ?? 0), 1e-9)
  const unit = newest?.measure?.unit ?? last?.unit ?? ''
  return (
    <figure>
      <figcaption className="soft small">{title}</figcaption>
      <div className="row"><b>{written(value, unit)}</b>{better !== null ? <span className="small" style={{ color: better ? 'var(--good)' : 'var(--high)' }}>{better ? 'better' : 'worse'} than its usual {written(usual, unit)}</span> : usual !== null && value !== null && <span className="soft small">as usual</span>}</div>
      <svg viewBox={`0 0 ${points.length * 20} 44`} preserveAspectRatio="none" role="img" aria-label={points.map(({ month, measure }) => `${month}: ${written(measure?.value ?? null, unit)}`).join(', ')}>
        {values.map((one, at) => one === null ? <rect key={at} x={at * 20 + 2} y={42} width={16} height={2} fill="var(--edge-strong)" /> : <rect key={at} x={at * 20 + 2} y={44 - Math.max(2, (40 * one) / most)} width={16} height={Math.max(2, (40 * one) / most)} fill={points[at] === newest ? 'var(--accent)' : 'var(--edge-strong)'} />)}
      </svg>
      <span className="soft small planning-months"><span>{points[0]?.month}</span><span>{points.at(-1)?.month}</span></span>
      <span className="soft small">{value === null ? <T>{last?.missing ?? 'not known'}</T> : `${amount(newest!.measure!, counted)} in ${newest!.month}`}</span>
    </figure>
  )
}
