// What could come next in a statement: tables, their columns, attributes that occur, functions.
import { autocompletion, closeCompletion, type Completion, type CompletionContext, type CompletionResult, type CompletionSource, completionKeymap } from '@codemirror/autocomplete'
import { schemaCompletionSource, keywordCompletionSource, SQLDialect } from '@codemirror/lang-sql'
import { LanguageSupport } from '@codemirror/language'
import { type EditorState, type Extension, Prec, StateEffect, StateField } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'

export interface Schema {
  /** Tables with their columns and types. */
  tables: Record<string, { name: string; type: string }[]>
  attributes: string[]
  resource: string[]
}

/** Functions of Tandem, and those of DataFusion that telemetry wants. What each takes is its detail. */
const FUNCTIONS: [string, string][] = [
  ['count', '(*)'], ['sum', '(x)'], ['avg', '(x)'], ['min', '(x)'], ['max', '(x)'], ['approx_percentile_cont', '(0.95) WITHIN GROUP (ORDER BY x)'], ['approx_distinct', '(x)'],
  ['date_bin', "(INTERVAL '1 minute', timestamp)"], ['date_trunc', "('hour', timestamp)"], ['now', '()'], ['coalesce', '(x, y)'], ['array_agg', '(DISTINCT x)'],
  ['attr', "(x, 'k')"], ['attr_int', "(x, 'k')"], ['attr_float', "(x, 'k')"], ['attr_bool', "(x, 'k')"], ['attr_json', "(x, 'k')"], ['has_phrase', "(body, 'p')"], ['token_prefix', "(body, 'p')"],
  ['wildcard', "(x, 'a*')"], ['iwildcard', "(x, 'a*')"], ['matches_regex', "(x, 're')"], ['in_cidr', "(x, '10.0.0.0/8')"], ['number', '(x)'],
]
const PLACEHOLDERS: Completion[] = [
  ['$from', 'start of the range'], ['$to', 'end of the range'], ['$step', 'interval of a step'], ['$seconds', 'seconds of a step'],
].map(([label, detail]) => ({ label: label!, detail: detail!, type: 'variable', boost: 1 }))

/** What a SELECT may be made of: the whole of PostgreSQL's words would bury it. */
const KEYWORDS = 'select distinct from where group by order having limit offset as on using join inner left right full outer cross lateral union all intersect except with recursive and or not in is null like ilike similar to between exists any case when then else end asc desc nulls first last over partition rows range preceding following unbounded current row within filter interval cast try_cast explain describe show tables values true false'
const TYPES = 'bigint integer smallint double float real decimal boolean text varchar timestamp date time'
const dialect = SQLDialect.define({ keywords: KEYWORDS, types: TYPES, builtin: '', specialVar: '$', operatorChars: '+-*/<>=~!@#%^&|' })

/** Letters of a word before anything is proposed unasked: the list lies over the lines below. */
const LEAST_LETTERS = 2
/** Where the word begins that the cursor stands in, or after. */
const wordAt = (state: EditorState) => {
  const head = state.selection.main.head
  return head - (/\w*$/.exec(state.sliceDoc(Math.max(0, head - 100), head))?.[0].length ?? 0)
}
/** The word for which the list was closed by Escape: it stays closed until another word is begun, or it is asked for. */
const closed = StateEffect.define<number>()
const closedFor = StateField.define<number | null>({
  create: () => null,
  update(before, transaction) {
    const now = transaction.effects.find((effect) => effect.is(closed))
    if (now) return now.value as number
    return before !== null && wordAt(transaction.state) !== before ? null : before
  },
})
const close = (view: EditorView) => {
  if (!closeCompletion(view)) return false
  view.dispatch({ effects: closed.of(wordAt(view.state)) })
  return true
}
/** A source that speaks when it is asked, or when it can help with what is being typed. */
const quiet = (source: CompletionSource): CompletionSource => async (context) => {
  if (context.explicit) return source(context)
  const word = context.matchBefore(/\w+/)
  if ((word && word.text.length < LEAST_LETTERS) || context.state.field(closedFor) === wordAt(context.state)) return null
  const found = await source(context)
  if (!found) return null
  const written = context.state.sliceDoc(found.from, context.pos).toLowerCase()
  // What is written in full needs no proposal; so it is looked at again with each letter, whatever the source says of more letters.
  return found.options.some(({ label }) => label.toLowerCase() === written) ? null : { from: found.from, options: found.options }
}
/** The list: few lines that begin as what is typed, closed by Escape. */
export const completion: Extension = [
  closedFor,
  autocompletion({ icons: false, filterStrict: true, maxRenderedOptions: 30, defaultKeymap: false }),
  Prec.highest(keymap.of([{ key: 'Escape', run: close }])),
  keymap.of(completionKeymap),
]

export function completing(schema: Schema): Extension {
  const options = { dialect, schema: Object.fromEntries(Object.entries(schema.tables).map(([table, columns]) => [table, columns.map(({ name, type }): Completion => ({ label: name, detail: type, type: 'property', boost: 2 }))])) }
  const functions: Completion[] = FUNCTIONS.map(([label, detail]) => ({ label, detail, type: 'function', apply: `${label}(` }))
  // Columns of the tables that the statement names: a list of all would help nobody.
  const columns = (text: string): Completion[] => {
    const named = Object.keys(schema.tables).filter((table) => new RegExp(`\\b${table}\\b`, 'i').test(text))
    // A SELECT is begun before its FROM: most are about logs.
    return (named.length > 0 ? named : ['logs']).flatMap((table) => (schema.tables[table] ?? []).map(({ name, type }): Completion => ({ label: name, detail: `${table}, ${type}`, type: 'property', boost: 3 })))
  }
  const own = (context: CompletionContext): CompletionResult | null => {
    const key = context.matchBefore(/(resource_)?attributes\['[^'\]]*/)
    if (key) {
      const from = key.from + key.text.indexOf("'") + 1
      const names = key.text.startsWith('resource_') ? schema.resource : schema.attributes
      return { from, options: names.map((label) => ({ label, type: 'property', apply: `${label}']` })), validFor: /^[^'\]]*$/ }
    }
    const placeholder = context.matchBefore(/\$[a-z]*/)
    if (placeholder) return { from: placeholder.from, options: PLACEHOLDERS }
    const word = context.matchBefore(/[A-Za-z_]\w*/)
    if (!word || (word.from === word.to && !context.explicit) || context.state.sliceDoc(word.from - 1, word.from) === '.') return null
    return { from: word.from, options: [...columns(context.state.doc.toString()), ...functions], validFor: /^\w*$/ }
  }
  const language = dialect.language
  return new LanguageSupport(language, [
    language.data.of({ autocomplete: quiet(own) }),
    language.data.of({ autocomplete: quiet(schemaCompletionSource(options)) }),
    language.data.of({ autocomplete: quiet(keywordCompletionSource(dialect, true)) }),
  ])
}
