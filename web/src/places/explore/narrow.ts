import { useSyncExternalStore } from 'react'

const screen = window.matchMedia('(max-width: 760px)')
const listen = (changed: () => void) => {
  screen.addEventListener('change', changed)
  return () => screen.removeEventListener('change', changed)
}
/** Whether there is room for one column only. */
export const useNarrow = () => useSyncExternalStore(listen, () => screen.matches)
