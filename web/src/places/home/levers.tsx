// The next steps that gain most for operations and security, for least work; each opens to what its number counts.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import type { Schemas } from '../../api/client'
import { useUrl } from '../../app/url'
import { Badge, Button, Facts, Section, Shown, Told } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { T } from '../../parts/text'

type Lever = Schemas['Lever']
type Opened = Schemas['LeverOpened']
/** Rows of one lever that are shown before one asks for all. */
const FIRST_ROWS = 12

export function Levers({ top, team }: { top: Lever[]; team: string | undefined }) {
  const [url, set] = useUrl()
  const whole = url.steps === 'all'
  const asked = useGet('/api/v1/levers', { query: { all: true } }, { enabled: whole })
  const all = whole ? (asked.data?.levers as Lever[] | undefined) : undefined
  const rows = (all ?? top).filter((one) => !team || one.owners.includes(team))
  const elsewhere = (all ?? top).length - rows.length
  return (
    <Section title="Next steps" told={<><Told shown={rows.length} of={(all ?? top).length} one="step" />{!whole ? ': what gains most for both sides, for least work' : elsewhere > 0 && '; what is left out is other teams’'}</>} aside={<Link to="." search={{ ...url, steps: whole ? undefined : 'all' } as never}>{whole ? 'The first five' : 'All steps'}</Link>}>
      {rows.length === 0 ? (
        <p className="soft">{elsewhere > 0 ? `None of the first steps is this team’s; ${many(elsewhere, 'is', 'are')} others’.` : 'Nothing counts against anybody: either all is done, or nobody looked yet. Inventory, scans and agents give the numbers.'}</p>
      ) : (
        <ol className="home-levers">{rows.map((one, at) => <One key={one.id} place={at + 1} lever={one} open={url.lever === one.id} toggle={() => set({ lever: url.lever === one.id ? undefined : one.id })} />)}</ol>
      )}
    </Section>
  )
}

function One({ place, lever, open, toggle }: { place: number; lever: Lever; open: boolean; toggle: () => void }) {
  return (
    <li>
      <div className="home-lever">
        <span className="home-lever-place num" aria-hidden="true">{place}</span>
        <div className="home-lever-what">
          <button type="button" className="home-open" aria-expanded={open} onClick={toggle}><T>{lever.title}</T></button>
          <div className="soft small home-sides">
            <span><span className="home-side">For operations</span> <T>{lever.operations}</T></span>
            <span><span className="home-side">For security</span> <T>{lever.security}</T></span>
          </div>
        </div>
        <div className="home-lever-who">
          <span className="row">
            {lever.unknown && <Badge title="Nobody told what this counts: inventory, scans and agents do">not known</Badge>}
            {lever.gained && <Badge kind="good" title={lever.gained.text}>{count(lever.gained.gained)} fewer</Badge>}
            <Badge title={lever.effort_why}>{lever.effort} effort</Badge>
          </span>
          <Owners teams={lever.owners} />
        </div>
      </div>
      {open && <Rows lever={lever} />}
    </li>
  )
}

function Owners({ teams }: { teams: string[] }) {
  const [first, second, ...rest] = teams
  if (!first) return <span className="soft small">nobody yet</span>
  return <span className="small nowrap"><Owner team={first} />{second && <>, <Owner team={second} /></>}{rest.length > 0 && <span className="soft" title={rest.join(', ')}> and {rest.length} more</span>}</span>
}

function Rows({ lever }: { lever: Lever }) {
  const [url, set] = useUrl()
  const asked = useGet('/api/v1/levers/{id}', { path: { id: lever.id } })
  const all = url.rows === 'all'
  return (
    <div className="home-rows">
      <Facts rows={[
        ['First step', <code key="step"><T>{lever.first_step}</T></code>],
        ['Effort', <span key="effort">{lever.effort}: <T>{lever.effort_why}</T></span>],
      ]} />
      {lever.gained && <p className="small"><Badge kind="good">gained</Badge> <T>{lever.gained.text}</T></p>}
      <Shown of={asked} lines={3}>
        {(told) => {
          const rows = (told as Opened).rows
          const shown = all ? rows : rows.slice(0, FIRST_ROWS)
          return (
            <>
              <p className="soft small"><Told shown={shown.length} of={rows.length} one="thing" /></p>
              <ul className="home-list">
                {shown.map((row, at) => (
                  <li key={at}>
                    <span className="grow"><T>{row.what}</T></span>
                    {row.entity && <Entity name={row.entity} />}
                    <Owner team={row.team} />
                  </li>
                ))}
              </ul>
              {shown.length < rows.length && <div><Button onClick={() => set({ rows: 'all' })}>Show all {count(rows.length)}</Button></div>}
            </>
          )
        }}
      </Shown>
    </div>
  )
}
