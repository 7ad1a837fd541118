// Long work: what is done, for how long, and a way to stop it; when it was stopped, a way to begin again.
import { useEffect, useState } from 'react'
import { Button } from './basic'

/** Before this much nothing is said of the time: most answers are there by then. */
const SLOW_MS = 400
const TICK_MS = 200

/** `told` says how far it is. */
export function Doing({ what, told, cancel }: { what: string; told?: string | undefined; cancel: () => void }) {
  const [since] = useState(() => Date.now())
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  const passed = now - since
  return (
    <span className="row told" role="status">
      {passed > SLOW_MS ? `${what} for ${(passed / 1000).toFixed(1)} s${told ? `, ${told}` : ''}` : `${what} …`}
      <Button icon="close" onClick={cancel}>Cancel</Button>
    </span>
  )
}

export const Stopped = ({ again }: { again: () => void }) => <p className="row soft" role="status">Stopped; the server was told. <Button onClick={again}>Ask again</Button></p>
