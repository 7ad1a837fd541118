// "As of": the time that everything in this place is about. It is in the address, and every link keeps it.
import { useEffect, useMemo, useState } from 'react'
import { resolve } from '../../app/time'
import { useUrl } from '../../app/url'
import { Button } from '../../parts/basic'
import { ago, clock, type Instant, millis } from '../../parts/time'

const HOUR_MS = 3_600_000
/** How far back the slider goes; the date beside it goes back to the beginning. */
export const SLIDER_DAYS = 30
const STEPS = SLIDER_DAYS * 24
/** The slider rests so long before facts are asked for. */
const REST_MS = 250

export interface AsOf {
  /** As the address has it, for links. */
  at: string | undefined
  /** As a fixed time; now when absent. */
  iso: string | undefined
  /** What the address has is no time. */
  wrong: boolean
  /** A table of facts as of then. */
  table: (name: string) => string
  /** The time in SQL. */
  now: string
}

export const NOW: AsOf = { at: undefined, iso: undefined, wrong: false, table: (name) => name, now: 'now()' }

export function useAsOf(): AsOf {
  const [{ at }] = useUrl()
  return useMemo(() => {
    const ms = at ? resolve(at) : NaN
    const ahead = ms > Date.now()
    const iso = Number.isNaN(ms) || ahead ? undefined : new Date(ms).toISOString()
    return {
      at: iso ? at : undefined,
      iso,
      wrong: Boolean(at) && Number.isNaN(ms),
      table: (name) => (iso ? `${name}_at('${iso}')` : name),
      now: iso ? `TIMESTAMP '${iso}'` : 'now()',
    }
  }, [at])
}

const MINUTE_MS = 60_000
/** The present, as of this minute. */
function useNow(iso: string | undefined): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS)
    return () => clearInterval(timer)
  }, [iso])
  return now
}

/** Chooses the time. `marks` are times worth to stop at, such as deploys. */
export function AsOfBar({ marks = [] }: { marks?: Instant[] }) {
  const { iso, wrong } = useAsOf()
  const [, set] = useUrl()
  const opened = useNow(iso)
  const hours = iso ? Math.min(STEPS, Math.max(0, (opened - Date.parse(iso)) / HOUR_MS)) : 0
  const [held, setHeld] = useState<number>()
  useEffect(() => {
    if (held === undefined) return
    const timer = setTimeout(() => {
      set({ at: held === STEPS ? undefined : new Date(opened - (STEPS - held) * HOUR_MS).toISOString() }, { push: false })
      setHeld(undefined)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [held, opened, set])
  const value = held ?? STEPS - Math.round(hours)
  const shown = held === undefined ? iso : held === STEPS ? undefined : new Date(opened - (STEPS - held) * HOUR_MS).toISOString()
  const words = shown ? `${clock(shown)}, ${ago(shown, opened)}` : 'now'
  const ticks = marks.map(millis).map((ms) => 1 - (opened - ms) / (STEPS * HOUR_MS)).filter((part) => part >= 0 && part <= 1)
  return (
    <div className={shown ? 'services-asof past' : 'services-asof'} role="group" aria-label="As of">
      <span className="services-asof-word">As of</span>
      <span className="services-slide">
        <input type="range" min={0} max={STEPS} step={1} value={value} aria-label={`As of, over the last ${SLIDER_DAYS} days`} aria-valuetext={words} onChange={(event) => setHeld(Number(event.target.value))} />
        <span className="services-ends" aria-hidden="true"><span>{SLIDER_DAYS} days ago</span><span>now</span></span>
        <span className="services-ticks" aria-hidden="true">{ticks.map((part, at) => <i key={at} style={{ left: `${part * 100}%` }} />)}</span>
      </span>
      <input className="input" type="datetime-local" aria-label="As of, exactly" max={clock(opened).slice(0, 16).replace(' ', 'T')} value={clock(shown ?? opened).slice(0, 16).replace(' ', 'T')}
        onChange={(event) => set({ at: event.target.value ? new Date(event.target.value).toISOString() : undefined }, { push: false })} />
      <Button on={!shown} onClick={() => set({ at: undefined })}>Now</Button>
      {shown && <span className="services-then" role="status">{ago(shown, opened)}: what was so then, as it is known today</span>}
      {wrong && <span className="services-then" role="alert">The address has a time that cannot be read: this is now</span>}
    </div>
  )
}
