//! Matches to findings: one for a package of a file, a version of it and a weakness, whatever number of databases tell it.
//!
//! **Fingerprint:** the rule, the file, the package URL without its version, and the weakness by its CVE (else by the
//! smallest identifier of its advisories). So the finding stays one when the package is raised to another version that is
//! affected as well, when its line moves, and when another database tells the same; two affected versions of one
//! package in one file are two findings.

use super::advisories::matching::{Match, Outcome};
use super::advisories::severity::{self, Rated};
use super::advisories::{ecosystem, order};
use super::{Component, Inventory, Part, Scope, Ways};
use crate::evaluate::Undecided;
use crate::finding::{Finding, fingerprint};
use crate::limits::{MAX_FINDINGS_A_RULE, MAX_WAY};
use crate::resource::FileId;
use crate::rules::{Confidence, Finds, Rule, Severity};
use crate::text::Text;
use ahash::{AHashMap, AHashSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// The check of the rule about weaknesses.
pub const VULNERABLE: &str = "vulnerable_component";
/// The check of the rule about packages that were made to harm.
pub const MALICIOUS: &str = "malicious_component";
/// The check of the rule about packages that nobody cares for any more.
pub const UNMAINTAINED: &str = "unmaintained_component";
/// All of them.
pub const CHECKS: &[&str] = &[VULNERABLE, MALICIOUS, UNMAINTAINED];

/// The rules that findings about components are reported by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'r> {
    vulnerable: Option<&'r Rule>,
    malicious: Option<&'r Rule>,
    unmaintained: Option<&'r Rule>,
}

impl<'r> Rules<'r> {
    /// Those among all that ask one of the checks here.
    pub fn among(rules: &'r [Rule]) -> Rules<'r> {
        let of = |name: &str| rules.iter().find(|rule| matches!(&rule.finds, Finds::Check(check) if **check == *name));
        Rules { vulnerable: of(VULNERABLE), malicious: of(MALICIOUS), unmaintained: of(UNMAINTAINED) }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.vulnerable.is_none() && self.malicious.is_none() && self.unmaintained.is_none()
    }
}

/// What matches say.
#[derive(Debug, Default)]
pub struct Reported {
    /// By component.
    pub findings: Vec<Finding>,
    /// What could not be decided, and parts of which no version is known.
    pub undecided: Vec<Undecided>,
    /// Findings beyond `MAX_FINDINGS_A_RULE` of a rule in a file.
    pub cut: usize,
}

/// Makes findings of matches. `file` says where a path's text is.
pub fn report(
    inventory: &Inventory,
    outcome: &Outcome,
    rules: Rules<'_>,
    file: &mut dyn FnMut(&Arc<str>) -> (FileId, Text),
) -> Reported {
    let mut reporter = Reporter {
        inventory,
        ways: Ways::new(inventory),
        rules,
        seen: AHashSet::new(),
        ordinals: AHashMap::new(),
        counts: AHashMap::new(),
        reported: Reported::default(),
    };
    for of_part in outcome.matches.chunk_by(|one, other| one.part == other.part) {
        for group in groups(of_part) {
            reporter.group(&group, file);
        }
    }
    reporter.undecided(outcome);
    reporter.reported
}

/// The names of a weakness: an advisory's own, its aliases, and the one that a distribution's is about. One that bundles
/// several is none of them.
fn names(one: &Match) -> impl Iterator<Item = &str> {
    let upstream = Some(&one.advisory.upstream).filter(|upstream| upstream.len() == 1);
    let others = one.advisory.aliases.iter().chain(upstream.into_iter().flatten());
    std::iter::once(&one.advisory.id).chain(others).map(String::as_str)
}

/// Matches of one component that are about the same weakness. A bundle of which each is told alone is left out.
fn groups(matches: &[Match]) -> Vec<Vec<&Match>> {
    let mut of_name: AHashMap<&str, usize> = AHashMap::new();
    let mut groups: Vec<Vec<&Match>> = Vec::new();
    for one in matches {
        let mut known: Vec<usize> = names(one).filter_map(|name| of_name.get(name).copied()).collect();
        known.sort_unstable();
        known.dedup();
        let group = known.first().copied().unwrap_or(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(one);
        // It may be what joins others.
        for joined in known.into_iter().skip(1) {
            let others = std::mem::take(&mut groups[joined]);
            groups[group].extend(others);
        }
        for member in groups[group].iter().copied() {
            of_name.extend(names(member).map(|name| (name, group)));
        }
    }
    groups.retain(|group| match group.as_slice() {
        [] => false,
        [one] if one.advisory.upstream.len() > 1 => {
            !one.advisory.upstream.iter().all(|name| of_name.contains_key(name.as_str()))
        }
        _ => true,
    });
    groups
}

/// What a component is without its version: what findings know it by.
fn address(component: &Component) -> String {
    let purl = &component.purl;
    super::purl::Purl { version: None, qualifiers: Default::default(), subpath: None, ..purl.clone() }.to_string()
}

struct Reporter<'r> {
    inventory: &'r Inventory,
    ways: Ways<'r>,
    rules: Rules<'r>,
    /// File, package, weakness and version: the copies of one version in one file are one finding.
    seen: AHashSet<(Arc<str>, String, String, String)>,
    ordinals: AHashMap<(Arc<str>, String, String), usize>,
    counts: AHashMap<(Arc<str>, Arc<str>), usize>,
    reported: Reported,
}

impl<'r> Reporter<'r> {
    fn group(&mut self, group: &[&Match], file: &mut dyn FnMut(&Arc<str>) -> (FileId, Text)) {
        let Some(first) = group.first() else { return };
        let inventory = self.inventory;
        let Some(component) = inventory.components.get(first.part) else { return };
        let Some(rule) = self.rule(group) else { return };
        let (address, value) = (address(component), weakness(group));
        let version = component.purl.version.as_deref().unwrap_or_default().to_owned();
        if !self.seen.insert((component.path.clone(), address.clone(), value.clone(), version)) {
            return;
        }
        let count = self.counts.entry((rule.id.clone(), component.path.clone())).or_default();
        *count += 1;
        if *count > MAX_FINDINGS_A_RULE {
            self.reported.cut += 1;
            return;
        }
        let ordinal = self.ordinals.entry((component.path.clone(), address.clone(), value.clone())).or_default();
        let fingerprint = fingerprint(&rule.id, &component.path, &address, &value, *ordinal);
        *ordinal += 1;
        let (id, text) = file(&component.path);
        let rated = rated(group, rule);
        let title = format!("{value} in {}", component.purl.full_name());
        self.reported.findings.push(Finding {
            rule: rule.id.clone(),
            title: title.into(),
            severity: rated.severity,
            confidence: confidence(component, rule.confidence),
            message: self.message(component, first.part, group, &rated, rule),
            path: component.path.clone(),
            address,
            start: text.place(component.span.start),
            end: text.place(component.span.end),
            fingerprint,
            span: component.span,
            file: id,
        });
    }

