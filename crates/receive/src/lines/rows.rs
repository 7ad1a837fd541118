//! Rows of a log batch under construction: limits, redaction and counting in one place, for every
//! receiver that reads records one by one.

use crate::error::{Counts, Decoded};
use crate::redact::{MASK, Redactor};
use model::attributes::AttributesBuilder;
use model::batch::Origin;
use model::limits::{MAX_ATTRIBUTES, MAX_BODY_BYTES, MAX_KEY_BYTES, MAX_RECORDS_PER_REQUEST, MAX_VALUE_BYTES};
use model::logs::{LogRow, LogsBuilder};
use model::{Context, EventBatch, ValueRef, json};
use std::fmt::Write as _;

/// Longest service or host name taken as such; longer ones stay attributes.
pub(crate) const MAX_NAME_BYTES: usize = 255;

/// One record, next to its attributes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Record<'a> {
    pub timestamp: Option<i64>,
    pub observed: Option<i64>,
    pub severity_number: Option<i32>,
    pub severity_text: Option<&'a str>,
    pub body: Option<&'a str>,
    pub body_type: Option<&'a str>,
    pub trace_id: Option<[u8; 16]>,
    pub span_id: Option<[u8; 8]>,
    pub service: Option<&'a str>,
    pub host: Option<&'a str>,
}

/// Builds the batches of one request. Per row: attributes, then [`Rows::end`].
pub(crate) struct Rows<'c> {
    context: &'c Context,
    redactor: &'c Redactor,
    builder: LogsBuilder,
    batches: Vec<EventBatch>,
    counts: Counts,
    accepted: usize,
    rejected: usize,
    message: Option<String>,
    /// Service and host of the origin that the builder has now.
    service: Option<String>,
    host: Option<String>,
    /// What follows is about the row under construction.
    attributes: usize,
    cut_attributes: usize,
    cut_values: usize,
    invalid_utf8: bool,
    original_body: Option<usize>,
    cut: String,
}

impl<'c> Rows<'c> {
    pub fn new(context: &'c Context, redactor: &'c Redactor) -> Self {
        Self {
            context,
            redactor,
            builder: LogsBuilder::new(context.clone()),
            batches: Vec::new(),
            counts: Counts::default(),
            accepted: 0,
            rejected: 0,
            message: None,
            service: None,
            host: None,
            attributes: 0,
            cut_attributes: 0,
            cut_values: 0,
            invalid_utf8: false,
            original_body: None,
            cut: String::new(),
        }
    }

    /// Time of receipt.
    pub fn received(&self) -> i64 {
        self.context.received
    }

