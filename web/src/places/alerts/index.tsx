// Alerts and incidents: one queue, and what came of it.
import { useGet } from '../../api/queries'
import { Head } from '../../parts/basic'
import { late } from '../../parts/late'
import { Share } from '../../parts/range'
import { type Tab, Tabs, useTab } from '../../parts/tabs'
import './alerts.css'
import { Queue } from './queue'
import type { Page } from './shapes'

const Incidents = late(() => import('./incidents'))
const Suppressions = late(() => import('./suppressions'))
const Ledger = late(() => import('./ledger'))
const Rules = late(() => import('./rules'))
const Notices = late(() => import('./notices'))
const TABS: Tab[] = [
  { id: 'queue', name: 'Queue' },
  { id: 'incidents', name: 'Incidents' },
  { id: 'suppressions', name: 'Suppressions' },
  { id: 'ledger', name: 'Ledger of rules' },
  { id: 'rules', name: 'Rules' },
  { id: 'notices', name: 'Notices' },
]
const EVERY_MS = 30_000

export default function Alerts() {
  const tab = useTab(TABS)
  const many = useCounts()
  const Shown = { incidents: Incidents, suppressions: Suppressions, ledger: Ledger, rules: Rules, notices: Notices }[tab]
  return (
    <div className={tab === 'queue' || tab === 'rules' ? 'place full' : 'place fits'}>
      <Head title="Alerts & Incidents"><Share /></Head>
      <Tabs tabs={TABS.map((one) => ({ ...one, count: many[one.id] }))} label="Alerts and incidents" />
      {Shown ? <Shown /> : <Queue />}
    </div>
  )
}

/** How many there are behind the tabs that wait for somebody. */
function useCounts(): Record<string, number | undefined> {
  const all = (answer: unknown) => (answer as Page | undefined)?.counts.all
  const alerts = useGet('/api/v1/alerts', { query: { limit: 1 } }, { every: EVERY_MS })
  const incidents = useGet('/api/v1/incidents', { query: { limit: 1 } }, { every: EVERY_MS })
  const suppressions = useGet('/api/v1/suppressions', { query: { limit: 1 } })
  const notices = useGet('/api/v1/notices')
  const failed = notices.data?.rows.length
  return { queue: all(alerts.data), incidents: all(incidents.data), suppressions: all(suppressions.data), ...(failed ? { notices: failed } : {}) }
}
