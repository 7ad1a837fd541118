// Addresses. Each place is loaded when it is opened.
import { createRootRoute, createRoute, createRouter, Link, type RouterHistory } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Empty, Trouble } from '../parts/basic'
import { late } from '../parts/late'
import { Shell } from './shell'
import { parseSearch, stringifySearch } from './url'

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <div className="place">
      <Empty title="There is nothing at this address"><p>It may have been renamed or removed. <Link to="/">Home</Link> shows what there is; <kbd>Ctrl K</kbd> finds things by name.</p></Empty>
    </div>
  ),
  errorComponent: ({ error, reset }) => <div className="place"><Trouble error={error} retry={reset} /></div>,
})
const open = { getParentRoute: () => root, validateSearch: (search: Record<string, unknown>) => search }
const at = (path: string, load: () => Promise<{ default: () => ReactNode }>) => createRoute({ ...open, path, component: late(load) })

const tree = root.addChildren([
  at('/', () => import('../places/home')),
  at('/explore', () => import('../places/explore')),
  at('/alerts', () => import('../places/alerts')),
  at('/alerts/$id', () => import('../places/alerts/alert')),
  at('/incidents/$id', () => import('../places/alerts/incident')),
  at('/services', () => import('../places/services')),
  at('/services/$entity', () => import('../places/services/entity')),
  at('/findings', () => import('../places/findings')),
  at('/controls', () => import('../places/controls')),
  at('/controls/$name', () => import('../places/controls/control')),
  at('/readiness', () => import('../places/readiness')),
  at('/planning', () => import('../places/planning')),
  at('/dashboards', () => import('../places/dashboards')),
  at('/dashboards/$name', () => import('../places/dashboards/dashboard')),
  at('/settings', () => import('../places/settings')),
])

/** Addresses are those of the browser, unless a history is given. */
export const routerOf = (history?: RouterHistory) => createRouter({ routeTree: tree, parseSearch, stringifySearch: stringifySearch as never, defaultPreload: 'intent', scrollRestoration: true, ...(history ? { history } : {}) })
