//! `ExportMetricsServiceRequest` to a batch.

use super::origin::{self, Shared};
use super::spans::{Items, finish, ids, list};
use super::value::{self, Marks, Notes, Pairs, attributes_json};
use super::wire::{Bad, Fields, Repeated, Wire, packed_fixed64, packed_varint};
use super::{Tally, number_member};
use crate::error::{DecodeError, Decoded};
use crate::redact::Redactor;
use model::limits::MAX_LIST_ITEMS;
use model::metrics::{MetricRow, MetricsBuilder};
use model::{Context, ValueRef, json};
use std::borrow::Cow;

const TEMPORALITY: [&str; 3] = ["unspecified", "delta", "cumulative"];

/// Decodes a request.
pub fn decode(bytes: &[u8], context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    let mut builder = MetricsBuilder::new(context.clone());
    let mut notes = Notes::new(redactor);
    let mut tally = Tally::new(bytes);
    origin::scopes(bytes, &mut notes, &mut tally, |scope, notes, tally| {
        builder.set_origin(scope.shared.origin.clone());
        for bytes in scope.members {
            tally.bound(0, scope.bytes)?;
            match Metric::read(bytes, &scope.shared, notes, tally) {
                Ok(metric) => metric.push(scope.bytes, context, &mut builder, notes, tally)?,
                Err(error) => tally.reject(error),
            }
        }
        Ok(())
    })?;
    let batch = builder.finish();
    tally.finish(batch, notes.counts)
}

/// Kinds of data, by their field number in `Metric`.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Gauge,
    Sum,
    Histogram,
    Exponential,
    Summary,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Gauge => "gauge",
            Kind::Sum => "sum",
            Kind::Histogram => "histogram",
            Kind::Exponential => "exponential_histogram",
            Kind::Summary => "summary",
        }
    }
}

struct Metric<'a> {
    name: String,
    description: String,
    unit: String,
    extra: Option<Cow<'a, str>>,
    kind: Kind,
    /// Its data, which may come in pieces.
    pieces: Repeated<'a>,
    temporality: Option<&'static str>,
    is_monotonic: Option<bool>,
    marks: Marks,
}

