//! The way in: alerts of a detector, kept with its memory.

use crate::complete::{Completion, around, complete};
use crate::limits::{MAX_COMPLETED, MAX_LOOKED_UP, ROUND_ALERTS};
use crate::notice::{About, Notice, render};
use crate::plan::{Around, Draft, Planned, Summary, fingerprint, plan, tidy};
use crate::playbook::{Action, channel_of};
use crate::policy::Policy;
use crate::text::{cut, time};
use ledger::{Asked, Detector, Ledger, LedgerError, Move, Outgoing, Person, Raise, Situation, Step, Target};
use model::{Alert, EntityRef, Nanos};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;

/// What the ledger says of those who decide by rule.
pub(crate) const RULES: Person<'static> = Person("rules");

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    /// The caller is wrong.
    #[error("{0}")]
    Invalid(String),
    /// There is no such thing, or it may not be seen.
    #[error("{0}")]
    Gone(String),
    /// The ledger could not.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Where to look for an alert whose rule does not say so.
pub type Runbooks = Box<dyn Fn(&Alert) -> Option<String> + Send + Sync>;

/// Keeps alerts, and what becomes of them.
pub struct Responder {
    pub(crate) ledger: Ledger,
    pub(crate) policy: Policy,
    runbooks: Option<Runbooks>,
    /// One round at a time: each looks at what the one before it kept.
    turn: tokio::sync::Mutex<()>,
    /// When each channel was given something, of late.
    pub(crate) rates: Mutex<HashMap<String, VecDeque<Nanos>>>,
}

impl Responder {
    /// Over a ledger.
    pub fn new(ledger: Ledger, policy: Policy) -> Responder {
        Responder { ledger, policy, runbooks: None, turn: tokio::sync::Mutex::default(), rates: Mutex::default() }
    }

    /// Notices of new alerts whose rule names no runbook name what this finds. It is asked for the worst of a round, and
    /// must be quick: alerts wait for it.
    #[must_use]
    pub fn with_runbooks(mut self, runbooks: Runbooks) -> Responder {
        self.runbooks = Some(runbooks);
        self
    }

    /// Its settings.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Keeps what a detector told, what becomes of it, and where the detector stands: all in one transaction, as long as it
    /// is no storm. Of a storm of more than some hundred alerts the first parts are kept before, without the detector's
    /// memory; after a kill between them they are told again, and are known by their ids.
    ///
    /// Told again, alerts count once. `now` is the wall clock.
    pub async fn commit(&self, told: Vec<Alert>, state: Detector, now: Nanos) -> Result<Summary, RespondError> {
        self.keep(told, Some(state), now).await
    }

    /// The same for alerts that have no detector here, such as Prometheus' own.
    pub async fn take(&self, told: Vec<Alert>, now: Nanos) -> Result<Summary, RespondError> {
        self.keep(told, None, now).await
    }

    /// Where a detector stands; none when it never was.
    pub async fn state(&self, name: &str) -> Result<Option<Detector>, RespondError> {
        Ok(self.ledger.detector(name).await?)
    }

    async fn keep(&self, told: Vec<Alert>, mut state: Option<Detector>, now: Nanos) -> Result<Summary, RespondError> {
        let _turn = self.turn.lock().await;
        let mut told: Vec<Alert> = told.into_iter().map(tidy).collect();
        // In the order in which it happened, whatever the order in which it was told.
        told.sort_by(|a, b| (a.first, &a.id).cmp(&(b.first, &b.id)));
        let mut summary = Summary::default();
        let mut rest = told.as_slice();
        loop {
            let (round, after) = rest.split_at(rest.len().min(ROUND_ALERTS));
            rest = after;
            let detector = if rest.is_empty() { state.take() } else { None };
            summary.add(self.round(round, detector, now).await?);
            if rest.is_empty() {
                return Ok(summary);
            }
        }
    }

    async fn round(&self, told: &[Alert], detector: Option<Detector>, now: Nanos) -> Result<Summary, RespondError> {
        let mut planned = Planned::default();
        if !told.is_empty() {
            let (situation, around) = self.look(told, now).await?;
            planned = plan(told, &around, &situation, &self.policy, now);
            let completions = self.complete(&mut planned, told, &around, &situation, now).await?;
            self.write_notices(&mut planned, told, &completions, now);
            self.begin_playbooks(&mut planned, told, &completions, now);
        }
        planned.detection.detector = detector;
        if !planned.detection.is_empty() {
            self.ledger.commit_detection(&planned.detection, RULES, now).await?;
        }
        Ok(planned.summary)
    }

