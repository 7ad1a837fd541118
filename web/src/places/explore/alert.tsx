// From a search to an alert rule: its text, and how often it would have fired.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { post, type Problem, type Schemas } from '../../api/client'
import { RANGES } from '../../app/time'
import { Button, LevelMark, Paste, Section, Shown } from '../../parts/basic'
import { Doing, Stopped } from '../../parts/doing'
import { Drawer } from '../../parts/drawer'
import { Entity } from '../../parts/entity'
import { Field } from '../../parts/form'
import { count, many } from '../../parts/number'
import { T } from '../../parts/text'
import { At } from '../../parts/time'
import { cut } from './language'
import { fileName, GROUPS, ruleText, WINDOWS } from './rule'

type Tested = Schemas['Hunted']
const BACK = RANGES.slice(3)

export function AlertRule({ query, close }: { query: string; close: () => void }) {
  const filter = cut(query).filter
  const [title, setTitle] = useState(filter ? `Many lines: ${filter}`.slice(0, 90) : 'Many lines')
  const [level, setLevel] = useState('medium')
  const [more, setMore] = useState('10')
  const [window, setWindow] = useState('5m')
  const [by, setBy] = useState('service')
  const [back, setBack] = useState('now-24h')
  const number = Number(more)
  const wrong = more.trim() === '' || !Number.isInteger(number) || number < 0 ? 'A whole number, 0 or more' : undefined
  const text = useMemo(() => ruleText({ title, level, query: filter, more: wrong ? 0 : number, window, by }), [title, level, filter, number, wrong, window, by])
  const download = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }))
    link.download = fileName(title)
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href))
  }
  return (
    <Drawer title="Alert on this search" onClose={close} actions={<Button onClick={download}>Download</Button>}>
      <div className="form">
        <Field label="Title" value={title} onChange={setTitle} required />
        <div className="explore-four">
          <Field label="More lines than" type="number" min="0" value={more} onChange={setMore} required wrong={wrong} />
          <Field label="Within" value={window} onChange={setWindow} options={WINDOWS.map(([value, label]) => ({ value, label }))} />
          <Field label="Counted for" value={by} onChange={setBy} options={GROUPS} />
          <Field label="Level" value={level} onChange={setLevel} options={['low', 'medium', 'high', 'critical']} />
        </div>
      </div>
      <Preview text={text} back={back} setBack={setBack} ready={!wrong} />
      <Section title="The rule">
        <Paste text={text} label="The rule’s file" />
        <p className="soft">
          Rules are files, reviewed like code: put it as <code>{fileName(title)}</code> into the folder that the server was started with (<code>--rules</code>), with a page of the same stem that says why it exists; <code>tandem rules reload</code> takes it in.
        </p>
      </Section>
    </Drawer>
  )
}

function Preview({ text, back, setBack, ready }: { text: string; back: string; setBack: (back: string) => void; ready: boolean }) {
  const asked = useDeferredValue(text)
  const client = useQueryClient()
  // The title does not change what is found.
  const queryKey = ['explore/backtest', asked.replace(/^(title|level): .*$/gm, ''), back]
  const tested = useQuery<Tested, Problem>({
    queryKey,
    enabled: ready,
    staleTime: 60_000,
    placeholderData: (previous) => previous,
    queryFn: async ({ signal }) => (await post('/api/v1/rules/backtest', { text: asked, from: back } as never, { signal })) as Tested,
  })
  return (
    <Section title="It would have fired" aside={<select className="select" aria-label="Over which time" value={back} onChange={(event) => setBack(event.target.value)}>{BACK.map(([from, name]) => <option key={from} value={from}>in the last {name}</option>)}</select>}>
      {tested.isFetching && <Doing key={queryKey.join()} what="Looking through what is stored" cancel={() => void client.cancelQueries({ queryKey })} />}
      {ready && tested.isPending && !tested.isFetching ? <Stopped again={() => void tested.refetch()} /> : <Shown of={tested} lines={4}>
        {(told) => (
          <div className={tested.isPlaceholderData ? 'col soft' : 'col'} aria-busy={tested.isFetching}>
            <p><b>{told.alerts === 0 ? 'Never' : many(told.alerts, 'time')}</b> <span className="told">{count(told.matches)} looks of it found too many</span></p>
            <Days days={told.days} />
            {told.top.length > 0 && <ul className="row">{told.top.slice(0, 8).map(([entity, number]) => <li key={entity} className="row"><Entity name={entity} /><span className="soft">{count(number)}</span></li>)}</ul>}
            <ul className="col">
              {told.samples.slice(0, 5).map((one) => <li key={one.id} className="explore-sample"><LevelMark level={one.level} short /><span><At at={one.first} /> <T>{one.why}</T></span></li>)}
            </ul>
            {told.alerts === 0 && <p className="soft">Lower the number, or look further back, to see what it would catch.</p>}
          </div>
        )}
      </Shown>}
    </Section>
  )
}

function Days({ days }: { days: Record<string, number> }) {
  const rows = Object.entries(days).sort()
  const most = Math.max(1, ...rows.map(([, number]) => number))
  if (rows.length < 2) return null
  return <ul className="explore-days" aria-label="By day">{rows.map(([day, number]) => <li key={day}><span className="nowrap soft">{day}</span><span className="bar"><i style={{ width: `${(number / most) * 100}%` }} /></span><span className="num">{count(number)}</span></li>)}</ul>
}
