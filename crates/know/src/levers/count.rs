//! What levers count of services, findings, repositories and streams.

use super::{Counted, Row, day, team};
use crate::limits::SCAN_LASTS;
use crate::readiness::Plan;
use crate::situation::estate::Estate;
use crate::situation::weak::Open;
use crate::situation::{Given, Situation};
use anyhow::Result;
use ledger::{AsOf, Ledger};
use model::EntityRef;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers about services.
pub(super) fn services(situations: &[Situation], estate: &Estate, given: &Given<'_>) -> Vec<(&'static str, Counted)> {
    let row = |one: &Situation, what: String, mut facts: Vec<i64>| {
        facts.extend(one.id.filter(|id| !facts.contains(id)));
        let entity = EntityRef { kind: "service".to_owned(), key: one.service.clone() };
        let team = team(estate, &entity);
        Row { entity: Some(entity.to_string()), what, team, facts }
    };
    let counted = |of: usize, rows: Vec<Row>| Counted { rows, of: Some(of as u64), ..Counted::default() };
    // Of those that nobody would see, nothing is said; they are no part of the whole either.
    let heard: Vec<&Situation> = situations.iter().filter(|one| one.logs.sends.is_some()).collect();
    let silent = heard.iter().filter(|one| one.logs.sends == Some(false));
    let silent = silent.map(|one| row(one, format!("{} sends no logs", one.service), Vec::new())).collect();
    let alone = situations.iter().filter(|one| one.owner.team.is_none());
    let alone = alone.map(|one| row(one, format!("{} belongs to nobody", one.service), Vec::new())).collect();
    let plain = situations.iter().filter(|one| one.tier.is_none());
    let plain = plain.map(|one| row(one, format!("{} has no tier", one.service), Vec::new())).collect();
    let pages = situations.iter().filter(|one| one.runbook.count == Some(0));
    let pages = pages.map(|one| row(one, format!("{} has no page", one.service), Vec::new())).collect();
    let mut runbooks = counted(situations.len(), pages);
    runbooks.unknown = given.pages.is_none();
    let mut logs = counted(heard.len(), silent);
    logs.unknown = heard.is_empty();
    vec![
        ("services-without-logs", logs),
        ("services-without-owner", counted(situations.len(), alone)),
        ("services-without-tier", counted(situations.len(), plain)),
        ("services-without-runbook", runbooks),
    ]
}

/// What everything needs, and was never proved to come back. Machines come back from what is declared.
pub(super) fn restores(plan: &Plan) -> Counted {
    let restored = |part: &&crate::readiness::Part| {
        part.minimum && matches!(part.entity.kind.as_str(), "service" | "resource" | "component")
    };
    let row = |part: &crate::readiness::Part| {
        let what = match part.proved_at {
            Some(at) => format!("{}: proved last on {}", part.entity, day(at)),
            None => format!("{}: no restore was ever proved", part.entity),
        };
        let facts = part.id.into_iter().chain(part.needs.iter().map(|need| need.id).take(10));
        let facts = facts.collect::<BTreeSet<_>>().into_iter().collect();
        Row { entity: Some(part.entity.to_string()), what, team: part.owner.clone(), facts }
    };
    let rows = plan.parts.iter().filter(restored).filter(|part| !part.proved).map(row).collect();
    let of = plan.parts.iter().filter(restored).count() as u64;
    Counted { rows, of: Some(of), unknown: plan.minimum == 0, ..Counted::default() }
}

