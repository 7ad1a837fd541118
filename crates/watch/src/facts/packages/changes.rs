//! How packages changed since they were told last.

use super::{Manager, Package};
use crate::state;
use model::{Change, EntityRef, Facts, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// More changes at once are one: an upgrade of the whole distribution.
const MAX_SINGLE: usize = 50;
/// Names told of a group of changes.
const MAX_NAMES: usize = 20;

/// The versions of each package; of a kernel several may be installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Snapshot {
    versions: BTreeMap<String, BTreeSet<String>>,
}

impl Snapshot {
    pub fn of(packages: &[(Manager, Package)]) -> Snapshot {
        let mut versions = BTreeMap::<String, BTreeSet<String>>::new();
        for (_, package) in packages {
            let version = match &package.epoch {
                Some(epoch) => format!("{epoch}:{}", package.version),
                None => package.version.clone(),
            };
            versions.entry(package.name.clone()).or_default().insert(version);
        }
        Snapshot { versions }
    }
}

/// A package that came, went, or got another version.
struct Step<'a> {
    package: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

/// Tells what differs, as of when the database was written.
pub(super) fn tell(old: &Snapshot, new: &Snapshot, host: &EntityRef, written: Nanos, facts: &mut Facts) {
    let steps = steps(old, new);
    let seconds = written / 1_000_000_000;
    if steps.len() > MAX_SINGLE {
        facts.changes.push(group(&steps, host, written));
        return;
    }
    for Step { package, from, to } in steps {
        let mut attributes = Map::new();
        attributes.insert("package".to_owned(), package.into());
        for (key, version) in [("from", from), ("to", to)] {
            if let Some(version) = version {
                attributes.insert(key.to_owned(), version.into());
            }
        }
        facts.changes.push(Change {
            key: format!("{}:{package}:{}->{}:{seconds}", host.key, from.unwrap_or(""), to.unwrap_or("")),
            kind: "package".to_owned(),
            entity: host.clone(),
            at: written,
            environment: None,
            version: to.map(str::to_owned),
            attributes,
        });
    }
}

fn steps<'a>(old: &'a Snapshot, new: &'a Snapshot) -> Vec<Step<'a>> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    let names: BTreeSet<&String> = old.versions.keys().chain(new.versions.keys()).collect();
    let mut steps = Vec::new();
    for name in names {
        let (before, after) = (old.versions.get(name).unwrap_or(&NONE), new.versions.get(name).unwrap_or(&NONE));
        let mut gone = before.difference(after).map(String::as_str);
        let mut come = after.difference(before).map(String::as_str);
        // A version that went and one that came are one upgrade.
        loop {
            let (from, to) = (gone.next(), come.next());
            if from.is_none() && to.is_none() {
                break;
            }
            steps.push(Step { package: name, from, to });
        }
    }
    steps
}

fn group(steps: &[Step<'_>], host: &EntityRef, written: Nanos) -> Change {
    let count = |test: fn(&Step<'_>) -> bool| Value::from(steps.iter().filter(|step| test(step)).count());
    let names: Vec<&str> = steps.iter().take(MAX_NAMES).map(|step| step.package).collect();
    let all: Vec<String> =
        steps.iter().map(|step| format!("{}:{:?}->{:?}", step.package, step.from, step.to)).collect();
    let digest = state::digest(all.join("\n").as_bytes());
    let attributes = Map::from_iter([
        ("packages".to_owned(), Value::from(steps.len())),
        ("installed".to_owned(), count(|step| step.from.is_none())),
        ("upgraded".to_owned(), count(|step| step.from.is_some() && step.to.is_some())),
        ("removed".to_owned(), count(|step| step.to.is_none())),
        ("first".to_owned(), Value::from(names)),
    ]);
    Change {
        key: format!("{}:packages:{digest}:{}", host.key, written / 1_000_000_000),
        kind: "package".to_owned(),
        entity: host.clone(),
        at: written,
        environment: None,
        version: None,
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entity;

    fn snapshot(pairs: &[(&str, &str)]) -> Snapshot {
        let mut out = Snapshot::default();
        for (name, version) in pairs {
            out.versions.entry((*name).to_owned()).or_default().insert((*version).to_owned());
        }
        out
    }

    #[test]
    fn what_came_went_and_was_upgraded() {
        let old = snapshot(&[("openssl", "3.0.1"), ("vim", "9"), ("kernel", "5.1"), ("kernel", "5.2"), ("same", "1")]);
        let new = snapshot(&[("openssl", "3.0.2"), ("curl", "8"), ("kernel", "5.2"), ("kernel", "5.3"), ("same", "1")]);
        let mut facts = Facts::default();
        tell(&old, &new, &entity::host("h").unwrap(), 7_000_000_000, &mut facts);
        let keys: Vec<&str> = facts.changes.iter().map(|change| change.key.as_str()).collect();
        assert_eq!(keys, ["h:curl:->8:7", "h:kernel:5.1->5.3:7", "h:openssl:3.0.1->3.0.2:7", "h:vim:9->:7"]);
        assert_eq!(facts.changes[2].version.as_deref(), Some("3.0.2"));
        assert_eq!(facts.changes[3].attributes["from"], "9");
    }

    #[test]
    fn many_changes_at_once_are_one() {
        let names: Vec<String> = (0..51).map(|at| format!("p{at:02}")).collect();
        let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let mut facts = Facts::default();
        tell(&Snapshot::default(), &snapshot(&pairs), &entity::host("h").unwrap(), 0, &mut facts);
        let [change] = &facts.changes[..] else { panic!("one change, not {}", facts.changes.len()) };
        assert_eq!((&change.attributes["packages"], &change.attributes["installed"]), (&51.into(), &51.into()));
        assert_eq!(change.attributes["first"].as_array().unwrap().len(), MAX_NAMES);
    }
}
