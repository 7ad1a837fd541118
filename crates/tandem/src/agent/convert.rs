//! Batches as OTLP requests.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt32Type};
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use model::Value;
use model::columns::{ATTRIBUTE_PREFIX, name};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

/// Attribute that tells what was cut before shipping.
const CUT: &str = "tandem.cut";

/// An `ExportLogsServiceRequest`.
pub fn logs(rows: &RecordBatch) -> Vec<u8> {
    let view = View { rows };
    let mut request = ExportLogsServiceRequest::default();
    for (start, end) in view.origins() {
        let records = (start..end).map(|row| view.log(row)).collect();
        request.resource_logs.push(ResourceLogs {
            resource: Some(view.resource(start)),
            scope_logs: vec![ScopeLogs { scope: view.scope(start), log_records: records, ..ScopeLogs::default() }],
            ..ResourceLogs::default()
        });
    }
    request.encode_to_vec()
}

/// An `ExportMetricsServiceRequest` of gauges and sums, which is what is measured here.
pub fn metrics(rows: &RecordBatch) -> Vec<u8> {
    let view = View { rows };
    let mut request = ExportMetricsServiceRequest::default();
    for (start, end) in view.origins() {
        let mut metrics: Vec<Metric> = Vec::new();
        for row in start..end {
            let name = view.text(name::NAME, row).unwrap_or_default();
            let point = view.point(row);
            match metrics.last_mut().filter(|metric| metric.name == name).and_then(|metric| metric.data.as_mut()) {
                Some(metric::Data::Gauge(gauge)) => gauge.data_points.push(point),
                Some(metric::Data::Sum(sum)) => sum.data_points.push(point),
                _ => metrics.push(view.metric(row, name, point)),
            }
        }
        request.resource_metrics.push(ResourceMetrics {
            resource: Some(view.resource(start)),
            scope_metrics: vec![ScopeMetrics { scope: view.scope(start), metrics, ..ScopeMetrics::default() }],
            ..ResourceMetrics::default()
        });
    }
    request.encode_to_vec()
}

/// The message of a `google.rpc.Status`.
pub fn status_message(answer: &[u8]) -> String {
    #[derive(prost::Message)]
    struct Status {
        #[prost(int32, tag = "1")]
        code: i32,
        #[prost(string, tag = "2")]
        message: String,
    }
    match Status::decode(answer) {
        Ok(status) if !status.message.is_empty() => status.message,
        _ => String::from_utf8_lossy(&answer[..answer.len().min(500)]).into_owned(),
    }
}

struct View<'a> {
    rows: &'a RecordBatch,
}

