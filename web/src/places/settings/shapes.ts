// What this place reads of answers.
import type { Schemas } from '../../api/client'

export type Grant = Schemas['Grant']
export type User = Schemas['User']
export type Token = Schemas['Token']
export type Settings = Schemas['Settings']
export type Route = Schemas['Route']

export { ROLES } from '../../app/session'
/** How a user is called; who was forgotten has a number alone. */
export const called = ({ id, login }: User) => login ?? `user ${id}, forgotten`
export const MAY: Record<string, string> = {
  viewer: 'see',
  responder: 'also record changes and decisions, and act on alerts',
  editor: 'also import facts, hand over ownership, answer for controls',
  admin: 'also give rights, make tokens, read the audit trail',
}
export const team = (name: string) => (name === '*' ? 'all teams' : name)
export const datasets = (names: string[]) => (names.includes('*') ? 'all datasets' : names.join(', '))
