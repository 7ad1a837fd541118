//! What people do: each deed is a decision with a reason, in the trail.

use crate::limits::{MAX_TAG_CHARS, MAX_TITLE_CHARS};
use crate::notice::{About, Notice};
use crate::playbook::{DryRun, Playbook};
use crate::responder::{RespondError, Responder};
use crate::suppress::{NewSuppression, ends};
use crate::text::{cut, digest, time};
use ledger::{Act, Acted, AsOf, Enqueue, Kept, Kind, Move, Outcome, Person, State, Step, Target, Whole};
use model::{Aspect, Cite, Decision, EntityRef, Facts, Level, Nanos};
use serde_json::{Map, Value, json};

/// Something that is done to alerts, incidents, tasks or suppressions.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Somebody looks at it.
    Acknowledge,
    /// It is open again.
    Reopen,
    /// Nobody wants to see it until then.
    Snooze(Nanos),
    /// It is over, and was this.
    Resolve(Outcome),
    /// This person looks at it; none for nobody any more.
    Assign(Option<String>),
    /// It is this team's.
    HandOver(EntityRef),
    /// Somebody says something: the reason.
    Comment,
    /// It gets a tag.
    Tag(String),
    /// It belongs to this incident; none for none any more.
    Join(Option<i64>),
}

/// An incident that people open.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIncident {
    /// One line.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// Whose language.
    pub aspect: Aspect,
    /// Why.
    pub reason: String,
    /// The team that leads.
    pub owner: Option<EntityRef>,
    /// What it is about.
    pub entity: Option<EntityRef>,
    /// Who may see it.
    pub dataset: String,
    /// Alerts that belong to it.
    pub alerts: Vec<i64>,
    /// The caller's own id; told twice it is one.
    pub key: Option<String>,
}

/// Something to do that an incident taught.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTask {
    /// What.
    pub title: String,
    /// The team that does it.
    pub owner: Option<EntityRef>,
    /// Until when.
    pub due: Option<Nanos>,
    /// The caller's own id; told twice it is one.
    pub key: Option<String>,
}

impl Deed {
    /// Its name, as the API has it.
    pub fn name(&self) -> &'static str {
        match self {
            Deed::Acknowledge => "acknowledge",
            Deed::Reopen => "reopen",
            Deed::Snooze(_) => "snooze",
            Deed::Resolve(_) => "resolve",
            Deed::Assign(_) => "assign",
            Deed::HandOver(_) => "hand_over",
            Deed::Comment => "comment",
            Deed::Tag(_) => "tag",
            Deed::Join(_) => "join",
        }
    }

    /// Why it cannot be done to something; none when it can.
    fn unfit(&self, kept: &Kept, now: Nanos) -> Option<String> {
        let kind = kept.kind.name();
        match (self, kept.kind) {
            (Deed::Resolve(Outcome::True | Outcome::Benign | Outcome::False), Kind::Alert | Kind::Incident) => None,
            (Deed::Resolve(Outcome::Done), Kind::Task | Kind::Suppression) => None,
            (Deed::Resolve(_), Kind::Alert | Kind::Incident) => {
                Some(format!("an {kind} is resolved as true, benign or false"))
            }
            (Deed::Resolve(_), _) => Some(format!("a {kind} is done, and nothing else")),
            (Deed::Comment, _) => None,
            (_, Kind::Suppression) => Some("a suppression is ended, renewed by another, or commented on".to_owned()),
            (Deed::Snooze(until), _) if *until <= now => Some("snooze until a time that is to come".to_owned()),
            (Deed::Snooze(_) | Deed::Join(_), Kind::Task) => Some(format!("a {kind} cannot be this")),
            (Deed::Join(_), Kind::Incident) => Some("an incident is part of no other".to_owned()),
            _ => None,
        }
    }

    fn step(&self) -> Step {
        match self {
            Deed::Acknowledge => Step::State(State::Acknowledged, None, None),
            Deed::Reopen => Step::State(State::Open, None, None),
            Deed::Snooze(until) => Step::State(State::Snoozed, None, Some(*until)),
            Deed::Resolve(outcome) => Step::State(State::Resolved, Some(*outcome), None),
            Deed::Assign(person) => Step::Assignee(person.clone()),
            Deed::HandOver(team) => Step::Owner(team.clone()),
            Deed::Comment => Step::Comment,
            Deed::Tag(tag) => Step::Tag(cut(tag, MAX_TAG_CHARS)),
            Deed::Join(incident) => Step::Incident(incident.map(Target::Id)),
        }
    }

    /// Whether it says enough without a reason.
    fn speaks_for_itself(&self) -> bool {
        matches!(self, Deed::Acknowledge | Deed::Assign(_) | Deed::Tag(_) | Deed::Join(_))
    }
}

