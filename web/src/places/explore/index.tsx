// Explore: what was sent, as lines, traces, numbers or tables of one's own.
import { useUrl } from '../../app/url'
import { Drawer } from '../../parts/drawer'
import { late } from '../../parts/late'
import { type Tab, Tabs, useTab } from '../../parts/tabs'
import Logs from './logs'
import './explore.css'

const Traces = late(() => import('./traces'))
const Trace = late(() => import('./trace'))
const Metrics = late(() => import('./metrics'))
const Sql = late(() => import('./sql'))
const TABS: Tab[] = [{ id: 'logs', name: 'Logs' }, { id: 'traces', name: 'Traces' }, { id: 'metrics', name: 'Metrics' }, { id: 'sql', name: 'SQL' }]
const PLACES = { logs: Logs, traces: Traces, metrics: Metrics, sql: Sql }

export default function Explore() {
  const tab = useTab(TABS)
  const [url, set] = useUrl()
  const Place = PLACES[tab as keyof typeof PLACES]
  return (
    <div className="place full explore">
      <h1 className="hidden-visually">Explore</h1>
      <Tabs tabs={TABS} label="What is looked at" />
      <Place />
      {url.trace && (
        <Drawer title="Trace" onClose={() => set({ trace: undefined })}>
          <Trace id={url.trace} />
        </Drawer>
      )}
    </div>
  )
}
