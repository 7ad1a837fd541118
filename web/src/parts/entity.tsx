// Things and teams, as links.
import { Link } from '@tanstack/react-router'
import { T } from './text'
import { plain } from './text'

/** A digest tells by its beginning; the whole name is in the title. */
export const short = (name: string) => name.replace(/\b([0-9a-f]{12})[0-9a-f]{20,}\b/g, '$1…')

/** A thing that runs or is built: a link to its page. Written `kind:name` as everywhere. */
export function Entity({ name, at }: { name: string | null | undefined; at?: string | undefined }) {
  if (!name) return <span className="soft">–</span>
  return <Link to="/services/$entity" params={{ entity: name } as never} search={(at ? { at } : {}) as never} title={plain(name)}><T>{short(name)}</T></Link>
}

/** Who is responsible: a team, never a person. */
export function Owner({ team }: { team: string | null | undefined }) {
  if (!team) return <span className="badge medium" title="Nobody is responsible: name an owner on its page">no owner</span>
  return <Link to="/" search={{ team } as never} className="nowrap"><T>{team}</T></Link>
}
