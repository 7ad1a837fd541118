//! Control files into the ledger: what changed becomes a decision, what is gone is withdrawn.

use super::standing::{Newest, newest, said};
use super::words::digest;
use super::{Result, invalid};
use crate::limits::MAX_CONTROLS;
use ledger::{AsOf, DecisionsAsked, Ledger, Person};
use model::{Control, DEFAULT_DATASET, Decision, EntityRef, Facts, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What became of the files, by the controls' names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// New, or there again.
    pub new: Vec<String>,
    /// They say something else now.
    pub changed: Vec<String>,
    /// Their files are gone.
    pub withdrawn: Vec<String>,
    /// As they were.
    pub unchanged: u64,
}

/// Has the ledger keep the controls as they are in files now, `now` being the wall clock. What is as it was writes
/// nothing; what is kept of a control whose file is broken stays, so that a slip of the pen lets nobody through. Each control is a transaction of its own: after a kill between them, the next call goes on.
pub async fn sync(
    ledger: &Ledger,
    controls: &[Control],
    broken: &BTreeSet<String>,
    by: Person<'_>,
    now: Nanos,
) -> Result<Synced> {
    let names: BTreeSet<&str> = controls.iter().map(|control| control.name.as_str()).collect();
    if names.len() != controls.len() || controls.len() > MAX_CONTROLS {
        return invalid(format!("each control has a name of its own, and there are at most {MAX_CONTROLS}"));
    }
    let kept = newest(&ledger.decisions(&DecisionsAsked::of(&["control"]), &AsOf::at(now)).await?);
    let mut synced = Synced::default();
    for control in controls {
        let before = kept.get(&control.name);
        let stays = |before: &Newest| before.control == *control || broken.contains(&control.name);
        if before.is_some_and(|before| !before.withdrawn && stays(before)) {
            synced.unchanged += 1;
            continue;
        }
        let body = said(control);
        let mut key =
            format!("control:{}:{}", control.name, &digest(&[&Value::Object(body.clone()).to_string()])[..12]);
        // What a file said once before has this key already: it says so again now.
        let known = DecisionsAsked { key: Some(key.clone()), limit: 1, ..DecisionsAsked::default() };
        if !ledger.decisions(&known, &AsOf::at(Nanos::MAX)).await?.is_empty() {
            key = format!("{key}:{now}");
        }
        ledger.decide(&decision(control, key, body, now)?, &Facts::default(), by, now).await?;
        let list = if before.is_some_and(|before| !before.withdrawn) { &mut synced.changed } else { &mut synced.new };
        list.push(control.name.clone());
    }
    let is_gone = |name: &String| !names.contains(name.as_str()) && !broken.contains(name);
    for gone in kept.values().filter(|kept| !kept.withdrawn && is_gone(&kept.control.name)) {
        let mut body = said(&gone.control);
        body.insert("withdrawn".to_owned(), true.into());
        let key = format!("control:{}:withdrawn:{now}", gone.control.name);
        ledger.decide(&decision(&gone.control, key, body, now)?, &Facts::default(), by, now).await?;
        synced.withdrawn.push(gone.control.name.clone());
    }
    Ok(synced)
}

fn decision(control: &Control, key: String, body: Map<String, Value>, now: Nanos) -> Result<Decision> {
    let owner = EntityRef::new("team", control.owner.as_str());
    let Ok(owner) = owner else {
        return invalid(format!("{:?}, the owner of {}, is no team", control.owner, control.name));
    };
    Ok(Decision {
        key,
        kind: "control".to_owned(),
        dataset: DEFAULT_DATASET.to_owned(),
        at: now,
        entity: None,
        reason: super::words::cut(&control.title),
        owner: Some(owner),
        control: None,
        expires: control.review_by,
        cites: Vec::new(),
        body,
    })
}
