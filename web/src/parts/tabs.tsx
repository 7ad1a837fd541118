// The parts of a place. Which one is in the address.
import { type ReactNode, useEffect, useRef } from 'react'
import { Link } from '@tanstack/react-router'
import { useUrl } from '../app/url'
import { count } from './number'

export interface Tab { id: string; name: string; count?: number | undefined }

/** The chosen tab: `tab` in the address, or the first. */
export function useTab(tabs: Tab[]): string {
  const [url] = useUrl()
  return tabs.find(({ id }) => id === url.tab)?.id ?? tabs[0]!.id
}

/** Going to another tab leaves what the last one was asked for behind, but for what is named in `keep`. */
export function Tabs({ tabs, label, keep = [], children }: { tabs: Tab[]; label: string; keep?: string[]; children?: ReactNode }) {
  const now = useTab(tabs)
  const [url] = useUrl()
  // On a phone the current one may be beyond the edge. The row is moved alone: the place stays where it is.
  const row = useRef<HTMLElement>(null)
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>('[aria-current]')
    if (here) row.current!.scrollLeft = here.offsetLeft - row.current!.offsetLeft - (row.current!.clientWidth - here.offsetWidth) / 2
    // Counts come later, and make it longer.
  }, [now, tabs.map(({ count }) => count).join()])
  const kept = Object.fromEntries(keep.map((name) => [name, url[name]]))
  return (
    <nav className="tabs" ref={row} aria-label={label}>
      {tabs.map(({ id, name, count: number }) => (
        // Which one is current is said here: to the router an address without a tab is the first one's, whatever the tab.
        <Link key={id} to="." search={{ ...kept, tab: id === tabs[0]!.id ? undefined : id } as never} activeOptions={{ exact: true, includeSearch: true }} aria-current={id === now ? 'page' : undefined}>
          {name}
          {number !== undefined && <span className="count">{count(number)}</span>}
        </Link>
      ))}
      {children}
    </nav>
  )
}
