//! The three tables and their columns: a promise. Columns may be added, never retyped.
//!
//! A batch and a file hold the *stored* columns: the fixed ones of [`Table::stored_fields`], then one
//! typed column `attributes.<key>` for each frequent attribute key, while `attributes` holds the rest
//! as [attribute JSON](crate::json). SQL shows the *logical* columns of [`Table::logical_fields`]:
//! ids as hex text, and `attributes` whole.

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Prefix of the typed attribute columns.
pub const ATTRIBUTE_PREFIX: &str = "attributes.";

/// Names of the columns that code refers to.
pub mod name {
    /// Id given when the event was first made durable.
    pub const EVENT_ID: &str = "event_id";
    /// The event's own time (start time for spans).
    pub const TIMESTAMP: &str = "timestamp";
    /// What `timestamp` was before it was replaced, see the clock-skew limits.
    pub const ORIGINAL_TIMESTAMP: &str = "original_timestamp";
    /// When it was received.
    pub const RECEIVED_TIMESTAMP: &str = "received_timestamp";
    /// Stamped from the token it came in with.
    pub const DATASET: &str = "dataset";
    /// The kind of door it came in by, for example `otlp` or `syslog`.
    pub const SOURCE: &str = "source";
    /// `service.name` of the resource.
    pub const SERVICE_NAME: &str = "service_name";
    /// Log text.
    pub const BODY: &str = "body";
    /// Span and metric name.
    pub const NAME: &str = "name";
    /// Trace id, 16 bytes; hex text in SQL.
    pub const TRACE_ID: &str = "trace_id";
    /// Span id, 8 bytes; hex text in SQL.
    pub const SPAN_ID: &str = "span_id";
    /// Parent span id, 8 bytes; hex text in SQL.
    pub const PARENT_SPAN_ID: &str = "parent_span_id";
    /// Attributes of the record.
    pub const ATTRIBUTES: &str = "attributes";
    /// Attributes of the resource.
    pub const RESOURCE_ATTRIBUTES: &str = "resource_attributes";
    /// Attributes of the instrumentation scope.
    pub const SCOPE_ATTRIBUTES: &str = "scope_attributes";
}

/// A table of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Log records.
    Logs,
    /// Spans.
    Spans,
    /// Metric points.
    Metrics,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 3] = [Table::Logs, Table::Spans, Table::Metrics];

    /// The name in SQL and on disk.
    pub fn name(self) -> &'static str {
        match self {
            Table::Logs => "logs",
            Table::Spans => "spans",
            Table::Metrics => "metrics",
        }
    }

    /// The table called `name`.
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The column that a bare word of the search language looks at.
    pub fn text_column(self) -> &'static str {
        match self {
            Table::Logs => name::BODY,
            Table::Spans | Table::Metrics => name::NAME,
        }
    }

    /// The fixed columns as stored, `event_id` first.
    pub fn stored_fields(self) -> Vec<FieldRef> {
        let mut fields = vec![
            required(name::EVENT_ID, DataType::UInt64),
            required(name::TIMESTAMP, timestamp()),
            optional(name::ORIGINAL_TIMESTAMP, timestamp()),
            required(name::RECEIVED_TIMESTAMP, timestamp()),
            required(name::DATASET, DataType::Utf8View),
            required(name::SOURCE, DataType::Utf8View),
            optional(name::SERVICE_NAME, DataType::Utf8View),
        ];
        fields.extend(match self {
            Table::Logs => crate::logs::fields(),
            Table::Spans => crate::spans::fields(),
            Table::Metrics => crate::metrics::fields(),
        });
        fields.extend([
            optional("scope_name", DataType::Utf8View),
            optional("scope_version", DataType::Utf8View),
            optional(name::SCOPE_ATTRIBUTES, DataType::Utf8View),
            optional(name::RESOURCE_ATTRIBUTES, DataType::Utf8View),
            optional("extra", DataType::Utf8View),
            optional("cut", DataType::Utf8View),
            optional(name::ATTRIBUTES, DataType::Utf8View),
        ]);
        fields
    }

    /// The columns that SQL shows.
    pub fn logical_fields(self) -> Vec<FieldRef> {
        let hex = |field: FieldRef| match field.data_type() {
            DataType::FixedSizeBinary(_) => optional(field.name(), DataType::Utf8View),
            _ => field,
        };
        self.stored_fields().into_iter().map(hex).collect()
    }

    /// The schema that SQL shows.
    pub fn logical_schema(self) -> SchemaRef {
        Arc::new(Schema::new(self.logical_fields()))
    }
}

/// Nanoseconds since 1970 in UTC.
pub fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("+00:00".into()))
}

/// A list column.
pub fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

pub(crate) fn required(name: &str, kind: DataType) -> FieldRef {
    Arc::new(Field::new(name, kind, false))
}

pub(crate) fn optional(name: &str, kind: DataType) -> FieldRef {
    Arc::new(Field::new(name, kind, true))
}
