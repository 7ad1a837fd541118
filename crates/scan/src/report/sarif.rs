//! SARIF 2.1.0, within what GitHub takes.

use super::{About, Abouts, Report, answer_with};
use crate::pages::Page;
use crate::rules::Severity;
use crate::scanner::Found;
use crate::suppress::Hidden;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Results of one run that GitHub takes; it shows 5,000 of them.
const MAX_RESULTS: usize = 25_000;
/// Tags of one rule.
const MAX_TAGS: usize = 20;
/// Longest message, in characters.
const MAX_MESSAGE: usize = 1_000;

/// The document, members in the order of their names. What is cut is said in it.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<'a>; 1],
    version: &'static str,
}

/// The one run of a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    column_kind: &'static str,
    invocations: Value,
    original_uri_base_ids: Value,
    results: Results<'a>,
    tool: Value,
}

/// Findings with the place of each one's rule, each made when it is written.
struct Results<'a>(&'a Abouts, Vec<(&'a Found, usize)>);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.1.iter().map(|(found, rule)| result(self.0, found, *rule)))
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(report: &Report<'a>) -> Document<'a> {
        // The worst first, so that what is cut is the least.
        let mut shown = report.shown.clone();
        shown.sort_by_key(|found| std::cmp::Reverse(found.finding.severity));
        let cut = shown.len().saturating_sub(MAX_RESULTS);
        shown.truncate(MAX_RESULTS);
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        for found in &shown {
            let next = used.len();
            used.entry(&found.finding.rule).or_insert(next);
        }
        let mut rules: Vec<(usize, Value)> = used.iter().map(|(id, at)| (*at, described(report, id))).collect();
        rules.sort_by_key(|(at, _)| *at);
        let rules: Vec<Value> = rules.into_iter().map(|(_, rule)| rule).collect();
        Document {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            runs: [Run {
                column_kind: "unicodeCodePoints",
                invocations: json!([{
                    "executionSuccessful": !report.scan.is_incomplete(),
                    "toolExecutionNotifications": notifications(report, cut),
                }]),
                original_uri_base_ids: json!({"SRCROOT": {"description": {"text": "The root of the scan."}}}),
                results: Results(
                    report.about,
                    shown.into_iter().map(|found| (found, used[&*found.finding.rule])).collect(),
                ),
                tool: json!({"driver": {
                    "name": "tandem",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }}),
            }],
            version: "2.1.0",
        }
    }
}

/// What could not be read, what is said of components, and how many results were left out.
fn notifications(report: &Report<'_>, cut: usize) -> Vec<Value> {
    let unread = report.scan.problems.iter().map(|problem| {
        let region = problem.place.map(|place| json!({"startLine": place.line, "startColumn": place.column}));
        let mut location = json!({"artifactLocation": artifact(&problem.path)});
        if let Some(region) = region {
            location["region"] = region;
        }
        json!({"level": "error", "message": {"text": problem.reason}, "locations": [{"physicalLocation": location}]})
    });
    let says = report.scan.parts.says.iter().cloned().chain(super::table::known(report));
    let says = says.map(|text| json!({"level": "note", "message": {"text": text}}));
    let mut notifications: Vec<Value> = unread.chain(says).collect();
    if cut > 0 {
        let text =
            format!("{cut} results more than the {MAX_RESULTS} that are taken were left out, the least bad ones");
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    notifications
}

/// Results name rules by their place in the list, so that one of which nothing is known has its place, too.
fn described(report: &Report<'_>, id: &str) -> Value {
    report.about.get(id).map_or_else(|| json!({"id": id}), rule)
}

fn rule(about: &About) -> Value {
    let page = about.page.as_ref().and_then(|text| Page::parse(&about.file, text).ok());
    let mut tags: Vec<String> = vec!["security".to_owned()];
    tags.extend(about.cwe.iter().map(|cwe| format!("external/cwe/{}", cwe.to_lowercase())));
    tags.extend(about.controls.iter().flat_map(|(catalog, ids)| ids.iter().map(move |id| format!("{catalog}/{id}"))));
    tags.truncate(MAX_TAGS);
    let mut value = json!({
        "id": &*about.id,
        "shortDescription": {"text": &*about.title},
        "defaultConfiguration": {"level": level(about.severity)},
        "properties": {
            "tags": tags,
            "precision": about.confidence.name(),
            "security-severity": score(about.severity),
        },
    });
    if let Some(page) = page {
        value["fullDescription"] = json!({"text": page.front});
        let markdown = format!(
            "{}\n\n## Why it matters for operations\n{}\n\n## Why it matters for security\n{}\n\n## How to fix\n{}",
            page.front, page.operations, page.security, page.how_to_fix
        );
        value["help"] = json!({"text": page.how_to_fix, "markdown": markdown});
    }
    value
}

fn result(about: &Abouts, found: &Found, index: usize) -> Value {
    let finding = &found.finding;
    let message: String = finding.message.chars().take(MAX_MESSAGE).collect();
    let mut value = json!({
        "ruleId": &*finding.rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": artifact(&finding.path),
                "region": {
                    "startLine": finding.start.line,
                    "startColumn": finding.start.column,
                    "endLine": finding.end.line,
                    "endColumn": finding.end.column,
                },
            },
            "logicalLocations": [{"fullyQualifiedName": finding.address}],
        }],
        "partialFingerprints": {"tandem/v1": finding.fingerprint},
        "properties": {"severity": finding.severity.name(), "answerWith": answer_with(&finding.rule)},
    });
    if let Some((line, _)) = found.snippet() {
        value["locations"][0]["physicalLocation"]["region"]["snippet"] = json!({"text": line});
    }
    if let Some(behind) = about.behind(&finding.rule) {
        value["properties"]["control"] = json!(behind);
    }
    match &found.hidden {
        Some(Hidden::Suppressed(by)) => {
            let why = format!("{} ({}, until {}; {}:{})", by.reason, by.owner, by.until, by.path, by.line);
            value["suppressions"] = json!([{"kind": "inSource", "status": "accepted", "justification": why}]);
        }
        Some(Hidden::Foreign(by)) => {
            value["suppressions"] = json!([{"kind": "inSource", "justification": format!("{}: {}", by.tool, by.says)}]);
        }
        None => {}
    }
    value
}

/// A path as a relative URI.
fn artifact(path: &str) -> Value {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    json!({"uri": uri, "uriBaseId": "SRCROOT"})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// GitHub's four levels are read off this number.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "0.0",
        Severity::Low => "3.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