impl View<'_> {
    fn column(&self, name: &str, row: usize) -> Option<&ArrayRef> {
        self.rows.column_by_name(name).filter(|column| column.is_valid(row))
    }

    fn text(&self, name: &str, row: usize) -> Option<&str> {
        self.column(name, row)?.as_string_view_opt().map(|column| column.value(row))
    }

    fn time(&self, name: &str, row: usize) -> u64 {
        let time = self.column(name, row).and_then(|column| column.as_primitive_opt::<TimestampNanosecondType>());
        time.map_or(0, |column| u64::try_from(column.value(row)).unwrap_or(0))
    }

    fn int(&self, name: &str, row: usize) -> Option<i64> {
        self.column(name, row)?.as_primitive_opt::<Int64Type>().map(|column| column.value(row))
    }

    fn id(&self, name: &str, row: usize) -> Vec<u8> {
        let column = self.column(name, row).and_then(|column| column.as_fixed_size_binary_opt());
        column.map_or_else(Vec::new, |column| column.value(row).to_vec())
    }

    /// Rows that share resource and scope, as ranges.
    fn origins(&self) -> Vec<(usize, usize)> {
        let key = |row| {
            let parts = [name::RESOURCE_ATTRIBUTES, "scope_name", "scope_version", name::SCOPE_ATTRIBUTES];
            parts.map(|part| self.text(part, row))
        };
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for row in 0..self.rows.num_rows() {
            match ranges.last_mut().filter(|(start, _)| key(*start) == key(row)) {
                Some((_, end)) => *end = row + 1,
                None => ranges.push((row, row + 1)),
            }
        }
        ranges
    }

    fn resource(&self, row: usize) -> Resource {
        let mut attributes = object(self.text(name::RESOURCE_ATTRIBUTES, row));
        // A service that was guessed from a file's name is a column only.
        if let Some(service) = self.text(name::SERVICE_NAME, row)
            && !attributes.iter().any(|pair| pair.key == "service.name")
        {
            attributes.push(pair("service.name", Value::String(service.to_owned())));
        }
        Resource { attributes, ..Resource::default() }
    }

    fn scope(&self, row: usize) -> Option<InstrumentationScope> {
        let text = |name| self.text(name, row).unwrap_or_default().to_owned();
        let attributes = object(self.text(name::SCOPE_ATTRIBUTES, row));
        Some(InstrumentationScope {
            name: text("scope_name"),
            version: text("scope_version"),
            attributes,
            ..InstrumentationScope::default()
        })
    }

    fn attributes(&self, row: usize) -> Vec<KeyValue> {
        let mut pairs = Vec::new();
        for (field, column) in self.rows.schema_ref().fields().iter().zip(self.rows.columns()) {
            let Some(key) = field.name().strip_prefix(ATTRIBUTE_PREFIX).filter(|_| column.is_valid(row)) else {
                continue;
            };
            let value = match column.data_type() {
                DataType::Utf8View => Value::String(column.as_string_view().value(row).to_owned()),
                DataType::Int64 => Value::Int(column.as_primitive::<Int64Type>().value(row)),
                DataType::Float64 => Value::Double(column.as_primitive::<Float64Type>().value(row)),
                DataType::Boolean => Value::Bool(column.as_boolean().value(row)),
                _ => continue,
            };
            pairs.push(pair(key, value));
        }
        pairs.extend(object(self.text(name::ATTRIBUTES, row)));
        if let Some(cut) = self.text("cut", row) {
            pairs.push(pair(CUT, Value::String(cut.to_owned())));
        }
        pairs
    }

    fn log(&self, row: usize) -> LogRecord {
        let int32 = |name| {
            let column = self.column(name, row).and_then(|column| column.as_primitive_opt::<Int32Type>());
            column.map_or(0, |column| column.value(row))
        };
        let flags = self.column("trace_flags", row).and_then(|column| column.as_primitive_opt::<UInt32Type>());
        let body = self.text(name::BODY, row).map(|body| match self.text("body_type", row) {
            Some(_) => Value::from_json(body).unwrap_or_else(|| Value::String(body.to_owned())),
            None => Value::String(body.to_owned()),
        });
        // What its own time was; the server decides anew what to make of it.
        let original = self.time(name::ORIGINAL_TIMESTAMP, row);
        LogRecord {
            time_unix_nano: if original > 0 { original } else { self.time(name::TIMESTAMP, row) },
            observed_time_unix_nano: self.time(name::RECEIVED_TIMESTAMP, row),
            severity_number: int32("severity_number"),
            severity_text: self.text("severity_text", row).unwrap_or_default().to_owned(),
            body: body.map(any),
            attributes: self.attributes(row),
            flags: flags.map_or(0, |column| column.value(row)),
            trace_id: self.id(name::TRACE_ID, row),
            span_id: self.id(name::SPAN_ID, row),
            event_name: self.text("event_name", row).unwrap_or_default().to_owned(),
            ..LogRecord::default()
        }
    }

    fn point(&self, row: usize) -> NumberDataPoint {
        let float = |name| Some(self.column(name, row)?.as_primitive_opt::<Float64Type>()?.value(row));
        let value = match self.int("value_int", row) {
            Some(int) => Some(number_data_point::Value::AsInt(int)),
            None => float("value").map(number_data_point::Value::AsDouble),
        };
        NumberDataPoint {
            attributes: self.attributes(row),
            start_time_unix_nano: self.time("start_timestamp", row),
            time_unix_nano: self.time(name::TIMESTAMP, row),
            value,
            ..NumberDataPoint::default()
        }
    }

    fn metric(&self, row: usize, name: &str, point: NumberDataPoint) -> Metric {
        let text = |name| self.text(name, row).unwrap_or_default().to_owned();
        let data = if self.text("kind", row) == Some("sum") {
            let monotonic = self.column("is_monotonic", row).and_then(|column| column.as_boolean_opt());
            let temporality = match self.text("temporality", row) {
                Some("delta") => 1,
                Some("cumulative") => 2,
                _ => 0,
            };
            metric::Data::Sum(Sum {
                data_points: vec![point],
                aggregation_temporality: temporality,
                is_monotonic: monotonic.is_some_and(|column| column.value(row)),
            })
        } else {
            metric::Data::Gauge(Gauge { data_points: vec![point] })
        };
        Metric {
            name: name.to_owned(),
            description: text("description"),
            unit: text("unit"),
            data: Some(data),
            ..Metric::default()
        }
    }
}

