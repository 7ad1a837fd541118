// Renewing whatever ends: as it is, for as long as before, in one step.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { post, type Problem } from '../../api/client'
import { useMe } from '../../app/session'
import { clock, millis } from '../../parts/time'
import { say } from '../../parts/toast'
import { DECIDED, MOST_DAYS, useControls, useDecisions } from './data'
import type { Decision, Restriction } from './shapes'

const DAY_MS = 86_400_000
const ROLES = ['viewer', 'editor', 'responder', 'admin']
export const RENEWED = ['exception', 'adjustment', 'suppression', 'waiver']

/** The decision as the ledger has it: what the lists leave out. */
export const useDecision = (id: number | string | undefined) => {
  const asked = useDecisions(`id = ${Number(id) || 0}`, 1, id !== undefined)
  return { ...asked, data: asked.data?.[0] }
}

/** Whether the caller may renew or end a restriction: an editor of the control's team, or of the team that answers for what hides. */
export function useMayRenew(row: Pick<Restriction, 'kind' | 'control' | 'owner'>): boolean {
  const { grants } = useMe()
  const control = useControls().data?.controls.find((one) => one.control.name === row.control)
  const team = row.kind === 'exception' || row.kind === 'adjustment' ? control?.control.owner : row.owner
  const least = row.kind === 'waiver' ? 'responder' : 'editor'
  return team !== undefined && grants.some((grant) => ROLES.indexOf(grant.role) >= ROLES.indexOf(least) && (grant.team === '*' || grant.team === team))
}

/** Until when a renewal lasts: as long as before, and never longer than is allowed. */
export const renewedUntil = (decision: Pick<Decision, 'at' | 'expires'>, now = Date.now()) =>
  new Date(now + Math.min(millis(decision.expires) - millis(decision.at), MOST_DAYS * DAY_MS - 60_000)).toISOString()

interface Made { until?: string | null }

async function renewal(decision: Decision): Promise<string> {
  const until = renewedUntil(decision)
  if (decision.kind !== 'suppression') {
    const made = (await post('/api/v1/exceptions/{id}/renew', {} as never, { path: { id: decision.id } })) as Made
    return made.until ?? until
  }
  const hides = decision.body.hides as Record<string, unknown>
  await post('/api/v1/suppressions', { ...hides, reason: decision.reason, owner: decision.owner, until, idempotency_key: `renewal:${decision.id}` } as never)
  return until
}

export function useRenewal() {
  const client = useQueryClient()
  return useMutation<string, Problem, Decision>({
    mutationFn: renewal,
    onSuccess: (until) => {
      say(`Renewed until ${clock(until)}`)
      void client.invalidateQueries({ predicate: ({ queryKey }) => [...DECIDED, '/api/v1/suppressions'].some((start) => String(queryKey[0]).startsWith(start)) })
    },
  })
}
