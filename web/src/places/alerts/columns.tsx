// The queue's columns: all of them, or two lines a row where there is little room.
import { Link } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { Badge, LevelMark } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import type { GridColumn } from '../../parts/grid'
import { count } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago } from '../../parts/time'
import { Marks, StateMark } from './marks'
import type { Row } from './shapes'

const small = window.matchMedia('(max-width: 760px)')
export const useNarrow = () => useSyncExternalStore((changed) => (small.addEventListener('change', changed), () => small.removeEventListener('change', changed)), () => small.matches)

interface Given { chosen: Set<string>; choose: (id: string) => void; all: () => void }

function Title({ row }: { row: Row }) {
  return (
    <>
      {row.kind === 'incident' && <Badge kind="accent">incident</Badge>}
      <span className="cut" title={plain(row.title)}><T>{row.title}</T></span>
      <Marks row={row} />
      {row.incident && <Link className="small nowrap" to="/incidents/$id" params={{ id: String(row.incident) } as never} title="The incident that it belongs to">in incident</Link>}
    </>
  )
}

export function useColumns({ chosen, choose, all }: Given): { list: GridColumn<Row>[]; height: number } {
  const narrow = useNarrow()
  const tick: GridColumn<Row> = {
    id: 'choose',
    width: '32px',
    head: <input type="checkbox" aria-label="Choose all" checked={chosen.size > 0} onChange={all} />,
    cell: (row) => <input type="checkbox" aria-label={`Choose ${plain(row.title)}`} checked={chosen.has(String(row.id))} onChange={() => choose(String(row.id))} />,
  }
  const lines: GridColumn<Row> = {
    id: 'all',
    width: 'minmax(0, 1fr)',
    head: 'What',
    className: 'alerts-lines',
    cell: (row) => (
      <>
        <div><LevelMark level={row.level} short /> {row.kind === 'incident' && <Badge kind="accent">incident</Badge>} <span className="cut"><T>{row.title}</T></span></div>
        <div className="soft small"><Ago at={row.last} /> · {row.state === 'resolved' ? `closed, ${row.outcome}` : row.state} · <T>{row.entity ?? 'about nothing named'}</T></div>
      </>
    ),
  }
  if (narrow) return { list: [tick, lines], height: 52 }
  return {
    height: 30,
    list: [
      tick,
      { id: 'level', width: '136px', head: 'Level', cell: (row) => <LevelMark level={row.level} /> },
      { id: 'title', width: 'minmax(220px, 2.2fr)', head: 'What', className: 'alerts-title', cell: (row) => <Title row={row} /> },
      { id: 'about', width: 'minmax(120px, 1fr)', head: 'About', cell: (row) => <Entity name={row.entity} /> },
      { id: 'team', width: '104px', head: 'Owner', cell: (row) => <Owner team={row.team} /> },
      { id: 'state', width: '132px', head: 'State', cell: (row) => <StateMark row={row} /> },
      { id: 'fired', width: '64px', head: 'Fired', className: 'num', cell: (row) => (row.kind === 'incident' ? <span title="Firings of its alerts">{count(row.firings)}</span> : count(row.firings)) },
      { id: 'last', width: '108px', head: 'Last', className: 'num', cell: (row) => <Ago at={row.last} /> },
    ],
  }
}
