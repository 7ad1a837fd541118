// An alert beside the queue it was opened from.
import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Shown } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { plain } from '../../parts/text'
import { Acts } from './acts'
import { Detail, Standing } from './detail'

export default function AlertDrawer({ id, close }: { id: number; close: () => void }) {
  const [url] = useUrl()
  const asked = useGet('/api/v1/alerts/{id}', { path: { id } }, { keep: true })
  const whole = asked.data
  return (
    <Drawer title={whole ? plain(whole.title) : 'Alert'} onClose={close} actions={<Link className="button quiet" to="/alerts/$id" params={{ id: String(id) } as never} search={(url.at ? { at: url.at } : {}) as never}>Page</Link>}>
      <Shown of={asked}>
        {() => whole && (
          <>
            <Standing whole={whole} />
            <Acts rows={[whole]} />
            <Detail whole={whole} />
          </>
        )}
      </Shown>
    </Drawer>
  )
}
