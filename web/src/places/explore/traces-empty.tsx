// No trace in the range: either none came yet, and this is how to send, or the range is too narrow.
import { useGet } from '../../api/queries'
import type { Range } from '../../app/time'
import { Button, Empty, Paste } from '../../parts/basic'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

const LOOK_MS = 3000

export function FirstTrace({ range, wider }: { range: Range; wider: () => void }) {
  const client = useQueryClient()
  const any = useGet('/api/v1/facets', { query: { fields: 'service', table: 'spans', limit: 1 } as never }, { every: LOOK_MS })
  const there = ((any.data as any)?.facets?.[0]?.values?.length ?? 0) > 0
  // The first that comes is shown at once, when the range goes up to now.
  useEffect(() => {
    if (there && range.to === 'now') void client.invalidateQueries({ queryKey: ['traces'] })
  }, [there, range.to, client])
  if (there) return <Empty title="No trace began in this range"><p><Button onClick={wider}>Last 7 days</Button></p></Empty>
  return (
    <Empty title="No traces yet">
      <p>Services that use an OpenTelemetry SDK send them when these are in their environment. This page turns live with the first one.</p>
      <Paste label="Environment of a service" text={`OTEL_SERVICE_NAME=my-service\nOTEL_TRACES_EXPORTER=otlp\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nOTEL_EXPORTER_OTLP_ENDPOINT=http://${location.hostname}:4318`} />
      <p>From a Collector:</p>
      <Paste label="Configuration of a Collector" text={`exporters:\n  otlphttp/tandem:\n    endpoint: http://${location.hostname}:4318\nservice:\n  pipelines:\n    traces:\n      receivers: [otlp]\n      exporters: [otlphttp/tandem]`} />
      <p>The ports are what this server listens on unless it was told otherwise. From another machine it wants a token: see Settings.</p>
    </Empty>
  )
}
