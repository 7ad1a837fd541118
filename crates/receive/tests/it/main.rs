//! The OTLP decoder against an oracle that reads the published message types.

mod content;
mod expected_metrics;
mod generate;
mod limits;
mod oracle;
mod rewrite;
mod same;
mod table;
mod wire;

use model::Context;
use receive::otlp::Encoding;
use receive::{DecodeError, Decoded, Redactor};

/// Time of receipt in these tests.
const RECEIVED: i64 = 1_795_246_176_000_000_000;

fn context() -> Context {
    Context::new("default", "otlp", RECEIVED)
}

/// One of the three kinds of requests.
type Decode = fn(&[u8], Encoding, &Context, &Redactor) -> Result<Decoded, DecodeError>;

/// All of them.
const DECODERS: [Decode; 3] = [receive::otlp::logs, receive::otlp::traces, receive::otlp::metrics];

fn decode(with: Decode, bytes: &[u8]) -> Result<Decoded, DecodeError> {
    with(bytes, Encoding::Protobuf, &context(), &Redactor::none())
}
