// Text that came from outside: shown, never obeyed. React escapes markup; this shows what would be invisible or turn the line around.
import type { ReactNode } from 'react'

/** Control characters but tab and new line, and those that change the direction of text or hide in it. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u
const EACH = new RegExp(UNSEEN.source, 'gu')

/** The text with unseen characters written out: for titles, labels and `aria` names. */
export function plain(text: string): string {
  return UNSEEN.test(text) ? text.replace(EACH, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`) : text
}

/** Text of the server in which `commands` stand between backticks. */
export const Coded = ({ children }: { children: string }) => <>{children.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}><T>{part}</T></code> : <T key={at}>{part}</T>))}</>

/** Shows a text from outside. Long ones are cut at `most` characters. */
export function T({ children, most = 20_000 }: { children: string | number | null | undefined; most?: number }): ReactNode {
  if (children === null || children === undefined) return null
  const text = String(children)
  const shown = text.length > most ? `${text.slice(0, most)}… (${text.length.toLocaleString('en')} characters)` : text
  if (!UNSEEN.test(shown)) return <bdi>{shown}</bdi>
  const parts: ReactNode[] = []
  let from = 0
  for (const match of shown.matchAll(EACH)) {
    if (match.index > from) parts.push(shown.slice(from, match.index))
    parts.push(<span key={match.index} className="escape">{plain(match[0])}</span>)
    from = match.index + match[0].length
  }
  parts.push(shown.slice(from))
  return <bdi>{parts}</bdi>
}
