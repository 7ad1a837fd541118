// Findings of a thing and of the repositories it is built from, the most urgent first, with the reasons of each rank.
import { Link } from '@tanstack/react-router'
import { Badge, LevelMark, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count } from '../../parts/number'
import type { Column } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { Capped } from './bits'
import type { Given } from './entity'
import { useWeak } from './entity-data'
import { type Finding, LEVELS } from './shapes'

export default function Findings({ thing, asOf }: Given) {
  const weak = useWeak(thing, asOf)
  return (
    <Section title="Open findings" told={weak.data && `${weak.data.findings.length === weak.data.count ? count(weak.data.count) : `${count(weak.data.findings.length)} of ${count(weak.data.count)}`}${weak.data.hidden > 0 ? `, ${count(weak.data.hidden)} hidden by exceptions and suppressions` : ''}`}
      aside={<Link to="/findings" search={{ entity: thing.entity } as never}>In Findings</Link>}>
      <p className="soft">Its own, and those in what it is built from that run in it; the most urgent first.</p>
      <Shown of={weak}>{({ findings }) => <Capped label="Findings" rows={findings} columns={columns(asOf.at)} id={({ id }) => String(id)} keys empty="Nothing open is known. Scanners tell what is weak: `tandem scan` in a pipeline, or any tool that writes SARIF." />}</Shown>
    </Section>
  )
}

const columns = (at: string | undefined): Column<Finding>[] => [
  { id: 'rank', head: 'Rank', className: 'num', sort: ({ rank }) => -rank.score, cell: ({ rank }) => Math.round(rank.score) },
  { id: 'severity', head: 'Severity', sort: ({ severity }) => LEVELS.indexOf(severity === 'info' ? 'informational' : severity), cell: ({ severity }) => <LevelMark level={severity} /> },
  { id: 'title', head: 'What', sort: ({ title }) => title, cell: (one) => (
    <span className="col services-tight">
      <Link to="/findings" search={{ open: String(one.id), entity: one.entity } as never}><T most={200}>{one.title}</T></Link>
      <span className="soft small"><T most={200}>{one.path ? `${one.path}${one.line ? `:${one.line}` : ''}` : one.place}</T></span>
    </span>
  ) },
  { id: 'why', head: 'Why so urgent', cell: ({ rank }) => <span className="soft small"><T>{rank.terms.filter(({ points }) => points > 0).map(({ because }) => because).join('; ')}</T></span> },
  { id: 'entity', head: 'In', sort: ({ entity }) => entity ?? '', cell: ({ entity }) => <Entity name={entity} at={at} /> },
  { id: 'owner', head: 'Acts', sort: ({ owner }) => owner?.team ?? '', cell: ({ owner }) => <span title={owner?.because ? plain(owner.because) : undefined}><Owner team={owner?.team} /></span> },
  { id: 'state', head: 'State', sort: ({ state }) => state, cell: ({ state }) => <Badge {...(state === 'back' ? { kind: 'high' as const } : {})}>{plain(state)}</Badge> },
  { id: 'found', head: 'Found', className: 'nowrap', sort: ({ found }) => found, cell: ({ found }) => <Ago at={found} /> },
]
