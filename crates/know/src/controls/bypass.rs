//! A bypass that detection saw asks the control's owner: was the control in the way?

use super::Result;
use super::standing::{Standing, in_force};
use super::words::{Word, decision};
use crate::limits::MAX_ALERT_PAGES;
use ledger::{AsOf, DecisionsAsked, Kept, Kind, Ledger, Order, Person, Wanted};
use model::control::fits;
use model::{Cite, Control, Facts, Nanos};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Other names of rules, by their ids: rules of detection go by a UUID, and people name them by words.
pub type RuleNames = HashMap<String, String>;

/// A tag of rules that see that somebody went around something.
const BYPASS: &str = "tandem.bypass";
/// A tag that names the control that was gone around.
const CONTROL: &str = "tandem.control.";

/// What was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bypasses {
    /// Questions that are new, and what the owners are told.
    pub words: Vec<Word>,
    /// Alerts of bypasses that no control stands behind: nobody can be asked.
    pub without_control: u64,
}

/// The controls that stand behind a rule: those that a tag names, else the one with the longest pattern that fits the rule's
/// id or name, since `*-key` and `kubernetes-*` may both fit one.
pub fn stand_behind<'s>(standing: &'s Standing, rule: &str, tags: &[String], names: &RuleNames) -> Vec<&'s Control> {
    let controls = || standing.controls.iter().map(|one| &one.control);
    let is_named = |control: &&Control| tags.iter().any(|tag| tag.strip_prefix(CONTROL) == Some(&control.name));
    let named: Vec<&Control> = controls().filter(is_named).collect();
    if !named.is_empty() {
        return named;
    }
    let called = names.get(rule).map(String::as_str);
    let fit = |pattern: &&String| fits(pattern, rule) || called.is_some_and(|name| fits(pattern, name));
    let longest = |control: &Control| control.rules.iter().filter(fit).map(String::len).max();
    let all = controls().filter_map(|control| Some((longest(control)?, control)));
    // Of equals the first by name.
    all.max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.name.cmp(&a.1.name)))
        .map(|(_, control)| control)
        .into_iter()
        .collect()
}

/// Whether an alert says that somebody went around a control.
pub(super) fn is_bypass(alert: &Kept) -> bool {
    alert.tags.iter().any(|tag| tag == BYPASS || tag.starts_with(CONTROL))
}

/// Opens a question to the owner of each control that an alert raised since a time says was gone around: one for each
/// alert and control, however often this is called.
pub async fn bypasses(
    ledger: &Ledger,
    since: Nanos,
    names: &RuleNames,
    by: Person<'_>,
    now: Nanos,
) -> Result<Bypasses> {
    let alerts: Vec<Kept> = alerts(ledger, Kind::Alert, since, &AsOf::at(now)).await?;
    let mut alerts: Vec<Kept> = alerts.into_iter().filter(is_bypass).collect();
    let mut asked = Bypasses::default();
    if alerts.is_empty() {
        return Ok(asked);
    }
    let before = DecisionsAsked { since: Some(since), ..DecisionsAsked::of(&["question"]) };
    let before = ledger.decisions(&before, &AsOf::at(now)).await?;
    let before: HashSet<&str> = before.iter().map(|kept| kept.decision.key.as_str()).collect();
    alerts.retain(|alert| !before.contains(key(alert).as_str()));
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    for alert in &alerts {
        let behind = behind(&standing, alert, names);
        asked.without_control += u64::from(behind.is_none());
        if let Some(name) = behind {
            asked.words.extend(ask(ledger, &standing, &name, alert, by, now).await?);
        }
    }
    Ok(asked)
}

fn key(alert: &Kept) -> String {
    format!("bypass:{}", alert.id)
}

/// The control that was gone around: the one that a tag names, else the one that stands behind the rule.
fn behind(standing: &Standing, alert: &Kept, names: &RuleNames) -> Option<String> {
    let named = alert.tags.iter().filter_map(|tag| tag.strip_prefix(CONTROL));
    let named = named.filter(|name| standing.control(name).is_ok()).map(str::to_owned).next();
    named.or_else(|| {
        let found = stand_behind(standing, &alert.rule, &alert.tags, names);
        found.first().map(|control| control.name.clone())
    })
}

async fn ask(
    ledger: &Ledger,
    standing: &Standing,
    name: &str,
    alert: &Kept,
    by: Person<'_>,
    now: Nanos,
) -> Result<Option<Word>> {
    let control = standing.control(name)?;
    let reason = format!("{}: was the control {name} in the way?", super::words::cut(&alert.title));
    let mut decision = decision("question", key(alert), reason, &alert.dataset, now);
    decision.entity = alert.entity.clone();
    decision.owner = Some(super::words::team(&control.control.owner)?);
    decision.control = Some(control.id);
    decision.cites = vec![Cite::Fact(alert.id)];
    let said = [("control", name), ("say", "question"), ("where", "alert"), ("rule", &alert.rule)];
    decision.body = said.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
    let decided = ledger.decide(&decision, &Facts::default(), by, now).await?;
    let text = format!(
        "{}\nSomebody went around it. If it was in the way, relax it or say how it can be met; if not, say so.\nReply with: \
         tandem reply {} answered \"...\"",
        control.control.title, decided.id
    );
    Ok((!decided.repeated).then(|| Word {
        key: key(alert),
        kind: "question".to_owned(),
        team: control.control.owner.clone(),
        dataset: alert.dataset.clone(),
        title: decision.reason.clone(),
        text,
        loud: false,
    }))
}

/// Alerts or incidents raised since a time, the newest first, up to a bound.
pub(super) async fn alerts(ledger: &Ledger, kind: Kind, since: Nanos, seen: &AsOf) -> Result<Vec<Kept>> {
    let before = Some(seen.valid.saturating_add(1));
    let mut wanted =
        Wanted { kinds: vec![kind], since: Some(since), before, order: Order::Opened, ..Wanted::default() };
    let mut all = Vec::new();
    for _ in 0..MAX_ALERT_PAGES {
        let page = ledger.queue(&wanted, seen).await?;
        all.extend(page.rows);
        match page.next {
            Some(next) => wanted.after = Some(next),
            None => break,
        }
    }
    Ok(all)
}
