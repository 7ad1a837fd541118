//! Answers as tables.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use serde_json::Value;
use std::io::IsTerminal as _;

/// Longest text shown in one cell; `--json` shows all of it.
const MAX_CELL_CHARS: usize = 2_000;

/// A table with a header.
pub fn render<'a>(header: &[String], rows: impl IntoIterator<Item = &'a Vec<Value>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        // Piped: as wide as it is, so that every row is one line for other programs.
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
    }
    let colours = super::colours();
    let head = header.iter().map(|name| {
        let cell = Cell::new(super::plain(name));
        if colours { cell.add_attribute(Attribute::Bold) } else { cell }
    });
    table.set_header(head.collect::<Vec<_>>());
    for row in rows {
        let cells = row.iter().map(|value| {
            let text = text(value);
            match level_colour(&text).filter(|_| colours) {
                Some(colour) => Cell::new(text).fg(colour),
                None => Cell::new(text),
            }
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    format!("{}\n", table.trim_fmt())
}

/// A value as people read it.
pub fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => super::plain(text),
        other => other.to_string(),
    };
    let text = if std::io::stdout().is_terminal() { text } else { text.replace(['\n', '\t'], " ") };
    match text.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Levels are told by colour too.
pub fn level_colour(text: &str) -> Option<Color> {
    match text.to_ascii_uppercase().as_str() {
        "ERROR" | "FATAL" | "CRITICAL" | "CRIT" | "ALERT" | "EMERG" | "ERR" => Some(Color::Red),
        "WARN" | "WARNING" => Some(Color::Yellow),
        "DEBUG" | "TRACE" => Some(Color::DarkGrey),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn piped_rows_are_lines() {
        let rows = [vec![json!("a\nb"), json!(5), json!(null)], vec![json!("\u{1b}[2Jx"), json!(1.5), json!({"k": 1})]];
        let text = render(&["one".to_owned(), "two".to_owned(), "three".to_owned()], &rows);
        // Under a terminal the arrangement differs; tests run without one.
        if !std::io::stdout().is_terminal() {
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.contains("a b") && text.contains("\u{fffd}[2Jx") && !text.contains('\u{1b}'), "{text}");
        }
    }
}
