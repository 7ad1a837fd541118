// Whether everything would come back, and where it says how.
import { Head } from '../../parts/basic'
import { Tabs, useTab } from '../../parts/tabs'
import { Coverage } from './coverage'
import { Drills } from './drills'
import { Knowledge } from './knowledge'
import { Restore } from './restore'

const TABS = [
  { id: 'knowledge', name: 'Knowledge' },
  { id: 'restore', name: 'Restore' },
  { id: 'drills', name: 'Drills' },
  { id: 'coverage', name: 'Coverage' },
]

export default function Readiness() {
  const tab = useTab(TABS)
  return (
    <div className="place fits">
      <Head title="Readiness" />
      <Tabs tabs={TABS} label="Readiness" />
      {tab === 'knowledge' && <Knowledge />}
      {tab === 'restore' && <Restore />}
      {tab === 'drills' && <Drills />}
      {tab === 'coverage' && <Coverage />}
    </div>
  )
}
