// The places, once: the rail, the keys, the palette and the routes come from here.
import type { IconName } from '../parts/icon'

export interface Place { path: string; name: string; icon: IconName; key: string; about: string }
export const PLACES: Place[] = [
  { path: '/', name: 'Home', icon: 'home', key: 'h', about: 'Next steps, my team’s work, what changed today' },
  { path: '/explore', name: 'Explore', icon: 'explore', key: 'e', about: 'Logs, traces, metrics and SQL' },
  { path: '/alerts', name: 'Alerts & Incidents', icon: 'alerts', key: 'a', about: 'One queue, and what came of it' },
  { path: '/services', name: 'Services', icon: 'services', key: 's', about: 'What runs, whose it is, and then' },
  { path: '/findings', name: 'Findings', icon: 'findings', key: 'f', about: 'What is weak, ranked with reasons' },
  { path: '/controls', name: 'Controls', icon: 'controls', key: 'c', about: 'What restricts, why, and how to answer' },
  { path: '/readiness', name: 'Readiness', icon: 'readiness', key: 'r', about: 'Runbooks, restores, drills, coverage' },
  { path: '/planning', name: 'Planning', icon: 'planning', key: 'p', about: 'Agenda, roadmap, upgrades, DORA' },
]
export const DASHBOARDS: Place = { path: '/dashboards', name: 'Dashboards', icon: 'dashboards', key: 'd', about: 'A few, approved, in git' }
export const SETTINGS: Place = { path: '/settings', name: 'Settings', icon: 'settings', key: ',', about: 'Users, tokens, how to send' }
