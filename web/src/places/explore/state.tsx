// What the search and the tail are doing, in a line.
import { Button, Trouble } from '../../parts/basic'
import { Doing } from '../../parts/doing'
import { count, many, read } from '../../parts/number'
import { type Found, MOST_ROWS } from './search'
import { type Tailed, TAIL_ROWS } from './tail'

export function State({ found, cancel, search }: { found: Found; cancel: () => void; search: () => void }) {
  const { done, since, rows, bars, columns } = found
  const counted = bars?.bars.reduce((sum, [, number]) => sum + number, 0) ?? 0
  if (since) return <Doing key={since} what="Searching" told={`${count(Math.max(counted, rows.length))} found so far`} cancel={cancel} />
  if (found.cancelled) return <span className="row told" role="status">Cancelled; what was found so far is shown. <Button onClick={search}>Search again</Button></span>
  if (!done) return <span />
  const total = done.matched ?? rows.length
  const took = `in ${count(Math.round(done.took_ms))} ms`
  const parts = columns ? [`${many(rows.length, 'row')} ${took}`, done.truncated ? 'there are more: add a limit' : ''] : [`${count(total)} found ${took}`]
  parts[0] += read(done.read_bytes)
  if (!columns && rows.length < total) parts.push(`${count(rows.length)} loaded`)
  if (rows.length >= MOST_ROWS) parts.push('the newest of them: narrow the range for older ones')
  return <span className="told" role="status">{parts.filter(Boolean).join(', ')}{found.paging && ', more are coming …'}</span>
}

export function TailState({ tail, query, paused, fixed, pause, resume }: { tail: Tailed & { again: () => void }; query: string; paused: boolean; /** Bars and values stay where the range ends. */ fixed: boolean; pause: () => void; resume: () => void }) {
  if (tail.error && !tail.heard) return <div className="grow"><Trouble error={tail.error} retry={tail.again} /></div>
  return (
    <span className="row told" role="status">
      {paused ? (
        <Button icon="play" kind="primary" onClick={resume}>Paused, {count(tail.waiting)} new</Button>
      ) : (
        <>
          <i className="explore-pulse" aria-hidden="true" />
          {tail.heard ? (tail.rows.length === 0 ? 'Live: listening, nothing has come yet' : `Live: ${many(tail.rows.length, 'new line')}${tail.rows.length >= TAIL_ROWS ? ', older ones are let go' : ''}`) : 'Connecting …'}
          <Button icon="pause" onClick={pause}>Pause</Button>
        </>
      )}
      {tail.dropped > 0 && <span>{many(tail.dropped, 'line')} came too fast to be shown; a search finds {tail.dropped === 1 ? 'it' : 'them'}</span>}
      {fixed && <span>Bars and values are of the range, and stay</span>}
      {query.includes('|') && <span>without what follows |</span>}
    </span>
  )
}
