//! Texts with facts in them: `{findings.critical} open critical findings`.

use super::{CheckError, refuse};
use crate::condition::at;
use crate::facts;
use crate::limits::{MAX_LISTED, MAX_TEXT_BYTES};
use chrono::DateTime;
use serde_json::Value;
use yaml::Node;

/// A text with places for facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Fact(&'static str),
}

impl Template {
    /// Reads one.
    pub(super) fn read(file: &str, node: Node<'_>) -> Result<Template, CheckError> {
        let text = node.text().unwrap_or_default();
        let wrong = |reason: String| refuse(file, node.place(), reason);
        if text.len() > MAX_TEXT_BYTES {
            return Err(wrong(format!("a text has at most {MAX_TEXT_BYTES} bytes (MAX_TEXT_BYTES)")));
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| wrong("a `{` is never closed: write {findings.critical}".into()))?;
            let known = facts::known(name)
                .ok_or_else(|| wrong(format!("there is no fact `{name}`; rules/gate/README.md lists them")))?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Fact(known.path));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Template(parts))
    }

    /// The text with the facts of a document; what is not known is "unknown".
    pub fn fill(&self, document: &Value) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Fact(path) => shown(path, at(document, path), &mut out),
            }
        }
        cut(out, MAX_TEXT_BYTES)
    }
}

/// A text of at most so many bytes, cut where a character begins; what would break lines or colour a terminal is a space.
pub(crate) fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = (0..=most.saturating_sub(3)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push_str("...");
    }
    if text.chars().any(char::is_control) {
        text = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    }
    text
}

fn shown(path: &str, value: Option<&Value>, out: &mut String) {
    match value {
        None => out.push_str("unknown"),
        Some(Value::Bool(value)) => out.push_str(if *value { "yes" } else { "no" }),
        Some(Value::String(text)) => out.push_str(text),
        Some(Value::Number(number)) => match (is_time(path), number.as_i64()) {
            (true, Some(nanos)) => out.push_str(&day(nanos)),
            _ => out.push_str(&number.to_string()),
        },
        Some(Value::Array(items)) => {
            for (at, item) in items.iter().take(MAX_LISTED).enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                shown("", Some(item), out);
            }
            match items.len() {
                0 => out.push_str("none"),
                more if more > MAX_LISTED => out.push_str(&format!(" and {} more", more - MAX_LISTED)),
                _ => {}
            }
        }
        Some(Value::Object(_) | Value::Null) => out.push('?'),
    }
}

fn is_time(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("at" | "last"))
}

/// The day of a time.
pub(crate) fn day(nanos: i64) -> String {
    DateTime::from_timestamp_nanos(nanos).format("%Y-%m-%d").to_string()
}
