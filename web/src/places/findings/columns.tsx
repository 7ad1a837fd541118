// The columns of the list. Why a finding is where it is stands beside it, never behind a click.
import { useSyncExternalStore } from 'react'
import { LevelMark } from '../../parts/basic'
import { Owner } from '../../parts/entity'
import type { GridColumn } from '../../parts/grid'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'

import type { Finding, Row, Term } from './shapes'

interface Given { chosen: Set<string>; toggle: (id: string) => void; all: boolean; choose: () => void; sort: string | undefined; setSort: (sort: string | undefined) => void }

export function columns({ chosen, toggle, all, choose, sort, setSort }: Given): GridColumn<Row>[] {
  const by = (id: string, name: string) => ({ head: sort === id || (id === 'rank' && !sort) ? `${name} ↓` : name, sort: () => setSort(id === 'rank' ? undefined : sort === id ? (id === 'oldest' ? 'newest' : undefined) : id) })
  return [
    { id: 'x', width: '36px', head: <input type="checkbox" aria-label="Choose all that are shown" checked={all} onChange={choose} />, cell: (row) => <input type="checkbox" aria-label={`Choose ${plain(row.title)}`} checked={chosen.has(String(row.id))} onChange={() => toggle(String(row.id))} /> },
    { id: 'rank', ...by('rank', 'Rank'), width: '108px', cell: ({ rank }) => <RankBar rank={rank} /> },
    { id: 'severity', ...by('severity', 'Severity'), width: '96px', cell: ({ severity }) => <LevelMark level={severity} /> },
    { id: 'title', head: 'What is weak', width: 'minmax(240px, 3fr)', cell: (row) => <><div className="cut findings-title"><T>{row.title}</T></div><div className="cut soft small"><Where row={row} /></div></> },
    { id: 'why', head: 'Why here', width: 'minmax(180px, 1.5fr)', cell: ({ rank }) => <Reasons terms={rank.terms} /> },
    { id: 'of', ...by('entity', 'Of'), width: 'minmax(120px, 1fr)', cell: ({ entity }) => <span title={plain(entity ?? '')}><T>{short(entity)}</T></span> },
    { id: 'owner', ...by('owner', 'Owner'), width: '98px', cell: ({ owner }) => <Owner team={owner?.team} /> },
    { id: 'age', ...by(sort === 'newest' ? 'newest' : 'oldest', 'Found'), width: '104px', cell: (row) => <><div><Ago at={row.found} /></div><div className="cut soft small"><State row={row} /></div></> },
  ]
}

/** On a narrow screen a row says the same in three lines. */
export function narrowColumns(given: Given): GridColumn<Row>[] {
  const [choose, rank] = columns(given)
  return [
    choose!,
    { ...rank!, width: '52px', cell: ({ rank }) => <b className="num">{rank.score.toFixed(0)}</b> },
    {
      id: 'title', head: 'What is weak, why here', width: 'minmax(0, 1fr)',
      cell: (row) => (
        <>
          <div className="cut findings-title"><LevelMark level={row.severity} short /> <T>{row.title}</T></div>
          <div className="cut small"><Reasons terms={row.rank.terms} line /></div>
          <div className="cut soft small"><T>{short(row.entity)}</T> · {row.owner ? <T>{row.owner.team}</T> : 'no owner'} · <Ago at={row.found} /></div>
        </>
      ),
    },
  ]
}

const NARROW = '(max-width: 760px)'
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(NARROW)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => window.matchMedia(NARROW).matches,
  )
}

/** `repository:github.com/acme/shop` is known by its end. */
export const short = (entity: string | null) => (entity ? entity.replace(/^repository:(?:[\w.-]+\/)?/, '') : 'unknown')

function Where({ row }: { row: Finding }) {
  const place = row.path ? `${row.path}${row.line ? `:${row.line}` : ''}` : row.place
  return <><T>{row.rule}</T>{place && place !== row.rule && <> · <T>{place}</T></>}</>
}

function State({ row }: { row: Row }) {
  if (row.suppressed) return <span className="soft" title={plain(row.suppressed.reason)}>{row.suppressed.expired ? `${row.state}, was hidden` : 'suppressed'}</span>
  return <span className={row.state === 'fixed' ? 'soft' : ''}>{row.state}</span>
}

/** The score, and each term's part of it. */
export function RankBar({ rank }: { rank: Finding['rank'] }) {
  return (
    <span className="findings-rank" title={rank.terms.map((term) => `${term.name} ${points(term.points)} of ${term.weight}: ${term.because}`).join('\n')}>
      <b>{rank.score.toFixed(0)}</b>
      <span className="findings-terms" aria-hidden="true">{rank.terms.map((term) => <i key={term.name} className={term.name} style={{ width: `${term.points}%` }} />)}</span>
    </span>
  )
}
export const points = (number: number) => (Number.isInteger(number) ? String(number) : number.toFixed(1))

/** `tier 1`; where nobody named a tier, its environment stands for it: `production`. */
const tier = (said: string) => (/^(tier[-_ ]?)?\d+$/i.test(said) ? `tier ${said.replace(/^tier[-_ ]?/i, '')}` : said)

/** What counts, in a word each; what is not known is left out. */
const WORDS: Record<string, (term: Term) => string | null> = {
  exploited: ({ value }) => (value === 1 ? 'exploited' : null),
  running: ({ value, because }) => (value === 1 ? because.replace(/^it /, '').replace(' in one place', '').replace(/ places$/, '') : null),
  exposed: ({ value }) => (value === 1 ? 'exposed' : null),
  tier: ({ value, because }) => (because.startsWith('its tier is ') && value > 0.3 ? tier(because.slice('its tier is '.length)) : null),
  fix: ({ value }) => (value === 1 ? 'fixable' : null),
}

function Reasons({ terms, line = false }: { terms: Term[]; line?: boolean }) {
  const said = terms.flatMap((term) => WORDS[term.name]?.(term) ?? [])
  const worst = terms.filter((term) => term.name === 'exploited' && term.value === 1).length > 0
  const kind = line ? '' : 'findings-why '
  if (said.length === 0) return <span className={`${kind}soft`}>{terms.find(({ name }) => name === 'running')?.value === 0 ? 'runs nowhere, as far as is known' : 'its severity alone'}</span>
  return <span className={worst ? `${kind}worst` : kind}><T>{said.map((one) => one.replaceAll(' ', '\u00a0')).join(' · ')}</T></span>
}

