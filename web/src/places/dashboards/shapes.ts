// Dashboards as the server tells them: files in git, read by it.
export interface Listed { name: string; title: string; about: string; owner: string; approved: string | null; panels: number; unused: boolean; views: { last_30_days: number; last: string | null } }
export interface Variable { name: string; label: string; table: string; field: string; default: string | null }
export interface PanelOf {
  title: string
  kind: 'search' | 'sql' | 'chart' | 'number' | 'table' | 'markdown'
  table: string | null
  query: string | null
  sql: string | null
  metric: string | null
  by: string | null
  agg: string | null
  unit: string | null
  text: string | null
  width: number
  link: string | null
}
export interface Dashboard { name: string; title: string; about: string; owner: string; approved: string | null; range: string | null; variables: Variable[]; panels: PanelOf[] }
