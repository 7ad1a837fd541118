// The head of a thing: its name and kind, whose it is, how important, and which version runs where.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../app/session'
import { Badge, Button } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import { Icon } from '../../parts/icon'
import { Share } from '../../parts/range'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import type { AsOf } from './asof'
import { Signals, Versions } from './bits'
import { telemetry, type Thing } from './entity-data'
import { HandOver } from './hand-over'

/** Links that lead out of Tandem lead to the web, and nowhere else. */
const web = (url: unknown): string | undefined => (typeof url === 'string' && /^https?:\/\//i.test(url) ? url : undefined)

const UNITS: Record<string, string> = { s: 's', m: 'min', h: 'h', d: 'd', w: 'w' }
/** `5m` of a catalog as times are written elsewhere: `5 min`. What is no such time stays as it is. */
const spelled = (time: unknown) => String(time).replace(/^(\d+)([smhdw])$/, (_, many, unit) => `${many} ${UNITS[unit]}`)

export function EntityHead({ thing, asOf, there }: { thing: Thing; asOf: AsOf; there: boolean }) {
  const { attributes, owner, kind } = thing
  const [giving, setGiving] = useState(false)
  const may = useMay('editor', owner?.owner)
  const search = telemetry(thing)
  const range = asOf.iso ? { from: new Date(Date.parse(asOf.iso) - 3_600_000).toISOString(), to: asOf.iso } : {}
  const runbook = web(attributes.runbook)
  return (
    <header className="services-head">
      <div className="head">
        <div className="back small"><Icon name="left" /><Link to="/services" search={{ ...(kind === 'service' ? {} : { kind }), at: asOf.at } as never}>Services</Link></div>
        <h1 className="services-title"><T most={200}>{thing.name}</T></h1>
        <Badge>{plain(kind)}</Badge>
        {there && !asOf.iso && thing.seen && <span className="told">seen <Ago at={thing.seen} /></span>}
        <div className="aside">
          {search && <Link className="button" to="/explore" search={{ query: search.query, ...range } as never}>Logs</Link>}
          {search && <Link className="button" to="/explore" search={{ tab: 'traces', query: search.query, ...range } as never}>Traces</Link>}
          {runbook && <a className="button" href={runbook} target="_blank" rel="noreferrer noopener">Runbook</a>}
          <Share />
        </div>
      </div>
      <dl className="services-facts">
        <div>
          <dt>Owner</dt>
          <dd className="row">
            <span title={owner ? plain(owner.reason) : undefined}><Owner team={owner?.owner} /></span>
            {owner && <span className="soft small"><T>{owner.reason}</T></span>}
            {may && !asOf.iso && <Button kind="quiet" onClick={() => setGiving(true)}>{owner ? 'Hand over' : 'Name an owner'}</Button>}
          </dd>
        </div>
        {attributes.tier && <div><dt>Tier</dt><dd><T>{String(attributes.tier)}</T></dd></div>}
        {(thing.deployed.length > 0 || attributes['service.version']) && <div><dt>Runs</dt><dd><Versions of={thing} /></dd></div>}
        {attributes.signals && <div><dt>Sends</dt><dd><Signals of={attributes.signals} /></dd></div>}
        {attributes.lifecycle && <div><dt>Lifecycle</dt><dd><T>{attributes.lifecycle}</T></dd></div>}
        {Boolean(attributes['rto']) && <div title="After a disaster it is to be back within this time"><dt>Back within</dt><dd><T>{spelled(attributes['rto'])}</T></dd></div>}
        {Boolean(attributes['rpo']) && <div title="After a disaster the data of this time may be missing"><dt>Losing at most</dt><dd><T>{spelled(attributes['rpo'])}</T></dd></div>}
      </dl>
      {owner && owner.conflicts.length > 0 && <p className="soft">The same source names others too: <T>{owner.conflicts.join(', ')}</T>.</p>}
      {owner && owner.overruled.length > 0 && <p className="soft">Others say otherwise: {owner.overruled.map(({ origin, owner }) => `${plain(owner)} (${plain(origin)})`).join(', ')}.</p>}
      {giving && <HandOver entity={thing.entity} now={owner?.owner} close={() => setGiving(false)} />}
    </header>
  )
}
