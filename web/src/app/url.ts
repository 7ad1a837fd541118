// All state is in the address: what is looked for, what is open, what is chosen.
import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useCallback } from 'react'

export type Search = Record<string, string | undefined>

/** The address's parameters, and a way to change some of them. `undefined` or '' takes one out. */
export function useUrl(): [Search, (change: Search, options?: { push?: boolean }) => void] {
  const search = useRouterState({ select: (state) => state.location.search as Search })
  const navigate = useNavigate()
  const set = useCallback(
    (change: Search, { push = true } = {}) => {
      void navigate({
        to: '.',
        replace: !push,
        search: (before: Search) => Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined && value !== '')),
      } as never)
    },
    [navigate],
  )
  return [search, set]
}

/** Plain texts both ways: an address is read by people too. */
export const parseSearch = (text: string): Search => Object.fromEntries(new URLSearchParams(text))
export const stringifySearch = (search: Record<string, unknown>): string => {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text ? `?${text}` : ''
}
