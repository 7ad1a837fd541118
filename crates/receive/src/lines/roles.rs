//! Which fields of a record become columns, and the row that follows from it.

use super::flat::Flat;
use super::rows::{MAX_NAME_BYTES, Record, Rows};
use super::{LineOrigin, severity, time};
use ahash::AHashMap;
use model::ValueRef;

/// What a field can be besides an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Message,
    Time,
    Level,
    Service,
    Host,
    TraceId,
    SpanId,
}

const ROLES: usize = 7;

/// Field names by role; of several present, the one listed first is taken and the others stay attributes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    index: AHashMap<Box<str>, (Role, usize)>,
}

/// What a record has when its fields do not say.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fallback<'a> {
    pub body: Option<&'a str>,
    pub timestamp: Option<i64>,
    pub severity_number: Option<i32>,
    pub severity_text: Option<&'a str>,
    pub service: Option<&'a str>,
    pub host: Option<&'a str>,
}

impl<'a> Fallback<'a> {
    pub fn of(origin: &'a LineOrigin) -> Self {
        Self { service: origin.service_name.as_deref(), host: origin.host_name.as_deref(), ..Self::default() }
    }
}

impl Roles {
    pub fn add<S: AsRef<str>>(mut self, role: Role, names: &[S]) -> Self {
        for (priority, name) in names.iter().enumerate() {
            self.index.entry(name.as_ref().into()).or_insert((role, priority));
        }
        self
    }

    /// The usual names in structured logs.
    pub fn usual() -> Self {
        Roles::default().add_usual(&[])
    }

    /// Adds the usual names of all roles but those in `stated`.
    pub fn add_usual(self, stated: &[Role]) -> Self {
        let usual: [(Role, &[&str]); ROLES] = [
            (Role::Message, &["message", "msg", "_msg", "body", "log", "text"]),
            (Role::Time, &["@timestamp", "timestamp", "time", "ts", "_time", "datetime", "t", "date"]),
            (Role::Level, &["level", "severity", "log.level", "lvl", "loglevel", "severity_text", "levelname"]),
            (Role::Service, &["service.name", "service", "service_name"]),
            (Role::Host, &["host.name", "hostname"]),
            (Role::TraceId, &["trace_id", "trace.id", "traceId", "traceid"]),
            (Role::SpanId, &["span_id", "span.id", "spanId", "spanid"]),
        ];
        let wanted = usual.into_iter().filter(|(role, _)| !stated.contains(role));
        wanted.fold(self, |roles, (role, names)| roles.add(role, names))
    }

    /// Whether a field of this name has a role.
    pub fn knows(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    /// The field taken for each role.
    fn pick(&self, flat: &Flat) -> [Option<usize>; ROLES] {
        let mut best: [Option<(usize, usize)>; ROLES] = [None; ROLES];
        for field in 0..flat.len() {
            if let Some(&(role, priority)) = self.index.get(flat.key(field))
                && flat.value(field) != ValueRef::Null
            {
                let slot = &mut best[role as usize];
                if slot.is_none_or(|(_, taken)| priority < taken) {
                    *slot = Some((field, priority));
                }
            }
        }
        best.map(|best| best.map(|(field, _)| field))
    }

    /// Adds the record in `flat`: columns by role, the rest as attributes. A field that does not read as
    /// what its role wants stays an attribute.
    pub fn emit(&self, flat: &Flat, fallback: &Fallback<'_>, rows: &mut Rows<'_>) {
        let mut picked = self.pick(flat);
        let value = |role: Role| picked[role as usize].map(|field| flat.value(field));
        let timestamp = value(Role::Time).and_then(timestamp);
        let trace_id = value(Role::TraceId).and_then(id::<16>);
        let span_id = value(Role::SpanId).and_then(id::<8>);
        let service = value(Role::Service).and_then(short_text);
        let host = value(Role::Host).and_then(short_text);
        let level = value(Role::Level).and_then(level);
        let body = value(Role::Message).map(body);
        for (role, read) in [
            (Role::Time, timestamp.is_some()),
            (Role::TraceId, trace_id.is_some()),
            (Role::SpanId, span_id.is_some()),
            (Role::Service, service.is_some()),
            (Role::Host, host.is_some()),
            (Role::Level, level.is_some()),
        ] {
            if !read {
                picked[role as usize] = None;
            }
        }
        for field in 0..flat.len() {
            if !picked.contains(&Some(field)) {
                rows.attribute(flat.key(field), flat.value(field));
            }
        }
        rows.mark_dropped(flat.dropped);
        rows.mark_cut_values(flat.too_deep);
        let (level_text, level_number) = match &level {
            Some((text, number)) => (Some(text.as_ref()), *number),
            None => (fallback.severity_text, fallback.severity_number),
        };
        let (body, body_type) = match &body {
            Some((text, kind)) => (Some(text.as_ref()), *kind),
            None => (fallback.body, None),
        };
        rows.end(&Record {
            timestamp: timestamp.or(fallback.timestamp),
            observed: Some(rows.received()),
            severity_number: level_number,
            severity_text: level_text,
            body,
            body_type,
            trace_id,
            span_id,
            service: service.or(fallback.service),
            host: host.or(fallback.host),
        });
    }
}

fn timestamp(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Str(text) => time::parse(text),
        ValueRef::Int(int) => Some(time::epoch_int(int)),
        ValueRef::Double(double) => time::epoch_double(double),
        _ => None,
    }
}

fn short_text(value: ValueRef<'_>) -> Option<&str> {
    match value {
        ValueRef::Str(text) if !text.is_empty() && text.len() <= MAX_NAME_BYTES => Some(text),
        _ => None,
    }
}

type Text<'a> = std::borrow::Cow<'a, str>;

fn level(value: ValueRef<'_>) -> Option<(Text<'_>, Option<i32>)> {
    match value {
        ValueRef::Str(text) if !text.is_empty() && text.len() <= severity::MAX_LEVEL_BYTES => {
            let number = match text.parse() {
                Ok(int) => severity::from_number(int),
                Err(_) => severity::from_word(text),
            };
            Some((text.into(), number))
        }
        ValueRef::Int(int) => Some((int.to_string().into(), severity::from_number(int))),
        _ => None,
    }
}

fn body(value: ValueRef<'_>) -> (Text<'_>, Option<&'static str>) {
    let kind = match value {
        ValueRef::Str(text) => return (text.into(), None),
        ValueRef::Null => "map",
        ValueRef::Int(_) => "int",
        ValueRef::Double(_) => "double",
        ValueRef::Bool(_) => "bool",
        ValueRef::Json(text) if text.starts_with('[') => "array",
        ValueRef::Json(_) => "map",
    };
    let mut text = String::new();
    model::json::write_value(&mut text, value);
    (text.into(), Some(kind))
}

/// An id in hex digits; all zeros mean that there is none.
fn id<const N: usize>(value: ValueRef<'_>) -> Option<[u8; N]> {
    let ValueRef::Str(text) = value else { return None };
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut id = [0u8; N];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let nibble = |digit: u8| (digit as char).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    (id != [0; N]).then_some(id)
}
