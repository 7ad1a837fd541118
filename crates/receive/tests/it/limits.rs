//! What exceeds a limit is cut, marked on its row and no other, and counted.

use crate::table::{Row, rows};
use crate::{RECEIVED, context, decode};
use model::EventBatch;
use model::limits::{
    MAX_ATTRIBUTES, MAX_BODY_BYTES, MAX_DEPTH, MAX_KEY_BYTES, MAX_LIST_ITEMS, MAX_RECORDS_PER_REQUEST, MAX_VALUE_BYTES,
};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, EntityRef, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::*;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use receive::otlp::{self, Encoding};
use receive::{Counts, Decoded, Redactor};

fn any(value: Any) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn text(text: impl Into<String>) -> AnyValue {
    any(Any::StringValue(text.into()))
}

fn pair(key: impl Into<String>, value: AnyValue) -> KeyValue {
    KeyValue { key: key.into(), value: Some(value), key_strindex: 0 }
}

fn many(count: usize) -> Vec<KeyValue> {
    (0..count).map(|number| pair(format!("k{number}"), any(Any::IntValue(number as i64)))).collect()
}

fn group(resource: Option<Resource>, log_records: Vec<LogRecord>) -> ResourceLogs {
    let scope_logs = vec![ScopeLogs { log_records, ..Default::default() }];
    ResourceLogs { resource, scope_logs, ..Default::default() }
}

fn groups(resource_logs: Vec<ResourceLogs>) -> Decoded {
    decode(otlp::logs, &ExportLogsServiceRequest { resource_logs }.encode_to_vec()).expect("decodes")
}

fn log(record: LogRecord) -> (Row, Counts) {
    let decoded = groups(vec![group(None, vec![record])]);
    (rows(&decoded).remove(0), decoded.counts)
}

fn body(value: AnyValue) -> LogRecord {
    LogRecord { body: Some(value), ..Default::default() }
}

fn cut(row: &Row) -> &str {
    row.get("cut").map_or("", String::as_str)
}

/// Members of the attributes of a row, as [`crate::table`] writes them.
fn attributes(row: &Row) -> usize {
    row["attributes"].split(' ').count()
}

#[test]
fn long_bodies_are_cut_between_characters() {
    let whole = "é".repeat(MAX_BODY_BYTES / 2);
    let (row, counts) = log(body(text(&*whole)));
    assert_eq!((&row["body"], cut(&row), counts), (&whole, "", Counts::default()));
    for (sent, kept) in [(format!("{whole}x"), whole.len()), (format!("x{whole}"), whole.len() - 1)] {
        let (row, counts) = log(body(text(&*sent)));
        assert_eq!(row["body"], sent[..kept]);
        assert_eq!(cut(&row), format!("body:{}", sent.len()));
        assert_eq!(counts, Counts { cut_bodies: 1, ..Counts::default() });
    }
}

#[test]
fn long_structures_become_text() {
    let items = vec![text("x".repeat(1000)); 300];
    let (row, counts) = log(body(any(Any::ArrayValue(ArrayValue { values: items.clone() }))));
    assert_eq!(row["body"].len(), MAX_BODY_BYTES);
    assert!(!row.contains_key("body_type") && cut(&row).starts_with("body:26"), "{}", cut(&row));
    assert_eq!(counts.cut_bodies, 1);

    let list = any(Any::ArrayValue(ArrayValue { values: items }));
    let (row, counts) = log(LogRecord { attributes: vec![pair("list", list)], ..Default::default() });
    assert!(cut(&row).starts_with("value:26"), "{}", cut(&row));
    assert!((MAX_VALUE_BYTES..MAX_VALUE_BYTES + 2000).contains(&row["attributes"].len()));
    assert_eq!(counts, Counts { cut_attributes: 1, ..Counts::default() });
}

