//! What was found is sent to a server: as a report of what was scanned, by whom it is owned, and where it comes from.

use super::origin::Origin;
use crate::cli::client::{ServerChoice, Trust};
use crate::failure::{Outcome, wrong_use};
use crate::output;
use anyhow::{Context as _, anyhow};
use chrono::{NaiveDate, NaiveTime};
use clap::Args;
use model::{EntityRef, Hiding, Report, Reported, Source};
use receive::imports::Reading;
use receive::imports::codeowners::{self, Rules};
use scan::parts::cyclonedx;
use scan::scanner::{Found, Scan};
use scan::suppress::Hidden;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Longest text of a finding that the server takes.
const MAX_TEXT_BYTES: usize = 4 * 1024;
/// Largest file of owners that is read, as the reader of it says.
const MAX_CODEOWNERS_BYTES: u64 = 3 * 1024 * 1024;
/// Teams of one path that are told.
const MAX_OWNERS: usize = 16;
/// Where forges look for the file of owners.
const CODEOWNERS: [&str; 4] = [".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/// Rules about components: without advisories they found nothing because they had nothing to look for.
const ABOUT_PARTS: [&str; 3] = ["vulnerable-component", "malicious-component", "unmaintained-component"];

/// The version of CycloneDX that the server is told components in.
const BILL_VERSION: &str = "1.6";

/// Where the result goes, and what it is about.
#[derive(Args)]
pub struct Upload {
    /// Send the result to this server, with TANDEM_TOKEN; `local` is the one that runs on the data folder.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    trust: Trust,
    /// With --server: what was scanned [default: the repository that the remote `origin` names, else the folder's name].
    #[arg(long, value_name = "KIND:NAME", requires = "server")]
    entity: Option<EntityRef>,
    /// With --server: the version or tag that was scanned, by which a deployment is known.
    #[arg(long, value_name = "VERSION", requires = "server")]
    tag: Option<String>,
    /// With --server: the branch [default: as git or the pipeline says].
    #[arg(long, value_name = "NAME", requires = "server")]
    branch: Option<String>,
    /// With --server: the default branch; findings of others are kept apart [default: as git or the pipeline says].
    #[arg(long, value_name = "NAME", requires = "server")]
    default_branch: Option<String>,
}

/// What a scan was, beside what it found.
pub struct Scanned<'s> {
    /// What was looked at.
    pub path: &'s Path,
    /// It is a tree of files, which may be a repository.
    pub is_tree: bool,
    /// What came of it.
    pub scan: &'s Scan,
    /// The rules that were asked.
    pub rules: Vec<String>,
}

impl Upload {
    /// Sends it, if a server was named, and says what it made of it.
    pub fn run(&self, scanned: &Scanned<'_>) -> Outcome {
        let Some(server) = &self.server else { return Ok(()) };
        let choice = ServerChoice::named(Some(server.as_str()).filter(|url| *url != "local"), &self.trust);
        let client = choice.client()?;
        let report = self.report(scanned)?;
        let mut body = json!({"report": report});
        if let Some(components) = components(scanned, &report)? {
            body["components"] = components;
        }
        // A pipeline has an ingest token, a person an API token or the server's own folder.
        let answer = client.post_or("/api/v1/scans", "/api/v1/ingest/scans", &body)?;
        output::complain(&output::plain(&said(&report, &answer)));
        Ok(())
    }

    fn report(&self, scanned: &Scanned<'_>) -> Outcome<Report> {
        let origin = if scanned.is_tree { Origin::of(scanned.path) } else { Origin::default() };
        let entity = match (&self.entity, &origin.entity) {
            (Some(said), _) => said.clone(),
            (None, Some(known)) => known.clone(),
            (None, None) => {
                return Err(wrong_use(anyhow!("name what was scanned: --entity repository:github.com/acme/shop")));
            }
        };
        let mut report = Report::new(entity.clone(), "tandem", crate::server::state::now());
        // Whose it is, the server says: by the token.
        report.dataset.clear();
        env!("CARGO_PKG_VERSION").clone_into(&mut report.tool.version);
        // What a tag is made from may be older than the branch: it is kept apart, by its name.
        let tag = origin.version.clone().filter(|_| self.branch.is_none());
        let branch = self.branch.clone().or(origin.branch).or_else(|| tag.clone());
        let default = self.default_branch.clone().or(origin.default_branch);
        let side = origin.side || tag.is_some() || branch.is_some() && default.is_some() && branch != default;
        let version = self.tag.clone().or(origin.version);
        let (commit, pipeline, author) = (origin.commit, origin.pipeline, origin.author);
        report.source = Source { commit, branch, side, version, pipeline, author };
        report.category.clone_from(&origin.prefix);
        if let Some(name) = scanned.path.file_name().filter(|_| scanned.is_tree && scanned.path.is_file()) {
            report.scope = vec![below(&origin.prefix, &name.to_string_lossy())];
        }
        report.incomplete = scanned.scan.is_incomplete() || scanned.scan.cut > 0;
        let ran = |rule: &&String| scanned.scan.parts.held || !ABOUT_PARTS.contains(&rule.as_str());
        report.rules = Some(scanned.rules.iter().filter(ran).cloned().collect());
        let owners = origin.root.as_deref().and_then(|root| owners(root, &entity));
        let reported = |found: &Found| reported(found, &origin.prefix, owners.as_ref());
        report.findings = scanned.scan.findings.iter().map(reported).collect();
        Ok(report)
    }
}

