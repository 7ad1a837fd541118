//! RustSec's own form: Markdown that begins with a block of TOML. It says which versions are patched or were never
//! affected; what remains is kept as events, so that it is matched like all others.

use super::{Advisory, Affected, Event, Range, RangeKind};
use crate::text::{Span, Text};
use crate::tree::{Malformed, Node, Tree};
use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

const FENCE: &str = "```toml";

/// Whether a text has this form.
pub fn is(text: &str) -> bool {
    text.trim_start().starts_with(FENCE)
}

/// Reads an advisory.
///
/// # Errors
/// When it is malformed.
pub fn read(text: &Text) -> Result<Advisory, Malformed> {
    let refuse = |span: Span, reason: String| Malformed { span, reason };
    let start = text.text.find(FENCE).map(|at| at + FENCE.len());
    let end = start.and_then(|start| text.text[start..].find("\n```").map(|at| start + at));
    let (Some(start), Some(end)) = (start, end) else {
        return Err(refuse(Span::default(), "no advisory of RustSec's form: it begins with a block of TOML".into()));
    };
    // Blanks before it keep the places.
    let blank: String = text.text[..start].chars().map(|at| if at == '\n' { '\n' } else { ' ' }).collect();
    let toml = Text::new(text.path.clone(), format!("{blank}{}\n", &text.text[start..end]));
    let tree = Tree::toml(&toml)?;
    let root = tree.documents().next().ok_or_else(|| refuse(Span::default(), "it is empty".into()))?;
    let at = |path: &[&str]| root.at(path).and_then(Node::text).unwrap_or_default().to_owned();
    let about = root.get("advisory").ok_or_else(|| refuse(root.span(), "the table `[advisory]` is missing".into()))?;
    let (id, package) = (at(&["advisory", "id"]), at(&["advisory", "package"]));
    if id.is_empty() || package.is_empty() {
        return Err(refuse(about.span(), "`id` or `package` is missing in `[advisory]`".into()));
    }
    let mut unaffected = Vec::new();
    for list in ["patched", "unaffected"] {
        for node in root.get("versions").into_iter().flat_map(|versions| versions.each(list)) {
            let said = node.text().unwrap_or_default();
            let required = VersionReq::parse(said);
            let required =
                required.map_err(|error| refuse(node.span(), format!("`{said}` is no requirement: {error}")))?;
            unaffected.push(interval(&required));
        }
    }
    let texts = |name: &str| about.each(name).into_iter().filter_map(|node| node.text().map(str::to_owned));
    let cvss = at(&["advisory", "cvss"]);
    let kind = if cvss.starts_with("CVSS:4") { "CVSS_V4" } else { "CVSS_V3" };
    let body = text.text[end..].trim_start_matches(['\n', '`']);
    let title = body.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().trim();
    let range = Range { kind: RangeKind::Semver, events: events(unaffected) };
    // The standard library and the compiler are no crates of the registry.
    let ecosystem =
        if text.path.split('/').any(|part| part == "rust") && is_rust(&package) { "Rust" } else { "crates.io" };
    Ok(Advisory {
        id,
        modified: at(&["advisory", "date"]),
        published: at(&["advisory", "date"]),
        withdrawn: Some(at(&["advisory", "withdrawn"])).filter(|withdrawn| !withdrawn.is_empty()),
        aliases: texts("aliases").collect(),
        summary: title.chars().take(300).collect(),
        severity: Some((kind.to_owned(), cvss)).filter(|(_, cvss)| !cvss.is_empty()).into_iter().collect(),
        references: texts("url").chain(texts("references")).take(20).collect(),
        informational: at(&["advisory", "informational"]),
        affected: vec![Affected {
            ecosystem: ecosystem.into(),
            name: package,
            ranges: vec![range],
            ..Affected::default()
        }],
        ..Advisory::default()
    })
}

fn is_rust(package: &str) -> bool {
    matches!(package, "std" | "cargo" | "rustdoc" | "rustc")
}

/// Versions from one to the one before another; none is no end.
type Interval = (Version, Option<Version>);

/// What a requirement admits, by the order of versions alone: pre-releases too, but not those of the version that ends a
/// `^`, `~` or `1.*`.
fn interval(required: &VersionReq) -> Interval {
    let mut all: Interval = (lowest(), None);
    for comparator in &required.comparators {
        let (start, end) = of_comparator(comparator);
        if start.cmp_precedence(&all.0).is_gt() {
            all.0 = start;
        }
        all.1 = match (all.1, end) {
            (Some(one), Some(other)) => Some(if one.cmp_precedence(&other).is_le() { one } else { other }),
            (one, other) => one.or(other),
        };
    }
    all
}

fn lowest() -> Version {
    first_of(0, 0, 0)
}

/// The lowest version of these numbers, below all their pre-releases.
fn first_of(major: u64, minor: u64, patch: u64) -> Version {
    Version { major, minor, patch, pre: Prerelease::new("0").unwrap_or_default(), build: BuildMetadata::EMPTY }
}

/// The version right after one.
fn after(version: &Version) -> Version {
    if version.pre.is_empty() {
        return first_of(version.major, version.minor, version.patch.saturating_add(1));
    }
    let pre = Prerelease::new(&format!("{}.0", version.pre)).unwrap_or_default();
    Version { pre, ..version.clone() }
}

