//! What can be found beside pages: reviews of incidents, controls, what was decided and said, notes of meetings.
//!
//! The ledger is asked after the start, once a minute, and soon after this server decided something: for what was
//! written down since. What was found is held in memory alone. Each document carries its dataset, and who was not granted
//! that does not find it.

use super::knowledge::Knowledge;
use super::state::{App, now};
use crate::limits::{FEED_PAUSE, MAX_FED, MAX_FED_VOTES, MAX_REVIEWS, MINUTE, REVIEWS_AT_ONCE};
use anyhow::{Context as _, Result};
use know::pages::{Document, Votes, votes};
use ledger::{AsOf, DecisionsAsked, Kept, KeptDecision, Kind, Order, State, Wanted};
use model::{Control, Datasets, Nanos};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as Turn, Notify};

/// The kind of documents that are an incident's review.
pub const INCIDENT: &str = "incident";
/// The kind of what was said to a control, and replied.
pub const ANSWER: &str = "answer";
/// The kind of notes of meetings.
pub const MEETING: &str = "meeting";
const CONTROL: &str = "control";
const DECISION: &str = "decision";
/// Kinds of decisions that can be found. Verdicts are not among them: there are as many as releases that were asked for,
/// and their reasons are those of their controls.
const FOUND: [&str; 12] = [
    "exception",
    "adjustment",
    "suppression",
    "waiver",
    "block",
    "lockdown",
    "lockdown_review",
    "objection",
    "question",
    ANSWER,
    "reply",
    MEETING,
];

/// What was found, and how far the ledger was read.
#[derive(Default)]
pub struct Feed {
    hurry: Notify,
    place: Turn<Place>,
    votes: Mutex<HashMap<String, BTreeMap<i64, Vote>>>,
}

/// A page helped.
struct Vote {
    dataset: String,
    page: String,
}

/// How far the ledger was read, and what was made of it.
#[derive(Default)]
struct Place {
    /// The last decision that was read.
    after: i64,
    /// Documents by their decisions, the oldest first.
    decisions: BTreeMap<i64, (&'static str, String)>,
    /// Incidents as they were when their reviews were written.
    reviews: HashMap<i64, Stamp>,
    controls: Vec<Control>,
}

/// What tells whether an incident has to be read again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp(Option<Nanos>, Nanos, u64);

impl Stamp {
    fn of(kept: &Kept) -> Stamp {
        Stamp(kept.closed, kept.last, kept.firings)
    }
}

impl Feed {
    /// Something was decided: it is looked for soon.
    pub fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// A page helped with an alert of a rule.
    pub fn helped(&self, decision: i64, dataset: &str, rule: &str, page: &str) {
        let mut votes = self.votes.lock().unwrap_or_else(PoisonError::into_inner);
        if votes.values().map(BTreeMap::len).sum::<usize>() < MAX_FED_VOTES {
            let vote = Vote { dataset: dataset.to_owned(), page: page.to_owned() };
            votes.entry(rule.to_owned()).or_default().insert(decision, vote);
        }
    }

