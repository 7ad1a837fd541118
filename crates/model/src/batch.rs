//! A batch of events of one table, in columns, on its way from a receiver into the store.

use crate::attributes::AttributesBuilder;
use crate::columns::Table;
use arrow_array::builder::{StringViewBuilder, TimestampNanosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, Schema};
use std::sync::Arc;

/// Events of one table that become durable together: the stored columns without `event_id`.
#[derive(Clone, Debug)]
pub struct EventBatch {
    /// The table they belong to.
    pub table: Table,
    /// The columns of [`Table::stored_fields`] without `event_id`, then the typed attributes.
    pub rows: RecordBatch,
}

impl EventBatch {
    /// Number of events.
    pub fn len(&self) -> usize {
        self.rows.num_rows()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the receiver knows about a whole request.
#[derive(Clone, Debug)]
pub struct Context {
    /// Stamped from the token; `default` otherwise.
    pub dataset: String,
    /// The door: `otlp`, `syslog`, `elasticsearch`, `json`, `file`, `journal`, `host`, `tandem`.
    pub source: String,
    /// Time of receipt, nanoseconds since 1970.
    pub received: i64,
    /// Events older than this (retention) get the receipt's time.
    pub oldest: i64,
}

impl Context {
    /// A context without an age limit.
    pub fn new(dataset: impl Into<String>, source: impl Into<String>, received: i64) -> Self {
        Self { dataset: dataset.into(), source: source.into(), received, oldest: i64::MIN }
    }

    /// The timestamp to keep, and the original when it had to be replaced.
    pub fn place(&self, timestamp: i64) -> (i64, Option<i64>) {
        let latest = self.received.saturating_add(crate::limits::MAX_AHEAD_NANOS);
        if timestamp < self.oldest || timestamp > latest { (self.received, Some(timestamp)) } else { (timestamp, None) }
    }
}

/// What records share: set once, repeated for the rows that follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// `service.name`.
    pub service_name: Option<String>,
    /// Resource attributes as attribute JSON.
    pub resource_attributes: Option<String>,
    /// Scope name.
    pub scope_name: Option<String>,
    /// Scope version.
    pub scope_version: Option<String>,
    /// Scope attributes as attribute JSON.
    pub scope_attributes: Option<String>,
}

/// Columns that all three tables have; the builders of the tables embed it.
pub(crate) struct CommonBuilder {
    table: Table,
    context: Context,
    origin: Origin,
    pub(crate) attributes: AttributesBuilder,
    timestamp: TimestampNanosecondBuilder,
    original_timestamp: TimestampNanosecondBuilder,
    dataset: StringViewBuilder,
    source: StringViewBuilder,
    service_name: StringViewBuilder,
    scope_name: StringViewBuilder,
    scope_version: StringViewBuilder,
    scope_attributes: StringViewBuilder,
    resource_attributes: StringViewBuilder,
    extra: StringViewBuilder,
    cut: StringViewBuilder,
    pub(crate) rows: usize,
}

/// For texts that many rows have in common: each is kept once, however many rows have it.
fn repeated() -> StringViewBuilder {
    StringViewBuilder::new().with_deduplicate_strings()
}

fn timestamps() -> TimestampNanosecondBuilder {
    TimestampNanosecondBuilder::new().with_timezone("+00:00")
}

impl CommonBuilder {
    pub(crate) fn new(table: Table, context: Context) -> Self {
        Self {
            table,
            context,
            origin: Origin::default(),
            attributes: AttributesBuilder::default(),
            timestamp: timestamps(),
            original_timestamp: timestamps(),
            dataset: repeated(),
            source: repeated(),
            service_name: repeated(),
            scope_name: repeated(),
            scope_version: repeated(),
            scope_attributes: repeated(),
            resource_attributes: repeated(),
            extra: repeated(),
            cut: repeated(),
            rows: 0,
        }
    }

    pub(crate) fn set_origin(&mut self, origin: Origin) {
        self.origin = origin;
    }

    pub(crate) fn end_row(&mut self, timestamp: i64, extra: Option<&str>, cut: Option<&str>) {
        let (kept, original) = self.context.place(timestamp);
        self.timestamp.append_value(kept);
        self.original_timestamp.append_option(original);
        self.dataset.append_value(&self.context.dataset);
        self.source.append_value(&self.context.source);
        self.service_name.append_option(self.origin.service_name.as_deref());
        self.scope_name.append_option(self.origin.scope_name.as_deref());
        self.scope_version.append_option(self.origin.scope_version.as_deref());
        self.scope_attributes.append_option(self.origin.scope_attributes.as_deref());
        self.resource_attributes.append_option(self.origin.resource_attributes.as_deref());
        self.extra.append_option(extra);
        match self.attributes.end_row() {
            0 => self.cut.append_option(cut),
            _ => match cut {
                None => self.cut.append_value("attributes:duplicate"),
                Some(cut) => self.cut.append_value(format!("{cut} attributes:duplicate")),
            },
        }
        self.rows += 1;
    }

    /// `own` are the table's own columns, in the order of its `fields()`.
    pub(crate) fn finish(&mut self, own: Vec<ArrayRef>) -> Result<EventBatch, ArrowError> {
        let received =
            arrow_array::TimestampNanosecondArray::from_value(self.context.received, self.rows).with_timezone("+00:00");
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.timestamp.finish()),
            Arc::new(self.original_timestamp.finish()),
            Arc::new(received),
            Arc::new(self.dataset.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.service_name.finish()),
        ];
        columns.extend(own);
        let (rest, typed) = self.attributes.finish();
        columns.extend([
            Arc::new(self.scope_name.finish()) as ArrayRef,
            Arc::new(self.scope_version.finish()),
            Arc::new(self.scope_attributes.finish()),
            Arc::new(self.resource_attributes.finish()),
            Arc::new(self.extra.finish()),
            Arc::new(self.cut.finish()),
            rest,
        ]);
        let mut fields = self.table.stored_fields();
        fields.remove(0);
        for (field, array) in typed {
            fields.push(field);
            columns.push(array);
        }
        self.rows = 0;
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        Ok(EventBatch { table: self.table, rows })
    }
}