#[test]
fn attributes_beyond_the_limits_are_cut() {
    let (row, counts) = log(LogRecord { attributes: many(1400), ..Default::default() });
    assert_eq!((attributes(&row), cut(&row)), (MAX_ATTRIBUTES, "attributes:1400"));
    assert_eq!(counts, Counts { cut_attributes: 1, ..Counts::default() });
    assert_eq!(cut(&log(LogRecord { attributes: many(MAX_ATTRIBUTES), ..Default::default() }).0), "");

    let map = any(Any::KvlistValue(KeyValueList { values: many(1400) }));
    let (row, counts) = log(body(map));
    assert_eq!((cut(&row), &*row["body_type"], counts.cut_attributes), ("attributes:1400", "map", 1));

    let long = vec![pair("k".repeat(MAX_KEY_BYTES + 1), text("v")), pair("v", text("é".repeat(MAX_VALUE_BYTES)))];
    let (row, counts) = log(LogRecord { attributes: long, ..Default::default() });
    assert_eq!(cut(&row), format!("key:{} value:{}", MAX_KEY_BYTES + 1, 2 * MAX_VALUE_BYTES));
    assert!(row["attributes"].contains(&format!("\"{}\"=", "k".repeat(MAX_KEY_BYTES))));
    assert!(row["attributes"].contains(&format!("=\"{}\"", "é".repeat(MAX_VALUE_BYTES / 2))));
    assert_eq!(counts, Counts { cut_attributes: 1, ..Counts::default() });
}

#[test]
fn body_and_attributes_are_counted_both() {
    let (row, counts) = log(LogRecord { attributes: many(1025), ..body(text("x".repeat(300_000))) });
    assert_eq!(cut(&row), "attributes:1025 body:300000");
    assert_eq!(counts, Counts { cut_attributes: 1, cut_bodies: 1, ..Counts::default() });
}

#[test]
fn marks_of_a_resource_are_on_its_rows_and_on_no_others() {
    let resource = || Some(Resource { attributes: many(1030), ..Default::default() });
    let record = LogRecord::default;
    let decoded = groups(vec![
        group(resource(), vec![]),
        group(None, vec![record()]),
        group(resource(), vec![record(), record()]),
        group(None, vec![record()]),
    ]);
    let rows = rows(&decoded);
    let marks: Vec<&str> = rows.iter().map(cut).collect();
    assert_eq!(marks, ["", "attributes:1030", "attributes:1030", ""]);
    assert_eq!(decoded.counts, Counts { cut_attributes: 2, ..Counts::default() });
}

#[test]
fn nesting_beyond_the_limit_is_cut() {
    let nested = |depth: usize| {
        (0..depth).fold(text("deep"), |inner, level| match level % 2 {
            0 => any(Any::ArrayValue(ArrayValue { values: vec![inner] })),
            _ => any(Any::KvlistValue(KeyValueList { values: vec![pair("k", inner)] })),
        })
    };
    let (row, _) = log(body(nested(MAX_DEPTH - 1)));
    assert!(row["body"].contains("deep") && cut(&row).is_empty());
    let (row, counts) = log(body(nested(MAX_DEPTH)));
    assert!(row["body"].contains("\"...\"") && !row["body"].contains("deep"));
    assert_eq!((cut(&row), counts.cut_attributes), ("depth:4", 1));

    // Deeper than any stack: lists in lists by their bytes, for the published types would overflow.
    let mut bytes = Vec::new();
    for _ in 0..20_000 {
        for tag in [0x0a, 0x2a] {
            let mut outer = vec![tag];
            crate::rewrite::varint(bytes.len() as u64, &mut outer);
            outer.append(&mut bytes);
            bytes = outer;
        }
    }
    let wrap = |inner: Vec<u8>, tag: u8| {
        let mut outer = vec![tag];
        crate::rewrite::varint(inner.len() as u64, &mut outer);
        outer.extend(inner);
        outer
    };
    let decoded = decode(otlp::logs, &wrap(wrap(wrap(wrap(bytes, 0x2a), 0x12), 0x12), 0x0a)).expect("decodes");
    assert_eq!(decoded.accepted, 1);
    assert!(cut(&rows(&decoded)[0]).starts_with("depth:"));
}

