// The way of a service from commit to what runs, with the time that each step takes.
import { useGet } from '../../api/queries'
import { useReport } from '../../api/reports'
import { useUrl } from '../../app/url'
import { Empty, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count, percent } from '../../parts/number'
import { plain } from '../../parts/text'
import { span } from '../../parts/time'
import type { Measure, MeasureOf, Month } from './shapes'
import './planning.css'

interface Step { name: string; about: string; value: string | null; missing: string }
const last = (months: Month[], id: MeasureOf) => months.map((month) => month[id]).findLast((measure) => measure && measure.value !== null)
const time = (measure: Measure | undefined) => (measure?.value == null ? null : span(measure.value * 1000))

export function Stream() {
  const [url, set] = useUrl()
  const dora = useGet('/api/v1/dora', { query: { months: 6 } })
  const coverage = useReport('coverage')
  return (
    <Shown of={dora}>
      {({ services }) => {
        const names = Object.keys(services).filter((name) => name.startsWith('service:')).toSorted()
        const name = url.of && services[url.of] ? url.of : names[0]
        const months = name ? services[name]! : undefined
        if (!name || !months) return <Empty title="No change of a service was told yet"><p>Deployments come by <code>POST /api/v1/changes</code>, or by the webhooks of GitHub and GitLab.</p></Empty>
        const deployed = last(months, 'deployment_frequency')
        const failed = last(months, 'change_fail_rate')
        const steps: Step[] = [
          { name: 'Commit', about: 'deployments in the last month that had any', value: deployed ? count(deployed.numerator) : null, missing: 'no commit is known to be in a deployment' },
          { name: 'First scan', about: 'until half of the commits were scanned', value: time(last(months, 'security_feedback_p50')), missing: 'no scanner told of a commit: send scans from the pipeline' },
          { name: 'Production', about: 'until half of the commits were there', value: time(last(months, 'lead_time_p50')), missing: 'no deployment names its commits' },
          { name: 'It holds', about: 'of the changes stay as they are', value: failed?.value == null ? null : percent(1 - failed.value), missing: 'no deployment is known to have failed or held' },
          { name: 'Back after a failure', about: 'from the failure until it was over', value: time(last(months, 'failed_deployment_recovery_time')), missing: 'no failed deployment' },
          { name: 'A finding is fixed', about: 'until half of them were', value: time(last(months, 'fix_time_p50')), missing: 'no finding ended' },
        ]
        const owner = coverage.data?.rows.find(({ service }) => `service:${service}` === name)?.owned_by
        return (
          <>
            {url.of && url.of !== name && <p className="note">No change of <code>{plain(url.of)}</code> was told in these months: shown is another service.</p>}
            <div className="row"><label className="row">Service <select className="select" value={name} onChange={(event) => set({ of: event.target.value })}>{names.map((one) => <option key={one} value={one}>{plain(one.slice('service:'.length))}</option>)}</select></label></div>
            <Section title="From commit to what runs" told={<><Entity name={name} />{owner && <> of <Owner team={owner} /></>}</>}>
              <ol className="planning-flow">
                {steps.map((step) => (
                  <li key={step.name} className={step.value === null ? 'unknown' : undefined}>
                    <strong>{step.name}</strong>
                    {step.value === null ? <span className="soft small">not known: {step.missing}</span> : <><b>{step.value}</b><span className="soft small">{step.about}</span></>}
                  </li>
                ))}
              </ol>
            </Section>
          </>
        )
      }}
    </Shown>
  )
}
