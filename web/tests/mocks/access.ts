// Who asks, who may come in, and what was written down.
import { ago, DAY, HOUR, type Mocks } from './types'

export const ME = { name: 'admin', kind: 'user', grants: [{ role: 'admin', team: '*', datasets: ['*'] }], datasets: ['*'], csrf: 'c5rf' } satisfies Mocks['GET /api/v1/me']

export const ACCESS = {
  'GET /api/v1/me': ME,
  'POST /api/v1/login': ME,
  'POST /api/v1/logout': { out: true },
  'POST /api/v1/me/password': { changed: true },
  'GET /api/v1/users': {
    users: [
      { id: 1, login: 'admin', password: true, single_sign_on: false, disabled: false, created: ago(30 * DAY), grants: ME.grants },
      { id: 2, login: 'vera', password: false, single_sign_on: true, disabled: true, created: ago(3 * DAY), grants: [{ role: 'responder', team: 'shop', datasets: ['default'] }] },
      { id: 4, login: null, password: false, single_sign_on: false, disabled: true, created: ago(200 * DAY), grants: [] },
    ],
  },
  'POST /api/v1/users': { id: 3, login: 'mika', password: 'made-for-you' },
  'POST /api/v1/users/{id}/disable': { id: 2, disabled: false },
  'POST /api/v1/users/{id}/grant': { id: 2, granted: { role: 'viewer', team: 'shop', datasets: ['*'] } },
  'POST /api/v1/users/{id}/revoke': { id: 2, revoked: true },
  'POST /api/v1/users/{id}/password': { id: 2, password: 'another-one' },
  'POST /api/v1/forget': { forgotten: true },
  'GET /api/v1/tokens': {
    tokens: [
      { id: 11, kind: 'api', name: 'nightly report', dataset: 'default', created: ago(9 * DAY), expires: ago(-80 * DAY), revoked: null, used: ago(HOUR), resting: false, grants: [{ role: 'viewer', team: '*', datasets: ['*'] }] },
      { id: 12, kind: 'ingest', name: 'old collector', dataset: 'default', created: ago(90 * DAY), expires: null, revoked: ago(DAY), used: null, resting: false, grants: [] },
    ],
  },
  'POST /api/v1/tokens': { id: 13, token: 'tnd_shown_once', expires: null },
  'POST /api/v1/tokens/{id}/revoke': { id: 11, revoked: true },
  'GET /api/v1/routes': { routes: [{ method: 'GET', path: '/api/v1/findings', need: 'viewer of a team' }, { method: 'POST', path: '/api/v1/users', need: 'admin of all teams' }] },
  'GET /api/v1/settings': {
    version: '1.0.0', http_listen: '127.0.0.1:7400', otlp_grpc_listen: '127.0.0.1:4317', otlp_http_listen: '127.0.0.1:4318', syslog_listen: null, tls: false, insecure: false, ledger: 'sqlite',
    retention_seconds: 30 * 86_400, retention_bytes: null, memory_bytes: 1 << 28, query_memory_bytes: 1 << 28, query_timeout_seconds: 60, redact: true, single_sign_on: false, channels: ['on-call'], webhooks: { github: true, gitlab: false },
  },
  'GET /api/v1/audit': {
    names: false,
    entries: [
      { seq: 1, at: ago(30 * DAY), action: 'user_made', object: 'user:1', person: null, detail: { role: 'admin' } },
      { seq: 2, at: ago(HOUR), action: 'refused', object: 'POST /api/v1/users', person: null, detail: { need: 'admin of all teams' } },
    ],
  },
  'POST /api/v1/audit/verify': { entries: 2, checkpoints: 1, problems: [], root: 'ab'.repeat(32) },
} satisfies Mocks
