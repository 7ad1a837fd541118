// Why a finding is where it is: each term with what it counts and why. Nobody has to believe it.
import { T } from '../../parts/text'
import { points } from './columns'
import type { Finding } from './shapes'

export function Rank({ rank }: { rank: Finding['rank'] }) {
  return (
    <div className="fits"><div className="scroll-x">
      <table className="table findings-terms-table" aria-label="Terms of the rank">
        <thead><tr><th>Term</th><th className="num">Points</th><th className="wide-only"><span className="hidden-visually">Share</span></th><th>Because</th></tr></thead>
        <tbody>
          {rank.terms.map((term) => (
            <tr key={term.name}>
              <td>{term.name}</td>
              <td className="num nowrap"><b>{points(term.points)}</b> <span className="soft">of {term.weight}</span></td>
              <td className="wide-only" style={{ width: 90, verticalAlign: 'middle' }}><div className="bar" aria-hidden="true"><i style={{ width: `${100 * term.value}%` }} /></div></td>
              <td><T>{term.because}</T></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div></div>
  )
}
