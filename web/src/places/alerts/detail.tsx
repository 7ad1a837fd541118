// An alert with everything that belongs to it, as a page and beside the queue.
import { Before } from './before'
import { Evidence, Findings, Suspects } from './beside'
import { Guide } from './guide'
import { Marks, StateMark } from './marks'
import { LevelMark } from '../../parts/basic'
import type { Whole } from './shapes'
import { Timeline } from './timeline'
import { Why } from './why'

export function Standing({ whole }: { whole: Whole }) {
  return (
    <div className="row">
      <LevelMark level={whole.level} />
      <StateMark row={whole} />
      <Marks row={whole} />
      <span className="soft small">{whole.aspect}</span>
    </div>
  )
}

/** `wide` sets what happened beside what to do. */
export function Detail({ whole, wide = false }: { whole: Whole; wide?: boolean }) {
  const left = (
    <>
      <Why whole={whole} />
      <Guide whole={whole} />
      <Suspects rows={whole.suspects} entity={whole.entity} />
      <Evidence whole={whole} />
    </>
  )
  const right = (
    <>
      <Before row={whole} />
      <Findings rows={whole.findings} entity={whole.entity} />
      <Timeline whole={whole} />
    </>
  )
  if (!wide) return <>{left}{right}</>
  return <div className="columns"><div className="alerts-gap">{left}</div><div className="alerts-gap">{right}</div></div>
}
