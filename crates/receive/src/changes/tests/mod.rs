//! Requests as the sources send them, with payloads of our own.

mod events;
mod github;
mod gitlab;

use super::{Hook, HookError, Told};
use base64::Engine as _;
use model::Change;
use serde_json::Value;

/// 2026-11-21T07:29:36Z.
const NOW: i64 = 1_795_246_176_000_000_000;
const SECRET: &[u8] = b"between the two of us";
const SHA: &str = "4f2a9c0d1e3b5a7988776655443322110f1e2d3c";
const OLD: &str = "00112233445566778899aabbccddeeff00112233";
/// Names that stand in the payloads and may stand in no fact.
const PERSONS: [&str; 4] = ["jdoe", "Jane Doe", "jane@example.org", "hunter2"];

fn hook<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Hook<'a> {
    Hook { headers, body, dataset: "shop", at: NOW }
}

fn nameless(told: &Told) {
    let text = format!("{:?} {:?}", told.facts, told.notes);
    for person in PERSONS {
        assert!(!text.contains(person), "{person} in {text}");
    }
}

fn from_github(event: &str, body: &Value) -> Result<Told, HookError> {
    let bytes = body.to_string().into_bytes();
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET), &bytes);
    let signature = format!("sha256={}", model::hex::encode(tag.as_ref()));
    let headers = [
        ("X-Hub-Signature-256", signature.as_str()),
        ("X-GitHub-Event", event),
        ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("Content-Type", "application/json"),
    ];
    let told = super::github(&hook(&headers, &bytes), SECRET);
    told.iter().for_each(nameless);
    told
}

fn from_gitlab(body: &Value) -> Result<Told, HookError> {
    let bytes = body.to_string().into_bytes();
    let token = String::from_utf8_lossy(SECRET);
    let headers = [("X-Gitlab-Token", &*token), ("X-Gitlab-Event-UUID", "e-1"), ("Idempotency-Key", "d-1")];
    let told = super::gitlab(&hook(&headers, &bytes), SECRET);
    told.iter().for_each(nameless);
    told
}

fn from_events(headers: &[(&str, &str)], body: &Value) -> Result<Told, HookError> {
    let bytes = body.to_string().into_bytes();
    let told = super::cloudevents(&hook(headers, &bytes), &crate::Redactor::default_rules());
    told.iter().for_each(nameless);
    told
}

/// The one change that was told.
fn one(told: Result<Told, HookError>) -> Change {
    let mut told = told.unwrap();
    assert_eq!(told.facts.changes.len(), 1, "{told:?}");
    told.facts.changes.remove(0)
}

fn attribute<'a>(change: &'a Change, name: &str) -> &'a str {
    change.attributes.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} of {change:?}"))
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
