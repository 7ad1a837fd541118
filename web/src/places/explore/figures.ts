// Bars and values beside a live tail: they move on too, asked anew every few seconds. Of each line would be too often.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { Problem } from '../../api/client'
import { absolute, type Range } from '../../app/time'
import { cut } from './language'
import { BARS, read } from './search'
import type { Bars, Run } from './shapes'

const BEAT_MS = 10_000

/** What bars and values are of: the search's own time, or while a tail `follows`, the range as it is now. Paused, they stay as they are. */
export function useFigures(run: Run, found: Bars | undefined, range: Range, follows: boolean, paused: boolean): { run: Run; bars: Bars | undefined } {
  const [moment, setMoment] = useState<number>()
  useEffect(() => {
    if (!follows) setMoment(undefined)
    if (!follows || paused) return
    const timer = setInterval(() => setMoment(Date.now()), BEAT_MS)
    return () => clearInterval(timer)
  }, [follows, paused])
  const moved = useMemo(() => (moment === undefined ? undefined : { query: cut(run.query).filter, ...absolute(range, moment) }), [moment, run.query, range.from, range.to])
  const bars = useQuery<Bars | null, Problem>({
    queryKey: ['explore/bars', moved],
    enabled: moved !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    queryFn: async ({ signal }) => {
      let latest: Bars | null = null
      await read({ ...moved, limit: 1, histogram: BARS }, signal, ({ histogram }) => (latest = histogram ?? latest))
      return latest
    },
  })
  // Until the first moved bars are there, those of the search stay.
  return moved && bars.data ? { run: moved, bars: bars.data } : { run, bars: found }
}