    /// What helped with alerts of a rule, as far as somebody may know it.
    pub fn votes(&self, rule: &str, datasets: &Datasets) -> Votes {
        let mut votes = Votes::default();
        let all = self.votes.lock().unwrap_or_else(PoisonError::into_inner);
        let of = all.get(rule).into_iter().flat_map(BTreeMap::values);
        of.filter(|vote| datasets.allow(&vote.dataset)).for_each(|vote| votes.add(&vote.page, rule));
        votes
    }
}

/// Reads until the server stops.
pub async fn run(app: Arc<App>) {
    let stops = |time| tokio::time::timeout(time, app.stopped());
    loop {
        if let Err(error) = round(&app).await {
            tracing::warn!(error = format!("{error:#}"), "what was decided is found later: it could not be read");
        }
        // Decisions that come close together are read together.
        if stops(FEED_PAUSE).await.is_ok() {
            return;
        }
        tokio::select! {
            () = app.stopped() => return,
            () = app.knowledge.feed.hurry.notified() => {}
            () = tokio::time::sleep(MINUTE) => {}
        }
    }
}

/// Documents that come and go.
#[derive(Default)]
struct Changes {
    put: Vec<Document>,
    gone: Vec<(&'static str, String)>,
}

async fn round(app: &App) -> Result<()> {
    let mut place = app.knowledge.feed.place.lock().await;
    let mut changes = Changes::default();
    place.controls(&app.knowledge, &mut changes);
    let decisions = place.decisions(app, &mut changes).await;
    let reviews = place.reviews(app, &mut changes).await;
    let knowledge = app.knowledge.clone();
    tokio::task::spawn_blocking(move || put(&knowledge, changes)).await?;
    decisions.and(reviews)
}

fn put(knowledge: &Knowledge, changes: Changes) {
    for (kind, id) in changes.gone {
        knowledge.shelf.forget(kind, &id);
    }
    let refused = changes.put.into_iter().filter_map(|document| knowledge.shelf.put(document).err());
    if let Some(error) = refused.last() {
        tracing::warn!(error = format!("{error:#}"), "not all that was decided can be found");
    }
}

impl Place {
    /// Controls, except those whose file is a page.
    fn controls(&mut self, knowledge: &Knowledge, changes: &mut Changes) {
        let known = knowledge.known();
        if self.controls == known.controls.controls {
            return;
        }
        let gone = self.controls.iter().map(|control| (CONTROL, control.name.clone()));
        changes.gone.extend(gone);
        let no_page = |control: &&Control| knowledge.shelf.page(&format!("controls/{}.md", control.name)).is_none();
        changes.put.extend(known.controls.controls.iter().filter(no_page).map(of_control));
        self.controls.clone_from(&known.controls.controls);
    }

    /// What was decided since.
    async fn decisions(&mut self, app: &App, changes: &mut Changes) -> Result<()> {
        let kinds: Vec<&str> = FOUND.into_iter().chain([votes::KIND]).collect();
        let asked = DecisionsAsked { after: Some(self.after), limit: MAX_FED, ..DecisionsAsked::of(&kinds) };
        // Whatever the clocks of other servers say.
        let mut fresh = app.ledger.decisions(&asked, &AsOf::at(Nanos::MAX)).await.context("decisions")?;
        if fresh.is_empty() {
            return Ok(());
        }
        fresh.sort_by_key(|kept| kept.id);
        let mut names = BTreeMap::new();
        if fresh.iter().any(|kept| kept.decision.control.is_some()) {
            let known = know::controls::in_force(&app.ledger, &AsOf::at(now())).await?.known;
            names.extend(known.into_iter().filter_map(|(id, known)| Some((id, known.name?))));
        }
        for kept in &fresh {
            self.after = self.after.max(kept.id);
            let decision = &kept.decision;
            if decision.kind == votes::KIND {
                let text = |name: &str| decision.body.get(name).and_then(Value::as_str).unwrap_or_default();
                app.knowledge.feed.helped(kept.id, &decision.dataset, text("rule"), text("page"));
                continue;
            }
            let control = decision.control.and_then(|id| names.get(&id)).map(String::as_str);
            let Some((kind, document)) = of_decision(kept, control) else { continue };
            // Notes that were written again take the place of the earlier ones.
            if kind == MEETING {
                self.decisions.retain(|_, (_, id)| *id != document.id);
            }
            self.decisions.insert(kept.id, (kind, document.id.clone()));
            changes.put.push(document);
        }
        while self.decisions.len() > MAX_FED {
            changes.gone.extend(self.decisions.pop_first().map(|(_, gone)| gone));
        }
        let gone: HashSet<&String> = changes.gone.iter().map(|(_, id)| id).collect();
        changes.put.retain(|document| document.kind == CONTROL || !gone.contains(&document.id));
        Ok(())
    }

