// Small words about a row: where it stands, what it turned out to be, what is so of it.
import { Badge } from '../../parts/basic'
import { ago, Ago } from '../../parts/time'
import { OUTCOMES, type Row } from './shapes'

const MARKS: Record<string, string> = {
  inhibited: 'A worse alert about the same thing says it already, or the thing it runs on is not there',
  flapping: 'It came and went four times in an hour',
  digest: 'It is told in the digest at the end of the shift',
  quiet: 'Less than medium: it makes no notice of its own',
}
export function Marks({ row }: { row: Row }) {
  return <>{row.marks.map((mark) => <Badge key={mark} title={MARKS[mark] ?? mark}>{mark}</Badge>)}</>
}

export const OUTCOME_KIND: Record<string, 'critical' | 'good' | 'informational' | 'medium'> = { true: 'critical', benign: 'good', false: 'medium', ignored: 'medium' }
export function OutcomeMark({ outcome }: { outcome: string }) {
  return <Badge kind={OUTCOME_KIND[outcome] ?? 'informational'} title={OUTCOMES.find(({ value }) => value === outcome)?.label ?? outcome}>{outcome}</Badge>
}

export function StateMark({ row }: { row: Pick<Row, 'state' | 'outcome' | 'until' | 'kind'> }) {
  if (row.state === 'resolved') return <span className="row nowrap alerts-state"><span className="soft">{row.outcome ? 'closed as' : 'closed'}</span>{row.outcome && <OutcomeMark outcome={row.outcome} />}</span>
  if (row.state === 'snoozed') return <Badge title={row.until ? `wakes up ${ago(row.until)}` : undefined}>snoozed{row.until ? <>, <Ago at={row.until} /></> : null}</Badge>
  if (row.state === 'acknowledged') return <Badge kind="accent">acknowledged</Badge>
  return <Badge kind="high">open</Badge>
}
