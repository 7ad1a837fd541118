//! What people say, and what they are told.

use super::{ControlError, Result, invalid};
use crate::limits::{DAY, GRACE, MAX_RESTRICTING, MAX_WORDS};
use chrono::{DateTime, Utc};
use model::{Cite, Decision, EntityRef, Nanos, hex};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::str::FromStr;

/// Where somebody was when they answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// At the command line.
    Terminal,
    /// On a page of Tandem.
    Page,
    /// In a comment of a pull request.
    Comment,
    /// In the response of a webhook.
    Webhook,
    /// Nobody was stopped here: an alert asks.
    Alert,
}

impl Where {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Where::Terminal => "terminal",
            Where::Page => "page",
            Where::Comment => "comment",
            Where::Webhook => "webhook",
            Where::Alert => "alert",
        }
    }
}

impl FromStr for Where {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Where, String> {
        let all = [Where::Terminal, Where::Page, Where::Comment, Where::Webhook];
        let found = all.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| "one answers at terminal, page, comment or webhook".to_owned())
    }
}

/// Something that a team should hear of. `tandem` puts it into the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Word {
    /// Told twice under the same key it is one notice.
    pub key: String,
    /// `answer`, `question`, `reply`, `ending`, `lockdown`.
    pub kind: String,
    /// The team.
    pub team: String,
    /// Who may see it.
    pub dataset: String,
    /// One line.
    pub title: String,
    /// What more there is to say, as lines.
    pub text: String,
    /// It is told to everybody who hears anything, as nobody may miss it.
    pub loud: bool,
}

/// 128 bits of a hash in hex: short enough for a key, long enough that no two meet.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// The first characters of a text.
pub(super) fn cut(text: &str) -> String {
    let mut out: String = text.chars().take(MAX_WORDS / 2).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// Words that must be there: trimmed, bounded, without control characters but ends of lines.
pub(super) fn words(text: &str, missing: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return invalid(missing);
    }
    if text.chars().count() > MAX_WORDS {
        return invalid(format!("say it in at most {MAX_WORDS} characters, and link to what is longer"));
    }
    Ok(text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect())
}

/// When something ends: at the asked time, or after a usual one; never after the longest.
pub(super) fn ends(what: &str, until: Option<Nanos>, usual: Nanos, now: Nanos) -> Result<Nanos> {
    let latest = now + MAX_RESTRICTING;
    match until {
        None => Ok(now + usual.clamp(1, MAX_RESTRICTING)),
        Some(until) if until <= now => invalid(format!("the {what} ends at {}, before it begins", date(until))),
        Some(until) if until > latest + GRACE => invalid(format!(
            "the {what} ends at {}: it lasts at most {} days, until {}; renew it then, with one key",
            date(until),
            MAX_RESTRICTING / DAY,
            date(latest)
        )),
        Some(until) => Ok(until.min(latest)),
    }
}

/// A decision with what all of them have; the rest is put in by the caller.
pub(super) fn decision(kind: &str, key: String, reason: String, dataset: &str, now: Nanos) -> Decision {
    Decision {
        key,
        kind: kind.to_owned(),
        dataset: dataset.to_owned(),
        at: now,
        entity: None,
        reason,
        owner: None,
        control: None,
        expires: None,
        cites: Vec::new(),
        body: Map::new(),
    }
}

pub(super) fn team(name: &str) -> Result<EntityRef> {
    model::entity::team(name).map_err(|error| ControlError::Invalid(format!("{name:?} is no team: {error}")))
}

/// What a body says under a key, as a text.
pub(super) fn text_of(body: &Map<String, Value>, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// What a body says under a key, as a number.
pub(super) fn number_of(body: &Map<String, Value>, key: &str) -> Option<i64> {
    body.get(key).and_then(Value::as_i64)
}

/// The facts among citations.
pub(super) fn facts_of(cites: &[Cite]) -> impl Iterator<Item = i64> + '_ {
    cites.iter().filter_map(|cite| match cite {
        Cite::Fact(id) => Some(*id),
        Cite::Event(_) => None,
    })
}

/// A day and a minute for people, in UTC.
pub(super) fn date(at: Nanos) -> String {
    let whole = DateTime::<Utc>::from_timestamp_nanos(at);
    let form = if at.rem_euclid(DAY) == 0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M UTC" };
    whole.format(form).to_string()
}
