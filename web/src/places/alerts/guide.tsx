// What to do: playbooks that can be run, and the pages that say what to try first.
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useGet, usePost } from '../../api/queries'
import { Button, Section, Trouble, Waiting } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { late } from '../../parts/late'
import { many } from '../../parts/number'
import { T } from '../../parts/text'
import { useMine } from './acts'
import { SHOWN } from './act'
import type { Beside, Whole } from './shapes'

const Markdown = late(() => import('../../parts/markdown'))
const BECAUSE: Record<string, string> = {
  link: 'the rule links to it', rule: 'it names the rule', alert_name: 'it names the alert', technique: 'it is about the same technique', service: 'it is about the service', text: 'its words are near',
}

export function Guide({ whole }: { whole: Whole }) {
  const playbooks = whole.playbooks ?? []
  const [open, setOpen] = useState<string>()
  const toggle = (page: string) => setOpen(open === page ? undefined : page)
  return (
    <Section title="What to do" told={[playbooks.length > 0 && many(playbooks.length, 'playbook'), whole.runbooks.length > 0 && many(whole.runbooks.length, 'page')].filter(Boolean).join(', ') || undefined}>
      {playbooks.map((one) => <Playbook key={one.name} whole={whole} name={one.name} minutes={one.minutes} />)}
      {whole.runbook && /^https?:\/\//.test(whole.runbook) && <p>The rule says to look at <a href={whole.runbook} rel="noreferrer noopener"><T>{whole.runbook}</T></a>.</p>}
      {whole.runbooks.length === 0 ? (
        <p className="soft">No page says what to do. Write one: a Markdown file in the knowledge folder, with this rule or service in its head; it is laid here from then on. <Link to="/readiness">Knowledge</Link></p>
      ) : (
        <ul className="alerts-pages">
          {whole.runbooks.map((one) => <Guiding key={one.page} page={one} whole={whole} open={open === one.page} toggle={() => toggle(one.page)} />)}
        </ul>
      )}
    </Section>
  )
}

function Guiding({ page, whole, open, toggle }: { page: Beside; whole: Whole; open: boolean; toggle: () => void }) {
  const helped = usePost('/api/v1/knowledge/helped', { said: 'Kept: the page comes first at the next alert of this rule', also: ['/api/v1/alerts', '/api/v1/incidents'] })
  const say = () => helped.mutate({ body: { page: page.page, ...(whole.kind === 'alert' ? { alert: whole.id } : { rule: whole.parts.find(({ kind }) => kind === 'alert')?.rule ?? '' }) } as never })
  return (
    <li>
      <div className="alerts-beside">
        <span className="row">
          <Button kind="quiet" icon={open ? 'down' : 'right'} aria-expanded={open} onClick={toggle}><strong><T>{page.title}</T></strong></Button>
          <span className="soft small">{BECAUSE[page.why] ?? page.why}{page.helped > 0 && `; helped ${many(page.helped, 'time')}`}</span>
        </span>
        <span className="row">
          <Button disabled={helped.isPending || helped.isSuccess} onClick={say}>{helped.isSuccess ? 'Helped' : 'This helped'}</Button>
          <Link to="/readiness" search={{ page: page.page } as never}>Page</Link>
        </span>
      </div>
      {helped.error && <Trouble error={helped.error} />}
      {open && <Content page={page.page} />}
    </li>
  )
}

function Content({ page }: { page: string }) {
  const read = useGet('/api/v1/knowledge/page', { query: { id: page } })
  const text = read.data?.markdown
  if (read.error) return <Trouble error={read.error} retry={() => void read.refetch()} />
  if (text === undefined) return <Waiting lines={4} />
  return <div className="alerts-page"><Markdown text={text} /></div>
}


/** Whether a playbook was run and not undone. */
function isDone(whole: Whole, name: string): boolean {
  const told = whole.timeline.filter((one) => one.what === 'action' && one.value === name && (one.detail === 'begun' || one.detail === 'undone'))
  return told.at(-1)?.detail === 'begun'
}

function Playbook({ whole, name, minutes }: { whole: Whole; name: string; minutes: number }) {
  const [ask, setAsk] = useState(false)
  const done = isDone(whole, name)
  const may = useMine([whole]).length > 0
  return (
    <div className="row alerts-playbook">
      <strong><T>{name}</T></strong>
      <span className="soft small">{done ? 'was run' : 'a playbook that waits for approval'}{minutes > 0 && `; saves ${many(minutes, 'minute')}`}</span>
      {may && <span className="alerts-right"><Button onClick={() => setAsk(true)}>{done ? 'Undo …' : 'See and run …'}</Button></span>}
      {ask && <Run whole={whole} name={name} undo={done} close={() => setAsk(false)} />}
    </div>
  )
}

function Run({ whole, name, undo, close }: { whole: Whole; name: string; undo: boolean; close: () => void }) {
  const [reason, setReason] = useState('')
  const dry = usePost('/api/v1/alerts/{id}/playbook')
  const run = usePost('/api/v1/alerts/{id}/playbook', { said: undo ? 'The playbook is undone' : 'The playbook runs', also: SHOWN })
  const path = { id: whole.id }
  // What it would do is asked for once, when the form opens.
  const { mutate: ask } = dry
  useEffect(() => {
    if (!undo) ask({ path: { id: whole.id }, body: { name, run: 'dry' } as never })
  }, [ask, undo, whole.id, name])
  const steps = dry.data?.steps ?? []
  const stuck = steps.some(({ problem }) => problem)
  const submit = () => run.mutate({ path, body: { name, run: undo ? 'undo' : 'run', reason } as never }, { onSuccess: close })
  return (
    <Dialog title={undo ? `Undo: ${name}` : `Playbook: ${name}`} send={undo ? 'Undo' : 'Approve and run'} submit={submit} onClose={close} doing={run.isPending} error={run.error ?? dry.error} ready={reason.trim() !== '' && !stuck}>
      {!undo && (dry.isPending ? <Waiting lines={3} /> : (
        <ol className="alerts-steps">
          {steps.map((step, at) => (
            <li key={at}>
              <div><strong><T>{step.action}</T></strong>{step.channel && <> by <T>{step.channel}</T></>}</div>
              <pre><T most={2_000}>{step.text}</T></pre>
              {step.problem && <span className="alerts-wrong"><T>{step.problem}</T></span>}
            </li>
          ))}
        </ol>
      ))}
      {stuck && <p className="soft">It cannot be run as it is: what is wrong stands beside the step.</p>}
      <Field label="Why" value={reason} onChange={setReason} required autoFocus hint="This is the approval; it stands in the timeline." />
    </Dialog>
  )
}
