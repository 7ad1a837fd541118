//! Puts numbers into rows of the metrics table.

use model::metrics::{MetricRow, MetricsBuilder};
use model::{EventBatch, ValueRef};

/// What kind of number a metric is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only grows until the thing counted starts anew.
    Counter,
    /// A sum that may fall, such as bytes in use.
    UpDown,
    /// A value of this moment.
    Gauge,
}

/// A metric without its points.
pub(crate) struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub unit: &'static str,
    pub description: &'static str,
}

/// A number as it was measured.
#[derive(Clone, Copy)]
pub(crate) enum Number {
    Int(u64),
    Float(f64),
}

/// The points of one sample.
pub(crate) struct Points {
    builder: MetricsBuilder,
    now: i64,
    boot: Option<i64>,
}

impl Points {
    /// `boot` is when the machine's counters started.
    pub fn new(builder: MetricsBuilder, now: i64, boot: Option<i64>) -> Self {
        Self { builder, now, boot }
    }

    /// Adds a point whose counter started with the machine.
    pub fn add(&mut self, metric: &Metric, attributes: &[(&str, ValueRef<'_>)], number: Number) {
        self.add_since(metric, attributes, number, self.boot);
    }

    /// Adds a point whose counter started at `start`.
    pub fn add_since(
        &mut self,
        metric: &Metric,
        attributes: &[(&str, ValueRef<'_>)],
        number: Number,
        start: Option<i64>,
    ) {
        let (value, value_int) = match number {
            // More than 2^63 is no count of anything here; the float keeps it all the same.
            Number::Int(int) => (int as f64, i64::try_from(int).ok()),
            Number::Float(float) => (float, None),
        };
        if !value.is_finite() {
            return;
        }
        for (key, value) in attributes {
            self.builder.attributes().push(key, *value);
        }
        let sum = metric.kind != Kind::Gauge;
        self.builder.push(&MetricRow {
            timestamp: self.now,
            start_timestamp: if sum { start } else { None },
            name: Some(metric.name),
            kind: if sum { "sum" } else { "gauge" },
            unit: Some(metric.unit),
            description: Some(metric.description),
            temporality: sum.then_some("cumulative"),
            is_monotonic: sum.then_some(metric.kind == Kind::Counter),
            value: Some(value),
            value_int,
            ..MetricRow::default()
        });
    }

    pub fn now(&self) -> i64 {
        self.now
    }

    pub fn boot(&self) -> Option<i64> {
        self.boot
    }

    pub fn finish(mut self) -> anyhow::Result<EventBatch> {
        Ok(self.builder.finish()?)
    }
}

/// `part` of `whole`, from 0 to 1; none of nothing.
pub(crate) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
