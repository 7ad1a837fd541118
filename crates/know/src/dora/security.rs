//! The twins of the measures for security: how soon a weakness is told, how soon it ends, how many escape.

use super::commits::Commits;
use super::events::{Told, repository, text};
use super::{Input, Settings, Sheet};
use model::{EntityRef, Nanos};
use std::collections::BTreeMap;

/// Adds what scanners told and what became of findings.
pub(super) fn measure(told: &Told<'_>, commits: &Commits, input: &Input<'_>, settings: &Settings, sheet: &mut Sheet) {
    // The first word on each commit; events come by time.
    let mut first: BTreeMap<(String, String), (Nanos, Nanos, Vec<i64>)> = BTreeMap::new();
    for event in told.of("security_feedback") {
        let (Some(repository), Some(commit)) = (repository(&event.change), text(&event.change, "commit")) else {
            continue;
        };
        let Some((made, by)) = commits.made_at(&repository, &commit) else { continue };
        if made <= event.change.at {
            let span = event.change.at.saturating_sub(made);
            first.entry((repository, commit)).or_insert_with(|| (event.change.at, span, vec![event.id, by]));
        }
    }
    for ((repository, _), (at, span, ids)) in &first {
        let Ok(repository) = EntityRef::new("repository", repository.as_str()) else { continue };
        for service in told.subjects(&repository) {
            sheet.of(&service, *at).into_iter().for_each(|samples| samples.feedback.push((*span, ids.clone())));
        }
    }
    // The same finding twice is one.
    let findings: BTreeMap<i64, _> = input.findings.iter().map(|finding| (finding.id, finding)).collect();
    for (id, finding) in findings {
        if let Some(ended) = finding.ended.filter(|ended| *ended >= finding.seen && *ended < input.until)
            && let Some(samples) = sheet.of(&finding.service, ended)
        {
            samples.fixes.push((ended.saturating_sub(finding.seen), vec![id]));
        }
        if let (Some(environment), Some(samples)) = (&finding.seen_in, sheet.of(&finding.service, finding.seen)) {
            samples.found.push(id);
            if settings.is_production(environment) {
                samples.escaped.push(id);
            }
        }
    }
}
