// Reports of the inventory: each has rows of its own, which the one description of their path cannot tell apart.
import type { UseQueryResult } from '@tanstack/react-query'
import type { Asked, Problem, Schemas } from './client'
import { useGet } from './queries'

export interface Reports {
  running: Schemas['Report_Ran']
  parts: Schemas['Report_InventoryPart']
  orphans: Schemas['Report_Orphan']
  silent: Schemas['Report_Silent']
  unread: Schemas['UnreadReport']
  coverage: Schemas['Report_Coverage']
  external: Schemas['Report_ExternalRow']
  images: Schemas['Report_ImageRow']
  sockets: Schemas['Report_SocketRow']
  surface: Schemas['Report_SurfaceRow']
  growth: Schemas['Report_GrowthRow']
  engineers: Schemas['Report_EngineersRow']
  clocks: Schemas['Clocks']
  layers: Schemas['Report_LayerCell']
}
export type RowOf<N extends keyof Reports> = Reports[N]['rows'][number]

export const useReport = <N extends keyof Reports>(report: N, query: Asked['query'] = {}, options: Parameters<typeof useGet>[2] = {}) =>
  useGet('/api/v1/inventory/{report}', { path: { report }, query }, options) as UseQueryResult<Reports[N], Problem>