impl<'a> Metric<'a> {
    fn read(bytes: &'a [u8], shared: &'a Shared, notes: &mut Notes<'_>, tally: &mut Tally<'_>) -> Result<Self, Bad> {
        let mut texts = [&[][..]; 3];
        let mut metadata = Pairs::default();
        let mut data: Option<(Kind, Repeated<'a>)> = None;
        let mut fields = Fields::new(bytes);
        loop {
            let here = fields.clone();
            let Some((number, wire)) = fields.next()? else { break };
            let kind = match number {
                1..=3 => {
                    texts[number as usize - 1] = wire.bytes()?;
                    continue;
                }
                12 => {
                    metadata.push(wire.bytes()?);
                    continue;
                }
                5 => Kind::Gauge,
                7 => Kind::Sum,
                9 => Kind::Histogram,
                10 => Kind::Exponential,
                11 => Kind::Summary,
                _ => continue,
            };
            wire.bytes()?;
            // The last kind counts; pieces of the same kind belong together.
            if data.as_ref().is_none_or(|(known, _)| *known != kind) {
                data = Some((kind, Repeated::new(here, number)));
            }
        }
        let (kind, pieces) = data.unwrap_or((Kind::Gauge, Repeated::default()));
        notes.begin(&shared.marks);
        let [name, description, unit] = texts;
        let mut metric = Metric {
            name: notes.metric_name(name).into_owned(),
            description: notes.name(description).into_owned(),
            unit: notes.metric_name(unit).into_owned(),
            extra: None,
            kind,
            pieces,
            temporality: None,
            is_monotonic: (kind == Kind::Sum).then_some(false),
            marks: Marks::default(),
        };
        let mut own = String::new();
        metric.data(&mut own)?;
        if let Some(metadata) = attributes_json(&metadata, notes) {
            json::push_member(&mut own, "metadata", ValueRef::Json(&metadata));
        }
        metric.extra = shared.extra(&own, tally);
        metric.marks = notes.shared();
        Ok(metric)
    }

    /// Reads what its points share; what has no column becomes a member of `own`.
    fn data(&mut self, own: &mut String) -> Result<(), Bad> {
        let has_temporality = matches!(self.kind, Kind::Sum | Kind::Histogram | Kind::Exponential);
        let mut temporality = 0;
        for piece in self.pieces.clone() {
            let mut fields = Fields::new(piece);
            while let Some((number, wire)) = fields.next()? {
                match number {
                    1 => {
                        wire.bytes()?;
                    }
                    2 if has_temporality => temporality = wire.number32()? as i32,
                    3 if self.kind == Kind::Sum => self.is_monotonic = Some(wire.number()? != 0),
                    _ => {}
                }
            }
        }
        if has_temporality {
            let known = usize::try_from(temporality).ok().and_then(|at| TEMPORALITY.get(at).copied());
            if known.is_none() {
                json::push_member(own, "unknown_temporality", ValueRef::Int(temporality.into()));
            }
            self.temporality = Some(known.unwrap_or(TEMPORALITY[0]));
        }
        Ok(())
    }

    fn push(
        &self,
        shared_bytes: usize,
        context: &Context,
        builder: &mut MetricsBuilder,
        notes: &mut Notes<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<(), DecodeError> {
        let extra = self.extra.as_deref().map_or(0, str::len);
        let shared_bytes = shared_bytes + self.name.len() + self.description.len() + self.unit.len() + extra;
        for bytes in self.pieces.clone().flat_map(|piece| Repeated::new(Fields::new(piece), 1)) {
            tally.bound(1, shared_bytes)?;
            match Point::read(self.kind, bytes) {
                Ok(point) => {
                    tally.accepted += 1;
                    self.push_point(&point, context, builder, notes);
                }
                Err(error) => tally.reject(error),
            }
        }
        Ok(())
    }

    fn push_point(&self, point: &Point<'_>, context: &Context, builder: &mut MetricsBuilder, notes: &mut Notes<'_>) {
        notes.begin(&self.marks);
        let columns = builder.attributes();
        value::attributes(&point.pairs, notes, |key, value| columns.push(key, value));
        let exemplars = list(&point.exemplars, "exemplars", notes, exemplar);
        let quantiles = list(&point.quantiles, "quantiles", notes, |bytes, _| quantile(bytes));
        if point.cut_items > 0 {
            let kept = point.bounds.len() + point.buckets.len() + point.negative.len();
            notes.cut("buckets", kept + point.cut_items);
        }
        let timestamp = origin::time(point.time).unwrap_or(context.received);
        notes.counts.skewed += u64::from(context.place(timestamp).1.is_some());
        let cut = notes.take();
        let text = |text: &'_ String| !text.is_empty();
        let histogram = self.kind == Kind::Histogram;
        let exponential = self.kind == Kind::Exponential;
        builder.push(&MetricRow {
            timestamp,
            start_timestamp: origin::time(point.start),
            name: text(&self.name).then_some(&self.name),
            kind: self.kind.name(),
            unit: text(&self.unit).then_some(&self.unit),
            description: text(&self.description).then_some(&self.description),
            temporality: self.temporality,
            is_monotonic: self.is_monotonic,
            value: point.value,
            value_int: point.value_int,
            count: point.count.or((histogram || exponential || self.kind == Kind::Summary).then_some(0)),
            sum: point.sum.or((self.kind == Kind::Summary).then_some(0.0)),
            min: point.min,
            max: point.max,
            bounds: histogram.then_some(&point.bounds),
            buckets: (histogram || point.has_positive).then_some(&point.buckets),
            scale: exponential.then_some(point.scale),
            zero_count: exponential.then_some(point.zero_count),
            zero_threshold: (exponential && point.zero_threshold != 0.0).then_some(point.zero_threshold),
            positive_offset: point.has_positive.then_some(point.positive_offset),
            negative_offset: point.has_negative.then_some(point.negative_offset),
            negative_buckets: point.has_negative.then_some(&point.negative),
            quantiles: quantiles.as_deref(),
            exemplars: exemplars.as_deref(),
            flags: (point.flags != 0).then_some(point.flags),
            extra: self.extra.as_deref(),
            cut: cut.as_deref(),
        });
    }
}

/// A data point of any kind.
#[derive(Default)]
struct Point<'a> {
    pairs: Pairs<'a>,
    exemplars: Items<'a>,
    quantiles: Items<'a>,
    start: u64,
    time: u64,
    flags: u32,
    value: Option<f64>,
    value_int: Option<i64>,
    count: Option<u64>,
    sum: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    bounds: Vec<f64>,
    buckets: Vec<u64>,
    scale: i32,
    zero_count: u64,
    zero_threshold: f64,
    has_positive: bool,
    has_negative: bool,
    positive_offset: i32,
    negative_offset: i32,
    negative: Vec<u64>,
    /// List items beyond the limit.
    cut_items: usize,
}

impl<'a> Point<'a> {
    fn read(kind: Kind, bytes: &'a [u8]) -> Result<Self, Bad> {
        let mut point = Point::default();
        let mut fields = Fields::new(bytes);
        while let Some((number, wire)) = fields.next()? {
            match (number, kind) {
                (2, _) => point.start = wire.number()?,
                (3, _) => point.time = wire.number()?,
                (_, Kind::Gauge | Kind::Sum) => point.number(number, wire)?,
                (_, Kind::Histogram) => point.histogram(number, wire)?,
                (_, Kind::Exponential) => point.exponential(number, wire)?,
                (_, Kind::Summary) => point.summary(number, wire)?,
            }
        }
        Ok(point)
    }

