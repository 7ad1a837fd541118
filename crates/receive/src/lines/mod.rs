//! Common line formats: JSON, logfmt, access logs, syslog and plain text.
//!
//! A line is never lost here: one that is not in the format asked for is kept as plain text and says so
//! in the attribute `line.unparsed`. Times without a zone are read as UTC.

mod access;
pub(crate) mod flat;
#[cfg(test)]
mod flat_tests;
mod logfmt;
mod plain;
pub(crate) mod roles;
pub(crate) mod rows;
pub(crate) mod severity;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod time;

use crate::error::Decoded;
use crate::redact::Redactor;
use crate::syslog;
use flat::{Bad, Flat};
use model::limits::MAX_LINE_BYTES;
use model::{Context, ValueRef};
use roles::{Fallback, Roles};
use rows::{Rows, cut_text};
use std::borrow::Cow;
use std::sync::Arc;

/// Attribute of a line that was not in the format asked for.
pub const UNPARSED: &str = "line.unparsed";

/// How lines are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// `key=value` pairs.
    Logfmt,
    /// nginx and Apache access logs: common, combined, or JSON.
    Access,
    /// RFC 5424 or RFC 3164, with or without priority, as in `/var/log/syslog`.
    Syslog,
    /// Text; a leading time and level are read.
    Plain,
    /// Each line as what it looks like.
    #[default]
    Auto,
}

impl Format {
    /// Names that [`Format::from_name`] knows, for messages.
    pub const NAMES: &'static str = "json, logfmt, access, syslog, plain, auto";

    /// The format called `name`.
    pub fn from_name(name: &str) -> Option<Format> {
        Some(match name {
            "json" => Format::Json,
            "logfmt" => Format::Logfmt,
            "access" => Format::Access,
            "syslog" => Format::Syslog,
            "plain" => Format::Plain,
            "auto" => Format::Auto,
            _ => return None,
        })
    }
}

/// Where lines come from, for what they do not say themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineOrigin {
    /// Service of lines that name none.
    pub service_name: Option<String>,
    /// Host of lines that name none.
    pub host_name: Option<String>,
    /// Text attributes of every line, such as `log.file.path`.
    pub attributes: Vec<(String, String)>,
}

/// Reads lines, given without their line ends; empty ones are skipped.
pub fn decode_lines<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    format: Format,
    context: &Context,
    origin: &LineOrigin,
    redactor: &Redactor,
) -> Decoded {
    let mut rows = Rows::new(context, redactor);
    let mut parser = Parser::new(format, Roles::usual());
    for line in lines {
        parser.line(line, origin, &mut rows);
    }
    rows.finish()
}

/// Reads line after line of one format; holds what is reused between them.
pub(crate) struct Parser {
    format: Format,
    roles: Arc<Roles>,
    flat: Flat,
    renamed: Flat,
}

impl Parser {
    pub fn new(format: Format, roles: Roles) -> Self {
        let roles = Arc::new(roles);
        Self { format, flat: Flat::new(roles.clone()), renamed: Flat::new(roles.clone()), roles }
    }

