// Upgrades: what they touch, what overlaps, and a window to object instead of signatures.
import { useState } from 'react'
import { useGet, usePost } from '../../api/queries'
import { useMay, useTeams } from '../../app/session'
import { useUrl } from '../../app/url'
import { Button, Empty, Facts, Paste, Section, Shown } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { Dialog, Field } from '../../parts/form'
import { count } from '../../parts/number'
import { Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import type { Upgrade } from './shapes'

const EXAMPLE = `# knowledge/upgrades/postgresql.yaml
upgrade: PostgreSQL 18 for all stores
component: resource:orders-db
from_version: "16"
to_version: "18"
why: {operations: 16 gets no repairs after this winter, security: the same}
owner: platform
from: 2026-12-12
until: 2026-12-16
soak: 7d
back: the old primary is kept for a week`

export function Upgrades() {
  const [url, set] = useUrl()
  const all = useGet('/api/v1/roadmap')
  return (
    <>
      <Shown of={all}>
        {({ upgrades }) => upgrades.length === 0 ? (
          <Empty title="No upgrade is planned"><p>An upgrade is a file; who is affected is found out from what runs.</p><Paste text={EXAMPLE} /></Empty>
        ) : (
          <Section title="Upgrades" told={count(upgrades.length)}>
            <Table label="Upgrades" rows={upgrades} id={({ id }) => id} open={({ id }) => set({ upgrade: id })} opened={url.upgrade}
              columns={[
                { id: 'title', head: 'Upgrade', sort: ({ title }: Upgrade) => title, cell: ({ title }) => <T>{title}</T> },
                { id: 'what', className: 'wide-only', head: 'Of', cell: ({ component, from_version, to_version }) => <span><code><T>{component}</T></code> <span className="soft"><T>{from_version ?? 'any'}</T> → <T>{to_version}</T></span></span> },
                { id: 'owner', className: 'wide-only', head: 'Owner', cell: ({ owner }) => <Owner team={owner} /> },
                { id: 'when', head: 'When', className: 'nowrap', sort: ({ from }) => from, cell: ({ from, until }) => `${from} – ${until}` },
                { id: 'object', head: 'Objections until', className: 'wide-only nowrap', sort: ({ objections_until }) => objections_until, cell: ({ objections_until }) => objections_until },
              ]} />
          </Section>
        )}
      </Shown>
      {url.upgrade && <One id={url.upgrade} close={() => set({ upgrade: undefined })} />}
    </>
  )
}

function One({ id, close }: { id: string; close: () => void }) {
  const [objecting, setObjecting] = useState(false)
  const blast = useGet('/api/v1/upgrades/{id}', { path: { id } })
  const may = useMay('responder')
  const known = blast.data
  return (
    <Drawer title={known ? plain(known.upgrade.title) : id} onClose={close} actions={may && <Button onClick={() => setObjecting(true)}>Object</Button>}>
      <Shown of={blast}>
        {({ upgrade, services, hosts, overlaps, objections, everywhere_from }) => {
          const affected = Object.entries(services)
          return (
            <>
              <Facts rows={[
                ['Operations', <T key="o">{upgrade.for_operations}</T>], ['Security', <T key="s">{upgrade.for_security}</T>],
                ['Owner', <Owner key="w" team={upgrade.owner} />],
                ['When', `${upgrade.from} – ${upgrade.until}, everywhere from ${everywhere_from} after ${upgrade.soak_days} days of soak`],
                ['Way back', <T key="b">{upgrade.back}</T>], ['Objections until', upgrade.objections_until],
              ]} />
              <Section title="Affected services" told={count(affected.length)}>
                {affected.length === 0 ? <p className="soft">Nothing that runs is known to have it.</p> : <ul className="col">{affected.map(([service, owner]) => <li key={service} className="row"><Entity name={service} /><Owner team={owner} /></li>)}</ul>}
              </Section>
              {hosts.length > 0 && <Section title="Hosts" told={count(hosts.length)}><ul className="row">{hosts.map((host) => <li key={host}><Entity name={host} /></li>)}</ul></Section>}
              <Section title="In the same window" told={count(overlaps.length)}>
                {overlaps.length === 0 && <p className="soft">Nothing else that touches the same is planned then.</p>}
                <ul className="col">{overlaps.map((one) => <li key={one.id}><T>{one.title}</T> <span className="soft">{one.from} – {one.until}, both touch <T>{one.shared.join(', ')}</T></span></li>)}</ul>
              </Section>
              <Section title="Objections" told={count(objections.length)}>
                {objections.length === 0 ? <p className="soft">Nobody objects. Nobody has to sign.</p> : <ul className="col">{objections.map((one, at) => <li key={at}><Owner team={one.team} /> <T>{one.reason}</T></li>)}</ul>}
              </Section>
            </>
          )
        }}
      </Shown>
      {objecting && <Object_ id={id} close={() => setObjecting(false)} />}
    </Drawer>
  )
}

function Object_({ id, close }: { id: string; close: () => void }) {
  const [team, setTeam] = useState(useTeams()[0] ?? '')
  const [reason, setReason] = useState('')
  const send = usePost('/api/v1/upgrades/{id}/objections', { said: 'The owner hears of it', also: ['/api/v1/upgrades', '/api/v1/agenda'] })
  return (
    <Dialog title="Object to this upgrade" send="Object" submit={() => send.mutate({ path: { id }, body: { team, reason } as never }, { onSuccess: close })} onClose={close} doing={send.isPending} error={send.error} ready={Boolean(team && reason.trim())}>
      <Field label="Team" value={team} onChange={setTeam} required />
      <Field label="Because" value={reason} onChange={setReason} area required autoFocus hint="What would break, and when it would be better" />
    </Dialog>
  )
}
