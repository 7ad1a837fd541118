// Drills: on the table or with probes, timed from what telemetry tells.
import { useState } from 'react'
import { useGet, usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Facts, Paste, Section, Shown, Trouble } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { Field } from '../../parts/form'
import { many } from '../../parts/number'
import { Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, span } from '../../parts/time'
import type { Run } from './shapes'

const EXAMPLE = `# knowledge/drills/orders-restore.yaml
title: Orders come back from their backup
service: checkout
owner: shop
restore: true
steady_state:
  - {name: few errors, query: "service:checkout level:error", within: 5m, at_most: 10}
steps:
  - Stop the primary of orders
  - {do: Restore it from last night, question: Where is the key of the backup?}
rollback: [Start the primary again]
expect: {detect_within: 5m, recover_within: 4h}`

export function Drills() {
  const [url, set] = useUrl()
  const drills = useGet('/api/v1/drills')
  return (
    <>
      <Shown of={drills}>
        {({ rows, problems }) => (
          <Section title="Drills" told={`${many(rows.length, 'drill')}, as files in the folders of knowledge`}>
            {problems.map((problem) => <Trouble key={problem} error={new Error(problem)} />)}
            {rows.length === 0 ? (
              <Empty title="Nothing was planned to be tried">
                <p>A drill is a file: what holds normally, what is done, how it is taken back. Experiments of Chaos Toolkit are read as they are.</p>
                <Paste text={EXAMPLE} />
              </Empty>
            ) : (
              <Table label="Drills" rows={rows} id={({ name }) => name} open={({ name }) => set({ drill: name })} opened={url.drill}
                columns={[
                  { id: 'title', head: 'Drill', sort: ({ title }) => title, cell: ({ title, restore }) => <span className="row"><T>{title}</T>{restore && <Badge kind="accent">proves a restore</Badge>}</span> },
                  { id: 'service', head: 'Of', cell: ({ service }) => <Entity name={service} /> },
                  { id: 'owner', head: 'Owner', cell: ({ owner }) => <Owner team={owner} /> },
                  { id: 'steps', head: 'Steps', className: 'wide-only num', cell: ({ steps }) => steps },
                  { id: 'probes', head: 'Probes', className: 'wide-only num', cell: ({ probes }) => probes },
                ]} />
            )}
          </Section>
        )}
      </Shown>
      {url.drill && <DrillDrawer name={url.drill} close={() => set({ drill: undefined, run: undefined })} />}
    </>
  )
}

function DrillDrawer({ name, close }: { name: string; close: () => void }) {
  const [url, set] = useUrl()
  const drill = useGet('/api/v1/drills/{name}', { path: { name } })
  const begin = usePost('/api/v1/drills/{name}/run')
  const known = drill.data
  const may = useMay('responder', known?.owner)
  const start = (mode: 'tabletop' | 'probes') => begin.mutate({ path: { name }, body: { mode } as never }, { onSuccess: (run) => set({ run: String((run as Run).run) }) })
  return (
    <Drawer title={known ? plain(known.title) : name} onClose={close}
      actions={may && !url.run && <><Button onClick={() => start('tabletop')} disabled={begin.isPending}>Talk it through</Button><Button kind="primary" onClick={() => start('probes')} disabled={begin.isPending}>Run it with probes</Button></>}>
      {begin.error && <Trouble error={begin.error} />}
      {url.run && <Running id={url.run} />}
      <Shown of={drill}>
        {(drill) => (
          <>
            <Facts rows={[
              ['Of', <Entity key="s" name={drill.service} />],
              ['Owner', <Owner key="o" team={drill.owner} />],
              ...Object.entries(drill.expect).map(([name, value]): [string, string | null] => [name[0]!.toUpperCase() + name.slice(1).replaceAll('_', ' '), value === null ? null : span(value * 1000)]),
              ['Probes', drill.probes.length > 0 && <T>{drill.probes.map(({ name }) => name).join(', ')}</T>],
            ]} />
            <Section title="Steps" told={drill.steps.length}>
              <ol className="steps">{drill.steps.map((step, at) => <li key={at}><span className="soft">{at + 1}{step.inject && ', breaks it'}</span><span><T>{step.text}</T>{step.question && <div className="soft"><T>{step.question}</T></div>}</span></li>)}</ol>
            </Section>
            <Section title="Asked at the table" told={`${drill.questions.length}, with what Tandem knows already`}>
              <ul className="col">{drill.questions.map(({ ask, known }, at) => <li key={at}><T>{ask}</T>{known && <div className="soft small"><T>{known}</T></div>}</li>)}</ul>
            </Section>
            <Section title="Taken back" told={drill.rollback.length}><ol className="col">{drill.rollback.map((step, at) => <li key={at}><T>{step}</T></li>)}</ol></Section>
          </>
        )}
      </Shown>
    </Drawer>
  )
}

/** A drill that runs: what is next, and what was said so far. */
function Running({ id }: { id: string }) {
  const [said, setSaid] = useState('')
  const [, set] = useUrl()
  const run = useGet('/api/v1/drill-runs/{id}', { path: { id } }, { every: 3000 })
  const again = { also: ['/api/v1/drill-runs'] }
  const did = usePost('/api/v1/drill-runs/{id}/did', again)
  const back = usePost('/api/v1/drill-runs/{id}/took_back', again)
  const finish = usePost('/api/v1/drill-runs/{id}/finish', { ...again, said: 'The drill is over; its evidence is in the audit trail', also: ['/api/v1/drill-runs', '/api/v1/recovery', '/api/v1/drills'] })
  const done = { onSuccess: () => setSaid('') }
  const busy = did.isPending || back.isPending || finish.isPending
  return (
    <Shown of={run} lines={3}>
      {(now) => (
        <Section title={`Running: ${now.mode}`} told={<>began <Ago at={now.started} />, {now.phase}</>}>
          {now.not_well.length > 0 && <Trouble error={new Error(`Not well: ${now.not_well.map(({ probe }) => probe).join(', ')}`)} />}
          {now.step && <p><strong>Step {now.step.number} of {now.step.of}:</strong> <T>{now.step.text}</T></p>}
          {!now.step && now.back && <p><strong>Take it back:</strong> <T>{now.back}</T></p>}
          <Field label={now.step?.question ? plain(now.step.question) : 'What came of it'} value={said} onChange={setSaid} area hint="It names systems rather than persons" />
          {(did.error ?? back.error ?? finish.error) && <Trouble error={did.error ?? back.error ?? finish.error} />}
          <div className="row">
            {now.step && <Button kind="primary" disabled={busy} onClick={() => did.mutate({ path: { id }, body: { said } as never }, done)}>Done, next</Button>}
            {!now.step && now.back && <Button kind="primary" disabled={busy} onClick={() => back.mutate({ path: { id }, body: { said } as never }, done)}>Taken back</Button>}
            <Button disabled={busy} onClick={() => finish.mutate({ path: { id } }, { onSuccess: () => set({ run: undefined }) })}>Finish</Button>
          </div>
        </Section>
      )}
    </Shown>
  )
}
