//! What is missing for a recovery, as findings: they open and close by themselves as things are filled in.

use super::{Circle, Part, words};
use crate::reports::{scan, text};
use crate::situation::estate::Estate;
use anyhow::Result;
use ledger::{AsOf, Ledger};
use model::{EntityRef, Facts, Finding, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Who tells these findings.
pub const ORIGIN: &str = "readiness";
/// Their rules, with what each means.
pub const RULES: &[(&str, &str)] = &[
    ("recovery-no-tier", "nobody said how much it matters"),
    ("recovery-no-rto", "nobody said how long it may be down"),
    ("recovery-no-rpo", "nobody said how much of its data may be lost"),
    ("recovery-no-backup", "nobody said where its backup is"),
    ("recovery-no-proved-restore", "no restore of it was ever proved"),
    ("recovery-restore-old", "the last proved restore is older than a year"),
    ("recovery-restore-too-slow", "the proved restore took longer than it may be down"),
    ("recovery-rto-shorter-than-dependency", "it promises to be back before what it needs"),
    ("recovery-circular-order", "things need each other in a circle"),
    ("recovery-need-unknown", "it needs something that nobody knows"),
];

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecoveryGap)]
pub struct Gap {
    /// The rule.
    pub rule: &'static str,
    /// Of what.
    #[serde(serialize_with = "super::as_text")]
    #[schema(value_type = String)]
    pub entity: EntityRef,
    /// `high`, `medium`, `low`.
    pub severity: &'static str,
    /// One line.
    pub title: String,
    /// The facts behind it.
    pub facts: Vec<i64>,
}

impl Gap {
    /// What identifies the finding.
    pub fn fingerprint(&self) -> String {
        format!("{}|{}", self.rule, self.entity)
    }
}

/// Whether something keeps what could be lost.
fn keeps(part: &Part, estate: &Estate) -> bool {
    let told = estate.thing(&part.entity).and_then(|thing| match thing.attributes.get("stateful")? {
        Value::Bool(yes) => Some(*yes),
        Value::String(word) => word.parse().ok(),
        _ => None,
    });
    told.unwrap_or(part.entity.kind == "resource" || part.rpo.is_some() || part.backup.is_some())
}

pub(super) fn gaps(parts: &[Part], circles: &[Circle], estate: &Estate) -> Vec<Gap> {
    let mut all = Vec::new();
    let by_name: HashMap<&EntityRef, &Part> = parts.iter().map(|part| (&part.entity, part)).collect();
    for part in parts.iter().filter(|part| !part.outside) {
        let told = matches!(part.entity.kind.as_str(), "service" | "resource" | "component");
        let severity = if part.minimum { "medium" } else { "low" };
        let facts: Vec<i64> = part.id.into_iter().chain(part.proof).collect();
        let mut gap = |rule: &'static str, severity: &'static str, title: String| {
            all.push(Gap { rule, entity: part.entity.clone(), severity, title, facts: facts.clone() });
        };
        let of = &part.entity;
        if told && part.tier.is_none() {
            gap("recovery-no-tier", "low", format!("{of}: nobody said how much it matters (tier)"));
        }
        if told && part.rto.is_none() {
            let written = part.unreadable.iter().find(|text| text.starts_with("rto"));
            let why = written.map_or("nobody said how long it may be down (rto)", String::as_str);
            gap("recovery-no-rto", severity, format!("{of}: {why}"));
        }
        if told && keeps(part, estate) {
            if part.rpo.is_none() {
                let written = part.unreadable.iter().find(|text| text.starts_with("rpo"));
                let why = written.map_or("nobody said how much of its data may be lost (rpo)", String::as_str);
                gap("recovery-no-rpo", severity, format!("{of}: {why}"));
            }
            if part.backup.is_none() {
                gap("recovery-no-backup", severity, format!("{of}: nobody said where its backup is (backup)"));
            }
        }
        if told && (part.minimum || keeps(part, estate)) {
            restores(part, severity, &mut gap);
        }
        needs(part, &by_name, severity, &mut gap);
    }
    for circle in circles {
        let Some(entity) = circle.members.first().and_then(|first| first.parse::<EntityRef>().ok()) else { continue };
        let facts = circle.left_out.iter().map(|(_, id)| *id).collect();
        let title: String = circle.message.chars().take(1_000).collect();
        all.push(Gap { rule: "recovery-circular-order", entity, severity: "medium", title, facts });
    }
    all
}

