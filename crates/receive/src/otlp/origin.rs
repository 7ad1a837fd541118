//! Resource and scope: what records share.

use super::value::{Notes, attributes, attributes_json, close};
use super::wire::Fields;
use crate::error::DecodeError;
use model::batch::Origin;
use model::{ValueRef, json};

/// Resource and scope of the records that follow, and what of them has no column.
#[derive(Clone, Default)]
pub struct Shared {
    /// For the builder.
    pub origin: Origin,
    /// Members of `extra`, an object left open.
    pub extra: String,
}

/// A `Resource`.
pub fn resource(bytes: &[u8], schema_url: &[u8], notes: &mut Notes<'_>) -> Result<Shared, DecodeError> {
    let mut shared = Shared::default();
    let mut pairs = Vec::new();
    let mut entity_refs = Vec::new();
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => pairs.push(wire.bytes()),
            2 if wire.number() > 0 => {
                number_member(&mut shared.extra, "resource.dropped_attributes_count", wire.number());
            }
            3 => entity_refs.push(wire.bytes()),
            _ => {}
        }
    }
    let mut object = String::new();
    attributes(pairs.into_iter(), notes, |key, value| {
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
        let url = notes.name(schema_url).into_owned();
        json::push_member(&mut shared.extra, "resource.schema_url", ValueRef::Str(&url));
    }
    if !entity_refs.is_empty() {
        let refs = entity_refs_json(&entity_refs, notes)?;
        json::push_member(&mut shared.extra, "resource.entity_refs", ValueRef::Json(&refs));
    }
    Ok(shared)
}

fn entity_refs_json(entities: &[&[u8]], notes: &mut Notes<'_>) -> Result<String, DecodeError> {
    let mut out = String::from("[");
    for (index, bytes) in entities.iter().take(64).enumerate() {
        let mut object = String::new();
        let mut lists = [String::from("["), String::from("[")];
        let mut fields = Fields::new(bytes);
        while let Some((number, wire)) = fields.next()? {
            let text = notes.name(wire.bytes());
            match number {
                1 => json::push_member(&mut object, "schema_url", ValueRef::Str(&text)),
                2 => json::push_member(&mut object, "type", ValueRef::Str(&text)),
                3 | 4 => {
                    let list = &mut lists[number as usize - 3];
                    if list.len() > 1 {
                        list.push(',');
                    }
                    json::write_string(list, &text);
                }
                _ => {}
            }
        }
        for (list, name) in lists.iter_mut().zip(["id_keys", "description_keys"]) {
            list.push(']');
            json::push_member(&mut object, name, ValueRef::Json(list));
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
pub fn scope(bytes: &[u8], schema_url: &[u8], resource: &Shared, notes: &mut Notes<'_>) -> Result<Shared, DecodeError> {
    let mut shared = resource.clone();
    let mut pairs = Vec::new();
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 if !wire.bytes().is_empty() => shared.origin.scope_name = Some(notes.name(wire.bytes()).into_owned()),
            2 if !wire.bytes().is_empty() => shared.origin.scope_version = Some(notes.name(wire.bytes()).into_owned()),
            3 => pairs.push(wire.bytes()),
            4 if wire.number() > 0 => {
                number_member(&mut shared.extra, "scope.dropped_attributes_count", wire.number());
            }
            _ => {}
        }
    }
    shared.origin.scope_attributes = attributes_json(pairs.into_iter(), notes);
    if !schema_url.is_empty() {
        let url = notes.name(schema_url).into_owned();
        json::push_member(&mut shared.extra, "scope.schema_url", ValueRef::Str(&url));
    }
    Ok(shared)
}

/// Adds a number to an object under construction.
pub fn number_member(object: &mut String, key: &str, number: u64) {
    json::push_member(object, key, ValueRef::Int(number.min(i64::MAX as u64) as i64));
}

/// The bytes of the fields with these two numbers, in order, and the last string with the third.
pub struct Group<'a> {
    /// The resource or scope.
    pub head: &'a [u8],
    /// The messages below it.
    pub members: Vec<&'a [u8]>,
    /// Its schema URL.
    pub schema_url: &'a [u8],
}

/// Reads `ResourceLogs`, `ScopeLogs` and their like: they all have the same three fields.
pub fn group(bytes: &[u8]) -> Result<Group<'_>, DecodeError> {
    let mut group = Group { head: &[], members: Vec::new(), schema_url: &[] };
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => group.head = wire.bytes(),
            2 => group.members.push(wire.bytes()),
            3 => group.schema_url = wire.bytes(),
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
            json::push_member(extra, name, ValueRef::Str(&hex(&bytes[..bytes.len().min(64)])));
            None
        }
    }
}

/// Hex text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
        text
    })
}

/// A time of the protocol: 0 means none, what does not fit is the far future.
pub fn time(nanos: u64) -> Option<i64> {
    (nanos != 0).then(|| i64::try_from(nanos).unwrap_or(i64::MAX))
}
