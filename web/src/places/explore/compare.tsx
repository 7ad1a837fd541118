// A selection beside the rest: which attributes differ.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, type Problem } from '../../api/client'
import { Button, Shown } from '../../parts/basic'
import { Doing, Stopped } from '../../parts/doing'
import { Drawer } from '../../parts/drawer'
import { count, many, percent } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { clock } from '../../parts/time'
import { type Difference, differences, type Side, sideFrom, sideOf, without } from './ranks'
import { countable, useFields } from './facets'
import { add, cut, is, isNot } from './language'
import type { Facet, Row, Run } from './shapes'

/** Fields of one question, and all that are compared; the server takes 32 at once. */
const AT_ONCE = 32
const MOST_FIELDS = 96
/** Values of each field. */
const VALUES = 50
/** These differ whenever times or single things do. */
const NOT_COMPARED = /^(trace_id|trace_flags|service\.instance\.id|container\.id|k8s\.pod\.name|k8s\.pod\.uid|process\.pid|source|dataset)$/

export interface Selection { rows?: Row[]; from?: string; to?: string }
interface Given { run: Run; selection: Selection; search: (query: string) => void; close: () => void }

async function ask(query: string, from: string, to: string, fields: string[], signal: AbortSignal, asked: (fields: number) => void): Promise<Side> {
  const facets: Facet[] = []
  for (let at = 0; at < fields.length; at += AT_ONCE) {
    const told = (await get('/api/v1/facets', { query: { query, from, to, fields: fields.slice(at, at + AT_ONCE).join(','), limit: VALUES }, signal })) as { facets: Facet[] }
    facets.push(...told.facets)
    asked(told.facets.length)
  }
  return sideFrom(facets)
}

export function Compare({ run, selection, search, close }: Given) {
  const known = useFields(run)
  const fields = countable(known.data ?? []).filter((name) => !NOT_COMPARED.test(name)).slice(0, MOST_FIELDS)
  const { rows, from, to } = selection
  const client = useQueryClient()
  const [asked, setAsked] = useState(0)
  const queryKey = ['explore/compare', run, from, to, rows?.map((row) => row.event_id).join(), fields.length]
  const told = useQuery<{ here: Side; there: Side; found: Difference[] }, Problem>({
    queryKey,
    enabled: known.data !== undefined,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const query = cut(run.query).filter
      setAsked(0)
      const more = (number: number) => setAsked((before) => before + number)
      const here = rows ? sideOf(rows, fields) : await ask(query, from!, to!, fields, signal, more)
      const there = without(await ask(query, run.from, run.to, fields, signal, more), here)
      return { here, there, found: differences(here, there) }
    },
  })
  return (
    <Drawer title="Selection and the rest" onClose={close}>
      <p className="soft">
        {rows ? `${count(rows.length)} chosen ${rows.length === 1 ? 'line' : 'lines'}` : `Lines from ${clock(from)} to ${clock(to)}`}, compared with all other lines that the search finds. What differs most comes first.
      </p>
      {told.isFetching && <Doing what="Comparing" told={`${count(asked)} of ${many((rows ? 1 : 2) * fields.length, 'count')} made`} cancel={() => void client.cancelQueries({ queryKey })} />}
      {known.data && told.isPending && !told.isFetching ? <Stopped again={() => void told.refetch()} /> : <Shown of={told} lines={10}>
        {({ here, there, found }) => (
          <>
            <p className="told">{count(here.total)} and {count(there.total)} lines, {count(fields.length)} fields, {many(found.length, 'difference')}</p>
            {found.length === 0 ? <p>No attribute differs by five in a hundred. Widen the selection, or compare another one.</p> : <Differences found={found} run={run} search={search} />}
          </>
        )}
      </Shown>}
    </Drawer>
  )
}

function Differences({ found, run, search }: { found: Difference[]; run: Run; search: (query: string) => void }) {
  return (
    <div className="scroll-x">
      <table className="table explore-differences">
        <thead><tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col">Selection</th><th scope="col">Rest</th><th scope="col"><span className="hidden-visually">Search</span></th></tr></thead>
        <tbody>
          {found.map(({ field, value, here, there, also }) => (
            <tr key={`${field}\u0000${value}`}>
              <td><T>{field}</T>{also.length > 0 && <span className="soft small explore-with" title={plain(also.join('\n'))}>{value === null ? 'likewise' : 'with it'} {many(also.length, 'other field')}: <T most={200}>{also.join(', ')}</T></span>}</td>
              <td className="mono">{value === null ? <span className="soft">none</span> : <T most={200}>{value}</T>}</td>
              <td><Share of={here} strong /></td>
              <td><Share of={there} /></td>
              <td className="nowrap">
                <Button kind="quiet" icon="plus" aria-label={`Only ${plain(field)} ${plain(value ?? 'none')}`} title="Only this value" onClick={() => search(add(run.query, is(field, value), isNot(field, value)))} />
                <Button kind="quiet" icon="minus" aria-label={`Without ${plain(field)} ${plain(value ?? 'none')}`} title="Without this value" onClick={() => search(add(run.query, isNot(field, value), is(field, value)))} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Share({ of, strong }: { of: number; strong?: boolean }) {
  return <span className="explore-share"><span className="num">{percent(of)}</span><span className="bar"><i style={{ width: `${of * 100}%`, ...(strong ? {} : { background: 'var(--edge-strong)' }) }} /></span></span>
}
