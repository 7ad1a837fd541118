// What was done is said once, with a way back.
import { useEffect, useSyncExternalStore } from 'react'

interface Toast { id: number; words: string; undo?: (() => void) | undefined }
let toasts: Toast[] = []
let last = 0
const listeners = new Set<() => void>()
const SHOWN_MS = 8000

function change(next: Toast[]) {
  toasts = next
  listeners.forEach((listener) => listener())
}

/** Says what was done; with `undo` there is a way back while it shows. */
export function say(words: string, undo?: (() => void) | undefined) {
  change([...toasts.slice(-3), { id: ++last, words, undo }])
}

export function Toasts() {
  const shown = useSyncExternalStore((listener) => (listeners.add(listener), () => void listeners.delete(listener)), () => toasts)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => <One key={toast.id} {...toast} />)}
    </div>
  )
}

function One({ id, words, undo }: Toast) {
  const close = () => change(toasts.filter((toast) => toast.id !== id))
  useEffect(() => {
    const timer = setTimeout(close, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="toast">
      <span className="grow">{words}</span>
      {undo && <button type="button" onClick={() => (undo(), close())}>Undo</button>}
      <button type="button" aria-label="Close" onClick={close}>✕</button>
    </div>
  )
}
