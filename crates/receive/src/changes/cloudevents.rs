//! CloudEvents 1.0 over HTTP: structured, batched and binary; what is in them is CDEvents, or a change as it is.

use super::cdevents::cdevent;
use super::draft::Draft;
use super::json::{needed, read, text, time};
use super::{Hook, HookError, MAX_ATTRIBUTES_BYTES, MAX_BATCH, Told};
use crate::{Counts, Redactor};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{EntityRef, Nanos};
use serde_json::{Map, Value};

/// The type of an event whose data is a change as Tandem keeps it.
const OWN: &str = "dev.tandem.change";
/// Attributes that name persons; they are dropped at every depth.
const PERSONAL: &[&str] = &[
    "actor",
    "approver",
    "approvers",
    "assignee",
    "assignees",
    "author",
    "authors",
    "committer",
    "creator",
    "email",
    "login",
    "merged_by",
    "pusher",
    "reviewer",
    "reviewers",
    "sender",
    "user",
    "user_name",
    "username",
];

/// What surrounds the data.
pub(super) struct Envelope<'a> {
    /// What kind of event.
    pub kind: &'a str,
    /// Who says it, and the id of the event there.
    pub source: &'a str,
    pub id: &'a str,
    /// When, if told.
    pub at: Option<Nanos>,
    pub data: &'a Value,
}

/// Reads one event or a batch. Who may send is not shown by the request: the door has to ask for a token. Anyone may put
/// anything into an event, so its attributes are masked.
///
/// # Errors
/// When it is no CloudEvent. Of a batch everything is kept or nothing.
pub fn cloudevents(hook: &Hook<'_>, redactor: &Redactor) -> Result<Told, HookError> {
    let kind = hook.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let mut draft = Draft::new(hook, "cloudevents", None);
    let delivery = match kind {
        "application/cloudevents+json" => {
            let body = read(hook.body)?;
            structured(&mut draft, &body, "")?;
            Some(format!("{} {}", needed(&body, "/source")?, needed(&body, "/id")?))
        }
        "application/cloudevents-batch+json" => {
            batch(&mut draft, &read(hook.body)?)?;
            None
        }
        kind if kind.starts_with("application/cloudevents") => {
            return Err(HookError::malformed("only JSON is spoken here, not another format of events", "Content-Type"));
        }
        _ => Some(binary(&mut draft, hook)?),
    };
    let mut told = draft.told();
    told.delivery = delivery;
    let mut counts = Counts::default();
    for change in &mut told.facts.changes {
        mask(&mut change.attributes, redactor, &mut counts);
    }
    if counts.redacted > 0 {
        told.notes.push(format!("{} secrets were masked", counts.redacted));
    }
    Ok(told)
}

/// As deep as the reader lets attributes be.
fn mask(map: &mut Map<String, Value>, redactor: &Redactor, counts: &mut Counts) {
    for (name, value) in map.iter_mut() {
        mask_inside(name, value, redactor, counts);
    }
}

fn mask_inside(name: &str, value: &mut Value, redactor: &Redactor, counts: &mut Counts) {
    match value {
        Value::Object(map) => mask(map, redactor, counts),
        Value::Array(list) => list.iter_mut().for_each(|item| mask_inside(name, item, redactor, counts)),
        Value::String(text) => *text = redactor.attribute(name, text, counts).into_owned(),
        _ => {}
    }
}

fn batch(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let events = body.as_array().ok_or_else(|| HookError::malformed("a batch is an array of events", "/"))?;
    if events.len() > MAX_BATCH {
        return Err(HookError::TooLarge {
            limit_name: "MAX_BATCH",
            limit: MAX_BATCH,
            remedy: "send fewer events at once",
        });
    }
    events.iter().enumerate().try_for_each(|(number, event)| structured(draft, event, &format!("/{number}")))
}

/// `place` is where the event is in the body.
fn structured(draft: &mut Draft, event: &Value, place: &str) -> Result<(), HookError> {
    let there = |error: HookError| match error {
        HookError::Malformed { what, at } => HookError::Malformed { what, at: format!("{place}{at}") },
        other => other,
    };
    version(text(event, "/specversion")).map_err(there)?;
    let decoded;
    let data = match (event.get("data"), event.get("data_base64")) {
        (Some(data), _) => data,
        (None, Some(encoded)) => {
            let bytes = encoded.as_str().and_then(|encoded| STANDARD.decode(encoded).ok());
            let bytes = bytes.ok_or_else(|| there(HookError::malformed("not Base64", "/data_base64")))?;
            decoded = read(&bytes).map_err(there)?;
            &decoded
        }
        (None, None) => &Value::Null,
    };
    let envelope = Envelope {
        kind: needed(event, "/type").map_err(there)?,
        source: needed(event, "/source").map_err(there)?,
        id: needed(event, "/id").map_err(there)?,
        at: time(event, "/time"),
        data,
    };
    dispatch(draft, &envelope).map_err(there)
}

