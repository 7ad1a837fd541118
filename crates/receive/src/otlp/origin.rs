//! Resource and scope: what records share.

use super::Tally;
use super::value::{Marks, Notes, Pairs, attributes, attributes_json, close};
use super::wire::{Bad, Fields, Repeated, Values, merge};
use crate::error::DecodeError;
use model::batch::Origin;
use model::{ValueRef, hex, json};
use std::borrow::Cow;

/// Entities named for one resource, and keys of each.
const MAX_ENTITIES: usize = 64;

/// Resource and scope of the records that follow, and what of them has no column.
#[derive(Clone, Default)]
pub struct Shared {
    /// For the builder.
    pub origin: Origin,
    /// Members of `extra`, an object left open.
    members: String,
    /// The same, ended: the `extra` of records that have no members of their own.
    extra: Option<String>,
    /// What was cut from them, to be said on every row.
    pub marks: Marks,
}

impl Shared {
    /// Bytes that stand on each of the records.
    fn bytes(&self) -> usize {
        let Origin { service_name, resource_attributes, scope_name, scope_version, scope_attributes } = &self.origin;
        let texts = [service_name, resource_attributes, scope_name, scope_version, scope_attributes, &self.extra];
        texts.into_iter().flatten().map(String::len).sum()
    }

    /// The `extra` of a record with members of its own, an object left open. What is shared is copied only
    /// for such a record, which is counted.
    pub fn extra(&self, own: &str, tally: &mut Tally<'_>) -> Option<Cow<'_, str>> {
        let Some(own) = own.strip_prefix('{') else { return self.extra.as_deref().map(Cow::Borrowed) };
        tally.copied += self.members.len();
        let before = if self.members.is_empty() { "{" } else { "," };
        Some(Cow::Owned([&self.members, before, own, "}"].concat()))
    }
}

/// A `Resource`.
fn resource(bytes: &[u8], schema_url: &[u8], notes: &mut Notes<'_>) -> Result<Shared, Bad> {
    let mut shared = Shared::default();
    notes.begin(&shared.marks);
    let mut pairs = Pairs::default();
    let mut entity_refs = Entities::default();
    let mut dropped = 0;
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => pairs.push(wire.bytes()?),
            2 => dropped = wire.number32()?,
            3 => entity_refs.push(wire.bytes()?),
            _ => {}
        }
    }
    if dropped > 0 {
        number_member(&mut shared.members, "resource.dropped_attributes_count", dropped.into());
    }
    let mut object = String::new();
    attributes(&pairs, notes, |key, value| {
        if key == "service.name"
            && shared.origin.service_name.is_none()
            && let ValueRef::Str(name) = value
        {
            shared.origin.service_name = Some(name.to_owned());
        }
        json::push_member(&mut object, key, value);
    });
    shared.origin.resource_attributes = close(object);
    if !schema_url.is_empty() {
        let url = notes.schema_url(schema_url);
        json::push_member(&mut shared.members, "resource.schema_url", ValueRef::Str(&url));
    }
    if !entity_refs.kept().is_empty() {
        let refs = entity_refs_json(&entity_refs, notes)?;
        json::push_member(&mut shared.members, "resource.entity_refs", ValueRef::Json(&refs));
    }
    shared.marks = notes.shared();
    Ok(shared)
}

type Entities<'a> = Values<'a, MAX_ENTITIES>;

fn entity_refs_json(entities: &Entities<'_>, notes: &mut Notes<'_>) -> Result<String, Bad> {
    if let Some(count) = entities.cut() {
        notes.cut("entity_refs", count);
    }
    let mut out = String::from("[");
    for (index, bytes) in entities.kept().iter().enumerate() {
        let mut texts = [&[][..]; 2];
        let mut keys = [Entities::default(), Entities::default()];
        let mut fields = Fields::new(bytes);
        while let Some((number, wire)) = fields.next()? {
            match number {
                1 | 2 => texts[number as usize - 1] = wire.bytes()?,
                3 | 4 => keys[number as usize - 3].push(wire.bytes()?),
                _ => {}
            }
        }
        let mut object = String::new();
        let [url, kind] = texts;
        if !url.is_empty() {
            json::push_member(&mut object, "schema_url", ValueRef::Str(&notes.schema_url(url)));
        }
        if !kind.is_empty() {
            json::push_member(&mut object, "type", ValueRef::Str(&notes.name(kind)));
        }
        for (keys, name) in keys.iter().zip(["id_keys", "description_keys"]) {
            if let Some(count) = keys.cut() {
                notes.cut("entity_refs", count);
            }
            let mut list = String::from("[");
            for key in keys.kept() {
                if list.len() > 1 {
                    list.push(',');
                }
                json::write_string(&mut list, &notes.key(key));
            }
            list.push(']');
            json::push_member(&mut object, name, ValueRef::Json(&list));
        }
        if index > 0 {
            out.push(',');
        }
        out.push_str(&object);
        out.push('}');
    }
    out.push(']');
    Ok(out)
}

