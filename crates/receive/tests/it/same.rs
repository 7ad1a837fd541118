//! Every column says what the message says; protobuf and JSON say the same.

use crate::generate::{self, STAND_INS};
use crate::table::{Row, rows};
use crate::{Decode, context, decode, expected_metrics, oracle};
use model::limits::MAX_AHEAD_NANOS;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use prost::Message;
use receive::otlp::Encoding;
use receive::{Counts, Redactor, otlp};
use serde::Serialize;

/// The message with the doubles that the stand-ins stand for. They are replaced in its bytes, which saves
/// a walk through all the types; no other eight bytes of a message are like them.
fn special<M: Message + Default>(message: &M) -> (Vec<u8>, M) {
    let mut bytes = message.encode_to_vec();
    for (stand_in, double, _) in STAND_INS {
        let pattern = stand_in.to_le_bytes();
        let mut at = 0;
        while let Some(hit) = bytes[at..].windows(8).position(|window| window == pattern) {
            bytes[at + hit..at + hit + 8].copy_from_slice(&double.to_le_bytes());
            at += hit + 8;
        }
    }
    let message = M::decode(&bytes[..]).expect("only doubles were replaced");
    (bytes, message)
}

fn json(message: &impl Serialize) -> String {
    let mut text = serde_json::to_string(message).expect("JSON");
    for (stand_in, _, name) in STAND_INS {
        text = text.replace(&serde_json::to_string(&stand_in).expect("JSON"), &format!("\"{name}\""));
    }
    text
}

fn check<M: Message + Default + Serialize>(message: &M, with: Decode, oracle: fn(&M) -> Vec<Row>) -> TestCaseResult {
    let (bytes, real) = special(message);
    let wanted = oracle(&real);
    let decoded = decode(with, &bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let found = rows(&decoded);
    for (found, wanted) in found.iter().zip(&wanted) {
        prop_assert_eq!(found, wanted);
    }
    prop_assert_eq!(found.len(), wanted.len());
    prop_assert_eq!((decoded.accepted, decoded.rejected, decoded.message), (wanted.len(), 0, None));
    let skewed = wanted.iter().filter(|row| row.contains_key("original_timestamp")).count() as u64;
    prop_assert_eq!(decoded.counts, Counts { skewed, ..Counts::default() });

    let text = json(message);
    let from_json = with(text.as_bytes(), Encoding::Json, &context(), &Redactor::none());
    let from_json = from_json.map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(rows(&from_json), found, "{}", text);
    prop_assert_eq!((from_json.accepted, from_json.counts), (decoded.accepted, decoded.counts));
    Ok(())
}

proptest! {
    #[test]
    fn logs_are_what_was_sent(message in generate::logs()) {
        check(&message, otlp::logs, oracle::logs)?;
    }

    #[test]
    fn spans_are_what_was_sent(message in generate::traces()) {
        check(&message, otlp::traces, oracle::traces)?;
    }

    #[test]
    fn metrics_are_what_was_sent(message in generate::metrics()) {
        check(&message, otlp::metrics, expected_metrics::metrics)?;
    }

    #[test]
    fn old_rows_get_the_time_of_receipt(message in generate::logs(), age in 0..100_000i64) {
        let mut limited = context();
        limited.oldest = limited.received - age;
        let bytes = message.encode_to_vec();
        let free = decode(otlp::logs, &bytes).expect("decodes");
        let decoded = otlp::logs(&bytes, Encoding::Protobuf, &limited, &Redactor::none()).expect("decodes");
        let mut skewed = 0;
        for (free, found) in rows(&free).iter().zip(rows(&decoded)) {
            let sent = free.get("original_timestamp").unwrap_or(&free["timestamp"]);
            let time: i64 = sent.parse().expect("a number");
            if time < limited.oldest || time > limited.received + MAX_AHEAD_NANOS {
                skewed += 1;
                prop_assert_eq!(&found["timestamp"], &limited.received.to_string());
                prop_assert_eq!(found.get("original_timestamp"), Some(sent));
            } else {
                prop_assert_eq!(&found, free);
            }
        }
        prop_assert_eq!(decoded.counts.skewed, skewed);
    }
}
