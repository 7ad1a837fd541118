//! `ExportLogsServiceRequest` to a batch.

use super::origin::{self, Shared};
use super::value::{self, Notes, Pairs};
use super::wire::{Bad, Fields, merge};
use super::{Tally, number_member};
use crate::error::{DecodeError, Decoded};
use crate::redact::Redactor;
use model::Context;
use model::logs::{LogRow, LogsBuilder};
use std::borrow::Cow;

/// Decodes a request.
pub fn decode(bytes: &[u8], context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    let mut builder = LogsBuilder::new(context.clone());
    let mut notes = Notes::new(redactor);
    let mut tally = Tally::new(bytes);
    let mut record = Record::default();
    origin::scopes(bytes, &mut notes, &mut tally, |scope, notes, tally| {
        builder.set_origin(scope.shared.origin.clone());
        for bytes in scope.members {
            tally.bound(1, scope.bytes)?;
            match record.read(bytes) {
                Ok(()) => {
                    tally.accepted += 1;
                    record.push(&scope.shared, context, &mut builder, notes, tally);
                }
                Err(error) => tally.reject(error),
            }
        }
        Ok(())
    })?;
    let batch = builder.finish();
    tally.finish(batch, notes.counts)
}

/// Fields of one record; kept from record to record for its list.
#[derive(Default)]
struct Record<'a> {
    time: u64,
    observed: u64,
    severity_number: i32,
    severity_text: &'a [u8],
    body: Cow<'a, [u8]>,
    pairs: Pairs<'a>,
    dropped: u32,
    flags: u32,
    trace_id: &'a [u8],
    span_id: &'a [u8],
    event_name: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(&mut self, bytes: &'a [u8]) -> Result<(), Bad> {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.clear();
        *self = Record { pairs, ..Record::default() };
        let mut fields = Fields::new(bytes);
        while let Some((number, wire)) = fields.next()? {
            match number {
                1 => self.time = wire.number()?,
                2 => self.severity_number = wire.number32()? as i32,
                3 => self.severity_text = wire.bytes()?,
                5 => merge(&mut self.body, wire.bytes()?),
                6 => self.pairs.push(wire.bytes()?),
                7 => self.dropped = wire.number32()?,
                8 => self.flags = wire.number32()?,
                9 => self.trace_id = wire.bytes()?,
                10 => self.span_id = wire.bytes()?,
                11 => self.observed = wire.number()?,
                12 => self.event_name = wire.bytes()?,
                _ => {}
            }
        }
        Ok(())
    }

    fn push(
        &self,
        shared: &Shared,
        context: &Context,
        builder: &mut LogsBuilder,
        notes: &mut Notes<'_>,
        tally: &mut Tally<'_>,
    ) {
        notes.begin(&shared.marks);
        let mut own = String::new();
        let trace_id = origin::id(self.trace_id, "invalid_trace_id", &mut own);
        let span_id = origin::id(self.span_id, "invalid_span_id", &mut own);
        if self.dropped > 0 {
            number_member(&mut own, "dropped_attributes_count", self.dropped.into());
        }
        let columns = builder.attributes();
        value::attributes(&self.pairs, notes, |key, value| columns.push(key, value));
        let mut scratch = String::new();
        let (body, body_type) = match value::body(&self.body, notes, &mut scratch) {
            Ok(body) => body,
            Err(_) => {
                notes.mark("body:malformed", self.body.len());
                (None, None)
            }
        };
        let severity_text = notes.name(self.severity_text);
        let event_name = notes.name(self.event_name);
        let observed = origin::time(self.observed);
        let timestamp = origin::time(self.time).or(observed).unwrap_or(context.received);
        notes.counts.skewed += u64::from(context.place(timestamp).1.is_some());
        let extra = shared.extra(&own, tally);
        let cut = notes.take();
        builder.push(&LogRow {
            timestamp,
            observed_timestamp: observed,
            severity_number: (self.severity_number != 0).then_some(self.severity_number),
            severity_text: (!severity_text.is_empty()).then_some(&severity_text),
            body: body.as_deref(),
            body_type,
            trace_id,
            span_id,
            trace_flags: (self.flags != 0).then_some(self.flags),
            event_name: (!event_name.is_empty()).then_some(&event_name),
            extra: extra.as_deref(),
            cut: cut.as_deref(),
        });
    }
}
