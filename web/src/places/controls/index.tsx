import { useMay } from '../../app/session'
import { useUrl } from '../../app/url'
import { Head } from '../../parts/basic'
import { many } from '../../parts/number'
import { Tabs, useTab } from '../../parts/tabs'
import { Adjustments } from './adjustments'
import { Answered } from './answered'
import { Answers } from './answers'
import { Audit } from './audit'
import { Checks } from './checks'
import { useAnswers, useControls, useRestrictions } from './data'
import { Exceptions, useRows } from './exceptions'
import { FrictionTab } from './friction'
import { List } from './list'
import { Lockdowns } from './lockdowns'
import './controls.css'

export default function Place() {
  const [url] = useUrl()
  const controls = useControls()
  const waiting = useAnswers({})
  const restrictions = useRestrictions()
  const admin = useMay('admin', '*')
  const exceptions = useRows(restrictions.data?.rows)
  const tabs = [
    { id: 'controls', name: 'Controls', count: controls.data?.count },
    { id: 'friction', name: 'Friction' },
    { id: 'answers', name: 'Answers', count: waiting.data?.count },
    { id: 'exceptions', name: 'Exceptions', count: restrictions.data && exceptions.length },
    { id: 'adjustments', name: 'Adjustments', count: controls.data?.adjustments.length },
    { id: 'lockdowns', name: 'Lockdowns', count: controls.data && controls.data.lockdowns.length + controls.data.reviews.length },
    { id: 'checks', name: 'Checks' },
    ...(admin ? [{ id: 'audit', name: 'Audit trail' }] : []),
  ]
  const tab = useTab(tabs)
  const stops = controls.data?.controls.filter(({ mode }) => mode === 'enforce').length ?? 0
  return (
    <div className={tab === 'audit' ? 'place full controls' : 'place controls fits'}>
      <Head title="Controls" told={controls.data && `${many(controls.data.count, 'control')}, ${stops} stop, ${many(waiting.data?.count ?? 0, 'answer')} to reply to`} />
      <Tabs tabs={tabs} label="Controls" />
      {tab === 'controls' && <List />}
      {tab === 'friction' && <FrictionTab />}
      {tab === 'answers' && <Answers />}
      {tab === 'exceptions' && <Exceptions />}
      {tab === 'adjustments' && <Adjustments />}
      {tab === 'lockdowns' && <Lockdowns />}
      {tab === 'checks' && <Checks />}
      {tab === 'audit' && <Audit />}
      {url.answer && <Answered id={url.answer} />}
    </div>
  )
}