    /// Adds the row of one line. Never refuses one: what does not parse becomes plain text.
    pub fn line(&mut self, line: &[u8], origin: &LineOrigin, rows: &mut Rows<'_>) {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return;
        }
        let text = text_of(line, rows);
        for (key, value) in &origin.attributes {
            rows.attribute(key, ValueRef::Str(value));
        }
        if !self.parse(&text, origin, rows) {
            if !matches!(self.format, Format::Plain | Format::Auto) {
                rows.attribute(UNPARSED, ValueRef::Bool(true));
            }
            plain_row(&mut self.flat, &self.roles, &text, origin, rows);
        }
    }

    /// Adds the row of one line of JSON, or says why it is none.
    pub fn json(&mut self, line: &[u8], origin: &LineOrigin, rows: &mut Rows<'_>) -> Result<(), Bad> {
        if line.len() > MAX_LINE_BYTES {
            let reason =
                format!("the line has {} bytes, at most {MAX_LINE_BYTES} (MAX_LINE_BYTES) are read", line.len());
            return Err(Bad { reason, column: MAX_LINE_BYTES });
        }
        let text = text_of(line, rows);
        let redactor = rows.redactor();
        self.flat.parse(&text, redactor, rows.counts())?;
        for (key, value) in &origin.attributes {
            rows.attribute(key, ValueRef::Str(value));
        }
        self.roles.emit(&self.flat, &Fallback::of(origin), rows);
        Ok(())
    }

    /// False, with nothing added, when the line is not in the format.
    fn parse(&mut self, text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) -> bool {
        match self.format {
            Format::Plain => false,
            Format::Json => self.try_json(text, origin, rows),
            Format::Logfmt => {
                logfmt::parse(text, &mut self.flat) > 0 && {
                    self.emit_whole(text, origin, rows);
                    true
                }
            }
            Format::Access => self.try_access(text, origin, rows),
            Format::Syslog => syslog::line(text, origin, rows),
            Format::Auto => self.guess(text, origin, rows),
        }
    }

    fn guess(&mut self, text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) -> bool {
        match text.trim_start().as_bytes().first() {
            Some(b'{') => self.try_json(text, origin, rows),
            Some(b'<') => syslog::line(text, origin, rows),
            _ if logfmt::looks_like(text) => {
                logfmt::parse(text, &mut self.flat);
                self.emit_whole(text, origin, rows);
                true
            }
            _ => {
                (text.contains("] \"") && self.try_access(text, origin, rows))
                    || syslog::line_with_tag(text, origin, rows)
            }
        }
    }

    fn try_json(&mut self, text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) -> bool {
        let redactor = rows.redactor();
        let read = self.flat.parse(text, redactor, rows.counts()).is_ok();
        if read {
            self.roles.emit(&self.flat, &Fallback::of(origin), rows);
        }
        read
    }

    fn try_access(&mut self, text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) -> bool {
        let mut fallback = Fallback { body: Some(text), ..Fallback::of(origin) };
        if text.starts_with('{') {
            let redactor = rows.redactor();
            if self.flat.parse(text, redactor, rows.counts()).is_err() {
                return false;
            }
            access::rename(&self.flat, &mut self.renamed);
            // JSON without a message has no body, here as everywhere: its fields say it all.
            fallback.body = None;
            self.roles.emit(&self.renamed, &fallback, rows);
            return true;
        }
        match access::parse(text, &mut self.flat) {
            Some(access) => {
                fallback.timestamp = Some(access.timestamp);
                self.roles.emit(&self.flat, &fallback, rows);
                true
            }
            None => false,
        }
    }

    /// Adds the record in `flat`; without a message field the whole line is the body.
    fn emit_whole(&mut self, text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) {
        let fallback = Fallback { body: Some(text), ..Fallback::of(origin) };
        self.roles.emit(&self.flat, &fallback, rows);
    }
}

fn plain_row(flat: &mut Flat, roles: &Roles, text: &str, origin: &LineOrigin, rows: &mut Rows<'_>) {
    let head = plain::head(text, rows.received());
    flat.clear();
    let fallback = Fallback {
        body: Some(text),
        timestamp: head.timestamp,
        severity_number: head.severity_number,
        severity_text: head.severity_text,
        ..Fallback::of(origin)
    };
    roles.emit(flat, &fallback, rows);
}

/// The line as text, cut to [`MAX_LINE_BYTES`]; bytes that are not UTF-8 are replaced and noted.
fn text_of<'a>(line: &'a [u8], rows: &mut Rows<'_>) -> Cow<'a, str> {
    let kept = &line[..line.len().min(MAX_LINE_BYTES)];
    let text = match std::str::from_utf8(kept) {
        Ok(text) => Cow::Borrowed(text),
        // A cut in the middle of a character is not the sender's fault.
        Err(error) if kept.len() < line.len() && error.valid_up_to() + 4 > kept.len() => {
            Cow::Borrowed(std::str::from_utf8(&kept[..error.valid_up_to()]).unwrap_or_default())
        }
        Err(_) => {
            rows.mark_invalid_utf8();
            String::from_utf8_lossy(kept)
        }
    };
    if kept.len() < line.len() {
        rows.mark_cut_body(line.len());
    }
    match text {
        Cow::Owned(text) if text.len() > MAX_LINE_BYTES => Cow::Owned(cut_text(&text, MAX_LINE_BYTES).to_owned()),
        text => text,
    }
}