#[test]
fn many_marks_are_not_all_written() {
    let deep = (0..MAX_DEPTH - 1)
        .fold(any(Any::ArrayValue(ArrayValue { values: vec![text(""); 10_000] })), |inner, _| {
            any(Any::ArrayValue(ArrayValue { values: vec![inner] }))
        });
    let (row, _) = log(body(deep));
    assert!((1000..1100).contains(&cut(&row).len()), "{}", cut(&row).len());
}

#[test]
fn lists_of_the_protocol_are_bounded() {
    let over = MAX_LIST_ITEMS + 10;
    let span = Span { events: vec![Event::default(); over], links: vec![Link::default(); over], ..Default::default() };
    let spans = ScopeSpans { spans: vec![span], ..Default::default() };
    let request = ResourceSpans { scope_spans: vec![spans], ..Default::default() };
    let bytes = ExportTraceServiceRequest { resource_spans: vec![request] }.encode_to_vec();
    let decoded = decode(otlp::traces, &bytes).expect("decodes");
    let row = rows(&decoded).remove(0);
    assert_eq!(cut(&row), format!("events:{over} links:{over}"));
    assert_eq!(row["events"].matches("timestamp").count(), MAX_LIST_ITEMS);
    assert_eq!(decoded.counts, Counts { cut_attributes: 1, ..Counts::default() });

    let explicit = HistogramDataPoint {
        bucket_counts: vec![1; over],
        explicit_bounds: vec![0.5; over],
        exemplars: vec![Exemplar::default(); over],
        ..Default::default()
    };
    let buckets = || Some(Buckets { offset: 1, bucket_counts: vec![300; over] });
    let exponential = ExponentialHistogramDataPoint { positive: buckets(), negative: buckets(), ..Default::default() };
    let summary = SummaryDataPoint { quantile_values: vec![ValueAtQuantile::default(); over], ..Default::default() };
    let decoded = metrics(vec![
        Data::Histogram(Histogram { data_points: vec![explicit], aggregation_temporality: 0 }),
        Data::ExponentialHistogram(ExponentialHistogram { data_points: vec![exponential], aggregation_temporality: 0 }),
        Data::Summary(Summary { data_points: vec![summary] }),
    ]);
    let rows = rows(&decoded);
    assert_eq!(cut(&rows[0]), format!("exemplars:{over} buckets:{}", 2 * over));
    assert_eq!(cut(&rows[1]), format!("buckets:{}", 2 * over));
    assert_eq!(cut(&rows[2]), format!("quantiles:{over}"));
    for (row, column) in [(0, "bounds"), (0, "buckets"), (1, "buckets"), (1, "negative_buckets")] {
        assert_eq!(rows[row][column].split(',').count(), MAX_LIST_ITEMS, "{column}");
    }
    assert_eq!(decoded.counts.cut_attributes, 3);
}

fn metrics(data: Vec<Data>) -> Decoded {
    let name = "n".repeat(10);
    let metrics = data.into_iter().map(|data| Metric { name: name.clone(), data: Some(data), ..Default::default() });
    request(metrics.collect())
}

fn request(metrics: Vec<Metric>) -> Decoded {
    let scope = ScopeMetrics { metrics, ..Default::default() };
    let group = ResourceMetrics { scope_metrics: vec![scope], ..Default::default() };
    let bytes = ExportMetricsServiceRequest { resource_metrics: vec![group] }.encode_to_vec();
    decode(otlp::metrics, &bytes).expect("decodes")
}

#[test]
fn a_cut_name_of_a_metric_is_marked_on_all_its_points() {
    let gauge = |points| Some(Data::Gauge(Gauge { data_points: vec![NumberDataPoint::default(); points] }));
    let long = "n".repeat(MAX_VALUE_BYTES + 1);
    let decoded = request(vec![
        Metric { name: long.clone(), data: gauge(0), ..Default::default() },
        Metric { data: gauge(1), ..Default::default() },
        Metric { name: long, data: gauge(2), ..Default::default() },
    ]);
    let rows = rows(&decoded);
    let mark = format!("text:{}", MAX_VALUE_BYTES + 1);
    assert_eq!(rows.iter().map(cut).collect::<Vec<_>>(), ["", &mark, &mark]);
    assert_eq!(rows[1]["name"].len(), MAX_VALUE_BYTES);
}