    /// Reviews of the newest incidents that are resolved. Of many that are new the rest comes in the next round.
    async fn reviews(&mut self, app: &App, changes: &mut Changes) -> Result<()> {
        let now = now();
        let seen = AsOf::at(now);
        let mut resolved: HashMap<i64, Stamp> = HashMap::new();
        let mut wanted = Wanted {
            kinds: vec![Kind::Incident],
            states: vec![State::Resolved],
            order: Order::Opened,
            limit: Some(MAX_REVIEWS),
            ..Wanted::default()
        };
        while resolved.len() < MAX_REVIEWS {
            let page = app.ledger.queue(&wanted, &seen).await.context("incidents")?;
            resolved.extend(page.rows.iter().map(|kept| (kept.id, Stamp::of(kept))));
            wanted.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        let gone: Vec<i64> = self.reviews.keys().filter(|id| !resolved.contains_key(*id)).copied().collect();
        for id in gone {
            self.reviews.remove(&id);
            changes.gone.push((INCIDENT, of_incident(id)));
        }
        let mut fresh: Vec<(i64, Stamp)> =
            resolved.into_iter().filter(|(id, stamp)| self.reviews.get(id) != Some(stamp)).collect();
        fresh.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        if fresh.len() > REVIEWS_AT_ONCE {
            app.knowledge.feed.hurry();
        }
        for (id, stamp) in fresh.into_iter().take(REVIEWS_AT_ONCE) {
            let whole = app.responder.whole(id, &seen).await?;
            let kept = &whole.kept;
            changes.put.push(Document {
                id: of_incident(id),
                kind: INCIDENT.to_owned(),
                title: kept.title.clone(),
                text: respond::review(&whole, now).into(),
                entity: kept.entity.clone(),
                owner: kept.owner.as_ref().map(|owner| owner.key.clone()),
                dataset: Some(kept.dataset.clone()),
                at: kept.closed,
                ..Document::default()
            });
            self.reviews.insert(id, stamp);
        }
        Ok(())
    }
}

fn of_incident(id: i64) -> String {
    format!("{INCIDENT}:{id}")
}

fn of_control(control: &Control) -> Document {
    let Control { name, title, owner, threat, protects, text, .. } = control;
    let standards = control.standards.values().flatten();
    Document {
        id: name.clone(),
        kind: CONTROL.to_owned(),
        title: title.clone(),
        text: format!(
            "{threat}\n\nFor operations: {}\n\nFor security: {}\n\n{text}",
            protects.operations, protects.security
        )
        .into(),
        names: control.rules.iter().chain(&control.checks).chain(standards).chain([name]).cloned().collect(),
        owner: Some(owner.clone()),
        ..Document::default()
    }
}

/// A decision as it is found: what it is, of which control, about what, and why; none of one that says nothing.
fn of_decision(kept: &KeptDecision, control: Option<&str>) -> Option<(&'static str, Document)> {
    let decision = &kept.decision;
    let text = |name: &str| decision.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let list = |name: &str| -> Vec<String> {
        let all = decision.body.get(name).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (of, about) = (control.unwrap_or_default(), decision.entity.as_ref().map(ToString::to_string));
    let title = |what: &str| {
        let about = about.as_deref().map(|about| format!(" for {about}")).unwrap_or_default();
        let of = if of.is_empty() { String::new() } else { format!(" of {of}") };
        format!("{}{of}{about}", what.replace('_', " "))
    };
    let mut names: Vec<String> = control.map(str::to_owned).into_iter().collect();
    let mut id = format!("{}:{}", decision.kind, kept.id);
    let (kind, title, words) = match decision.kind.as_str() {
        MEETING => {
            let (teams, day, notes) = (list("teams"), text("day"), text("notes"));
            if notes.is_empty() {
                return None;
            }
            // Of each dataset on its own, so that nobody writes over what others see.
            id = format!("{MEETING}:{}:{}:{day}", decision.dataset, teams.join("+"));
            let title = format!("{} met on {day}", teams.join(" and "));
            names = teams;
            (MEETING, title, notes.to_owned())
        }
        ANSWER => (ANSWER, title(&format!("{} said", text("say"))), decision.reason.clone()),
        "reply" => (ANSWER, title(&format!("reply, {}", text("did"))), decision.reason.clone()),
        other => {
            names.extend(list("controls"));
            let more = [text("control"), text("outcome"), text("environment"), text("mode")];
            let more: Vec<&str> = more.into_iter().filter(|word| !word.is_empty()).collect();
            (DECISION, title(other), format!("{}\n\n{}", decision.reason, more.join(", ")))
        }
    };
    let document = Document {
        id,
        kind: kind.to_owned(),
        title,
        text: words.into(),
        entity: decision.entity.clone(),
        services: Vec::new(),
        names,
        owner: decision.owner.as_ref().map(|owner| owner.key.clone()),
        dataset: Some(decision.dataset.clone()),
        at: Some(decision.at),
    };
    Some((kind, document))
}
