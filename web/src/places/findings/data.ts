// What this place asks for: findings by the server's filters, then by those that need no asking.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { get, type Problem } from '../../api/client'
import { useGet } from '../../api/queries'
import type { Search } from '../../app/url'
import { millis } from '../../parts/time'
import { read } from '../controls/data'
import type { InForce } from '../controls/shapes'
import { type Finding, type Findings, type Row, SEVERITIES, type Why } from './shapes'

/** Findings of one page; the server answers no more. */
export const PAGE = 1_000
const DAY_MS = 86_400_000
/** Findings come with scans, minutes apart; an empty page turns live by this. */
const EVERY_MS = 30_000
/** What is not asked of the server as long as it tells of all: the numbers beside it stay whole. */
const HERE = ['severity', 'owner'] as const

const asked = (url: Search, here: boolean) => ({
  entity: url.entity, rule: url.rule, about: url.about, state: url.state, since: url.since, branch: url.branch, at: url.at, limit: PAGE,
  suppressed: url.suppressed === 'true' || undefined,
  ...(here ? { severity: url.severity, owner: url.owner } : {}),
})

interface Page { after: string; at: string }
/** The list page after page, all as of the first one's time. Asked again by itself only as long as that is one request. */
function usePages(query: ReturnType<typeof asked>, enabled = true) {
  const pages = useInfiniteQuery<Findings, Problem, Findings[], unknown[], Page | undefined>({
    queryKey: ['/api/v1/findings', 'pages', query],
    queryFn: async ({ pageParam, signal }) => (await get('/api/v1/findings', { query: { ...query, ...pageParam }, signal })) as unknown as Findings,
    initialPageParam: undefined,
    getNextPageParam: ({ next, at }) => (next ? { after: next, at } : undefined),
    select: ({ pages: all }) => all,
    refetchInterval: ({ state }) => ((state.data as { pages: unknown[] } | undefined)?.pages.length ?? 0) > 1 ? false : EVERY_MS,
    placeholderData: keepPreviousData,
    enabled,
  })
  const data = useMemo(() => {
    const [first] = pages.data ?? []
    return first && { ...first, truncated: pages.data!.at(-1)!.truncated, findings: pages.data!.flatMap(({ findings }) => findings) }
  }, [pages.data])
  const { error, isPending, isFetching, isFetchingNextPage, refetch } = pages
  return { data, error, isPending, isFetching, isFetchingNextPage, refetch, more: () => void pages.fetchNextPage() }
}

export function useFindings(url: Search) {
  const whole = usePages(asked(url, false))
  const narrow = (whole.data?.truncated ?? false) && HERE.some((name) => url[name])
  const narrowed = usePages(asked(url, true), narrow)
  const of = narrow ? narrowed : whole
  const known = useMemo(() => rows(whole.data?.findings ?? []), [whole.data])
  const base = useMemo(() => (narrow ? rows(narrowed.data?.findings ?? []) : known), [narrow, narrowed.data, known])
  const shown = useMemo(() => sorted(base.filter((row) => fits(row, url)), url.sort), [base, url.severity, url.owner, url.age, url.q, url.sort])
  return { of, whole: whole.data, known, rows: shown, hidden: of.data?.suppressed ?? 0, fetching: of.isFetching }
}

function rows(findings: Finding[]): Row[] {
  const now = Date.now()
  return findings.map((finding): Row => ({ ...finding, days: (now - millis(finding.found)) / DAY_MS }))
}

export const useWhy = (id: string, at: string | undefined) => read<Why>(useGet('/api/v1/why', { query: { id, at } }))

/** Ages, youngest first: from so many days on. */
export const AGES: { id: string; name: string; short: string; from: number; to: number }[] = [
  { id: '1', name: 'under a day', short: '< 1 d', from: 0, to: 1 },
  { id: '7', name: 'under a week', short: '< 1 w', from: 1, to: 7 },
  { id: '30', name: 'under 30 days', short: '< 30 d', from: 7, to: 30 },
  { id: '90', name: 'under 90 days', short: '< 90 d', from: 30, to: 90 },
  { id: 'old', name: 'older', short: 'older', from: 90, to: Infinity },
]
export const ageOf = (row: Row) => AGES.find(({ from, to }) => row.days >= from && row.days < to) ?? AGES[0]!

