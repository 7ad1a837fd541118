// The lines before and after one, of the same service, host, or of all.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Problem } from '../../api/client'
import { Button, Section, Shown } from '../../parts/basic'
import { count, many } from '../../parts/number'
import { T } from '../../parts/text'
import { At } from '../../parts/time'
import { is } from './language'
import { read } from './search'
import { SeverityMark } from './severity'
import { hostOf, idOf, nanos, type Row, severityOf } from './shapes'

const STEP = 10
/** How far from the line others are looked for. */
const REACH_NS = 3_600_000_000_000n

export function Around({ row, open }: { row: Row; open: (row: Row) => void }) {
  const host = hostOf(row)
  const scopes: [string, string][] = [
    ...(row.service_name ? [['The same service', is('service_name', row.service_name)] as [string, string]] : []),
    ...(host ? [['The same host', is('host.name', host)] as [string, string]] : []),
    ['All', '*'],
  ]
  const [scope, setScope] = useState(scopes[0]![1])
  const [before, setBefore] = useState(STEP)
  const [after, setAfter] = useState(STEP)
  const at = nanos(row.timestamp)
  const found = useQuery<{ earlier: Row[]; later: Row[] }, Problem>({
    queryKey: ['explore/around', idOf(row), scope, before, after],
    placeholderData: (previous) => previous,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const [earlier, later]: Row[][] = [[], []]
      await Promise.all([
        read({ query: scope, from: String(at - REACH_NS), to: String(at + 1n), limit: before + 1, histogram: 0 }, signal, ({ rows }) => earlier!.push(...rows)),
        read({ query: `${scope} | sort timestamp | limit ${after + 1}`, from: String(at), to: String(at + REACH_NS) }, signal, ({ rows }) => later!.push(...rows)),
      ])
      const others = (rows: Row[]) => rows.filter((one) => idOf(one) !== idOf(row))
      // Of the same moment, a line is either before or after.
      const older = others(earlier!).slice(0, before)
      const known = new Set(older.map(idOf))
      return { earlier: older, later: others(later!).filter((one) => !known.has(idOf(one))).slice(0, after) }
    },
  })
  return (
    <Section title="Lines around it" told={found.data && `${many(found.data.later.length, 'line')} after it, ${count(found.data.earlier.length)} before`} aside={<select className="select" aria-label="Of what" value={scope} onChange={(event) => setScope(event.target.value)}>{scopes.map(([name, query]) => <option key={query} value={query}>{name}</option>)}</select>}>
      <Shown of={found}>
        {({ earlier, later }) => (
          <div className="explore-around">
            <Button kind="quiet" onClick={() => setAfter(after + STEP)} disabled={later.length < after}>{later.length < after ? 'Nothing later within the hour' : 'Later lines'}</Button>
            <ol>
              {[...later].reverse().map((one) => <One key={idOf(one)} row={one} open={open} />)}
              <One row={row} here />
              {earlier.map((one) => <One key={idOf(one)} row={one} open={open} />)}
            </ol>
            <Button kind="quiet" onClick={() => setBefore(before + STEP)} disabled={earlier.length < before}>{earlier.length < before ? 'Nothing earlier within the hour' : 'Earlier lines'}</Button>
          </div>
        )}
      </Shown>
    </Section>
  )
}

function One({ row, open, here }: { row: Row; open?: (row: Row) => void; here?: boolean }) {
  const line = (
    <>
      <span className="soft nowrap"><At at={row.timestamp} date={false} ms /></span>
      <SeverityMark of={severityOf(row)} word={false} />
      <span className="cut mono"><T most={400}>{row.body}</T></span>
    </>
  )
  return <li aria-current={here ? 'true' : undefined}>{open ? <button type="button" onClick={() => open(row)}>{line}</button> : <div>{line}</div>}</li>
}