/// The members of attribute JSON.
fn object(json: Option<&str>) -> Vec<KeyValue> {
    let json = json.unwrap_or("{}");
    let members = model::json::Members::new(json).into_iter().flatten();
    members.map(|(key, raw)| pair(&key, Value::from_json(raw).unwrap_or_default())).collect()
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(any(value)), ..KeyValue::default() }
}

fn any(value: Value) -> AnyValue {
    let value = match value {
        Value::Null => None,
        Value::String(text) => Some(any_value::Value::StringValue(text)),
        Value::Int(int) => Some(any_value::Value::IntValue(int)),
        Value::Double(double) => Some(any_value::Value::DoubleValue(double)),
        Value::Bool(bool) => Some(any_value::Value::BoolValue(bool)),
        Value::Bytes(bytes) => Some(any_value::Value::BytesValue(bytes)),
        Value::Array(items) => {
            Some(any_value::Value::ArrayValue(ArrayValue { values: items.into_iter().map(any).collect() }))
        }
        Value::Map(entries) => Some(any_value::Value::KvlistValue(KeyValueList {
            values: entries.into_iter().map(|(key, value)| pair(&key, value)).collect(),
        })),
    };
    AnyValue { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::batch::Origin;
    use model::logs::{LogRow, LogsBuilder};
    use model::value::ValueRef;
    use model::{Context, EventBatch};
    use receive::otlp::Encoding;
    use receive::redact::Redactor;

    fn batch() -> EventBatch {
        let mut builder = LogsBuilder::new(Context::new("default", "file", 9));
        for (row, host) in ["a", "a", "b"].into_iter().enumerate() {
            builder.set_origin(Origin {
                service_name: Some("shop".to_owned()),
                resource_attributes: Some(format!("{{\"host.name\":\"{host}\"}}")),
                ..Origin::default()
            });
            builder.attributes().push("n", ValueRef::Int(row as i64));
            builder.attributes().push("list", ValueRef::Json("[1,2.0,\"x\"]"));
            builder.push(&LogRow {
                timestamp: 5 + row as i64,
                severity_number: Some(17),
                body: Some("text"),
                trace_id: Some([7; 16]),
                ..LogRow::default()
            });
        }
        builder.finish().unwrap()
    }

    #[test]
    fn what_is_shipped_decodes_to_the_same_rows() {
        let sent = batch();
        let context = Context::new("default", "file", 9);
        let decoded = receive::otlp::logs(&logs(&sent.rows), Encoding::Protobuf, &context, &Redactor::none()).unwrap();
        assert_eq!(decoded.accepted, 3);
        let got = arrow_select_rows(&decoded.batches);
        for row in 0..3 {
            for column in
                ["timestamp", "severity_number", "body", "trace_id", "attributes.n", "attributes", "service_name"]
            {
                let cell = |rows: &RecordBatch| {
                    let mut out = String::new();
                    crate::server::rows::write_cell(&mut out, rows.column_by_name(column).unwrap(), row);
                    out
                };
                assert_eq!(cell(&got), cell(&sent.rows), "{column} of row {row}");
            }
        }
    }

    fn arrow_select_rows(batches: &[EventBatch]) -> RecordBatch {
        assert_eq!(batches.len(), 1);
        batches[0].rows.clone()
    }
}