    /// What the group is reported by; none when that rule is not asked.
    fn rule(&self, group: &[&Match]) -> Option<&'r Rule> {
        if group.iter().any(|one| is_malicious(one)) {
            return self.rules.malicious;
        }
        let is_notice = |one: &&Match| matches!(&*one.advisory.informational, "unmaintained" | "notice");
        if group.iter().all(is_notice) { self.rules.unmaintained } else { self.rules.vulnerable }
    }

    fn message(&self, component: &Component, part: Part, group: &[&Match], rated: &Rated, rule: &Rule) -> String {
        let version = component.purl.version.as_deref().unwrap_or_default();
        let mut out = format!("{} {version}", component.purl.full_name());
        if let Some((source, of)) = component.source.as_ref().filter(|(source, _)| **source != *component.purl.name) {
            let _ = write!(out, " (of {source} {of})");
        }
        let summary = group.iter().map(|one| one.advisory.summary.trim()).find(|summary| !summary.is_empty());
        let _ = write!(out, ": {}", summary.unwrap_or(&rule.title).trim_end_matches('.'));
        let mut known: Vec<&str> = group.iter().flat_map(|one| names(one)).collect();
        // CVE first, then the others.
        known.sort_by_key(|name| (!name.starts_with("CVE-"), *name));
        known.dedup();
        let _ = write!(out, " ({}", known.join(", "));
        if !rated.because.is_empty() {
            let _ = write!(out, "; {}", rated.because);
        }
        out.push(')');
        if let Some(exploited) = group.iter().find_map(|one| one.exploited.as_ref()) {
            let _ = write!(out, "; exploited, as CISA knows since {}", exploited.added);
            if exploited.ransomware {
                out.push_str(", also for ransom");
            }
        }
        if let Some(one) = group.first() {
            let _ = write!(out, "; affected: {}", one.because);
        }
        match fixed(component, group) {
            _ if group.iter().any(|one| is_malicious(one)) => {
                out.push_str("; remove it, and replace every key that was on the machines that installed it");
            }
            Some(fixed) => {
                let _ = write!(out, "; fixed in {fixed}");
            }
            None => out.push_str("; no fixed version is told"),
        }
        self.way(component, part, &mut out);
        out
    }