#[test]
fn entities_and_ids_are_bounded() {
    let keys = vec!["k".to_owned(); 100];
    let entity = EntityRef { id_keys: keys, ..Default::default() };
    let resource = Resource { entity_refs: vec![entity; 65], ..Default::default() };
    let record = LogRecord { trace_id: vec![7; 100_000], ..Default::default() };
    let row = rows(&groups(vec![group(Some(resource), vec![record])])).remove(0);
    assert!(cut(&row).starts_with("entity_refs:65 entity_refs:100"), "{}", cut(&row));
    assert_eq!(row["extra"].matches("id_keys").count(), 64);
    assert!(row["extra"].contains(&format!("\"invalid_trace_id\"=\"{}\"", "07".repeat(64))));
    let link = Link { trace_id: vec![7; 100_000], ..Default::default() };
    let spans = ScopeSpans { spans: vec![Span { links: vec![link], ..Default::default() }], ..Default::default() };
    let group = ResourceSpans { scope_spans: vec![spans], ..Default::default() };
    let bytes = ExportTraceServiceRequest { resource_spans: vec![group] }.encode_to_vec();
    assert!(rows(&decode(otlp::traces, &bytes).expect("decodes"))[0]["links"].len() < 200);
}

#[test]
fn times_out_of_range_are_replaced() {
    let mut limited = context();
    limited.oldest = RECEIVED - 1_000;
    let times = [1, 86_400_000_000_000, 4_294_967_295_000_000_000, u64::MAX, RECEIVED as u64 - 1_000];
    let records = times.iter().map(|time| LogRecord { time_unix_nano: *time, ..Default::default() }).collect();
    let bytes = ExportLogsServiceRequest { resource_logs: vec![group(None, records)] }.encode_to_vec();
    let decoded = otlp::logs(&bytes, Encoding::Protobuf, &limited, &Redactor::none()).expect("decodes");
    let rows = rows(&decoded);
    let sent: Vec<Option<&str>> = rows.iter().map(|row| row.get("original_timestamp").map(String::as_str)).collect();
    let far = i64::MAX.to_string();
    assert_eq!(sent, [Some("1"), Some("86400000000000"), Some("4294967295000000000"), Some(&*far), None]);
    assert!(rows[..4].iter().all(|row| row["timestamp"] == RECEIVED.to_string()));
    assert_eq!((decoded.accepted, decoded.counts.skewed), (5, 4));
}

/// The last row of the only batch.
fn last(decoded: &Decoded) -> Row {
    let EventBatch { table, rows: batch } = &decoded.batches[0];
    let batch = EventBatch { table: *table, rows: batch.slice(batch.num_rows() - 1, 1) };
    rows(&Decoded { batches: vec![batch], ..Decoded::default() }).remove(0)
}

