// One thing: what it is, whose, what it does, what was done to it; now, or as of a time.
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Trouble, Waiting } from '../../parts/basic'
import { useKeys } from '../../parts/keys'
import { late } from '../../parts/late'
import { type Tab, Tabs, useTab } from '../../parts/tabs'
import { plain } from '../../parts/text'
import { type AsOf, AsOfBar, NOW, useAsOf } from './asof'
import { DEPLOYS, useChanges } from './changes-data'
import { EntityHead } from './entity-head'
import { type Thing, useThing, useTraces } from './entity-data'
import { Gone, Unknown } from './gone'
import { split } from './shapes'
import './services.css'

export interface Given { thing: Thing; asOf: AsOf }
const route = getRouteApi('/services/$entity')
const TABS: Tab[] = [
  { id: 'overview', name: 'Overview' }, { id: 'changes', name: 'Deploys & changes' }, { id: 'parts', name: 'Parts' }, { id: 'findings', name: 'Findings' },
  { id: 'exposure', name: 'Exposure' }, { id: 'neighbours', name: 'Neighbours' }, { id: 'responsibility', name: 'Responsibility' }, { id: 'history', name: 'History' },
]
const PLACES = {
  overview: late(() => import('./overview')),
  changes: late(() => import('./changes')),
  parts: late(() => import('./parts-of')),
  findings: late(() => import('./weak')),
  exposure: late(() => import('./exposure')),
  neighbours: late(() => import('./neighbours')),
  responsibility: late(() => import('./responsibility')),
  history: late(() => import('./history')),
}

/** Marked with the deploys up to now, wherever it stands. */
function Slider({ thing }: { thing: Thing }) {
  const deploys = useChanges(thing, NOW, { only: 'deployment', most: DEPLOYS })
  return <AsOfBar marks={deploys.data?.rows.map(({ at }) => at) ?? []} />
}

export default function EntityPage() {
  const { entity: asked } = route.useParams() as { entity: string }
  const { kind, name } = split(asked)
  const entity = `${kind}:${name}`
  const asOf = useAsOf()
  const tab = useTab(TABS) as keyof typeof PLACES
  const { thing, error, again } = useThing(entity, asOf)
  // What is only pointed at, such as a repository, has no row of its own and is there all the same.
  const there = thing && (thing.id !== undefined || thing.parts.length > 0 || thing.owners.length > 0)
  const traces = useTraces(entity, asOf, Boolean(thing) && !there)
  const navigate = useNavigate()
  useKeys('The thing', { Escape: { does: 'Back to the catalog', run: () => void navigate({ to: '/services', search: asOf.at ? { at: asOf.at } : {} } as never) } })
  useEffect(() => {
    document.title = `${plain(name)} · Tandem`
  }, [name])
  if (!thing) return <div className="place">{error ? <Trouble error={error} retry={again} /> : <Waiting />}</div>
  const heard = traces.data?.rows.some(({ at }) => at !== null)
  const Place = PLACES[tab]
  return (
    <div className="place">
      <EntityHead thing={thing} asOf={asOf} there={Boolean(there)} />
      <Slider thing={thing} />
      {!there && (traces.data ? heard ? <Gone thing={thing} asOf={asOf} traces={traces.data.rows} /> : <Unknown entity={entity} asOf={asOf} /> : traces.error ? <Trouble error={traces.error} /> : <Waiting lines={2} />)}
      {(there || heard) && (
        <>
          <Tabs tabs={TABS} label={plain(name)} keep={['at', 'window']} />
          <Place key={entity} thing={thing} asOf={asOf} />
        </>
      )}
    </div>
  )
}
