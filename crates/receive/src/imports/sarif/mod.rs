//! SARIF 2.1.0 of any tool as reports of scans.
//!
//! Runs of one tool and category are one report: what is in none of them is gone. A result is known again by what its tool
//! says identifies it, else by rule, path, logical place and words, never by its line.

mod document;
mod paths;
mod result;

use super::limits::{MAX_DOCUMENT_BYTES, MAX_SARIF_NAME_BYTES, MAX_SARIF_RESULTS, MAX_SARIF_RUNS};
use super::{ImportError, Reading, json, text_of};
use crate::lines::rows::cut_text;
use chrono::DateTime;
use document::{Found, Log, Run};
use model::entity::repository;
use model::{EntityRef, Nanos, Report, Source, Tool};
use paths::Bases;
use result::{Identified, Rules};
use std::collections::{BTreeMap, HashMap};

/// Reports of a SARIF log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sarif {
    /// A report for each tool and category, in their order.
    pub reports: Vec<Report>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// What the reader knows of a log beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Where the scan was made: absolute paths become relative to it.
    pub root: Option<&'a str>,
    /// What it is about when neither the reading nor the log says so.
    pub fallback: Option<&'a EntityRef>,
}

/// Reads a SARIF log. What it is about is the reading's subject, else the repository that a run says it comes from.
///
/// # Errors
/// When it is no SARIF 2.1.0, is larger than a limit, or does not say what it is about.
pub fn read(bytes: &[u8], known: Known<'_>, reading: &Reading<'_>) -> Result<Sarif, ImportError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let reason = format!("{} bytes; at most {MAX_DOCUMENT_BYTES} (MAX_DOCUMENT_BYTES) are read", bytes.len());
        return Err(reading.refuse(reason));
    }
    let text = text_of(bytes, reading)?;
    let log: Log = json::parse(text, reading)?;
    match log.version.as_deref() {
        Some("2.1.0") => {}
        Some(other) => {
            let other = cut_text(other, 20);
            return Err(reading.refuse(format!("SARIF {other:?} is not read, only 2.1.0: convert it")));
        }
        None => return Err(reading.refuse("this is no SARIF: it has no `version`")),
    }
    if log.runs.len() > MAX_SARIF_RUNS {
        let reason = format!("{} runs; at most {MAX_SARIF_RUNS} (MAX_SARIF_RUNS) are read", log.runs.len());
        return Err(reading.refuse(reason));
    }
    let (mut source, mut drafts) = (json::Source::new(text), Drafts::default());
    for run in &log.runs {
        drafts.run(run, known, &mut source, reading)?;
    }
    if drafts.reports.is_empty() {
        return Err(reading.refuse("it has no run, so that it says nothing of any tool"));
    }
    Ok(drafts.finish())
}

/// Reports on their way.
#[derive(Default)]
struct Drafts {
    reports: BTreeMap<(String, String, EntityRef), (Report, Vec<Identified>)>,
    counted: BTreeMap<&'static str, usize>,
    results: usize,
}

impl Drafts {
    fn run<'t>(
        &mut self,
        run: &Run<'t>,
        known: Known<'_>,
        source: &mut json::Source<'t>,
        reading: &Reading<'_>,
    ) -> Result<(), ImportError> {
        let name = Some(run.tool.driver.name.trim()).filter(|name| !name.is_empty());
        let Some(name) = name else {
            return Err(reading.refuse("a run does not name its tool: `tool.driver.name` is missing or empty"));
        };
        let name = cut_text(name, MAX_SARIF_NAME_BYTES).replace('\0', " ");
        let entity = subject(run, known.fallback, reading)?;
        let mut report = Report::new(entity, name, reading.at);
        reading.dataset.clone_into(&mut report.dataset);
        report.tool = Tool { version: version(run), ..report.tool };
        report.category = category(run);
        report.at = ended(run).filter(|at| *at <= reading.at).unwrap_or(reading.at);
        report.source = provenance(run);
        report.incomplete = is_incomplete(run);
        report.key = run.automation_details.as_ref().and_then(|details| details.guid.clone()).unwrap_or_default();
        let (rules, bases) = (Rules::of(run), Bases::of(run, known.root));
        let mut found = Vec::new();
        for part in run.results.map(|part| source.items(part, reading)).transpose()?.unwrap_or_default() {
            self.results += 1;
            if self.results > MAX_SARIF_RESULTS {
                let reason =
                    format!("more than {MAX_SARIF_RESULTS} results (MAX_SARIF_RESULTS): split it by categories");
                return Err(reading.refuse_at(source.place(part), reason));
            }
            let one: Found = source.parse(part, reading)?;
            match result::read(&one, run, &rules, &bases) {
                Ok(one) => found.push(one),
                Err(why) => *self.counted.entry(why).or_default() += 1,
            }
        }
        let key = (report.tool.name.clone(), report.category.clone(), report.entity.clone());
        match self.reports.get_mut(&key) {
            Some((first, all)) => {
                first.incomplete |= report.incomplete;
                first.at = first.at.max(report.at);
                // Several runs are one, which none of their ids names.
                first.key.clear();
                all.extend(found);
            }
            None => drop(self.reports.insert(key, (report, found))),
        }
        Ok(())
    }

    fn finish(self) -> Sarif {
        let mut doubled = 0;
        let finished = self.reports.into_values().map(|(mut report, found)| {
            let before = found.len();
            report.findings = numbered(&report.tool.name, found);
            doubled += before - report.findings.len();
            report
        });
        let reports = finished.collect();
        let mut notes: Vec<String> = self.counted.into_iter().map(|(why, count)| format!("{count} {why}")).collect();
        if doubled > 0 {
            notes.push(format!("{doubled} results say what another says at the same place"));
        }
        Sarif { reports, notes }
    }
}