impl Responder {
    /// Some of them, for somebody who may see some datasets alone; an error when one is not to be seen.
    pub async fn find(&self, ids: &[i64], seen: &AsOf) -> Result<Vec<Kept>, RespondError> {
        let kept = self.ledger.kept(ids, seen).await?;
        match ids.iter().find(|id| !kept.iter().any(|kept| kept.id == **id)) {
            Some(id) => Err(RespondError::Gone(format!("there is no alert, incident, task or suppression {id}"))),
            None => Ok(kept),
        }
    }

    /// One with everything that belongs to it.
    pub async fn whole(&self, id: i64, seen: &AsOf) -> Result<Whole, RespondError> {
        let whole = self.ledger.whole(id, seen).await?;
        whole.ok_or_else(|| RespondError::Gone(format!("there is no alert, incident, task or suppression {id}")))
    }

    /// Does something to all of them, or to none. Who acknowledges or resolves an incident does so with its alerts that are
    /// not resolved. Whoever calls has looked whether the person may.
    pub async fn act(
        &self,
        kept: &[Kept],
        deed: &Deed,
        reason: &str,
        key: Option<&str>,
        by: Person<'_>,
        now: Nanos,
    ) -> Result<Acted, RespondError> {
        let reason = match reason.trim() {
            "" if deed.speaks_for_itself() => deed.name(),
            "" => return Err(RespondError::Invalid(format!("say why with `reason`: {} needs one", deed.name()))),
            reason => reason,
        };
        if let Some(why) = kept.iter().find_map(|kept| deed.unfit(kept, now)) {
            return Err(RespondError::Invalid(why));
        }
        if let Deed::Join(Some(incident)) = deed {
            let there = self.find(&[*incident], &AsOf::at(now)).await?;
            if there.iter().any(|one| one.kind != Kind::Incident) {
                return Err(RespondError::Invalid(format!("{incident} is no incident")));
            }
            if kept.iter().any(|kept| there.iter().any(|incident| incident.dataset != kept.dataset)) {
                let why = "an incident has alerts of its own dataset alone: who sees it may not see others";
                return Err(RespondError::Invalid(why.to_owned()));
            }
        }
        let mut acts = Vec::with_capacity(kept.len());
        for one in kept {
            let step = deed.step();
            let mut moves = vec![Move { about: Target::Id(one.id), at: now, step: step.clone() }];
            if one.kind == Kind::Incident && matches!(deed, Deed::Acknowledge | Deed::Resolve(_)) {
                let whole = self.whole(one.id, &AsOf::at(now)).await?;
                let open = |part: &&Kept| {
                    let state = part.state_at(now);
                    part.kind == Kind::Alert
                        && (state == State::Open || state != State::Resolved && matches!(deed, Deed::Resolve(_)))
                };
                moves.extend(whole.parts.iter().filter(open).map(|part| Move {
                    about: Target::Id(part.id),
                    at: now,
                    step: step.clone(),
                }));
            }
            let name = format!("{deed:?}");
            let unique = match key {
                Some(key) => digest(&[key]),
                None => digest(&[&name, reason, by.0, &now.to_string()]),
            };
            let decision = decision(one, format!("triage:{}:{unique}", one.id), "triage", reason, deed.name(), now);
            acts.push(Act { decision, enqueue: None, moves, notices: Vec::new() });
        }
        Ok(self.ledger.act(&acts, by, now).await?)
    }

    /// Opens an incident that no rule saw; answers its id.
    pub async fn open_incident(&self, new: &NewIncident, by: Person<'_>, now: Nanos) -> Result<i64, RespondError> {
        let key = match &new.key {
            Some(key) => format!("incident:own:{}", digest(&[key])),
            None => format!("incident:own:{}", digest(&[&new.title, &new.reason, by.0, &now.to_string()])),
        };
        let decision = Decision {
            key: key.clone(),
            kind: "incident".to_owned(),
            dataset: new.dataset.clone(),
            at: now,
            entity: new.entity.clone(),
            reason: new.reason.clone(),
            owner: new.owner.clone(),
            control: None,
            expires: None,
            cites: new.alerts.iter().map(|alert| Cite::Fact(*alert)).collect(),
            body: Map::new(),
        };
        let enqueue = Enqueue {
            kind: Kind::Incident,
            title: cut(&new.title, MAX_TITLE_CHARS),
            level: new.level,
            aspect: new.aspect,
            parent: None,
            until: None,
        };
        let join = |alert: &i64| Move {
            about: Target::Id(*alert),
            at: now,
            step: Step::Incident(Some(Target::Key(key.clone()))),
        };
        let moves = new.alerts.iter().map(join).collect();
        let act = Act { decision, enqueue: Some(enqueue), moves, notices: Vec::new() };
        self.id_of(self.ledger.act(&[act], by, now).await?, &key)
    }

