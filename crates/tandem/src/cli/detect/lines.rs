//! Lines of text to events, as the server reads them: syslog, access logs, key=value pairs.

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampNanosecondType;
use detect::engine::{Compiled, Input};
use detect::event::PlainEvent;
use model::Context;
use model::columns::name;
use receive::Redactor;
use receive::lines::{Format, LineOrigin, decode_lines};

/// Lines that are read together.
pub const AT_ONCE: usize = 1_000;

/// The events of lines, in their order. Nothing is masked: it stays on this machine.
pub fn events(lines: &[String], now: i64, compiled: &Compiled) -> Vec<PlainEvent> {
    let context = Context::new("default", "file", now);
    let texts = lines.iter().map(String::as_bytes);
    let decoded = decode_lines(texts, Format::Auto, &context, &LineOrigin::default(), &Redactor::none());
    let mut events = Vec::with_capacity(lines.len());
    for batch in &decoded.batches {
        let rows = compiled.rows(&batch.rows);
        let times = batch.rows.column_by_name(name::TIMESTAMP);
        let times = times.and_then(|array| array.as_primitive_opt::<TimestampNanosecondType>());
        for row in 0..batch.len() {
            // A row of a batch is never malformed.
            let fields = compiled.plain(Input::Row(&rows, row)).unwrap_or_default();
            let timestamp = times.map(|times| times.value(row));
            events.push(PlainEvent { timestamp, fields, ..PlainEvent::default() });
        }
    }
    events
}