/// What the whole is made of, when it was looked for everywhere.
fn components(scanned: &Scanned<'_>, report: &Report) -> Outcome<Option<Value>> {
    let looked = scanned.rules.iter().any(|rule| ABOUT_PARTS.contains(&rule.as_str()));
    if !looked || !report.category.is_empty() || !report.scope.is_empty() {
        return Ok(None);
    }
    let bill = cyclonedx::bill(&scanned.scan.inventory, &report.entity.key, BILL_VERSION);
    let bill = bill.map_err(|error| anyhow!(error))?;
    Ok(Some(serde_json::to_value(&bill).context("the bill of materials")?))
}

/// The rules of the repository's file of owners. One that cannot be read is said, and stops nothing.
fn owners(root: &Path, entity: &EntityRef) -> Option<Rules> {
    let name = CODEOWNERS.into_iter().find(|name| root.join(name).is_file())?;
    let path = root.join(name);
    let told = |why: String| output::complain(&output::plain(&format!("warning: {name} is not used: {why}")));
    if path.metadata().is_ok_and(|metadata| metadata.len() > MAX_CODEOWNERS_BYTES) {
        told(format!("it has more than {MAX_CODEOWNERS_BYTES} bytes (MAX_CODEOWNERS_BYTES)"));
        return None;
    }
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            told(error.to_string());
            return None;
        }
    };
    let dialect = codeowners::dialect_of(&text, name, Some(entity));
    let reading = Reading { name, dataset: model::DEFAULT_DATASET, at: 0, subject: Some(entity), cluster: None };
    match codeowners::rules(&text, dialect, &reading) {
        Ok((rules, _)) => Some(rules),
        Err(error) => {
            told(error.to_string());
            None
        }
    }
}

fn reported(found: &Found, prefix: &str, owners: Option<&Rules>) -> Reported {
    let finding = &found.finding;
    let path = below(prefix, &finding.path);
    let teams = owners.map(|rules| codeowners::owners_of_path(rules, &path)).unwrap_or_default();
    Reported {
        // Of a folder of the repository, the file of the same name elsewhere is another.
        fingerprint: match prefix {
            "" => finding.fingerprint.clone(),
            prefix => format!("{prefix}:{}", finding.fingerprint),
        },
        rule: finding.rule.to_string(),
        severity: finding.severity.name().to_owned(),
        title: text(&finding.title),
        message: text(&finding.message),
        address: text(&finding.address),
        line: finding.start.line,
        owners: teams.into_iter().take(MAX_OWNERS).map(|team| team.key.clone()).collect(),
        hidden: found.hidden.as_ref().map(hiding),
        evidence: quoted(found, evidence(&finding.rule, &finding.address, &finding.message)),
        path: text(&path),
    }
}

/// With the line that it is about, which holds no secret, and the column in it.
fn quoted(found: &Found, mut evidence: Map<String, Value>) -> Map<String, Value> {
    if let Some((line, column)) = found.snippet() {
        evidence.insert("snippet".to_owned(), text(line).into());
        evidence.insert("column".to_owned(), column.into());
    }
    evidence
}

fn below(prefix: &str, path: &str) -> String {
    if prefix.is_empty() { path.to_owned() } else { format!("{prefix}/{path}") }
}

fn text(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].replace('\0', " ")
}

/// What hides a finding, to the end of its last day.
fn hiding(hidden: &Hidden) -> Hiding {
    match hidden {
        Hidden::Suppressed(ours) => {
            let day = NaiveDate::parse_from_str(&ours.until, "%Y-%m-%d").ok();
            let end = day.and_then(|day| day.succ_opt()).map(|day| day.and_time(NaiveTime::MIN).and_utc());
            let until = end.and_then(|end| end.timestamp_nanos_opt());
            Hiding { reason: text(&ours.reason), owner: text(&ours.owner), until, by: "tandem".to_owned() }
        }
        Hidden::Foreign(other) => {
            Hiding { reason: text(&other.says), owner: String::new(), until: None, by: other.tool.to_owned() }
        }
    }
}

