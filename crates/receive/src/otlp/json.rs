//! The JSON form of OTLP to protobuf, by the published message types, and what they get wrong.

use super::Encoding;
use crate::error::DecodeError;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, Gauge, Histogram, NumberDataPoint, Sum, Summary,
};
use prost::Message;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
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
    let replaced = stand_in(body);
    let text = replaced.as_deref().unwrap_or(body);
    let message: T = serde_json::from_slice(text).map_err(malformed)?;
    if !is_whole(&message) {
        serde_json::from_slice::<Oneofs<Published>>(text).map_err(malformed)?;
        serde_json::from_slice::<Oneofs<Values>>(text).map_err(malformed)?;
    }
    let mut bytes = message.encode_to_vec();
    if replaced.is_some() {
        restore(&mut bytes);
    }
    Ok(bytes)
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
const SPECIAL: [(&str, &str, f64, f64); 3] = [
    ("NaN", "4503599627370.625", 4_503_599_627_370.625, f64::NAN),
    ("Infinity", "4503599627371.625", 4_503_599_627_371.625, f64::INFINITY),
    ("-Infinity", "4503599627372.625", 4_503_599_627_372.625, f64::NEG_INFINITY),
];
/// Fields of OTLP that hold doubles.
const DOUBLES: [&str; 9] =
    ["doubleValue", "asDouble", "sum", "min", "max", "explicitBounds", "quantile", "value", "zeroThreshold"];

/// The published types do not read `"NaN"` and its like, which the JSON form of protobuf allows: the text
/// with numbers in their place, if there are any. Works on the text, for a tree of it is many times larger.
fn stand_in(body: &[u8]) -> Option<Vec<u8>> {
    let named = |name: &str| memchr::memmem::find(body, name.as_bytes()).is_some();
    if !named("\"NaN\"") && !named("Infinity\"") {
        return None;
    }
    let mut out = Vec::new();
    let (mut at, mut copied, mut double) = (0, 0, false);
    while let Some(found) = memchr::memchr3(b'"', b'{', b'}', &body[at..]) {
        at += found;
        if body[at] != b'"' {
            double = false;
            at += 1;
            continue;
        }
        let end = string_end(body, at)?;
        let text = &body[at + 1..end - 1];
        if body[end..].trim_ascii_start().starts_with(b":") {
            double = DOUBLES.iter().any(|name| name.as_bytes() == text);
        } else if double && let Some((_, number, ..)) = SPECIAL.iter().find(|(name, ..)| name.as_bytes() == text) {
            out.extend_from_slice(&body[copied..at]);
            out.extend_from_slice(number.as_bytes());
            copied = end;
        }
        at = end;
    }
    if copied == 0 {
        return None;
    }
    out.extend_from_slice(&body[copied..]);
    Some(out)
}

/// The end of the string that begins at `start`; none when it has no end.
fn string_end(body: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', body.get(at..)?)?;
        if body[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Puts the real doubles in place of their stand-ins in an encoded message.
fn restore(bytes: &mut [u8]) {
    for (_, _, stand_in, double) in SPECIAL {
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
/// is not there: a metric with one bad number would be gone in silence. Here such a member is an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "M: DeserializeOwned")]
struct Oneofs<M> {
    resource_metrics: Vec<Scopes<M>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "M: DeserializeOwned")]
struct Scopes<M> {
    scope_metrics: Vec<Metrics<M>>,
}

#[derive(Deserialize)]
#[serde(default, bound = "M: DeserializeOwned")]
struct Metrics<M> {
    metrics: Vec<M>,
}

impl<M> Default for Oneofs<M> {
    fn default() -> Self {
        Self { resource_metrics: Vec::new() }
    }
}

impl<M> Default for Scopes<M> {
    fn default() -> Self {
        Self { scope_metrics: Vec::new() }
    }
}

impl<M> Default for Metrics<M> {
    fn default() -> Self {
        Self { metrics: Vec::new() }
    }
}

/// The data of a metric.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    #[serde(rename = "gauge")]
    _gauge: Option<Gauge>,
    #[serde(rename = "sum")]
    _sum: Option<Sum>,
    #[serde(rename = "histogram")]
    _histogram: Option<Histogram>,
    #[serde(rename = "exponentialHistogram")]
    _exponential: Option<ExponentialHistogram>,
    #[serde(rename = "summary")]
    _summary: Option<Summary>,
}

/// The values of its points and exemplars.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    #[serde(rename = "gauge")]
    _gauge: Option<Points>,
    #[serde(rename = "sum")]
    _sum: Option<Points>,
    #[serde(rename = "histogram")]
    _histogram: Option<Points>,
    #[serde(rename = "exponentialHistogram")]
    _exponential: Option<Points>,
}

#[derive(Deserialize)]
struct Points {
    #[serde(rename = "dataPoints", default)]
    _points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    #[serde(rename = "asDouble")]
    _double: Option<f64>,
    #[serde(rename = "asInt", default, deserialize_with = "int")]
    _int: (),
    #[serde(rename = "exemplars", default)]
    _exemplars: Vec<Point>,
}

/// An integer, as a number or as text.
fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Int {
        Number(#[expect(dead_code, reason = "only that it can be read matters")] i64),
        Text(String),
    }
    match Option::<Int>::deserialize(deserializer)? {
        Some(Int::Text(text)) => text.parse::<i64>().map(|_| ()).map_err(D::Error::custom),
        Some(Int::Number(_)) | None => Ok(()),
    }
}