    pub fn redactor(&self) -> &'c Redactor {
        self.redactor
    }

    pub fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// Records of this request so far, refused ones included.
    pub fn seen(&self) -> usize {
        self.accepted + self.rejected
    }

    /// Notes that the text of the row under construction was not UTF-8 and has been mended.
    pub fn mark_invalid_utf8(&mut self) {
        self.invalid_utf8 = true;
    }

    /// Notes that the body had `bytes` bytes before the caller cut it.
    pub fn mark_cut_body(&mut self, bytes: usize) {
        self.original_body = Some(bytes);
    }

    /// Notes fields of the record that were left out while it was read.
    pub fn mark_dropped(&mut self, count: usize) {
        self.attributes += count;
        self.cut_attributes += count;
    }

    /// Notes that parts of a value were left out because of their depth.
    pub fn mark_cut_values(&mut self, count: usize) {
        self.cut_values += count;
    }

    /// Adds an attribute to the row under construction, masked and cut to the limits.
    pub fn attribute(&mut self, key: &str, value: ValueRef<'_>) {
        self.attributes += 1;
        if self.attributes > MAX_ATTRIBUTES {
            self.cut_attributes += 1;
            return;
        }
        let kept_key = cut_text(key, MAX_KEY_BYTES);
        if kept_key.len() < key.len() {
            self.cut_values += 1;
        }
        let builder: &mut AttributesBuilder = self.builder.attributes();
        match value {
            ValueRef::Int(_) | ValueRef::Double(_) if self.redactor.is_secret_key(key) => {
                self.counts.redacted += 1;
                builder.push(kept_key, ValueRef::Str(MASK));
            }
            ValueRef::Str(text) => {
                let masked = self.redactor.attribute(key, text, &mut self.counts);
                let kept = cut_text(&masked, MAX_VALUE_BYTES);
                self.cut_values += usize::from(kept.len() < masked.len());
                builder.push(kept_key, ValueRef::Str(kept));
            }
            // Cutting inside JSON would leave no JSON: it becomes a text of its beginning.
            ValueRef::Json(text) if text.len() > MAX_VALUE_BYTES => {
                self.cut_values += 1;
                builder.push(kept_key, ValueRef::Str(cut_text(text, MAX_VALUE_BYTES)));
            }
            other => builder.push(kept_key, other),
        }
    }

    /// Closes the row.
    pub fn end(&mut self, record: &Record<'_>) {
        self.set_origin(record.service, record.host);
        let masked = record.body.map(|body| match record.body_type {
            // Rendered from values that were masked one by one.
            Some(_) => std::borrow::Cow::Borrowed(body),
            None => self.redactor.text(body, &mut self.counts),
        });
        let body = masked.as_deref().map(|body| cut_text(body, MAX_BODY_BYTES));
        if let (Some(whole), Some(kept)) = (masked.as_deref(), body)
            && kept.len() < whole.len()
        {
            self.original_body.get_or_insert(whole.len());
        }
        let cut_json = self.original_body.is_some() && record.body_type.is_some();
        let severity_text = record.severity_text.map(|text| self.redactor.text(text, &mut self.counts));
        let timestamp = record.timestamp.unwrap_or(self.context.received);
        self.counts.skewed += u64::from(self.context.place(timestamp).1.is_some());
        self.note_cuts();
        self.builder.push(&LogRow {
            timestamp,
            observed_timestamp: record.observed,
            severity_number: record.severity_number,
            severity_text: severity_text.as_deref(),
            body,
            body_type: if cut_json { None } else { record.body_type },
            trace_id: record.trace_id,
            span_id: record.span_id,
            cut: (!self.cut.is_empty()).then_some(self.cut.as_str()),
            ..LogRow::default()
        });
        self.accepted += 1;
        self.clear_row();
        if self.builder.len() >= MAX_RECORDS_PER_REQUEST {
            self.flush();
        }
    }

    /// Counts a record that could not be read; nothing of it may have been added.
    pub fn reject(&mut self, reason: impl FnOnce() -> String) {
        self.rejected += 1;
        self.message.get_or_insert_with(reason);
        self.clear_row();
    }

    /// The end of the request.
    pub fn finish(mut self) -> Decoded {
        self.flush();
        Decoded {
            batches: self.batches,
            accepted: self.accepted,
            rejected: self.rejected,
            message: self.message,
            counts: self.counts,
        }
    }

    /// Renders what was cut into `cut`, with original sizes, and counts it.
    fn note_cuts(&mut self) {
        self.cut.clear();
        if let Some(bytes) = self.original_body {
            self.counts.cut_bodies += 1;
            let _ = write!(self.cut, "body:{bytes} ");
        }
        self.counts.cut_attributes += u64::from(self.cut_attributes > 0 || self.cut_values > 0);
        if self.cut_attributes > 0 {
            let _ = write!(self.cut, "attributes:{} ", self.attributes);
        }
        if self.cut_values > 0 {
            let _ = write!(self.cut, "values:{} ", self.cut_values);
        }
        if self.invalid_utf8 {
            self.counts.invalid_utf8 += 1;
            self.cut.push_str("body:utf8 ");
        }
        self.cut.pop();
    }

    fn clear_row(&mut self) {
        self.attributes = 0;
        self.cut_attributes = 0;
        self.cut_values = 0;
        self.invalid_utf8 = false;
        self.original_body = None;
    }

    fn set_origin(&mut self, service: Option<&str>, host: Option<&str>) {
        if self.service.as_deref() == service && self.host.as_deref() == host {
            return;
        }
        let mut resource = String::new();
        let host_name = host.map(|host| self.redactor.text(host, &mut self.counts));
        let service_name = service.map(|service| self.redactor.text(service, &mut self.counts));
        if let Some(host) = &host_name {
            json::push_member(&mut resource, "host.name", ValueRef::Str(host));
        }
        if let Some(service) = &service_name {
            json::push_member(&mut resource, "service.name", ValueRef::Str(service));
        }
        if !resource.is_empty() {
            resource.push('}');
        }
        self.builder.set_origin(Origin {
            service_name: service_name.map(Into::into),
            resource_attributes: (!resource.is_empty()).then_some(resource),
            ..Origin::default()
        });
        self.service = service.map(Into::into);
        self.host = host.map(Into::into);
    }

    fn flush(&mut self) {
        let rows = self.builder.len();
        if rows == 0 {
            return;
        }
        match self.builder.finish() {
            Ok(batch) => self.batches.push(batch),
            Err(error) => {
                self.accepted -= rows;
                self.rejected += rows;
                self.message.get_or_insert_with(|| format!("{rows} records could not be put into columns: {error}"));
            }
        }
    }
}

/// The longest prefix of `text` of at most `limit` bytes that ends between characters.
pub(crate) fn cut_text(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{column, context};

    #[test]
    fn what_is_too_large_is_cut_marked_and_counted() {
        let (context, redactor) = (context(), Redactor::none());
        let mut rows = Rows::new(&context, &redactor);
        for index in 0..MAX_ATTRIBUTES + 376 {
            rows.attribute(&format!("k{index}"), ValueRef::Int(1));
        }
        rows.end(&Record { body: Some(&"é".repeat(150_000)), ..Record::default() });
        rows.attribute("long", ValueRef::Str(&"x".repeat(MAX_VALUE_BYTES + 1)));
        rows.attribute(&"k".repeat(MAX_KEY_BYTES + 1), ValueRef::Bool(true));
        rows.end(&Record { body: Some("short"), ..Record::default() });
        let decoded = rows.finish();
        assert_eq!(column(&decoded, "cut"), ["body:300000 attributes:1400", "values:2"]);
        assert_eq!((decoded.counts.cut_bodies, decoded.counts.cut_attributes), (1, 2));
        assert_eq!(column(&decoded, "body")[0].len(), MAX_BODY_BYTES);
    }

    #[test]
    fn the_origin_follows_the_rows() {
        let (context, redactor) = (context(), Redactor::none());
        let mut rows = Rows::new(&context, &redactor);
        for (service, host) in [(Some("a"), None), (Some("a"), Some("h")), (None, None)] {
            rows.end(&Record { service, host, ..Record::default() });
        }
        let decoded = rows.finish();
        assert_eq!(column(&decoded, "service_name"), ["a", "a", ""]);
        assert_eq!(
            column(&decoded, "resource_attributes"),
            [r#"{"service.name":"a"}"#, r#"{"host.name":"h","service.name":"a"}"#, ""]
        );
    }
}
