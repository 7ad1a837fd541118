// In which order everything comes back, how long that may take, and what was ever proved.
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Empty, LevelMark, Paste, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { many } from '../../parts/number'
import { Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, span } from '../../parts/time'

const seconds = (value: number | null) => (value === null ? <span className="soft">not said</span> : value === 0 ? 'none' : span(value * 1000))

export function Restore() {
  const [url, set] = useUrl()
  const plan = useGet('/api/v1/recovery', { query: { at: url.at } })
  const least = url.least === 'yes'
  return (
    <Shown of={plan}>
      {({ parts, circles, gaps }) => {
        const shown = parts.filter((part) => !least || part.minimum).toSorted((a, b) => (a.round ?? 99) - (b.round ?? 99) || (a.tier ?? 9) - (b.tier ?? 9))
        const proved = parts.filter((part) => part.proved).length
        return (
          <>
            <div className="figures">
              <div className="figure"><b>{parts.length}</b><span>parts in the plan</span></div>
              <div className="figure"><b>{parts.filter((part) => part.minimum).length}</b><span>of them must run at least</span></div>
              <div className="figure"><b>{proved}</b><span>with a proved restore</span></div>
              <div className="figure"><b>{gaps.length}</b><span>gaps</span></div>
            </div>
            {circles.length > 0 && (
              <div className="problem" role="alert">
                <strong>{many(circles.length, 'circle')}: none of them can come first</strong>
                {circles.map((circle, at) => <span key={at}><T>{circle.members.join(' → ')}</T></span>)}
              </div>
            )}
            <Section title="Order" told={`${shown.length} of ${parts.length}; what is in one round comes back together`}
              aside={<label className="row"><input type="checkbox" checked={least} onChange={() => set({ least: least ? undefined : 'yes' })} />Only what must run</label>}>
              {parts.length === 0 ? (
                <Empty title="Nothing to bring back is known yet">
                  <p>Say of each service how long it may be down, how much may be lost, and where its backup is: in the catalog file, beside its owner.</p>
                  <Paste text={'# catalog-info.yaml\nkind: Component\nmetadata:\n  name: checkout\n  annotations: {tier: "1", rto: 1h, rpo: 5m, backup: "bucket:orders-nightly"}\nspec: {owner: team:shop, dependsOn: [resource:orders-db]}'} />
                </Empty>
              ) : (
                <Table label="Order of recovery" rows={shown} id={({ entity }) => entity}
                  columns={[
                    { id: 'round', head: 'Round', width: '64px', className: 'num', sort: (part) => part.round ?? 99, cell: ({ round }) => round ?? '–' },
                    { id: 'entity', head: 'What', sort: ({ entity }) => entity, cell: ({ entity, minimum, outside }) => <span className="row"><Entity name={entity} />{minimum && <Badge kind="accent">must run</Badge>}{outside && <Badge>outside</Badge>}</span> },
                    { id: 'owner', className: 'wide-only', head: 'Owner', sort: ({ owner }) => owner ?? '', cell: ({ owner, outside }) => (outside && !owner ? <span className="soft">–</span> : <Owner team={owner} />) },
                    { id: 'tier', head: 'Tier', className: 'wide-only num', sort: (part) => part.tier ?? 9, cell: ({ tier }) => tier ?? '–' },
                    { id: 'rto', head: <span title="How long it may be away at most: its recovery time objective">May be down</span>, className: 'num', sort: (part) => part.rto ?? 1e12, cell: ({ rto }) => seconds(rto) },
                    { id: 'rpo', head: <span title="Data of how long may be lost at most: its recovery point objective">May be lost</span>, className: 'wide-only num', sort: (part) => part.rpo ?? 1e12, cell: ({ rpo }) => seconds(rpo) },
                    { id: 'back', head: 'Back after', className: 'wide-only num', cell: ({ back_after, outside }) => outside ? <span className="soft">–</span> : (back_after === null ? <span className="soft">unknown</span> : span(back_after * 1000)) },
                    { id: 'backup', className: 'wide-only', head: 'Backup', cell: ({ backup }) => (backup ? <T>{backup}</T> : <span className="soft">not said</span>) },
                    { id: 'proved', head: 'Last proved restore', sort: ({ proved_at }) => proved_at ?? '', cell: ({ proved, proved_at, took, outside }) => outside ? <span className="soft">not ours</span> : proved_at ? <span>{proved ? <Badge kind="good">proved</Badge> : <Badge kind="medium">too long ago</Badge>} <Ago at={proved_at} />{took !== null && `, took ${span(took * 1000)}`}</span> : <Badge kind="high">never</Badge> },
                  ]} />
              )}
            </Section>
            {gaps.length > 0 && (
              <Section title="Gaps" told={`${many(gaps.length, 'thing')} that nobody said or tried`}>
                <Table label="Gaps" keys={false} rows={gaps} id={({ entity, rule }) => `${entity} ${rule}`}
                  columns={[
                    { id: 'severity', head: 'Severity', width: '110px', cell: ({ severity }) => <LevelMark level={severity} /> },
                    { id: 'title', head: 'What is missing', cell: ({ title, entity }) => <T>{title.replace(`${entity}: `, '')}</T> },
                    { id: 'entity', head: 'Of', cell: ({ entity }) => <Entity name={entity} /> },
                  ]} />
              </Section>
            )}
          </>
        )
      }}
    </Shown>
  )
}
