// What is done about findings: suppressed until a day, handed to an owner, answered. The server decides; its lists follow.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { post, type Problem } from '../../api/client'
import { roleAt, useMe } from '../../app/session'
import { many } from '../../parts/number'
import { clock } from '../../parts/time'
import { say } from '../../parts/toast'
import type { Row } from './shapes'

/** Findings of one request; the server takes no more. */
const MOST_AT_ONCE = 500
const ASKED_AGAIN = ['/api/v1/findings', '/api/v1/why', '/api/v1/sql', '/api/v1/exceptions', '/api/v1/answers', '/api/v1/owners', '/api/v1/home', '/api/v1/friction', '/api/v1/controls']

/** Whether the caller has a role in each of the teams that own the rows. */
export function useMayFor(role: string, rows: { owner: { team: string } | null }[]): boolean {
  const { grants } = useMe()
  const able = grants.filter((grant) => roleAt(grant.role) >= roleAt(role))
  return rows.length > 0 && rows.every(({ owner }) => able.some(({ team }) => team === '*' || team === owner?.team))
}

function useDone<I, A>(act: (given: I) => Promise<A>, done: (answer: A, given: I, again: () => Promise<void>) => void) {
  const client = useQueryClient()
  const again = async () => void client.invalidateQueries({ predicate: ({ queryKey }) => ASKED_AGAIN.includes(String(queryKey[0])) })
  return useMutation<A, Problem, I>({
    mutationFn: act,
    onSuccess: (answer, given) => done(answer, given, again),
    // Some of many may be done when one is refused.
    onSettled: again,
  })
}

function grouped<K>(rows: Row[], of: (row: Row) => K): Map<K, Row[]> {
  const groups = new Map<K, Row[]>()
  for (const row of rows) groups.set(of(row), [...(groups.get(of(row)) ?? []), row])
  return groups
}

export interface Suppressing { rows: Row[]; control: string | undefined; owner: string; reason: string; until: string; branch: string | undefined; key: string }

/** Decisions of the server: one for each thing that is weak and control behind it. */
async function suppress({ rows, control, owner, reason, until, branch, key }: Suppressing): Promise<number[]> {
  const made: number[] = []
  for (let from = 0; from < rows.length; from += MOST_AT_ONCE) {
    const findings = rows.slice(from, from + MOST_AT_ONCE).map(({ id }) => id)
    const answer = await post('/api/v1/findings/suppress', { findings, control, owner, reason, until, branch, idempotency_key: `${key}:${from}` })
    made.push(...answer.suppressions.map(({ id }) => id))
  }
  return made
}

async function takeBack(ids: number[]) {
  for (const id of ids) await post('/api/v1/exceptions/{id}/end', { reason: 'suppressed by mistake: taken back' }, { path: { id } })
}

export const useTakeBack = () => useDone((id: number) => takeBack([id]), () => say('Taken back: it is listed again'))

export function useSuppress() {
  return useDone(suppress, (ids, { rows, until }, again) =>
    say(`${many(rows.length, 'finding')} suppressed until ${clock(until).slice(0, 10)}`, () => {
      takeBack(ids).then(again, (error: Error) => say(`Not taken back: ${error.message}`))
    }),
  )
}

/** Things whose findings follow the thing's owner; those of a file follow the file of owners. */
export const handed = (rows: Row[]): Map<string, Row[]> => grouped(rows.filter((row) => row.entity && row.owners.length === 0), (row) => row.entity!) as Map<string, Row[]>
/** The owner of the thing itself, before. */
const before = (row: Row): string | undefined => (row.owner?.because.startsWith(`it owns ${row.entity}:`) ? row.owner.team : undefined)

export interface Handing { rows: Row[]; owner: string; reason: string; key: string }
async function hand({ rows, owner, reason, key }: Handing): Promise<[string, string | undefined][]> {
  const done: [string, string | undefined][] = []
  for (const [name, of] of handed(rows)) {
    await post('/api/v1/owners', { entity: name, owner, reason, key: `${key}:${name}` } as never)
    done.push([name, before(of[0]!)])
  }
  return done
}

export function useHand() {
  return useDone(hand, (done, { owner }, again) => {
    const undo = done.every(([, was]) => was !== undefined) && (() => {
      const back = async () => {
        for (const [name, was] of done) await post('/api/v1/owners', { entity: name, owner: was, reason: 'handed over by mistake: back as it was' } as never)
      }
      back().then(again, (error: Error) => say(`Not handed back: ${error.message}`))
    })
    say(`${many(done.length, 'thing')} handed to ${owner}`, undo || undefined)
  })
}

export interface Hurting { groups: { control: string; rows: Row[] }[]; text: string; key: string }
async function hurt({ groups, text, key }: Hurting): Promise<string[]> {
  const heard = new Set<string>()
  for (const { control, rows } of groups) {
    for (const [name, of] of grouped(rows, (row) => row.entity)) {
      const answer = (await post('/api/v1/answers', {
        control, entity: name ?? undefined, say: 'hurt', text, place: 'page', facts: of.slice(0, MOST_AT_ONCE).map(({ id }) => id), idempotency_key: `${key}:${control}:${name}`,
      } as never)) as unknown as { heard_by: string | null }
      if (answer.heard_by) heard.add(answer.heard_by)
    }
  }
  return [...heard]
}
export const useHurt = () => useDone(hurt, (heard) => say(heard.length ? `Said; ${heard.join(' and ')} ${heard.length === 1 ? 'hears' : 'hear'} of it` : 'Said'))
