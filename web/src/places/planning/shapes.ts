// What the server tells of plans, as its description names it.
import type { Schemas } from '../../api/client'

export type Agenda = Schemas['Agenda']
export type AgendaItem = Schemas['AgendaItem']
export type Initiative = Schemas['Initiative']
export type Upgrade = Schemas['Upgrade']
export type Roadmap = Schemas['Roadmap']
export type Blast = Schemas['UpgradeWhole']
export type Measure = Schemas['DoraMeasure']
export type Month = Schemas['DoraMonth']
/** What of a month is measured. */
export type MeasureOf = { [N in keyof Month]: Month[N] extends Measure ? N : never }[keyof Month]
export type Dora = Schemas['Dora']