/// Fingerprints: what is the same in everything that identifies it is told apart by its order. What is the same at the same
/// place too is one.
fn numbered(tool: &str, found: Vec<Identified>) -> Vec<model::Reported> {
    let (mut places, mut ordinals) = (std::collections::HashSet::new(), HashMap::<Vec<String>, usize>::new());
    let mut findings = Vec::with_capacity(found.len());
    for Identified { identity, place, mut finding } in found {
        if !places.insert((identity.clone(), place)) {
            continue;
        }
        let ordinal = ordinals.entry(identity.clone()).or_default();
        finding.fingerprint = result::fingerprint(tool, &identity, *ordinal);
        *ordinal += 1;
        findings.push(finding);
    }
    findings
}

fn subject(run: &Run<'_>, fallback: Option<&EntityRef>, reading: &Reading<'_>) -> Result<EntityRef, ImportError> {
    if let Some(subject) = reading.subject {
        return Ok(subject.clone());
    }
    let said = run.version_control_provenance.iter().find_map(|one| one.repository_uri.as_deref());
    said.and_then(|uri| repository(uri).ok()).or_else(|| fallback.cloned()).ok_or_else(|| {
        reading.refuse("a run does not say which repository it is about: name it, such as --entity repository:github.com/acme/shop")
    })
}

fn version(run: &Run<'_>) -> String {
    let driver = &run.tool.driver;
    let version = driver.semantic_version.as_deref().or(driver.version.as_deref()).unwrap_or_default();
    cut_text(version, MAX_SARIF_NAME_BYTES).replace('\0', " ")
}

/// What is before the last slash of the run's id; the rest tells one run from the next.
fn category(run: &Run<'_>) -> String {
    let id = run.automation_details.as_ref().and_then(|details| details.id.as_deref()).unwrap_or_default();
    let category = id.rsplit_once('/').map_or("", |(category, _)| category);
    cut_text(category, MAX_SARIF_NAME_BYTES).replace('\0', " ")
}

fn ended(run: &Run<'_>) -> Option<Nanos> {
    let times = run.invocations.iter().filter_map(|one| one.end_time_utc.as_deref().or(one.start_time_utc.as_deref()));
    let times = times.filter_map(|time| DateTime::parse_from_rfc3339(time).ok()?.timestamp_nanos_opt());
    times.filter(|at| *at > 0).max()
}

fn provenance(run: &Run<'_>) -> Source {
    let Some(first) = run.version_control_provenance.first() else { return Source::default() };
    let word = |word: &Option<String>| {
        let word = word.as_deref().map(str::trim).filter(|word| !word.is_empty() && !word.contains('\0'));
        word.map(|word| cut_text(word, MAX_SARIF_NAME_BYTES).to_owned())
    };
    let branch = word(&first.branch).map(|branch| branch.trim_start_matches("refs/heads/").to_owned());
    Source { commit: word(&first.revision_id), branch, ..Source::default() }
}

/// A run without results did not look; one that failed or says errors did not look everywhere.
fn is_incomplete(run: &Run<'_>) -> bool {
    let failed = |one: &document::Invocation| {
        one.execution_successful == Some(false)
            || one.tool_execution_notifications.iter().any(|told| told.level.as_deref() == Some("error"))
    };
    run.results.is_none_or(|results| results.get() == "null") || run.invocations.iter().any(failed)
}

#[cfg(test)]
mod tests;
