// What can be asked for, beside the editor: tables, and the columns of one.
import { useState } from 'react'
import { Icon } from '../../parts/icon'
import { plain } from '../../parts/text'
import type { Schema } from './sql-complete'

const EVENTS = ['logs', 'spans', 'metrics']

export function Tables({ schema, use }: { schema: Schema; use: (name: string) => void }) {
  const [open, setOpen] = useState<string>()
  const names = Object.keys(schema.tables)
  const order = [...EVENTS.filter((name) => names.includes(name)), ...names.filter((name) => !EVENTS.includes(name)).sort()]
  return (
    <nav className="sql-tables" aria-label="Tables">
      <h3 className="soft">Tables {order.length}</h3>
      {order.map((table) => (
        <div key={table}>
          <button type="button" aria-expanded={open === table} onClick={() => setOpen(open === table ? undefined : table)}><Icon name={open === table ? 'down' : 'right'} />{plain(table)}</button>
          {open === table && <ul>{schema.tables[table]!.map(({ name, type }) => <li key={name}><button type="button" title={`Write ${plain(name)}`} onClick={() => use(name)}>{plain(name)}<span className="soft">{type}</span></button></li>)}</ul>}
        </div>
      ))}
    </nav>
  )
}
