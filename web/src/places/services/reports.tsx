// Reports of the inventory: what is covered, what is nobody's, what is open, and how that grows.
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Link } from '@tanstack/react-router'
import { Section, Shown } from '../../parts/basic'
import { count, many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { useAsOf } from './asof'
import { Capped } from './bits'
import { REPORTS, type ReportKind } from './report-kinds'
import type { Report } from './shapes'

export default function Reports() {
  const [url] = useUrl()
  const chosen = REPORTS.find(({ id }) => id === url.report) ?? REPORTS[0]!
  return (
    <div className="services-reports">
      <nav aria-label="Reports">
        {REPORTS.map(({ id, name, about }) => (
          <Link key={id} to="." search={{ tab: 'reports', report: id, at: url.at } as never} aria-current={id === chosen.id ? 'page' : undefined} title={about}>{name}</Link>
        ))}
      </nav>
      <One key={chosen.id} report={chosen} />
    </div>
  )
}

function One({ report }: { report: ReportKind }) {
  const { iso, at } = useAsOf()
  const [url, set] = useUrl()
  const given = report.given && (url[report.given.name] ?? report.given.usual)
  const answer = useGet('/api/v1/inventory/{report}', { path: { report: report.id }, query: { ...(iso ? { at: iso } : {}), ...(report.given ? { [report.given.name]: given } : {}) } }, { keep: true })
  const data = answer.data as Report<Record<string, unknown>> | undefined
  return (
    <Section title={report.name} told={data && `${many(data.count, 'row')}, from ${(data.from ?? []).join(', ') || 'what was received'}`}
      aside={report.given && (
        <label className="row small">{report.given.label}
          <select className="select" value={given} onChange={(event) => set({ [report.given!.name]: event.target.value })}>
            {report.given.options.map((option) => <option key={option} value={option}>{option}</option>)}
          </select>
        </label>
      )}>
      <p className="soft">{report.about}</p>
      <Shown of={answer as typeof answer & { data: Report<Record<string, unknown>> | undefined }}>
        {(shown) => (
          <div className="col">
            <Totals totals={shown.totals ?? {}} name={report.totals} />
            {report.chart?.(shown.rows)}
            <Capped label={report.name} rows={report.newest ? shown.rows.toReversed() : shown.rows} columns={report.columns(at)} id={(row) => report.key(row)} empty={report.empty} truncated={shown.truncated} keys />
          </div>
        )}
      </Shown>
    </Section>
  )
}

function Totals({ totals, name }: { totals: Record<string, number>; name: Record<string, string> | undefined }) {
  const known = Object.entries(totals).filter(([key]) => name?.[key])
  if (known.length === 0) return null
  return (
    <div className="figures">
      {known.map(([key, value]) => <span key={key} className="figure"><b>{count(value)}{name![key]!.startsWith('%') ? ' %' : ''}</b><span><T>{plain(name![key]!.replace(/^% ?/, ''))}</T></span></span>)}
    </div>
  )
}
