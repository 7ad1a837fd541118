// Every route and what it needs, beside what the caller has.
import { useDeferredValue } from 'react'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Section, Shown } from '../../parts/basic'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { type Grant, ROLES, type Route } from './shapes'

/** Whether rights are enough for a need, as the server says needs. */
export function enough(need: string, grants: Grant[]): boolean | undefined {
  if (need === 'nothing' || need === 'to be known') return true
  if (need === 'any role') return grants.length > 0
  const match = /^(viewer|responder|editor|admin) of (a team|all teams)$/.exec(need)
  if (!match) return undefined
  const least = ROLES.indexOf(match[1]!)
  return grants.some(({ role, team }) => ROLES.indexOf(role) >= least && (match[2] === 'a team' || team === '*'))
}

export default function Routes() {
  const asked = useGet('/api/v1/routes')
  const me = useMe()
  const [url, set] = useUrl()
  const text = useDeferredValue((url.text ?? '').toLowerCase())
  const routes = asked.data?.routes ?? []
  const needs = [...new Set(routes.map(({ need }) => need))]
  const rows = routes.filter(({ method, path, need }) => (!text || `${method} ${path}`.toLowerCase().includes(text)) && (!url.need || need === url.need))
  const columns: Column<Route>[] = [
    { id: 'method', head: 'Method', sort: ({ method }) => method, cell: ({ method }) => <code>{method === '*' ? 'any' : method}</code> },
    { id: 'path', head: 'Path', sort: ({ path }) => path, cell: ({ path }) => <code><T>{path}</T></code> },
    { id: 'need', head: 'Needs', sort: ({ need }) => needs.indexOf(need), cell: ({ need }) => <T>{need}</T> },
    { id: 'you', head: 'You', sort: ({ need }) => Number(enough(need, me.grants) ?? -1), cell: ({ need }) => {
      const may = enough(need, me.grants)
      return may === undefined ? <span className="soft">not by this way</span> : may ? <Badge kind="good">may</Badge> : <Badge>may not</Badge>
    } },
  ]
  return (
    <Section title="Routes" told={asked.data && (rows.length === routes.length ? many(routes.length, 'route') : `${count(rows.length)} of ${many(routes.length, 'route')}`)}
      aside={<span className="row">
        <select className="select" aria-label="Needs" value={url.need ?? ''} onChange={(event) => set({ need: event.target.value }, { push: false })}>
          <option value="">Any need</option>{needs.map((need) => <option key={need} value={need}>{plain(need)}</option>)}
        </select>
        <input className="input" type="search" data-search placeholder="Path" aria-label="Path" value={url.text ?? ''} onChange={(event) => set({ text: event.target.value }, { push: false })} />
      </span>}>
      <p className="soft">Each route says what it needs; what is refused is written down. Beyond the role in a team it also counts which datasets you see. The description of all of them is <a href="/api/openapi.json" target="_blank" rel="noreferrer">OpenAPI</a>.</p>
      <Shown of={asked}>{() => <Table label="Routes" rows={rows} columns={columns} id={({ method, path }) => `${method} ${path}`} />}</Shown>
    </Section>
  )
}
