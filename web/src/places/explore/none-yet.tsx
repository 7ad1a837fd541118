// No trace, or no metric, in the range: either none was ever sent, and this is how, or the range is too narrow.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Button, Empty } from '../../parts/basic'
import { PasteIn, useArrivals } from '../../parts/paste-in'

/** `again` names the query that is asked again with the first arrival. */
export function NoneYet({ what, table, again, wider }: { what: string; table: 'spans' | 'metrics'; again: string; wider: () => void }) {
  const client = useQueryClient()
  const { rows, known } = useArrivals(table)
  const some = rows.length > 0
  useEffect(() => {
    if (some) void client.invalidateQueries({ queryKey: [again] })
  }, [some, client, again])
  if (some || !known) return <Empty title={`No ${what} in this range`}><p>There are some at other times.</p><Button onClick={wider}>Last 7 days</Button></Empty>
  return <Empty title={`No ${what} yet`}><p>So far there are only Tandem’s own. Three steps to the first:</p><PasteIn table={table} /></Empty>
}
