//! Everything that protobuf allows is read, and everything else is an error that says where.

use crate::rewrite::{Dice, rewrite, varint};
use crate::table::rows;
use crate::{DECODERS, Decode, context, decode, generate};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::NumberDataPoint;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use prost::Message;
use receive::otlp::{self, Encoding};
use receive::{DecodeError, Redactor};

fn written_otherwise<M: Message + Default>(message: &M, name: &str, with: Decode, seed: u64) -> TestCaseResult {
    let bytes = message.encode_to_vec();
    let other = rewrite(name, &bytes, &mut Dice(seed));
    let published = M::decode(&other[..]).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(published.encode_to_vec(), bytes.clone(), "the test itself rewrites wrongly");
    let (wanted, found) = (decode(with, &bytes).expect("decodes"), decode(with, &other).expect("decodes"));
    prop_assert_eq!(rows(&found), rows(&wanted));
    prop_assert_eq!((found.accepted, found.rejected, found.counts), (wanted.accepted, 0, wanted.counts));
    Ok(())
}

/// Cut anywhere, a request is refused where the cut is, unless it fell between two of its groups.
fn cut_anywhere<M: Message + Default>(message: &M, with: Decode) -> TestCaseResult {
    let bytes = message.encode_to_vec();
    for end in 0..bytes.len() {
        match decode(with, &bytes[..end]) {
            Ok(decoded) => {
                prop_assert!(M::decode(&bytes[..end]).is_ok(), "cut at {} of {} and taken", end, bytes.len());
                prop_assert_eq!(decoded.rejected, 0);
            }
            Err(DecodeError::Malformed { at, .. }) => {
                prop_assert!(M::decode(&bytes[..end]).is_err(), "cut at {} of {} and refused", end, bytes.len());
                prop_assert!(at.is_some_and(|at| at <= end), "cut at {}, refused at {:?}", end, at);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn logs_may_be_written_in_any_way(message in generate::logs(), seed: u64) {
        written_otherwise(&message, "logs", otlp::logs, seed)?;
    }

    #[test]
    fn spans_may_be_written_in_any_way(message in generate::traces(), seed: u64) {
        written_otherwise(&message, "traces", otlp::traces, seed)?;
    }

    #[test]
    fn metrics_may_be_written_in_any_way(message in generate::metrics(), seed: u64) {
        written_otherwise(&message, "metrics", otlp::metrics, seed)?;
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for with in DECODERS {
            let _ = decode(with, &bytes);
            let _ = with(&bytes, Encoding::Json, &context(), &Redactor::none());
        }
    }

    #[test]
    fn no_damage_panics(logs in generate::logs(), traces in generate::traces(), metrics in generate::metrics(),
                        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        for mut bytes in [logs.encode_to_vec(), traces.encode_to_vec(), metrics.encode_to_vec()] {
            let length = bytes.len().max(1);
            for (at, byte) in &damage {
                if let Some(place) = bytes.get_mut(at % length) {
                    *place = *byte;
                }
            }
            for with in DECODERS {
                if let Ok(decoded) = decode(with, &bytes) {
                    prop_assert_eq!(rows(&decoded).len(), decoded.accepted);
                    prop_assert_eq!(decoded.message.is_some(), decoded.rejected > 0);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cut_requests_are_refused(logs in generate::logs(), traces in generate::traces(), metrics in generate::metrics()) {
        cut_anywhere(&logs, otlp::logs)?;
        cut_anywhere(&traces, otlp::traces)?;
        cut_anywhere(&metrics, otlp::metrics)?;
    }
}

/// A field that holds a message.
fn field(number: u32, inner: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(u64::from(number) << 3 | 2, &mut out);
    varint(inner.len() as u64, &mut out);
    out.extend_from_slice(inner);
    out
}

/// Records below one resource and scope.
fn request(records: &[&[u8]]) -> Vec<u8> {
    let scope = field(1, &InstrumentationScope { name: "lib".to_owned(), ..Default::default() }.encode_to_vec());
    let records: Vec<u8> = records.iter().flat_map(|record| field(2, record)).collect();
    field(1, &field(2, &[scope, records].concat()))
}

/// The gauge of metric `m` with these points.
fn gauge(points: &[&[u8]]) -> Vec<u8> {
    let points: Vec<u8> = points.iter().flat_map(|point| field(1, point)).collect();
    [field(1, b"m"), field(5, &points)].concat()
}

#[test]
fn one_bad_record_is_refused_alone_and_its_place_is_named() {
    let log = LogRecord { time_unix_nano: 5, severity_text: "INFO".to_owned(), ..Default::default() }.encode_to_vec();
    let status = Some(Status { message: "bad".to_owned(), code: 2 });
    let span = Span { name: "GET".to_owned(), status, ..Default::default() }.encode_to_vec();
    let point = NumberDataPoint { time_unix_nano: 7, flags: 300, ..Default::default() }.encode_to_vec();
    for end in 0..log.len().max(span.len()).max(point.len()) {
        let cases: [(Decode, Vec<u8>, &[u8]); 3] = [
            (otlp::logs, request(&[&log, &log[..end.min(log.len())], &log]), &log),
            (otlp::traces, request(&[&span, &span[..end.min(span.len())], &span]), &span),
            (otlp::metrics, request(&[&gauge(&[&point, &point[..end.min(point.len())], &point])]), &point),
        ];
        for (with, bytes, record) in cases {
            let decoded = decode(with, &bytes).expect("one record is not the request");
            assert_eq!((decoded.accepted + decoded.rejected, rows(&decoded).len()), (3, decoded.accepted));
            if decoded.rejected == 0 {
                continue;
            }
            assert_eq!(decoded.rejected, 1);
            let message = decoded.message.expect("a message");
            let place = message.split_once("at byte ").and_then(|(_, rest)| rest.split_once(';')).expect("a place");
            let place: usize = place.0.parse().expect("a number");
            // Before the last record, and behind the first.
            let (first, last) = (bytes.len() - 2 * record.len() - 4 - end, bytes.len() - record.len());
            assert!((first..=last).contains(&place), "{message}, but expected from {first} to {last}");
        }
    }
}

#[test]
fn a_request_for_another_address_is_not_kept() {
    let log = request(&[&LogRecord { time_unix_nano: 5, ..Default::default() }.encode_to_vec()]);
    let span = request(&[&Span { trace_id: vec![1; 16], ..Default::default() }.encode_to_vec()]);
    let metric = request(&[&gauge(&[&NumberDataPoint { time_unix_nano: 7, ..Default::default() }.encode_to_vec()])]);
    let cases: [(&[u8], [Decode; 2]); 3] =
        [(&log, [otlp::traces, otlp::metrics]), (&span, [otlp::logs, otlp::logs]), (&metric, [otlp::logs, otlp::logs])];
    for (bytes, others) in cases {
        for other in others {
            let decoded = decode(other, bytes).expect("only the record is wrong");
            assert_eq!((decoded.accepted, decoded.rejected, decoded.batches.len()), (0, 1, 0));
            assert!(decoded.message.is_some_and(|message| message.contains("send logs to /v1/logs")));
        }
    }
}

#[test]
fn groups_are_skipped_and_must_end() {
    let record = LogRecord { time_unix_nano: 5, ..Default::default() }.encode_to_vec();
    // Group 100 with a varint, a group 101 and a text inside.
    let group = b"\xa3\x06\x08\x05\xab\x06\x12\x01x\xac\x06\xa4\x06";
    let good = decode(otlp::logs, &request(&[&[&group[..], &record].concat()])).expect("decodes");
    assert_eq!((good.accepted, good.rejected), (1, 0));
    let nested = |depth: usize| [b"\xa3\x06".repeat(depth), b"\xa4\x06".repeat(depth)].concat();
    assert!(decode(otlp::logs, &nested(100)).is_ok());
    for bad in
        [&group[..4], &group[..group.len() - 2], b"\xa4\x06", b"\xa3\x06\xac\x06", &nested(101), &nested(1 << 20)]
    {
        let error = decode(otlp::logs, bad).expect_err("a group without its end").to_string();
        assert!(error.contains("at byte "), "{error}");
    }
}

#[test]
fn what_is_no_protobuf_is_refused() {
    for (bytes, what) in [
        (&b"\x00"[..], "a field has no number"),
        (b"\x0e", "an unknown wire type"),
        (b"\x0f", "an unknown wire type"),
        (b"\x0a\x05abc", "a length goes beyond the end"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a length goes beyond the end"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a number is too long"),
        (b"\x09\x01", "a number is cut short"),
        (b"{\"resourceLogs\":[]}", "at byte"),
    ] {
        for with in DECODERS {
            let error = decode(with, bytes).expect_err(what);
            assert_eq!(error.http_status(), 400);
            let text = error.to_string();
            assert!(text.contains(what) && text.contains("at byte"), "{text}");
        }
    }
}
