// Dark or light: as the system says, until somebody chooses.
export type Theme = 'dark' | 'light'
const KEY = 'tandem:theme'
const system = window.matchMedia('(prefers-color-scheme: light)')

const chosen = (): Theme | null => {
  const kept = localStorage.getItem(KEY)
  return kept === 'dark' || kept === 'light' ? kept : null
}
export const theme = (): Theme => chosen() ?? (system.matches ? 'light' : 'dark')

export function apply() {
  document.documentElement.dataset.theme = theme()
  // Charts are drawn, not styled: they take their colours anew.
  window.dispatchEvent(new Event('tandem:theme'))
}
export function choose(next: Theme) {
  localStorage.setItem(KEY, next)
  apply()
}
system.addEventListener('change', apply)
