// The search language on one page, with examples that run.
import { Dialog } from '../../parts/form'

const ROWS: [string, string][] = [
  ['timeout', 'a word in the text, in any case'],
  ['"connection reset"', 'a phrase'],
  ['time*', 'a word that begins so'],
  ['service:cart level:error', 'both must hold'],
  ['timeout -service:cart', 'and not'],
  ['level:error OR level:fatal', 'either; parentheses as usual'],
  ['severity>=warn', 'this level or worse'],
  ['http.response.status_code>=500', 'a comparison: = != < <= > >='],
  ['http.response.status_code:500..599', 'a range, both ends included'],
  ['client.address:10.0.0.0/8', 'an address in a network'],
  ['url.path:/^\\/api\\/v[12]/', 'a regular expression'],
  ['user.name:*', 'the field is there; missing:user.name is that it is not'],
  ['level:error | count by service', 'how many, by the values of fields'],
  ['* | top 10 url.path', 'the most frequent values'],
  ['level:error | rate 1m by service', 'how many in each minute'],
  ['* | fields timestamp, service, body | limit 50', 'only these fields'],
]

export function Language({ close, use }: { close: () => void; use: (query: string) => void }) {
  return (
    <Dialog title="How to search" onClose={close}>
      <table className="table explore-help">
        <thead><tr><th scope="col">Written</th><th scope="col">Finds</th></tr></thead>
        <tbody>
          {ROWS.map(([query, finds]) => (
            <tr key={query}>
              <td><button type="button" className="explore-link mono" title="Search for this" onClick={() => use(query)}>{query}</button></td>
              <td>{finds}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft small">
        A name is a column, an attribute of the record, or of its resource. Short ones: service, message, level, host, time. 32 hex digits find a trace.
        Keys: <kbd>Enter</kbd> searches, <kbd>↓</kbd> and <kbd>Tab</kbd> take a proposal, <kbd>Ctrl Space</kbd> asks for them, <kbd>Shift Enter</kbd> begins a line.
      </p>
    </Dialog>
  )
}
