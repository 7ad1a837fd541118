// The place in the source: the line with a caret when the tool told it, the place by its names when not.
import { Section } from '../../parts/basic'
import { plain, T } from '../../parts/text'
import { codePage } from './data'
import type { Finding } from './shapes'

const text = (value: unknown) => (typeof value === 'string' && value.trim() ? value : undefined)
const number = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined)
/** Longer lines are cut around the place. */
const MOST_BEFORE = 60

export function Source({ finding }: { finding: Finding }) {
  if (!finding.path) return null
  const link = codePage(finding)
  const where = `${finding.path}${finding.line ? `:${finding.line}` : ''}`
  const line = text(finding.evidence.snippet) ?? text(finding.evidence.source)
  const column = number(finding.evidence.column) ?? 1
  return (
    <Section title="Where it is" aside={link && <a href={link} rel="noreferrer noopener" target="_blank">Open the line</a>}>
      <div className="source" tabIndex={0} role="group" aria-label="The place in the source">
        <div className="soft"><T>{where}</T></div>
        {line ? <Line line={line.split('\n')[0]!} column={column} number={finding.line} message={finding.message || finding.title} /> : (
          <>
            <div><T>{finding.address || finding.place}</T></div>
            <div className="findings-caret">^ <T>{finding.message || finding.title}</T></div>
          </>
        )}
      </div>
      {!link && <p className="soft small">The repository’s forge is not known, so there is no link: <code>{plain(where)}</code>{finding.found_by?.commit && <> at <code>{finding.found_by.commit.slice(0, 12)}</code></>}.</p>}
    </Section>
  )
}

function Line({ line, column, number, message }: { line: string; column: number; number: number | null; message: string }) {
  const from = Math.max(0, column - 1 - MOST_BEFORE)
  const gutter = number ? `${number} | ` : ''
  const shown = plain(line.slice(from).replace(/\t/g, ' '))
  const before = plain(line.slice(from, column - 1).replace(/\t/g, ' ')).length
  return (
    <>
      <div><span className="soft">{gutter}</span>{from > 0 && '…'}<bdi>{shown}</bdi></div>
      <div className="findings-caret">{' '.repeat(gutter.length + before + (from > 0 ? 1 : 0))}^ <T>{message}</T></div>
    </>
  )
}
