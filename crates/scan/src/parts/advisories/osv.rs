//! OSV's form, in JSON and YAML, to what is kept.

use super::{Advisory, Affected, Event, Range, RangeKind};
use crate::text::{Span, Text};
use crate::tree::{Malformed, Node, Tree};

/// Ranges, events and versions of one advisory; the largest seen has some 20,000.
const MAX_LINES: usize = 500_000;

/// Reads an advisory from JSON.
///
/// # Errors
/// When it is malformed, or no advisory of OSV's form.
pub fn json(text: &Text) -> Result<Advisory, Malformed> {
    let tree = Tree::json(text)?;
    let root = tree.documents().next().ok_or_else(|| refuse(Span::default(), "it is empty"))?;
    advisory(text, root)
}

/// Reads an advisory from YAML.
///
/// # Errors
/// When it is malformed, or no advisory of OSV's form.
pub fn yaml(text: &Text) -> Result<Advisory, Malformed> {
    let (tree, malformed) = Tree::yaml(text);
    if let Some(malformed) = malformed.into_iter().next() {
        return Err(malformed);
    }
    let root = tree.documents().next().ok_or_else(|| refuse(Span::default(), "it is empty"))?;
    advisory(text, root)
}

fn refuse(span: Span, reason: impl Into<String>) -> Malformed {
    Malformed { span, reason: reason.into() }
}

/// Whether a document looks like one of OSV's; others that lie beside them are passed over.
pub fn is(root: Node<'_>) -> bool {
    root.get("id").is_some() && (root.get("affected").is_some() || root.get("modified").is_some())
}

struct Reader<'t> {
    text: &'t Text,
    lines: usize,
}

/// An advisory from its tree.
pub(super) fn advisory(text: &Text, root: Node<'_>) -> Result<Advisory, Malformed> {
    if !is(root) {
        return Err(refuse(root.span(), "no advisory of OSV's form: `id` and `affected` or `modified` are missing"));
    }
    let mut reader = Reader { text, lines: 0 };
    let said = |name: &str| root.get(name).and_then(|node| super::super::raw(text, node)).unwrap_or_default();
    let details = said("details");
    let summary = Some(said("summary")).filter(|summary| !summary.is_empty());
    let first_line = || details.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let references = root.each("references").into_iter().filter_map(|node| node.get("url")?.text().map(str::to_owned));
    let mut affected = Vec::new();
    for node in root.each("affected") {
        affected.extend(reader.affected(node)?);
    }
    let texts = |name: &str| root.each(name).into_iter().filter_map(|node| node.text().map(str::to_owned)).collect();
    Ok(Advisory {
        id: said("id"),
        modified: said("modified"),
        published: said("published"),
        withdrawn: Some(said("withdrawn")).filter(|withdrawn| !withdrawn.is_empty()),
        aliases: texts("aliases"),
        upstream: texts("upstream"),
        summary: summary.unwrap_or_else(first_line).chars().take(300).collect(),
        severity: severity(text, root),
        rating: rating(root).unwrap_or_default().to_owned(),
        references: references.take(20).collect(),
        informational: informational(root),
        affected,
    })
}

/// A severity in words: GitHub's beside the advisory, Debian's and others' beside what is affected.
fn rating(root: Node<'_>) -> Option<&str> {
    const PLACES: &[[&str; 2]] = &[
        ["database_specific", "severity"],
        ["ecosystem_specific", "severity"],
        ["ecosystem_specific", "urgency"],
        ["database_specific", "urgency"],
    ];
    fn of(node: Node<'_>) -> Option<&str> {
        PLACES.iter().find_map(|place| node.at(place)?.text())
    }
    root.at(&PLACES[0]).and_then(Node::text).or_else(|| root.each("affected").into_iter().find_map(of))
}

/// What RustSec says in OSV's form about what is no vulnerability.
fn informational(root: Node<'_>) -> String {
    let of = |node: Node<'_>| node.at(&["database_specific", "informational"]).and_then(Node::text).map(str::to_owned);
    root.each("affected").into_iter().find_map(of).unwrap_or_default()
}

fn severity(text: &Text, node: Node<'_>) -> Vec<(String, String)> {
    let raw =
        |node: Node<'_>, name: &str| node.get(name).and_then(|node| super::super::raw(text, node)).unwrap_or_default();
    node.each("severity").into_iter().map(|node| (raw(node, "type"), raw(node, "score"))).collect()
}

