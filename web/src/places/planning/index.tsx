// What is talked about, what comes, and whether it gets better.
import { Head } from '../../parts/basic'
import { Tabs, useTab } from '../../parts/tabs'
import { Agenda } from './agenda'
import { Dora } from './dora'
import { Roadmap } from './roadmap'
import { Stream } from './stream'
import { Upgrades } from './upgrades'

const TABS = [
  { id: 'agenda', name: 'Agenda' },
  { id: 'roadmap', name: 'Roadmap' },
  { id: 'upgrades', name: 'Upgrades' },
  { id: 'dora', name: 'DORA' },
  { id: 'stream', name: 'Value stream' },
]

export default function Planning() {
  const tab = useTab(TABS)
  return (
    <div className="place fits">
      <Head title="Planning" />
      <Tabs tabs={TABS} label="Planning" />
      {tab === 'agenda' && <Agenda />}
      {tab === 'roadmap' && <Roadmap />}
      {tab === 'upgrades' && <Upgrades />}
      {tab === 'dora' && <Dora />}
      {tab === 'stream' && <Stream />}
    </div>
  )
}
