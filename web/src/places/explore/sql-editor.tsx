// The editor of SQL, loaded when it is opened. It lives in a shadow root, so that its style sheets are adopted:
// the page's policy allows no inline style.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, Prec, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { completing, completion, type Schema } from './sql-complete'

export interface Wrong { from: number; to: number }
interface Given {
  text: string
  change: (text: string) => void
  run: () => void
  wrong: Wrong | undefined
  schema: Schema
}

const mark = StateEffect.define<Wrong | undefined>()
/** Where the server says it is wrong, until something is typed there. */
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, transaction) {
    let now = transaction.docChanged ? Decoration.none : before
    for (const effect of transaction.effects) {
      if (!effect.is(mark)) continue
      const length = transaction.state.doc.length
      const from = effect.value && Math.max(0, Math.min(effect.value.from, length - 1))
      now = effect.value && length > 0 ? Decoration.set([Decoration.mark({ class: 'cm-wrong' }).range(from!, Math.max(from! + 1, Math.min(effect.value.to, length)))]) : Decoration.none
    }
    return now
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** Where text is typed over a selection, Chromium writes the old one's look into a `style` attribute, which the policy refuses: the
 *  editor puts it in itself. Brackets and quotes go round a selection, and are left to it. */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== 'insertText' || !event.data || event.isComposing || view.state.selection.main.empty || /["'()[\]{}]/.test(event.data)) return false
    event.preventDefault()
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--ground)', border: '1px solid var(--edge-strong)', borderRadius: 'var(--radius)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', minHeight: '96px', maxHeight: '38vh' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--soft)', border: 'none' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--chosen) !important' },
  '.cm-matchingBracket': { backgroundColor: 'var(--chosen)', color: 'inherit' },
  '.cm-placeholder': { color: 'var(--soft)' },
  '.cm-wrong': { textDecoration: 'underline wavy var(--critical)', backgroundColor: 'var(--critical-soft)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--edge-strong)', color: 'var(--ink)', fontFamily: 'var(--mono)', fontSize: '12px' },
  // Six lines, no wider than what they say or a phone.
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', minWidth: '0', maxWidth: 'min(420px, calc(100vw - 32px))', maxHeight: '122px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '1px 8px', lineHeight: '18px', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--chosen)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--soft)', fontStyle: 'normal' },
})
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--high)' },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--low)' },
])

export default function Editor({ text, change, run, wrong, schema }: Given) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const latest = useRef({ change, run })
  latest.current = { change, run }
  const language = useRef(new Compartment())
  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open', delegatesFocus: true })
    const place = document.createElement('div')
    root.replaceChildren(place)
    const editor = new EditorView({
      root,
      parent: place,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (latest.current.run(), true) }])),
          lineNumbers(), highlightSpecialChars(), history(), drawSelection(), bracketMatching(), closeBrackets(), EditorView.lineWrapping,
          completion,
          // Tab goes on to the next control: nobody is caught here.
          keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap]),
          language.current.of(completing(schema)),
          typedOver, marked, look, syntaxHighlighting(colours),
          placeholder('SELECT service_name, count(*) FROM logs WHERE timestamp >= $from AND timestamp < $to GROUP BY 1 ORDER BY 2 DESC'),
          EditorView.contentAttributes.of({ 'aria-label': 'SQL', 'data-search': '', spellcheck: 'false' }),
          EditorView.updateListener.of((update) => update.docChanged && latest.current.change(update.state.doc.toString())),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [])
  useEffect(() => {
    const editor = view.current!
    if (editor.state.doc.toString() !== text) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
  useEffect(() => view.current!.dispatch({ effects: mark.of(wrong) }), [wrong?.from, wrong?.to, wrong])
  useEffect(() => view.current!.dispatch({ effects: language.current.reconfigure(completing(schema)) }), [schema])
  return <div ref={host} className="sql-editor" />
}
