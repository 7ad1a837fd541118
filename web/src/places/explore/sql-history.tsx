// Statements that were run here before: kept in this browser.
import { useState } from 'react'
import { Button } from '../../parts/basic'
import { Dialog } from '../../parts/form'
import { many } from '../../parts/number'
import { plain } from '../../parts/text'
import { Ago } from '../../parts/time'

const KEY = 'tandem:sql-asked'
const MOST = 50
/** A longer one is not kept: the browser's room is small. */
const MOST_CHARACTERS = 20_000
interface Kept { text: string; at: number }

function kept(): Kept[] {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown
    return Array.isArray(list) ? list.filter((one): one is Kept => typeof one?.text === 'string' && typeof one.at === 'number') : []
  } catch {
    return []
  }
}

export function remember(text: string) {
  if (text.length > MOST_CHARACTERS) return
  const next = [{ text, at: Date.now() }, ...kept().filter((one) => one.text !== text)].slice(0, MOST)
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // The browser has no room: what was asked is not remembered, and nothing else is lost.
  }
}

export function Asked({ use }: { use: (text: string) => void }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>History</Button>
      {open && <List close={() => setOpen(false)} use={(text) => (setOpen(false), use(text))} />}
    </>
  )
}

function List({ use, close }: { use: (text: string) => void; close: () => void }) {
  const [list, setList] = useState(kept)
  return (
    <Dialog title="Run before" onClose={close}>
      {list.length === 0 ? <p className="soft">Nothing yet: what you run is kept in this browser, the latest {MOST}.</p> : (
        <>
          <p className="soft small">{many(list.length, 'statement')}, the latest first</p>
          <ul className="sql-asked">
            {list.map(({ text, at }) => (
              <li key={text}><button type="button" onClick={() => use(text)}><code>{plain(text.slice(0, 300))}</code><span className="soft small nowrap"><Ago at={at} /></span></button></li>
            ))}
          </ul>
          <p><Button kind="quiet" onClick={() => (localStorage.removeItem(KEY), setList([]))}>Forget them</Button></p>
        </>
      )}
    </Dialog>
  )
}
