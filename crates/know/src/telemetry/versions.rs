//! Which versions of a service run where, and when another one came.

use crate::limits::{MAX_VERSIONED, MAX_VERSIONS, MINUTE, ROLLING};
use model::{Change, EntityRef, Nanos};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A version that came, as the ledger tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Whose telemetry said so.
    pub dataset: String,
    /// The service.
    pub service: EntityRef,
    /// Where it runs; nothing when telemetry does not say.
    pub environment: Option<String>,
    /// The version that came.
    pub version: String,
    /// The version before it.
    pub previous: Option<String>,
    /// When it was seen first.
    pub at: Nanos,
}

/// Dataset, service, environment.
type Place = (String, String, String);

struct Ran {
    version: String,
    last: Nanos,
}

/// What ran lately.
#[derive(Default)]
pub struct Versions {
    places: HashMap<Place, Vec<Ran>>,
    /// Changes that were not told, since a service had too many versions at once.
    pub refused: u64,
}

fn place(dataset: &str, service: &EntityRef, environment: Option<&str>) -> Place {
    (dataset.to_owned(), service.key.clone(), environment.unwrap_or_default().to_owned())
}

impl Versions {
    /// What ran before a restart. `now` counts as the time when it was seen last, since nothing was seen meanwhile.
    pub fn restore(&mut self, newest: impl IntoIterator<Item = Deployed>, now: Nanos) {
        for one in newest.into_iter().take(MAX_VERSIONED) {
            let ran = self.places.entry(place(&one.dataset, &one.service, one.environment.as_deref())).or_default();
            // In the middle of a rolling update both run; the one before must not come back as a change.
            let rolling = now.saturating_sub(one.at) < ROLLING;
            let before = one.previous.filter(|_| rolling).map(|version| Ran { version, last: now.saturating_sub(1) });
            ran.extend(before);
            ran.push(Ran { version: one.version, last: now });
        }
    }

    /// A version was seen between two times. A change, unless it ran there within the lease before, or it is the same
    /// that ran there last.
    pub fn seen(&mut self, one: Seen<'_>, lease: Nanos) -> Option<Change> {
        let place = place(one.dataset, one.service, one.environment);
        if self.places.len() >= MAX_VERSIONED && !self.places.contains_key(&place) {
            self.forget();
        }
        let ran = self.places.entry(place).or_default();
        let newest = ran.iter().max_by_key(|ran| ran.last).map(|ran| (ran.version.clone(), ran.last));
        if let Some(known) = ran.iter_mut().find(|ran| ran.version == one.version) {
            let gone = one.first.saturating_sub(known.last) > lease;
            let replaced = newest.as_ref().is_some_and(|(version, _)| version != one.version);
            let again = gone && replaced;
            known.last = known.last.max(one.last);
            if !again {
                return None;
            }
        } else {
            // What comes late says nothing of which version followed which.
            if newest.as_ref().is_some_and(|(_, last)| last.saturating_sub(one.last) > lease) {
                return None;
            }
            if ran.len() >= MAX_VERSIONS {
                let oldest = ran.iter().enumerate().min_by_key(|(_, ran)| ran.last);
                let (at, last) = oldest.map_or((0, one.first), |(at, ran)| (at, ran.last));
                if one.first.saturating_sub(last) <= lease {
                    self.refused += 1;
                    return None;
                }
                ran.swap_remove(at);
            }
            ran.push(Ran { version: one.version.to_owned(), last: one.last });
        }
        Some(change(&one, newest.map(|(version, _)| version)))
    }

    /// Drops the half that was not seen longest.
    fn forget(&mut self) {
        let last = |ran: &[Ran]| ran.iter().map(|ran| ran.last).max().unwrap_or(Nanos::MIN);
        let mut all: Vec<Nanos> = self.places.values().map(|ran| last(ran)).collect();
        let middle = all.len() / 2;
        let (_, middle, _) = all.select_nth_unstable(middle);
        let middle = *middle;
        self.places.retain(|_, ran| last(ran) > middle);
    }
}

