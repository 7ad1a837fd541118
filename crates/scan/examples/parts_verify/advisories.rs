//! Matching over real advisories: its time, and each answer against an evaluator that does nothing but the steps of the
//! specification, on advisories that it reads itself.

use scan::parts::advisories::database::Database;
use scan::parts::advisories::matching::matching;
use scan::parts::advisories::update::update;
use scan::parts::purl::Purl;
use scan::parts::python::normal;
use scan::parts::{Component, Inventory};
use scan::text::Text;
use scan::tree::{Node, Tree};
use semver::{Version, VersionReq};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

/// Versions of one package that are tried.
const VERSIONS: usize = 12;
/// Components of the timed lists.
const COMPONENTS: usize = 3_000;

/// What an advisory says of a package.
#[derive(Default)]
struct Said {
    id: String,
    /// Events of each range: what, and at which version.
    ranges: Vec<Vec<(String, String)>>,
    versions: Vec<String>,
    /// RustSec's own form: what is not affected.
    sound: Option<Vec<VersionReq>>,
}

/// By ecosystem and name.
type All = BTreeMap<(&'static str, String), Vec<Said>>;

/// Imports folders, times and compares. False when anything differs.
pub fn verify(folders: &[PathBuf]) -> Result<bool, String> {
    let place = std::env::temp_dir().join(format!("tandem-parts-verify-{}.db", std::process::id()));
    let started = Instant::now();
    let updated = update(&place, folders, "2026-01-01T00:00:00Z", &|_, _| {}).map_err(|error| error.to_string())?;
    let refused: usize = updated.sources.iter().map(|(_, of)| of.refused_count).sum();
    println!(
        "import: {} advisories in {:.1} s, {refused} refused",
        updated.head.advisories,
        started.elapsed().as_secs_f64()
    );
    let mut all = All::new();
    for folder in folders {
        read_all(folder, &mut all);
    }
    let same = compare(&place, &all);
    times(&place, &all);
    let _ = std::fs::remove_file(&place);
    same
}

fn read_all(folder: &Path, all: &mut All) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) && entry.file_name() != ".git" {
            read_all(&path, all);
        } else if kind.is_ok_and(|kind| kind.is_file())
            && let Ok(said) = std::fs::read_to_string(&path)
        {
            let text = Text::new(path.to_string_lossy().into_owned(), said);
            match path.extension().and_then(|end| end.to_str()) {
                Some("json") => drop(Tree::json(&text).map(|tree| osv(&text, &tree, all))),
                Some("yaml" | "yml") => osv(&text, &Tree::yaml(&text).0, all),
                Some("md") => drop(rustsec(&text, all)),
                _ => {}
            }
        }
    }
}

fn raw(text: &Text, node: Node<'_>) -> String {
    node.text().map_or_else(|| text.slice(node.span()).to_owned(), str::to_owned)
}

fn osv(text: &Text, tree: &Tree, all: &mut All) {
    let Some(root) = tree.documents().next() else { return };
    let (Some(id), None) = (root.get("id"), root.get("withdrawn")) else { return };
    for affected in root.each("affected") {
        let of = |name: &str| affected.at(&["package", name]).and_then(Node::text).unwrap_or_default();
        let ecosystem = match of("ecosystem") {
            "Go" => "golang",
            "PyPI" => "pypi",
            "crates.io" => "cargo",
            "npm" => "npm",
            _ => continue,
        };
        let name = if ecosystem == "pypi" { normal(of("name")) } else { of("name").to_owned() };
        let mut said = Said { id: raw(text, id), ..Said::default() };
        for range in affected.each("ranges") {
            if range.get("type").and_then(Node::text) != Some("GIT") {
                let events = range.each("events").into_iter().flat_map(|event| event.members().collect::<Vec<_>>());
                said.ranges.push(events.map(|(name, at)| (name.to_owned(), raw(text, at))).collect());
            }
        }
        said.versions = affected.each("versions").into_iter().map(|node| raw(text, node)).collect();
        all.entry((ecosystem, name)).or_default().push(said);
    }
}

