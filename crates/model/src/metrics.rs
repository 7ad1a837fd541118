//! Metric points.

use crate::attributes::AttributesBuilder;
use crate::batch::{CommonBuilder, Context, EventBatch, Origin};
use crate::columns::{Table, list, name, optional, required, timestamp};
use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringViewBuilder,
    TimestampNanosecondBuilder, UInt32Builder, UInt64Builder,
};
use arrow_schema::{ArrowError, DataType, FieldRef};
use std::sync::Arc;

pub(crate) fn fields() -> Vec<FieldRef> {
    vec![
        optional("start_timestamp", timestamp()),
        optional(name::NAME, DataType::Utf8View),
        required("kind", DataType::Utf8View),
        optional("unit", DataType::Utf8View),
        optional("description", DataType::Utf8View),
        optional("temporality", DataType::Utf8View),
        optional("is_monotonic", DataType::Boolean),
        optional("value", DataType::Float64),
        optional("value_int", DataType::Int64),
        optional("count", DataType::UInt64),
        optional("sum", DataType::Float64),
        optional("min", DataType::Float64),
        optional("max", DataType::Float64),
        optional("bounds", list(DataType::Float64)),
        optional("buckets", list(DataType::UInt64)),
        optional("scale", DataType::Int32),
        optional("zero_count", DataType::UInt64),
        optional("zero_threshold", DataType::Float64),
        optional("positive_offset", DataType::Int32),
        optional("negative_offset", DataType::Int32),
        optional("negative_buckets", list(DataType::UInt64)),
        optional("quantiles", DataType::Utf8View),
        optional("exemplars", DataType::Utf8View),
        optional("flags", DataType::UInt32),
    ]
}

/// One metric point without what it shares with others and without its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricRow<'a> {
    /// The point's time.
    pub timestamp: i64,
    /// Start of the interval the point covers.
    pub start_timestamp: Option<i64>,
    /// Metric name.
    pub name: Option<&'a str>,
    /// `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`.
    pub kind: &'a str,
    /// UCUM unit.
    pub unit: Option<&'a str>,
    /// Description.
    pub description: Option<&'a str>,
    /// `unspecified`, `delta` or `cumulative`; none where the kind has none.
    pub temporality: Option<&'a str>,
    /// For sums.
    pub is_monotonic: Option<bool>,
    /// Value of a gauge or sum.
    pub value: Option<f64>,
    /// The same value when the point was an integer, exact beyond 2^53.
    pub value_int: Option<i64>,
    /// Observations.
    pub count: Option<u64>,
    /// Sum of the observations.
    pub sum: Option<f64>,
    /// Least observation.
    pub min: Option<f64>,
    /// Greatest observation.
    pub max: Option<f64>,
    /// Upper bounds of an explicit histogram.
    pub bounds: Option<&'a [f64]>,
    /// Counts per bucket: explicit, or the positive ones of an exponential histogram.
    pub buckets: Option<&'a [u64]>,
    /// Scale of an exponential histogram.
    pub scale: Option<i32>,
    /// Observations in the zero bucket.
    pub zero_count: Option<u64>,
    /// Width of the zero bucket.
    pub zero_threshold: Option<f64>,
    /// Index of the first positive bucket.
    pub positive_offset: Option<i32>,
    /// Index of the first negative bucket.
    pub negative_offset: Option<i32>,
    /// Negative buckets of an exponential histogram.
    pub negative_buckets: Option<&'a [u64]>,
    /// JSON array of `{"quantile":q,"value":v}` of a summary.
    pub quantiles: Option<&'a str>,
    /// JSON array of exemplars: `{"timestamp":ns,"value":v,"trace_id":hex,"span_id":hex,"attributes":{..}}`.
    pub exemplars: Option<&'a str>,
    /// Data point flags.
    pub flags: Option<u32>,
    /// Protocol fields that have no column, as attribute JSON.
    pub extra: Option<&'a str>,
    /// What was cut to fit a limit.
    pub cut: Option<&'a str>,
}

/// Builds a batch of metric points: per row, push the attributes, then the row.
pub struct MetricsBuilder {
    common: CommonBuilder,
    start_timestamp: TimestampNanosecondBuilder,
    name: StringViewBuilder,
    kind: StringViewBuilder,
    unit: StringViewBuilder,
    description: StringViewBuilder,
    temporality: StringViewBuilder,
    is_monotonic: BooleanBuilder,
    value: Float64Builder,
    value_int: Int64Builder,
    count: UInt64Builder,
    sum: Float64Builder,
    min: Float64Builder,
    max: Float64Builder,
    bounds: ListBuilder<Float64Builder>,
    buckets: ListBuilder<UInt64Builder>,
    scale: Int32Builder,
    zero_count: UInt64Builder,
    zero_threshold: Float64Builder,
    positive_offset: Int32Builder,
    negative_offset: Int32Builder,
    negative_buckets: ListBuilder<UInt64Builder>,
    quantiles: StringViewBuilder,
    exemplars: StringViewBuilder,
    flags: UInt32Builder,
}

