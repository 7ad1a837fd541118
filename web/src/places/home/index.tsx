// Home: what to do next, what waits, what goes on; on an empty server, how to fill it.
import { useState } from 'react'
import { useGet } from '../../api/queries'
import type { Schemas } from '../../api/client'
import { useTeams } from '../../app/session'
import { useUrl } from '../../app/url'
import { Button, Head, Shown, Waiting } from '../../parts/basic'
import { PasteIn, useArrivals } from '../../parts/paste-in'
import { Share } from '../../parts/range'
import { Changes } from './changes'
import { Health } from './health'
import './home.css'
import { Levers } from './levers'
import { Now } from './now'
import { Work } from './work'

const EVERY_MS = 60_000
type Told = Schemas['Home']

export default function Home() {
  const [url] = useUrl()
  const arrivals = useArrivals()
  // Who fills an empty server sees the panel until they leave it: it turns live before their eyes.
  const [filling, setFilling] = useState(false)
  const home = useGet('/api/v1/home', {}, { every: EVERY_MS })
  const data = home.data
  const teams = useTeams()
  // One’s own team comes first; who has a role in all sees all.
  const team = url.team === '*' ? undefined : (url.team ?? (data?.teams?.length === 1 ? teams[0] : undefined))
  if (!arrivals.known && !arrivals.error) return <div className="place"><Head title="Home" /><Waiting /></div>
  const empty = arrivals.known && arrivals.rows.length === 0
  if (empty && !filling) setFilling(true)
  if (filling) return <First home={data} live={!empty} done={() => setFilling(false)} />
  return (
    <div className="place">
      <Head title="Home">
        <TeamChoice team={team} />
        <Share />
      </Head>
      <Shown of={home}>
        {() => data && (
          <>
            {(data.incidents.count > 0 || data.lockdowns.count > 0 || data.reviews.count > 0) && <Now home={data} team={team} />}
            <Levers top={data.levers} team={team} />
            <div className="columns">
              <Work team={team} home={data} />
              <div className="home-side-by">
                <Changes team={team} />
                <Health home={data} />
              </div>
            </div>
          </>
        )}
      </Shown>
    </div>
  )
}

/** Teams of the caller, and those that own what is open. */
function TeamChoice({ team }: { team: string | undefined }) {
  const [, set] = useUrl()
  const mine = useTeams()
  const queue = useGet('/api/v1/alerts', { query: { state: 'all', limit: 1 } })
  const owners = useGet('/api/v1/findings', { query: { limit: 50 } })
  const named = ((owners.data as { findings?: { owner: { team: string } | null }[] } | undefined)?.findings ?? []).map((one) => one.owner?.team ?? '')
  const counted = Object.keys(queue.data?.counts.owners ?? {})
  const all = [...new Set([...mine, ...counted, ...named, ...(team ? [team] : [])])].filter(Boolean).sort()
  return (
    <select className="select" aria-label="Whose work" value={team ?? '*'} onChange={(event) => set({ team: event.target.value })}>
      <option value="*">All teams</option>
      {all.map((one) => <option key={one} value={one}>{one}</option>)}
    </select>
  )
}

function First({ home, live, done }: { home: Told | undefined; live: boolean; done: () => void }) {
  return (
    <div className="place">
      <Head title="Welcome">{live && <Button kind="primary" onClick={done}>Go on to Home</Button>}</Head>
      <p className="home-lead">Tandem shows what runs, what is weak, what changed and who acts next, from what your systems send. {live ? 'The first events are here.' : 'Nothing has sent yet: three steps, and this page turns live.'}</p>
      <PasteIn />
      <Health home={home} />
    </div>
  )
}
