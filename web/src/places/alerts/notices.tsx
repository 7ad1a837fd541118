// Notices that no channel took: what went wrong, when they are tried again, and once more.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useGet, usePost } from '../../api/queries'
import { useMay } from '../../app/session'
import { Button, Empty, Facts, Section, Shown, Trouble } from '../../parts/basic'
import { count, many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, span } from '../../parts/time'

type Dead = Schemas['DeadNotice']

export default function Notices() {
  const asked = useGet('/api/v1/notices', {}, { every: 30_000 })
  const detection = useGet('/api/v1/detection')
  const numbers = detection.data
  const rows = asked.data?.rows ?? []
  const waiting = asked.data?.waiting ?? []
  const may = useMay('responder')
  const [chosen, setChosen] = useState<Set<string>>(new Set())
  const retry = usePost('/api/v1/notices/retry', { said: (told) => `${many((told as { retried: number }).retried, 'notice')} will be sent again`, also: ['/api/v1/notices', '/api/v1/detection'] })
  const ids = chosen.size > 0 ? [...chosen].map(Number) : rows.map(({ id }) => id)
  const columns: Column<Dead>[] = [
    { id: 'channel', head: 'Channel', cell: (row) => <T>{row.channel}</T>, sort: (row) => row.channel },
    { id: 'about', head: 'About', cell: (row) => (row.about ? <Link to="/alerts/$id" params={{ id: String(row.about) } as never}>its alert</Link> : <span className="soft">–</span>) },
    { id: 'error', head: 'What went wrong', cell: (row) => <T most={500}>{row.error}</T> },
    { id: 'tries', head: 'Tried', className: 'num', cell: (row) => count(row.attempts), sort: (row) => row.attempts },
    { id: 'body', head: 'What would have been sent', cell: (row) => <details><summary className="soft"><T most={80}>{row.body}</T></summary><pre className="wrap small"><T most={4_000}>{row.body}</T></pre></details> },
  ]
  const givenUp: Column<Dead> = { id: 'at', head: 'Given up', className: 'nowrap', cell: (row) => <Ago at={row.at} />, sort: (row) => row.at }
  const due: Column<Dead> = { id: 'due', head: 'Tried again', className: 'nowrap', cell: (row) => <Ago at={row.due} />, sort: (row) => row.due }
  return (
    <>
      <Section title="Given up" told={rows.length} aside={rows.length > 0 && may && <Button kind="primary" disabled={retry.isPending} onClick={() => retry.mutate({ body: { ids } as never }, { onSuccess: () => setChosen(new Set()) })}>Send {chosen.size > 0 ? many(chosen.size, 'notice') : 'all'} again</Button>}>
        {retry.error && <Trouble error={retry.error} />}
        <Shown of={asked}>
          {() => rows.length === 0 ? (
            <Empty title={waiting.length > 0 ? 'No notice was given up' : 'Every notice was taken'}><p>A notice that a channel does not take is tried again for hours, 12 times; what is given up stands here. Channels are set under <code>[notify]</code> in the server’s file.</p></Empty>
          ) : (
            <Table label="Notices given up" rows={rows} columns={[givenUp, ...columns]} id={(row) => String(row.id)} {...(may ? { chosen, choose: setChosen } : {})} />
          )}
        </Shown>
      </Section>
      {waiting.length > 0 && (
        <Section title="On their way" told={waiting.length}>
          <Table label="Notices that are tried again" keys={false} rows={waiting} columns={[due, ...columns]} id={(row) => String(row.id)} />
        </Section>
      )}
      {numbers && (
        <Section title="Since the start">
          <Facts rows={[
            ['Sent', many(numbers.notices.sent, 'notice')],
            ['Attempts that failed', count(numbers.notices.failed_attempts)],
            ['From an event to its alert', numbers.latency.count > 0 && numbers.latency.p50_below_seconds !== null && `half below ${span(1000 * numbers.latency.p50_below_seconds)}${numbers.latency.p99_below_seconds !== null ? `, 99 of 100 below ${span(1000 * numbers.latency.p99_below_seconds)}` : ''}`],
          ]} />
        </Section>
      )}
    </>
  )
}
