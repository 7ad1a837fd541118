// A list of up to some hundred rows: sorted by its heads, moved through by `j` and `k`, opened by Enter, chosen by `x`.
import { type ColumnDef, getCoreRowModel, getSortedRowModel, type SortingState, useReactTable } from '@tanstack/react-table'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { useKeys } from './keys'

export interface Column<R> {
  id: string
  head: ReactNode
  cell: (row: R) => ReactNode
  /** What it is sorted by; without it, it is not. */
  sort?: (row: R) => string | number
  className?: string
  width?: string
}

interface Given<R> {
  label: string
  rows: R[]
  columns: Column<R>[]
  id: (row: R) => string
  open?: (row: R) => void
  /** Identifiers of the chosen rows; with it rows can be chosen. */
  chosen?: Set<string>
  choose?: (chosen: Set<string>) => void
  /** Told which row `j` and `k` stand on: for keys that act on it. */
  cursor?: (row: R | undefined) => void
  opened?: string | undefined
  /** Whether it has the keys of the page; without, it has them while the focus is in it: for a place with several lists. */
  keys?: boolean
}

/** The list with the focus comes before others of its height, and below a drawer. */
const FOCUSED = 0.5

/** Whether something is wider than its box. */
function useWider(box: RefObject<HTMLElement | null>): boolean {
  const [wider, setWider] = useState(false)
  useEffect(() => {
    const here = box.current!
    const observer = new ResizeObserver(() => setWider(here.scrollWidth > here.clientWidth))
    observer.observe(here)
    observer.observe(here.firstElementChild!)
    return () => observer.disconnect()
  }, [box])
  return wider
}

export function Table<R>({ label, rows, columns, id, open, chosen, choose, cursor, opened, keys = true }: Given<R>) {
  const [sorting, setSorting] = useState<SortingState>([])
  const [at, setAt] = useState(-1)
  const body = useRef<HTMLTableSectionElement>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const wide = useWider(scroll)
  const [within, setWithin] = useState(false)
  const table = useReactTable({
    data: rows,
    columns: columns.map((column): ColumnDef<R> => ({
      id: column.id,
      enableSorting: Boolean(column.sort),
      ...(column.sort ? { accessorFn: column.sort } : {}),
    })),
    getRowId: id,
    state: { sorting },
    onSortingChange: setSorting,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  })
  const shown = table.getRowModel().rows
  const stand = (next: number) => {
    setAt(next)
    cursor?.(shown[next]?.original)
  }
  const move = (by: number) => stand(Math.max(0, Math.min(shown.length - 1, at + by)))
  useEffect(() => {
    if (at >= 0) body.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const toggle = (one: string) => {
    const next = new Set(chosen)
    if (!next.delete(one)) next.add(one)
    choose?.(next)
  }
  const here = shown[at]
  useKeys(label, {
    j: { does: 'Next row', run: () => move(1) },
    k: { does: 'Row before', run: () => move(-1) },
    // Where nothing opens a row as such, its first link does.
    Enter: { does: 'Open', run: () => here && (open ? open(here.original) : body.current?.children[at]?.querySelector('a')?.click()) },
    ...(choose ? { x: { does: 'Choose', run: () => here && toggle(here.id) } } : {}),
  }, { on: keys || within, higher: within ? FOCUSED : 0 })
  // What scrolls, and what has keys once it is reached, is reached by Tab.
  const reached = wide || !keys ? { tabIndex: 0, role: 'group', 'aria-label': label } : {}
  return (
    <div className="scroll-x" ref={scroll} {...reached} onFocus={() => setWithin(true)} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setWithin(false)}>
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {choose && (
              <th style={{ width: 28 }}>
                <input type="checkbox" aria-label="Choose all" checked={rows.length > 0 && chosen?.size === rows.length} onChange={(event) => choose(new Set(event.target.checked ? rows.map(id) : []))} />
              </th>
            )}
            {table.getHeaderGroups()[0]?.headers.map((header, index) => {
              const column = columns[index]!
              const sorted = header.column.getIsSorted()
              return (
                <th key={header.id} className={column.className} style={{ width: column.width }} aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}>
                  {column.sort ? <button type="button" onClick={header.column.getToggleSortingHandler()}>{column.head}{sorted && (sorted === 'asc' ? ' ↑' : ' ↓')}</button> : column.head}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody ref={body}>
          {shown.map((row, index) => (
            <tr key={row.id} data-at={open ? index : undefined} className={index === at ? 'at' : undefined} aria-selected={opened === row.id || chosen?.has(row.id) || undefined}
              onClick={(event) => {
                if ((event.target as HTMLElement).closest('a, button, input, label')) return
                stand(index)
                open?.(row.original)
              }}>
              {choose && <td><input type="checkbox" aria-label="Choose this row" checked={chosen?.has(row.id) ?? false} onChange={() => toggle(row.id)} /></td>}
              {/* Called, not made components of: those would be new ones whenever the list is drawn, and lose what is clicked in them. */}
              {columns.map((column) => <td key={column.id} className={column.className}>{column.cell(row.original)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
