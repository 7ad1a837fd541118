//! What becomes of alerts: decided from what is given alone, so that the same alerts in the same situation always become
//! the same.

use crate::limits::MAX_NOTICE_ALERTS;
use crate::policy::Policy;
use crate::risk::{part, weight};
use crate::suppress::hider;
use crate::text::digest;
use ledger::{Detection, Firing, Kept, Mark, Move, On, Outcome, Situation, State, Step, Target};
use model::{Alert, Aspect, EntityRef, Level, Nanos};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod group;
mod slot;
mod tidy;

pub use tidy::tidy;

use slot::{Incident, Slot, techniques};

/// The tag of a rule that says that something is not there at all: what is wrong around it follows from that.
pub const OUTAGE_TAG: &str = "tandem.outage";

/// What is known around an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// The team that owns it.
    pub owner: Option<EntityRef>,
    /// Why that is said.
    pub why_owner: String,
    /// What it is related to, and how many relations away; it is itself at 0.
    pub near: Vec<(EntityRef, usize)>,
}

/// What became of alerts, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Alerts that were told.
    pub told: u64,
    /// Told before: they count where they did.
    pub repeated: u64,
    /// New alerts.
    pub raised: u64,
    /// Counted on an alert that is open.
    pub rolled: u64,
    /// Hidden by suppressions, and counted there.
    pub hidden: u64,
    /// New incidents.
    pub incidents: u64,
    /// Notices that were put into the outbox.
    pub notices: u64,
    /// New alerts that go to a digest.
    pub digest: u64,
}

impl Summary {
    /// Both together.
    pub fn add(&mut self, other: Summary) {
        self.told += other.told;
        self.repeated += other.repeated;
        self.raised += other.raised;
        self.rolled += other.rolled;
        self.hidden += other.hidden;
        self.incidents += other.incidents;
        self.notices += other.notices;
        self.digest += other.digest;
    }
}

/// Something that people should hear of.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it is about.
    pub about: Target,
    /// Its key; each channel has its own notice.
    pub key: String,
    /// The team that answers for it; empty for nobody.
    pub team: String,
    /// How bad.
    pub level: Level,
    /// Who may see it.
    pub dataset: String,
    /// Which of the raised it tells, by their places.
    pub tells: Vec<usize>,
    /// One line of an incident.
    pub incident: Option<String>,
    /// Titles of its alerts that were raised before.
    pub before: Vec<String>,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planned {
    /// What is to be kept.
    pub detection: Detection,
    /// What people should hear of.
    pub drafts: Vec<Draft>,
    /// Playbooks that begin: which of the raised, which playbook.
    pub plays: Vec<(usize, usize)>,
    /// Alerts that were raised: place in the detection, place among those told.
    pub origins: Vec<(usize, usize)>,
    /// In numbers.
    pub summary: Summary,
}

/// What the rules of others begin with, as `receive` names them.
const OTHERS: &str = "alertmanager:";

/// What repeats share: dataset, rule, and what the alert is about. An alert of others is known by all of its labels, since
/// each set of them begins and ends by itself.
pub fn fingerprint(alert: &Alert) -> String {
    let own = alert.fingerprint();
    if !alert.rule.starts_with(OTHERS) {
        return digest(&[&alert.dataset, &own]);
    }
    let labels: Vec<String> = alert.key.iter().map(|(name, value)| digest(&[name, value])).collect();
    digest(&[&alert.dataset, &own, &labels.concat()])
}

/// Decides. `told` must have gone through `tidy`.
pub fn plan(
    told: &[Alert],
    around: &BTreeMap<EntityRef, Around>,
    situation: &Situation,
    policy: &Policy,
    now: Nanos,
) -> Planned {
    let mut planner = Planner::new(around, situation, policy, now);
    for (place, alert) in told.iter().enumerate() {
        planner.one(place, alert);
    }
    planner.out.summary.told = told.len() as u64;
    planner.out
}

struct Planner<'a> {
    around: &'a BTreeMap<EntityRef, Around>,
    situation: &'a Situation,
    policy: &'a Policy,
    now: Nanos,
    slots: Vec<Slot>,
    /// Open alerts.
    by_print: HashMap<String, usize>,
    by_entity: HashMap<EntityRef, Vec<usize>>,
    by_technique: HashMap<String, Vec<usize>>,
    incidents: BTreeMap<Target, Incident>,
    noticed: BTreeMap<String, u64>,
    out: Planned,
}

