// The roadmap: by time, with who is affected by what and when it begins to restrict.
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Empty, Paste, Section, Shown, Trouble } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { plain, T } from '../../parts/text'
import { many } from '../../parts/number'
import type { Initiative } from './shapes'
import './planning.css'

const HORIZONS = [['now', 'Now'], ['next', 'Next'], ['later', 'Later, to five years']] as const
const DAY = 86_400_000
const EXAMPLE = `# knowledge/roadmap/signed-commits.yaml
initiative: Signed commits everywhere
why: {operations: We know what runs., security: No foreign code.}
horizon: now
owner: security
teams: [shop, payments]
from: 2026-11-12
restricts: 2027-01-01
until: 2027-02-10`

export function Roadmap() {
  const [url, set] = useUrl()
  const all = useGet('/api/v1/roadmap', { query: { team: url.team } }, { keep: true })
  return (
    <Shown of={all}>
      {({ roadmap, problems }) => {
        const teams = [...new Set(roadmap.flatMap((one) => [one.owner, ...one.teams]))].toSorted()
        return (
          <>
            {problems.map((problem) => <Trouble key={problem} error={new Error(problem)} />)}
            <div className="row">
              <label className="row">Team <select className="select" value={url.team ?? ''} onChange={(event) => set({ team: event.target.value })}><option value="">All teams</option>{[...new Set([...teams, ...(url.team ? [url.team] : [])])].map((team) => <option key={team}>{team}</option>)}</select></label>
              <span className="told" role="status">{many(roadmap.length, 'initiative')}</span>
            </div>
            {roadmap.length === 0 ? (
              <Empty title={url.team ? `Nothing is planned for ${plain(url.team)}` : 'Nothing is planned yet'}>
                <p>An initiative is a file. The teams it affects hear of it before anything restricts them.</p>
                <Paste text={EXAMPLE} />
              </Empty>
            ) : (
              <>
                <Time all={roadmap} />
                {HORIZONS.map(([horizon, name]) => {
                  const here = roadmap.filter((one) => one.horizon === horizon)
                  return here.length > 0 && <Section key={horizon} title={name} told={here.length}>{here.map((one) => <One key={one.id} one={one} />)}</Section>
                })}
              </>
            )}
          </>
        )
      }}
    </Shown>
  )
}

/** All of it on one line of time. */
function Time({ all }: { all: Initiative[] }) {
  const dated = all.filter((one) => one.from && one.until)
  if (dated.length === 0) return null
  const now = Date.now()
  const start = Math.min(now, ...dated.map((one) => Date.parse(one.from!))) - 20 * DAY
  const end = Math.max(now, ...dated.map((one) => Date.parse(one.until!))) + 20 * DAY
  const at = (time: number) => `${((100 * (time - start)) / (end - start)).toFixed(2)}%`
  // Where there is no room right of the beginning, a name ends with its bar.
  const late = (one: Initiative) => Date.parse(one.from!) > start + 0.55 * (end - start)
  const years = Array.from({ length: new Date(end).getFullYear() - new Date(start).getFullYear() }, (_, index) => new Date(start).getFullYear() + index + 1)
  return (
    <div className="planning-time" role="img" aria-label={plain(dated.map((one) => `${one.title}: ${one.from} to ${one.until}`).join('; '))}>
      {years.map((year) => <span key={year} className="planning-year" style={{ left: at(Date.UTC(year, 0, 1)) }}>{year}</span>)}
      <span className="planning-now" style={{ left: at(now) }}>now</span>
      {dated.map((one) => (
        <div key={one.id} className="planning-line">
          <span className={`planning-bar ${one.horizon}`} style={{ left: at(Date.parse(one.from!)), width: `calc(${at(Date.parse(one.until!))} - ${at(Date.parse(one.from!))})` }} />
          {one.restricts && <span className="planning-restricts" style={{ left: at(Date.parse(one.restricts)) }} title={`restricts from ${one.restricts}`} />}
          <span className="planning-name" style={late(one) ? { right: `calc(100% - ${at(Date.parse(one.until!))})` } : { left: at(Date.parse(one.from!)) }}><T>{one.title}</T></span>
        </div>
      ))}
    </div>
  )
}

function One({ one }: { one: Initiative }) {
  return (
    <article className="planning-one">
      <div className="row">
        <h3><T>{one.title}</T></h3>
        <Owner team={one.owner} />
        <span className="soft">{one.from ?? '?'} – {one.until ?? '?'}</span>
        {one.restricts && <Badge kind="high">restricts from {one.restricts}; told {one.notice_days} days before</Badge>}
      </div>
      <p><span className="soft">Operations:</span> <T>{one.for_operations}</T> <span className="soft">Security:</span> <T>{one.for_security}</T></p>
      <p className="soft small">Affects <T>{one.teams.join(', ') || 'nobody named'}</T>{one.controls.length > 0 && <>; comes with <T>{one.controls.join(', ')}</T></>}</p>
      {one.steps.length > 0 && <ol>{one.steps.map((step) => <li key={step}><T>{step}</T></li>)}</ol>}
    </article>
  )
}
