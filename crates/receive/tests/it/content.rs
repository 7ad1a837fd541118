//! What is changed on the way in: secrets, text that is none, repeated keys; and what JSON must not lose.

use crate::table::rows;
use crate::{DECODERS, RECEIVED, context, decode};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use receive::otlp::{self, Encoding};
use receive::{Counts, DecodeError, Decoded, Redactor};

fn pair(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), key_strindex: 0 }
}

fn text(text: &str) -> Any {
    Any::StringValue(text.to_owned())
}

fn request(resource: Resource, record: LogRecord) -> Vec<u8> {
    let scope_logs = vec![ScopeLogs { log_records: vec![record], ..Default::default() }];
    let resource_logs = vec![ResourceLogs { resource: Some(resource), scope_logs, ..Default::default() }];
    ExportLogsServiceRequest { resource_logs }.encode_to_vec()
}

#[test]
fn secrets_are_masked_wherever_they_are() {
    let secret = "hunter2hunter2";
    let phrase = format!("password={secret}");
    let values = vec![
        pair("password", text(secret)),
        pair("authorization", Any::BytesValue(secret.into())),
        pair("cookie", Any::ArrayValue(ArrayValue { values: vec![AnyValue { value: Some(text(secret)) }] })),
        pair("note", text(&phrase)),
    ];
    let map = Any::KvlistValue(KeyValueList { values: values.clone() });
    let resource = Resource { attributes: values.clone(), ..Default::default() };
    for body in [text(&phrase), map.clone()] {
        let body = Some(AnyValue { value: Some(body) });
        let attributes = [values.clone(), vec![pair("map", map.clone())]].concat();
        let bytes = request(resource.clone(), LogRecord { body, attributes, ..Default::default() });
        let redactor = Redactor::default_rules();
        let decoded = otlp::logs(&bytes, Encoding::Protobuf, &context(), &redactor).expect("decodes");
        let row = format!("{:?}", rows(&decoded));
        assert!(!row.contains(secret) && !row.contains("aHVudGVy"), "{row}");
        assert_eq!(decoded.counts.redacted as usize, row.matches("***").count());
    }
}

#[test]
fn text_that_is_no_text_is_kept_with_replacements() {
    let record = LogRecord { severity_text: "abc".to_owned(), event_name: "def".to_owned(), ..Default::default() };
    let mut bytes = request(Resource { attributes: vec![pair("ghi", text("jkl"))], ..Default::default() }, record);
    for word in ["abc", "def", "ghi", "jkl"] {
        let at = bytes.windows(3).position(|window| window == word.as_bytes()).expect("was put there");
        bytes[at] = 0xff;
    }
    let decoded = decode(otlp::logs, &bytes).expect("decodes");
    let row = rows(&decoded).remove(0);
    assert_eq!((&*row["severity_text"], &*row["event_name"], &*row["cut"]), ("\u{fffd}bc", "\u{fffd}ef", "utf8"));
    assert_eq!(row["resource_attributes"], "\"\u{fffd}hi\"=\"\u{fffd}kl\"");
    assert_eq!(decoded.counts, Counts { invalid_utf8: 1, ..Counts::default() });
}

#[test]
fn of_a_repeated_key_the_first_value_counts() {
    let attributes = vec![pair("a", text("first")), pair("b", Any::IntValue(1)), pair("a", text("second"))];
    let bytes = request(Resource::default(), LogRecord { attributes, ..Default::default() });
    let row = rows(&decode(otlp::logs, &bytes).expect("decodes")).remove(0);
    assert_eq!((&*row["attributes"], &*row["cut"]), ("\"a\"=\"first\" \"b\"=1", "attributes:duplicate"));
}

fn json(text: &str) -> Result<Decoded, DecodeError> {
    otlp::metrics(text.as_bytes(), Encoding::Json, &context(), &Redactor::none())
}

/// A metric in the JSON form.
fn metric(data: &str) -> String {
    format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"m",{data}}}]}}]}}]}}"#)
}