impl MetricsBuilder {
    /// An empty batch.
    pub fn new(context: Context) -> Self {
        let repeated = || StringViewBuilder::new().with_deduplicate_strings();
        Self {
            common: CommonBuilder::new(Table::Metrics, context),
            start_timestamp: TimestampNanosecondBuilder::new().with_timezone("+00:00"),
            name: repeated(),
            kind: repeated(),
            unit: repeated(),
            description: repeated(),
            temporality: StringViewBuilder::new(),
            is_monotonic: BooleanBuilder::new(),
            value: Float64Builder::new(),
            value_int: Int64Builder::new(),
            count: UInt64Builder::new(),
            sum: Float64Builder::new(),
            min: Float64Builder::new(),
            max: Float64Builder::new(),
            bounds: ListBuilder::new(Float64Builder::new()),
            buckets: ListBuilder::new(UInt64Builder::new()),
            scale: Int32Builder::new(),
            zero_count: UInt64Builder::new(),
            zero_threshold: Float64Builder::new(),
            positive_offset: Int32Builder::new(),
            negative_offset: Int32Builder::new(),
            negative_buckets: ListBuilder::new(UInt64Builder::new()),
            quantiles: StringViewBuilder::new(),
            exemplars: StringViewBuilder::new(),
            flags: UInt32Builder::new(),
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

    /// Attributes of the row that [`MetricsBuilder::push`] closes next.
    pub fn attributes(&mut self) -> &mut AttributesBuilder {
        &mut self.common.attributes
    }

    /// Closes a row.
    pub fn push(&mut self, row: &MetricRow<'_>) {
        self.start_timestamp.append_option(row.start_timestamp);
        self.name.append_option(row.name);
        self.kind.append_value(row.kind);
        self.unit.append_option(row.unit);
        self.description.append_option(row.description);
        self.temporality.append_option(row.temporality);
        self.is_monotonic.append_option(row.is_monotonic);
        self.value.append_option(row.value);
        self.value_int.append_option(row.value_int);
        self.count.append_option(row.count);
        self.sum.append_option(row.sum);
        self.min.append_option(row.min);
        self.max.append_option(row.max);
        self.bounds.append_option(row.bounds.map(|list| list.iter().copied().map(Some)));
        self.buckets.append_option(row.buckets.map(|list| list.iter().copied().map(Some)));
        self.scale.append_option(row.scale);
        self.zero_count.append_option(row.zero_count);
        self.zero_threshold.append_option(row.zero_threshold);
        self.positive_offset.append_option(row.positive_offset);
        self.negative_offset.append_option(row.negative_offset);
        self.negative_buckets.append_option(row.negative_buckets.map(|list| list.iter().copied().map(Some)));
        self.quantiles.append_option(row.quantiles);
        self.exemplars.append_option(row.exemplars);
        self.flags.append_option(row.flags);
        self.common.end_row(row.timestamp, row.extra, row.cut);
    }

    /// The batch; the builder is empty afterwards and keeps context and origin.
    pub fn finish(&mut self) -> Result<EventBatch, ArrowError> {
        self.common.finish(vec![
            Arc::new(self.start_timestamp.finish()),
            Arc::new(self.name.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.unit.finish()),
            Arc::new(self.description.finish()),
            Arc::new(self.temporality.finish()),
            Arc::new(self.is_monotonic.finish()),
            Arc::new(self.value.finish()),
            Arc::new(self.value_int.finish()),
            Arc::new(self.count.finish()),
            Arc::new(self.sum.finish()),
            Arc::new(self.min.finish()),
            Arc::new(self.max.finish()),
            Arc::new(self.bounds.finish()),
            Arc::new(self.buckets.finish()),
            Arc::new(self.scale.finish()),
            Arc::new(self.zero_count.finish()),
            Arc::new(self.zero_threshold.finish()),
            Arc::new(self.positive_offset.finish()),
            Arc::new(self.negative_offset.finish()),
            Arc::new(self.negative_buckets.finish()),
            Arc::new(self.quantiles.finish()),
            Arc::new(self.exemplars.finish()),
            Arc::new(self.flags.finish()),
        ])
    }
}
