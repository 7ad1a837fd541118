//! `ExportTraceServiceRequest` to a batch.

use super::origin::{self, Shared, shown};
use super::value::{self, Notes, Pairs, attributes_json};
use super::wire::{Bad, Fields, Values};
use super::{Tally, number_member};
use crate::error::{DecodeError, Decoded};
use crate::redact::Redactor;
use model::limits::MAX_LIST_ITEMS;
use model::spans::{SpanRow, SpansBuilder};
use model::{Context, ValueRef, json};

const KINDS: [&str; 6] = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const STATUS: [&str; 3] = ["unset", "ok", "error"];

/// Decodes a request.
pub fn decode(bytes: &[u8], context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    let mut builder = SpansBuilder::new(context.clone());
    let mut notes = Notes::new(redactor);
    let mut tally = Tally::new(bytes);
    origin::scopes(bytes, &mut notes, &mut tally, |scope, notes, tally| {
        builder.set_origin(scope.shared.origin.clone());
        for bytes in scope.members {
            tally.bound(1, scope.bytes)?;
            match Span::read(bytes) {
                Ok(span) => {
                    tally.accepted += 1;
                    span.push(&scope.shared, context, &mut builder, notes, tally);
                }
                Err(error) => tally.reject(error),
            }
        }
        Ok(())
    })?;
    let batch = builder.finish();
    tally.finish(batch, notes.counts)
}

/// Messages in a list.
pub type Items<'a> = Values<'a, MAX_LIST_ITEMS>;

#[derive(Default)]
struct Span<'a> {
    trace_id: &'a [u8],
    span_id: &'a [u8],
    trace_state: &'a [u8],
    parent: &'a [u8],
    name: &'a [u8],
    kind: i32,
    start: u64,
    end: u64,
    pairs: Pairs<'a>,
    events: Items<'a>,
    links: Items<'a>,
    /// Of attributes, events and links.
    dropped: [u32; 3],
    status_message: &'a [u8],
    status_code: i32,
    flags: u32,
}

impl<'a> Span<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Bad> {
        let mut span = Span::default();
        let mut fields = Fields::new(bytes);
        while let Some((number, wire)) = fields.next()? {
            match number {
                1 => span.trace_id = wire.bytes()?,
                2 => span.span_id = wire.bytes()?,
                3 => span.trace_state = wire.bytes()?,
                4 => span.parent = wire.bytes()?,
                5 => span.name = wire.bytes()?,
                6 => span.kind = wire.number32()? as i32,
                7 => span.start = wire.number()?,
                8 => span.end = wire.number()?,
                9 => span.pairs.push(wire.bytes()?),
                10 => span.dropped[0] = wire.number32()?,
                11 => span.events.push(wire.bytes()?),
                12 => span.dropped[1] = wire.number32()?,
                13 => span.links.push(wire.bytes()?),
                14 => span.dropped[2] = wire.number32()?,
                15 => {
                    let mut status = Fields::new(wire.bytes()?);
                    while let Some((number, wire)) = status.next()? {
                        match number {
                            2 => span.status_message = wire.bytes()?,
                            3 => span.status_code = wire.number32()? as i32,
                            _ => {}
                        }
                    }
                }
                16 => span.flags = wire.number32()?,
                _ => {}
            }
        }
        Ok(span)
    }

    fn push(
        &self,
        shared: &Shared,
        context: &Context,
        builder: &mut SpansBuilder,
        notes: &mut Notes<'_>,
        tally: &mut Tally<'_>,
    ) {
        notes.begin(&shared.marks);
        let mut own = String::new();
        let trace_id = origin::id(self.trace_id, "invalid_trace_id", &mut own);
        let span_id = origin::id(self.span_id, "invalid_span_id", &mut own);
        let parent_span_id = origin::id(self.parent, "invalid_parent_span_id", &mut own);
        let names = ["dropped_attributes_count", "dropped_events_count", "dropped_links_count"];
        for (dropped, name) in self.dropped.iter().zip(names).filter(|(dropped, _)| **dropped > 0) {
            number_member(&mut own, name, u64::from(*dropped));
        }
        let known =
            |names: &[&'static str], value: i32| usize::try_from(value).ok().and_then(|at| names.get(at).copied());
        let kind = known(&KINDS, self.kind).unwrap_or_else(|| {
            json::push_member(&mut own, "unknown_kind", ValueRef::Int(self.kind.into()));
            KINDS[0]
        });
        let status_code = known(&STATUS, self.status_code).unwrap_or_else(|| {
            json::push_member(&mut own, "unknown_status_code", ValueRef::Int(self.status_code.into()));
            STATUS[0]
        });
        let columns = builder.attributes();
        value::attributes(&self.pairs, notes, |key, value| columns.push(key, value));
        let events = list(&self.events, "events", notes, event);
        let links = list(&self.links, "links", notes, link);
        let name = notes.name(self.name);
        let trace_state = notes.name(self.trace_state);
        let message = notes.name(self.status_message);
        let timestamp = origin::time(self.start).unwrap_or(context.received);
        notes.counts.skewed += u64::from(context.place(timestamp).1.is_some());
        let end = origin::time(self.end).unwrap_or(timestamp);
        let extra = shared.extra(&own, tally);
        let cut = notes.take();
        let given = |text: &'_ str| !text.is_empty();
        builder.push(&SpanRow {
            timestamp,
            duration_ns: end.saturating_sub(timestamp),
            name: given(&name).then_some(&name),
            kind,
            status_code,
            status_message: given(&message).then_some(&message),
            trace_id,
            span_id,
            parent_span_id,
            trace_state: given(&trace_state).then_some(&trace_state),
            trace_flags: (self.flags != 0).then_some(self.flags),
            events: events.as_deref(),
            links: links.as_deref(),
            extra: extra.as_deref(),
            cut: cut.as_deref(),
        });
    }
}

