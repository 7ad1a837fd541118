//! What holds for every answer of a decoder, and for OTLP what the published message types say.

mod stored;

// The parts of the store that read its files, by path: to build them needs no SQL engine.
#[path = "../../crates/store/src/disk.rs"]
#[allow(dead_code)]
mod disk;
#[path = "../../crates/store/src/filenames.rs"]
#[allow(dead_code)]
mod filenames;
#[path = "../../crates/store/src/limits.rs"]
#[allow(dead_code)]
mod limits;
#[path = "../../crates/store/src/index"]
#[allow(dead_code)]
mod index {
    pub mod bits;
    pub mod postings;
}
#[path = "../../crates/store/src/log"]
#[allow(dead_code)]
mod log {
    pub mod ipc;
    pub mod record;
    pub mod replay;
}
#[path = "../../crates/store/src/segment"]
#[allow(dead_code)]
mod segment {
    pub mod sidecar;
}

pub use stored::{log_file, log_record, postings, sidecar};

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use model::{Context, Value};
use prost::Message;
use receive::otlp::Encoding;
use receive::{DecodeError, Decoded, Redactor};

/// Columns that hold attribute JSON.
const JSON: [&str; 8] =
    ["attributes", "resource_attributes", "scope_attributes", "extra", "events", "links", "quantiles", "exemplars"];

/// The context of every target.
pub fn context(source: &str) -> Context {
    Context::new("default", source, 1_795_246_176_000_000_000)
}

/// A row for every accepted record, and JSON where JSON is promised.
pub fn well_formed(decoded: &Decoded) {
    assert_eq!(decoded.batches.iter().map(|batch| batch.len()).sum::<usize>(), decoded.accepted);
    assert_eq!(decoded.message.is_some(), decoded.rejected > 0);
    for batch in &decoded.batches {
        for name in JSON {
            let Some(column) = batch.rows.column_by_name(name) else { continue };
            for text in column.as_string_view().iter().flatten() {
                assert!(Value::from_json(text).is_some(), "{name}: {text}");
            }
        }
        if let Some(kinds) = batch.rows.column_by_name("body_type") {
            let bodies = batch.rows["body"].as_string_view();
            for at in (0..kinds.len()).filter(|at| kinds.is_valid(*at)) {
                assert!(Value::from_json(bodies.value(at)).is_some(), "body: {}", bodies.value(at));
            }
        }
    }
}

/// One of the decoders of OTLP.
pub type Decode = fn(&[u8], Encoding, &Context, &Redactor) -> Result<Decoded, DecodeError>;

/// No bytes panic. What the published types read is read, and says the same as their own writing of it:
/// so neither the order of fields nor their splitting, packing or repetition changes anything.
pub fn otlp<M: Message + Default>(data: &[u8], decode: Decode) {
    let read = |bytes: &[u8]| decode(bytes, Encoding::Protobuf, &context("otlp"), &Redactor::none());
    let found = read(data);
    if let Ok(decoded) = &found {
        well_formed(decoded);
    }
    let Ok(message) = M::decode(data) else { return };
    let found = found.expect("what the published types read");
    let wanted = read(&message.encode_to_vec()).expect("what the published types write");
    assert_eq!((found.accepted, found.rejected, found.counts), (wanted.accepted, wanted.rejected, wanted.counts));
    assert_eq!(found.rejected, 0, "{:?}", found.message);
    // The published types do not write -0.0.
    if data.windows(8).any(|window| window == (-0.0f64).to_le_bytes()) {
        return;
    }
    for (found, wanted) in found.batches.iter().zip(&wanted.batches) {
        assert_eq!(found.rows, wanted.rows);
    }
}
