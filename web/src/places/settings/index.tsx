// Settings: oneself, those who come in, how to send, and what the server is and wrote down.
import { useMay, useMe } from '../../app/session'
import { useUrl } from '../../app/url'
import { Empty, Head } from '../../parts/basic'
import { late } from '../../parts/late'
import { type Tab, Tabs, useTab } from '../../parts/tabs'
import { plain } from '../../parts/text'
import { useAdminOfAll } from './grants'
import { team } from './shapes'
import { You } from './you'
import './settings.css'

const PLACES = {
  you: You,
  sending: late(() => import('./sending')),
  users: late(() => import('./users')),
  tokens: late(() => import('./tokens')),
  routes: late(() => import('./routes')),
  audit: late(() => import('./audit')),
  knowledge: late(() => import('./knowledge')),
  about: late(() => import('./about')),
}
type Id = keyof typeof PLACES
type Need = 'admin of a team' | 'admin of all teams'
const TABS: (Tab & { id: Id; need?: Need })[] = [
  { id: 'you', name: 'You' },
  { id: 'sending', name: 'How to send' },
  { id: 'users', name: 'Users', need: 'admin of a team' },
  { id: 'tokens', name: 'Tokens', need: 'admin of a team' },
  { id: 'routes', name: 'Routes' },
  { id: 'audit', name: 'Audit trail', need: 'admin of all teams' },
  { id: 'knowledge', name: 'Knowledge files' },
  { id: 'about', name: 'About' },
]

export default function SettingsPlace() {
  const [url] = useUrl()
  const admin = useMay('admin')
  const all = useAdminOfAll()
  const may = ({ need }: { need?: Need }) => !need || (need === 'admin of a team' ? admin : all)
  const tabs = TABS.filter(may)
  const tab = useTab(tabs) as Id
  // A link of somebody else's may lead to what is not offered here.
  const refused = TABS.find((one) => one.id === url.tab && !may(one))
  const Place = PLACES[tab]
  return (
    <div className="place">
      <Head title="Settings" />
      <Tabs tabs={tabs} label="Settings" />
      {refused ? <Refused name={refused.name} need={refused.need!} /> : <Place />}
    </div>
  )
}

function Refused({ name, need }: { name: string; need: Need }) {
  const me = useMe()
  return (
    <Empty title={`${name} takes the role ${need}`}>
      <p>You are {me.grants.map((grant) => `${plain(grant.role)} of ${plain(team(grant.team))}`).join(', ') || 'without a role'}. An admin may give you more, or look here for you. What is refused is written down with its reason.</p>
    </Empty>
  )
}
