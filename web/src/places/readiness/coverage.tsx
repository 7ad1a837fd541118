// Who does not log, which logs nobody reads, and what is open to everybody.
import { type RowOf, useReport } from '../../api/reports'
import { Badge, Section, Shown } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { Icon } from '../../parts/icon'
import { bytes, count } from '../../parts/number'
import { Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago } from '../../parts/time'

type Covered = RowOf<'coverage'>
/** Rules named in a row; the rest is counted. */
const SHOWN_RULES = 2
const SIGNS = ['owner', 'logs', 'traces', 'metrics', 'version', 'environment', 'runbook'] as const

const Yes = ({ yes }: { yes: boolean }) => (yes ? <span style={{ color: 'var(--good)' }}><Icon name="good" title="yes" /></span> : <span style={{ color: 'var(--high)' }}><Icon name="minus" title="no" /></span>)

export function Coverage() {
  const coverage = useReport('coverage')
  return (
    <>
      <Shown of={coverage}>
        {({ count: number, rows }) => (
          <>
            <div className="figures">
              {SIGNS.map((sign) => <div key={sign} className="figure"><b>{rows.filter((row) => row[sign]).length}<span className="soft"> / {rows.length}</span></b><span>{sign === 'owner' ? 'have an owner' : sign === 'runbook' ? 'have a runbook' : sign === 'version' || sign === 'environment' ? `name their ${sign}` : `send ${sign}`}</span></div>)}
            </div>
            <Section title="What each service tells" told={count(number)}>
              <Table label="Coverage" rows={rows} id={({ service }) => service}
                columns={[
                  { id: 'service', head: 'Service', sort: ({ service }) => service, cell: ({ service }) => <Entity name={`service:${service}`} /> },
                  { id: 'team', className: 'wide-only', head: 'Owner', sort: ({ owned_by }) => owned_by ?? '', cell: ({ owned_by }) => <Owner team={owned_by} /> },
                  { id: 'missing', className: 'narrow-only', head: 'Missing', cell: (row) => SIGNS.filter((sign) => !row[sign]).join(', ') || <span className="soft">nothing</span> },
                  ...SIGNS.slice(1).map((sign) => ({ id: sign, className: 'wide-only', head: sign[0]!.toUpperCase() + sign.slice(1), width: '90px', sort: (row: Covered) => Number(row[sign]), cell: (row: Covered) => <Yes yes={row[sign]} /> })),
                ]} />
            </Section>
          </>
        )}
      </Shown>
      <Silent />
      <Unread />
      <Sockets />
    </>
  )
}

function Silent() {
  const silent = useReport('silent')
  return (
    <Shown of={silent} lines={3}>
      {({ count: number, rows }) => (
        <Section title="Runs and does not log" told={count(number)}>
          {rows.length === 0 ? <p className="soft">Everything that is known to run sends logs.</p> : (
            <Table label="Silent systems" keys={false} rows={rows} id={({ kind, name }) => `${kind}:${name}`}
              columns={[
                { id: 'what', head: 'What', cell: ({ kind, name }) => <Entity name={`${kind}:${name}`} /> },
                { id: 'owner', head: 'Owner', cell: ({ owner }) => <Owner team={owner} /> },
                { id: 'sends', head: 'Sends', cell: ({ sends }) => sends.length > 0 ? sends.join(', ') : <Badge kind="high">nothing</Badge> },
                { id: 'seen', head: 'Seen', className: 'nowrap', cell: ({ seen }) => <Ago at={seen} /> },
              ]} />
          )}
        </Section>
      )}
    </Shown>
  )
}

function Unread() {
  const unread = useReport('unread')
  return (
    <Shown of={unread} lines={3}>
      {({ count: number, rows }) => (
        <Section title="Logs nobody reads" told={count(number)}>
          {rows.length === 0 ? <p className="soft">Every stream was looked at, or a rule reads it.</p> : (
            <Table label="Unread logs" keys={false} rows={rows} id={(row) => `${row.dataset} ${row.service} ${row.host}`}
              columns={[
                { id: 'service', head: 'Service', cell: ({ service }) => <Entity name={`service:${service}`} /> },
                { id: 'host', head: 'From', cell: ({ host }) => (host ? <Entity name={`host:${host}`} /> : <span className="soft">–</span>) },
                { id: 'bytes', head: 'Size', className: 'num', cell: (row) => bytes(row.bytes) },
                { id: 'last', head: 'Last asked', cell: ({ last_query }) => (last_query ? <Ago at={last_query} /> : 'never') },
                { id: 'perhaps', head: 'Perhaps read by', cell: ({ statements }) => <Rules ids={statements} /> },
              ]} />
          )}
        </Section>
      )}
    </Shown>
  )
}

/** Rules of which nobody can tell which rows of a table they read. */
function Rules({ ids }: { ids: string[] }) {
  if (ids.length === 0) return <span className="soft">–</span>
  return <><T>{ids.slice(0, SHOWN_RULES).join(', ')}</T>{ids.length > SHOWN_RULES && <span className="soft"> and {ids.length - SHOWN_RULES} more</span>}</>
}

function Sockets() {
  const sockets = useReport('sockets')
  return (
    <Shown of={sockets} lines={3}>
      {({ count: number, rows }) => (
        <Section title="Open to the network" told={count(number)}>
          {rows.length === 0 ? <p className="soft">No open socket is known. An agent on a host tells of them: <code>tandem agent</code>.</p> : (
            <Table label="Open sockets" keys={false} rows={rows} id={({ host, socket }) => `${host} ${socket}`}
              columns={[
                { id: 'host', head: 'Host', cell: ({ host }) => <Entity name={`host:${host}`} /> },
                { id: 'socket', head: 'Socket', cell: ({ socket }) => <code><T>{socket}</T></code> },
                { id: 'executable', head: 'Program', cell: ({ executable }) => <code><T>{executable}</T></code> },
                { id: 'exposed', head: 'Reach', cell: ({ exposed }) => (exposed ? <Badge kind="high">everybody</Badge> : <Badge>this host</Badge>) },
                { id: 'owner', head: 'Owner', cell: ({ owner }) => <Owner team={owner} /> },
                { id: 'since', head: 'Since', className: 'nowrap', cell: ({ since }) => <Ago at={since} /> },
              ]} />
          )}
        </Section>
      )}
    </Shown>
  )
}
