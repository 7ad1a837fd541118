// One search box over runbooks, notes, reviews, controls and decisions; and what is missing or old.
import { Link } from '@tanstack/react-router'
import { type ReactNode, useDeferredValue, useEffect, useState } from 'react'
import { useGet, usePost } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Facts, Paste, Section, Shown, Told } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Owner } from '../../parts/entity'
import { late } from '../../parts/late'
import { many } from '../../parts/number'
import { Table } from '../../parts/table'
import { Coded, plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import type { Hit, ListOf } from './shapes'

const Markdown = late(() => import('../../parts/markdown'))
const KINDS = ['', 'runbook', 'note', 'review', 'control', 'decision', 'incident', 'answer', 'meeting']

export function Knowledge() {
  const [url, set] = useUrl()
  const [text, setText] = useState(url.q ?? '')
  const asked = useDeferredValue(text.trim())
  useEffect(() => set({ q: asked || undefined }, { push: false }), [asked, set])
  return (
    <>
      <div className="row">
        <input className="input grow" data-search type="search" aria-label="Search knowledge" placeholder="Search runbooks, notes, decisions" value={text} onChange={(event) => setText(event.target.value)} />
        <select className="select" aria-label="Kind" value={url.kind ?? ''} onChange={(event) => set({ kind: event.target.value })}>
          {KINDS.map((kind) => <option key={kind} value={kind}>{kind || 'All kinds'}</option>)}
        </select>
      </div>
      {asked ? <Hits asked={asked} kind={url.kind} /> : <div className="columns"><Pages kind={url.kind} /><Lists /></div>}
      {url.page && <PageDrawer id={url.page} close={() => set({ page: undefined })} look={setText} />}
    </>
  )
}

/** The snippet with what was found in it marked. Marks count bytes, as the server does. */
function Snippet({ text, marks }: { text: string; marks: [number, number][] }) {
  const bytes = new TextEncoder().encode(text)
  const cut = (start: number, end?: number) => new TextDecoder().decode(bytes.subarray(start, end))
  const parts: ReactNode[] = []
  let from = 0
  marks.forEach(([start, end], at) => {
    if (start < from) return
    parts.push(<T key={`t${at}`}>{cut(from, start)}</T>, <mark key={at}><T>{cut(start, end)}</T></mark>)
    from = end
  })
  return <>{parts}<T>{cut(from)}</T></>
}

function Hits({ asked, kind }: { asked: string; kind?: string | undefined }) {
  const [, set] = useUrl()
  const hits = useGet('/api/v1/knowledge/search', { query: { q: asked, kind, limit: 50 } }, { keep: true })
  return (
    <Shown of={hits}>
      {({ count, hits }) => (
        <Section title="Found" told={<Told shown={hits.length} of={count} one="page" />}>
          {hits.length === 0 && <Empty title="Nothing says that"><p>Fewer or other words find more. What is missing can be written: a Markdown file in a folder of knowledge.</p></Empty>}
          <Table label="Pages found" rows={hits} id={({ id }) => id} open={({ id, kind }) => ['runbook', 'note', 'review', 'page'].includes(kind) && set({ page: id })}
            columns={[
              { id: 'title', head: 'Page', cell: (hit) => (
                <div className="col" style={{ gap: 2 }}>
                  <Title hit={hit} />
                  <span className="soft"><Snippet text={hit.snippet} marks={hit.marks} /></span>
                </div>
              ) },
              { id: 'kind', head: 'Kind', width: '90px', cell: ({ kind }) => <Badge>{kind}</Badge> },
              { id: 'owner', className: 'wide-only', head: 'Owner', width: '120px', cell: ({ owner }) => (owner ? <Owner team={owner} /> : '') },
              { id: 'at', head: 'When', width: '90px', className: 'wide-only nowrap', cell: ({ at }) => (at ? <Ago at={at} /> : '') },
            ]} />
        </Section>
      )}
    </Shown>
  )
}

function Title({ hit }: { hit: Hit }) {
  if (hit.kind === 'control' && !hit.id.endsWith('.md')) return <Link to="/controls/$name" params={{ name: hit.id } as never}><T>{hit.title}</T></Link>
  if (hit.kind === 'incident') return <Link to="/incidents/$id" params={{ id: hit.id.split(':')[1] ?? hit.id } as never}><T>{hit.title}</T></Link>
  const meeting = hit.kind === 'meeting' && /:([^:]+):(\d{4}-\d\d-\d\d)$/.exec(hit.id)
  if (meeting) return <Link to="/planning" search={{ teams: meeting[1], day: meeting[2] } as never}><T>{hit.title}</T></Link>
  return hit.link?.includes('/knowledge/page') ? <Link to="." search={((before: object) => ({ ...before, page: hit.id })) as never}><T>{hit.title}</T></Link> : <strong><T>{hit.title}</T></strong>
}

const today = () => new Date().toISOString().slice(0, 10)

function Pages({ kind }: { kind?: string | undefined }) {
  const [, set] = useUrl()
  const pages = useGet('/api/v1/knowledge/pages', { query: { kind, limit: 500 } })
  return (
    <Shown of={pages}>
      {({ count, pages }) => (
        <Section title="Pages" told={pages.length < count ? <Told shown={pages.length} of={count} /> : count}>
          <Table label="Pages" rows={pages} id={({ id }) => id} open={({ id }) => set({ page: id })}
            columns={[
              { id: 'title', head: 'Page', sort: ({ title }) => title, cell: ({ id, title }) => <Link to="." search={((before: object) => ({ ...before, page: id })) as never}><T>{title}</T></Link> },
              { id: 'kind', className: 'wide-only', head: 'Kind', width: '90px', sort: ({ kind }) => kind, cell: ({ kind }) => <span className="soft">{kind}</span> },
              { id: 'services', className: 'wide-only', head: 'For', cell: ({ services }) => <T>{services.join(', ')}</T> },
              { id: 'owner', className: 'wide-only', head: 'Owner', sort: ({ owner }) => owner ?? '', cell: ({ owner, origin }) => (owner ? <Owner team={owner} /> : <span className="soft">{origin === 'built_in' ? 'Tandem' : '–'}</span>) },
              { id: 'review', head: 'Review by', className: 'nowrap', sort: ({ review_by }) => review_by ?? '9', cell: ({ review_by }) => review_by ? (review_by < today() ? <Badge kind="high" title="Past its review date">{review_by}</Badge> : review_by) : <span className="soft">–</span> },
            ]} />
          {count <= 25 && (
            <Empty title="Yours belong here too">
              <p>Give the server a folder of Markdown in git; it is read again when it changes. Exports of Confluence and Notion are read as they are.</p>
              <Paste text={'tandem serve --knowledge ./knowledge\n\n# knowledge/runbooks/checkout.md\n---\nservices: [checkout]\nowner: shop\nreview_by: 2027-06-01\n---\n# Customers cannot pay\n…'} />
            </Empty>
          )}
        </Section>
      )}
    </Shown>
  )
}

const LISTS: [keyof ListOf, string, string][] = [
  ['without_runbook', 'Rules without a runbook', 'Whoever is woken by one starts from nothing.'],
  ['overdue', 'Past their review date', 'They may send somebody the wrong way.'],
  ['broken_links', 'Broken links', ''],
  ['stale_commands', 'Commands that no longer exist', ''],
  ['one_author', 'Services whose knowledge hangs on a single author', 'A risk of the service.'],
]

function Lists() {
  const lists = useGet('/api/v1/knowledge/lists')
  return (
    <Shown of={lists}>
      {(lists) => (
        <div className="col" style={{ gap: 'var(--s5)' }}>
          {LISTS.map(([name, title, why]) => {
            const list = lists[name]
            return list && list.count > 0 ? (
              <Section key={name} title={title} told={list.count}>
                {why && <p className="soft small">{why}</p>}
                <First list={list} />
              </Section>
            ) : null
          })}
        </div>
      )}
    </Shown>
  )
}

const FIRST = 8
/** The first of a list, and on a wish as many as the server told. */
function First({ list: { first, count } }: { list: { first: ListOf[keyof ListOf]['first'][number][]; count: number } }) {
  const [all, setAll] = useState(false)
  const shown = all ? first : first.slice(0, FIRST)
  return (
    <ul className="col" style={{ gap: 4 }}>
      {shown.map((one, at) => <li key={at} className="small">{typeof one === 'string' ? <T>{one}</T> : <Line one={one} />}</li>)}
      {first.length > FIRST && <li style={{ marginLeft: -7 }}><Button kind="quiet" onClick={() => setAll(!all)}>{all ? 'Fewer' : `${count - FIRST} more`}</Button></li>}
      {all && count > first.length && <li className="soft small">and {many(count - first.length, 'more', 'more')}</li>}
    </ul>
  )
}

function Line({ one }: { one: Exclude<ListOf[keyof ListOf]['first'][number], string> }) {
  const about = 'service' in one ? one.why : 'what' in one ? `${one.what}: ${one.why}` : one.review_by
  return (
    <>
      {'page' in one ? <Link to="." search={((before: object) => ({ ...before, page: one.page })) as never}><T>{one.page}</T></Link> : <T>{one.service}</T>}{' '}
      <span className="soft"><Coded>{about}</Coded></span>
    </>
  )
}

/** What a file is called, as one would search for it. */
const words = (id: string) => (id.split('/').at(-1) ?? id).replace(/\.\w+$/, '').replace(/[-_]+/g, ' ')

export function PageDrawer({ id, close, look }: { id: string; close: () => void; look?: (words: string) => void }) {
  const page = useGet('/api/v1/knowledge/page', { query: { id } })
  const helped = usePost('/api/v1/knowledge/helped', { said: 'Kept: it comes first at the next alert like this' })
  const title = page.data?.title
  return (
    <Drawer title={title ? plain(title) : id} onClose={close} actions={page.data && <Button disabled={helped.isPending} onClick={() => helped.mutate({ body: { page: id } as never })}>This helped</Button>}>
      {page.error?.status === 404 ? <Missing id={id} look={look} /> : (
        <Shown of={page}>
          {(page) => (
            <>
              <Facts rows={[
                ['Kind', page.kind],
                ['Owner', page.owner && <Owner team={page.owner} />],
                ['For', page.services.length > 0 && <T>{page.services.join(', ')}</T>],
                ['Alerts', page.alerts.length > 0 && <T>{page.alerts.join(', ')}</T>],
                ['Review by', page.review_by],
                ['File', <T key="f">{page.file.split('/').slice(-3).join('/')}</T>],
              ]} />
              <Markdown text={page.markdown} />
            </>
          )}
        </Shown>
      )}
    </Drawer>
  )
}

function Missing({ id, look }: { id: string; look: ((words: string) => void) | undefined }) {
  const said = words(id)
  return (
    <Empty title="This page is not there any more">
      <p>No folder of knowledge has <code><T>{id}</T></code> now: it was moved, renamed or deleted, and git knows when. Its words may stand elsewhere.</p>
      <Link className="button" to="/readiness" search={{ q: said } as never} onClick={() => look?.(said)}>Look for “{plain(said)}”</Link>
    </Empty>
  )
}
