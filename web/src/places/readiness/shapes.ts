// What the server tells of readiness, as its description names it.
import type { Schemas } from '../../api/client'

export type Hit = Schemas['KnowledgeHit']
export type PageRow = Schemas['PageLinked']
export type Page = Schemas['PageWhole']
export type ListOf = Schemas['KnowledgeLists']
export type Part = Schemas['RecoveryPart']
export type Plan = Schemas['RecoveryPlan']
export type DrillRow = Schemas['DrillRow']
export type Drill = Schemas['DrillWhole']
export type Run = Schemas['DrillRun']