const listed = (list: string | undefined) => (list ? list.split(',') : [])
/** Whether a row fits what is filtered here; `but` leaves one filter out, to count what it could be. */
export function fits(row: Row, url: Search, but?: 'severity' | 'owner' | 'age'): boolean {
  if (but !== 'severity' && url.severity && !listed(url.severity).includes(row.severity)) return false
  if (but !== 'owner' && url.owner && !owns(row, url.owner)) return false
  if (but !== 'age' && url.age && ageOf(row).id !== url.age) return false
  const words = url.q?.toLowerCase().trim()
  return !words || words.split(/\s+/).every((word) => searched(row).includes(word))
}
/** As the server has it: `-` for what nobody owns. */
const owns = (row: Row, team: string) => (row.owner === null ? team === '-' : row.owner.team === team || row.owners.includes(team))

const texts = new WeakMap<Row, string>()
function searched(row: Row): string {
  let text = texts.get(row)
  if (text === undefined) texts.set(row, (text = [row.title, row.rule, row.entity, row.place, row.path, row.message, row.owner?.team, ...row.runs, ...names(row)].join(' ').toLowerCase()))
  return text
}

const SORTS: Record<string, (a: Row, b: Row) => number> = {
  severity: (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.rank.score - a.rank.score,
  oldest: (a, b) => b.days - a.days,
  newest: (a, b) => a.days - b.days,
  owner: (a, b) => (a.owner?.team ?? '').localeCompare(b.owner?.team ?? '') || b.rank.score - a.rank.score,
  entity: (a, b) => (a.entity ?? '').localeCompare(b.entity ?? '') || b.rank.score - a.rank.score,
}
const sorted = (rows: Row[], by: string | undefined) => (by && SORTS[by] ? rows.sort(SORTS[by]) : rows)

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : typeof value === 'string' && value ? [value] : [])
/** The component that is weak, if it is one. */
export const component = (finding: Finding): string | undefined => strings(finding.evidence.component)[0] ?? (finding.place.startsWith('pkg:') ? finding.place : undefined)
/** The control behind a finding, as it speaks. */
export const behindFinding = (controls: InForce[] | undefined, finding: Finding): InForce | undefined => controls?.find(({ control }) => control.name === finding.control)
/** Names of the advisory, the first the best known. */
export const names = (finding: Finding): string[] => [...new Set([...strings(finding.evidence.advisory), ...strings(finding.evidence.aliases)])]
export const fixes = (finding: Finding): string[] => strings(finding.evidence.fixed)
/** `pkg:npm/lodash@4.17.20` as people say it. */
export function partName(purl: string): { name: string; version: string } {
  const [, name = purl, version = ''] = /^pkg:[^/]+\/(.+?)(?:@([^?#]+))?(?:[?#].*)?$/.exec(purl) ?? []
  return { name: decode(name), version: decode(version) }
}
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Where a place can be read: the forge's page of the line, at the commit that was scanned. */
export function codePage(finding: Finding): string | undefined {
  const repository = /^repository:((?:github|gitlab)\.[\w.-]+(?:\/[\w.-]+){2,})$/.exec(finding.entity ?? '')?.[1]
  if (!repository || !finding.path || finding.path.includes('..')) return undefined
  const commit = finding.found_by?.commit ?? finding.found_by?.branch ?? 'HEAD'
  const path = finding.path.split('/').map(encodeURIComponent).join('/')
  const between = repository.startsWith('gitlab') ? '/-/blob' : '/blob'
  return `https://${repository}${between}/${encodeURIComponent(commit)}/${path}${finding.line ? `#L${finding.line}` : ''}`
}
