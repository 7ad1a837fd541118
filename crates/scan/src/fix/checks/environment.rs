//! An expression in a script becomes a variable of the step: the shell then takes its value as data and never as code.

use crate::fix::document::{Document, Position, Refused};
use crate::fix::edit::{Edit, start_of_line};
use crate::fix::place::{Edits, Site};
use crate::fix::spec::{Grade, Value};
use crate::text::{Span, Text};
use crate::tree::Node;

/// Shells whose quotes are read here.
const SHELLS: &[&str] = &["bash", "sh"];
/// Names that mean something to shells or runners.
const TAKEN: &[&str] = &["PATH", "HOME", "SHELL", "USER", "IFS", "PWD", "CI", "ENV", "LANG", "TERM", "HOSTNAME", "UID"];

/// Where in a script something stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Whether a text is a block of lines: nothing else stands before it on its first line.
fn is_block(text: &Text, span: Span) -> bool {
    text.text[start_of_line(text, span.start)..span.start as usize].bytes().all(|byte| byte == b' ')
}

pub(super) fn mend(site: &Site<'_>) -> Result<Edits, Refused> {
    let resource = site.resource();
    let step = site.world.root(site.id);
    let run = step.get("run").ok_or("it is not in a script of the step")?;
    if !(run.span().start <= site.span.start && site.span.end <= run.span().end) {
        return Err("it is not in a script of the step");
    }
    shell(site, step)?;
    let text = site.text();
    let written = text.slice(run.span());
    if written.starts_with(['"', '\'']) && !is_block(text, run.span()) {
        return Err("the script is a quoted text");
    }
    let expression = text.slice(site.span);
    let inner = expression.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
    let inner = inner.ok_or("the expression was not found")?;
    if inner.contains(['\n', '#', '\'', '"']) || inner.contains(": ") {
        return Err("the expression is not a plain reference");
    }
    let document = Document::read(text)?;
    let target = document.target(site.map(), resource.span)?;
    let value = format!("${{{{ {inner} }}}}");
    let known = target.get("env").map(|env| env.members().collect::<Vec<_>>()).unwrap_or_default();
    let same = known.iter().find(|(_, of)| of.text().is_some_and(|text| text.trim() == value));
    // A variable of the environment is there for the shell as well.
    let own = inner.strip_prefix("env.").filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    let name = match same.map(|(name, _)| *name).or(own) {
        Some(name) => name.to_owned(),
        None => {
            let script = without_expressions(written);
            let is_taken = |name: &str| known.iter().any(|(of, _)| *of == name) || has_word(&script, name);
            name_of(inner, is_taken).ok_or("no name is left for the variable")?
        }
    };
    let mut mended = Edits { edits: Vec::new(), grade: Grade::Safe };
    for at in places(written, expression) {
        let quote = quote_at(written, at)?;
        let with = match quote {
            Quote::Double => format!("${{{name}}}"),
            Quote::Single => format!("'\"${{{name}}}\"'"),
            Quote::None if at == 0 && !is_block(text, run.span()) => return Err("the script begins with it"),
            Quote::None => format!("\"${{{name}}}\""),
        };
        // Outside quotes it may have been meant as several words.
        let is_bare = quote == Quote::None && !is_assigned(&written[..at]);
        if is_bare && (!inner.starts_with("github.") || inner.starts_with("github.event.inputs")) {
            mended.grade = Grade::Unsafe;
        }
        let start = run.span().start as usize + at;
        mended.edits.push(Edit::replace(Span::new(start, start + expression.len()), with));
    }
    if same.is_none() && own.is_none() {
        let path = ["env".to_owned(), name];
        let at = Position { before: Some("run"), ..Position::default() };
        mended.edits.push(document.set(target, &path, &Value::text(value), at)?);
    }
    Ok(mended)
}

/// Whether the shell is one whose quotes are known: named, or that of machines that are not Windows.
fn shell(site: &Site<'_>, step: Node<'_>) -> Result<(), Refused> {
    let shell = site.world.field(site.id, "effective_shell").and_then(|shell| shell.text()).unwrap_or_default();
    if !SHELLS.contains(&shell.split_whitespace().next().unwrap_or_default()) {
        return Err("the shell is not bash or sh");
    }
    if step.get("shell").is_some() {
        return Ok(());
    }
    let job = site.world.related(site.id, "job").next();
    let labels = job.and_then(|job| site.world.field(job, "labels"));
    let known = labels.is_some_and(|labels| {
        let text = |label: Node<'_>| label.text().is_some_and(|text| !text.to_ascii_lowercase().contains("windows"));
        labels.items().len() > 0 && labels.items().all(text)
    });
    let is_open = job.and_then(|job| site.world.field(job, "self_hosted")).is_none_or(|open| open.is_open());
    if known && !is_open { Ok(()) } else { Err("which shell runs it is not known here") }
}

