// The life of a finding: when it was found, gone, and back; by which scan or change.
import { Badge } from '../../parts/basic'
import { plain, T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import type { Named, Step } from './shapes'

const KINDS: Record<string, 'high' | 'good' | 'medium'> = { found: 'medium', fixed: 'good', back: 'high' }

export function Life({ finding }: { finding: Named }) {
  const steps = [...finding.steps].reverse()
  return (
    <ol className="steps">
      {steps.map((step, at) => (
        <li key={at}>
          <span title={plain(step.at)}><Ago at={step.at} /></span>
          <span><Badge kind={KINDS[step.what] ?? 'low'}>{step.what}</Badge> <By step={step} finding={finding} last={at === 0} /> <span className="soft small"><At at={step.at} /></span></span>
        </li>
      ))}
    </ol>
  )
}

/** By what: the scan that said it, or the deployment that brought it. */
function By({ step, finding, last }: { step: Step; finding: Named; last: boolean }) {
  const scan = [finding.found_by, finding.fixed_by].find((one) => one && one.id === step.scan)
  const change = [finding.since, finding.fix.change, finding.fixed_by_change].find((one) => one && one.id === step.change)
  if (change) return <>by the <T>{change.kind}</T> <T>{change.version ?? ''}</T></>
  if (scan) return <>by <T>{scan.tool}</T>{scan.commit && <> at <code>{scan.commit.slice(0, 10)}</code></>}{scan.branch && <> on <T>{scan.branch}</T></>}{scan.version && !scan.commit && <> of <T>{scan.version}</T></>}{last && finding.state === 'fixed' && finding.fix.change && <>, by the <T>{finding.fix.change.kind}</T> <T>{finding.fix.change.version ?? ''}</T></>}</>
  return <>by <T>{step.origin.replace(/^scan:/, '')}</T></>
}
