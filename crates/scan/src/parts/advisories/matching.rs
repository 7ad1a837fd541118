//! Components against a file of advisories: by ecosystem, name and version, each exact. What has no data, and what cannot
//! be decided, is said.

use super::super::{Component, Inventory, Origin, Part};
use super::database::{About, Database, DatabaseError, package_key};
use super::ranges::{Known, Verdict, decide};
use super::{Advisory, Exploited, ecosystem, order};
use ahash::AHashMap;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use std::sync::Arc;

/// An advisory that is about a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The component.
    pub part: Part,
    /// The advisory; what it affects is left out.
    pub advisory: Arc<Advisory>,
    /// The source it is from.
    pub source: Arc<str>,
    /// Why it is meant: the range, or that the version is named.
    pub because: String,
    /// Versions that fix it, from the lowest.
    pub fixed: Vec<String>,
    /// What is known of exploits, by its CVE.
    pub exploited: Option<Exploited>,
    /// The severity of this package alone, where it has one.
    pub severity: Vec<(String, String)>,
}

/// An advisory, or all of them, of which it is not known whether they are about a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// The component.
    pub part: Part,
    /// The advisory; empty for all.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// What matching tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// By component, then by advisory.
    pub matches: Vec<Match>,
    /// What was not decided.
    pub undecided: Vec<Undecided>,
    /// Ecosystems of which the file has no data, and how many components these have.
    pub no_data: BTreeMap<String, usize>,
    /// Components that a distribution owns: its own advisories are held against its package, and no others.
    pub owned: usize,
    /// Components of the tree itself, against which nothing is held.
    pub local: usize,
}

/// An advisory, its source, and what is known of exploits.
type Details = (Arc<Advisory>, Arc<str>, Option<Exploited>);

/// A match before its advisory is looked up.
struct Found {
    id: String,
    part: Part,
    because: String,
    fixed: Vec<String>,
    severity: Vec<(String, String)>,
}

/// What a component is looked up by.
struct Wanted<'i> {
    key: String,
    ecosystem: String,
    version: Cow<'i, str>,
    part: Part,
}

/// Matches all components.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn matching<R: Read + Seek>(inventory: &Inventory, database: &mut Database<R>) -> Result<Outcome, DatabaseError> {
    let mut outcome = Outcome::default();
    let mut wanted = Vec::with_capacity(inventory.components.len());
    for (part, component) in inventory.components.iter().enumerate() {
        wanted.extend(want(part, component, database, &mut outcome));
    }
    // Sorted as the file is, so that each block is read once.
    wanted.sort_by(|one, other| one.key.cmp(&other.key));
    let mut found: Vec<Found> = Vec::new();
    let mut last: (String, Vec<About>) = Default::default();
    for one in &wanted {
        if last.0 != one.key {
            last = (one.key.clone(), database.package(&one.key)?);
        }
        decide_all(one, &last.1, &mut found, &mut outcome);
    }
    let known = details(&found, database)?;
    for Found { id, part, because, fixed, severity } in found {
        let Some((advisory, source, exploited)) = known.get(&id) else { continue };
        let (advisory, source, exploited) = (advisory.clone(), source.clone(), exploited.clone());
        outcome.matches.push(Match { part, advisory, source, because, fixed, exploited, severity });
    }
    outcome.matches.sort_by(|one, other| (one.part, &one.advisory.id).cmp(&(other.part, &other.advisory.id)));
    outcome.undecided.sort();
    Ok(outcome)
}

fn want<'i, R>(
    part: Part,
    component: &'i Component,
    database: &Database<R>,
    outcome: &mut Outcome,
) -> Option<Wanted<'i>> {
    let undecided = |outcome: &mut Outcome, reason: String| {
        outcome.undecided.push(Undecided { part, id: String::new(), reason });
        None
    };
    match &component.origin {
        Origin::Local => {
            outcome.local += 1;
            return None;
        }
        Origin::Elsewhere(from) => {
            return undecided(outcome, format!("it is from {from}: no advisory of the registry is held against it"));
        }
        Origin::Registry => {}
    }
    if component.owner.is_some() {
        outcome.owned += 1;
        return None;
    }
    let purl = &component.purl;
    let ecosystem = ecosystem::of(purl);
    let has_data = ecosystem.as_ref().is_some_and(|ecosystem| database.head.ecosystems.contains_key(ecosystem));
    let Some(ecosystem) = ecosystem.clone().filter(|_| has_data) else {
        *outcome.no_data.entry(ecosystem.unwrap_or_else(|| purl.kind.to_string())).or_default() += 1;
        return None;
    };
    let is_distribution = matches!(&*purl.kind, "deb" | "apk");
    let upstream =
        purl.qualifier("upstream").filter(|_| is_distribution).map(|said| said.split_once('@').unwrap_or((said, "")));
    let (name, version) = match (&component.source, upstream) {
        (Some((name, version)), _) => (name.to_string(), &**version),
        (None, Some((name, version))) => (name.to_owned(), version),
        (None, None) => (ecosystem::name_of(purl), ""),
    };
    let own = purl.version.as_deref().unwrap_or_default();
    // Some write the epoch of a distribution's package beside its version.
    let epoch = purl.qualifier("epoch").filter(|epoch| *epoch != "0" && !own.contains(':'));
    let version: Cow<'_, str> = match epoch {
        _ if !version.is_empty() => version.into(),
        Some(epoch) if &*purl.kind == "deb" => format!("{epoch}:{own}").into(),
        _ => own.into(),
    };
    if version.is_empty() {
        return undecided(outcome, "its version is not known".to_owned());
    }
    Some(Wanted { key: package_key(&ecosystem, &name), ecosystem, version, part })
}

