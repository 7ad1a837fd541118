//! Packages that the machine's package manager installed, and how they changed.

mod apk;
mod changes;
mod dpkg;
mod rpm;

use super::part::{Attributes, Item, Part, attributes};
use super::read::{self, Stamp};
use super::{Look, machine};
use crate::state::{self, Loaded};
use anyhow::Result;
use changes::Snapshot;
use model::{Facts, Nanos, entity};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Packages of one machine; a large workstation has 5,000.
const MAX_PACKAGES: usize = 50_000;
/// Largest database read; that of a large workstation has 10 MiB.
const MAX_DATABASE_BYTES: u64 = 64 * 1024 * 1024;
/// Longest name, version or architecture.
const MAX_FIELD_BYTES: usize = 512;
/// Remembers the packages that were told last.
const STATE_FILE: &str = "host-packages.json";
const PART: &str = "packages";

/// One installed package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Package {
    name: String,
    version: String,
    /// RPM's counter that outranks the version.
    epoch: Option<String>,
    architecture: String,
    /// What it was built from, when that has another name or version.
    source: Option<(String, String)>,
    /// When it was installed, in seconds since 1970, where the database says it.
    installed: Option<i64>,
}

/// A database that is there and cannot be read.
struct Unread {
    place: String,
    why: String,
}

/// Nothing where there is no such database.
type Answer = Option<Result<Vec<Package>, Unread>>;

impl Unread {
    fn new(place: impl Into<String>, why: &dyn std::fmt::Display) -> Unread {
        Unread { place: place.into(), why: why.to_string() }
    }
}

/// Which database there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Dpkg,
    Apk,
    Rpm,
}

/// The packages of this machine.
#[derive(Default)]
pub(super) struct Packages {
    part: Part,
    stamps: Vec<Option<Stamp>>,
    known: Option<Snapshot>,
    /// Becomes `known` when it is acknowledged.
    next: Option<Snapshot>,
    newer_kernel: Option<bool>,
}

impl Packages {
    /// With what the last run remembered in the data folder.
    pub fn load(data: &Path) -> Result<Packages> {
        let known = match state::load(&data.join(STATE_FILE))? {
            Loaded::State(known) => Some(known),
            Loaded::Absent => None,
            Loaded::Damaged(aside) => {
                tracing::warn!(path = %aside.display(), "the remembered packages were damaged; no change is told now");
                None
            }
        };
        Ok(Packages { known, ..Packages::default() })
    }

    /// Whether a newer kernel is installed than runs, where the packages tell it.
    pub fn reboot_required(&self) -> Option<bool> {
        self.newer_kernel
    }

    pub fn poll(&mut self, look: &mut Look<'_>, on: bool, interval: Nanos, facts: &mut Facts) {
        if !on {
            self.part.withdraw(look.host, entity::HAS, false, look.now, facts);
            return;
        }
        let root = &look.config.root;
        let stamps = databases(root);
        if !self.part.due(look.now, interval) && stamps == self.stamps {
            return;
        }
        self.stamps = stamps;
        self.part.looked(look.now);
        look.notes.begin(PART);
        let Some(packages) = installed(look) else { return };
        self.newer_kernel = rpm::newer_kernel(&packages, machine::kernel(&look.config.proc).as_deref());
        if look.config.data.is_some() {
            let written = self.stamps.iter().flatten().map(|stamp| stamp.modified).max().unwrap_or(look.now);
            let next = Snapshot::of(&packages);
            if let Some(known) = &self.known {
                changes::tell(known, &next, look.host, written.min(look.now), facts);
            }
            self.next = (self.known.as_ref() != Some(&next)).then_some(next);
        }
        let items = items(look, packages);
        self.part.tell(look.host, entity::HAS, false, items, look.now, facts);
    }

    /// What was told is kept: from now on changes are counted from there.
    pub fn acknowledge(&mut self, data: Option<&Path>) -> Result<()> {
        self.part.acknowledge();
        if let (Some(next), Some(data)) = (self.next.take(), data) {
            // In memory first: when the disk is full the changes are not told at every poll.
            self.known = Some(next);
            state::save(&data.join(STATE_FILE), &self.known)?;
        }
        Ok(())
    }
}

/// Stamps of all files that a package manager writes when it changes something.
fn databases(root: &Path) -> Vec<Option<Stamp>> {
    let files =
        ["var/lib/dpkg/status", "var/lib/dpkg/status.d"].into_iter().chain(apk::DATABASES).chain(rpm::DATABASES);
    files.map(|file| read::stamp(&root.join(file))).collect()
}

