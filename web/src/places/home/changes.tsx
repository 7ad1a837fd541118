// What was changed in the last day: deploys, configuration, flags, whatever told of itself.
import { useQuery } from '@tanstack/react-query'
import { post, type Problem } from '../../api/client'
import { Section, Trouble, Waiting } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { count, took } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { toldOnce } from '../../parts/told'

interface Change { id: number; at: string; kind: string; entity: string; environment: string | null; version: string | null; origin: string; owner: string | null }
const SHOWN = 12
const READ = 500
const SQL = `SELECT c.id, c.at, c.kind, c.entity_kind, c.entity, c.environment, c.version, c.origin, o.owner
  FROM changes c LEFT JOIN owners o ON o.entity_kind = c.entity_kind AND o.entity = c.entity AND o.layer = ''
  WHERE c.at > now() - INTERVAL '1 day' ORDER BY c.at DESC LIMIT ${READ}`

export function Changes({ team }: { team: string | undefined }) {
  const asked = useQuery<{ rows: Change[]; tookMs: number | undefined }, Problem>({
    queryKey: ['/api/v1/sql', 'changes of a day'],
    queryFn: async ({ signal }) => {
      type Cells = [number, string, string, string, string, string | null, string | null, string, string | null]
      const answer = await post('/api/v1/sql', { sql: SQL } as never, { signal })
      return { rows: toldOnce((answer.rows as Cells[]).map(([id, at, kind, type, name, environment, version, origin, owner]) => ({ id, at, kind, entity: `${type}:${name}`, environment, version, origin, owner }))), tookMs: answer.took_ms }
    },
    refetchInterval: 60_000,
  })
  const rows = (asked.data?.rows ?? []).filter((one) => !team || one.owner === team)
  return (
    <Section title="Changed today" told={asked.data && `${count(rows.length)} in 24 hours${took(asked.data.tookMs)}`}>
      {asked.error && <Trouble error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data === undefined && !asked.error ? <Waiting lines={4} /> : rows.length === 0 ? (
        <p className="soft">Nothing told of a change. Pipelines tell by webhook or <code>tandem change</code>; telemetry by a new <code>service.version</code>.</p>
      ) : (
        <ul className="home-list home-changes">
          {rows.slice(0, SHOWN).map((one) => (
            <li key={one.id}>
              <Ago at={one.at} />
              <span className="grow" title={`told by ${plain(one.origin)}`}><strong><T>{one.kind.replace('_', ' ')}</T>{one.version && <> <T>{one.version}</T></>}</strong> of <Entity name={one.entity} />{one.environment && <span className="soft"> in <T>{one.environment}</T></span>}</span>
            </li>
          ))}
        </ul>
      )}
      {rows.length > SHOWN && <p className="soft small">and {count(rows.length - SHOWN)} more</p>}
    </Section>
  )
}
