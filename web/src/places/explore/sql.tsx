// SQL over everything that the caller may see: events and facts.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { sql, type TableAnswer } from '../../api/ask'
import { Problem } from '../../api/client'
import { fillSql, usesRange } from '../../api/fill'
import { useGet } from '../../api/queries'
import { resolve, useRange } from '../../app/time'
import { useUrl } from '../../app/url'
import { Button, Trouble } from '../../parts/basic'
import { Doing } from '../../parts/doing'
import { late } from '../../parts/late'
import { RangePicker, Share } from '../../parts/range'
import type { Schema } from './sql-complete'
import type { Wrong } from './sql-editor'
import { Asked, remember } from './sql-history'
import { Result } from './sql-result'
import { Tables } from './sql-tables'
import { briefly, placeOf } from './sql-wrong'
import './sql.css'

const Editor = late(() => import('./sql-editor'))
/** What was typed stays when the page is left; longer ones than an address takes stay there alone. */
const DRAFT = 'tandem:sql'
const MOST_IN_ADDRESS = 4000
/** Rows that are shown; a file has them all. */
export const MOST_ROWS = 10_000

interface Run { text: string; sql: string; wrongAt: (problem: Problem) => Wrong | undefined }

export default function Sql() {
  const [url, set] = useUrl()
  const [range, setRange] = useRange()
  const client = useQueryClient()
  const given = url.sql ?? (url.draft ? (sessionStorage.getItem(DRAFT) ?? '') : undefined)
  const [text, setText] = useState(given ?? sessionStorage.getItem(DRAFT) ?? '')
  const [run, setRun] = useState<Run>()
  const [changed, setChanged] = useState(false)
  const start = (text: string) => {
    if (!text.trim()) return
    const filled = fillSql(text, { from: resolve(range.from), to: resolve(range.to) })
    setRun({ text, sql: filled.text, wrongAt: (problem) => placeOf(problem, filled) })
    setChanged(false)
    remember(text)
    set(text.length <= MOST_IN_ADDRESS ? { sql: text, draft: undefined } : { sql: undefined, draft: '1' }, { push: text !== given })
  }
  // What the address asks for is asked: a link, or the way back.
  useEffect(() => {
    if (given === undefined || given === run?.text) return
    setText(given)
    start(given)
  }, [given])
  useEffect(() => {
    if (run && usesRange(run.text)) start(run.text)
  }, [range.from, range.to])
  const key = ['sql', run?.sql]
  const asked = useQuery<TableAnswer, Problem>({ queryKey: key, queryFn: ({ signal }) => sql(run!.sql, { most: MOST_ROWS, signal }), enabled: run !== undefined, retry: false, staleTime: 0, refetchOnWindowFocus: false })
  const schema = useSchema()
  const wrong = useMemo(() => (asked.error && run && !changed ? run.wrongAt(asked.error) : undefined), [asked.error, run, changed])
  const change = (text: string) => {
    setText(text)
    setChanged(true)
    sessionStorage.setItem(DRAFT, text)
  }
  const again = () => (run && fillSql(text, { from: resolve(range.from), to: resolve(range.to) }).text === run.sql ? void asked.refetch() : start(text))
  return (
    <div className="sql">
      <div className="sql-top">
        <div className="sql-write">
          <Editor text={text} change={change} run={again} wrong={wrong} schema={schema} />
          <div className="row sql-acts">
            {asked.isFetching ? <Doing what="Running" cancel={() => void client.cancelQueries({ queryKey: key })} /> : <Button kind="primary" onClick={again} disabled={!text.trim()}>Run <kbd>Ctrl ↵</kbd></Button>}
            {usesRange(text) ? <RangePicker range={range} set={setRange} /> : <span className="soft small sql-hint">With <code>timestamp &gt;= $from AND timestamp &lt; $to</code> a range can be chosen here</span>}
            <span className="grow" />
            <Asked use={(text) => (change(text), start(text))} />
            <Share />
          </div>
        </div>
        <Tables schema={schema} use={(name) => change(`${text.trimEnd()}${text.trim() ? ' ' : ''}${name}`)} />
      </div>
      {asked.error ? <Trouble error={briefly(asked.error)} /> : null}
      <Result answer={asked.data} run={run} doing={asked.isFetching} stopped={run !== undefined && !asked.isFetching && !asked.data && !asked.error} use={(text) => (change(text), start(text))} />
    </div>
  )
}

/** Tables and columns that there are, and attributes that occur. */
function useSchema(): Schema {
  const columns = useQuery({ queryKey: ['sql-columns'], staleTime: Infinity, queryFn: ({ signal }) => sql("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position", { most: 2000, signal }) })
  const fields = [useGet('/api/v1/fields', { query: { table: 'logs' } }), useGet('/api/v1/fields', { query: { table: 'spans' } }), useGet('/api/v1/fields', { query: { table: 'metrics' } })]
  const told = fields.map((one) => ((one.data as any)?.fields ?? []) as { name: string; source: string }[])
  return useMemo(() => {
    const tables: Schema['tables'] = {}
    for (const [table, name, type] of columns.data?.rows ?? []) (tables[String(table)] ??= []).push({ name: String(name), type: plainType(String(type)) })
    const named = (source: string) => [...new Set(told.flat().filter((one) => one.source === source).map(({ name }) => name))].sort()
    return { tables, attributes: named('attribute'), resource: named('resource') }
  }, [columns.data, ...fields.map((one) => one.data)])
}

/** Arrow's names of types, as the book's. */
const plainType = (type: string) => (type.startsWith('Timestamp') ? 'timestamp' : ({ Utf8: 'text', Utf8View: 'text', Int64: 'bigint', UInt64: 'bigint unsigned', Float64: 'double', Int32: 'integer', UInt32: 'integer', Boolean: 'boolean' }[type] ?? type.toLowerCase()))
