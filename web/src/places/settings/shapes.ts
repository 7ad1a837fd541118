// What this place reads of answers.
export interface Grant { role: string; team: string; datasets: string[] }
export interface User { id: number; login: string; password: boolean; single_sign_on: boolean; disabled: boolean; created: string; grants: Grant[] }
export interface Token { id: number; kind: 'api' | 'ingest'; name: string; dataset: string; created: string; expires: string | null; revoked: string | null; used: string | null; resting: boolean; grants: Grant[] }
export interface Settings {
  version: string
  http_listen: string | null
  otlp_grpc_listen: string | null
  otlp_http_listen: string | null
  syslog_listen: string | null
  tls: boolean
  insecure: boolean
  ledger: string
  retention_seconds: number | null
  retention_bytes: number | null
  memory_bytes: number
  query_memory_bytes: number
  query_timeout_seconds: number
  redact: boolean
  single_sign_on: boolean
  channels: string[]
  webhooks: Record<string, boolean>
}
export interface Route { method: string; path: string; need: string }

/** From least to most; each may what those before it may. */
export const ROLES = ['viewer', 'responder', 'editor', 'admin']
export const MAY: Record<string, string> = {
  viewer: 'see',
  responder: 'also record changes and decisions, and act on alerts',
  editor: 'also import facts, hand over ownership, answer for controls',
  admin: 'also give rights, make tokens, read the audit trail',
}
export const team = (name: string) => (name === '*' ? 'all teams' : name)
export const datasets = (names: string[]) => (names.includes('*') ? 'all datasets' : names.join(', '))
