//! Requests with every field of the protocol.

use crate::RECEIVED;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::*;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::HashSet;

/// Doubles that JSON has no number for, by numbers that stand for them in a generated message.
pub const STAND_INS: [(f64, f64, &str); 3] = [
    (1.234_567_890_123e-200, f64::NAN, "NaN"),
    (1.234_567_890_124e-200, f64::INFINITY, "Infinity"),
    (1.234_567_890_125e-200, f64::NEG_INFINITY, "-Infinity"),
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just(String::new()), 4 => "[a-z.]{1,8}", 2 => ".{0,12}", 1 => "[\\x00-\\x1f\"\\\\/\u{7f}é😀]{0,6}"]
}

fn double() -> impl Strategy<Value = f64> {
    let fixed = prop::sample::select(vec![0.0, -0.0, 1.0, -2.5, 1e300, f64::MIN_POSITIVE, 9_007_199_254_740_993.0]);
    let special = prop::sample::select(STAND_INS.map(|(stand_in, _, _)| stand_in).to_vec());
    prop_oneof![2 => fixed, 1 => special, 2 => any::<f64>(), 1 => -1e6..1e6f64]
}

fn int() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(i64::MIN), Just(i64::MAX), -1000..1000i64, any::<i64>()]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), 0..1000u64, any::<u64>()]
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()]
}

/// Known numbers of an enum, and some that are not.
fn choice() -> impl Strategy<Value = i32> {
    prop_oneof![8 => 0..7i32, 1 => any::<i32>()]
}

fn time() -> impl Strategy<Value = u64> {
    let near = RECEIVED as u64 - 10_000..RECEIVED as u64 + 10_000;
    prop_oneof![1 => Just(0), 4 => near, 1 => Just(1), 1 => Just(i64::MAX as u64), 1 => any::<u64>()]
}

fn id(length: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => Just(Vec::new()),
        6 => vec(any::<u8>(), length),
        1 => Just(vec![0; length]),
        1 => vec(any::<u8>(), 0..80),
    ]
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        1 => Just(None),
        4 => text().prop_map(|text| Some(Any::StringValue(text))),
        2 => any::<bool>().prop_map(|bool| Some(Any::BoolValue(bool))),
        3 => int().prop_map(|int| Some(Any::IntValue(int))),
        3 => double().prop_map(|double| Some(Any::DoubleValue(double))),
        1 => vec(any::<u8>(), 0..12).prop_map(|bytes| Some(Any::BytesValue(bytes))),
    ]
    .prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| Any::ArrayValue(ArrayValue { values })),
            vec(("[$a-z]{0,3}", option::weighted(0.9, inner)), 0..4)
                .prop_map(|pairs| Any::KvlistValue(KeyValueList { values: unique(pairs) })),
        ]
        .prop_map(|value| AnyValue { value: Some(value) })
    })
}

/// Keys are meant to be unique.
fn unique(pairs: Vec<(String, Option<AnyValue>)>) -> Vec<KeyValue> {
    let mut seen = HashSet::new();
    let pairs = pairs.into_iter().filter(|(key, _)| seen.insert(key.clone()));
    pairs.map(|(key, value)| KeyValue { key, value, key_strindex: 0 }).collect()
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    // Few keys, so that rows disagree about the type of one.
    let key = prop_oneof![4 => "[abc]", 1 => Just("service.name".to_owned()), 1 => text()];
    vec((key, option::weighted(0.9, value())), 0..5).prop_map(unique)
}

