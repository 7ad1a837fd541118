// How Tandem itself is doing: whether it can be believed.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useGet } from '../../api/queries'
import type { Schemas } from '../../api/client'
import { Badge, Facts, Section, Shown } from '../../parts/basic'
import { Icon } from '../../parts/icon'
import { bytes, count, many } from '../../parts/number'
import { Ago, millis, span } from '../../parts/time'

const EVERY_MS = 15_000
/** Commits that detection may be behind before it is said. */
const BEHIND = 1_000
/** A stream that sent within an hour of the newest is alive. */
const ALIVE_MS = 3_600_000

/** What is wrong, each with where to look. */
function troubles(status: Schemas['Status'], detection: Schemas['Detection'] | undefined, problems: string[]): ReactNode[] {
  const store = status.store
  const rejected = (status.ingest ?? []).reduce((sum, door) => sum + door.rejected, 0)
  const all: (ReactNode | false | undefined)[] = [
    !status.ready && 'It takes no requests now.',
    status.quarantined > 0 && `${many(status.quarantined, 'file')} set aside as damaged: restore from a backup.`,
    store && store.failed_commits > 0 && `${many(store.failed_commits, 'write')} failed: is the disk full?`,
    store && store.failed_flushes > 0 && `${many(store.failed_flushes, 'flush', 'flushes')} failed: is the disk full?`,
    store && store.busy > 0 && `${many(store.busy, 'request')} turned away because the store was busy; senders try again.`,
    rejected > 0 && `${many(rejected, 'record')} rejected as malformed.`,
    detection && detection.behind > BEHIND && `Detection is ${many(detection.behind, 'commit')} behind: alerts come late.`,
    detection && detection.refused > 0 && <>{many(detection.refused, 'rule file')} refused. <Link to="/alerts" search={{ tab: 'rules' } as never}>Which</Link></>,
    detection && detection.notices.failed_attempts > 0 && <>{many(detection.notices.failed_attempts, 'attempt')} to send a notice failed. <Link to="/alerts" search={{ tab: 'notices' } as never}>Which</Link></>,
    problems.length > 0 && <>{many(problems.length, 'file')} of knowledge cannot be used. <Link to="/settings">Which</Link></>,
  ]
  return all.filter(Boolean)
}

export function Health({ home }: { home: Schemas['Home'] | undefined }) {
  const status = useGet('/api/v1/status', {}, { every: EVERY_MS })
  const detection = useGet('/api/v1/detection', {}, { every: EVERY_MS }).data as Schemas['Detection'] | undefined
  const streams = ((useGet('/api/v1/streams', {}, { every: EVERY_MS }).data as Schemas['Streams'] | undefined)?.streams ?? []).filter(({ source }) => source !== 'tandem')
  const last = Math.max(0, ...streams.map((one) => millis(one.last_received)))
  const alive = streams.filter((one) => last - millis(one.last_received) < ALIVE_MS).length
  return (
    <Section title="Tandem itself">
      <Shown of={status} lines={4}>
        {(told) => {
          const now = told as Schemas['Status']
          const tables = Object.values(now.store?.tables ?? {})
          const filed = tables.reduce((sum, table) => sum + table.file_bytes + table.index_bytes, 0)
          const wrong = troubles(now, detection, home?.problems.rows ?? [])
          const p99 = detection?.latency.p99_below_seconds
          return (
            <>
              {wrong.length === 0 ? <div className="row"><span className="badge good"><Icon name="good" /> healthy</span><span className="soft">up for {span(1000 * now.uptime_seconds)}, version {now.version}</span></div> : (
                <ul className="home-list">{wrong.map((one, at) => <li key={at}><Badge kind="high">to mend</Badge><span className="grow">{one}</span></li>)}</ul>
              )}
              <Facts rows={[
                ['Senders', streams.length > 0 ? <span>{count(alive)} of {count(streams.length)} sent within the hour; last <Ago at={last} /></span> : 'nobody yet'],
                ['Kept', tables.length > 0 && `${many(tables.reduce((sum, table) => sum + table.rows, 0), 'row')}, ${filed > 0 ? `${bytes(filed)} in files` : 'none in files yet'}`],
                ['Not yet in files', now.store && `${bytes(now.store.log_bytes)} of log, ${bytes(now.store.memory_bytes)} in memory`],
                ['Detection', detection && `${count(detection.rules + detection.correlations + detection.operational)} rules, ${detection.behind === 0 ? 'nothing behind' : `${many(detection.behind, 'commit')} behind`}${p99 ? `; 99 of 100 alerts below ${span(1000 * p99)}` : ''}`],
                ['Notices', detection && detection.notices.sent > 0 && `${count(detection.notices.sent)} sent`],
              ]} />
            </>
          )
        }}
      </Shown>
    </Section>
  )
}