#[test]
fn a_small_request_cannot_ask_for_much() {
    let logs = |group: ResourceLogs| {
        decode(otlp::logs, &ExportLogsServiceRequest { resource_logs: vec![group] }.encode_to_vec())
    };
    let url = "u".repeat(MAX_VALUE_BYTES);
    let entity_refs = || vec![EntityRef { r#type: "t".repeat(60_000), ..Default::default() }];
    let resource = || Some(Resource { entity_refs: entity_refs(), ..Default::default() });
    let shares =
        |resource, record: LogRecord| ResourceLogs { schema_url: url.clone(), ..group(resource, vec![record; 2_000]) };
    let decoded = logs(shares(resource(), LogRecord::default())).expect("decodes");
    let row = last(&decoded);
    assert!(row["extra"].contains(&"t".repeat(60_000)) && row["extra"].contains(&"u".repeat(1024)));
    assert_eq!((cut(&row), row["extra"].matches('u').count() < 1100), ("text:65536", true));
    let bytes = decoded.batches[0].rows.get_array_memory_size();
    assert!(bytes < 2 * 1024 * 1024, "{bytes} bytes");
    let more = || LogRecord { dropped_attributes_count: 1, ..Default::default() };
    let error = logs(shares(resource(), more())).expect_err("60 KB copied to each of them").to_string();
    assert!(error.contains("MAX_SHARED_EXTRA_BYTES"), "{error}");
    let decoded = logs(shares(None, more())).expect("decodes");
    assert!(last(&decoded)["extra"].starts_with("\"dropped_attributes_count\"=1 \"resource.schema_url\"=\"u"));

    let values = (0..64).map(|number| pair(format!("k{number}"), text("x".repeat(MAX_VALUE_BYTES)))).collect();
    let resource = Resource { attributes: values, ..Default::default() };
    let much = group(Some(resource.clone()), vec![LogRecord::default(); 300]);
    assert!(logs(much).expect_err("4 MiB on each of them").to_string().contains("MAX_SHARED_BYTES"));
    // Scopes without a record make work as well.
    let scopes =
        ResourceLogs { resource: Some(resource), scope_logs: vec![ScopeLogs::default(); 300], ..Default::default() };
    assert!(logs(scopes).expect_err("4 MiB for each of them").to_string().contains("MAX_SHARED_BYTES"));

    let gauge = Data::Gauge(Gauge { data_points: vec![NumberDataPoint::default(); 2_000] });
    let metadata = vec![pair("m", text("x".repeat(MAX_VALUE_BYTES)))];
    let decoded = request(vec![Metric { metadata, data: Some(gauge), ..Default::default() }]);
    assert!(last(&decoded)["extra"].len() > MAX_VALUE_BYTES);
    let bytes = decoded.batches[0].rows.get_array_memory_size();
    assert!(bytes < 2 * 1024 * 1024, "{bytes} bytes");
}

#[test]
fn what_is_beyond_a_limit_is_not_even_listed() {
    let over = 100_000;
    let pairs = || vec![KeyValue::default(); over];
    let events = vec![Event { attributes: pairs(), ..Default::default() }];
    let links = vec![Link { attributes: pairs(), ..Default::default() }];
    let span = Span { attributes: pairs(), events, links, ..Default::default() };
    let scope =
        opentelemetry_proto::tonic::common::v1::InstrumentationScope { attributes: pairs(), ..Default::default() };
    let spans = ScopeSpans { scope: Some(scope), spans: vec![span], ..Default::default() };
    let group = ResourceSpans {
        resource: Some(Resource {
            attributes: pairs(),
            entity_refs: vec![EntityRef::default(); over],
            ..Default::default()
        }),
        scope_spans: vec![spans],
        ..Default::default()
    };
    let bytes = ExportTraceServiceRequest { resource_spans: vec![group] }.encode_to_vec();
    let row = rows(&decode(otlp::traces, &bytes).expect("decodes")).remove(0);
    let four = ["attributes:100000"; 4].join(" ");
    assert_eq!(cut(&row), format!("attributes:100000 entity_refs:100000 {four} attributes:duplicate"));
}

#[test]
fn requests_with_too_many_records_are_refused() {
    let records =
        |count| ExportLogsServiceRequest { resource_logs: vec![group(None, vec![LogRecord::default(); count])] };
    let most = decode(otlp::logs, &records(MAX_RECORDS_PER_REQUEST).encode_to_vec()).expect("decodes");
    assert_eq!((most.accepted, most.batches[0].len()), (MAX_RECORDS_PER_REQUEST, MAX_RECORDS_PER_REQUEST));
    let error = decode(otlp::logs, &records(MAX_RECORDS_PER_REQUEST + 1).encode_to_vec()).expect_err("too many");
    assert_eq!(error.http_status(), 413);
    assert!(error.to_string().contains("MAX_RECORDS_PER_REQUEST"));
    let points = vec![NumberDataPoint::default(); MAX_RECORDS_PER_REQUEST + 1];
    let metric = Metric { data: Some(Data::Gauge(Gauge { data_points: points })), ..Default::default() };
    let scope = ScopeMetrics { metrics: vec![metric], ..Default::default() };
    let group = ResourceMetrics { scope_metrics: vec![scope], ..Default::default() };
    let bytes = ExportMetricsServiceRequest { resource_metrics: vec![group] }.encode_to_vec();
    assert_eq!(decode(otlp::metrics, &bytes).expect_err("too many").http_status(), 413);
}
