// What the server tells of plans.
export interface AgendaItem { at: string | null; ids: number[]; next: string | null; team: string | null; text: string }
export interface Agenda { day: string; since: string; next: string | null; held: string | null; notes: string | null; missed: string[]; meeting: { teams: string[]; days: number; minutes: number; phase: string; starts: string | null; reading: string[] }; sections: { name: string; title: string; items: AgendaItem[]; more: number }[] }
export interface Initiative { id: string; title: string; for_operations: string; for_security: string; horizon: 'now' | 'next' | 'later'; owner: string; teams: string[]; from: string | null; until: string | null; restricts: string | null; notice_days: number; controls: string[]; steps: string[] }
export interface Upgrade { id: string; title: string; component: string; from_version: string | null; to_version: string | null; owner: string; from: string; until: string; objections_until: string; soak_days: number; back: string; for_operations: string; for_security: string }
export interface Roadmap { roadmap: Initiative[]; upgrades: Upgrade[]; ahead: unknown[]; problems: string[] }
export interface Blast { upgrade: Upgrade; services: Record<string, string | null> | Record<string, unknown>; hosts: unknown[]; has: unknown[]; objections: { team?: string; reason?: string; at?: string }[]; overlaps: { id: string; kind: string; title: string; from: string; until: string; shared: string[] }[]; everywhere_from: string }
export interface Measure { value: number | null; count: number; numerator: number; denominator: number; unit: string; missing: string | null; earlier: number | { value: number | null } | null; ids: number[] }
export type Month = Record<string, Measure | string | number>
export interface Dora { from: string; until: string; services: Record<string, Month[]>; teams: Record<string, Month[]> }
