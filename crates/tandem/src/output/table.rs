//! Tables on a terminal.

use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets};
use serde_json::Value;

/// Characters of a cell where there is no terminal to fit.
const PLAIN_WIDTH: u16 = 200;

/// A table with these headings.
pub fn new(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !super::is_terminal() {
        table.set_width(PLAIN_WIDTH).force_no_tty();
    }
    table.set_header(headings.iter().map(|heading| Cell::new(heading).add_attribute(Attribute::Bold)));
    table
}

/// A value as people read it. Control characters are shown, never sent to the terminal.
pub fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    visible(&text)
}

/// The text with control characters made visible; line breaks and tabs become spaces.
pub fn visible(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    let show = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_controlled_by_events() {
        assert_eq!(visible("a\x1b[31mb\nc"), "a\u{fffd}[31mb c");
        assert_eq!(text(&Value::Null), "");
    }
}