/// One advisory may name a package several times: any of them is enough.
fn decide_all(one: &Wanted<'_>, abouts: &[About], found: &mut Vec<Found>, outcome: &mut Outcome) {
    if abouts.is_empty() {
        return;
    }
    let known = Known::new(&one.version, order::of(&one.ecosystem));
    let mut at = 0;
    while let Some(first) = abouts.get(at) {
        let count = abouts[at..].iter().take_while(|about| about.id == first.id).count();
        let mut undecided = None;
        let mut is_inside = false;
        for about in &abouts[at..at + count] {
            match decide(&about.affected, &known) {
                Verdict::Inside { because, fixed } => {
                    let (id, severity) = (first.id.clone(), about.affected.severity.clone());
                    found.push(Found { id, part: one.part, because, fixed, severity });
                    is_inside = true;
                    break;
                }
                Verdict::Undecided(reason) => undecided = Some(reason),
                Verdict::Outside => {}
            }
        }
        if let Some(reason) = undecided.filter(|_| !is_inside) {
            outcome.undecided.push(Undecided { part: one.part, id: first.id.clone(), reason });
        }
        at += count;
    }
}

/// What is told of the advisories that were found, by their identifiers. First all of these and then all CVEs, each in the
/// order of the file, so that each of its blocks is read once.
fn details<R: Read + Seek>(
    found: &[Found],
    database: &mut Database<R>,
) -> Result<AHashMap<String, Details>, DatabaseError> {
    let ids: BTreeSet<&str> = found.iter().map(|one| one.id.as_str()).collect();
    let mut kept = Vec::with_capacity(ids.len());
    for id in ids {
        kept.extend(database.advisory(id)?);
    }
    let cves: BTreeSet<&str> = kept.iter().flat_map(|kept| cves(&kept.advisory)).collect();
    let mut exploited: AHashMap<String, Exploited> = AHashMap::new();
    for cve in cves {
        exploited.extend(database.exploited(cve)?.map(|told| (cve.to_owned(), told)));
    }
    let details = kept.into_iter().map(|kept| {
        let told = self::cves(&kept.advisory).find_map(|cve| exploited.get(cve).cloned());
        (kept.advisory.id.clone(), (Arc::new(kept.advisory), kept.source.into(), told))
    });
    Ok(details.collect())
}

/// The CVEs that an advisory is about.
fn cves(advisory: &Advisory) -> impl Iterator<Item = &str> {
    let others = advisory.aliases.iter().chain(&advisory.upstream);
    std::iter::once(&advisory.id).chain(others).map(String::as_str).filter(|name| name.starts_with("CVE-"))
}

#[cfg(test)]
mod tests {
    use super::super::database::{Builder, Source};
    use super::super::{Affected, Event, Range, RangeKind};
    use super::*;
    use crate::parts::purl::Purl;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn range(fixed: &str) -> Vec<Range> {
        vec![Range {
            kind: RangeKind::Ecosystem,
            events: vec![Event::Introduced("0".into()), Event::Fixed(fixed.into())],
        }]
    }

    fn database() -> Database<Cursor<Vec<u8>>> {
        let mut builder = Builder::default();
        builder.source(Source { name: "s".into(), ..Source::default() });
        for (id, ecosystem, name, fixed) in [
            ("GHSA-1", "npm", "a", "1.2.0"),
            ("PYSEC-1", "PyPI", "Requests", "2.30.0"),
            ("DSA-1", "Debian:12", "requests", "2.28.1-2"),
            ("GO-1", "Go", "github.com/A/b", "1.5.0"),
            ("UBUNTU-1", "Ubuntu:22.04:LTS", "glibc", "2.35-1"),
        ] {
            let affected = vec![Affected {
                ecosystem: ecosystem.into(),
                name: name.into(),
                ranges: range(fixed),
                ..Affected::default()
            }];
            let aliases = if id == "GHSA-1" { vec!["CVE-2024-1".into()] } else { Vec::new() };
            builder.add("s", Advisory { id: id.into(), aliases, affected, ..Advisory::default() });
        }
        builder.exploited("s", Exploited { cve: "CVE-2024-1".into(), ..Exploited::default() });
        let mut bytes = Vec::new();
        builder.write_to(&mut bytes).unwrap();
        Database::read(Cursor::new(bytes)).unwrap()
    }

    fn inventory(purls: &[&str]) -> Inventory {
        let components = purls.iter().map(|purl| Component { purl: purl.parse().unwrap(), ..Component::default() });
        Inventory { components: components.collect(), ..Inventory::default() }
    }

