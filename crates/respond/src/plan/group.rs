//! Which alerts belong together.

use super::slot::{Incident, Slot, techniques};
use super::{Planner, worst};
use crate::limits::{DAY, MAX_TAGS, MAX_TITLE_CHARS};
use crate::text::{cut, digest, span};
use ledger::{Raise, Step, Target};
use model::{Aspect, Decision, Level};
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// What an alert did to incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It belongs to none.
    None,
    /// It belongs to one that was there, and is no worse.
    Old,
    /// It made one that was there worse.
    Worse,
    /// With others it is one now.
    New,
}

impl Planner<'_> {
    /// Puts a new alert into an incident, if it belongs to one. `incident` is that of the alert whose place it takes. What
    /// is inhibited joins, and begins none.
    pub(super) fn join(&mut self, slot: usize, incident: Option<Target>, inhibited: bool) -> Joined {
        let related = self.related(slot);
        let open = |target: &Target| self.incidents.contains_key(target);
        let newest = related
            .iter()
            .filter_map(|place| self.slots[*place].incident.clone().filter(open))
            .max_by_key(|target| (self.incidents[target].last, target.clone()));
        if let Some(target) = incident.filter(open).or(newest) {
            return self.join_to(slot, target);
        }
        if inhibited || self.slots[slot].level == Level::Informational {
            return Joined::None;
        }
        let mut parts: Vec<usize> = related.into_iter().filter(|place| self.slots[*place].incident.is_none()).collect();
        parts.push(slot);
        match self.why_incident(&parts) {
            Some(why) => {
                self.begin_incident(slot, &parts, why);
                Joined::New
            }
            None => Joined::None,
        }
    }

    fn join_to(&mut self, slot: usize, target: Target) -> Joined {
        let (about, level, last) = (self.slots[slot].target.clone(), self.slots[slot].level, self.slots[slot].last);
        self.slots[slot].incident = Some(target.clone());
        self.step(about, Step::Incident(Some(target.clone())));
        let Some(incident) = self.incidents.get_mut(&target) else { return Joined::Old };
        incident.last = incident.last.max(last);
        if level <= incident.level {
            return Joined::Old;
        }
        incident.level = level;
        incident.notified = false;
        self.step(target, Step::Level(level));
        Joined::Worse
    }

    /// Other alerts that an alert belongs to, but for those that turned out to be nothing.
    fn related(&self, slot: usize) -> BTreeSet<usize> {
        let new = &self.slots[slot];
        let mut related = BTreeSet::new();
        let close = |other: &Slot| (new.last - other.last).abs() <= self.policy.near;
        let mut look = |places: Option<&Vec<usize>>, fits: &dyn Fn(&Slot) -> bool| {
            for place in places.into_iter().flatten().filter(|place| **place != slot) {
                let other = &self.slots[*place];
                if !other.noise && other.dataset == new.dataset && fits(other) {
                    related.insert(*place);
                }
            }
        };
        if let Some(entity) = &new.entity {
            // Small signals of one thing add up for a day.
            look(self.by_entity.get(entity), &|other| (new.last - other.last).abs() <= DAY);
            for (near, distance) in self.around.get(entity).into_iter().flat_map(|around| &around.near) {
                look(self.by_entity.get(near), &|other| match distance {
                    0 => false,
                    1 => close(other),
                    // What is further away may only share a host: it takes more to belong together.
                    _ => close(other) && (other.aspect != new.aspect || share_technique(new, other)),
                });
            }
        }
        if !new.owner.is_empty() && new.level >= Level::Medium {
            for technique in techniques(&new.tags) {
                look(self.by_technique.get(technique), &|other| {
                    close(other) && other.owner == new.owner && other.level >= Level::Medium
                });
            }
        }
        related
    }

    /// Why some alerts are an incident; none when they are none yet.
    fn why_incident(&self, parts: &[usize]) -> Option<String> {
        let slots = || parts.iter().map(|place| &self.slots[*place]);
        let telling = || slots().filter(|slot| slot.level >= Level::Medium);
        let rules: BTreeSet<&str> = telling().map(|slot| slot.rule.as_str()).collect();
        let both =
            [Aspect::Security, Aspect::Operations].iter().all(|aspect| telling().any(|slot| slot.aspect == *aspect));
        let risk = self.risk_of(parts);
        if rules.len() >= self.policy.incident_rules {
            return Some(format!("{} rules fired for things that are related", rules.len()));
        }
        if both {
            return Some("security and operations both saw something there".to_owned());
        }
        let least = self.policy.incident_risk;
        (risk >= least).then(|| format!("a risk of {risk:.0} came together, {least:.0} is the bar"))
    }

    fn begin_incident(&mut self, slot: usize, parts: &[usize], why: String) {
        let mut seen = BTreeSet::new();
        let all: Vec<&Slot> = parts.iter().map(|place| &self.slots[*place]).collect();
        let Some(head) = worst(all.iter().copied()) else { return };
        let tags: BTreeSet<String> = all.iter().flat_map(|slot| techniques(&slot.tags)).map(str::to_owned).collect();
        let others = all.iter().filter(|slot| slot.rule != head.rule && seen.insert(&slot.rule)).count();
        let title = match others {
            0 => head.title.clone(),
            1 => format!("{} and another", head.title),
            others => format!("{} and {others} more", head.title),
        };
        let (first, last) = (all.iter().map(|slot| slot.last).min(), all.iter().map(|slot| slot.last).max());
        let (first, last) = (first.unwrap_or(self.now), last.unwrap_or(self.now));
        let within = if last > first { format!(" within {}", span(last - first)) } else { String::new() };
        let owner =
            std::iter::once(head).chain(all.iter().copied()).map(|slot| &slot.owner).find(|owner| !owner.is_empty());
        let owner = owner.and_then(|owner| model::EntityRef::new("team", owner.clone()).ok());
        let key = format!("incident:{}", digest(&[&super::slot::name(&self.slots[slot].target)]));
        // Small signals that add up are no small matter together.
        let level = head.level.max(Level::Medium);
        let incident = Incident { title: cut(&title, MAX_TITLE_CHARS), level, last, notified: false };
        let decision = Decision {
            key: key.clone(),
            kind: "incident".to_owned(),
            dataset: head.dataset.clone(),
            at: self.now,
            entity: head.entity.clone(),
            reason: format!("{why}{within}"),
            owner,
            control: None,
            expires: None,
            cites: Vec::new(),
            body: Map::from_iter([("risk".to_owned(), json!(self.risk_of(parts).round()))]),
        };
        let raise = Raise {
            decision,
            fingerprint: digest(&["incident", &key]),
            rule: "incident".to_owned(),
            title: incident.title.clone(),
            level,
            aspect: head.aspect,
            tags: tags.into_iter().take(MAX_TAGS).collect(),
            runbook: None,
            why: String::new(),
            key: Vec::new(),
        };
        let target = Target::Key(key);
        self.out.detection.raised.push(raise);
        self.out.summary.incidents += 1;
        self.incidents.insert(target.clone(), incident);
        for place in parts {
            self.slots[*place].incident = Some(target.clone());
            let about = self.slots[*place].target.clone();
            self.step(about, Step::Incident(Some(target.clone())));
        }
    }
}

fn share_technique(a: &Slot, b: &Slot) -> bool {
    techniques(&a.tags).any(|technique| techniques(&b.tags).any(|other| other == technique))
}
