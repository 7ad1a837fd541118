// What was opened, beside the list it came from.
import { type ReactNode, useContext, useEffect, useRef } from 'react'
import { Button } from './basic'
import { Height, useKeys } from './keys'

export function Drawer({ title, onClose, actions, children, keys = {} }: { title: ReactNode; onClose: () => void; actions?: ReactNode; children: ReactNode; keys?: Parameters<typeof useKeys>[1] }) {
  const drawer = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    drawer.current?.focus({ preventScroll: true })
    return () => before?.focus?.({ preventScroll: true })
  }, [])
  useKeys('What is open', { Escape: { does: 'Close it', run: onClose }, ...keys }, { higher: 1 })
  const height = useContext(Height) + 1
  return (
    <aside className="drawer" ref={drawer} tabIndex={-1} aria-label={typeof title === 'string' ? title : 'Details'}>
      <header>
        <h2>{title}</h2>
        <Height value={height}>{actions}</Height>
        <Button kind="quiet" icon="close" aria-label="Close" onClick={onClose} />
      </header>
      <div className="body"><Height value={height}>{children}</Height></div>
    </aside>
  )
}