fn of_comparator(of: &Comparator) -> Interval {
    let (major, minor, patch) = (of.major, of.minor.unwrap_or_default(), of.patch.unwrap_or_default());
    let version = Version { major, minor, patch, pre: of.pre.clone(), build: BuildMetadata::EMPTY };
    // The first version that is beyond what the numbers that are told say.
    let beyond = match (of.minor, of.patch) {
        (None, _) => first_of(major.saturating_add(1), 0, 0),
        (Some(_), None) => first_of(major, minor.saturating_add(1), 0),
        (Some(_), Some(_)) => after(&version),
    };
    let caret = match (major, of.minor, of.patch) {
        (0, Some(0), Some(patch)) => first_of(0, 0, patch.saturating_add(1)),
        (0, Some(minor), _) => first_of(0, minor.saturating_add(1), 0),
        _ => first_of(major.saturating_add(1), 0, 0),
    };
    match of.op {
        Op::Greater => (beyond, None),
        Op::GreaterEq => (version, None),
        Op::Less => (lowest(), Some(version)),
        Op::LessEq => (lowest(), Some(beyond)),
        Op::Exact => (version, Some(beyond)),
        Op::Tilde if of.minor.is_some() => (version, Some(first_of(major, minor.saturating_add(1), 0))),
        Op::Tilde => (version, Some(beyond)),
        Op::Wildcard => (version, Some(beyond)),
        _ => (version, Some(caret)),
    }
}

/// What no interval holds, as events.
fn events(mut unaffected: Vec<Interval>) -> Vec<Event> {
    unaffected.retain(|(start, end)| end.as_ref().is_none_or(|end| start.cmp_precedence(end).is_lt()));
    unaffected.sort_by(|one, other| one.0.cmp_precedence(&other.0));
    let mut events = Vec::new();
    // From where on versions are affected; none when they are not any more.
    let mut from = Some(lowest());
    for (start, end) in unaffected {
        let Some(open) = &from else { break };
        if open.cmp_precedence(&start).is_lt() {
            events.push(Event::Introduced(if *open == lowest() { "0".into() } else { open.to_string() }));
            events.push(Event::Fixed(start.to_string()));
        }
        from = match end {
            Some(end) if end.cmp_precedence(open).is_gt() => Some(end),
            Some(_) => from,
            None => None,
        };
    }
    if let Some(open) = from {
        events.push(Event::Introduced(if open == lowest() { "0".into() } else { open.to_string() }));
    }
    events
}

#[cfg(test)]
mod tests {
    use super::super::order::Order;
    use super::super::ranges::contains;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_advisory_is_read() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2000-0001\"\npackage = \"a\"\ndate = \"2000-01-02\"\nurl = \"https://example.com\"\n\
            aliases = [\"CVE-2000-1\"]\ncvss = \"CVSS:3.1/AV:N\"\ninformational = \"unsound\"\n\n[versions]\npatched = [\"^1.0.5\", \">= 1.2.3\"]\nunaffected = [\"< 0.5\"]\n```\n\n# It fails\n\nMore.\n";
        let advisory = read(&Text::new("crates/a/RUSTSEC-2000-0001.md", text)).unwrap();
        assert_eq!((advisory.summary.as_str(), advisory.informational.as_str()), ("It fails", "unsound"));
        let events: Vec<String> =
            advisory.affected[0].ranges[0].events.iter().map(|event| format!("{event:?}")).collect();
        assert_eq!(events, ["Introduced(\"0.5.0\")", "Fixed(\"1.0.5\")"]);
        let none = text
            .replace("patched = [\"^1.0.5\", \">= 1.2.3\"]", "patched = []")
            .replace("unaffected = [\"< 0.5\"]", "");
        assert_eq!(
            read(&Text::new("a.md", none)).unwrap().affected[0].ranges[0].events,
            [Event::Introduced("0".into())]
        );
        let bad = read(&Text::new("a.md", text.replace("^1.0.5", "what"))).unwrap_err();
        assert_eq!(Text::new("a.md", text).place(bad.span.start).line, 12);
        assert!(read(&Text::new("a.md", "# no")).is_err());
    }

    fn number() -> impl Strategy<Value = u64> {
        0..3_u64
    }

    proptest! {
        /// For versions that are no pre-releases, what `semver` says a requirement admits is what its interval holds.
        #[test]
        fn what_remains_is_what_no_requirement_admits(
            all in prop::collection::vec((prop::sample::select(vec!["", "^", "~", "=", ">", ">=", "<", "<="]), number(), prop::option::of((number(), prop::option::of(number())))), 1..5),
            joined in any::<bool>(),
            version in (0..4_u64, 0..4_u64, 0..4_u64),
        ) {
            let one = |(op, major, rest): &(&str, u64, Option<(u64, Option<u64>)>)| match rest {
                None => format!("{op}{major}"),
                Some((minor, None)) => format!("{op}{major}.{minor}"),
                Some((minor, Some(patch))) => format!("{op}{major}.{minor}.{patch}"),
            };
            let said: Vec<String> = all.iter().map(one).collect();
            let said = if joined { vec![said.join(", ")] } else { said };
            let required: Vec<VersionReq> = said.iter().map(|said| VersionReq::parse(said).unwrap()).collect();
            let version = Version::new(version.0, version.1, version.2);
            let is_admitted = required.iter().any(|required| required.matches(&version));
            let range = Range { kind: RangeKind::Semver, events: events(required.iter().map(interval).collect()) };
            let held = contains(&range, &Order::Semver.read(&version.to_string()).unwrap(), Order::Semver).unwrap();
            prop_assert_eq!(held, !is_admitted, "{:?} {}", said, version);
        }
    }
}