    /// Adds something to do to an incident; answers its id.
    pub async fn add_task(
        &self,
        incident: &Kept,
        new: &NewTask,
        by: Person<'_>,
        now: Nanos,
    ) -> Result<i64, RespondError> {
        if incident.kind != Kind::Incident {
            return Err(RespondError::Invalid(format!("{} is no incident", incident.id)));
        }
        if new.title.trim().is_empty() {
            return Err(RespondError::Invalid("say what is to be done with `title`".to_owned()));
        }
        let key = match &new.key {
            Some(key) => format!("task:{}:{}", incident.id, digest(&[key])),
            None => format!("task:{}:{}", incident.id, digest(&[&new.title, by.0, &now.to_string()])),
        };
        let mut decision = decision(incident, key.clone(), "task", "an incident taught it", "task", now);
        decision.owner = new.owner.clone().or_else(|| incident.owner.clone());
        let enqueue = Enqueue {
            kind: Kind::Task,
            title: cut(&new.title, MAX_TITLE_CHARS),
            level: incident.level,
            aspect: incident.aspect,
            parent: Some(incident.id),
            until: new.due,
        };
        let act = Act { decision, enqueue: Some(enqueue), moves: Vec::new(), notices: Vec::new() };
        self.id_of(self.ledger.act(&[act], by, now).await?, &key)
    }

    /// Hides alerts until a day: makes the control, if none is named, and the suppression that follows it; answers the
    /// suppression's id. Told again, both are there already.
    pub async fn suppress(&self, new: &NewSuppression, by: Person<'_>, now: Nanos) -> Result<i64, RespondError> {
        new.hides.check()?;
        if new.reason.trim().is_empty() {
            return Err(RespondError::Invalid("say why with `reason`".to_owned()));
        }
        let until = ends(&self.policy, new.until, now)?;
        let hides = serde_json::to_value(&new.hides).unwrap_or_default();
        let unique = match &new.key {
            Some(key) => digest(&[key]),
            None => digest(&[&hides.to_string(), &new.reason, by.0, &now.to_string()]),
        };
        let body = Map::from_iter([("hides".to_owned(), hides)]);
        let mut decision = Decision {
            key: format!("control:suppression:{unique}"),
            kind: "control".to_owned(),
            dataset: new.dataset.clone(),
            at: now,
            entity: None,
            reason: new.reason.clone(),
            owner: Some(new.owner.clone()),
            control: None,
            expires: Some(until),
            cites: Vec::new(),
            body,
        };
        let control = match new.control {
            Some(control) => control,
            None => self.ledger.decide(&decision, &Facts::default(), by, now).await?.id,
        };
        decision.key = format!("suppression:{unique}");
        decision.kind = "suppression".to_owned();
        decision.control = Some(control);
        let named = [&new.hides.rule, &new.hides.entity, &new.hides.tag].into_iter().flatten().map(String::as_str);
        let title = named.collect::<Vec<_>>().join(", ");
        let enqueue = Enqueue {
            kind: Kind::Suppression,
            title: cut(if title.is_empty() { &new.reason } else { &title }, MAX_TITLE_CHARS),
            level: Level::Informational,
            aspect: Aspect::Operations,
            parent: None,
            until: Some(until),
        };
        let key = decision.key.clone();
        let act = Act { decision, enqueue: Some(enqueue), moves: Vec::new(), notices: Vec::new() };
        self.id_of(self.ledger.act(&[act], by, now).await?, &key)
    }

    fn id_of(&self, acted: Acted, key: &str) -> Result<i64, RespondError> {
        acted.ids.get(key).copied().ok_or_else(|| RespondError::Invalid(format!("{key} was not kept")))
    }

    /// Playbooks that are meant for an alert.
    pub fn playbooks_for(&self, kept: &Kept) -> Vec<&Playbook> {
        let fits = |playbook: &&Playbook| playbook.fits(&kept.rule, &kept.title, &kept.tags, kept.level);
        self.policy.playbooks.iter().filter(fits).collect()
    }

    /// What a playbook would do, or undo.
    pub fn dry_run(&self, alert: &Whole, name: &str, undo: bool, now: Nanos) -> Result<Vec<DryRun>, RespondError> {
        let playbook = self.playbook(alert, name)?;
        Ok(playbook.dry_run(undo, &self.notice_of(alert, name, now), &self.policy))
    }

