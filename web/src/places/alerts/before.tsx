// What the last alerts of a rule turned out to be, and what the ledger of rules says of it.
import { Link } from '@tanstack/react-router'
import type { Answer } from '../../api/client'
import { useGet } from '../../api/queries'
import { Section } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { T } from '../../parts/text'
import { Ago, span } from '../../parts/time'
import { OutcomeMark } from './marks'
import type { Row } from './shapes'

const LAST_ROWS = 5

type Score = Answer<'/api/v1/rules/ledger'>['rows'][number]
/** What became of them; what none of them was is left out. */
const outcomes = (score: Score) => ([[score.confirmed, 'true'], [score.benign, 'benign'], [score.false, 'false'], [score.ignored, 'ignored'], [score.suppressed, 'hidden']] as const).filter(([many]) => many > 0).map(([many, word]) => `${count(many)} ${word}`)

export function Before({ row }: { row: Row }) {
  const past = useGet('/api/v1/alerts', { query: { rule: row.rule, state: 'resolved', order: 'last', limit: LAST_ROWS + 1 } })
  const ledger = useGet('/api/v1/rules/ledger', { query: { rule: row.rule } })
  const page = past.data
  const rows = (page?.rows ?? []).filter(({ id }) => id !== row.id).slice(0, LAST_ROWS)
  const score = (ledger.data?.rows ?? []).find(({ team }) => team === (row.team ?? ''))
  return (
    <Section title="Earlier outcomes" told={page && `${many(page.counts.all, 'alert')} closed`} aside={<Link to="/alerts" search={{ rule: row.rule, state: 'all', order: 'last' } as never}>All of this rule</Link>}>
      {page && rows.length === 0 && <p className="soft">No alert of this rule was closed yet. What this one turns out to be stands here for the next.</p>}
      {rows.length > 0 && (
        <ul className="alerts-lines-list">
          {rows.map((one) => (
            <li key={one.id} className="row">
              <span className="alerts-outcome">{one.outcome && <OutcomeMark outcome={one.outcome} />}</span>
              <Link to="/alerts/$id" params={{ id: String(one.id) } as never}><Ago at={one.closed ?? one.last} /></Link>
              <Entity name={one.entity} />
              {one.closed && <span className="soft small">open for {span(Date.parse(one.closed) - Date.parse(one.opened))}</span>}
            </li>
          ))}
        </ul>
      )}
      {score && (
        <p className="small soft">
          In 30 days{row.team && <> for <T>{row.team}</T></>}: {[many(score.alerts, 'alert'), ...outcomes(score)].join(', ')}
          {score.median_seconds_to_acknowledge !== null && `; half acknowledged within ${span(1000 * score.median_seconds_to_acknowledge)}`}.
        </p>
      )}
      {score?.proposal && <p className="note"><strong>Proposed: {score.proposal.advice} this rule. </strong><T>{score.proposal.why}</T> <Link to="/alerts" search={{ tab: 'ledger' } as never}>Ledger</Link></p>}
    </Section>
  )
}
