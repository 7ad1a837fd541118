// Dark or light: as the system says, until somebody chooses.
export type Theme = 'dark' | 'light'
const KEY = 'tandem:theme'
const system = window.matchMedia('(prefers-color-scheme: light)')

/** What somebody chose here; nothing while it is as the system says. */
export const chosen = (): Theme | null => {
  const kept = localStorage.getItem(KEY)
  return kept === 'dark' || kept === 'light' ? kept : null
}
export const theme = (): Theme => chosen() ?? (system.matches ? 'light' : 'dark')

export function apply() {
  document.documentElement.dataset.theme = theme()
  // Charts are drawn, not styled: they take their colours anew.
  window.dispatchEvent(new Event('tandem:theme'))
}
export function choose(next: Theme | null) {
  if (next) localStorage.setItem(KEY, next)
  else localStorage.removeItem(KEY)
  apply()
}
system.addEventListener('change', apply)
