// What the server tells of readiness.
import type { Answer } from '../../api/client'

export interface Hit { id: string; kind: string; title: string; snippet: string; marks: [number, number][]; owner: string | null; at: string | null; entity: string | null; services: string[]; link: string | null }
export interface PageRow { id: string; kind: string; title: string; owner: string | null; review_by: string | null; services: string[]; origin: string }
export interface Page extends PageRow { markdown: string; file: string; alerts: string[]; rules: string[] }
export interface Part { id: number; entity: string; minimum: boolean; outside: boolean; owner: string | null; round: number | null; tier: number | null; rto: number | null; rpo: number | null; backup: string | null; backup_at: string | null; proved: boolean; proved_at: string | null; took: number | null; back_after: number | null; needs: string[] }
export interface Plan { at: string; parts: Part[]; circles: string[][]; minimum: number[] | string[]; gaps: { entity: string; rule: string; severity: string; title: string }[] }
export interface DrillRow { name: string; title: string; owner: string; service: string | null; probes: number; steps: number; restore: boolean }
export interface Drill extends Omit<DrillRow, 'probes' | 'steps'> { steps: { text: string; question: string | null; inject: boolean }[]; probes: { name: string }[]; questions: { ask: string; known: string | null }[]; rollback: string[]; expect: Record<string, number | null>; notes: string[] }
export type Run = Answer<'/api/v1/drill-runs/{id}'>
