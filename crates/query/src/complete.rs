//! What could come next in the search bar.

use std::ops::Range;

/// A field that the data has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldHint {
    /// Its name in a query.
    pub name: String,
    /// Frequent values.
    pub values: Vec<String>,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What it replaces.
    pub span: Range<usize>,
    /// What it puts there.
    pub text: String,
    /// `field`, `value`, `operator` or `pipe`.
    pub kind: &'static str,
}

/// Proposals shown at once.
const MAX_PROPOSALS: usize = 50;
const PIPES: [&str; 11] =
    ["count", "count by ", "top 10 ", "rate 1m", "fields ", "sort ", "limit ", "sum ", "avg ", "max ", "p95 "];

/// Proposes what could stand at the cursor.
pub fn complete(text: &str, cursor: usize, fields: &[FieldHint]) -> Vec<Completion> {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let before = &text[..cursor];
    let start = before.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '|' | ',')).map_or(0, |at| at + 1);
    let start = if text.is_char_boundary(start) { start } else { cursor };
    let word = &before[start..];
    let mut found = Vec::new();
    let mut propose = |span: Range<usize>, text: String, kind| found.push(Completion { span, text, kind });
    let in_pipe = before.rfind('|').map(|at| before[at + 1..].trim_start());
    if let Some(pipe) = in_pipe
        && !pipe.contains(char::is_whitespace)
    {
        for name in PIPES.into_iter().filter(|name| name.starts_with(pipe)) {
            propose(cursor - pipe.len()..cursor, name.to_owned(), "pipe");
        }
    } else if let Some((name, value)) = word.split_once(':') {
        let hint = fields.iter().find(|hint| hint.name == name);
        let value_start = start + name.len() + 1;
        for known in hint.into_iter().flat_map(|hint| &hint.values) {
            if known.to_lowercase().starts_with(&value.trim_start_matches('"').to_lowercase()) {
                propose(value_start..cursor, crate::ast::quote(known), "value");
            }
        }
    } else {
        let colon = if in_pipe.is_some() { "" } else { ":" };
        for hint in fields.iter().filter(|hint| hint.name.starts_with(word)) {
            propose(start..cursor, format!("{}{colon}", hint.name), "field");
        }
        if in_pipe.is_none() && !word.is_empty() {
            for operator in ["AND", "OR", "NOT"].into_iter().filter(|o| o.starts_with(&word.to_uppercase())) {
                propose(start..cursor, format!("{operator} "), "operator");
            }
        }
    }
    found.truncate(MAX_PROPOSALS);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_values_and_pipes_are_proposed() {
        let fields =
            [FieldHint { name: "service".to_owned(), values: vec!["check out".to_owned(), "cart".to_owned()] }];
        let texts = |text: &str| complete(text, text.len(), &fields).into_iter().map(|c| c.text).collect::<Vec<_>>();
        assert_eq!(texts("ser"), ["service:"]);
        assert_eq!(texts("a service:c"), ["\"check out\"", "cart"]);
        assert_eq!(texts("a | cou"), ["count", "count by "]);
        assert_eq!(texts("a | count by s"), ["service"]);
        assert_eq!(texts("a an"), ["AND "]);
    }
}
