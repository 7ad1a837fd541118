import { useEffect } from 'react'
import { BACK } from '../api/client'

/** Does something when the server is back, or the session is: what was asked in vain can be asked again. */
export function useBack(does: () => void) {
  useEffect(() => {
    window.addEventListener(BACK, does)
    return () => window.removeEventListener(BACK, does)
  }, [does])
}