fn restores(part: &Part, severity: &'static str, gap: &mut impl FnMut(&'static str, &'static str, String)) {
    let of = &part.entity;
    match (part.proved, part.proved_at) {
        (false, None) => gap("recovery-no-proved-restore", severity, format!("{of}: no restore was ever proved")),
        (false, Some(at)) => {
            let at = crate::reports::time(at);
            gap("recovery-restore-old", severity, format!("{of}: the last restore was proved at {at}; prove it again"));
        }
        (true, _) => {}
    }
    if let (Some(took), Some(rto)) = (part.took, part.rto)
        && took > rto
    {
        let (took, rto) = (words(took), words(rto));
        gap(
            "recovery-restore-too-slow",
            "high",
            format!("{of}: its restore took {took}, and it may be down for {rto}"),
        );
    }
}

fn needs(
    part: &Part,
    parts: &HashMap<&EntityRef, &Part>,
    severity: &'static str,
    gap: &mut impl FnMut(&'static str, &'static str, String),
) {
    let of = &part.entity;
    let all: Vec<&Part> = part.needs.iter().filter_map(|need| parts.get(&need.to).copied()).collect();
    // What starts without the other need not wait for it.
    let waits = part.needs.iter().filter(|need| !need.left_out).filter_map(|need| parts.get(&need.to).copied());
    let slowest = waits.filter_map(|other| Some((other.rto?, other))).max_by_key(|(rto, _)| *rto);
    if let (Some(own), Some((rto, other))) = (part.rto, slowest)
        && rto > own
    {
        let (own, rto, other) = (words(own), words(rto), &other.entity);
        let title = format!("{of}: it may be down for {own}, but {other}, which it needs, for {rto}");
        gap("recovery-rto-shorter-than-dependency", severity, title);
    }
    let unknown: BTreeSet<String> =
        all.iter().filter(|other| other.id.is_none() && !other.outside).map(|other| other.entity.to_string()).collect();
    if !unknown.is_empty() && part.minimum {
        let names: Vec<String> = unknown.into_iter().take(10).collect();
        gap("recovery-need-unknown", severity, format!("{of}: it needs {}, of which nobody told", names.join(", ")));
    }
}

/// A gap that a finding tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenGap {
    /// Of what.
    pub entity: Option<EntityRef>,
    /// The rule.
    pub rule: String,
    /// The finding's fingerprint.
    pub fingerprint: String,
}

/// The gaps that findings tell of.
pub async fn open_gaps(ledger: &Ledger, as_of: &AsOf) -> Result<Vec<OpenGap>> {
    let columns = ["entity_kind", "entity", "rule", "fingerprint"];
    let mut all = Vec::new();
    for row in scan(ledger, "findings", &columns, &[("origin", ORIGIN)], as_of).await? {
        let mut row = row.into_iter();
        let entity = EntityRef { kind: text(row.next()), key: text(row.next()) };
        let entity = Some(entity).filter(|entity| !entity.kind.is_empty());
        all.push(OpenGap { entity, rule: text(row.next()), fingerprint: text(row.next()) });
    }
    Ok(all)
}

/// Findings for gaps that are new, and the end of those that are filled or whose thing is gone. Gaps and open ones are
/// those of one dataset, the one that is given.
pub fn recovery_findings(gaps: &[Gap], open: &[OpenGap], dataset: &str, at: Nanos) -> Facts {
    let mut facts = Facts::new(ORIGIN, dataset);
    let known: BTreeSet<&str> = open.iter().map(|gap| gap.fingerprint.as_str()).collect();
    let mut there: BTreeSet<String> = BTreeSet::new();
    let finding = |entity, rule: &str, fingerprint: String, severity: &str, title: String, ended| Finding {
        entity,
        rule: rule.to_owned(),
        fingerprint,
        severity: severity.to_owned(),
        title,
        place: String::new(),
        at,
        ended,
        evidence: Map::new(),
    };
    for gap in gaps {
        let fingerprint = gap.fingerprint();
        if !there.insert(fingerprint.clone()) || known.contains(fingerprint.as_str()) {
            continue;
        }
        let mut new = finding(Some(gap.entity.clone()), gap.rule, fingerprint, gap.severity, gap.title.clone(), false);
        new.place = "recovery".to_owned();
        new.evidence.insert("facts".to_owned(), gap.facts.clone().into());
        facts.findings.push(new);
    }
    for gap in open.iter().filter(|gap| !there.contains(&gap.fingerprint)) {
        let title = "it is filled, or what it is about is gone".to_owned();
        let mut ended = finding(gap.entity.clone(), &gap.rule, gap.fingerprint.clone(), "low", title, true);
        ended.place = "recovery".to_owned();
        facts.findings.push(ended);
    }
    facts
}