    /// What there is around alerts: cheap for those that were told before, which is most of them.
    async fn look(&self, told: &[Alert], now: Nanos) -> Result<(Situation, BTreeMap<EntityRef, Around>), RespondError> {
        let mut asked = Asked {
            firings: told.iter().map(|alert| alert.id.clone()).collect(),
            fingerprints: told.iter().map(fingerprint).collect::<BTreeSet<_>>().into_iter().collect(),
            entities: Vec::new(),
            since: now - self.policy.similar,
            near: now - self.policy.near.max(crate::limits::DAY),
            shift: self.policy.shift_of(now),
            now,
        };
        let mut situation = self.ledger.situation(&asked).await?;
        let mut open: HashMap<&str, model::Level> = HashMap::new();
        for kept in situation.same.iter().filter(|kept| kept.state_at(now) != ledger::State::Resolved) {
            let level = open.entry(&kept.fingerprint).or_insert(kept.level);
            *level = kept.level.max(*level);
        }
        let untold = |alert: &&Alert| !situation.firings.contains_key(&alert.id);
        let is_new = |alert: &&Alert| open.get(&*fingerprint(alert)).is_none_or(|level| *level < alert.level);
        let mut new: Vec<&Alert> = told.iter().filter(untold).filter(is_new).collect();
        // Whose a thing is decides what is suppressed, and nothing else of what rolls up.
        let hides = !situation.suppressions.is_empty();
        let owned = told.iter().filter(untold).filter(|alert| hides || is_new(alert));
        let owned: BTreeSet<EntityRef> = owned.filter_map(|alert| alert.entity.clone()).collect();
        new.sort_by_key(|alert| std::cmp::Reverse(alert.level));
        let worst: BTreeSet<EntityRef> =
            new.iter().filter_map(|alert| alert.entity.clone()).take(MAX_COMPLETED).collect();
        let around = around(&self.ledger, &owned, &worst, now).await?;
        if !new.is_empty() {
            let near = around.values().flat_map(|around| &around.near).map(|(entity, _)| entity.clone());
            let entities: BTreeSet<EntityRef> = owned.iter().cloned().chain(near).collect();
            asked.entities = entities.into_iter().collect();
            situation = self.ledger.situation(&asked).await?;
        }
        Ok((situation, around))
    }

    /// Adds to the worst of the new alerts what belongs to them; answers it by their places.
    async fn complete(
        &self,
        planned: &mut Planned,
        told: &[Alert],
        around: &BTreeMap<EntityRef, Around>,
        situation: &Situation,
        now: Nanos,
    ) -> Result<HashMap<usize, Completion>, RespondError> {
        let mut worst: Vec<(usize, &Alert)> =
            planned.origins.iter().map(|(raised, place)| (*raised, &told[*place])).collect();
        worst.sort_by_key(|(_, alert)| std::cmp::Reverse(alert.level));
        let (nothing, mut completions) = (Around::default(), HashMap::new());
        for (number, (raised, alert)) in worst.into_iter().take(MAX_COMPLETED).enumerate() {
            let around = alert.entity.as_ref().and_then(|entity| around.get(entity)).unwrap_or(&nothing);
            let mut done = complete(&self.ledger, alert, around, &situation.same, now).await?;
            if alert.runbook.is_none() && number < MAX_LOOKED_UP {
                done.runbook = self.runbooks.as_ref().and_then(|runbook| runbook(alert));
            }
            let decision = &mut planned.detection.raised[raised].decision;
            decision.cites.extend(done.cites());
            decision.body.extend(done.body());
            completions.insert(raised, done);
        }
        Ok(completions)
    }

    fn write_notices(
        &self,
        planned: &mut Planned,
        told: &[Alert],
        completions: &HashMap<usize, Completion>,
        now: Nanos,
    ) {
        let origins: HashMap<usize, &Alert> =
            planned.origins.iter().map(|(raised, place)| (*raised, &told[*place])).collect();
        let mut outgoing = Vec::new();
        for draft in &planned.drafts {
            let abouts: Vec<About> = draft
                .tells
                .iter()
                .filter_map(|raised| {
                    let raise = &planned.detection.raised[*raised];
                    Some(about(raise, origins.get(raised)?, completions.get(raised)))
                })
                .collect();
            let notice = self.notice(draft, abouts, now);
            for channel in &self.policy.channels {
                if channel.hears(&draft.team, &draft.dataset, draft.level) {
                    outgoing.push(Outgoing {
                        key: format!("{}@{}", draft.key, channel.name),
                        channel: channel.name.clone(),
                        about: Some(draft.about.clone()),
                        dataset: draft.dataset.clone(),
                        body: render(&notice, channel),
                        due: now,
                    });
                }
            }
        }
        planned.summary.notices += planned.drafts.len() as u64;
        planned.detection.notices.extend(outgoing);
    }

    fn notice(&self, draft: &Draft, alerts: Vec<About>, now: Nanos) -> Notice {
        let title = draft.incident.clone().or_else(|| alerts.first().map(|alert| alert.title.clone()));
        Notice {
            kind: if draft.incident.is_some() { "incident" } else { "alert" }.to_owned(),
            title: title.unwrap_or_default(),
            level: draft.level,
            team: draft.team.clone(),
            dataset: draft.dataset.clone(),
            at: now,
            text: match draft.before.is_empty() {
                true => String::new(),
                false => format!("Before: {}", draft.before.join("; ")),
            },
            link: self.link(draft.incident.is_some(), &draft.about),
            alerts,
        }
    }

