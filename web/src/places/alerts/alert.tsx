// One alert, at an address of its own.
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { useMe } from '../../app/session'
import { Empty, Head, Shown } from '../../parts/basic'
import { useKeys } from '../../parts/keys'
import { Share } from '../../parts/range'
import { T } from '../../parts/text'
import { useAct } from './act'
import { Acts } from './acts'
import './alerts.css'
import { Detail, Standing } from './detail'
import { holds } from './shapes'

const EVERY_MS = 30_000

export default function Alert() {
  const { id } = useParams({ strict: false }) as { id: string }
  const me = useMe()
  const navigate = useNavigate()
  const asked = useGet('/api/v1/alerts/{id}', { path: { id } }, { every: EVERY_MS })
  const whole = asked.data
  const act = useAct()
  const acknowledge = () => whole && whole.state === 'open' && holds(me, 'responder', whole.team) && act.mutate({ rows: [whole], deed: { do: 'acknowledge' } })
  useKeys('Alert', {
    e: { does: 'Acknowledge', run: () => void acknowledge() },
    Escape: { does: 'Back to the queue', run: () => void navigate({ to: '/alerts' }) },
  })
  if (asked.error?.status === 403 || asked.error?.status === 404)
    return (
      <div className="place">
        <Head title="Alert" />
        <Empty title="There is no such alert for you">
          <p>It may be of a dataset that you may not see, or the address is wrong. Alerts are never deleted: closed ones are in the queue under “In any state”.</p>
          <Link className="button" to="/alerts" search={{ state: 'all' } as never}>The queue, closed ones too</Link>
        </Empty>
      </div>
    )
  return (
    <div className="place">
      <Head title={whole ? <T>{whole.title}</T> : 'Alert'} back={<Link to="/alerts">Queue</Link>}><Share /></Head>
      <Shown of={asked}>
        {() => whole && (
          <>
            <Standing whole={whole} />
            <Acts rows={[whole]} />
            <Detail whole={whole} wide />
          </>
        )}
      </Shown>
    </div>
  )
}
