// Rights: how they are said and how they are asked for.
import { useId } from 'react'
import { useMe } from '../../app/session'
import { Field } from '../../parts/form'
import { plain, T } from '../../parts/text'
import { useSql } from '../services/sql'
import { datasets, type Grant, MAY, ROLES, team } from './shapes'

export function Grants({ of }: { of: Grant[] }) {
  if (of.length === 0) return <span className="soft">nothing</span>
  return (
    <span className="col settings-grants">
      {of.map((grant) => <span key={grant.team}><strong>{plain(grant.role)}</strong> of <T>{team(grant.team)}</T><span className="soft">{grant.datasets.includes('*') ? '' : <>, sees <T>{datasets(grant.datasets)}</T></>}</span></span>)}
    </span>
  )
}

/** The teams that the caller may give rights in; `*` is all. */
export const useOwnTeams = (): string[] => useMe().grants.filter(({ role }) => role === 'admin').map(({ team }) => team)
export const useAdminOfAll = (): boolean => useOwnTeams().includes('*')

export interface Wanted { role: string; team: string; datasets: string }
export const wanted = ({ role, team, datasets }: Wanted) => ({ role, team: team.trim(), datasets: datasets.split(',').map((name) => name.trim()).filter(Boolean) })
export const complete = ({ team, datasets }: Wanted) => team.trim() !== '' && datasets.trim() !== ''

/** Asks for a role in a team, with datasets; what the caller may not give is not offered. */
export function GrantFields({ value, change }: { value: Wanted; change: (value: Wanted) => void }) {
  const list = useId()
  const own = useOwnTeams()
  const all = own.includes('*')
  const teams = useSql<{ team: string }>(all ? `SELECT entity AS team FROM entities WHERE kind = 'team' UNION SELECT owner FROM owners ORDER BY 1 LIMIT 500` : undefined)
  return (
    <>
      <div className="form pair">
        <Field label="Role" value={value.role} onChange={(role) => change({ ...value, role })} options={ROLES} hint={`May ${MAY[value.role]}`} />
        {all ? <Field label="In the team" value={value.team} onChange={(team) => change({ ...value, team })} list={list} required hint="* is all teams" autoComplete="off" /> : <Field label="In the team" value={value.team} onChange={(team) => change({ ...value, team })} options={own} hint="You give rights in your own teams" />}
      </div>
      <datalist id={list}><option value="*" />{teams.data?.rows.map(({ team }) => <option key={team} value={team} />)}</datalist>
      <Field label="Sees the datasets" value={value.datasets} onChange={(datasets) => change({ ...value, datasets })} required hint="* is all; several with commas. Reading goes by dataset, acting by team and role" autoComplete="off" />
    </>
  )
}