impl Reader<'_> {
    fn raw(&self, node: Node<'_>) -> Option<String> {
        super::super::raw(self.text, node)
    }

    fn count(&mut self, node: Node<'_>) -> Result<(), Malformed> {
        self.lines += 1;
        if self.lines > MAX_LINES {
            return Err(refuse(node.span(), format!("more than {MAX_LINES} events and versions (MAX_LINES)")));
        }
        Ok(())
    }

    fn affected(&mut self, node: Node<'_>) -> Result<Option<Affected>, Malformed> {
        let of = |name: &str| node.at(&["package", name]).and_then(Node::text).unwrap_or_default().to_owned();
        let (ecosystem, name) = (of("ecosystem"), of("name"));
        if ecosystem.is_empty() || name.is_empty() {
            // Only commits of a repository: nothing that could be matched.
            return Ok(None);
        }
        let mut ranges = Vec::new();
        for range in node.each("ranges") {
            ranges.push(self.range(range)?);
        }
        let mut versions: Vec<String> = Vec::new();
        for version in node.each("versions") {
            self.count(version)?;
            versions.extend(self.raw(version));
        }
        let versions = versions.into_iter().collect();
        Ok(Some(Affected { ecosystem, name, ranges, versions, severity: severity(self.text, node) }))
    }

    fn range(&mut self, node: Node<'_>) -> Result<Range, Malformed> {
        let kind = match node.get("type").and_then(Node::text) {
            Some("SEMVER") => RangeKind::Semver,
            Some("ECOSYSTEM") => RangeKind::Ecosystem,
            Some("GIT") => RangeKind::Git,
            other => {
                let reason =
                    format!("range type `{}` is not known: SEMVER, ECOSYSTEM or GIT", other.unwrap_or_default());
                return Err(refuse(node.span(), reason));
            }
        };
        let mut events = Vec::new();
        for event in node.each("events") {
            self.count(event)?;
            for (name, value) in event.members() {
                let Some(version) = self.raw(value) else { continue };
                events.push(match name {
                    "introduced" => Event::Introduced(version),
                    "fixed" => Event::Fixed(version),
                    "last_affected" => Event::Last(version),
                    "limit" => Event::Limit(version),
                    _ => return Err(refuse(value.span(), format!("event `{name}` is not known"))),
                });
            }
        }
        Ok(Range { kind, events })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let json_text = r#"{"id": "X-1", "modified": "2024-01-01T00:00:00Z", "details": "\nOne line.\nMore.", "aliases": ["CVE-1"],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}], "database_specific": {"severity": "HIGH"},
            "references": [{"type": "WEB", "url": "https://example.com"}],
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": [
                {"type": "GIT", "repo": "https://x", "events": [{"introduced": "0"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.10"}, {"introduced": "2.0"}, {"last_affected": "2.5"}, {"limit": "*"}]}
            ], "versions": ["1.0", "1.1"]}, {"ranges": [{"type": "GIT", "events": []}]}]}"#;
        let yaml_text = "id: X-1\nmodified: 2024-01-01T00:00:00Z\ndetails: |\n\n  One line.\n  More.\naliases: [CVE-1]\n\
            severity:\n- {type: CVSS_V3, score: 'CVSS:3.1/AV:N'}\ndatabase_specific: {severity: HIGH}\nreferences:\n- {type: WEB, url: 'https://example.com'}\n\
            affected:\n- package: {ecosystem: PyPI, name: a}\n  ranges:\n  - type: GIT\n    repo: https://x\n    events: [{introduced: '0'}]\n  - type: ECOSYSTEM\n    events:\n    \
            - introduced: 0\n    - fixed: 1.10\n    - introduced: 2.0\n    - last_affected: 2.5\n    - limit: '*'\n  versions: [1.0, '1.1']\n";
        let of_json = json(&Text::new("a.json", json_text)).unwrap();
        let of_yaml = yaml(&Text::new("a.yaml", yaml_text)).unwrap();
        assert_eq!(of_json, of_yaml);
        assert_eq!(of_json.affected[0].ranges[1].events[1], Event::Fixed("1.10".into()));
        assert_eq!(
            (of_json.summary.as_str(), of_json.rating.as_str(), of_json.affected.len()),
            ("One line.", "HIGH", 1)
        );
        for bad in [
            "{}",
            "[]",
            "{\"id\": \"x\", \"affected\": [{\"package\": {\"ecosystem\": \"Go\", \"name\": \"a\"}, \"ranges\": [{\"type\": \"X\"}]}]}",
        ] {
            assert!(json(&Text::new("a.json", bad)).is_err(), "{bad}");
        }
    }
}