    /// How it came in.
    fn way(&self, component: &Component, part: Part, out: &mut String) {
        let mut way = self.ways.to(part);
        if way.len() > 1 {
            let cut = way.len().saturating_sub(MAX_WAY);
            way.drain(1..=cut.min(way.len() - 2));
            let name = |part: &Part| {
                let of = self.inventory.components.get(*part).map(|component| &component.purl);
                of.map_or(String::new(), |of| {
                    format!("{} {}", of.full_name(), of.version.as_deref().unwrap_or_default())
                })
            };
            let named: Vec<String> = way.iter().map(name).collect();
            let gap = if cut > 0 { " > ..." } else { "" };
            let (first, rest) = named.split_at(1);
            let _ = write!(out, "; it came in by {}{gap} > {}", first.join(""), rest.join(" > "));
        } else if component.direct == Some(true) {
            out.push_str("; it is asked for directly");
        }
        match component.scope {
            Scope::Development => out.push_str("; for development only"),
            Scope::Optional => out.push_str("; optional"),
            Scope::Required | Scope::Unknown => {}
        }
    }

    fn undecided(&mut self, outcome: &Outcome) {
        let Some(rule) = self.rules.vulnerable else { return };
        for one in &outcome.undecided {
            let Some(component) = self.inventory.components.get(one.part) else { continue };
            let reason = if one.id.is_empty() { one.reason.clone() } else { format!("{}: {}", one.id, one.reason) };
            self.reported.undecided.push(Undecided {
                rule: rule.id.clone(),
                path: component.path.clone(),
                address: component.purl.to_string(),
                line: component.line.max(1),
                reason,
            });
        }
        for missed in &self.inventory.missed {
            self.reported.undecided.push(Undecided {
                rule: rule.id.clone(),
                path: missed.path.clone(),
                address: missed.name.to_string(),
                line: missed.line.max(1),
                reason: missed.reason.clone(),
            });
        }
    }
}

/// What fixes it. A version that one database calls fixed may still be affected for another: the highest of the lowest.
fn fixed<'m>(component: &Component, group: &[&'m Match]) -> Option<&'m String> {
    let order = ecosystem::of(&component.purl).and_then(|ecosystem| order::of(&ecosystem));
    let read = |said: &String| order.and_then(|order| order.read(said));
    let fixed = group.iter().filter_map(|one| one.fixed.first());
    fixed.max_by(|one, other| match (read(one), read(other)) {
        (Some(one), Some(other)) => one.compare(&other),
        _ => one.cmp(other),
    })
}

fn is_malicious(one: &Match) -> bool {
    names(one).any(|name| name.starts_with("MAL-"))
}

/// What identifies a weakness whichever database tells it.
fn weakness(group: &[&Match]) -> String {
    let all = || group.iter().flat_map(|one| names(one));
    let cve = all().filter(|name| name.starts_with("CVE-")).min();
    cve.or_else(|| group.iter().map(|one| one.advisory.id.as_str()).min()).unwrap_or_default().to_owned()
}

/// The worst that any of its advisories states; what is exploited is critical, and so is what was made to harm.
fn rated(group: &[&Match], rule: &Rule) -> Rated {
    let of = |one: &&Match| {
        let scores = if one.severity.is_empty() { &one.advisory.severity } else { &one.severity };
        severity::rate(scores, &one.advisory.rating)
    };
    let stated = group.iter().map(of).filter(|rated| !rated.because.is_empty()).max_by_key(|rated| rated.severity);
    let is_unsound = group.iter().all(|one| !one.advisory.informational.is_empty());
    let least = if is_unsound { Severity::Low } else { rule.severity };
    let mut rated = stated.unwrap_or(Rated { severity: least, because: String::new() });
    if group.iter().any(|one| one.exploited.is_some() || is_malicious(one)) {
        rated.severity = Severity::Critical;
    }
    rated
}

/// What is for development only is as bad, but mostly nothing that strangers reach; what is built with another Go than the
/// file names may not have its library.
fn confidence(component: &Component, of_rule: Confidence) -> Confidence {
    let is_less_sure = component.scope == Scope::Development || component.is_go_itself();
    if is_less_sure { of_rule.min(Confidence::Medium) } else { of_rule }
}
