//! The digest of all that decided.

use crate::condition::Truth;
use model::{Asked, hex};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What decided, on its way to a digest.
pub(super) struct Inputs {
    hash: Sha256,
}

impl Inputs {
    pub fn new(asked: &Asked, document: &Value) -> Inputs {
        let mut inputs = Inputs { hash: Sha256::new() };
        inputs.text("defence", asked.defence.as_deref().unwrap_or_default());
        let mut canonical = Vec::with_capacity(2048);
        write(document, &mut canonical);
        inputs.hash.update(&canonical);
        inputs
    }

    /// A named text. Lengths keep neighbours apart.
    pub fn text(&mut self, name: &str, text: &str) {
        self.hash.update(format!("{name}:{}:", text.len()));
        self.hash.update(text);
    }

    /// What comparing with the time gave.
    pub fn times(&mut self, times: &[Truth]) {
        for time in times {
            self.hash.update([*time as u8]);
        }
    }

    pub fn finish(self) -> String {
        hex::encode(&self.hash.finalize())
    }
}

/// JSON with its members in the order of their names, and without spaces. Depth is that of the facts.
fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push(b'{');
            for (name, value) in members {
                write_text(name, out);
                out.push(b':');
                write(value, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Value::String(text) => write_text(text, out),
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}\"", text.len()).as_bytes());
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}
