//! Log records.

use crate::attributes::AttributesBuilder;
use crate::batch::{CommonBuilder, Context, EventBatch, Origin};
use crate::columns::{Table, name, optional, timestamp};
use arrow_array::builder::{
    FixedSizeBinaryBuilder, Int32Builder, StringViewBuilder, TimestampNanosecondBuilder, UInt32Builder,
};
use arrow_schema::{ArrowError, DataType, FieldRef};
use std::sync::Arc;

pub(crate) fn fields() -> Vec<FieldRef> {
    vec![
        optional("observed_timestamp", timestamp()),
        optional("severity_number", DataType::Int32),
        optional("severity_text", DataType::Utf8View),
        optional(name::BODY, DataType::Utf8View),
        optional("body_type", DataType::Utf8View),
        optional(name::TRACE_ID, DataType::FixedSizeBinary(16)),
        optional(name::SPAN_ID, DataType::FixedSizeBinary(8)),
        optional("trace_flags", DataType::UInt32),
        optional("event_name", DataType::Utf8View),
    ]
}

/// One log record without what it shares with others and without its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRow<'a> {
    /// The event's time; receivers put the observed or received time when there is none.
    pub timestamp: i64,
    /// When the collection system saw it.
    pub observed_timestamp: Option<i64>,
    /// 1 to 24.
    pub severity_number: Option<i32>,
    /// As the source spells it.
    pub severity_text: Option<&'a str>,
    /// Text, or attribute JSON when `body_type` is set.
    pub body: Option<&'a str>,
    /// `int`, `double`, `bool`, `bytes`, `array` or `map`; none for text.
    pub body_type: Option<&'a str>,
    /// Trace the record belongs to.
    pub trace_id: Option<[u8; 16]>,
    /// Span the record belongs to.
    pub span_id: Option<[u8; 8]>,
    /// W3C trace flags.
    pub trace_flags: Option<u32>,
    /// Name of the event.
    pub event_name: Option<&'a str>,
    /// Protocol fields that have no column, as attribute JSON.
    pub extra: Option<&'a str>,
    /// What was cut to fit a limit.
    pub cut: Option<&'a str>,
}

/// Builds a batch of log records: per row, push the attributes, then the row.
pub struct LogsBuilder {
    common: CommonBuilder,
    observed_timestamp: TimestampNanosecondBuilder,
    severity_number: Int32Builder,
    severity_text: StringViewBuilder,
    body: StringViewBuilder,
    body_type: StringViewBuilder,
    trace_id: FixedSizeBinaryBuilder,
    span_id: FixedSizeBinaryBuilder,
    trace_flags: UInt32Builder,
    event_name: StringViewBuilder,
}

impl LogsBuilder {
    /// An empty batch.
    pub fn new(context: Context) -> Self {
        Self {
            common: CommonBuilder::new(Table::Logs, context),
            observed_timestamp: TimestampNanosecondBuilder::new().with_timezone("+00:00"),
            severity_number: Int32Builder::new(),
            severity_text: StringViewBuilder::new().with_deduplicate_strings(),
            body: StringViewBuilder::new(),
            body_type: StringViewBuilder::new(),
            trace_id: FixedSizeBinaryBuilder::new(16),
            span_id: FixedSizeBinaryBuilder::new(8),
            trace_flags: UInt32Builder::new(),
            event_name: StringViewBuilder::new().with_deduplicate_strings(),
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

    /// Attributes of the row that [`LogsBuilder::push`] closes next.
    pub fn attributes(&mut self) -> &mut AttributesBuilder {
        &mut self.common.attributes
    }

    /// Closes a row.
    pub fn push(&mut self, row: &LogRow<'_>) {
        self.observed_timestamp.append_option(row.observed_timestamp);
        self.severity_number.append_option(row.severity_number);
        self.severity_text.append_option(row.severity_text);
        self.body.append_option(row.body);
        self.body_type.append_option(row.body_type);
        append_id(&mut self.trace_id, row.trace_id);
        append_id(&mut self.span_id, row.span_id);
        self.trace_flags.append_option(row.trace_flags);
        self.event_name.append_option(row.event_name);
        self.common.end_row(row.timestamp, row.extra, row.cut);
    }

    /// The batch; the builder is empty afterwards and keeps context and origin.
    pub fn finish(&mut self) -> Result<EventBatch, ArrowError> {
        self.common.finish(vec![
            Arc::new(self.observed_timestamp.finish()),
            Arc::new(self.severity_number.finish()),
            Arc::new(self.severity_text.finish()),
            Arc::new(self.body.finish()),
            Arc::new(self.body_type.finish()),
            Arc::new(self.trace_id.finish()),
            Arc::new(self.span_id.finish()),
            Arc::new(self.trace_flags.finish()),
            Arc::new(self.event_name.finish()),
        ])
    }
}

pub(crate) fn append_id<const N: usize>(builder: &mut FixedSizeBinaryBuilder, id: Option<[u8; N]>) {
    match id {
        // The width is the builder's own, so this cannot fail.
        Some(id) => builder.append_value(id).unwrap_or_default(),
        None => builder.append_null(),
    }
}
