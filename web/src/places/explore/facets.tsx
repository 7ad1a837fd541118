// What values there are, with counts: one click puts a condition into the search, or its contrary.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Fragment, useMemo, useState } from 'react'
import { get, type Problem } from '../../api/client'
import { Button, Trouble, Waiting } from '../../parts/basic'
import { count } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { add, cut, drop, has, is, isNot } from './language'
import { SeverityMark } from './severity'
import { type Facet, type FieldKnown, type Run, severity } from './shapes'

/** Shown unless others are chosen, where they occur. */
const USUAL = ['level', 'service', 'deployment.environment.name', 'host.name', 'k8s.namespace.name', 'http.request.method', 'http.response.status_code', 'event_name', 'source']
const SHOWN = 6
const MORE = 50
/** Fields that name one event each, or hold whole texts: counting their values says nothing. */
const SINGLE = /^(event_id|body|timestamp|original_timestamp|received_timestamp|observed_timestamp|scope_attributes|extra|cut|span_id|severity_number|severity_text|service_name|service\.name)$/

export function useFields(run: Run | undefined) {
  return useQuery<FieldKnown[], Problem>({
    queryKey: ['explore/fields', run?.from, run?.to],
    enabled: Boolean(run),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    queryFn: async ({ signal }) => ((await get('/api/v1/fields', { query: { from: run!.from, to: run!.to }, signal })) as { fields: FieldKnown[] }).fields,
  })
}
/** Names that can be counted, each once. */
export const countable = (fields: FieldKnown[]) => [...new Set(['level', 'service', ...fields.filter(({ name, kind }) => !SINGLE.test(name) && kind !== 'json' && kind !== 'list' && kind !== 'time').map(({ name }) => name)])]

interface Given {
  run: Run
  /** Whether the rows are there: they come first. */
  ready: boolean
  search: (query: string) => void
  columns: string[]
  showColumn: (field: string) => void
}

export function Facets({ run, ready, search, columns, showColumn }: Given) {
  const fields = useFields(run)
  const [opened, setOpened] = useState<string[]>([])
  const [wanted, setWanted] = useState('')
  const names = useMemo(() => countable(fields.data ?? []), [fields.data])
  const first = USUAL.filter((name) => names.includes(name))
  const asked = [...first, ...opened.filter((name) => !first.includes(name))]
  const facets = useFacets(run, first, SHOWN + 1, ready && first.length > 0)
  const rest = names.filter((name) => !asked.includes(name) && name.includes(wanted.trim().toLowerCase())).sort()
  return (
    <nav className="explore-facets" aria-label="Filters">
      {facets.error && <Trouble error={facets.error} retry={() => void facets.refetch()} />}
      {facets.isPending && <Waiting lines={8} />}
      {(facets.data ?? []).filter((facet) => facet.values.length > 0).map((facet) => <One key={facet.field} facet={facet} run={run} search={search} />)}
      {opened.map((name) => <Opened key={name} name={name} run={run} search={search} close={() => setOpened(opened.filter((one) => one !== name))} />)}
      <section>
        <h3>Other fields <span className="told">{count(rest.length)}</span></h3>
        <input className="input wide" type="search" aria-label="Find a field" placeholder="Find a field" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <ul className="explore-fields">
          {rest.slice(0, 200).map((name) => (
            <li key={name}>
              <button type="button" className="cut" title={`Values of ${plain(name)}`} onClick={() => setOpened([...opened, name])}><T>{name}</T></button>
              <Button kind="quiet" icon={columns.includes(name) ? 'minus' : 'plus'} aria-label={`${columns.includes(name) ? 'Hide' : 'Show'} ${plain(name)} as a column`} title="As a column" onClick={() => showColumn(name)} />
            </li>
          ))}
        </ul>
      </section>
    </nav>
  )
}

export function useFacets(run: Run, fields: string[], limit: number, enabled: boolean) {
  return useQuery<Facet[], Problem>({
    queryKey: ['explore/facets', cut(run.query).filter, run.from, run.to, fields.join(), limit],
    enabled,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    queryFn: async ({ signal }) => ((await get('/api/v1/facets', { query: { query: cut(run.query).filter, from: run.from, to: run.to, fields: fields.join(','), limit }, signal })) as { facets: Facet[] }).facets,
  })
}

function Opened({ name, run, search, close }: { name: string; run: Run; search: (query: string) => void; close: () => void }) {
  const found = useFacets(run, [name], SHOWN + 1, true)
  if (found.error) return <Trouble error={found.error} />
  const facet = found.data?.[0]
  return facet ? <One facet={facet} run={run} search={search} close={close} /> : <Waiting lines={3} />
}

function One({ facet, run, search, close }: { facet: Facet; run: Run; search: (query: string) => void; close?: () => void }) {
  const [all, setAll] = useState(false)
  const more = useFacets(run, [facet.field], MORE, all)
  const values = all && more.data?.[0] ? more.data[0].values : facet.values.slice(0, SHOWN)
  const most = Math.max(1, facet.missing, ...values.map((one) => one.count))
  const rows: [string | null, number][] = [...values.map((one): [string | null, number] => [one.value, one.count]), ...(facet.missing > 0 ? [[null, facet.missing] as [null, number]] : [])]
  return (
    <section aria-label={plain(facet.field)}>
      <h3><span className="grow"><Broken name={facet.field} /></span>{close && <Button kind="quiet" icon="close" aria-label={`Close ${plain(facet.field)}`} onClick={close} />}</h3>
      <ul>
        {rows.map(([value, number]) => <Line key={value ?? '\u0000'} field={facet.field} value={value} number={number} share={number / most} query={run.query} search={search} />)}
      </ul>
      {rows.length === 0 && <p className="soft small">Nowhere in what was found</p>}
      {facet.values.length > SHOWN && <button type="button" className="explore-link small" onClick={() => setAll(!all)}>{all ? 'Fewer' : 'More'}</button>}
    </section>
  )
}

/** A name that is broken after its dots, if it is too long. */
const Broken = ({ name }: { name: string }) => <>{name.split(/(?<=\.)/).map((part, at) => <Fragment key={at}><T>{part}</T><wbr /></Fragment>)}</>

function Line({ field, value, number, share, query, search }: { field: string; value: string | null; number: number; share: number; query: string; search: (query: string) => void }) {
  const [yes, no] = [is(field, value), isNot(field, value)]
  const [included, excluded] = [has(query, yes), has(query, no)]
  const name = value === null ? 'none' : value === '' ? 'empty' : plain(value)
  return (
    <li className={included ? 'on' : excluded ? 'off' : undefined}>
      <button type="button" className="explore-value" aria-pressed={included} title={included ? `Take ${name} out of the search` : `Only ${name}`} onClick={() => search(included ? drop(query, yes) : add(query, yes, no))}>
        <i style={{ width: `${share * 100}%` }} aria-hidden="true" />
        <span className="cut grow">{field === 'level' && value ? <SeverityMark of={severity(0, value)} /> : value ? <T most={200}>{value}</T> : <span className="soft">{name}</span>}</span>
        <span className="soft num">{count(number)}</span>
      </button>
      <Button kind="quiet" icon="minus" aria-pressed={excluded} aria-label={`Without ${name}`} title={excluded ? `Let ${name} in again` : `Without ${name}`} onClick={() => search(excluded ? drop(query, no) : add(query, no, yes))} />
    </li>
  )
}
