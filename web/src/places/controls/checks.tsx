// Checks: "ready", or "not yet, because ...". Trying one keeps nothing; those of pipelines are listed.
import { useState } from 'react'
import { usePost } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Section, Shown, Told, Trouble } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity } from '../../parts/entity'
import { Field } from '../../parts/form'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { MOST_VERDICTS, useVerdicts } from './data'
import { Choose } from './list'
import { Services, SERVICES } from './parts'
import type { Verdict } from './shapes'
import { AnswerMark, asked, VerdictView } from './verdict'

export function Checks() {
  const [url, set] = useUrl()
  const of = useVerdicts()
  const rows = of.data ?? []
  const shown = rows.filter((one) => (!url.says || (url.says === 'stopped' ? one.stopped : one.answer === url.says)) && (!url.service || one.asked.service === url.service))
  const services = [...new Set(rows.map((one) => one.asked.service))].sort()
  const opened = rows.find(({ id }) => String(id) === url.open)
  return (
    <>
      <Try />
      <Section title="Asked by pipelines and clusters" told={of.data && <><Told shown={shown.length} of={rows.length} one="verdict" took={of.tookMs} />{rows.length === MOST_VERDICTS ? ', the newest' : ''}</>}
        aside={<span className="row"><Choose label="Answer" all="All answers" value={url.says} options={[['not_yet', 'not yet'], ['undecided', 'undecided'], ['ready', 'ready'], ['stopped', 'stopped']]} set={(says) => set({ says })} /><Choose label="Service" all="All services" value={url.service} options={services} set={(service) => set({ service })} /></span>}>
        <Shown of={of}>
          {() =>
            shown.length > 0 ? <Table label="Verdicts" rows={shown} columns={COLUMNS} id={({ id }) => String(id)} open={({ id }) => set({ open: String(id) })} opened={url.open} /> : (
              <Empty title={rows.length ? 'Nothing fits' : 'Nobody asked yet'}>
                <p>A pipeline asks before it releases: <code>tandem check release SERVICE --environment production --version 1.4.2</code>; a cluster asks through the admission webhook. The same answer given again is one.</p>
              </Empty>
            )
          }
        </Shown>
      </Section>
      {opened && (
        <Drawer title={`${asked(opened.asked)}`} onClose={() => set({ open: undefined })}>
          <VerdictView verdict={opened} titled={false} />
        </Drawer>
      )}
    </>
  )
}

const COLUMNS: Column<Verdict>[] = [
  { id: 'answer', head: 'Answer', sort: ({ answer }) => answer, cell: (verdict) => <AnswerMark verdict={verdict} /> },
  { id: 'asked', head: 'Asked', sort: ({ asked: of }) => of.question, cell: ({ asked: of }) => <T>{asked(of, false)}</T> },
  { id: 'service', head: 'Service', sort: ({ asked: of }) => of.service, cell: ({ asked: of }) => <Entity name={`service:${of.service}`} /> },
  { id: 'because', className: 'wide-only', head: 'Because', width: '46%', cell: ({ reasons }) => <Because reasons={reasons} /> },
  { id: 'at', className: 'wide-only', head: 'When', sort: ({ at }) => millis(at), cell: ({ at }) => <span className="nowrap"><Ago at={at} /></span> },
]

const FIRST = 2
function Because({ reasons }: { reasons: Verdict['reasons'] }) {
  if (reasons.length === 0) return <span className="soft">nothing speaks against it</span>
  return (
    <>
      {reasons.slice(0, FIRST).map((one, at) => <div key={at} className="controls-line"><T>{one.text}</T>{one.excepted && <> <Badge kind="plain">excepted</Badge></>}</div>)}
      {reasons.length > FIRST && <span className="soft small">and {reasons.length - FIRST} more</span>}
    </>
  )
}

function Try() {
  const [question, setQuestion] = useState('release')
  const [service, setService] = useState('')
  const [environment, setEnvironment] = useState('production')
  const [version, setVersion] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [defence, setDefence] = useState('')
  const [told, setTold] = useState<Verdict>()
  const check = usePost('/api/v1/check')
  const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined)
  const wrong = (text: string) => (text && number(text) === undefined ? 'A whole number' : undefined)
  const ready = service.trim() !== '' && !wrong(from) && !wrong(to)
  const submit = () =>
    check.mutate(
      {
        body: {
          dry_run: true,
          questions: [{
            question, service: service.trim().replace(/^service:/, ''), environment: environment || undefined, defence: defence || undefined,
            ...(question === 'release' ? { version: version || undefined } : { from: number(from), to: number(to) }),
          }],
        } as never,
      },
      { onSuccess: (answer) => setTold((answer as { verdicts: Verdict[] }).verdicts[0]) },
    )
  return (
    <Section title="Try one" told="Keeps nothing and stops nobody">
      <form className="controls-try" onSubmit={(event) => (event.preventDefault(), ready && submit())}>
        <Field label="May it" value={question} onChange={setQuestion} options={[{ value: 'release', label: 'be released?' }, { value: 'scale', label: 'grow?' }]} />
        <Field label="Service" value={service} onChange={setService} list={SERVICES} placeholder="checkout" required />
        <Services />
        <Field label="Environment" value={environment} onChange={setEnvironment} />
        {question === 'release' ? <Field label="Version" value={version} onChange={setVersion} placeholder="1.4.2" /> : (
          <>
            <Field label="From" value={from} onChange={setFrom} placeholder="3" wrong={wrong(from)} />
            <Field label="To" value={to} onChange={setTo} placeholder="12" wrong={wrong(to)} />
          </>
        )}
        <Field label="For defence, because" value={defence} onChange={setDefence} placeholder="only if it is for defence" />
        <button type="submit" className="button primary" disabled={!ready || check.isPending}>{check.isPending ? 'Asking …' : 'Ask'}</button>
        {told && <Button onClick={() => setTold(undefined)}>Clear</Button>}
      </form>
      {check.error && <Trouble error={check.error} />}
      {told && <div className="controls-told"><VerdictView verdict={told} /></div>}
    </Section>
  )
}
