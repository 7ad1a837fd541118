// Nothing to show: nothing was ever sent, or the range holds nothing. Each says what to do.
import { useQuery } from '@tanstack/react-query'
import type { Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import { RANGES, type Range, resolve } from '../../app/time'
import { Button, Empty } from '../../parts/basic'
import { PasteIn } from '../../parts/paste-in'
import { ago, clock } from '../../parts/time'
import { read } from './search'
import type { Row, Run } from './shapes'

/** Whether logs of others than Tandem itself were ever sent. */
export function useAnything(asked: boolean): { known: boolean; some: boolean } {
  const streams = useGet('/api/v1/streams', {}, { enabled: asked })
  const told = streams.data
  return { known: told !== undefined, some: Boolean(told?.streams.some(({ tables, source }) => tables.includes('logs') && source !== 'tandem')) }
}

/** What to paste, with this server's address, until the first line is here. */
export function FirstRun({ own }: { own: () => void }) {
  return (
    <Empty title="No logs yet">
      <p>So far there are only Tandem’s own. Three steps to the first line; this page shows it by itself:</p>
      <PasteIn table="logs" />
      <Button onClick={own}>Show Tandem’s own logs</Button>
    </Empty>
  )
}

/** Nothing in this range: where the newest match is, and a wider range. */
export function NothingFound({ run, range, setRange, clear }: { run: Run; range: Range; setRange: (range: Partial<Range>) => void; clear: () => void }) {
  const newest = useQuery<string | null, Problem>({
    queryKey: ['explore/newest', run.query],
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      let found: Row | undefined
      await read({ query: run.query, to: run.to, limit: 1, histogram: 0 }, signal, ({ rows }) => (found ??= rows[0]))
      return found?.timestamp ?? null
    },
  })
  const length = resolve(run.to) - resolve(run.from)
  const wider = RANGES.filter(([from]) => (range.to === 'now' ? resolve(from) < resolve(run.from) : Date.now() - resolve(from) > length)).slice(0, 3)
  return (
    <Empty title="Nothing found in this range">
      <p>
        From {clock(run.from)} to {range.to === 'now' ? 'now' : clock(run.to)} no line matches{run.query ? <> <code>{run.query}</code></> : ''}.{' '}
        {newest.data ? `The newest one before is from ${ago(newest.data)}.` : newest.data === null ? 'No earlier line does either: see that names and values are spelt as in the data.' : ''}
      </p>
      <div className="row">
        {newest.data && <Button kind="primary" onClick={() => setRange({ from: new Date(Date.parse(newest.data!) - 900_000).toISOString(), to: new Date(Date.parse(newest.data!) + 60_000).toISOString() })}>Go there</Button>}
        {/* Where the range ends now and nothing is before it, a longer one finds nothing either. */}
        {(newest.data !== null || range.to !== 'now') && wider.map(([from, name]) => <Button key={from} onClick={() => setRange({ from, to: 'now' })}>Last {name}</Button>)}
        {run.query && <Button onClick={clear}>Show all lines</Button>}
      </div>
    </Empty>
  )
}