/// An `InstrumentationScope` below a resource.
fn scope(bytes: &[u8], schema_url: &[u8], resource: &Shared, notes: &mut Notes<'_>) -> Result<Shared, Bad> {
    let mut shared = resource.clone();
    notes.begin(&resource.marks);
    let mut texts = [&[][..]; 2];
    let mut pairs = Pairs::default();
    let mut dropped = 0;
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 | 2 => texts[number as usize - 1] = wire.bytes()?,
            3 => pairs.push(wire.bytes()?),
            4 => dropped = wire.number32()?,
            _ => {}
        }
    }
    let [name, version] = texts.map(|text| (!text.is_empty()).then(|| notes.name(text).into_owned()));
    (shared.origin.scope_name, shared.origin.scope_version) = (name, version);
    if dropped > 0 {
        number_member(&mut shared.members, "scope.dropped_attributes_count", dropped.into());
    }
    shared.origin.scope_attributes = attributes_json(&pairs, notes);
    if !schema_url.is_empty() {
        let url = notes.schema_url(schema_url);
        json::push_member(&mut shared.members, "scope.schema_url", ValueRef::Str(&url));
    }
    shared.extra = close(shared.members.clone());
    shared.marks = notes.shared();
    Ok(shared)
}

/// Adds a number to an object under construction.
pub fn number_member(object: &mut String, key: &str, number: u64) {
    json::push_member(object, key, ValueRef::Int(number.min(i64::MAX as u64) as i64));
}

/// A scope of a request.
pub struct Scope<'a> {
    /// What its members share.
    pub shared: Shared,
    /// Bytes of that.
    pub bytes: usize,
    /// Log records, spans or metrics.
    pub members: Repeated<'a>,
}

/// Visits the scopes of a request: those of logs, traces and metrics have the same form down to their members.
pub fn scopes<'a>(
    request: &'a [u8],
    notes: &mut Notes<'_>,
    tally: &mut Tally<'_>,
    mut visit: impl FnMut(Scope<'a>, &mut Notes<'_>, &mut Tally<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut fields = Fields::new(request);
    while let Some((number, wire)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let below = group(wire.bytes()?)?;
        let resource = resource(&below.head, below.schema_url, notes)?;
        for members in below.members {
            let Group { head, members, schema_url } = group(members)?;
            let shared = scope(&head, schema_url, &resource, notes)?;
            let bytes = shared.bytes();
            tally.bound(0, bytes)?;
            visit(Scope { shared, bytes, members }, notes, tally)?;
        }
    }
    Ok(())
}

/// What `ResourceLogs`, `ScopeLogs` and their like hold.
struct Group<'a> {
    /// The resource or scope.
    head: Cow<'a, [u8]>,
    /// The messages below it.
    members: Repeated<'a>,
    /// Its schema URL.
    schema_url: &'a [u8],
}

/// Reads `ResourceLogs`, `ScopeLogs` and their like: they all have the same three fields.
fn group(bytes: &[u8]) -> Result<Group<'_>, Bad> {
    let mut fields = Fields::new(bytes);
    let members = Repeated::new(fields.clone(), 2);
    let mut group = Group { head: Cow::Borrowed(&[]), members, schema_url: &[] };
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => merge(&mut group.head, wire.bytes()?),
            2 => {
                wire.bytes()?;
            }
            3 => group.schema_url = wire.bytes()?,
            _ => {}
        }
    }
    Ok(group)
}

/// An id of `N` bytes; none when it is empty or zero. One of another length goes to `extra`.
pub fn id<const N: usize>(bytes: &[u8], name: &str, extra: &mut String) -> Option<[u8; N]> {
    if bytes.is_empty() {
        return None;
    }
    match <[u8; N]>::try_from(bytes) {
        Ok(id) => (id != [0; N]).then_some(id),
        Err(_) => {
            json::push_member(extra, name, ValueRef::Str(&shown(bytes)));
            None
        }
    }
}

/// Hex text of what should be an id, as far as it helps to find out what it was.
pub fn shown(bytes: &[u8]) -> String {
    hex::encode(&bytes[..bytes.len().min(64)])
}

/// A time of the protocol: 0 means none, what does not fit is the far future.
pub fn time(nanos: u64) -> Option<i64> {
    (nanos != 0).then(|| i64::try_from(nanos).unwrap_or(i64::MAX))
}
