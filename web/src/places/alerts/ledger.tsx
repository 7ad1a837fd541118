// The ledger of rules: for each rule and team what came of its alerts, and what is proposed. It counts no person.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { post } from '../../api/client'
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Empty, LevelMark, Section, Shown } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, span } from '../../parts/time'
import { OutcomeMark } from './marks'
import { LEVELS, type Score } from './shapes'

type Last = Map<string, { outcome: string; closed: string }>

/** What the last alert that somebody judged was, by rule and team. */
const LAST = `SELECT rule, team, outcome, closed FROM (
  SELECT rule, team, outcome, closed, row_number() OVER (PARTITION BY rule, team ORDER BY closed DESC) AS place
  FROM alerts WHERE state = 'resolved' AND outcome IN ('true', 'benign', 'false')) WHERE place = 1`
const keyOf = (rule: string, team: string | null) => `${rule}\n${team ?? ''}`

function useLast(): Last | undefined {
  const asked = useQuery({
    queryKey: ['/api/v1/rules/ledger', 'last'],
    queryFn: async ({ signal }) => {
      const answer = (await post('/api/v1/sql', { sql: LAST } as never, { signal })) as unknown as { rows: [string, string | null, string, string][] }
      return new Map(answer.rows.map(([rule, team, outcome, closed]) => [keyOf(rule, team), { outcome, closed }]))
    },
  })
  return asked.data
}

const some = (number: number) => (number > 0 ? count(number) : <span className="soft">–</span>)

function columns(last: Last | undefined): Column<Score>[] {
  const number = (id: keyof Score & string, head: string): Column<Score> => ({ id, head, className: 'num', cell: (row) => some(row[id] as number), sort: (row) => row[id] as number })
  return [
    { id: 'rule', head: 'Rule', cell: (row) => <Link to="/alerts" search={{ rule: row.rule, state: 'all', order: 'last' } as never}><T>{row.title}</T></Link>, sort: (row) => row.title },
    { id: 'level', head: 'Worst', cell: (row) => <LevelMark level={row.level} />, sort: (row) => -LEVELS.indexOf(row.level) },
    { id: 'team', head: 'Team', cell: (row) => <Owner team={row.team} />, sort: (row) => row.team },
    number('alerts', 'Alerts'),
    number('fired', 'Fired'),
    number('acted', 'Acted on'),
    number('ignored', 'Ignored'),
    number('confirmed', 'True'),
    number('benign', 'Benign'),
    number('false', 'False'),
    number('suppressed', 'Hidden'),
    { id: 'ack', head: 'Half within', className: 'num nowrap', cell: (row) => (row.median_seconds_to_acknowledge === null ? <span className="soft">–</span> : span(1000 * row.median_seconds_to_acknowledge)), sort: (row) => row.median_seconds_to_acknowledge ?? Infinity },
    { id: 'last', head: 'Last outcome', className: 'nowrap', cell: (row) => {
      const one = last?.get(keyOf(row.rule, row.team || null))
      return one ? <span className="row alerts-state"><OutcomeMark outcome={one.outcome} /><Ago at={one.closed} /></span> : <span className="soft">–</span>
    }, sort: (row) => last?.get(keyOf(row.rule, row.team || null))?.closed ?? '' },
  ]
}

export default function RulesLedger() {
  const [url, set] = useUrl()
  const days = url.days ?? '30'
  const asked = useGet('/api/v1/rules/ledger', { query: { days, team: url.team } }, { keep: true })
  const data = asked.data
  const last = useLast()
  const rows = data?.rows ?? []
  const proposed = rows.filter(({ proposal }) => proposal)
  const teams = [...new Set([...rows.map(({ team }) => team), ...(url.team ? [url.team] : [])])].filter(Boolean).sort()
  return (
    <>
      <div className="row alerts-bar">
        <select className="select" aria-label="Over which days" value={days} onChange={(event) => set({ days: event.target.value })}>
          {['7', '30', '90', '366'].map((one) => <option key={one} value={one}>{one === '366' ? 'A year' : `${one} days`}</option>)}
        </select>
        <select className="select" aria-label="Team" value={url.team ?? ''} onChange={(event) => set({ team: event.target.value })}>
          <option value="">Any team</option>
          {teams.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
        {data && <span className="told" role="status">{many(rows.length, 'row')}; {many(rows.reduce((sum, row) => sum + row.alerts, 0), 'alert')}; a team should hear {data.budget.notices} notices in {span(1000 * data.budget.shift_seconds)} at most{data.minutes_saved > 0 && `; playbooks saved ${many(data.minutes_saved, 'minute')}`}</span>}
      </div>
      <Shown of={asked}>
        {() => rows.length === 0 ? (
          <Empty title="No rule raised an alert in this time"><p>From the first alert on it says here what became of each rule’s alerts, and from ten judged ones on which rules should be tuned or retired.</p></Empty>
        ) : (
          <>
            <Section title="Proposed" told={proposed.length}>
              {proposed.length === 0 ? (
                <p className="soft">Nothing is proposed. From ten judged alerts on: to tune what is half false, ignored, meant to happen or hidden; to retire what is four fifths false or ignored, and never true.</p>
              ) : (
                <ul className="alerts-lines-list">{proposed.map((row) => <Proposed key={keyOf(row.rule, row.team)} row={row} />)}</ul>
              )}
            </Section>
            <Section title="All rules that fired" told={rows.length}>
              <Table label="Ledger of rules" rows={rows} columns={columns(last)} id={(row) => keyOf(row.rule, row.team)} open={(row) => set({ tab: 'rules', rule: row.rule })} />
            </Section>
          </>
        )}
      </Shown>
    </>
  )
}

function Proposed({ row }: { row: Score }) {
  const proposal = row.proposal!
  return (
    <li className="row">
      <Badge kind={proposal.advice === 'retire' ? 'high' : 'medium'}>{proposal.advice}</Badge>
      <strong><T>{row.title}</T></strong>
      <Owner team={row.team} />
      <span className="grow"><T>{proposal.why}</T></span>
      <Link to="/alerts" search={{ rule: row.rule, state: 'all', order: 'last' } as never}>Its alerts</Link>
      <Link to="/alerts" search={{ tab: 'rules', rule: row.rule } as never}>The rule</Link>
    </li>
  )
}
