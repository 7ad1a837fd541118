// The text of an alert rule from a search: an operational rule, as its page in the book describes.
export interface Wanted {
  title: string
  level: string
  query: string
  more: number
  window: string
  by: string
  runbook?: string
}
export const WINDOWS: [string, string][] = [['1m', 'a minute'], ['5m', '5 minutes'], ['15m', '15 minutes'], ['1h', 'an hour'], ['1d', 'a day']]
export const GROUPS: { value: string; label: string }[] = [{ value: 'service', label: 'each service' }, { value: 'host', label: 'each host' }, { value: '', label: 'all together' }]

/** A text in double quotes of YAML, which take JSON's escapes. */
const text = (value: string) => JSON.stringify(value)
const BY: Record<string, string[]> = {
  service: ['  group_by: [service.namespace, service_name]', '  entity: {kind: service, key: [service.namespace, service_name]}'],
  host: ['  group_by: [host.name]', '  entity: {kind: host, key: [host.name]}'],
}

export function ruleText({ title, level, query, more, window, by }: Wanted): string {
  return [
    `title: ${text(title)}`,
    `description: ${text(`More than ${more} lines in ${window} are found by: ${query || '*'}`)}`,
    `level: ${level}`,
    'operation:',
    '  kind: threshold',
    '  table: logs',
    `  query: ${text(query || '*')}`,
    '  aggregate: count',
    ...(BY[by] ?? []),
    `  above: ${more}`,
    `  window: ${window}`,
    '',
  ].join('\n')
}
export const fileName = (title: string) => `${title.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '').slice(0, 60) || 'rule'}.yml`