/// A JSON array of messages; malformed ones are marked and left out.
pub fn list(
    messages: &Items<'_>,
    what: &str,
    notes: &mut Notes<'_>,
    mut one: impl FnMut(&[u8], &mut Notes<'_>) -> Result<String, Bad>,
) -> Option<String> {
    if messages.kept().is_empty() {
        return None;
    }
    if let Some(count) = messages.cut() {
        notes.cut(what, count);
    }
    let mut out = String::from("[");
    for message in messages.kept() {
        match one(message, notes) {
            Ok(object) => {
                if out.len() > 1 {
                    out.push(',');
                }
                out.push_str(&object);
            }
            Err(_) => notes.mark("malformed", message.len()),
        }
    }
    out.push(']');
    Some(out)
}

fn event(bytes: &[u8], notes: &mut Notes<'_>) -> Result<String, Bad> {
    let (mut time, mut name, mut pairs, mut dropped) = (0, &[][..], Pairs::default(), 0);
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => time = wire.number()?,
            2 => name = wire.bytes()?,
            3 => pairs.push(wire.bytes()?),
            4 => dropped = wire.number32()?,
            _ => {}
        }
    }
    let mut object = String::new();
    number_member(&mut object, "timestamp", time);
    let name = notes.name(name);
    json::push_member(&mut object, "name", ValueRef::Str(&name));
    Ok(finish(object, &pairs, dropped, notes))
}

fn link(bytes: &[u8], notes: &mut Notes<'_>) -> Result<String, Bad> {
    let (mut trace_id, mut span_id, mut trace_state) = (&[][..], &[][..], &[][..]);
    let (mut pairs, mut dropped, mut flags) = (Pairs::default(), 0, 0);
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => trace_id = wire.bytes()?,
            2 => span_id = wire.bytes()?,
            3 => trace_state = wire.bytes()?,
            4 => pairs.push(wire.bytes()?),
            5 => dropped = wire.number32()?,
            6 => flags = wire.number32()?,
            _ => {}
        }
    }
    let mut object = String::new();
    ids(&mut object, trace_id, span_id);
    if !trace_state.is_empty() {
        let state = notes.name(trace_state);
        json::push_member(&mut object, "trace_state", ValueRef::Str(&state));
    }
    if flags > 0 {
        number_member(&mut object, "flags", flags.into());
    }
    Ok(finish(object, &pairs, dropped, notes))
}

/// Adds the ids that are given.
pub fn ids(object: &mut String, trace_id: &[u8], span_id: &[u8]) {
    for (id, name) in [(trace_id, "trace_id"), (span_id, "span_id")] {
        if !id.is_empty() {
            json::push_member(object, name, ValueRef::Str(&shown(id)));
        }
    }
}

/// Adds attributes and what was dropped of them.
pub fn finish(mut object: String, pairs: &Pairs<'_>, dropped: u32, notes: &mut Notes<'_>) -> String {
    if let Some(attributes) = attributes_json(pairs, notes) {
        json::push_member(&mut object, "attributes", ValueRef::Json(&attributes));
    }
    if dropped > 0 {
        number_member(&mut object, "dropped_attributes_count", dropped.into());
    }
    value::close(object).unwrap_or_else(|| "{}".to_owned())
}