    #[test]
    fn identity_is_exact_and_the_distribution_decides_for_its_own() {
        let mut inventory = inventory(&[
            "pkg:npm/a@1.1.9",
            "pkg:npm/a@1.2.0",
            "pkg:npm/%40x/a@1.0.0",
            "pkg:npm/A@1.0.0",
            "pkg:pypi/requests@2.28.1",
            "pkg:pypi/requests@2.28.1",
            "pkg:deb/debian/python3-requests@2.28.1-1?distro=debian-12",
            "pkg:deb/debian/python3-requests@2.28.1-1?distro=debian-11",
            "pkg:golang/github.com/A/b@v1.4.0",
            "pkg:golang/github.com/a/b@v1.4.0",
            "pkg:deb/ubuntu/libc6@2.34-1?distro=ubuntu-22.04&upstream=glibc",
            "pkg:npm/a@latest",
            "pkg:npm/a@1.0.0",
            "pkg:rpm/fedora/a@1",
        ]);
        inventory.components[5].owner = Some(6);
        inventory.components[6].source = Some(("requests".into(), "2.28.1-1".into()));
        inventory.components[12].origin = Origin::Elsewhere("git+https://example.com/a".into());
        let outcome = matching(&inventory, &mut database()).unwrap();
        let matches: Vec<_> =
            outcome.matches.iter().map(|one| (one.part, one.advisory.id.as_str(), one.exploited.is_some())).collect();
        assert_eq!(
            matches,
            [
                (0, "GHSA-1", true),
                (4, "PYSEC-1", false),
                (6, "DSA-1", false),
                (8, "GO-1", false),
                (10, "UBUNTU-1", false)
            ]
        );
        assert_eq!(outcome.matches[0].fixed, ["1.2.0"]);
        assert_eq!(outcome.undecided.iter().map(|one| one.part).collect::<Vec<_>>(), [11, 12]);
        assert_eq!(outcome.no_data, BTreeMap::from([("Debian:11".into(), 1), ("rpm".into(), 1)]));
        assert_eq!(outcome.owned, 1);
    }

    proptest! {
        /// Through the file and back: exactly the components that an advisory's own range contains, and none of what was
        /// withdrawn, is of another name or ecosystem, or is not from the registry.
        #[test]
        fn no_match_lies_outside_of_its_range(
            advisories in prop::collection::vec((0..2_usize, 0..3_usize, 0..8_u8, 0..8_u8, any::<bool>(), any::<bool>()), 0..8),
            parts in prop::collection::vec((0..2_usize, 0..3_usize, 0..10_u8, any::<bool>()), 0..8),
        ) {
            const ECOSYSTEMS: [(&str, &str); 2] = [("npm", "npm"), ("PyPI", "pypi")];
            const NAMES: [&str; 3] = ["a", "b", "a-b"];
            let mut builder = Builder::default();
            builder.source(Source { name: "s".into(), ..Source::default() });
            for (at, (ecosystem, name, from, to, is_last, is_withdrawn)) in advisories.iter().enumerate() {
                let end = format!("{to}.0.0");
                let end = if *is_last { Event::Last(end) } else { Event::Fixed(end) };
                let events = vec![end, Event::Introduced(format!("{from}.0.0"))];
                let affected = vec![Affected {
                    ecosystem: ECOSYSTEMS[*ecosystem].0.into(),
                    name: NAMES[*name].into(),
                    ranges: vec![Range { kind: RangeKind::Ecosystem, events }],
                    ..Affected::default()
                }];
                let withdrawn = is_withdrawn.then(|| "2024".to_owned());
                builder.add("s", Advisory { id: at.to_string(), withdrawn, affected, ..Advisory::default() });
            }
            let mut bytes = Vec::new();
            builder.write_to(&mut bytes).unwrap();
            let mut inventory = Inventory::default();
            for (ecosystem, name, version, is_local) in &parts {
                let purl = Purl::new(ECOSYSTEMS[*ecosystem].1, NAMES[*name], &format!("{version}.0.0"));
                let origin = if *is_local { Origin::Local } else { Origin::Registry };
                inventory.components.push(Component { purl, origin, ..Component::default() });
            }
            let outcome = matching(&inventory, &mut Database::read(Cursor::new(bytes)).unwrap()).unwrap();
            let found: Vec<(Part, String)> = outcome.matches.iter().map(|one| (one.part, one.advisory.id.clone())).collect();
            let mut expected = Vec::new();
            for (part, (of, name, version, is_local)) in parts.iter().enumerate() {
                for (at, (ecosystem, named, from, to, is_last, is_withdrawn)) in advisories.iter().enumerate() {
                    // The end comes first among events of one version, as it is written first.
                    let is_before_end = version < to || *is_last && version == to;
                    let is_inside = version >= from && (is_before_end || from >= to);
                    if of == ecosystem && name == named && is_inside && !is_withdrawn && !is_local {
                        expected.push((part, at.to_string()));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn names_of_purls_are_those_of_advisories() {
        assert_eq!(package_key("PyPI", "Requests"), package_key("PyPI", &Purl::new("pypi", "requests", "1").name));
    }
}
