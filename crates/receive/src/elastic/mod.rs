//! Elasticsearch's `_bulk`: pairs of an action line and a document line.
//!
//! A document that cannot be read refuses its own item; a malformed action line leaves no way to tell what
//! the lines after it mean, so it refuses the request. `update` and `delete` are answered per item: events
//! are immutable.

pub mod handshake;
mod response;
#[cfg(test)]
mod tests;

pub use response::response_json;

use crate::error::{DecodeError, Decoded};
use crate::lines::flat::Flat;
use crate::lines::roles::{Fallback, Role, Roles};
use crate::lines::rows::Rows;
use crate::redact::Redactor;
use model::limits::{MAX_KEY_BYTES, MAX_LINE_BYTES, MAX_RECORDS_PER_REQUEST};
use model::{Context, ValueRef};
use serde::Deserialize;
use std::sync::Arc;

/// What became of one request.
#[derive(Debug)]
pub struct Bulk {
    /// The events of the accepted items.
    pub decoded: Decoded,
    /// One result for each action, in order.
    pub items: Vec<ItemResult>,
}

/// What became of one action.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemResult {
    /// What was asked for.
    pub action: Action,
    /// The index named by action or address; empty when there was none.
    pub index: Arc<str>,
    /// The id given, or one made up.
    pub id: String,
    /// 201 when accepted, 400 when not.
    pub status: u16,
    /// Why it was not accepted.
    pub error: Option<String>,
}

/// The actions of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Add or replace; here it adds.
    Index,
    /// Add.
    Create,
    /// Refused.
    Update,
    /// Refused.
    Delete,
}

impl Action {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Action::Index => "index",
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        }
    }
}

/// An action line: exactly one of the four.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionLine {
    index: Option<Target>,
    create: Option<Target>,
    update: Option<Target>,
    delete: Option<Target>,
}

#[derive(Clone, Deserialize)]
struct Target {
    #[serde(rename = "_index")]
    index: Option<String>,
    #[serde(rename = "_id")]
    id: Option<Id>,
}

/// Some clients send numbers as ids.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

/// Reads a `_bulk` body. `default_index` is the index in the address.
///
/// # Errors
/// When an action line is malformed or its document is missing, and when there are too many items; the
/// message names the line.
pub fn bulk(
    body: &[u8],
    default_index: Option<&str>,
    context: &Context,
    redactor: &Redactor,
) -> Result<Bulk, DecodeError> {
    let roles = Arc::new(roles());
    let mut reader = Reader {
        rows: Rows::new(context, redactor),
        flat: Flat::new(roles.clone()),
        roles,
        items: Vec::new(),
        default_index: default_index.filter(|index| !index.is_empty()).map(Arc::from),
        last: None,
    };
    let mut lines = Lines { body, at: 0, number: 0 };
    while let Some(line) = lines.next_line() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let (number, at) = (lines.number, lines.at - line.len());
        let (action, index, id) = reader.action(line, number, at.saturating_sub(1))?;
        if reader.items.len() >= MAX_RECORDS_PER_REQUEST {
            return Err(DecodeError::TooLarge {
                limit_name: "MAX_RECORDS_PER_REQUEST",
                limit: MAX_RECORDS_PER_REQUEST,
                remedy: "send fewer documents per request",
            });
        }
        let document = match action {
            Action::Delete => None,
            _ => Some(lines.next_line().ok_or_else(|| {
                malformed(
                    number,
                    at.saturating_sub(1),
                    "the document after the action is missing",
                    "send a document line after each index, create or update",
                )
            })?),
        };
        reader.item(action, index, id, document, lines.number);
    }
    Ok(Bulk { decoded: reader.rows.finish(), items: reader.items })
}

fn roles() -> Roles {
    Roles::default()
        .add(Role::Message, &["message", "msg", "log"])
        .add(Role::Time, &["@timestamp"])
        .add(Role::Level, &["log.level", "level", "severity"])
        .add(Role::Service, &["service.name"])
        .add(Role::Host, &["host.name"])
        .add(Role::TraceId, &["trace.id", "trace_id"])
        .add(Role::SpanId, &["span.id", "span_id"])
}

fn malformed(line: usize, at: usize, what: &str, remedy: &'static str) -> DecodeError {
    DecodeError::Malformed { what: format!("_bulk line {line}: {what}"), at: Some(at), remedy }
}

