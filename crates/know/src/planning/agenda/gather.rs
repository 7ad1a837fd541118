//! The sections, each from the facts that belong to it.

use super::super::fields::{begins, day_of};
use super::{Asking, Item, Named, Section};
use crate::weak::{self, Found};
use anyhow::Result;
use ledger::{FindingState, FindingsAsked, KeptDecision, Kind, State, StepKind, Wanted};
use model::{Cite, EntityRef, Nanos};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// Kinds of decisions that end by a date.
const ENDING: &[&str] = &["exception", "adjustment", "suppression", "block", "lockdown"];
/// Findings that matter so much that two teams speak of them.
const MATTERS: &[&str] = &["critical", "high"];

fn section(name: &'static str, title: &'static str, items: Vec<Item>) -> Section {
    Section { name, title, items, more: 0 }
}

impl Asking<'_> {
    pub(super) async fn sections(&self) -> Result<Vec<Section>> {
        let (new, changed) = self.controls();
        let found =
            weak::findings(self.ledger, self.as_of, &FindingsAsked { fixed: true, ..FindingsAsked::default() }).await?;
        Ok(vec![
            section("questions", "Open questions about controls", self.questions()),
            section("answered", "Answered since last time", self.answered()),
            section("controls-new", "New controls", new),
            section("controls-changed", "Changed controls", changed),
            section("lockdowns", "Lockdowns to be reviewed", self.lockdowns()),
            section("ending", "Exceptions and other things that end", self.ending()),
            section("incidents", "Incidents, and what was learned", self.incidents().await?),
            section("findings", "Findings that matter, and who has the next step", self.findings(&found)),
            section("ahead", "Changes ahead", self.ahead()),
            section("better", "What got better", self.better(&found)),
        ])
    }

    fn is_ours(&self, team: Option<&String>) -> bool {
        team.is_some_and(|team| self.teams.contains(team))
    }

    fn owner(&self, entity: Option<&EntityRef>) -> Option<&String> {
        self.owners.get(entity?)
    }

    /// Whether a decision is about a control or a thing of one of the teams.
    fn concerns(&self, kept: &KeptDecision) -> bool {
        let control = self.decided.control(kept);
        self.is_ours(control.and_then(|control| control.owner.as_ref()))
            || control.is_some_and(|control| control.teams.iter().any(|team| self.teams.contains(team)))
            || self.is_ours(kept.decision.owner.as_ref().map(|owner| &owner.key))
            || self.is_ours(self.owner(kept.decision.entity.as_ref()))
    }

    fn is_news(&self, kept: &KeptDecision) -> bool {
        kept.decision.at >= self.since
    }

    /// What was asked or said to hurt, and nobody replied to; also from before the last meeting.
    fn questions(&self) -> Vec<Item> {
        let replied: HashSet<i64> = self.decided.of("reply").iter().filter_map(|reply| number(reply, "to")).collect();
        let asked = self.decided.of("answer").iter().chain(self.decided.of("question"));
        let mut items: Vec<Item> = asked
            .filter(|kept| word(kept, "say") != Some("helped") && !replied.contains(&kept.id) && self.concerns(kept))
            .map(|kept| {
                let what = match word(kept, "say") {
                    Some("hurt") => "it hurt",
                    Some("exception") => "an exception is asked for",
                    _ => "a question",
                };
                let about = kept.decision.entity.as_ref().map(|entity| format!(" ({entity})")).unwrap_or_default();
                let control = self.decided.control(kept);
                Item {
                    text: format!("{}: {what}{about}: {}", title(control), kept.decision.reason),
                    team: control.and_then(|control| control.owner.clone()),
                    next: Some(format!("reply: tandem reply {}", kept.id)),
                    ids: vec![kept.id],
                    at: Some(kept.decision.at),
                }
            })
            .collect();
        items.sort_by_key(|item| (item.at, item.ids.clone()));
        items
    }

    fn answered(&self) -> Vec<Item> {
        let replies = self.decided.of("reply").iter().rev();
        replies
            .filter(|kept| self.is_news(kept) && self.concerns(kept))
            .map(|kept| Item {
                text: format!(
                    "{}: {}: {}",
                    title(self.decided.control(kept)),
                    word(kept, "did").unwrap_or("answered"),
                    kept.decision.reason
                ),
                team: None,
                next: None,
                ids: number(kept, "to").into_iter().chain([kept.id]).collect(),
                at: Some(kept.decision.at),
            })
            .collect()
    }

    /// New controls, and those that changed or went. Of several versions since the last meeting the newest is told.
    fn controls(&self) -> (Vec<Item>, Vec<Item>) {
        let (mut new, mut changed, mut came) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = HashSet::new();
        // One line for those that came with the program: they stop nobody, and nobody of the teams wrote them.
        let files = crate::pages::builtin_files().filter_map(|(path, _)| path.strip_prefix("controls/"));
        let ours: HashSet<&str> = files.filter_map(|file| file.strip_suffix(".md")).collect();
        let named = self.decided.of("control").iter().filter(|kept| word(kept, "name").is_some());
        for kept in named.clone() {
            let name = word(kept, "name").unwrap_or_default();
            let Some(control) = self.decided.controls.get(&kept.id) else { continue };
            let affects = control.teams.is_empty()
                || control.teams.iter().any(|team| self.teams.contains(team))
                || self.is_ours(control.owner.as_ref());
            if !self.is_news(kept) || !affects || !told.insert(name) {
                continue;
            }
            let before = named.clone().any(|other| word(other, "name") == Some(name) && !self.is_news(other));
            let withdrawn = kept.decision.body.get("withdrawn").and_then(Value::as_bool) == Some(true);
            let item = self.control(kept, control, withdrawn);
            if before || withdrawn {
                changed.push(item);
            } else if ours.contains(name) && word(kept, "mode") == Some("observe") {
                came.extend(item.ids);
            } else {
                new.push(item);
            }
        }
        if !came.is_empty() {
            came.sort_unstable();
            let text = format!("{} controls came with Tandem; all of them observe", came.len());
            let next = Some("look at them: tandem controls".to_owned());
            new.push(Item { text, team: None, next, ids: came, at: None });
        }
        for items in [&mut new, &mut changed] {
            items.sort_by_key(|item| (item.at, item.ids.clone()));
        }
        (new, changed)
    }

    fn control(&self, kept: &KeptDecision, control: &Named, withdrawn: bool) -> Item {
        let body = &kept.decision.body;
        let why = |side: &str| {
            body.get("protects").and_then(|both| both.get(side)).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let effective = body.get("effective").and_then(Value::as_i64);
        let mode = word(kept, "mode").unwrap_or("observe");
        let text = if withdrawn {
            format!("{}: withdrawn", control.title)
        } else {
            let when = effective.map(|at| format!(", from {}", day_of(at))).unwrap_or_default();
            let (operations, security) = (why("operations"), why("security"));
            format!("{} ({mode}{when}). For operations: {operations} For security: {security}", control.title)
        };
        let next = (mode != "observe" && !withdrawn).then(|| "say what it will cost you".to_owned());
        Item { text, team: control.owner.clone(), next, ids: vec![kept.id], at: Some(kept.decision.at) }
    }

    /// Lockdowns of which not every control was reviewed: they are everybody's.
    fn lockdowns(&self) -> Vec<Item> {
        let mut reviewed: BTreeMap<i64, HashSet<&str>> = BTreeMap::new();
        for review in self.decided.of("lockdown_review") {
            let Some(control) = word(review, "control") else { continue };
            for cite in &review.decision.cites {
                if let Cite::Fact(lockdown) = cite {
                    reviewed.entry(*lockdown).or_default().insert(control);
                }
            }
        }
        let mut items = Vec::new();
        for kept in self.decided.of("lockdown").iter().rev() {
            let names = kept.decision.body.get("controls").and_then(Value::as_array).into_iter().flatten();
            let done = reviewed.get(&kept.id);
            let open: Vec<&str> =
                names.filter_map(Value::as_str).filter(|name| !done.is_some_and(|done| done.contains(name))).collect();
            if open.is_empty() {
                continue;
            }
            let ends = kept.decision.expires.map(|at| format!(", until {}", day_of(at))).unwrap_or_default();
            items.push(Item {
                text: format!("{} ({}{ends})", kept.decision.reason, open.join(", ")),
                team: kept.decision.owner.as_ref().map(|owner| owner.key.clone()),
                next: Some(format!("keep, relax or remove each: tandem lockdown review {}", kept.id)),
                ids: vec![kept.id],
                at: Some(kept.decision.at),
            });
        }
        items
    }

    /// What ends until the meeting after this one, and what ended since the last.
    fn ending(&self) -> Vec<Item> {
        let renewed: HashSet<i64> =
            self.decided.of("exception").iter().filter_map(|kept| number(kept, "renews")).collect();
        let mut items = Vec::new();
        for kept in ENDING.iter().flat_map(|kind| self.decided.of(kind)) {
            let Some(ends) = kept.decision.expires else { continue };
            if ends < self.since || ends >= self.until || renewed.contains(&kept.id) || !self.concerns(kept) {
                continue;
            }
            let over = ends <= self.as_of.valid;
            let about = kept.decision.entity.as_ref().map(|entity| format!(" for {entity}")).unwrap_or_default();
            let control = self.decided.control(kept);
            let of = control.filter(|control| !control.name.is_empty());
            let of = of.map(|control| format!(" from {}", control.title)).unwrap_or_default();
            items.push(Item {
                text: format!(
                    "{}{about}{of} {} {}: {}",
                    kept.decision.kind,
                    if over { "ended on" } else { "ends on" },
                    day_of(ends),
                    kept.decision.reason
                ),
                team: kept.decision.owner.as_ref().map(|owner| owner.key.clone()),
                next: (!over).then(|| format!("renew it, or let it end: tandem exception renew {}", kept.id)),
                ids: vec![kept.id],
                at: Some(ends),
            });
        }
        items.sort_by_key(|item| (item.at, item.ids.clone()));
        items
    }

    /// Incidents of the teams that were opened or resolved since the last meeting, or are open; with their open tasks.
    async fn incidents(&self) -> Result<Vec<Item>> {
        let teams: Vec<String> = self.teams.iter().cloned().collect();
        let wanted = Wanted { kinds: vec![Kind::Incident], owners: teams, ..Wanted::default() };
        let mut items = Vec::new();
        for kept in self.ledger.queue(&wanted, self.as_of).await?.rows {
            let closed = kept.closed.is_some_and(|closed| closed < self.since);
            if closed && kept.opened < self.since {
                continue;
            }
            let tasks = Wanted {
                kinds: vec![Kind::Task],
                incident: Some(kept.id),
                states: vec![State::Open, State::Acknowledged, State::Snoozed],
                ..Wanted::default()
            };
            let tasks = self.ledger.queue(&tasks, self.as_of).await?.rows;
            let took = kept.closed.map(|closed| format!(", over after {}", span(closed - kept.opened)));
            let learnt = kept.outcome.map(|outcome| format!(", {}", outcome.name())).unwrap_or_default();
            let state = if kept.state == State::Resolved { "resolved" } else { "open" };
            let text = format!("{} ({}, {state}{learnt}{})", kept.title, kept.level.name(), took.unwrap_or_default());
            let next = (!tasks.is_empty()).then(|| {
                let titles: Vec<&str> = tasks.iter().map(|task| task.title.as_str()).collect();
                format!("open: {}", titles.join("; "))
            });
            let ids = std::iter::once(kept.id).chain(tasks.iter().map(|task| task.id)).collect();
            let team = kept.owner.as_ref().map(|owner| owner.key.clone());
            items.push(Item { text, team, next, ids, at: Some(kept.opened) });
        }
        items.sort_by_key(|item| (item.at, item.ids.clone()));
        Ok(items)
    }

    fn findings(&self, found: &[Found]) -> Vec<Item> {
        let hidden = |one: &Found| one.finding.suppressed.as_ref().is_some_and(|hidden| !hidden.expired);
        let open = found.iter().filter(|one| {
            one.finding.state != FindingState::Fixed
                && MATTERS.contains(&one.finding.severity.as_str())
                && !hidden(one)
                && one.owner.as_ref().is_some_and(|owner| self.teams.contains(&owner.team))
        });
        open.map(|one| {
            let finding = &one.finding;
            let about = finding.entity.as_ref().map(|entity| format!(" in {entity}")).unwrap_or_default();
            let new = if finding.found >= self.since { "new, " } else { "" };
            let text = format!("{}{about} ({new}{}, rank {:.0})", finding.title, finding.severity, one.rank.score);
            let team = one.owner.as_ref().map(|owner| owner.team.clone());
            let next = Some(format!("tandem why {}", finding.id));
            Item { text, team, next, ids: vec![finding.id], at: Some(finding.found) }
        })
        .collect()
    }

    /// What is planned up to the meeting after this one, and what restricts somebody of whom it must be known by then.
    fn ahead(&self) -> Vec<Item> {
        let teams: Vec<String> = self.teams.iter().cloned().collect();
        let mut items = Vec::new();
        for one in self.planned.roadmap.iter().filter(|one| one.concerns(&teams)) {
            let soon = |day: Option<chrono::NaiveDate>| {
                day.filter(|day| (self.since..self.until).contains(&begins(*day)) && begins(*day) >= self.as_of.valid)
            };
            let told = one.restricts.filter(|day| {
                begins(*day) >= self.as_of.valid && one.announced().is_some_and(|told| begins(told) < self.until)
            });
            let (day, what) = match (told, soon(one.from), soon(one.until)) {
                (Some(day), ..) => (day, "restricts from"),
                (None, Some(day), _) => (day, "begins on"),
                (None, None, Some(day)) => (day, "shall be done by"),
                (None, None, None) => continue,
            };
            let text = format!(
                "{}: {what} {day}. For operations: {} For security: {}",
                one.title, one.for_operations, one.for_security
            );
            let next = Some(format!(
                "affects {}",
                if one.teams.is_empty() { "nobody yet".to_owned() } else { one.teams.join(", ") }
            ));
            items.push(Item { text, team: Some(one.owner.clone()), next, ids: Vec::new(), at: Some(begins(day)) });
        }
        for one in &self.planned.upgrades {
            let at = begins(one.from);
            if at >= self.until || begins(one.until) < self.as_of.valid {
                continue;
            }
            items.push(Item {
                text: format!(
                    "Upgrade: {} ({} to {}), {} to {}",
                    one.title, one.component, one.to_version, one.from, one.until
                ),
                team: Some(one.owner.clone()),
                next: Some(format!("objections until {}: tandem upgrade show {}", one.objections_until, one.id)),
                ids: Vec::new(),
                at: Some(at),
            });
        }
        items.sort_by(|a, b| (a.at, &a.text).cmp(&(b.at, &b.text)));
        items
    }

    /// Findings that were fixed, by team; and measures of the levers that got better.
    fn better(&self, found: &[Found]) -> Vec<Item> {
        let mut fixed: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
        for one in found {
            let fixed_at = one.finding.steps.iter().rev().find(|step| step.what == StepKind::Fixed).map(|step| step.at);
            let Some(owner) = one.owner.as_ref().filter(|owner| self.teams.contains(&owner.team)) else { continue };
            if one.finding.state == FindingState::Fixed && fixed_at.is_some_and(|at| at >= self.since) {
                fixed.entry(&owner.team).or_default().push((one.finding.id, &one.finding.severity));
            }
        }
        let mut items: Vec<Item> = fixed
            .into_iter()
            .map(|(team, all)| {
                let serious = all.iter().filter(|(_, severity)| MATTERS.contains(severity)).count();
                let plural = if all.len() == 1 { "finding" } else { "findings" };
                let text = format!("{} {plural} fixed, {serious} of them critical or high", all.len());
                let mut ids: Vec<i64> = all.into_iter().map(|(id, _)| id).collect();
                ids.sort_unstable();
                Item { text, team: Some(team.to_owned()), next: None, ids, at: None }
            })
            .collect();
        items.extend(self.levers());
        items
    }

    /// The newest measure of each lever against the one at the last meeting.
    fn levers(&self) -> Vec<Item> {
        let mut measured: BTreeMap<&str, Vec<&KeptDecision>> = BTreeMap::new();
        for kept in self.decided.of("lever") {
            let name = kept.decision.key.split(':').nth(1).unwrap_or_default();
            measured.entry(name).or_default().push(kept);
        }
        let mut items = Vec::new();
        for all in measured.into_values() {
            let Some(newest) = all.first() else { continue };
            let then = all.iter().find(|kept| kept.decision.at < self.since).or(all.last());
            let (Some(now), Some(then), Some(before)) =
                (number(newest, "number"), then.and_then(|then| number(then, "number")), then)
            else {
                continue;
            };
            if now < then {
                let title = word(newest, "title").unwrap_or(&newest.decision.reason);
                let text = format!("{title}: {now}, from {then}");
                let at = Some(newest.decision.at);
                items.push(Item { text, team: None, next: None, ids: vec![before.id, newest.id], at });
            }
        }
        items
    }
}

fn title(control: Option<&Named>) -> &str {
    control.map_or("A control", |control| control.title.as_str())
}

fn word<'k>(kept: &'k KeptDecision, name: &str) -> Option<&'k str> {
    kept.decision.body.get(name)?.as_str()
}

fn number(kept: &KeptDecision, name: &str) -> Option<i64> {
    kept.decision.body.get(name)?.as_i64()
}

/// A span as people say it.
fn span(nanos: Nanos) -> String {
    let minutes = nanos.max(0) / crate::limits::MINUTE;
    match (minutes / 1440, minutes / 60, minutes) {
        (days @ 2.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} hours"),
        (.., 1) => "1 minute".to_owned(),
        _ => format!("{minutes} minutes"),
    }
}
