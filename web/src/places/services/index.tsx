// Services: what runs, whose it is, and how it hangs together; now, or as of a time.
import { Head } from '../../parts/basic'
import { late } from '../../parts/late'
import { Share } from '../../parts/range'
import { type Tab, Tabs, useTab } from '../../parts/tabs'
import { AsOfBar } from './asof'
import { Catalog } from './catalog'
import './services.css'

const Reports = late(() => import('./reports'))
const Calls = late(() => import('./map'))
const TABS: Tab[] = [{ id: 'catalog', name: 'Catalog' }, { id: 'map', name: 'Map' }, { id: 'reports', name: 'Reports' }]

export default function Services() {
  const tab = useTab(TABS)
  return (
    <div className="place">
      <Head title="Services" told="What runs, whose it is, and how it hangs together"><Share /></Head>
      <AsOfBar />
      <Tabs tabs={TABS} label="Services" keep={['at']} />
      {tab === 'catalog' ? <Catalog /> : tab === 'map' ? <Calls /> : <Reports />}
    </div>
  )
}
