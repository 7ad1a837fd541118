//! The other things that are sent: wide JSON lines, spans and metric points.

use crate::words::Words;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;
use std::fmt::Write as _;
use xtask::random::Random;

/// Keys of a wide line.
const WIDE_KEYS: u64 = 100;
/// Spans of one trace.
const TRACE_SPANS: u64 = 8;

fn value(value: any_value::Value) -> Option<AnyValue> {
    Some(AnyValue { value: Some(value) })
}

fn text(key: &str, text: impl Into<String>) -> KeyValue {
    KeyValue { key: key.to_owned(), value: value(any_value::Value::StringValue(text.into())), ..Default::default() }
}

fn int(key: &str, int: i64) -> KeyValue {
    KeyValue { key: key.to_owned(), value: value(any_value::Value::IntValue(int)), ..Default::default() }
}

fn resource(random: &mut Random) -> Option<Resource> {
    let service = format!("service-{:02}", random.below(24));
    let host = format!("host-{:02}", random.below(40));
    Some(Resource { attributes: vec![text("service.name", service), text("host.name", host)], ..Default::default() })
}

/// `count` lines of JSON with 100 keys each.
pub fn wide(words: &Words, first: u64, count: u64, start: u64) -> Vec<u8> {
    let mut out = String::with_capacity(count as usize * 2_600);
    for number in first..first + count {
        let mut random = Random::new(number ^ 0x7769_6465);
        let _ = write!(
            out,
            r#"{{"time":{},"message":"wide {} {number}""#,
            start + number * 1_000_000,
            words.pick(&mut random)
        );
        let _ = write!(out, r#","service":"service-{:02}""#, random.below(24));
        for key in 3..WIDE_KEYS {
            let _ = match key % 4 {
                0 => write!(out, r#","field_{key:03}":{}"#, random.below(1_000)),
                1 => write!(out, r#","field_{key:03}":"{}""#, words.pick(&mut random)),
                2 => write!(out, r#","field_{key:03}":{}"#, random.below(2) == 0),
                _ => write!(out, r#","field_{key:03}":"{:012x}""#, random.bits() >> 16),
            };
        }
        out.push_str("}\n");
    }
    out.into_bytes()
}

/// `count` spans as one OTLP request.
pub fn spans(words: &Words, first: u64, count: u64, start: u64) -> Vec<u8> {
    let mut random = Random::new(first ^ 0x7370_616e);
    let resource = resource(&mut random);
    let mut spans = Vec::with_capacity(count as usize);
    for number in first..first + count {
        let mut trace = Random::new(number / TRACE_SPANS);
        let trace_id = [trace.bits().to_be_bytes(), trace.bits().to_be_bytes()].concat();
        let id = |number: u64| Random::new(number ^ 0x0069_6400).bits().to_be_bytes().to_vec();
        let root = number.is_multiple_of(TRACE_SPANS);
        let begin = start + number * 1_000_000;
        let failed = random.below(50) == 0;
        spans.push(Span {
            trace_id,
            span_id: id(number),
            parent_span_id: if root { Vec::new() } else { id(number - number % TRACE_SPANS) },
            flags: 0x101,
            name: format!("GET /api/{}", words.pick(&mut random)),
            kind: 1 + (number % 5) as i32,
            start_time_unix_nano: begin,
            end_time_unix_nano: begin + random.below(300_000_000),
            attributes: vec![
                text("http.request.method", "GET"),
                text("url.path", format!("/api/{}/{}", words.pick(&mut random), random.below(100_000))),
                int("http.response.status_code", if failed { 500 } else { 200 }),
                text("server.address", format!("10.0.{}.{}", random.below(8), random.below(250))),
                int("http.response.body.size", random.below(100_000) as i64),
            ],
            status: failed.then(|| Status { code: 2, message: "upstream failed".to_owned() }),
            ..Default::default()
        });
    }
    let scope_spans = vec![ScopeSpans { spans, ..Default::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { resource, scope_spans, ..Default::default() }] }
        .encode_to_vec()
}

/// `count` metric points as one OTLP request: gauges, sums and histograms.
pub fn metrics(words: &Words, first: u64, count: u64, start: u64) -> Vec<u8> {
    let mut random = Random::new(first ^ 0x006d_6574);
    let resource = resource(&mut random);
    let time = start + first * 1_000_000;
    let mut metrics = Vec::new();
    let mut left = count;
    while left > 0 {
        let points = left.min(20);
        left -= points;
        let name = format!("app.{}.{}", words.pick(&mut random), words.pick(&mut random));
        let attributes = |random: &mut Random, number: u64| {
            vec![text("route", format!("/r{number}")), text("region", format!("r{}", random.below(4)))]
        };
        let numbers = |random: &mut Random| -> Vec<NumberDataPoint> {
            (0..points)
                .map(|number| NumberDataPoint {
                    attributes: attributes(random, number),
                    start_time_unix_nano: start,
                    time_unix_nano: time,
                    value: Some(if number % 2 == 0 {
                        number_data_point::Value::AsDouble(random.unit() * 1e4)
                    } else {
                        number_data_point::Value::AsInt(random.below(1_000_000) as i64)
                    }),
                    ..Default::default()
                })
                .collect()
        };
        let data = match metrics.len() % 3 {
            0 => metric::Data::Gauge(Gauge { data_points: numbers(&mut random) }),
            1 => metric::Data::Sum(Sum {
                data_points: numbers(&mut random),
                aggregation_temporality: 2,
                is_monotonic: true,
            }),
            _ => metric::Data::Histogram(Histogram {
                data_points: (0..points)
                    .map(|number| histogram(&mut random, number, start, time, &attributes))
                    .collect(),
                aggregation_temporality: 2,
            }),
        };
        metrics.push(Metric { name, unit: "ms".to_owned(), data: Some(data), ..Default::default() });
    }
    let scope_metrics = vec![ScopeMetrics { metrics, ..Default::default() }];
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics { resource, scope_metrics, ..Default::default() }],
    }
    .encode_to_vec()
}

fn histogram(
    random: &mut Random,
    number: u64,
    start: u64,
    time: u64,
    attributes: &impl Fn(&mut Random, u64) -> Vec<KeyValue>,
) -> HistogramDataPoint {
    let bounds = vec![5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0];
    let counts: Vec<u64> = (0..=bounds.len()).map(|_| random.below(1_000)).collect();
    HistogramDataPoint {
        attributes: attributes(random, number),
        start_time_unix_nano: start,
        time_unix_nano: time,
        count: counts.iter().sum(),
        sum: Some(random.unit() * 1e6),
        bucket_counts: counts,
        explicit_bounds: bounds,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_holds_what_it_says() {
        let words = Words::new(1);
        let lines = String::from_utf8(wide(&words, 0, 10, 1)).unwrap();
        for line in lines.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(value.as_object().unwrap().len(), 100);
        }
        assert_eq!(lines.lines().count(), 10);
        let request = ExportTraceServiceRequest::decode(spans(&words, 0, 80, 1).as_slice()).unwrap();
        assert_eq!(request.resource_spans[0].scope_spans[0].spans.len(), 80);
        let request = ExportMetricsServiceRequest::decode(metrics(&words, 0, 1_000, 1).as_slice()).unwrap();
        let points = request.resource_metrics[0].scope_metrics[0].metrics.iter().map(|metric| match &metric.data {
            Some(metric::Data::Gauge(gauge)) => gauge.data_points.len(),
            Some(metric::Data::Sum(sum)) => sum.data_points.len(),
            Some(metric::Data::Histogram(histogram)) => histogram.data_points.len(),
            _ => 0,
        });
        assert_eq!(points.sum::<usize>(), 1_000);
    }
}