fn rustsec(text: &Text, all: &mut All) -> Option<()> {
    let toml = text.text.trim_start().strip_prefix("```toml")?.split("\n```").next()?;
    let tree = Tree::toml(&Text::new("a", toml)).ok()?;
    let root = tree.documents().next()?;
    let about = root.get("advisory").filter(|about| about.get("withdrawn").is_none())?;
    if text.path.contains("/rust/") {
        return None;
    }
    let requirements = ["patched", "unaffected"].into_iter().flat_map(|name| {
        let versions = root.get("versions").into_iter();
        versions.flat_map(move |versions| versions.each(name)).collect::<Vec<_>>()
    });
    let sound = requirements.filter_map(|node| VersionReq::parse(node.text()?).ok()).collect();
    let said = Said { id: about.get("id")?.text()?.to_owned(), sound: Some(sound), ..Said::default() };
    all.entry(("cargo", about.get("package")?.text()?.to_owned())).or_default().push(said);
    Some(())
}

/// The order of two versions; none when one is no version.
fn order(ecosystem: &str, one: &str, other: &str) -> Option<Ordering> {
    if ecosystem == "pypi" {
        let read = |text: &str| pep440_rs::Version::from_str(text).ok();
        return Some(read(one)?.cmp(&read(other)?));
    }
    Some(semver(one)?.cmp_precedence(&semver(other)?))
}

/// `1` and `1.2` are told by some for `1.0.0` and `1.2.0`.
fn semver(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let zeros = ".0".repeat(2_usize.checked_sub(text[..end].matches('.').count())?);
    Version::parse(&format!("{}{zeros}{}", &text[..end], &text[end..])).ok()
}

/// The specification's steps; none when something is no version.
fn holds(ecosystem: &str, said: &Said, version: &str) -> Option<bool> {
    if let Some(sound) = &said.sound {
        let version = Version::parse(version).ok()?;
        // For pre-releases, requirements say something else than the order.
        return version.pre.is_empty().then(|| !sound.iter().any(|of| of.matches(&version)));
    }
    if said
        .versions
        .iter()
        .any(|named| order(ecosystem, named, version) == Some(Ordering::Equal) || named.eq_ignore_ascii_case(version))
    {
        return Some(true);
    }
    for events in &said.ranges {
        // The last event that is not after the version decides; one without order makes it undecided.
        let mut last: Option<(&str, &str)> = None;
        for (kind, at) in events {
            let is_before = at == "0" || order(ecosystem, at, version)? != Ordering::Greater;
            let is_later = last.is_none_or(|(_, of)| {
                of == "0" || at != "0" && order(ecosystem, at, of).is_some_and(|order| order != Ordering::Less)
            });
            if is_before && is_later {
                last = Some((kind, at));
            }
        }
        let is_inside = match last {
            Some(("introduced", _)) => true,
            Some(("last_affected", at)) => order(ecosystem, at, version) == Some(Ordering::Equal),
            _ => false,
        };
        if is_inside {
            return Some(true);
        }
    }
    Some(false)
}

/// Versions of a package: those that its advisories name, spread over all of them.
fn versions(of: &[Said]) -> BTreeSet<&str> {
    let events = of.iter().flat_map(|said| &said.ranges).flatten().map(|(_, at)| at.as_str());
    let named = of.iter().flat_map(|said| &said.versions).map(String::as_str);
    let all: BTreeSet<&str> = events.chain(named).chain(["1.0.0", "0.1.0", "2.5.0"]).filter(|at| *at != "0").collect();
    let step = all.len().div_ceil(VERSIONS).max(1);
    all.into_iter().step_by(step).collect()
}

fn purl(ecosystem: &str, name: &str, version: &str) -> Purl {
    let prefix = if ecosystem == "golang" && !version.starts_with('v') && name.contains('.') { "v" } else { "" };
    Purl::new(ecosystem, name, &format!("{prefix}{version}"))
}