fn entity() -> impl Strategy<Value = EntityRef> {
    let keys = || vec(text(), 0..3);
    (text(), text(), keys(), keys()).prop_map(|(schema_url, r#type, id_keys, description_keys)| EntityRef {
        schema_url,
        r#type,
        id_keys,
        description_keys,
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    (attributes(), number(), vec(entity(), 0..2)).prop_map(|(attributes, dropped_attributes_count, entity_refs)| {
        Resource { attributes, dropped_attributes_count, entity_refs }
    })
}

fn scope() -> impl Strategy<Value = InstrumentationScope> {
    (text(), text(), attributes(), number()).prop_map(|(name, version, attributes, dropped_attributes_count)| {
        InstrumentationScope { name, version, attributes, dropped_attributes_count }
    })
}

fn record() -> impl Strategy<Value = LogRecord> {
    let severity = prop_oneof![4 => 0..26i32, 1 => any::<i32>()];
    let first = (time(), time(), severity, text(), option::of(value()));
    let second = (attributes(), number(), number(), id(16), id(8), text());
    (first, second).prop_map(|(first, second)| LogRecord {
        time_unix_nano: first.0,
        observed_time_unix_nano: first.1,
        severity_number: first.2,
        severity_text: first.3,
        body: first.4,
        attributes: second.0,
        dropped_attributes_count: second.1,
        flags: second.2,
        trace_id: second.3,
        span_id: second.4,
        event_name: second.5,
    })
}

pub fn logs() -> impl Strategy<Value = ExportLogsServiceRequest> {
    let scopes = (option::of(scope()), vec(record(), 0..4), text())
        .prop_map(|(scope, log_records, schema_url)| ScopeLogs { scope, log_records, schema_url });
    let resources = (option::of(resource()), vec(scopes, 0..3), text())
        .prop_map(|(resource, scope_logs, schema_url)| ResourceLogs { resource, scope_logs, schema_url });
    vec(resources, 0..3).prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

fn event() -> impl Strategy<Value = Event> {
    (time(), text(), attributes(), number()).prop_map(|(time_unix_nano, name, attributes, dropped_attributes_count)| {
        Event { time_unix_nano, name, attributes, dropped_attributes_count }
    })
}

fn link() -> impl Strategy<Value = Link> {
    (id(16), id(8), text(), attributes(), number(), number()).prop_map(|fields| Link {
        trace_id: fields.0,
        span_id: fields.1,
        trace_state: fields.2,
        attributes: fields.3,
        dropped_attributes_count: fields.4,
        flags: fields.5,
    })
}

fn span() -> impl Strategy<Value = Span> {
    let first = (id(16), id(8), text(), id(8), number(), text(), choice(), time(), time());
    let second = (attributes(), number(), vec(event(), 0..3), number(), vec(link(), 0..3), number());
    let status = option::of((text(), choice()).prop_map(|(message, code)| Status { message, code }));
    (first, second, status).prop_map(|(first, second, status)| Span {
        trace_id: first.0,
        span_id: first.1,
        trace_state: first.2,
        parent_span_id: first.3,
        flags: first.4,
        name: first.5,
        kind: first.6,
        start_time_unix_nano: first.7,
        end_time_unix_nano: first.8,
        attributes: second.0,
        dropped_attributes_count: second.1,
        events: second.2,
        dropped_events_count: second.3,
        links: second.4,
        dropped_links_count: second.5,
        status,
    })
}

pub fn traces() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let scopes = (option::of(scope()), vec(span(), 0..3), text()).prop_map(|(scope, spans, schema_url)| ScopeSpans {
        scope,
        spans,
        schema_url,
    });
    let resources = (option::of(resource()), vec(scopes, 0..3), text())
        .prop_map(|(resource, scope_spans, schema_url)| ResourceSpans { resource, scope_spans, schema_url });
    vec(resources, 0..3).prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

fn exemplar() -> impl Strategy<Value = Exemplar> {
    let value = prop_oneof![double().prop_map(exemplar::Value::AsDouble), int().prop_map(exemplar::Value::AsInt),];
    (attributes(), time(), id(8), id(16), option::of(value)).prop_map(|fields| Exemplar {
        filtered_attributes: fields.0,
        time_unix_nano: fields.1,
        span_id: fields.2,
        trace_id: fields.3,
        value: fields.4,
    })
}

fn number_point() -> impl Strategy<Value = NumberDataPoint> {
    let value = prop_oneof![
        double().prop_map(number_data_point::Value::AsDouble),
        int().prop_map(number_data_point::Value::AsInt),
    ];
    (attributes(), time(), time(), vec(exemplar(), 0..3), number(), option::weighted(0.9, value)).prop_map(|fields| {
        NumberDataPoint {
            attributes: fields.0,
            start_time_unix_nano: fields.1,
            time_unix_nano: fields.2,
            exemplars: fields.3,
            flags: fields.4,
            value: fields.5,
        }
    })
}

fn histogram_point() -> impl Strategy<Value = HistogramDataPoint> {
    let first = (attributes(), time(), time(), count(), vec(count(), 0..5), vec(double(), 0..5));
    let second = (vec(exemplar(), 0..2), number(), option::of(double()), option::of(double()), option::of(double()));
    (first, second).prop_map(|(first, second)| HistogramDataPoint {
        attributes: first.0,
        start_time_unix_nano: first.1,
        time_unix_nano: first.2,
        count: first.3,
        bucket_counts: first.4,
        explicit_bounds: first.5,
        exemplars: second.0,
        flags: second.1,
        sum: second.2,
        min: second.3,
        max: second.4,
    })
}

fn exponential_point() -> impl Strategy<Value = ExponentialHistogramDataPoint> {
    let buckets = || {
        option::of(
            (any::<i32>(), vec(count(), 0..5)).prop_map(|(offset, bucket_counts)| Buckets { offset, bucket_counts }),
        )
    };
    let first = (attributes(), time(), time(), count(), any::<i32>(), count(), buckets(), buckets());
    let second = (vec(exemplar(), 0..2), number(), option::of(double()), option::of(double()), option::of(double()));
    (first, second, double()).prop_map(|(first, second, zero_threshold)| ExponentialHistogramDataPoint {
        attributes: first.0,
        start_time_unix_nano: first.1,
        time_unix_nano: first.2,
        count: first.3,
        scale: first.4,
        zero_count: first.5,
        positive: first.6,
        negative: first.7,
        exemplars: second.0,
        flags: second.1,
        sum: second.2,
        min: second.3,
        max: second.4,
        zero_threshold,
    })
}

fn summary_point() -> impl Strategy<Value = SummaryDataPoint> {
    let quantile = (double(), double()).prop_map(|(quantile, value)| ValueAtQuantile { quantile, value });
    (attributes(), time(), time(), count(), double(), vec(quantile, 0..4), number()).prop_map(|fields| {
        SummaryDataPoint {
            attributes: fields.0,
            start_time_unix_nano: fields.1,
            time_unix_nano: fields.2,
            count: fields.3,
            sum: fields.4,
            quantile_values: fields.5,
            flags: fields.6,
        }
    })
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        vec(number_point(), 0..3).prop_map(|data_points| Data::Gauge(Gauge { data_points })),
        (vec(number_point(), 0..3), choice(), any::<bool>()).prop_map(
            |(data_points, aggregation_temporality, is_monotonic)| {
                Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
            }
        ),
        (vec(histogram_point(), 0..3), choice()).prop_map(|(data_points, aggregation_temporality)| {
            Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exponential_point(), 0..3), choice()).prop_map(|(data_points, aggregation_temporality)| {
            Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary_point(), 0..3).prop_map(|data_points| Data::Summary(Summary { data_points })),
    ]
}

pub fn metrics() -> impl Strategy<Value = ExportMetricsServiceRequest> {
    let metric = (text(), text(), text(), attributes(), option::weighted(0.95, data())).prop_map(|fields| Metric {
        name: fields.0,
        description: fields.1,
        unit: fields.2,
        metadata: fields.3,
        data: fields.4,
    });
    let scopes = (option::of(scope()), vec(metric, 0..3), text())
        .prop_map(|(scope, metrics, schema_url)| ScopeMetrics { scope, metrics, schema_url });
    let resources = (option::of(resource()), vec(scopes, 0..3), text())
        .prop_map(|(resource, scope_metrics, schema_url)| ResourceMetrics { resource, scope_metrics, schema_url });
    vec(resources, 0..3).prop_map(|resource_metrics| ExportMetricsServiceRequest { resource_metrics })
}