fn binary(draft: &mut Draft, hook: &Hook<'_>) -> Result<String, HookError> {
    let body = read(hook.body)?;
    // Some tools send a CDEvent without an envelope; it has all that an envelope says.
    if hook.header("ce-type").is_none() && text(&body, "/context/type").is_some() {
        let (source, id) = (needed(&body, "/context/source")?, needed(&body, "/context/id")?);
        let kind = needed(&body, "/context/type")?;
        dispatch(draft, &Envelope { kind, source, id, at: None, data: &body })?;
        return Ok(format!("{source} {id}"));
    }
    version(hook.header("ce-specversion"))?;
    let wanted = |name: &str| hook.header(name).ok_or_else(|| HookError::malformed("the header is missing", name));
    let headers = Value::Object(
        ["ce-type", "ce-source", "ce-id"]
            .iter()
            .map(|name| Ok(((*name).to_owned(), decoded(wanted(name)?).into())))
            .collect::<Result<Map<_, _>, HookError>>()?,
    );
    let when = Value::from(hook.header("ce-time").unwrap_or_default());
    let (source, id) = (needed(&headers, "/ce-source")?, needed(&headers, "/ce-id")?);
    let kind = needed(&headers, "/ce-type")?;
    dispatch(draft, &Envelope { kind, source, id, at: time(&when, ""), data: &body })?;
    Ok(format!("{source} {id}"))
}

/// Values of headers are percent-encoded where HTTP would not carry them.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = (byte == b'%').then(|| value.get(at + 1..at + 3)).flatten().and_then(model::hex::decode::<1>);
        out.push(hex.map_or(byte, |[byte]| byte));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn version(told: Option<&str>) -> Result<(), HookError> {
    match told {
        Some("1.0") => Ok(()),
        Some(_) => {
            Err(HookError::malformed("only CloudEvents 1.0 is spoken here, not another version", "/specversion"))
        }
        None => Err(HookError::malformed(
            "no CloudEvent: it has no specversion, as header ce-specversion or field",
            "/specversion",
        )),
    }
}

fn dispatch(draft: &mut Draft, event: &Envelope<'_>) -> Result<(), HookError> {
    if event.kind == OWN {
        own(draft, event)
    } else if let Some(rest) = event.kind.strip_prefix("dev.cdevents.") {
        cdevent(draft, event, rest)
    } else {
        draft.unused(&format!("an event of type {:?}", event.kind));
        Ok(())
    }
}

/// A change as it is.
fn own(draft: &mut Draft, event: &Envelope<'_>) -> Result<(), HookError> {
    let kind = needed(event.data, "/kind").map_err(in_data)?;
    // The same rule as for the kinds of entities.
    if EntityRef::new(kind, "x").is_err() {
        return Err(HookError::malformed("no kind of change: write a word such as deployment", "/data/kind"));
    }
    let entity = match event.data.get("entity") {
        Some(Value::String(text)) => text.parse::<EntityRef>(),
        Some(Value::Object(_)) => EntityRef::new(
            needed(event.data, "/entity/kind").map_err(in_data)?,
            needed(event.data, "/entity/key").map_err(in_data)?,
        ),
        _ => return Err(HookError::malformed("write an entity such as service:checkout", "/data/entity")),
    };
    let entity = entity.map_err(|error| HookError::malformed(error.to_string(), "/data/entity"))?;
    if entity.key.contains('\0') {
        return Err(HookError::malformed("a zero byte in a name", "/data/entity"));
    }
    let mut attributes = match event.data.get("attributes") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(attributes)) => attributes.clone(),
        Some(_) => return Err(HookError::malformed("attributes are an object", "/data/attributes")),
    };
    if drop_personal(&mut attributes) {
        draft.note("attributes that name persons were left out");
    }
    if serde_json::to_string(&attributes).map_or(usize::MAX, |text| text.len()) > MAX_ATTRIBUTES_BYTES {
        return Err(HookError::TooLarge {
            limit_name: "MAX_ATTRIBUTES_BYTES",
            limit: MAX_ATTRIBUTES_BYTES,
            remedy: "keep what is large elsewhere, and its address here",
        });
    }
    let at = match event.data.get("at") {
        // Numbers are nanoseconds, as everywhere in Tandem.
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(_)) => time(event.data, "/at"),
        _ => event.at,
    };
    let key = match text(event.data, "/key") {
        Some(key) => format!("{} {key}", event.source),
        None => format!("{} {}", event.source, event.id),
    };
    let change = draft.change(kind, &key, entity, at);
    change.environment = text(event.data, "/environment").map(str::to_owned);
    change.version = text(event.data, "/version").map(str::to_owned);
    change.attributes = attributes;
    Ok(())
}

fn in_data(error: HookError) -> HookError {
    match error {
        HookError::Malformed { what, at } => HookError::Malformed { what, at: format!("/data{at}") },
        other => other,
    }
}

/// Whether something was dropped. As deep as the reader lets it be.
fn drop_personal(map: &mut Map<String, Value>) -> bool {
    let before = map.len();
    map.retain(|name, _| !PERSONAL.contains(&name.to_ascii_lowercase().as_str()));
    let mut dropped = map.len() < before;
    for value in map.values_mut() {
        dropped |= drop_inside(value);
    }
    dropped
}

fn drop_inside(value: &mut Value) -> bool {
    match value {
        Value::Object(map) => drop_personal(map),
        Value::Array(list) => list.iter_mut().fold(false, |dropped, item| drop_inside(item) | dropped),
        _ => false,
    }
}