fn compare(place: &Path, all: &All) -> Result<bool, String> {
    let mut inventory = Inventory::default();
    let mut expected: BTreeMap<(String, String), Option<bool>> = BTreeMap::new();
    for ((ecosystem, name), said) in all {
        for version in versions(said) {
            let purl = purl(ecosystem, name, version);
            for one in said {
                let now = holds(ecosystem, one, version);
                // One advisory may name a package several times: any of them is enough, and then an unknown one is not.
                let of = expected.entry((purl.to_string(), one.id.clone())).or_insert(Some(false));
                *of = if now == Some(true) || *of == Some(true) { Some(true) } else { of.and(now) };
            }
            inventory.components.push(Component { purl, ..Component::default() });
        }
    }
    let mut database = Database::open(place).map_err(|error| error.to_string())?;
    let outcome = matching(&inventory, &mut database).map_err(|error| error.to_string())?;
    let found: BTreeSet<(String, String)> = outcome
        .matches
        .iter()
        .map(|one| (inventory.components[one.part].purl.to_string(), one.advisory.id.clone()))
        .collect();
    let undecided: BTreeSet<usize> = outcome.undecided.iter().map(|one| one.part).collect();
    let mut different = Vec::new();
    let (mut inside, mut unknown) = (0, 0);
    for (key, holds) in &expected {
        match holds {
            Some(holds) if *holds != found.contains(key) => different.push((key, *holds)),
            Some(true) => inside += 1,
            Some(false) => {}
            None => unknown += 1,
        }
    }
    let strange = found.iter().filter(|key| !expected.contains_key(*key)).count();
    println!(
        "matching: {} components, {} pairs of component and advisory, {inside} inside, {unknown} that the simple evaluator cannot decide \
         ({} components undecided here), {strange} matches that it does not know, {} DIFFERENT",
        inventory.components.len(),
        expected.len(),
        undecided.len(),
        different.len()
    );
    for ((purl, id), holds) in different.iter().take(20) {
        println!("  {purl} {id}: the simple evaluator says {}", if *holds { "inside" } else { "outside" });
    }
    Ok(different.is_empty() && strange == 0)
}

/// Nanoseconds that this thread had a processor; a machine that is busy takes longer by the clock.
fn cpu() -> f64 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    said.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Opening the file and matching, as a scan does it: for a list as it comes, and for the packages of which most is known.
fn times(place: &Path, all: &All) {
    let mut by_size: Vec<(&(&str, String), &Vec<Said>)> = all.iter().collect();
    let any: Vec<_> = by_size.iter().copied().step_by((by_size.len() / COMPONENTS).max(1)).collect();
    by_size.sort_by_key(|(_, said)| std::cmp::Reverse(said.iter().map(|of| 50 + of.versions.len()).sum::<usize>()));
    for (what, packages) in [("as they come", any), ("those of which most is known", by_size)] {
        let mut inventory = Inventory::default();
        for ((ecosystem, name), said) in packages.into_iter().cycle().take(COMPONENTS) {
            let version = versions(said).into_iter().next().unwrap_or("1.0.0");
            inventory.components.push(Component { purl: purl(ecosystem, name, version), ..Component::default() });
        }
        let mut times = Vec::new();
        let mut matches = 0;
        let mut busy = Vec::new();
        for _ in 0..9 {
            let (started, before) = (Instant::now(), cpu());
            let Ok(mut database) = Database::open(place) else { return };
            matches = matching(&inventory, &mut database).map_or(0, |outcome| outcome.matches.len());
            times.push(started.elapsed().as_secs_f64() * 1000.0);
            busy.push((cpu() - before) / 1e6);
        }
        times.sort_by(f64::total_cmp);
        busy.sort_by(f64::total_cmp);
        println!(
            "time: {COMPONENTS} components, {what}: {matches} matches in {:.0} ms (of 9: {:.0} to {:.0}), of the processor {:.0} ms ({:.0} to {:.0})",
            times[4], times[0], times[8], busy[4], busy[0], busy[8]
        );
    }
}
