//! Documents: what holds whatever comes.

use model::{About, EntityRef, Facts};
use receive::imports::codeowners::{Dialect, owners_of_path, rules};
use receive::imports::limits::{MAX_DOCUMENT_FACTS, MAX_NOTES};
use receive::imports::{Document, Reading, read, sarif};

/// Names of persons in the seeds: no note names them, however the document is damaged.
const PERSONS: [&str; 2] = ["ada-lovelace", "grace-hopper"];
/// As long as an attribute may be in all, as JSON.
const MAX_ATTRIBUTES_BYTES: usize = 64 * 1024;

const AT: i64 = 1_795_246_176_000_000_000;

/// Reads twice, with and without what the reader may know: the same bytes are the same facts, and these can be kept.
fn check(document: Document, data: &[u8], subject: &str) {
    let subject: EntityRef = subject.parse().expect("an entity");
    let knows = Reading {
        name: "file.deb_packages.json",
        dataset: "default",
        at: AT,
        subject: Some(&subject),
        cluster: Some("c"),
    };
    let knows_nothing = Reading { subject: None, cluster: None, ..knows };
    let _ = Document::detect("file", data);
    for reading in [&knows, &knows_nothing] {
        let first = read(document, data, reading);
        assert_eq!(first, read(document, data, reading));
        match first {
            Ok(imported) => {
                assert!(imported.notes.len() <= 2 * MAX_NOTES + 1);
                keepable(&imported.facts);
            }
            Err(error) => assert!(error.to_string().starts_with("file.deb_packages.json:"), "{error}"),
        }
    }
}

/// What the ledger asks for.
fn keepable(facts: &Facts) {
    assert!(facts.len() <= MAX_DOCUMENT_FACTS);
    assert!(!facts.origin.is_empty());
    let entity =
        |entity: &EntityRef| assert!(EntityRef::new(entity.kind.clone(), entity.key.clone()).is_ok(), "{entity:?}");
    for observation in &facts.observations {
        match &observation.about {
            About::Entity(one) => entity(one),
            About::Relation(relation) => {
                entity(&relation.from);
                entity(&relation.to);
                assert!(!relation.layer.contains('\0'));
            }
        }
        let attributes = serde_json::to_string(&observation.attributes).expect("attributes are JSON");
        assert!(attributes.len() <= MAX_ATTRIBUTES_BYTES && !attributes.contains("\\u0000"), "{attributes}");
    }
    facts.complete.iter().for_each(|complete| entity(&complete.from));
    for finding in &facts.findings {
        assert!(
            ![&finding.rule, &finding.title, &finding.place].iter().any(|text| text.is_empty() || text.contains('\0'))
        );
        assert_eq!(finding.fingerprint.len(), 64);
    }
    for change in &facts.changes {
        entity(&change.entity);
        assert!(!change.key.is_empty() && !change.key.contains('\0'));
    }
}

/// A catalog file.
pub fn import_catalog(data: &[u8]) {
    check(Document::Catalog, data, "repository:github.com/acme/shop");
}

/// A CODEOWNERS file: whoever owns a path is named by the file, and asking for any path ends.
pub fn import_codeowners(data: &[u8]) {
    check(Document::Codeowners, data, "repository:github.com/acme/shop");
    let Ok(text) = std::str::from_utf8(data) else { return };
    let reading = Reading { name: "CODEOWNERS", dataset: "default", at: AT, subject: None, cluster: None };
    for dialect in [Dialect::GitHub, Dialect::GitLab] {
        let Ok((rules, notes)) = rules(text, dialect, &reading) else { continue };
        assert!(!notes.iter().any(|note| PERSONS.iter().any(|person| note.contains(person))), "{notes:?}");
        for path in text.lines().take(20) {
            owners_of_path(&rules, path).iter().for_each(|owner| assert_eq!(owner.kind, "team"));
        }
    }
}

/// A CycloneDX bill.
pub fn import_cyclonedx(data: &[u8]) {
    check(Document::CycloneDx, data, "repository:github.com/acme/shop");
}

/// An SPDX bill, as JSON or tag-value.
pub fn import_spdx(data: &[u8]) {
    check(Document::Spdx, data, "repository:github.com/acme/shop");
}

/// Objects of Kubernetes.
pub fn import_kubernetes(data: &[u8]) {
    check(Document::Kubernetes, data, "host:web-1");
}

/// Results of osquery.
pub fn import_osquery(data: &[u8]) {
    check(Document::Osquery, data, "host:web-1");
}

/// A SARIF log: what comes of it can be kept, and no two findings of a report have one fingerprint.
pub fn import_sarif(data: &[u8]) {
    let subject: EntityRef = "repository:github.com/acme/shop".parse().expect("an entity");
    let reading = Reading { name: "a.sarif", dataset: "default", at: AT, subject: Some(&subject), cluster: None };
    let known = sarif::Known { root: Some("/srv/shop"), fallback: None };
    let first = sarif::read(data, known, &reading);
    assert_eq!(first, sarif::read(data, known, &reading));
    let Ok(log) = first else { return };
    assert!(!log.reports.is_empty());
    for report in &log.reports {
        assert!(!report.tool.name.is_empty() && (0..=AT).contains(&report.at));
        let mut prints = std::collections::HashSet::new();
        for finding in &report.findings {
            assert!(prints.insert(&finding.fingerprint), "one fingerprint twice");
            assert!(["critical", "high", "medium", "low", "info"].contains(&finding.severity.as_str()));
            assert!(!finding.rule.is_empty() && !finding.title.is_empty());
            let texts = [&finding.rule, &finding.title, &finding.message, &finding.path, &finding.address];
            assert!(texts.iter().all(|text| text.len() <= 4096 && !text.contains('\0')));
            // Addresses of the web stay as they are, and what is cut may end anywhere.
            let whole = finding.path.len() < 1_000 && !finding.path.to_ascii_lowercase().starts_with("http");
            assert!(!whole || !finding.path.split('/').any(|part| part == ".."), "{}", finding.path);
        }
    }
}
