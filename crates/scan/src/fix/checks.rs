//! Fixes that are no plain edit.

mod environment;

use super::document::Refused;
use super::edit::{Edit, end_of_line, start_of_line};
use super::place::{Edits, Site};
use super::spec::Grade;
use crate::families::docker::dockerfile::{Dockerfile, Instruction};
use crate::text::Span;

/// What is to be edited at a finding.
pub type Check = fn(&Site<'_>) -> Result<Edits, Refused>;

/// All of them by name.
const CHECKS: &[(&str, Check)] = &[
    ("github_expression_to_env", environment::mend),
    ("docker_exec_form", exec_form),
    ("docker_remove_earlier", remove_earlier),
];

/// One by its name.
pub fn find(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(of, _)| *of == name).map(|(_, check)| *check)
}

/// What only a shell understands as a command.
const BUILTINS: &[&str] =
    &["cd", "exec", "export", "set", "source", ".", ":", "eval", "exit", "umask", "ulimit", "if", "for", "while"];

/// `CMD node server.js` as an array, when no shell is needed for it.
fn exec_form(site: &Site<'_>) -> Result<Edits, Refused> {
    let needs_shell = "a shell is needed for what it says";
    let (span, open, _) = site.instruction().ok_or("the instruction was not found")?;
    let said = site.text().slice(span);
    if !open || said.contains(['\n', '\\', '`']) {
        return Err(needs_shell);
    }
    let from = said.find(char::is_whitespace).ok_or(needs_shell)?;
    let rest = said[from..].trim_start();
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '\t' | '-' | '_' | '.' | '/' | ':' | ',' | '@' | '+' | '%' | '=')
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    let first = words.first().copied().unwrap_or("=");
    if !rest.chars().all(plain) || first.contains('=') || BUILTINS.contains(&first) {
        return Err(needs_shell);
    }
    let start = span.start as usize + said.len() - rest.len();
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let edit = Edit::replace(Span::new(start, span.end as usize), format!("[{}]", words.join(", ")));
    Ok(Edits { edits: vec![edit], grade: Grade::Safe })
}

/// Takes out the instruction of the same kind before this one in its stage: only the last counts.
fn remove_earlier(site: &Site<'_>) -> Result<Edits, Refused> {
    let (text, at) = (site.text(), site.resource().span.start);
    let file = Dockerfile::read(text);
    let of = |instruction: &&Instruction| instruction.keyword.start <= at && at < instruction.keyword.end;
    let number = file.instructions.iter().position(|instruction| of(&instruction)).ok_or("it was not found")?;
    let kind = file.instructions[number].kind;
    let stage = file.instructions[..number].iter().rev().take_while(|earlier| earlier.kind != "FROM");
    let earlier = stage.into_iter().find(|earlier| earlier.kind == kind && !earlier.onbuild);
    let earlier = earlier.ok_or("there is none before it")?;
    if !earlier.heredocs.is_empty() {
        return Err("it has a here-document");
    }
    let said = text.slice(earlier.span).trim_end().len() as u32;
    let start = start_of_line(text, earlier.span.start);
    let end = end_of_line(text, (earlier.span.start + said).saturating_sub(1));
    let rest = &text.text[end..];
    let newline = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
    Ok(Edits { edits: vec![Edit::replace(Span::new(start, end + newline), "")], grade: Grade::Safe })
}