    /// Does what a playbook says, or takes it back: that is the approval, and its reason is kept. Run twice it is refused.
    pub async fn run_playbook(
        &self,
        alert: &Whole,
        name: &str,
        undo: bool,
        reason: &str,
        by: Person<'_>,
        now: Nanos,
    ) -> Result<Vec<DryRun>, RespondError> {
        let playbook = self.playbook(alert, name)?;
        let told =
            |moved: &&ledger::Moved| moved.what == "action" && moved.value == name && moved.about == alert.kept.id;
        let runs: Vec<bool> = alert
            .moves
            .iter()
            .filter(told)
            .filter_map(|moved| match moved.detail.as_deref() {
                Some("begun") => Some(true),
                Some("undone") => Some(false),
                _ => None,
            })
            .collect();
        let is_done = runs.last() == Some(&true);
        if is_done != undo {
            let why = if undo { "was not run, or was undone already" } else { "was run already: undo it first" };
            return Err(RespondError::Invalid(format!("the playbook {name} {why}")));
        }
        if undo && playbook.undo.is_empty() {
            return Err(RespondError::Invalid(format!("the playbook {name} says no way back")));
        }
        if reason.trim().is_empty() {
            return Err(RespondError::Invalid("say why with `reason`: it is the approval".to_owned()));
        }
        let notice = self.notice_of(alert, name, now);
        let planned = playbook.dry_run(undo, &notice, &self.policy);
        if let Some(problem) = planned.iter().find_map(|one| one.problem.as_ref()) {
            return Err(RespondError::Invalid(problem.clone()));
        }
        let (actions, word, minutes) = match undo {
            true => (&playbook.undo, "undone", -i64::from(playbook.minutes)),
            false => (&playbook.actions, "begun", i64::from(playbook.minutes)),
        };
        let about = Target::Id(alert.kept.id);
        let run = format!("{}:{}", alert.kept.id, runs.len());
        let (mut steps, notices) = self.perform(name, actions, &notice, &run, &about, now);
        steps.push(Step::Action(name.to_owned(), word.to_owned(), minutes));
        let moves = steps.into_iter().map(|step| Move { about: about.clone(), at: now, step }).collect();
        let key = format!("playbook:{}", digest(&[name, &run]));
        let decision = decision(&alert.kept, key, "triage", reason, name, now);
        self.ledger.act(&[Act { decision, enqueue: None, moves, notices }], by, now).await?;
        Ok(planned)
    }

    fn playbook(&self, alert: &Whole, name: &str) -> Result<&Playbook, RespondError> {
        let mut all = self.policy.playbooks.iter();
        let found = all.find(|playbook| playbook.name == name);
        let found = found.ok_or_else(|| RespondError::Gone(format!("there is no playbook {name}")))?;
        match (alert.kept.kind, self.playbooks_for(&alert.kept).iter().any(|fit| fit.name == name)) {
            (Kind::Alert, true) => Ok(found),
            _ => Err(RespondError::Invalid(format!("the playbook {name} is not meant for {}", alert.kept.title))),
        }
    }

    fn notice_of(&self, alert: &Whole, name: &str, now: Nanos) -> Notice {
        let kept = &alert.kept;
        let suspect = alert.body.get("suspects").and_then(|all| all.get(0)).map(|suspect| {
            let word = |name: &str| suspect.get(name).and_then(Value::as_str).unwrap_or_default();
            format!("{} of {} at {}", word("kind"), word("entity"), word("at"))
        });
        let about = About {
            rule: kept.rule.clone(),
            title: kept.title.clone(),
            level: kept.level,
            aspect: kept.aspect,
            entity: kept.entity.as_ref().map(ToString::to_string).unwrap_or_default(),
            why: alert.why.clone().unwrap_or_default(),
            runbook: kept.runbook.clone(),
            suspect,
            last: kept.outcome.map(|outcome| format!("{} at {}", outcome.name(), time(kept.last))),
            fingerprint: kept.fingerprint.clone(),
            first: kept.first,
            count: kept.events,
        };
        let team = kept.owner.as_ref().map(|owner| owner.key.clone()).unwrap_or_default();
        self.playbook_notice(name, about, team, &kept.dataset, now)
    }
}

/// A decision about something that is kept.
fn decision(about: &Kept, key: String, kind: &str, reason: &str, deed: &str, now: Nanos) -> Decision {
    Decision {
        key,
        kind: kind.to_owned(),
        dataset: about.dataset.clone(),
        at: now,
        entity: about.entity.clone(),
        reason: reason.to_owned(),
        owner: about.owner.clone(),
        control: None,
        expires: None,
        cites: vec![Cite::Fact(about.id)],
        body: Map::from_iter([("deed".to_owned(), json!(deed))]),
    }
}
