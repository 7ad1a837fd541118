// Markdown from outside, as elements: read into tokens, never put into the page as markup. Links lead only to the web and to this page.
import { lexer, type Token, type Tokens } from 'marked'
import { type ReactNode, useMemo } from 'react'
import { T } from './text'

/** Longer pages are cut: a browser lays out everything it is given. */
const MOST_CHARACTERS = 200_000
const MOST_DEPTH = 24
const safe = (href: string) => /^(https?:\/\/|\/(?!\/)|#)/i.test(href)

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name]!)
}

function each(tokens: Token[] | undefined, depth: number): ReactNode {
  return depth > MOST_DEPTH ? null : tokens?.map((token, at) => <One key={at} token={token} depth={depth + 1} />)
}

function One({ token, depth }: { token: Token; depth: number }): ReactNode {
  const inner = () => each((token as { tokens?: Token[] }).tokens, depth)
  switch (token.type) {
    case 'heading':
      return token.depth === 1 ? <h2>{inner()}</h2> : <h3>{inner()}</h3>
    case 'paragraph':
      return <p>{inner()}</p>
    case 'strong':
      return <strong>{inner()}</strong>
    case 'em':
      return <em>{inner()}</em>
    case 'del':
      return <del>{inner()}</del>
    case 'codespan':
      return <code><T>{unescaped(token.text)}</T></code>
    case 'code':
      return <pre tabIndex={0}><code><T>{token.text}</T></code></pre>
    case 'blockquote':
      return <blockquote>{inner()}</blockquote>
    case 'list': {
      const items = (token as Tokens.List).items.map((item, at) => <li key={at}>{item.task && <input type="checkbox" disabled checked={item.checked ?? false} aria-label={item.checked ? 'done' : 'to do'} />}{each(item.tokens, depth)}</li>)
      return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>
    }
    case 'link':
      return safe(token.href) ? <a href={token.href} rel="noreferrer noopener">{inner()}</a> : <span>{inner()} (<T>{token.href}</T>)</span>
    case 'image':
      return <span className="soft">[image: <T>{token.text}</T>]</span>
    case 'table': {
      const table = token as Tokens.Table
      return (
        <div className="scroll-x">
          <table>
            <thead><tr>{table.header.map((cell, at) => <th key={at}>{each(cell.tokens, depth)}</th>)}</tr></thead>
            <tbody>{table.rows.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column}>{each(cell.tokens, depth)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )
    }
    case 'br':
      return <br />
    case 'hr':
      return <hr />
    case 'space':
    case 'def':
      return null
    case 'text':
    case 'escape':
      return (token as { tokens?: Token[] }).tokens ? inner() : <T>{unescaped(token.text)}</T>
    // Markup is shown as it is written.
    default:
      return <T>{token.raw}</T>
  }
}

export default function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => lexer(text.slice(0, MOST_CHARACTERS), { gfm: true }), [text])
  return <div className="prose">{each(tokens, 0)}{text.length > MOST_CHARACTERS && <p className="soft">Cut here: the page has {text.length} characters.</p>}</div>
}