/// A version, seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Whose telemetry says so.
    pub dataset: &'a str,
    /// The service.
    pub service: &'a EntityRef,
    /// Where it runs.
    pub environment: Option<&'a str>,
    /// Its version.
    pub version: &'a str,
    /// Time of the first event.
    pub first: Nanos,
    /// Time of the last event.
    pub last: Nanos,
}

fn change(one: &Seen<'_>, previous: Option<String>) -> Change {
    let environment = one.environment.unwrap_or_default();
    let mut attributes = Map::new();
    attributes.insert("seen_in".to_owned(), "telemetry".into());
    attributes.insert("previous".to_owned(), previous.map_or(Value::Null, Value::String));
    Change {
        key: format!("{}|{environment}|{}|{}", one.service.key, one.version, one.first.div_euclid(MINUTE)),
        kind: "deployment".to_owned(),
        entity: one.service.clone(),
        at: one.first,
        environment: one.environment.map(str::to_owned),
        version: Some(one.version.to_owned()),
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Nanos = 5 * MINUTE;

    fn run(versions: &mut Versions, version: &str, minute: i64) -> Option<Option<String>> {
        let service = EntityRef::new("service", "cart").unwrap();
        let at = minute * MINUTE;
        let environment = Some("production");
        let one = Seen { dataset: "d", service: &service, environment, version, first: at, last: at };
        versions.seen(one, LEASE).map(|change| change.attributes["previous"].as_str().map(str::to_owned))
    }

    #[test]
    fn a_rolling_update_is_one_change_and_going_back_is_another() {
        let mut versions = Versions::default();
        assert_eq!(run(&mut versions, "1", 0), Some(None));
        for minute in 1..10 {
            assert_eq!(run(&mut versions, "1", minute), None);
        }
        assert_eq!(run(&mut versions, "2", 10), Some(Some("1".to_owned())));
        for minute in 11..20 {
            assert_eq!(run(&mut versions, if minute % 2 == 0 { "1" } else { "2" }, minute), None, "{minute}");
        }
        for minute in 20..30 {
            assert_eq!(run(&mut versions, "2", minute), None);
        }
        assert_eq!(run(&mut versions, "1", 30), Some(Some("2".to_owned())), "back to the first");
        // Nothing ran over night, and the same comes again.
        assert_eq!(run(&mut versions, "1", 700), None);
        assert_eq!(run(&mut versions, "0", 100), None, "an old file says nothing");
    }

    #[test]
    fn a_restart_makes_no_changes() {
        let deployed = |at: i64| Deployed {
            dataset: "d".to_owned(),
            service: EntityRef::new("service", "cart").unwrap(),
            environment: Some("production".to_owned()),
            version: "2".to_owned(),
            previous: Some("1".to_owned()),
            at: at * MINUTE,
        };
        let mut versions = Versions::default();
        versions.restore([deployed(90)], 100 * MINUTE);
        assert_eq!(run(&mut versions, "2", 101), None);
        assert_eq!(run(&mut versions, "1", 102), None, "the update still runs");
        assert_eq!(run(&mut versions, "3", 103), Some(Some("1".to_owned())));
        let mut later = Versions::default();
        later.restore([deployed(0)], 100 * MINUTE);
        assert_eq!(run(&mut later, "1", 102), Some(Some("2".to_owned())));
    }

    #[test]
    fn what_changes_with_each_request_is_no_version() {
        let mut versions = Versions::default();
        let told = (0..100).filter(|number| run(&mut versions, &format!("build {number}"), 1).is_some()).count();
        assert_eq!((told, versions.refused), (MAX_VERSIONS, 100 - MAX_VERSIONS as u64));
    }

    #[test]
    fn many_services_are_bounded() {
        let mut versions = Versions::default();
        for number in 0..2 * MAX_VERSIONED as i64 {
            let service = EntityRef::new("service", number.to_string()).unwrap();
            let seen =
                Seen { dataset: "d", service: &service, environment: None, version: "1", first: number, last: number };
            versions.seen(seen, LEASE);
        }
        assert!(versions.places.len() <= MAX_VERSIONED);
    }
}
