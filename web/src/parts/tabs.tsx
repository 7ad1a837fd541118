// The parts of a place. Which one is in the address.
import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { useUrl } from '../app/url'
import { count } from './number'

export interface Tab { id: string; name: string; count?: number | undefined }

/** The chosen tab: `tab` in the address, or the first. */
export function useTab(tabs: Tab[]): string {
  const [url] = useUrl()
  return tabs.find(({ id }) => id === url.tab)?.id ?? tabs[0]!.id
}

export function Tabs({ tabs, label, children }: { tabs: Tab[]; label: string; children?: ReactNode }) {
  const now = useTab(tabs)
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ id, name, count: number }) => (
        <Link key={id} to="." search={{ tab: id === tabs[0]!.id ? undefined : id } as never} activeOptions={{ exact: true }} aria-current={id === now ? 'page' : undefined}>
          {name}
          {number !== undefined && <span className="count">{count(number)}</span>}
        </Link>
      ))}
      {children}
    </nav>
  )
}
