// How bad a line is: a shape, a word and a colour.
import { Icon, type IconName } from '../../parts/icon'
import type { Severity } from './shapes'

const SHAPES: Partial<Record<Severity, IconName>> = { fatal: 'critical', error: 'high', warn: 'medium' }
/** The words, as they are shown. */
export const LEVEL_NAMES: Record<Severity, string> = { fatal: 'fatal', error: 'error', warn: 'warn', info: 'info', debug: 'debug', trace: 'trace', none: 'no level' }
/** In bars: what is usual is quiet, so that what is not stands out. */
export const LEVEL_COLOURS: Record<Severity, string> = { fatal: 'var(--fatal)', error: 'var(--critical)', warn: 'var(--high)', info: 'color-mix(in srgb, var(--low) 50%, var(--ground))', debug: 'color-mix(in srgb, var(--informational) 60%, var(--ground))', trace: 'var(--edge-strong)', none: 'var(--edge-strong)' }

export function SeverityMark({ of, word = true }: { of: Severity; word?: boolean }) {
  const shape = SHAPES[of]
  return (
    <span className={`explore-level ${of}`}>
      {shape ? <Icon name={shape} {...(word ? {} : { title: of })} /> : <i aria-hidden="true" />}
      {word && (of === 'none' ? '–' : of)}
    </span>
  )
}
