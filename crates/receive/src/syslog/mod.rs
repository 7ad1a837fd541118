//! Syslog, RFC 5424 and RFC 3164.
//!
//! Nothing is refused: a message in neither form is kept whole as the body, with the attribute
//! `syslog.unparsed`. RFC 3164 times carry no zone and are read as UTC, and no year: the one nearest to
//! the receipt is meant. Structured data becomes attributes `<sd-id>.<param>`.

pub mod framer;
mod login;
mod parse;
#[cfg(test)]
mod tests;

pub use framer::Framer;
pub use login::{Login, login};

use crate::error::Decoded;
use crate::lines::LineOrigin;
use crate::lines::rows::{MAX_NAME_BYTES, Record, Rows};
use crate::lines::severity;
use crate::redact::Redactor;
use model::limits::MAX_SYSLOG_BYTES;
use model::{Context, Value, ValueRef};
use parse::Message;

/// Attribute of a message that is in no known form.
pub const UNPARSED: &str = "syslog.unparsed";

/// Facility names by number.
const FACILITIES: [&str; 24] = [
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "security",
    "console",
    "solaris-cron",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7",
];

/// Reads messages that came from `peer` (an address without port), one datagram or frame each. A message longer than
/// [`MAX_SYSLOG_BYTES`] is cut and marked with the length it arrived with.
pub fn decode(messages: &[&[u8]], peer: &str, context: &Context, redactor: &Redactor) -> Decoded {
    let mut rows = Rows::new(context, redactor);
    let origin = LineOrigin::default();
    for &message in messages {
        let trimmed = trim(message);
        if trimmed.is_empty() {
            continue;
        }
        let kept = &trimmed[..trimmed.len().min(MAX_SYSLOG_BYTES)];
        if kept.len() < trimmed.len() {
            rows.mark_cut_body(trimmed.len());
        }
        let text = match std::str::from_utf8(kept) {
            Ok(text) => std::borrow::Cow::Borrowed(text),
            // Cutting inside a character is our doing.
            Err(error) if kept.len() < trimmed.len() && error.error_len().is_none() => {
                String::from_utf8_lossy(&kept[..error.valid_up_to()])
            }
            Err(_) => {
                rows.mark_invalid_utf8();
                String::from_utf8_lossy(kept)
            }
        };
        let parsed = parse::message(&text, context.received).unwrap_or_else(|| {
            rows.attribute(UNPARSED, ValueRef::Bool(true));
            Message { body: &text, ..Message::default() }
        });
        if !peer.is_empty() {
            rows.attribute("net.peer", ValueRef::Str(peer));
        }
        emit(&parsed, &origin, &mut rows);
    }
    rows.finish()
}

/// Adds the row of a line of a syslog file. False, with nothing added, when it is none.
pub(crate) fn line(text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) -> bool {
    match parse::message(text, rows.received()) {
        Some(message) => {
            emit(&message, origin, rows);
            true
        }
        None => false,
    }
}

/// Like [`line`], but only for what can hardly be anything else: time, host and tag.
pub(crate) fn line_with_tag(text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) -> bool {
    let bytes = text.as_bytes();
    // An ISO time with a blank inside is what programs write for themselves.
    let candidate = bytes.first().is_some_and(u8::is_ascii_uppercase) || bytes.get(10) == Some(&b'T');
    match parse::message(text, rows.received()).filter(|_| candidate) {
        Some(message)
            if message.host.is_some() && message.app.is_some_and(|app| severity::from_word(app).is_none()) =>
        {
            emit(&message, origin, rows);
            true
        }
        _ => false,
    }
}

fn trim(mut message: &[u8]) -> &[u8] {
    while let Some((b'\n' | b'\r' | 0, rest)) = message.split_last() {
        message = rest;
    }
    message
}

fn emit(message: &Message<'_>, origin: &LineOrigin, rows: &mut Rows<'_>) {
    let mut severity = None;
    if let Some(priority) = message.priority {
        rows.attribute("syslog.facility", ValueRef::Str(FACILITIES[usize::from(priority >> 3) % FACILITIES.len()]));
        severity = Some(severity::SYSLOG[usize::from(priority & 7)]);
    }
    if let Some(version) = message.version {
        rows.attribute("syslog.version", ValueRef::Int(version));
    }
    match message.pid.map(|pid| (pid, pid.parse())) {
        Some((_, Ok(number))) => rows.attribute("process.pid", ValueRef::Int(number)),
        Some((text, Err(_))) => rows.attribute("syslog.procid", ValueRef::Str(text)),
        None => {}
    }
    if let Some(id) = message.message_id {
        rows.attribute("syslog.msgid", ValueRef::Str(id));
    }
    if message.broken_data {
        rows.attribute(UNPARSED, ValueRef::Bool(true));
    }
    let mut rendered = String::new();
    for (key, value) in &message.data {
        match value {
            Value::String(text) => rows.attribute(key, ValueRef::Str(text)),
            Value::Bool(bool) => rows.attribute(key, ValueRef::Bool(*bool)),
            Value::Array(items) => {
                rendered.clear();
                masked(key, items, rows).write_json(&mut rendered);
                rows.attribute(key, ValueRef::Json(&rendered));
            }
            _ => {}
        }
    }
    if let Some(login) = message.app.and_then(|app| login(app, message.body)) {
        rows.attribute("user.name", ValueRef::Str(login.user));
        rows.attribute("source.address", ValueRef::Str(&login.address.to_string()));
        rows.attribute("source.port", ValueRef::Int(login.port.into()));
    }
    let mut name = |key: &str, name: Option<&'_ str>| match name {
        Some(long) if long.len() > MAX_NAME_BYTES => rows.attribute(key, ValueRef::Str(long)),
        _ => {}
    };
    name("syslog.appname", message.app);
    name("syslog.hostname", message.host);
    let fits = |name: &&str| name.len() <= MAX_NAME_BYTES;
    rows.end(&Record {
        timestamp: message.timestamp,
        observed: Some(rows.received()),
        severity_number: severity.map(|(_, number)| number),
        severity_text: severity.map(|(text, _)| text),
        body: Some(message.body),
        service: message.app.filter(fits).or(origin.service_name.as_deref()),
        host: message.host.filter(fits).or(origin.host_name.as_deref()),
        ..Record::default()
    });
}

/// The values of a repeated parameter, masked one by one: a list is not masked as a whole.
fn masked(key: &str, items: &[Value], rows: &mut Rows<'_>) -> Value {
    let redactor = rows.redactor();
    let mask = |item: &Value| match item {
        Value::String(text) => Value::String(redactor.attribute(key, text, rows.counts()).into_owned()),
        other => other.clone(),
    };
    Value::Array(items.iter().map(mask).collect())
}