    /// Where people look at something. What is raised in this moment has no id yet: then at all that is open.
    pub(crate) fn link(&self, incident: bool, about: &Target) -> Option<String> {
        let base = self.policy.link.as_ref()?.trim_end_matches('/');
        let place = if incident { "incidents" } else { "alerts" };
        Some(match about {
            Target::Id(id) => format!("{base}/{place}/{id}"),
            Target::Key(_) => format!("{base}/{place}"),
        })
    }

    /// Playbooks of new alerts: what needs approval is proposed, the others begin.
    fn begin_playbooks(
        &self,
        planned: &mut Planned,
        told: &[Alert],
        completions: &HashMap<usize, Completion>,
        now: Nanos,
    ) {
        let places: HashMap<usize, usize> = planned.origins.iter().copied().collect();
        for (raised, number) in std::mem::take(&mut planned.plays) {
            let playbook = &self.policy.playbooks[number];
            let raise = &planned.detection.raised[raised];
            let target = Target::Key(raise.decision.key.clone());
            let Some(alert) = places.get(&raised).map(|place| &told[*place]) else { continue };
            let about = about(raise, alert, completions.get(&raised));
            let team = raise.decision.owner.as_ref().map(|owner| owner.key.clone()).unwrap_or_default();
            let notice = self.playbook_notice(&playbook.name, about, team, &raise.decision.dataset, now);
            let key = raise.decision.key.clone();
            let mut step = |step: Step| planned.detection.moves.push(Move { about: target.clone(), at: now, step });
            if playbook.approval {
                step(Step::Action(playbook.name.clone(), "waits for approval".to_owned(), 0));
                continue;
            }
            let (steps, notices) = self.perform(&playbook.name, &playbook.actions, &notice, &key, &target, now);
            steps.into_iter().for_each(&mut step);
            step(Step::Action(playbook.name.clone(), "begun".to_owned(), i64::from(playbook.minutes)));
            planned.detection.notices.extend(notices);
        }
    }

    pub(crate) fn playbook_notice(&self, name: &str, about: About, team: String, dataset: &str, now: Nanos) -> Notice {
        Notice {
            kind: "playbook".to_owned(),
            title: cut(&format!("{name}: {}", about.title), 200),
            level: about.level,
            team,
            dataset: dataset.to_owned(),
            at: now,
            text: String::new(),
            link: None,
            alerts: vec![about],
        }
    }

    /// The steps and notices of actions. `key` makes them once for each alert, playbook and direction.
    pub(crate) fn perform(
        &self,
        name: &str,
        actions: &[Action],
        notice: &Notice,
        key: &str,
        about: &Target,
        now: Nanos,
    ) -> (Vec<Step>, Vec<Outgoing>) {
        let (mut steps, mut notices) = (Vec::new(), Vec::new());
        for (number, action) in actions.iter().enumerate() {
            match action {
                Action::Tag { tag } => steps.push(Step::Tag(cut(tag, 64))),
                action => {
                    let channel = action.channel().unwrap_or_default();
                    match channel_of(&self.policy, channel) {
                        Some(channel) => notices.push(Outgoing {
                            key: format!("playbook:{}:{number}", crate::text::digest(&[name, key])),
                            channel: channel.name.clone(),
                            about: Some(about.clone()),
                            dataset: notice.dataset.clone(),
                            body: render(notice, channel),
                            due: now,
                        }),
                        None => {
                            steps.push(Step::Action(name.to_owned(), format!("there is no channel {channel}"), 0));
                        }
                    }
                }
            }
        }
        (steps, notices)
    }
}

/// An alert as a notice tells it.
fn about(raise: &Raise, alert: &Alert, completion: Option<&Completion>) -> About {
    let suspect = completion.and_then(|done| done.suspects.first()).map(|suspect| {
        let version = suspect.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        format!("{}{version} of {} at {}", suspect.kind, suspect.entity, time(suspect.at))
    });
    let last = completion.and_then(|done| done.last);
    About {
        rule: raise.rule.clone(),
        title: raise.title.clone(),
        level: raise.level,
        aspect: raise.aspect,
        entity: raise.decision.entity.as_ref().map(ToString::to_string).unwrap_or_default(),
        why: raise.why.clone(),
        runbook: raise.runbook.clone().or_else(|| completion.and_then(|done| done.runbook.clone())),
        suspect,
        last: last.map(|(_, outcome, at)| format!("{} at {}", outcome.name(), time(at))),
        fingerprint: raise.fingerprint.clone(),
        first: alert.first,
        count: alert.count,
    }
}

/// Channels whose rate is remembered: more than anybody configures.
pub(crate) const RATES_KEPT: usize = 1_000;