/// The published types answer a metric without data, or a point without value, for each of these.
#[test]
fn a_metric_that_cannot_be_read_is_not_lost_in_silence() {
    for data in [
        r#""gauge":{"dataPoints":[{"timeUnixNano":"x"}]}"#,
        r#""gauge":{"dataPoints":[{"asDouble":"much"}]}"#,
        r#""gauge":{"dataPoints":[{"asInt":1.5}]}"#,
        r#""sum":{"dataPoints":[{"asInt":"9223372036854775808"}]}"#,
        r#""sum":{"dataPoints":[],"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}"#,
        r#""histogram":{"dataPoints":[{"sum":"NaN","bucketCounts":["-1"]}]}"#,
        r#""histogram":{"dataPoints":[{"exemplars":[{"asInt":"x"}]}]}"#,
        r#""exponentialHistogram":{"dataPoints":[{"scale":1e99}]}"#,
        r#""summary":{"dataPoints":[{"quantileValues":[{"quantile":"a lot"}]}]}"#,
    ] {
        let error = json(&metric(data)).expect_err(data);
        assert_eq!(error.http_status(), 400);
        assert!(error.to_string().contains("at line 1 column"), "{error}");
    }
}

#[test]
fn special_doubles_of_json_are_read_everywhere() {
    for (data, columns) in [
        (r#""gauge":{"dataPoints":[{"asDouble":"NaN"}]}"#, [("value", "NaN")]),
        (r#""gauge":{"dataPoints":[{"asDouble":"-Infinity"}]}"#, [("value", "-inf")]),
        (r#""histogram":{"dataPoints":[{"sum":"Infinity"}]}"#, [("sum", "inf")]),
        (r#""histogram" : { "dataPoints":[{"max" : "NaN" , "x":"\\\"NaN"}]}"#, [("max", "NaN")]),
        (r#""description":"\"value\":NaN","unit":"NaN","gauge":{"dataPoints":[{}]}"#, [("unit", "NaN")]),
        (r#""histogram":{"dataPoints":[{"explicitBounds":[1,"Infinity"]}]}"#, [("bounds", "1.0,inf")]),
        (r#""exponentialHistogram":{"dataPoints":[{"zeroThreshold":"Infinity"}]}"#, [("zero_threshold", "inf")]),
        (
            r#""summary":{"dataPoints":[{"quantileValues":[{"quantile":1,"value":"NaN"}]}]}"#,
            [("quantiles", r#"{"quantile"=1.0 "value"={"$double":"NaN"}}"#)],
        ),
    ] {
        let row = rows(&json(&metric(data)).expect(data)).remove(0);
        for (column, text) in columns {
            assert_eq!(row[column], text, "{data}");
        }
    }
}

#[test]
fn points_without_a_value_and_metrics_without_data_are_allowed() {
    let decoded = json(&metric(r#""gauge":{"dataPoints":[{"flags":1}]}"#)).expect("decodes");
    assert_eq!((decoded.accepted, rows(&decoded)[0].contains_key("value")), (1, false));
    let decoded = json(&metric(r#""gauge":null,"unknown":{"asInt":"5"}"#)).expect("decodes");
    assert_eq!((decoded.accepted, decoded.rejected), (0, 0));
}

#[test]
fn json_is_lenient_where_the_protocol_is() {
    let text = format!(
        r#"{{"later":[1],"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"timeUnixNano":{RECEIVED},"traceId":"{}",
        "body":{{"intValue":5}},"attributes":[{{"key":"a","value":{{"intValue":"7"}}}},{{"key":"b","value":{{}}}}],
        "later":{{"x":"NaN"}}}}]}}]}}]}}"#,
        "AB".repeat(16)
    );
    let decoded = otlp::logs(text.as_bytes(), Encoding::Json, &context(), &Redactor::none()).expect("decodes");
    let row = rows(&decoded).remove(0);
    assert_eq!((&*row["timestamp"], &*row["trace_id"]), (&*RECEIVED.to_string(), &*"ab".repeat(16)));
    assert_eq!((&*row["body"], &*row["body_type"], &*row["attributes"]), ("5", "int", "\"a\"=7 \"b\"=null"));
    for with in DECODERS {
        for empty in ["", " \n", "{}"] {
            let decoded = with(empty.as_bytes(), Encoding::Json, &context(), &Redactor::none()).expect("a probe");
            assert_eq!((decoded.accepted, decoded.batches.len()), (0, 0));
        }
        for bad in ["{", "[]", "null", "\u{0}", "{\"resourceLogs\":5,\"resourceSpans\":5,\"resourceMetrics\":5}"] {
            let error = with(bad.as_bytes(), Encoding::Json, &context(), &Redactor::none());
            assert!(matches!(error, Err(DecodeError::Malformed { .. })), "{bad}");
        }
        let deep = "[".repeat(100_000);
        assert!(with(deep.as_bytes(), Encoding::Json, &context(), &Redactor::none()).is_err());
    }
}

#[test]
fn secrets_are_masked_wherever_there_is_text() {
    let masked = |with: crate::Decode, text: &str| {
        let decoded = with(text.as_bytes(), Encoding::Json, &context(), &Redactor::default_rules()).expect("decodes");
        let row = rows(&decoded).remove(0);
        let all = row.values().cloned().collect::<Vec<_>>().join(" ");
        assert!(!all.contains("hunter2") && !all.contains("1234"), "{row:?}");
        (row, decoded.counts.redacted)
    };
    let scope = r#""scope":{"name":"pwd=hunter2","version":"token=hunter2"},"schemaUrl":"https://u:hunter2@host/""#;
    let (row, count) = masked(
        otlp::logs,
        &format!(
            r#"{{"resourceLogs":[{{"schemaUrl":"https://u:hunter2@host/","scopeLogs":[{{{scope},"logRecords":[
            {{"severityText":"pwd=hunter2","eventName":"token=hunter2","attributes":[
            {{"key":"password","value":{{"intValue":1234}}}},{{"key":"pin.secret","value":{{"doubleValue":1234.5}}}},
            {{"key":"is_secret","value":{{"boolValue":true}}}},
            {{"key":"cookie","value":{{"arrayValue":{{"values":[{{"intValue":1234}},{{"kvlistValue":{{"values":[
            {{"key":"a","value":{{"stringValue":"hunter2"}}}}]}}}}]}}}}}}],
            "body":{{"kvlistValue":{{"values":[{{"key":"password","value":{{"intValue":1234}}}},
            {{"key":"n","value":{{"intValue":7}}}}]}}}}}}]}}]}}]}}"#
        ),
    );
    assert_eq!((&*row["severity_text"], &*row["event_name"]), ("pwd=***", "token=***"));
    assert_eq!((&*row["scope_name"], &*row["scope_version"]), ("pwd=***", "token=***"));
    assert_eq!(row["body"].matches("***").count(), 1);
    assert!(row["body"].contains('7') && row["attributes"].contains("\"is_secret\"=true"), "{row:?}");
    assert_eq!(count, 11);
    let (row, count) = masked(
        otlp::traces,
        &format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{{scope},"spans":[{{"name":"GET /?token=hunter2",
            "traceState":"a=token=hunter2","status":{{"message":"pwd=hunter2"}},"events":[{{"name":"pwd=hunter2"}}],
            "links":[{{"traceState":"pwd=hunter2"}}]}}]}}]}}]}}"#
        ),
    );
    assert_eq!((&*row["name"], count), ("GET /?token=***", 8));
    let (row, count) = masked(
        otlp::metrics,
        &format!(
            r#"{{"resourceMetrics":[{{"scopeMetrics":[{{{scope},"metrics":[{{"name":"job:token:rate5m",
            "description":"pwd=hunter2","gauge":{{"dataPoints":[{{"asInt":"1"}}]}}}}]}}]}}]}}"#
        ),
    );
    assert_eq!((&*row["name"], &*row["description"], count), ("job:token:rate5m", "pwd=***", 4));
}
