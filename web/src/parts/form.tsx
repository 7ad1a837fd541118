// Fields with their names and what is wrong with them; a dialog that asks.
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button, Trouble } from './basic'
import { useKeys } from './keys'

interface Given {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string
  wrong?: string | undefined
  required?: boolean
  placeholder?: string
  autoFocus?: boolean
}

export function Field({ label, value, onChange, hint, wrong, type = 'text', options, area, ...rest }: Given & { type?: string; options?: (string | { value: string; label: string })[]; area?: boolean; list?: string; autoComplete?: string; min?: string; max?: string }) {
  const id = useId()
  const shared = { id, value, ...rest, 'aria-invalid': wrong ? true : undefined, 'aria-describedby': wrong || hint ? `${id}-about` : undefined }
  return (
    <label className="field" htmlFor={id}>
      <span>{label}{rest.required && <span aria-hidden="true"> *</span>}</span>
      {options ? (
        <select className="select" {...shared} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (typeof option === 'string' ? <option key={option} value={option}>{option}</option> : <option key={option.value} value={option.value}>{option.label}</option>))}
        </select>
      ) : area ? (
        <textarea className="area" {...shared} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input className="input wide" type={type} {...shared} onChange={(event) => onChange(event.target.value)} />
      )}
      {wrong ? <span className="wrong" id={`${id}-about`}>{wrong}</span> : hint && <span id={`${id}-about`}>{hint}</span>}
    </label>
  )
}

/** A dialog that asks. What was typed stays when the server refuses it. */
export interface DialogProps {
  title: string
  children: ReactNode
  onClose: () => void
  /** What the button says; without it there is only `Close`. */
  send?: string
  submit?: () => void
  kind?: 'primary' | 'danger'
  doing?: boolean
  error?: unknown
  ready?: boolean
}

export function Dialog({ title, children, onClose, send, submit, kind = 'primary', doing, error, ready = true }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const [tried, setTried] = useState(false)
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    dialog.current?.showModal()
    return () => before?.focus?.()
  }, [])
  // Keys of the page below rest meanwhile.
  useKeys('Dialog', { Escape: { does: 'Close', run: onClose, inFields: true } }, { alone: true })
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (ready && !doing) submit?.()
  }
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onCancel={(event) => (event.preventDefault(), onClose())} onClose={onClose}>
      <form className="dialog-body" onSubmit={onSubmit}>
        <h2 id={id}>{title}</h2>
        {children}
        {tried && !ready && <p className="soft" role="alert">Fill in what is marked with *.</p>}
        {error ? <Trouble error={error} /> : null}
        <footer>
          <Button onClick={onClose}>{send ? 'Cancel' : 'Close'}</Button>
          {send && <button type="submit" className={`button ${kind}`} disabled={doing}>{doing ? 'Sending …' : send}</button>}
        </footer>
      </form>
    </dialog>
  )
}
