// Dashboards as the server tells them: files in git, read by it.
import type { Schemas } from '../../api/client'

export type Listed = Schemas['DashboardRow']
export type Variable = Schemas['Variable']
export type PanelOf = Schemas['Panel']
export type Dashboard = Schemas['Dashboard']
