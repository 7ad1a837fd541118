// Dashboards: a few, as files in git, each with an owner. What nobody looks at is proposed for removal.
import { Link } from '@tanstack/react-router'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet } from '../../api/queries'
import { Badge, Button, Empty, Head, Paste, Section, Shown } from '../../parts/basic'
import { Dialog } from '../../parts/form'
import { count, many } from '../../parts/number'
import { Owner } from '../../parts/entity'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago } from '../../parts/time'
import type { Listed } from './shapes'
import './dashboards.css'

export default function Dashboards() {
  const asked = useGet('/api/v1/dashboards' as never)
  const navigate = useNavigate()
  const [removing, setRemoving] = useState<string>()
  const rows = ((asked.data as any)?.rows ?? []) as Listed[]
  const unused = rows.filter((one) => one.unused)
  const columns: Column<Listed>[] = [
    { id: 'title', head: 'Dashboard', sort: (row) => row.title, cell: (row) => <><Link to="/dashboards/$name" params={{ name: row.name } as never}><T>{row.title}</T></Link><div className="soft small dashboards-about"><T>{row.about}</T></div></> },
    { id: 'owner', head: 'Owner', width: '120px', sort: (row) => row.owner, cell: (row) => <Owner team={row.owner} /> },
    { id: 'approved', head: 'Approved', width: '120px', className: 'nowrap wide-only', sort: (row) => row.approved ?? '', cell: (row) => (row.approved ? <span className="nowrap">{row.approved}</span> : <Badge kind="medium">draft</Badge>) },
    { id: 'views', head: 'Views in 30 days', width: '130px', className: 'num wide-only', sort: (row) => row.views.last_30_days, cell: (row) => count(row.views.last_30_days) },
    { id: 'last', head: 'Last looked at', width: '130px', className: 'num nowrap wide-only', sort: (row) => row.views.last ?? '', cell: (row) => (row.views.last ? <Ago at={row.views.last} /> : <span className="soft">never</span>) },
    ...(unused.length === 0 ? [] : [{ id: 'unused', head: '', width: '300px', className: 'nowrap', cell: (row) => row.unused && <span>Nobody looked for 30 days: <Button onClick={() => setRemoving(row.name)}>remove it?</Button></span> } satisfies Column<Listed>]),
  ]
  return (
    <div className="place">
      <Head title="Dashboards" told={asked.data !== undefined && `${many(rows.length, 'dashboard')}${unused.length > 0 ? `, ${count(unused.length)} without a look for 30 days` : ''}`} />
      <Shown of={asked}>
        {() => rows.length === 0 ? <Empty title="No dashboards"><p>They are files in the folder <code>dashboards</code> of a folder of knowledge.</p></Empty>
          : <Table label="Dashboards" rows={rows} columns={columns} id={(row) => row.name} open={(row) => void navigate({ to: '/dashboards/$name', params: { name: row.name } } as never)} />}
      </Shown>
      <Section title="Add a dashboard">
        <p className="soft">A dashboard is a file in git: who changes it is seen there, and reviewed there. Put it into the folder <code>dashboards</code> of a folder that the server reads (<code>--knowledge DIR</code>); one with the name of a built-in one takes its place.</p>
        <Paste label="A dashboard" text={EXAMPLE} />
      </Section>
      {removing && (
        <Dialog title="Remove a dashboard" onClose={() => setRemoving(undefined)}>
          <p>It is a file in git. Where it is kept:</p>
          <Paste text={`git rm dashboards/${removing}.yaml\ngit commit -m "Dashboard ${removing}: nobody looked for 30 days"`} />
          <p className="soft">Built-in ones go with the binary; they cost nothing and cannot be removed alone.</p>
        </Dialog>
      )}
    </div>
  )
}

const EXAMPLE = `title: Orders
about: What the shop sells now.
owner: shop
approved: ${new Date().toISOString().slice(0, 10)}
range: now-6h
variables:
  - {name: service, label: Service, table: logs, field: service}
panels:
  - {title: Errors, kind: chart, query: "service:$service severity>=error | rate $step by service", width: 8}
  - {title: Orders, kind: number, query: "service:checkout order.id:* | count", width: 4}
  - title: Slowest routes
    kind: table
    width: 12
    sql: |
      SELECT name, count(*) AS calls, max(duration_ns) / 1000000 AS ms FROM spans
      WHERE timestamp >= $from AND timestamp < $to AND ($service = '' OR service_name = $service)
      GROUP BY 1 ORDER BY 3 DESC LIMIT 20
`
