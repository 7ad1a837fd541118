// A button with something below it, closed by Escape, a click elsewhere, or leaving it by the keyboard.
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../../parts/basic'
import { useKeys } from '../../parts/keys'

export function Popover({ label, told, short, children }: { label: string; told?: number | undefined; /** Room for the icon alone. */ short?: boolean | undefined; children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false)
  const whole = useRef<HTMLDivElement>(null)
  useKeys(label, { Escape: { does: 'Close it', run: () => setOpen(false), inFields: true } }, { on: open })
  useEffect(() => {
    if (!open) return
    const elsewhere = (event: Event) => event.target instanceof Node && !whole.current?.contains(event.target) && setOpen(false)
    document.addEventListener('pointerdown', elsewhere)
    document.addEventListener('focusin', elsewhere)
    return () => {
      document.removeEventListener('pointerdown', elsewhere)
      document.removeEventListener('focusin', elsewhere)
    }
  }, [open])
  return (
    <div className="explore-popover" ref={whole}>
      <Button icon={short ? 'views' : 'down'} aria-label={short ? label : undefined} title={short ? label : undefined} aria-expanded={open} onClick={() => setOpen(!open)}>{!short && label}{told !== undefined && <span className="soft">{told}</span>}</Button>
      {open && <div className="panel" role="group" aria-label={label}>{children(() => setOpen(false))}</div>}
    </div>
  )
}
