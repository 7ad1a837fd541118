// What a thing stands beside: drawn where it calls or is called, and everything as a list.
import { useMemo } from 'react'
import { useUrl } from '../../app/url'
import { Section } from '../../parts/basic'
import { Entity } from '../../parts/entity'
import { count, many } from '../../parts/number'
import { plain, T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { Capped } from './bits'
import { useCalls, WINDOWS } from './calls-data'
import { Canvas } from './canvas'
import type { Given } from './entity'
import { columns } from './map'
import { RELATIONS } from './relations'
import type { Part } from './shapes'

const CALLING = ['service', 'resource', 'external']

export default function Neighbours({ thing, asOf }: Given) {
  const [url, set] = useUrl()
  const words = [...new Set(thing.parts.map(RELATIONS))].sort()
  const rows = thing.parts.filter((part) => !url.relation || RELATIONS(part) === url.relation)
  return (
    <>
      {CALLING.includes(thing.kind) && <Map thing={thing} asOf={asOf} />}
      <Section title="All that is beside it" told={rows.length === thing.parts.length ? many(rows.length, 'relation') : `${count(rows.length)} of ${many(thing.parts.length, 'relation')}`}
        aside={<select className="select" aria-label="Relation" value={url.relation ?? ''} onChange={(event) => set({ relation: event.target.value }, { push: false })}>
          <option value="">Any relation</option>{words.map((word) => <option key={word} value={word}>{plain(word)}</option>)}
        </select>}>
        <Capped label="Neighbours" rows={rows} id={(part) => `${part.relation} ${part.outward} ${part.kind}:${part.name} ${part.origin}`} keys empty="It stands alone: nothing is known that belongs to it, calls it or is called."
          columns={[
            { id: 'relation', head: 'How', sort: RELATIONS, cell: (part: Part) => RELATIONS(part) },
            { id: 'name', head: 'What', sort: ({ kind, name }: Part) => `${kind}:${name}`, cell: ({ kind, name }: Part) => <Entity name={`${kind}:${name}`} at={asOf.at} /> },
            { id: 'origin', head: 'Told by', sort: ({ origin }: Part) => origin, cell: ({ origin }: Part) => <span className="soft"><T>{origin}</T></span> },
            { id: 'seen', head: 'Said last', className: 'nowrap', sort: ({ seen }: Part) => -millis(seen), cell: ({ seen }: Part) => <Ago at={seen} /> },
          ]} />
      </Section>
    </>
  )
}

function Map({ thing, asOf }: Given) {
  const { graph } = useCalls(asOf, WINDOWS['1h']!, undefined)
  const { calls, nodes } = useMemo(() => {
    const calls = graph.calls.filter(({ from, to }) => from === thing.entity || to === thing.entity)
    const names = new Set(calls.flatMap(({ from, to }) => [from, to]))
    return { calls, nodes: graph.nodes.filter(({ entity }) => names.has(entity)) }
  }, [graph, thing.entity])
  if (calls.length === 0) return null
  return (
    <Section title="Calls" told={`${many(calls.length, 'call')}, numbers of the last hour${asOf.iso ? ' before then' : ''}`}>
      <Canvas nodes={nodes} calls={calls} />
      <Capped label="Calls" rows={calls} columns={columns(asOf.at)} id={({ from, to }) => `${from} ${to}`} empty="" />
    </Section>
  )
}
