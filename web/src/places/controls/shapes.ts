// What the API tells of controls, as its description names it.
import type { Schemas } from '../../api/client'

export type Mode = Schemas['ControlMode']
export const MODES: Mode[] = ['observe', 'warn', 'enforce']

export type Control = Schemas['Control']
export type Because = Schemas['Because']
export type InForce = Schemas['InForce']
export type Exception = Schemas['Exception']
export type Adjustment = Schemas['Adjustment']
export type Lockdown = Schemas['Lockdown']
export type Review = Schemas['OpenReview']
export type Controls = Schemas['Controls']
/** What exempts, hides, locks or adjusts. */
export type Restriction = Schemas['ExceptionRow']
export type Ending = Schemas['Ending']
export type Restrictions = Schemas['Exceptions']
export type Reply = Schemas['Reply']
export type Asking = Schemas['Asking']
export type Measure = Schemas['FrictionRow']
export type Proposal = Schemas['ControlProposal']
export type Friction = Schemas['Friction']
export type OneControl = Schemas['ControlWhole']
export type Asked = Schemas['CheckAsked']
export type Reason = Schemas['CheckReason']
/** As it is given, or as the ledger kept it: then it has the number of its decision. */
export type Verdict = Omit<Schemas['CheckVerdict'], 'inputs'> & { id: number | null }

/** A decision of the ledger, by a statement. */
export interface Decision {
  id: number
  at: string
  kind: string
  entity: string | null
  reason: string
  owner: string | null
  control: number | null
  expires: string | null
  body: Record<string, unknown>
}