    fn number(&mut self, number: u32, wire: Wire<'a>) -> Result<(), Bad> {
        match number {
            4 => (self.value_int, self.value) = (None, Some(wire.double()?)),
            5 => self.exemplars.push(wire.bytes()?),
            6 => {
                let value = wire.number()? as i64;
                (self.value_int, self.value) = (Some(value), Some(value as f64));
            }
            7 => self.pairs.push(wire.bytes()?),
            8 => self.flags = wire.number32()?,
            _ => {}
        }
        Ok(())
    }

    fn histogram(&mut self, number: u32, wire: Wire<'a>) -> Result<(), Bad> {
        match number {
            4 => self.count = Some(wire.number()?),
            5 => self.sum = Some(wire.double()?),
            6 => {
                let room = MAX_LIST_ITEMS - self.buckets.len();
                let buckets = &mut self.buckets;
                self.cut_items += packed_fixed64(wire, room, |count| buckets.push(count))?;
            }
            7 => {
                let room = MAX_LIST_ITEMS - self.bounds.len();
                let bounds = &mut self.bounds;
                self.cut_items += packed_fixed64(wire, room, |bits| bounds.push(f64::from_bits(bits)))?;
            }
            8 => self.exemplars.push(wire.bytes()?),
            9 => self.pairs.push(wire.bytes()?),
            10 => self.flags = wire.number32()?,
            11 => self.min = Some(wire.double()?),
            12 => self.max = Some(wire.double()?),
            _ => {}
        }
        Ok(())
    }

    fn exponential(&mut self, number: u32, wire: Wire<'a>) -> Result<(), Bad> {
        match number {
            1 => self.pairs.push(wire.bytes()?),
            4 => self.count = Some(wire.number()?),
            5 => self.sum = Some(wire.double()?),
            6 => self.scale = wire.sint32()?,
            7 => self.zero_count = wire.number()?,
            8 => {
                self.has_positive = true;
                self.cut_items += buckets(wire.bytes()?, &mut self.positive_offset, &mut self.buckets)?;
            }
            9 => {
                self.has_negative = true;
                self.cut_items += buckets(wire.bytes()?, &mut self.negative_offset, &mut self.negative)?;
            }
            10 => self.flags = wire.number32()?,
            11 => self.exemplars.push(wire.bytes()?),
            12 => self.min = Some(wire.double()?),
            13 => self.max = Some(wire.double()?),
            14 => self.zero_threshold = wire.double()?,
            _ => {}
        }
        Ok(())
    }

    fn summary(&mut self, number: u32, wire: Wire<'a>) -> Result<(), Bad> {
        match number {
            4 => self.count = Some(wire.number()?),
            5 => self.sum = Some(wire.double()?),
            6 => self.quantiles.push(wire.bytes()?),
            7 => self.pairs.push(wire.bytes()?),
            8 => self.flags = wire.number32()?,
            _ => {}
        }
        Ok(())
    }
}

fn buckets(bytes: &[u8], offset: &mut i32, counts: &mut Vec<u64>) -> Result<usize, Bad> {
    let mut cut = 0;
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => *offset = wire.sint32()?,
            2 => {
                let room = MAX_LIST_ITEMS - counts.len();
                cut += packed_varint(wire, room, |count| counts.push(count))?;
            }
            _ => {}
        }
    }
    Ok(cut)
}

fn quantile(bytes: &[u8]) -> Result<String, Bad> {
    let (mut quantile, mut value) = (0.0, 0.0);
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => quantile = wire.double()?,
            2 => value = wire.double()?,
            _ => {}
        }
    }
    let mut object = String::new();
    json::push_member(&mut object, "quantile", ValueRef::Double(quantile));
    json::push_member(&mut object, "value", ValueRef::Double(value));
    Ok(value::close(object).unwrap_or_default())
}

fn exemplar(bytes: &[u8], notes: &mut Notes<'_>) -> Result<String, Bad> {
    let (mut time, mut value, mut span_id, mut trace_id) = (0, None, &[][..], &[][..]);
    let mut pairs = Pairs::default();
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            2 => time = wire.number()?,
            3 => value = Some(ValueRef::Double(wire.double()?)),
            4 => span_id = wire.bytes()?,
            5 => trace_id = wire.bytes()?,
            6 => value = Some(ValueRef::Int(wire.number()? as i64)),
            7 => pairs.push(wire.bytes()?),
            _ => {}
        }
    }
    let mut object = String::new();
    if time > 0 {
        number_member(&mut object, "timestamp", time);
    }
    if let Some(value) = value {
        json::push_member(&mut object, "value", value);
    }
    ids(&mut object, trace_id, span_id);
    Ok(finish(object, &pairs, 0, notes))
}
