// The search bar: what could come next from the real fields and values, and a mark where the query is wrong.
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { get, Problem } from '../../api/client'
import { Button } from '../../parts/basic'
import { plain } from '../../parts/text'
import { fromBytes, toBytes } from './language'
import { Language } from './help'
import type { Proposal } from './shapes'

/** Between the last letter and the question for proposals. */
const PAUSE_MS = 90
const SHOWN = 12

interface Given {
  query: string
  search: (query: string) => void
  error: unknown
  /** The query that `error` is about. */
  wrong: string
  table?: Table
}

/** What is looked for where, by an example. */
const EXAMPLES = { logs: 'Search: words, service:cart level:error, status>=500 …', spans: 'Search: a name, service:cart status_code:error …', metrics: 'Only points of: service:cart, host.name:node-1 …' }
type Table = keyof typeof EXAMPLES

export function Bar({ query, search, error, wrong, table = 'logs' }: Given) {
  const [text, setText] = useState(query)
  const [cursor, setCursor] = useState<number>()
  const [at, setAt] = useState(-1)
  const [help, setHelp] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => setText(query), [query])
  const [offered, close] = useProposals(text, cursor, table)
  useEffect(() => setAt(-1), [offered])
  const place = error instanceof Problem && typeof error.where === 'object' && text === wrong ? error.where : undefined
  const mark = place && [fromBytes(text, place.start), Math.max(fromBytes(text, place.end), fromBytes(text, place.start) + 1)] as const

  const take = (one: Proposal) => {
    const start = fromBytes(text, one.start)
    const next = text.slice(0, start) + one.text
    // A value ends its condition; after a field comes its value.
    const ended = one.kind === 'value' ? `${next} ` : next
    setText(ended + text.slice(fromBytes(text, one.end)).replace(/^\s+/, ended.endsWith(' ') ? '' : ' '))
    // After a field come its values; after a value, what one likes.
    setCursor(one.kind === 'value' ? undefined : ended.length)
    setAt(-1)
    close()
    requestAnimationFrame(() => field.current?.setSelectionRange(ended.length, ended.length))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const open = offered.length > 0
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      if (open && at >= 0) return take(offered[at]!)
      close()
      search(text.trim())
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      setAt((before) => (before + (event.key === 'ArrowDown' ? 1 : -1) + offered.length + (before < 0 && event.key === 'ArrowUp' ? 1 : 0)) % offered.length)
    } else if (open && event.key === 'Tab' && at >= 0) {
      event.preventDefault()
      take(offered[at]!)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      if (open) close()
      else field.current?.blur()
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault()
      setCursor(field.current?.selectionStart ?? text.length)
    }
  }
  return (
    <div className="explore-bar">
      <div className="explore-field">
        <Mirror text={text} mark={mark} at={offered[0] && fromBytes(text, offered[0].start)}>
          {offered.length > 0 && (
            <div className="explore-offers" role="listbox" id={`${id}-list`} aria-label="What could come next">
              {offered.slice(0, SHOWN).map((one, index) => (
                <div key={one.text} id={`${id}-${index}`} role="option" aria-selected={index === at} onMouseDown={(event) => (event.preventDefault(), take(one))} onMouseMove={() => setAt(index)}>
                  <span className="cut mono">{plain(one.text)}</span>
                  <span className="soft small">{one.kind}</span>
                </div>
              ))}
            </div>
          )}
        </Mirror>
        <textarea ref={field} data-search rows={1} spellCheck={false} autoCapitalize="off" autoCorrect="off" value={text} aria-label="Search" placeholder={EXAMPLES[table]}
          role="combobox" aria-expanded={offered.length > 0} aria-controls={`${id}-list`} aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined} aria-autocomplete="list" aria-invalid={mark ? true : undefined} aria-describedby={mark ? `${id}-wrong` : undefined}
          onChange={(event) => (setText(event.target.value), setAt(-1), setCursor(event.target.selectionStart))} onKeyDown={onKeyDown} onBlur={close} />
      </div>
      <Button kind="quiet" onClick={() => setHelp(true)} aria-label="How to search" title="How to search">?</Button>
      <Button kind="primary" onClick={() => search(text.trim())}>Search</Button>
      {mark && <span className="hidden-visually" id={`${id}-wrong`}>Wrong at character {mark[0] + 1}: {(error as Problem).message}</span>}
      {help && <Language close={() => setHelp(false)} use={(example) => (setHelp(false), setText(example), search(example))} />}
    </div>
  )
}

/** The same text below the field: it gives the height, carries the mark, and knows where a word begins. */
function Mirror({ text, mark, at, children }: { text: string; mark: readonly [number, number] | undefined; at: number | undefined; children: React.ReactNode }) {
  const anchor = useRef<HTMLSpanElement>(null)
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!anchor.current || !list.current) return
    const room = (list.current.offsetParent as HTMLElement).clientWidth - list.current.offsetWidth
    list.current.style.left = `${Math.max(0, Math.min(anchor.current.offsetLeft - 10, room))}px`
  })
  const cuts = mark ? [text.slice(0, mark[0]), text.slice(mark[0], mark[1]), text.slice(mark[1])] : undefined
  return (
    <>
      <div className="explore-mirror" aria-hidden="true">
        {cuts ? <>{cuts[0]}<mark>{cuts[1] || ' '}</mark>{cuts[2]}</> : at === undefined ? text : <>{text.slice(0, at)}<span ref={anchor} />{text.slice(at)}</>}
        {'\n'}
      </div>
      <div className="explore-below" ref={list}>{children}</div>
    </>
  )
}

/** What the server proposes at the cursor, asked a moment after the last letter. */
function useProposals(text: string, cursor: number | undefined, table: string): [Proposal[], () => void] {
  const [offered, setOffered] = useState<Proposal[]>([])
  const latest = useRef<AbortController>(undefined)
  useEffect(() => {
    if (cursor === undefined) return
    const control = new AbortController()
    latest.current = control
    const timer = setTimeout(async () => {
      try {
        const told = (await get('/api/v1/complete', { query: { query: text, cursor: toBytes(text, cursor), table }, signal: control.signal })) as { proposals: Proposal[] }
        // What stands there already is no help.
        setOffered(told.proposals.filter((one) => one.text !== text.slice(fromBytes(text, one.start), fromBytes(text, one.end))).slice(0, SHOWN))
      } catch {
        // Without proposals one types on.
        if (!control.signal.aborted) setOffered([])
      }
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      control.abort()
    }
  }, [text, cursor, table])
  return [offered, () => (latest.current?.abort(), setOffered((before) => (before.length > 0 ? [] : before)))]
}