/// What the server knows a weak component by, from what the finding says: see `scan::parts::findings`.
fn evidence(rule: &str, address: &str, message: &str) -> Map<String, Value> {
    let mut evidence = Map::new();
    if !ABOUT_PARTS.contains(&rule) || !address.starts_with("pkg:") {
        return evidence;
    }
    let (head, rest) = message.split_once(": ").unwrap_or((message, ""));
    let head = head.split(" (of ").next().unwrap_or(head);
    let version = head.rsplit_once(' ').map_or("", |(_, version)| version);
    let component = if version.is_empty() { address.to_owned() } else { format!("{address}@{version}") };
    evidence.insert("component".to_owned(), component.into());
    let sentences: Vec<&str> = rest.split("; ").collect();
    let named = rest.match_indices('(').map(|(at, _)| &rest[at + 1..]).find(|rest| is_advisory(rest));
    if let Some(names) = named.and_then(|rest| rest.split([')', ';']).next()) {
        let names: Vec<&str> = names.split(", ").filter(|name| is_advisory(name)).collect();
        evidence.insert("advisory".to_owned(), names.first().copied().unwrap_or_default().into());
        evidence.insert("aliases".to_owned(), json!(names));
    }
    let said = |start: &str| sentences.iter().find_map(|sentence| sentence.strip_prefix(start));
    evidence.insert("exploited".to_owned(), said("exploited, as CISA").is_some().into());
    let fixed: Vec<&str> = said("fixed in ").into_iter().collect();
    evidence.insert("fixed".to_owned(), json!(fixed));
    if let Some(way) = said("it came in by ") {
        evidence.insert("via".to_owned(), json!(way.split(" > ").collect::<Vec<_>>()));
    }
    evidence
}

/// Whether a text begins as the name of an advisory does: capitals, a dash, and something.
fn is_advisory(text: &str) -> bool {
    let (kind, rest) = text.split_once('-').unwrap_or((text, ""));
    kind.len() >= 2 && kind.bytes().all(|byte| byte.is_ascii_uppercase()) && !rest.is_empty()
}

/// What the server made of it, in a line.
fn said(report: &Report, answer: &Value) -> String {
    let count = |name: &str| answer[name].as_u64().unwrap_or(0);
    let of = format!("sent for {}", report.entity);
    if answer["repeated"] == true {
        return format!("{of}: the server knows this scan already");
    }
    if answer["late"] == true {
        return format!("{of}: the server knows a newer scan; this one is kept beside it");
    }
    let mut line = format!("{of}: {} new, {} back, {} fixed", count("new"), count("back"), count("fixed"));
    if count("unjudged") > 0 {
        line.push_str(&format!("; {} of earlier scans were not looked for", count("unjudged")));
    }
    if report.source.side {
        line.push_str(&format!("; on branch {}", report.source.branch.as_deref().unwrap_or("?")));
    }
    line
}

/// What a SARIF log is about when it does not say, by the folder that the command runs in.
pub fn sarif_query() -> anyhow::Result<Vec<(&'static str, String)>> {
    let here = std::env::current_dir().context("where this runs")?;
    let origin = Origin::of(&here);
    let root = origin.root.clone().unwrap_or(here);
    let mut query = vec![("root", root.display().to_string())];
    query.extend(origin.entity.map(|entity| ("fallback", entity.to_string())));
    query.extend(origin.commit.map(|commit| ("commit", commit)));
    let other = origin.branch.is_some() && origin.default_branch.is_some() && origin.branch != origin.default_branch;
    query.push(("side", (origin.side || other).to_string()));
    query.extend(origin.branch.map(|branch| ("branch", branch)));
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_component_is_known_by_what_the_finding_says() {
        let message = "lodash 4.17.20: Command injection (in template) (CVE-2021-23337, GHSA-35jh-r3h4-6jhm; CVSS 7.2); \
             exploited, as CISA knows since 2021-11-03; affected: before 4.17.21; fixed in 4.17.21; \
             it came in by express 4.0 > lodash 4.17.20";
        let known = evidence("vulnerable-component", "pkg:npm/lodash", message);
        assert_eq!(
            Value::Object(known),
            json!({"component": "pkg:npm/lodash@4.17.20", "advisory": "CVE-2021-23337",
                "aliases": ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"], "exploited": true, "fixed": ["4.17.21"],
                "via": ["express 4.0", "lodash 4.17.20"]})
        );
        let message = "debian/libssl3 3.0 (of openssl 3.0): Bad (DSA-1-1)";
        let debian = evidence("vulnerable-component", "pkg:deb/debian/libssl3", message);
        assert_eq!(debian["component"], "pkg:deb/debian/libssl3@3.0");
        assert_eq!(debian["fixed"], json!([]));
        assert!(evidence("other", "pkg:npm/a", "x").is_empty());
    }
}