/// The packages, or nothing where there is no database or it cannot be read: then nothing is said of packages.
fn installed(look: &mut Look<'_>) -> Option<Vec<(Manager, Package)>> {
    let root = &look.config.root;
    let mut found = Vec::new();
    let mut any = false;
    let answers = [
        (Manager::Dpkg, dpkg::read(root)),
        (Manager::Apk, apk::read(root)),
        (Manager::Rpm, rpm::read(root, &look.config.rpm)),
    ];
    for (manager, answer) in answers {
        match answer {
            None => {}
            Some(Ok(packages)) => {
                any = true;
                found.extend(packages.into_iter().map(|package| (manager, package)));
            }
            // A database beside that of the machine's own manager was left by a tool. Else half of the packages, told
            // as all of them, would end the other half.
            Some(Err(Unread { place, why })) => {
                look.notes.note(PART, place, &why);
                if found.is_empty() {
                    return None;
                }
            }
        }
    }
    if found.len() > MAX_PACKAGES {
        look.notes.note(PART, "packages", &format!("more than {MAX_PACKAGES}; the rest is left out"));
        found.truncate(MAX_PACKAGES);
    }
    any.then_some(found)
}

fn items(look: &Look<'_>, packages: Vec<(Manager, Package)>) -> Vec<Item> {
    let distribution = crate::host::distribution(&look.config.root);
    // One version of a library may be installed for two architectures: one package, two architectures.
    let mut by_url = BTreeMap::<String, (String, Attributes)>::new();
    for (manager, package) in packages {
        let url = url(manager, distribution.as_deref(), &package);
        let known = by_url.entry(url).or_insert_with(|| (String::new(), describe(&package)));
        if !known.0.split(',').any(|one| one == package.architecture) {
            if !known.0.is_empty() {
                known.0.push(',');
            }
            known.0.push_str(&package.architecture);
        }
    }
    let item = |(url, (architectures, mut relation)): (String, (String, Attributes))| {
        if !architectures.is_empty() {
            relation.insert("architecture".to_owned(), architectures.into());
        }
        Some(Item { to: entity::package(&url).ok()?, entity: None, relation })
    };
    by_url.into_iter().filter_map(item).collect()
}

fn describe(package: &Package) -> Attributes {
    let mut out =
        attributes([("name", Value::from(package.name.clone())), ("version", Value::from(package.version.clone()))]);
    if let Some(epoch) = &package.epoch {
        out.insert("epoch".to_owned(), epoch.clone().into());
    }
    if let Some((name, version)) = &package.source {
        out.insert(
            "source".to_owned(),
            Value::Object(attributes([("name", Value::from(name.clone())), ("version", Value::from(version.clone()))])),
        );
    }
    out
}

/// The package URL without qualifiers, so that whoever else names this package means the same: RPM's epoch, which URLs
/// have as a qualifier, is an attribute.
fn url(manager: Manager, distribution: Option<&str>, package: &Package) -> String {
    let (kind, usual) = match manager {
        Manager::Dpkg => ("deb", "debian"),
        Manager::Apk => ("apk", "alpine"),
        Manager::Rpm => ("rpm", "linux"),
    };
    // The name of a package is case sensitive for RPM alone.
    let name = if manager == Manager::Rpm { package.name.clone() } else { package.name.to_ascii_lowercase() };
    let namespace = escape(distribution.unwrap_or(usual));
    format!("pkg:{kind}/{namespace}/{}@{}", escape(&name), escape(&package.version))
}

/// Percent-encodes all but what package URLs leave as it is.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&format!("{byte:02X}"));
        }
    }
    out
}

/// A field of a database, if it is one.
fn field(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= MAX_FIELD_BYTES && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_follow_the_specification() {
        let package = |name: &str, version: &str| Package {
            name: name.to_owned(),
            version: version.to_owned(),
            ..Package::default()
        };
        for (manager, distribution, package, expected) in [
            (
                Manager::Dpkg,
                Some("debian"),
                package("openssl", "3.0.17-1~deb12u2"),
                "pkg:deb/debian/openssl@3.0.17-1~deb12u2",
            ),
            (
                Manager::Dpkg,
                Some("ubuntu"),
                package("libstdc++6", "1:2.4+x"),
                "pkg:deb/ubuntu/libstdc%2B%2B6@1:2.4%2Bx",
            ),
            (Manager::Apk, None, package("musl", "1.2.5-r0"), "pkg:apk/alpine/musl@1.2.5-r0"),
            (
                Manager::Rpm,
                Some("fedora"),
                package("NetworkManager", "1.48^2-1.fc40"),
                "pkg:rpm/fedora/NetworkManager@1.48%5E2-1.fc40",
            ),
        ] {
            assert_eq!(url(manager, distribution, &package), expected);
        }
    }
}
