// The server does not answer: said on every place, asked after, and everything is asked again when it is back.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { AWAY, awaySince, BACK, text } from '../api/client'
import { useBack } from '../parts/back'
import { Button } from '../parts/basic'
import { Icon } from '../parts/icon'
import { clock } from '../parts/time'

/** How often a server that is away is asked after. */
const ASK_MS = 3_000
const ask = () => void text('/healthz').catch(() => undefined)

const listen = (changed: () => void) => {
  for (const event of [AWAY, BACK]) window.addEventListener(event, changed)
  return () => [AWAY, BACK].forEach((event) => window.removeEventListener(event, changed))
}

export function Away() {
  const client = useQueryClient()
  const since = useSyncExternalStore(listen, awaySince)
  useBack(useCallback(() => void client.invalidateQueries(), [client]))
  useEffect(() => {
    if (since === undefined) return
    const timer = setInterval(ask, ASK_MS)
    // What the browser knows of its cable comes at once.
    window.addEventListener('online', ask)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', ask)
    }
  }, [since])
  if (since === undefined) return null
  return (
    <div className="loud high" role="status">
      <Icon name="high" />
      <span>The server does not answer since {clock(since, { date: false })}. What is shown is from before, and what you typed stays; it is asked again every {ASK_MS / 1000} s.</span>
      <Button onClick={ask}>Ask now</Button>
    </div>
  )
}
