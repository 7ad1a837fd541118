//! Findings that are suppressed until a day, each under the control that stands behind its rule.

use super::acts::{Made, say};
use super::bypass::{RuleNames, stand_behind};
use super::standing::{Standing, in_force};
use super::words::{decision, digest, ends, team, words};
use super::{Result, invalid};
use crate::limits::{MAX_WAIVED, USUAL_RESTRICTING};
use ledger::{AsOf, FindingView, KeptDecision, Ledger, Person};
use model::{Cite, Control, EntityRef, Nanos};
use serde_json::Value;
use std::collections::BTreeMap;

/// The rule by which the scanner tells of any weak part; other tools name the advisory instead.
const WEAK_PART: &str = "vulnerable-component";
/// The control behind rules that no control names.
const OWN_POLICIES: &str = "own-policies";

/// Findings to be suppressed.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWaiver {
    /// The caller's own id: told twice it is one. Made from the rest when absent.
    pub key: Option<String>,
    /// The control, by name; for each finding the one behind its rule when absent.
    pub control: Option<String>,
    /// Why.
    pub reason: String,
    /// The team that answers for it.
    pub owner: String,
    /// When it ends; after 30 days when absent.
    pub until: Option<Nanos>,
}

/// One decision that suppresses findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The decision.
    pub made: Made,
    /// What is weak.
    pub entity: Option<EntityRef>,
    /// The control, by name.
    pub control: String,
    /// The findings.
    pub findings: Vec<i64>,
}

/// Whether a part is weak, and not how something is made.
pub fn is_part(finding: &FindingView) -> bool {
    finding.evidence.contains_key("component") || finding.place.starts_with("pkg:")
}

/// The control behind a finding: that of its rule, else, when a part is weak, that of weak parts, else the one behind what no
/// control names. None only where that one was withdrawn.
pub fn behind<'s>(standing: &'s Standing, rule: &str, part: bool) -> Option<&'s Control> {
    let of = |rule| stand_behind(standing, rule, &[], &RuleNames::new()).into_iter().next();
    let own = || standing.control(OWN_POLICIES).ok().map(|own| &own.control);
    of(rule).or_else(|| of(WEAK_PART).filter(|_| part)).or_else(own)
}

/// Suppresses findings until a day: one decision for each thing that is weak and control behind it. Whoever calls has looked
/// whether the person may.
pub async fn waive(
    ledger: &Ledger,
    new: &NewWaiver,
    findings: &[FindingView],
    by: Person<'_>,
    now: Nanos,
) -> Result<Vec<Waived>> {
    if findings.is_empty() || findings.len() > MAX_WAIVED {
        return invalid(format!("name 1 to {MAX_WAIVED} findings (MAX_WAIVED) with `findings`"));
    }
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let reason = words(&new.reason, "say why with `reason`: what is suppressed needs one")?;
    let until = ends("suppression", new.until, USUAL_RESTRICTING, now)?;
    let owner = team(&new.owner)?;
    let mut groups: BTreeMap<(&str, Option<&EntityRef>, &str), Vec<i64>> = BTreeMap::new();
    for finding in findings {
        let control = match &new.control {
            Some(name) => &standing.control(name)?.control.name,
            None => match behind(&standing, &finding.rule, is_part(finding)) {
                Some(control) => &control.name,
                None => {
                    return invalid(format!(
                        "no control stands behind the rule {} of finding {}: name one with `control`",
                        finding.rule, finding.id
                    ));
                }
            },
        };
        groups.entry((&finding.dataset, finding.entity.as_ref(), control)).or_default().push(finding.id);
    }
    let mut all = Vec::new();
    for ((dataset, entity, name), mut ids) in groups {
        ids.sort_unstable();
        let about = entity.map(ToString::to_string).unwrap_or_default();
        let key = match &new.key {
            Some(key) => digest(&[key, dataset, &about, name]),
            None => digest(&[&format!("{ids:?}"), dataset, name, &reason, by.0, &now.to_string()]),
        };
        let mut decision = decision("waiver", format!("waiver:{key}"), reason.clone(), dataset, now);
        decision.owner = Some(owner.clone());
        decision.control = Some(standing.control(name)?.id);
        decision.expires = Some(until);
        decision.entity = entity.cloned();
        decision.cites = ids.iter().map(|id| Cite::Fact(*id)).collect();
        say(&mut decision, "control", Some(name.into()));
        say(&mut decision, "findings", Some(ids.clone().into()));
        let made = super::acts::keep(ledger, &decision, by, now).await?;
        all.push(Waived { made, entity: entity.cloned(), control: name.to_owned(), findings: ids });
    }
    Ok(all)
}

/// The findings that a waiver suppresses; none of any other decision.
pub fn waived(kept: &KeptDecision) -> Vec<i64> {
    let listed = kept.decision.body.get("findings").filter(|_| kept.decision.kind == "waiver");
    listed.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect()
}