/// Numbers about findings.
pub(super) fn weak(findings: &[Open], estate: &Estate) -> Vec<(&'static str, Counted)> {
    let shown: Vec<&Open> = findings.iter().filter(|finding| !finding.hidden).collect();
    // A deployment tells of a service what is weak in its repository: where it is told of both, it is one.
    let mut running: BTreeMap<(EntityRef, &str), &Open> = BTreeMap::new();
    for finding in shown.iter().filter(|finding| finding.exploited) {
        let Some(entity) = &finding.entity else { continue };
        for service in estate.services_of(entity).into_iter().filter(|service| estate.thing(service).is_some()) {
            running.entry((service, finding.fingerprint.as_str())).or_insert(finding);
        }
        if entity.kind == "host" && estate.thing(entity).is_some() {
            running.entry((entity.clone(), finding.fingerprint.as_str())).or_insert(finding);
        }
    }
    let exploited = running.into_iter().map(|((place, _), finding)| Row {
        what: format!("{} in {place}", finding.title),
        team: finding.owners.first().cloned().or_else(|| team(estate, &place)),
        facts: vec![finding.id],
        entity: Some(place.to_string()),
    });
    let exploited = Counted { rows: exploited.collect(), ..Counted::default() };
    let severe: Vec<&&Open> =
        shown.iter().filter(|finding| matches!(finding.severity.as_str(), "critical" | "high")).collect();
    let owned = |finding: &Open| {
        let of = finding.entity.as_ref();
        !finding.owners.is_empty() || of.is_some_and(|of| estate.up(of).iter().any(|up| team(estate, up).is_some()))
    };
    let alone = severe.iter().filter(|finding| !owned(finding)).map(|finding| Row {
        entity: finding.entity.as_ref().map(ToString::to_string),
        what: format!("{} ({}, {})", finding.title, finding.severity, finding.rule),
        team: None,
        facts: vec![finding.id],
    });
    let alone = Counted { rows: alone.collect(), of: Some(severe.len() as u64), ..Counted::default() };
    vec![("exploited-running", exploited), ("findings-without-owner", alone)]
}

/// Repositories that nobody scanned lately.
pub(super) async fn not_scanned(ledger: &Ledger, as_of: &AsOf, estate: &Estate) -> Result<Counted> {
    let since = as_of.valid.saturating_sub(SCAN_LASTS);
    let scanned = ledger.versions_scanned(as_of, since).await?;
    let scanned: BTreeSet<EntityRef> = scanned.into_iter().map(|scan| scan.entity).collect();
    let all = estate.of_kind("repository");
    let quiet = all.iter().filter(|thing| !scanned.contains(&thing.entity)).map(|thing| Row {
        entity: Some(thing.entity.to_string()),
        what: format!("{}: no scan since {}", thing.entity.key, day(since)),
        team: team(estate, &thing.entity),
        facts: vec![thing.id],
    });
    Ok(Counted { rows: quiet.collect(), of: Some(all.len() as u64), ..Counted::default() })
}

/// Streams of logs that nobody asked for within the window, and that no rule reads. Whoever asks says what rules read.
pub(super) fn unread(as_of: &AsOf, given: &Given<'_>) -> Counted {
    let (Some(streams), Some(read)) = (given.streams, given.rules_read) else {
        return Counted { unknown: true, ..Counted::default() };
    };
    let days = (crate::limits::LEVER_WINDOW / crate::limits::DAY) as u32;
    let alone = crate::inventory::unasked(as_of, streams, days);
    let logs = |tables: &[String]| tables.iter().any(|table| table == model::Table::Logs.name());
    let rules = |dataset: &str, service: &str| {
        let of = read.streams.get(&(dataset.to_owned(), service.to_owned()));
        of.is_some_and(|rules| !rules.is_empty())
    };
    let unread = alone.iter().filter(|one| logs(&one.tables) && !rules(&one.dataset, &one.service));
    let rows = unread.map(|stream| Row {
        entity: Some(format!("service:{}", stream.service)).filter(|_| !stream.service.is_empty()),
        what: format!("{} in {}: {} MB", stream.service, stream.dataset, stream.bytes / 1_000_000),
        team: None,
        facts: Vec::new(),
    });
    let all = streams.iter().filter(|one| as_of.datasets.allow(&one.dataset) && logs(&one.tables)).count();
    Counted { rows: rows.collect(), of: Some(all as u64), ..Counted::default() }
}
