//! The JSON form of OTLP to protobuf, by the published message types, and what they get wrong.

use super::Encoding;
use crate::error::DecodeError;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, Gauge, Histogram, NumberDataPoint, Sum, Summary,
};
use prost::Message;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;

/// The request as protobuf. `is_whole` tells whether every oneof of a message is set.
pub fn protobuf<T: Message + DeserializeOwned>(
    body: &[u8],
    encoding: Encoding,
    is_whole: fn(&T) -> bool,
) -> Result<Cow<'_, [u8]>, DecodeError> {
    match encoding {
        Encoding::Protobuf => Ok(Cow::Borrowed(body)),
        // An empty JSON body is what some exporters send as a probe.
        Encoding::Json if body.iter().all(u8::is_ascii_whitespace) => Ok(Cow::Borrowed(&[])),
        Encoding::Json => Ok(Cow::Owned(from_json(body, is_whole)?)),
    }
}

fn from_json<T: Message + DeserializeOwned>(body: &[u8], is_whole: fn(&T) -> bool) -> Result<Vec<u8>, DecodeError> {
    // The published types also take the members of a message as a list.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(malformed("no object"));
    }
    let tree = || serde_json::from_slice::<Value>(body).map_err(malformed);
    let named = |name: &str| memchr::memmem::find(body, name.as_bytes()).is_some();
    if named("\"NaN\"") || named("Infinity\"") {
        let mut value = tree()?;
        if stand_in(&mut value, false) {
            let message = T::deserialize(&value).map_err(malformed)?;
            if !is_whole(&message) {
                unread(&value)?;
            }
            let mut bytes = message.encode_to_vec();
            restore(&mut bytes);
            return Ok(bytes);
        }
    }
    let message: T = serde_json::from_slice(body).map_err(malformed)?;
    if !is_whole(&message) {
        unread(&tree()?)?;
    }
    Ok(message.encode_to_vec())
}

fn malformed(error: impl std::fmt::Display) -> DecodeError {
    DecodeError::Malformed {
        what: format!("not OTLP JSON: {error}"),
        at: None,
        remedy: "send the JSON form of the OTLP request with its documented field names",
    }
}

/// Doubles that JSON has no number for, and the numbers that stand in for them on the way: exact in
/// decimal and in binary, and nothing that anybody measures.
const SPECIAL: [(&str, f64, f64); 3] = [
    ("NaN", 4_503_599_627_370.625, f64::NAN),
    ("Infinity", 4_503_599_627_371.625, f64::INFINITY),
    ("-Infinity", 4_503_599_627_372.625, f64::NEG_INFINITY),
];
/// Fields of OTLP that hold doubles.
const DOUBLES: [&str; 9] =
    ["doubleValue", "asDouble", "sum", "min", "max", "explicitBounds", "quantile", "value", "zeroThreshold"];

/// The published types do not read `"NaN"` and its like, which the JSON form of protobuf allows: puts
/// numbers in their place, and answers whether there were any.
fn stand_in(value: &mut Value, double: bool) -> bool {
    match value {
        Value::String(text) if double => {
            let Some((_, number, _)) = SPECIAL.iter().find(|(name, _, _)| name == text) else { return false };
            *value = (*number).into();
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| stand_in(item, double) | found),
        Value::Object(members) => members
            .iter_mut()
            .fold(false, |found, (key, value)| stand_in(value, DOUBLES.contains(&key.as_str())) | found),
        _ => false,
    }
}

/// Puts the real doubles in place of their stand-ins in an encoded message.
fn restore(bytes: &mut [u8]) {
    for (_, stand_in, double) in SPECIAL {
        let mut at = 0;
        while let Some(hit) = memchr::memmem::find(&bytes[at..], &stand_in.to_le_bytes()) {
            bytes[at + hit..at + hit + 8].copy_from_slice(&double.to_le_bytes());
            at += hit + 8;
        }
    }
}

/// Whether every metric has data, and every point and exemplar a value.
pub fn is_whole(request: &ExportMetricsServiceRequest) -> bool {
    let exemplars = |exemplars: &[Exemplar]| exemplars.iter().all(|exemplar| exemplar.value.is_some());
    let numbers =
        |points: &[NumberDataPoint]| points.iter().all(|point| point.value.is_some() && exemplars(&point.exemplars));
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    scopes.flat_map(|scope| &scope.metrics).all(|metric| match &metric.data {
        None => false,
        Some(Data::Gauge(data)) => numbers(&data.data_points),
        Some(Data::Sum(data)) => numbers(&data.data_points),
        Some(Data::Histogram(data)) => data.data_points.iter().all(|point| exemplars(&point.exemplars)),
        Some(Data::ExponentialHistogram(data)) => data.data_points.iter().all(|point| exemplars(&point.exemplars)),
        Some(Data::Summary(_)) => true,
    })
}

/// Where the protocol has a oneof, the published types take a member that they cannot read for one that
/// is not there: a metric with one bad number would be gone in silence. Finds such a member.
fn unread(value: &Value) -> Result<(), DecodeError> {
    fn readable<T: DeserializeOwned>(key: &str, value: &Value) -> Result<(), DecodeError> {
        T::deserialize(value).map(|_| ()).map_err(|error| malformed(format_args!("{key}: {error}")))
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(unread),
        Value::Object(members) => members.iter().filter(|(_, value)| !value.is_null()).try_for_each(|(key, value)| {
            unread(value)?;
            match (key.as_str(), value) {
                ("asDouble", _) => readable::<f64>(key, value),
                ("asInt", Value::String(text)) => {
                    text.parse::<i64>().map(|_| ()).map_err(|error| malformed(format_args!("{key}: {error}")))
                }
                ("asInt", _) => readable::<i64>(key, value),
                ("gauge", Value::Object(_)) => readable::<Gauge>(key, value),
                ("sum", Value::Object(_)) => readable::<Sum>(key, value),
                ("histogram", Value::Object(_)) => readable::<Histogram>(key, value),
                ("exponentialHistogram", Value::Object(_)) => readable::<ExponentialHistogram>(key, value),
                ("summary", Value::Object(_)) => readable::<Summary>(key, value),
                _ => Ok(()),
            }
        }),
        _ => Ok(()),
    }
}
