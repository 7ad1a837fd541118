//! Spans.

use crate::attributes::AttributesBuilder;
use crate::batch::{CommonBuilder, Context, EventBatch, Origin};
use crate::columns::{Table, name, optional, required};
use crate::logs::append_id;
use arrow_array::builder::{FixedSizeBinaryBuilder, Int64Builder, StringViewBuilder, UInt32Builder};
use arrow_schema::{ArrowError, DataType, FieldRef};
use std::sync::Arc;

pub(crate) fn fields() -> Vec<FieldRef> {
    vec![
        required("duration_ns", DataType::Int64),
        optional(name::NAME, DataType::Utf8View),
        required("kind", DataType::Utf8View),
        required("status_code", DataType::Utf8View),
        optional("status_message", DataType::Utf8View),
        optional(name::TRACE_ID, DataType::FixedSizeBinary(16)),
        optional(name::SPAN_ID, DataType::FixedSizeBinary(8)),
        optional(name::PARENT_SPAN_ID, DataType::FixedSizeBinary(8)),
        optional("trace_state", DataType::Utf8View),
        optional("trace_flags", DataType::UInt32),
        optional("events", DataType::Utf8View),
        optional("links", DataType::Utf8View),
    ]
}

/// One span without what it shares with others and without its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpanRow<'a> {
    /// Start time.
    pub timestamp: i64,
    /// End minus start, as sent (negative when the source's clock went back).
    pub duration_ns: i64,
    /// Operation name.
    pub name: Option<&'a str>,
    /// `unspecified`, `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: &'a str,
    /// `unset`, `ok` or `error`.
    pub status_code: &'a str,
    /// Description of the status.
    pub status_message: Option<&'a str>,
    /// Trace id.
    pub trace_id: Option<[u8; 16]>,
    /// Span id.
    pub span_id: Option<[u8; 8]>,
    /// Parent span id; none for a root.
    pub parent_span_id: Option<[u8; 8]>,
    /// W3C trace state.
    pub trace_state: Option<&'a str>,
    /// W3C trace flags and OTLP's is-remote bits.
    pub trace_flags: Option<u32>,
    /// JSON array of `{"timestamp":ns,"name":..,"attributes":{..},"dropped_attributes_count":n}`.
    pub events: Option<&'a str>,
    /// JSON array of `{"trace_id":hex,"span_id":hex,"trace_state":..,"attributes":{..},"flags":n,..}`.
    pub links: Option<&'a str>,
    /// Protocol fields that have no column, as attribute JSON.
    pub extra: Option<&'a str>,
    /// What was cut to fit a limit.
    pub cut: Option<&'a str>,
}

/// Builds a batch of spans: per row, push the attributes, then the row.
pub struct SpansBuilder {
    common: CommonBuilder,
    duration_ns: Int64Builder,
    name: StringViewBuilder,
    kind: StringViewBuilder,
    status_code: StringViewBuilder,
    status_message: StringViewBuilder,
    trace_id: FixedSizeBinaryBuilder,
    span_id: FixedSizeBinaryBuilder,
    parent_span_id: FixedSizeBinaryBuilder,
    trace_state: StringViewBuilder,
    trace_flags: UInt32Builder,
    events: StringViewBuilder,
    links: StringViewBuilder,
}

impl SpansBuilder {
    /// An empty batch.
    pub fn new(context: Context) -> Self {
        Self {
            common: CommonBuilder::new(Table::Spans, context),
            duration_ns: Int64Builder::new(),
            name: StringViewBuilder::new().with_deduplicate_strings(),
            kind: StringViewBuilder::new(),
            status_code: StringViewBuilder::new(),
            status_message: StringViewBuilder::new(),
            trace_id: FixedSizeBinaryBuilder::new(16),
            span_id: FixedSizeBinaryBuilder::new(8),
            parent_span_id: FixedSizeBinaryBuilder::new(8),
            trace_state: StringViewBuilder::new(),
            trace_flags: UInt32Builder::new(),
            events: StringViewBuilder::new(),
            links: StringViewBuilder::new(),
        }
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.common.rows
    }

    /// Whether there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets what the rows that follow share.
    pub fn set_origin(&mut self, origin: Origin) {
        self.common.set_origin(origin);
    }

    /// Attributes of the row that [`SpansBuilder::push`] closes next.
    pub fn attributes(&mut self) -> &mut AttributesBuilder {
        &mut self.common.attributes
    }

    /// Closes a row.
    pub fn push(&mut self, row: &SpanRow<'_>) {
        self.duration_ns.append_value(row.duration_ns);
        self.name.append_option(row.name);
        self.kind.append_value(row.kind);
        self.status_code.append_value(row.status_code);
        self.status_message.append_option(row.status_message);
        append_id(&mut self.trace_id, row.trace_id);
        append_id(&mut self.span_id, row.span_id);
        append_id(&mut self.parent_span_id, row.parent_span_id);
        self.trace_state.append_option(row.trace_state);
        self.trace_flags.append_option(row.trace_flags);
        self.events.append_option(row.events);
        self.links.append_option(row.links);
        self.common.end_row(row.timestamp, row.extra, row.cut);
    }

    /// The batch; the builder is empty afterwards and keeps context and origin.
    pub fn finish(&mut self) -> Result<EventBatch, ArrowError> {
        self.common.finish(vec![
            Arc::new(self.duration_ns.finish()),
            Arc::new(self.name.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.status_code.finish()),
            Arc::new(self.status_message.finish()),
            Arc::new(self.trace_id.finish()),
            Arc::new(self.span_id.finish()),
            Arc::new(self.parent_span_id.finish()),
            Arc::new(self.trace_state.finish()),
            Arc::new(self.trace_flags.finish()),
            Arc::new(self.events.finish()),
            Arc::new(self.links.finish()),
        ])
    }
}
