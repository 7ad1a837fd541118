// A list of any length: rows of one height, of which those in sight exist.
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useKeys } from './keys'

export interface GridColumn<R> { id: string; head: ReactNode; cell: (row: R) => ReactNode; width: string; className?: string; sort?: () => void }

interface Given<R> {
  label: string
  rows: R[]
  columns: GridColumn<R>[]
  id: (row: R) => string
  open?: (row: R) => void
  opened?: string | undefined
  chosen?: Set<string>
  choose?: (id: string) => void
  /** Told which row `j` and `k` stand on: for keys that act on it. */
  cursor?: (row: R | undefined) => void
  /** Called near the end of what is there. */
  more?: () => void
  rowHeight?: number
  /** Narrower than so many pixels it scrolls sideways. */
  least?: number
  rowClass?: (row: R) => string | undefined
  /** Of the scrolling part: for a tail that pauses. */
  onScroll?: (top: number) => void
}

const LEAST_PX = 200
const BORDERS_PX = 2
/** With what one scrolls sideways by. */
const SCROLLBAR_PX = 16

export function Grid<R>({ label, rows, columns, id, open, opened, chosen, choose, cursor, more, rowHeight = 28, least, rowClass, onScroll }: Given<R>) {
  const scroll = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(-1)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 12, paddingStart: 26 })
  const template = columns.map((column) => column.width).join(' ')
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) more?.()
  }, [last, rows.length, more])
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by))
    setAt(next)
    virtual.scrollToIndex(next, { align: 'auto' })
    cursor?.(rows[next])
  }
  // No higher than its rows: an empty box below them would look like something that is still coming.
  const most = virtual.getTotalSize() + (least && (virtual.scrollRect?.width ?? least) < least ? SCROLLBAR_PX : BORDERS_PX)
  const here = rows[at]
  useKeys(label, {
    j: { does: 'Next row', run: () => move(1) },
    k: { does: 'Row before', run: () => move(-1) },
    ...(open ? { Enter: { does: 'Open', run: () => here && open(here) } } : {}),
    ...(choose ? { x: { does: 'Choose', run: () => here && choose(id(here)) } } : {}),
  })
  return (
    <div className="grid" style={{ maxHeight: most, minHeight: Math.min(LEAST_PX, most) }} ref={scroll} role="grid" aria-label={label} aria-rowcount={rows.length + 1} tabIndex={0} onScroll={(event) => onScroll?.(event.currentTarget.scrollTop)}>
      <div className="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template, minWidth: least }}>
        {columns.map((column) => <div key={column.id} role="columnheader" className={column.className}>{column.sort ? <button type="button" onClick={column.sort}>{column.head}</button> : column.head}</div>)}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize() - 26 }}>
        {shown.map((item) => {
          const row = rows[item.index]!
          const key = id(row)
          return (
            <div key={item.key} role="row" aria-rowindex={item.index + 2} aria-selected={opened === key || chosen?.has(key) || undefined}
              className={['grid-row', item.index === at && 'at', rowClass?.(row)].filter(Boolean).join(' ')}
              style={{ gridTemplateColumns: template, minWidth: least, height: rowHeight, transform: `translateY(${item.start - 26}px)`, top: 26 }}
              onClick={(event) => {
                if ((event.target as HTMLElement).closest('a, button, input')) return
                setAt(item.index)
                cursor?.(row)
                open?.(row)
              }}>
              {columns.map((column) => <div key={column.id} role="gridcell" className={column.className}>{column.cell(row)}</div>)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
