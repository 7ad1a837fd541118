//! Files of variables: `.env` beside a Compose file, and those that `env_file` names.
//!
//! `.env` counts where a Compose file names a variable, as Compose has it: before the default in the file. The shell's own
//! variables would count before it; they are nobody's to know here.

use super::variables::{Known, Scope, Value};
use crate::limits::{MAX_ENV_BYTES, MAX_VARIABLES};

/// Whether a file may be one.
pub(super) fn is(name: &str) -> bool {
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

/// Names and values; a later line counts. `outer` is what is known of other names. Too long a file says nothing.
pub(super) fn read(text: &str, outer: &Scope) -> Vec<(String, Value)> {
    let (mut out, mut scope): (Vec<(String, Value)>, Scope) = (Vec::new(), outer.clone());
    if text.len() > MAX_ENV_BYTES {
        return out;
    }
    let mut rest = text;
    while let Some((line, after)) = next_line(rest) {
        rest = after;
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, said)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) || out.len() >= MAX_VARIABLES {
            continue;
        }
        let value = value(said.trim_start(), &scope);
        scope.set(name, Known::Value(value.clone()));
        out.push((name.to_owned(), value));
    }
    out
}

/// A line; one that opens a quote ends with it.
fn next_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let end = text.find('\n').unwrap_or(text.len());
    let line = &text[..end];
    let quote = line.split_once('=').and_then(|(_, said)| said.trim_start().chars().next());
    let open = quote.filter(|quote| matches!(quote, '"' | '\'') && !line.trim_start().starts_with('#'));
    let end = match open {
        Some(quote) => {
            let from = line.find(quote).map_or(end, |at| at + 1);
            closing(&text[from..], quote).map_or(end, |at| from + at)
        }
        None => end,
    };
    let end = text[end..].find('\n').map_or(text.len(), |more| end + more);
    Some((&text[..end], text[end..].strip_prefix('\n').unwrap_or_default()))
}

/// Where a quote closes.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '\\' if !escaped => escaped = true,
            found if found == quote && !escaped => return Some(at),
            _ => escaped = false,
        }
    }
    None
}

fn value(said: &str, scope: &Scope) -> Value {
    if let Some(inner) = said.strip_prefix('\'') {
        return inner[..closing(inner, '\'').unwrap_or(inner.len())].into();
    }
    if let Some(inner) = said.strip_prefix('"') {
        let inner = &inner[..closing(inner, '"').unwrap_or(inner.len())];
        return scope.expand(&inner.replace("\\n", "\n").replace("\\\"", "\""), '\\');
    }
    // A comment begins after a space.
    let end = said.find(" #").unwrap_or(said.len());
    scope.expand(said[..end].trim_end(), '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_compose_reads_them() {
        let text = "# A=0\nA=1 # one\nexport B = 'x $A' # two\nC=\"a${A}\\n\\\"b\"\nD=${A}-${E:-e}#no\nE=\"two\nlines\" # x\nF=\nG\n =x\nA=2\n";
        let read = read(text, &Scope::new(Known::Nothing));
        let shown: Vec<String> = read.iter().map(|(name, value)| format!("{name}={}", value.shown())).collect();
        assert_eq!(shown, ["A=1", "B=x $A", "C=a1\n\"b", "D=1-e#no", "E=two\nlines", "F=", "A=2"]);
    }
}