/// Lines with their number, from 1, and the offset behind them.
struct Lines<'a> {
    body: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    fn next_line(&mut self) -> Option<&'a [u8]> {
        let rest = self.body.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += end + 1;
        self.number += 1;
        Some(&rest[..end])
    }
}

type Parsed = (Action, Option<Arc<str>>, Option<Id>);

struct Reader<'c> {
    rows: Rows<'c>,
    roles: Arc<Roles>,
    flat: Flat,
    items: Vec<ItemResult>,
    default_index: Option<Arc<str>>,
    /// The last action line without an id: most clients repeat one and the same.
    last: Option<(Vec<u8>, Parsed)>,
}

impl Reader<'_> {
    fn action(&mut self, line: &[u8], number: usize, at: usize) -> Result<Parsed, DecodeError> {
        if let Some((last, parsed)) = &self.last
            && last == line
        {
            return Ok(parsed.clone());
        }
        const REMEDY: &str =
            "send {\"index\":{}} or {\"create\":{}}, each on a line of its own and followed by its document";
        let read: ActionLine = serde_json::from_slice(line).map_err(|error| {
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            malformed(
                number,
                at + error.column().saturating_sub(1),
                &format!("column {}: no action: {what}", error.column()),
                REMEDY,
            )
        })?;
        let (action, target) = match (read.index, read.create, read.update, read.delete) {
            (Some(target), None, None, None) => (Action::Index, target),
            (None, Some(target), None, None) => (Action::Create, target),
            (None, None, Some(target), None) => (Action::Update, target),
            (None, None, None, Some(target)) => (Action::Delete, target),
            _ => return Err(malformed(number, at, "there must be exactly one action", REMEDY)),
        };
        let index =
            target.index.filter(|index| !index.is_empty()).map(Arc::from).or_else(|| self.default_index.clone());
        let cacheable = target.id.is_none();
        let parsed = (action, index, target.id);
        self.last = cacheable.then(|| (line.to_vec(), parsed.clone()));
        Ok(parsed)
    }

    fn item(&mut self, action: Action, index: Option<Arc<str>>, id: Option<Id>, document: Option<&[u8]>, line: usize) {
        let id = match id {
            Some(Id::Text(id)) => id,
            Some(Id::Number(id)) => id.to_string(),
            // The id is only echoed; receipt and place in the request tell items apart well enough.
            None => format!("{:x}-{:x}", self.rows.received(), self.items.len()),
        };
        let error = match (action, &index, document) {
            (Action::Update | Action::Delete, ..) => {
                Some(format!("{} is not possible: events are immutable, use index or create", action.name()))
            }
            (_, None, _) => Some("no index: name it as _index in the action or in the address".to_owned()),
            (_, Some(index), _) if index.len() > MAX_KEY_BYTES => Some("the name of the index is too long".to_owned()),
            (_, Some(index), document) => {
                let index = index.clone();
                self.document(&index, document.unwrap_or_default(), line).err()
            }
        };
        if let Some(error) = &error {
            self.rows.reject(|| format!("line {line}: {error}"));
        }
        let status = if error.is_some() { 400 } else { 201 };
        self.items.push(ItemResult { action, index: index.unwrap_or_default(), id, status, error });
    }

    fn document(&mut self, index: &str, document: &[u8], line: usize) -> Result<(), String> {
        if document.len() > MAX_LINE_BYTES {
            return Err(format!("the document has {} bytes, at most {MAX_LINE_BYTES} are taken", document.len()));
        }
        let text = String::from_utf8_lossy(document);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.rows.mark_invalid_utf8();
        }
        let redactor = self.rows.redactor();
        self.flat
            .parse(&text, redactor, self.rows.counts())
            .map_err(|bad| format!("the document in line {line}, column {} is not JSON: {}", bad.column, bad.reason))?;
        self.rows.attribute("elasticsearch.index", ValueRef::Str(index));
        if is_data_stream(index) {
            self.rows.attribute("data_stream", ValueRef::Str(index));
        }
        self.roles.emit(&self.flat, &Fallback::default(), &mut self.rows);
        Ok(())
    }
}

/// Data streams are called `type-dataset-namespace`.
fn is_data_stream(index: &str) -> bool {
    let mut parts = index.splitn(3, '-');
    matches!(parts.next(), Some("logs" | "metrics" | "traces" | "synthetics" | "profiling"))
        && parts.next().is_some_and(|dataset| !dataset.is_empty())
        && parts.next().is_some_and(|namespace| !namespace.is_empty())
}
