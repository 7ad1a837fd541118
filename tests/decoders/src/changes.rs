//! Webhooks: what holds whatever comes, with a signature that fits.

use receive::Redactor;
use receive::changes::{
    Hook, HookError, MAX_ATTRIBUTES_BYTES, MAX_BATCH, MAX_COMMITS, MAX_KEY_BYTES, MAX_NOTES, Told, cloudevents, github,
    gitlab,
};
use ring::hmac;

const SECRET: &[u8] = b"between the two of us";
const NOW: i64 = 1_795_246_176_000_000_000;
const EVENTS: [&str; 10] = [
    "push",
    "deployment",
    "deployment_status",
    "release",
    "pull_request",
    "workflow_run",
    "code_scanning_alert",
    "dependabot_alert",
    "ping",
    "check_run",
];

fn hook<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Hook<'a> {
    Hook { headers, body, dataset: "default", at: NOW }
}

/// What the ledger would refuse is never told, and nothing is unbounded.
fn holds(told: &Result<Told, HookError>) {
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            assert!((400..500).contains(&error.http_status()) && !error.to_string().is_empty());
            return;
        }
    };
    assert!(told.notes.len() <= MAX_NOTES && told.facts.changes.len() <= MAX_BATCH);
    for change in &told.facts.changes {
        assert!((1..=MAX_KEY_BYTES).contains(&change.key.len()) && !change.key.contains('\0'), "{change:?}");
        let entity = model::EntityRef::new(change.entity.kind.clone(), change.entity.key.clone());
        assert_eq!(entity.as_ref(), Ok(&change.entity));
        assert!(model::EntityRef::new(change.kind.clone(), "x").is_ok(), "{change:?}");
        assert!(change.at > 0 && change.at <= NOW + model::limits::MAX_AHEAD_NANOS);
        let attributes = serde_json::to_string(&change.attributes).expect("JSON");
        assert!(attributes.len() <= MAX_ATTRIBUTES_BYTES);
        let commits = change.attributes.get("commits").and_then(|commits| commits.as_array());
        assert!(commits.is_none_or(|commits| commits.len() <= MAX_COMMITS) || told.facts.origin == "cloudevents");
    }
}

/// GitHub: the first byte picks the event. Only what is signed is read, and reading it twice tells the same.
pub fn change_github(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), body);
    let signature = format!("sha256={}", model::hex::encode(tag.as_ref()));
    let event = EVENTS[usize::from(*first) % EVENTS.len()];
    let headers = [("x-hub-signature-256", signature.as_str()), ("x-github-event", event)];
    let told = github(&hook(&headers, body), SECRET);
    holds(&told);
    assert_eq!(github(&hook(&headers, body), SECRET), told);
    assert_eq!(github(&hook(&headers, body), b"another"), Err(HookError::BadSignature));
    assert_eq!(github(&hook(&headers, data), SECRET), Err(HookError::BadSignature));
}

/// GitLab: the same.
pub fn change_gitlab(data: &[u8]) {
    let token = String::from_utf8_lossy(SECRET);
    let headers = [("x-gitlab-token", &*token)];
    let told = gitlab(&hook(&headers, data), SECRET);
    holds(&told);
    assert_eq!(gitlab(&hook(&headers, data), SECRET), told);
    assert_eq!(gitlab(&hook(&headers, data), b"another"), Err(HookError::BadSignature));
}

/// CloudEvents: the first byte picks the mode. An event alone and in a batch tell the same.
pub fn change_cloudevents(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(&body[..body.len().min(64)]).into_owned();
    let headers: &[(&str, &str)] = match first % 4 {
        0 => &[("content-type", "application/cloudevents+json")],
        1 => &[("content-type", "application/cloudevents-batch+json")],
        2 => &[
            ("ce-specversion", "1.0"),
            ("ce-type", "dev.cdevents.service.deployed.0.2.0"),
            ("ce-id", text.as_str()),
            ("ce-source", "/ci"),
            ("ce-time", text.as_str()),
        ],
        _ => &[("content-type", "application/json")],
    };
    let told = cloudevents(&hook(headers, body), &Redactor::none());
    holds(&told);
    if first % 4 == 0 {
        let batch = [b"[", body, b"]"].concat();
        let batched =
            cloudevents(&hook(&[("content-type", "application/cloudevents-batch+json")], &batch), &Redactor::none());
        if let (Ok(told), Ok(batched)) = (&told, &batched) {
            assert_eq!(told.facts, batched.facts);
        }
    }
}