impl<'a> Planner<'a> {
    fn new(
        around: &'a BTreeMap<EntityRef, Around>,
        situation: &'a Situation,
        policy: &'a Policy,
        now: Nanos,
    ) -> Planner<'a> {
        let mut planner = Planner {
            around,
            situation,
            policy,
            now,
            slots: Vec::new(),
            by_print: HashMap::new(),
            by_entity: HashMap::new(),
            by_technique: HashMap::new(),
            incidents: BTreeMap::new(),
            noticed: situation.noticed.clone(),
            out: Planned::default(),
        };
        for kept in &situation.incidents {
            planner.incidents.insert(Target::Id(kept.id), Incident::of(kept));
        }
        let mut seen = BTreeSet::new();
        for kept in situation.same.iter().chain(&situation.near) {
            if seen.insert(kept.id) {
                planner.insert(Slot::of(kept, now));
            }
        }
        planner
    }

    fn insert(&mut self, slot: Slot) -> usize {
        let place = self.slots.len();
        if slot.open {
            // The newest counts when there are several.
            self.by_print.entry(slot.fingerprint.clone()).or_insert(place);
        }
        if let Some(entity) = &slot.entity {
            self.by_entity.entry(entity.clone()).or_default().push(place);
        }
        for technique in techniques(&slot.tags) {
            self.by_technique.entry(technique.to_owned()).or_default().push(place);
        }
        self.slots.push(slot);
        place
    }

    fn owner(&self, alert: &Alert) -> Option<&'a EntityRef> {
        alert.entity.as_ref().and_then(|entity| self.around.get(entity)).and_then(|around| around.owner.as_ref())
    }

    fn one(&mut self, place: usize, alert: &Alert) {
        let print = fingerprint(alert);
        let owner = self.owner(alert).map_or("", |owner| owner.key.as_str());
        if let Some(known) = self.situation.firings.get(&alert.id) {
            self.out.summary.repeated += 1;
            let on = match known.hidden {
                true => On::Hidden { by: known.about, team: owner.to_owned() },
                false => On::Alert(Target::Id(known.about)),
            };
            return self.fire(alert, on);
        }
        if let Some(hider) = hider(&self.situation.suppressions, alert, owner) {
            self.out.summary.hidden += 1;
            return self.fire(alert, On::Hidden { by: hider.kept.id, team: owner.to_owned() });
        }
        let open = self.by_print.get(&print).copied();
        if let Some(slot) = open.map(|open| &mut self.slots[open]).filter(|slot| slot.level >= alert.level) {
            slot.last = slot.last.max(alert.last);
            slot.firings += 1;
            let on = On::Alert(slot.target.clone());
            self.out.summary.rolled += 1;
            return self.fire(alert, on);
        }
        self.raise(place, alert, print, open);
    }

    fn fire(&mut self, alert: &Alert, on: On) {
        self.out.detection.firings.push(Firing {
            id: alert.id.clone(),
            rule: alert.rule.clone(),
            on,
            events: alert.count,
            first: alert.first,
            last: alert.last,
            copies: alert.events.clone(),
        });
    }

    fn step(&mut self, about: Target, step: Step) {
        self.out.detection.moves.push(Move { about, at: self.now, step });
    }

    /// A new alert. `before` is an open one that is less bad: the new one takes its place.
    fn raise(&mut self, place: usize, alert: &Alert, print: String, before: Option<usize>) {
        let owner = self.owner(alert).cloned();
        let key = format!("alert:{}", digest(&[&alert.id]));
        let target = Target::Key(key.clone());
        let raised = self.out.detection.raised.len();
        self.out.detection.raised.push(tidy::raise(alert, key.clone(), print.clone(), owner.clone(), self.now));
        self.out.origins.push((raised, place));
        self.out.summary.raised += 1;
        self.fire(alert, On::Alert(target.clone()));
        let mut incident = None;
        if let Some(before) = before {
            let old = &mut self.slots[before];
            old.open = false;
            incident = old.incident.clone();
            let about = old.target.clone();
            self.step(about, Step::State(State::Resolved, Some(Outcome::Escalated), None));
            self.by_print.remove(&print);
        }
        let inhibitor = self.inhibitor(alert);
        let slot = Slot::raised(alert, target.clone(), print.clone(), owner.as_ref(), raised);
        let slot = self.insert(slot);
        let flapping = self.is_flapping(&print);
        let quiet = alert.level < self.policy.notify_from;
        let marks = [
            (inhibitor.is_some(), Mark::Inhibited, inhibitor.clone()),
            (flapping, Mark::Flapping, None),
            (quiet, Mark::Quiet, None),
        ];
        for (is, mark, by) in marks {
            if is {
                self.step(target.clone(), Step::Mark(mark, by));
            }
        }
        let joined = self.join(slot, incident, inhibitor.is_some());
        if inhibitor.is_none() && !flapping {
            let playbooks = self.policy.playbooks.iter().enumerate();
            let plays = playbooks.filter(|(_, playbook)| playbook.is_for(alert)).map(|(number, _)| (raised, number));
            self.out.plays.extend(plays);
        }
        match flapping && alert.level < Level::Critical {
            true => self.leave_to_digest(target),
            false if inhibitor.is_none() && !quiet || joined == group::Joined::New => self.tell(slot, &key, &joined),
            false => {}
        }
    }

    fn leave_to_digest(&mut self, target: Target) {
        self.out.summary.digest += 1;
        self.step(target, Step::Mark(Mark::Digest, None));
    }

    /// Whether it came and went too often of late.
    fn is_flapping(&self, print: &str) -> bool {
        let since = self.now - self.policy.flap_window;
        let gone = |kept: &&Kept| {
            kept.fingerprint == print
                && kept.outcome != Some(Outcome::Escalated)
                && kept.closed.is_some_and(|closed| closed >= since)
        };
        self.situation.same.iter().filter(gone).count() >= self.policy.flap_count
    }

    /// An open alert that says already what this one says.
    fn inhibitor(&self, alert: &Alert) -> Option<Target> {
        let entity = alert.entity.as_ref().filter(|_| alert.level < Level::Critical)?;
        let near = |slot: &Slot| {
            slot.open && slot.dataset == alert.dataset && (alert.first - slot.last).abs() <= self.policy.near
        };
        let worse = |slot: &&Slot| {
            near(slot) && slot.aspect == alert.aspect && slot.level > alert.level && slot.level >= Level::High
        };
        let mut same = self.by_entity.get(entity).into_iter().flatten().map(|place| &self.slots[*place]);
        if let Some(slot) = same.find(worse) {
            return Some(slot.target.clone());
        }
        if alert.aspect != Aspect::Operations {
            return None;
        }
        let around = self.around.get(entity)?.near.iter().filter(|(_, distance)| *distance > 0);
        let mut slots = around.flat_map(|(entity, _)| self.by_entity.get(entity).into_iter().flatten());
        let is_out = |slot: &&Slot| near(slot) && slot.tags.iter().any(|tag| tag == OUTAGE_TAG);
        slots.find_map(|place| Some(&self.slots[*place]).filter(is_out)).map(|slot| slot.target.clone())
    }

    /// Makes a notice of it, of its incident, or leaves it to the digest.
    fn tell(&mut self, slot: usize, key: &str, joined: &group::Joined) {
        let Slot { target, owner, level, dataset, .. } = &self.slots[slot];
        let (target, level, dataset) = (target.clone(), *level, dataset.clone());
        let mut draft = Draft {
            about: target.clone(),
            key: key.to_owned(),
            team: owner.clone(),
            level,
            dataset,
            tells: self.slots[slot].raised.into_iter().collect(),
            incident: None,
            before: Vec::new(),
        };
        let incident = self.slots[slot].incident.clone();
        if let Some((about, incident)) = incident.and_then(|about| self.incidents.get_key_value(&about)) {
            // Those who know of the incident see it there, unless it got worse.
            if *joined == group::Joined::Old && incident.notified && level < Level::Critical {
                return self.leave_to_digest(target);
            }
            draft.about = about.clone();
            draft.key = format!("{}:{}", slot::name(about), key);
            draft.incident = Some(incident.title.clone());
            draft.level = incident.level.max(level);
            draft.tells = self.told_of(about, draft.tells);
            let before =
                self.slots.iter().filter(|slot| slot.raised.is_none() && slot.incident.as_ref() == Some(about));
            draft.before = before.map(|slot| slot.title.clone()).take(MAX_NOTICE_ALERTS).collect();
        }
        if !self.policy.channels.iter().any(|channel| channel.hears(&draft.team, &draft.dataset, draft.level)) {
            return;
        }
        let noticed = self.noticed.entry(draft.team.clone()).or_default();
        if *noticed >= self.policy.budget_of(&draft.team) && draft.level < Level::Critical {
            return self.leave_to_digest(target);
        }
        *noticed += 1;
        self.step(target, Step::Notified);
        if draft.incident.is_some() {
            if let Some(incident) = self.incidents.get_mut(&draft.about) {
                incident.notified = true;
            }
            self.step(draft.about.clone(), Step::Notified);
        }
        self.out.drafts.push(draft);
    }

    /// The alerts of an incident that were raised now, beside one.
    fn told_of(&self, incident: &Target, mut tells: Vec<usize>) -> Vec<usize> {
        let of = self.slots.iter().filter(|slot| slot.incident.as_ref() == Some(incident));
        tells.extend(of.filter_map(|slot| slot.raised));
        tells.sort_unstable();
        tells.dedup();
        tells
    }

    /// What some alerts are worth together.
    fn risk_of(&self, slots: &[usize]) -> f64 {
        let parts = slots.iter().map(|place| &self.slots[*place]);
        parts.map(|slot| part(slot.level, slot.firings, slot.last, self.now, self.policy.half_life)).sum()
    }
}

/// Of several, the worst; of these, the one that is worth most.
fn worst<'s>(slots: impl Iterator<Item = &'s Slot>) -> Option<&'s Slot> {
    slots.max_by(|a, b| (a.level, a.last).cmp(&(b.level, b.last)).then(weight(a.level).total_cmp(&weight(b.level))))
}