/// Where an expression stands in a text.
fn places(text: &str, expression: &str) -> Vec<usize> {
    memchr::memmem::find_iter(text.as_bytes(), expression.as_bytes()).collect()
}

/// The script without its expressions: names in them are not the shell's.
fn without_expressions(script: &str) -> String {
    let mut parts = script.split("${{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + " " + part.split_once("}}").map_or(part, |(_, rest)| rest))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    places(text, word).into_iter().any(|at| {
        let bytes = text.as_bytes();
        !is_part(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_part(bytes.get(at + word.len()))
    })
}

/// A name for the variable: the last two parts of the reference.
fn name_of(inner: &str, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let parts: Vec<&str> = inner.split(['.', '[', ']', ' ', '(', ')', ',', '|', '&', '=', '!']).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty() && *part != "*").collect();
    let last = &parts[parts.len().saturating_sub(2)..];
    let whole = last.join("_").to_ascii_uppercase();
    let mut name: String = whole.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    for prefix in ["GITHUB_", "SECRETS_", "EVENT_", "ENV_"] {
        if let Some(rest) = name.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
            name = rest.to_owned();
        }
    }
    let is_bad = |name: &str| {
        name.is_empty()
            || name.starts_with(|c: char| c.is_ascii_digit())
            || ["GITHUB_", "RUNNER_", "ACTIONS_"].iter().any(|prefix| name.starts_with(prefix))
                && name != "GITHUB_TOKEN"
            || TAKEN.contains(&name)
    };
    if is_bad(&name) {
        name = format!("VALUE_{name}");
    }
    let more = (2..20).map(|number| format!("{name}_{number}"));
    std::iter::once(name.clone()).chain(more).find(|name| !is_taken(name))
}

/// Whether what stands before is `NAME=`, where a shell does not split words.
fn is_assigned(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
    let Some(name) = word.strip_suffix('=') else { return false };
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// In which quotes a byte of a script is.
fn quote_at(script: &str, at: usize) -> Result<Quote, Refused> {
    let before = script.get(..at).ok_or("the expression was not found")?;
    let mut quote = Quote::None;
    let mut characters = before.char_indices().peekable();
    let mut last = '\n';
    // Within double quotes: how many `$(` are open there.
    let mut nested = false;
    while let Some((here, character)) = characters.next() {
        match (quote, character) {
            (Quote::Single, '\'') => quote = Quote::None,
            (Quote::Single, _) => {}
            (_, '\\') => {
                characters.next();
            }
            (Quote::None, '#') if last.is_whitespace() || last == ';' => {
                let end = before[here..].find('\n').ok_or("it is in a comment of the script")?;
                while characters.next_if(|(next, _)| *next < here + end).is_some() {}
            }
            (Quote::None, '\'') => quote = Quote::Single,
            (Quote::None, '"') => quote = Quote::Double,
            (Quote::Double, '"') => quote = Quote::None,
            (Quote::Double, '`') => nested = !nested,
            (Quote::Double, '$') if characters.peek().is_some_and(|(_, next)| *next == '(') => nested = true,
            (Quote::Double, ')') => nested = false,
            (Quote::None, '<') if characters.peek().is_some_and(|(_, next)| *next == '<') => {
                return Err("there is a here-document before it");
            }
            (Quote::None, '(') if last == '(' => return Err("the script calculates"),
            _ => {}
        }
        if quote != Quote::Double {
            nested = false;
        }
        last = character;
    }
    if nested { Err("a command is within quotes there") } else { Ok(quote) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_scripts_are_known() {
        let at = |script: &str| quote_at(script, script.find('@').unwrap());
        for (script, expected) in [
            ("echo @", Quote::None),
            ("echo \"a @\"", Quote::Double),
            ("echo 'a @'", Quote::Single),
            ("echo \"it's\" @", Quote::None),
            ("echo \\\" @", Quote::None),
            ("# it's\necho @", Quote::None),
            ("echo 'a'\"@\"", Quote::Double),
            ("a=\"$(date)\" b=\"@\"", Quote::Double),
        ] {
            assert_eq!(at(script), Ok(expected), "{script}");
        }
        for script in ["cat <<EOF\n@\nEOF", "# @", "echo \"$(date @)\"", "echo $((1 + @))"] {
            assert!(at(script).is_err(), "{script}");
        }
    }

    #[test]
    fn names_are_taken_from_the_reference() {
        let name = |inner: &str| name_of(inner, |name| name == "ISSUE_TITLE").unwrap();
        assert_eq!(name("github.event.issue.body"), "ISSUE_BODY");
        assert_eq!(name("github.event.issue.title"), "ISSUE_TITLE_2");
        assert_eq!(name("github.head_ref"), "HEAD_REF");
        assert_eq!(name("secrets.NPM_TOKEN"), "NPM_TOKEN");
        assert_eq!(name("inputs.my-path"), "INPUTS_MY_PATH");
        assert_eq!(name("secrets.PATH"), "VALUE_PATH");
    }
}
