//! What metrics must become, read off the message field by field.

use crate::RECEIVED;
use crate::oracle::{Members, Shared, finish, ids, list, members, put, put_unless_zero, saturated, shared};
use crate::table::{Row, double};
use model::Value;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::*;

pub fn metrics(request: &ExportMetricsServiceRequest) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in &request.resource_metrics {
        for scope in &group.scope_metrics {
            let shared = shared(group.resource.as_ref(), &group.schema_url, scope.scope.as_ref(), &scope.schema_url);
            scope.metrics.iter().for_each(|one| metric(one, &shared, &mut rows));
        }
    }
    rows
}

fn metric(metric: &Metric, shared: &Shared, rows: &mut Vec<Row>) {
    let (mut row, mut extra) = (shared.row.clone(), shared.extra.clone());
    put(&mut row, "name", &metric.name);
    put(&mut row, "description", &metric.description);
    put(&mut row, "unit", &metric.unit);
    if !metric.metadata.is_empty() {
        extra.push(("metadata".to_owned(), Value::Map(members(&metric.metadata))));
    }
    let mut temporality = |row: &mut Row, number: i32| {
        let name = match number {
            1 => "delta",
            2 => "cumulative",
            _ => "unspecified",
        };
        put(row, "temporality", name);
        if !(0..=2).contains(&number) {
            extra.push(("unknown_temporality".to_owned(), Value::Int(number.into())));
        }
    };
    match &metric.data {
        None => {}
        Some(Data::Gauge(gauge)) => {
            put(&mut row, "kind", "gauge");
            rows.extend(gauge.data_points.iter().map(|point| number(point, row.clone(), &extra)));
        }
        Some(Data::Sum(sum)) => {
            put(&mut row, "kind", "sum");
            put(&mut row, "is_monotonic", sum.is_monotonic);
            temporality(&mut row, sum.aggregation_temporality);
            rows.extend(sum.data_points.iter().map(|point| number(point, row.clone(), &extra)));
        }
        Some(Data::Histogram(data)) => {
            put(&mut row, "kind", "histogram");
            temporality(&mut row, data.aggregation_temporality);
            rows.extend(data.data_points.iter().map(|point| histogram(point, row.clone(), &extra)));
        }
        Some(Data::ExponentialHistogram(data)) => {
            put(&mut row, "kind", "exponential_histogram");
            temporality(&mut row, data.aggregation_temporality);
            rows.extend(data.data_points.iter().map(|point| exponential(point, row.clone(), &extra)));
        }
        Some(Data::Summary(data)) => {
            put(&mut row, "kind", "summary");
            rows.extend(data.data_points.iter().map(|point| summary(point, row.clone(), &extra)));
        }
    }
}

/// What all kinds of points have.
struct Point<'a> {
    attributes: &'a [KeyValue],
    start: u64,
    time: u64,
    flags: u32,
}

fn point(mut row: Row, point: Point<'_>, extra: &Members) -> Row {
    if point.start != 0 {
        put(&mut row, "start_timestamp", saturated(point.start));
    }
    put_unless_zero(&mut row, "flags", point.flags);
    let time = if point.time == 0 { RECEIVED } else { saturated(point.time) };
    finish(row, time, point.attributes, extra.clone())
}

fn put_double(row: &mut Row, column: &str, number: Option<f64>) {
    if let Some(number) = number {
        put(row, column, double(number));
    }
}

fn put_list<T>(row: &mut Row, column: &str, items: &[T], text: impl Fn(&T) -> String) {
    row.insert(column.to_owned(), items.iter().map(text).collect::<Vec<_>>().join(","));
}

fn exemplars(row: &mut Row, exemplars: &[Exemplar]) {
    let objects = exemplars.iter().map(|exemplar| {
        let mut object = Members::new();
        if exemplar.time_unix_nano != 0 {
            object.push(("timestamp".to_owned(), Value::Int(saturated(exemplar.time_unix_nano))));
        }
        match exemplar.value {
            None => {}
            Some(exemplar::Value::AsDouble(double)) => object.push(("value".to_owned(), Value::Double(double))),
            Some(exemplar::Value::AsInt(int)) => object.push(("value".to_owned(), Value::Int(int))),
        }
        ids(&mut object, &exemplar.trace_id, &exemplar.span_id);
        if !exemplar.filtered_attributes.is_empty() {
            object.push(("attributes".to_owned(), Value::Map(members(&exemplar.filtered_attributes))));
        }
        object
    });
    put(row, "exemplars", list(objects));
}

fn number(data: &NumberDataPoint, mut row: Row, extra: &Members) -> Row {
    match data.value {
        None => {}
        Some(number_data_point::Value::AsDouble(number)) => put_double(&mut row, "value", Some(number)),
        Some(number_data_point::Value::AsInt(int)) => {
            put(&mut row, "value_int", int);
            put_double(&mut row, "value", Some(int as f64));
        }
    }
    exemplars(&mut row, &data.exemplars);
    let (start, time) = (data.start_time_unix_nano, data.time_unix_nano);
    point(row, Point { attributes: &data.attributes, start, time, flags: data.flags }, extra)
}

fn histogram(data: &HistogramDataPoint, mut row: Row, extra: &Members) -> Row {
    put(&mut row, "count", data.count);
    put_double(&mut row, "sum", data.sum);
    put_double(&mut row, "min", data.min);
    put_double(&mut row, "max", data.max);
    put_list(&mut row, "buckets", &data.bucket_counts, u64::to_string);
    put_list(&mut row, "bounds", &data.explicit_bounds, |bound| double(*bound));
    exemplars(&mut row, &data.exemplars);
    let (start, time) = (data.start_time_unix_nano, data.time_unix_nano);
    point(row, Point { attributes: &data.attributes, start, time, flags: data.flags }, extra)
}

fn exponential(data: &ExponentialHistogramDataPoint, mut row: Row, extra: &Members) -> Row {
    put(&mut row, "count", data.count);
    put_double(&mut row, "sum", data.sum);
    put_double(&mut row, "min", data.min);
    put_double(&mut row, "max", data.max);
    put(&mut row, "scale", data.scale);
    put(&mut row, "zero_count", data.zero_count);
    put_double(&mut row, "zero_threshold", Some(data.zero_threshold).filter(|width| *width != 0.0));
    if let Some(buckets) = &data.positive {
        put(&mut row, "positive_offset", buckets.offset);
        put_list(&mut row, "buckets", &buckets.bucket_counts, u64::to_string);
    }
    if let Some(buckets) = &data.negative {
        put(&mut row, "negative_offset", buckets.offset);
        put_list(&mut row, "negative_buckets", &buckets.bucket_counts, u64::to_string);
    }
    exemplars(&mut row, &data.exemplars);
    let (start, time) = (data.start_time_unix_nano, data.time_unix_nano);
    point(row, Point { attributes: &data.attributes, start, time, flags: data.flags }, extra)
}

fn summary(data: &SummaryDataPoint, mut row: Row, extra: &Members) -> Row {
    put(&mut row, "count", data.count);
    put_double(&mut row, "sum", Some(data.sum));
    let quantiles = data.quantile_values.iter().map(|one| {
        let double = |name: &str, number: f64| (name.to_owned(), Value::Double(number));
        vec![double("quantile", one.quantile), double("value", one.value)]
    });
    put(&mut row, "quantiles", list(quantiles));
    let (start, time) = (data.start_time_unix_nano, data.time_unix_nano);
    point(row, Point { attributes: &data.attributes, start, time, flags: data.flags }, extra)
}
