//! Listens to the program's own log lines.

use super::{OwnEvent, OwnLine, Sender};
use crate::server::state::now;
use model::Value;
use std::fmt::{Debug, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Crates whose lines are kept; libraries may log what they do for us for every row.
const CRATES: [&str; 6] = ["tandem", "store", "watch", "receive", "query", "model"];
/// Longest text kept of one field.
const MAX_TEXT_BYTES: usize = 8 * 1024;
/// Fields kept of one line.
const MAX_FIELDS: usize = 32;

/// Sends lines of level `INFO` and above into the queue.
pub struct OwnLayer(Sender);

impl OwnLayer {
    /// A layer before a queue.
    pub fn new(sender: Sender) -> Self {
        Self(sender)
    }
}

impl<S: Subscriber> Layer<S> for OwnLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let root = metadata.target().split("::").next().unwrap_or_default();
        let (severity, severity_text) = match *metadata.level() {
            Level::ERROR => (17, "ERROR"),
            Level::WARN => (13, "WARN"),
            Level::INFO => (9, "INFO"),
            _ => return,
        };
        if !CRATES.contains(&root) {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.send(OwnEvent::Line(OwnLine {
            timestamp: now(),
            severity,
            severity_text,
            target: metadata.target(),
            message: fields.message,
            fields: fields.fields,
        }));
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    fields: Vec<(&'static str, Value)>,
}

impl Fields {
    fn push(&mut self, field: &Field, value: Value) {
        if self.fields.len() < MAX_FIELDS {
            self.fields.push((field.name(), value));
        }
    }

    fn text(&mut self, field: &Field, mut text: String) {
        if text.len() > MAX_TEXT_BYTES {
            let mut end = MAX_TEXT_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
        if field.name() == "message" {
            self.message = text;
        } else {
            self.push(field, Value::String(text));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.text(field, text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(int) => self.push(field, Value::Int(int)),
            Err(_) => self.text(field, value.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::Double(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Bool(value));
    }
}
