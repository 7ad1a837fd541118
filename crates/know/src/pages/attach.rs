//! Which page is for an alert or an incident.
//!
//! What people wrote down comes before what words suggest: a page that the alert names, one that names the rule, one
//! that names the alert, one for the technique, a runbook for the service, and then the runbooks and notes whose words
//! are most alike. Notes on a service count by their words alone, since a service has many of them.

use super::front::technique;
use super::page::{Kind, Origin, Page};
use super::search::Index;
use super::shelf::Shelf;
use super::text::cut_bytes;
use super::votes::Votes;
use crate::limits::{MAX_ATTACHED, MAX_LINK_PARTS, MAX_QUESTION_BYTES};
use model::Alert;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Where the pages of built-in rules are, in what their alerts name as their runbook.
const RULES: &str = "rules/detect/";
/// What the title says counts so much more than what the text does.
const TITLE: f32 = 2.0;
/// Pages that are looked at by their words.
const ALIKE: usize = 20;

/// What has to be known of an alert, incident or finding.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlertLike<'a> {
    /// The rule's id, as alerts have it.
    pub rule: &'a str,
    /// The rule's title.
    pub title: &'a str,
    /// The rule's tags; those such as `attack.t1110.001` are techniques.
    pub tags: &'a [String],
    /// What it names as its runbook.
    pub runbook: Option<&'a str>,
    /// What it is about, such as `host:web-1`.
    pub entity: Option<&'a str>,
    /// The service that it is about.
    pub service: Option<&'a str>,
    /// What else it says.
    pub text: &'a str,
}

impl<'a> AlertLike<'a> {
    /// Of an alert. `entity` is its thing as text.
    pub fn of(alert: &'a Alert, entity: Option<&'a str>) -> AlertLike<'a> {
        let service = alert.entity.as_ref().filter(|entity| entity.kind == "service").map(|entity| entity.key.as_str());
        AlertLike {
            rule: &alert.rule,
            title: &alert.title,
            tags: &alert.tags,
            runbook: alert.runbook.as_deref(),
            entity,
            service,
            text: &alert.why,
        }
    }

    /// `linux/sudoers_changed`, when its page says that it is a built-in rule.
    fn built_in(&self) -> Option<&'a str> {
        let path = self.runbook?.split('#').next()?;
        let (_, path) = path.split_once(RULES)?;
        path.strip_suffix(".md")
    }
}

/// Why a page is attached, the best reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunbookWhy)]
pub enum Why {
    /// The alert names the page.
    Link,
    /// The page names the rule.
    Rule,
    /// The page names the alert.
    AlertName,
    /// The page is for the technique.
    Technique,
    /// The runbook is for the service.
    Service,
    /// Its words are alike.
    Text,
}

/// A page for an alert.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The page.
    pub page: Arc<Page>,
    /// Why.
    pub why: Why,
    /// How often it helped with alerts of this rule.
    pub helped: u32,
    /// How alike the words are, and how well the technique fits; comparable within one answer and reason.
    pub score: f32,
}

impl Shelf {
    /// The pages for an alert, the best first, at most `MAX_ATTACHED`.
    pub fn attach(&self, alert: &AlertLike<'_>, votes: &Votes) -> Vec<Attached> {
        self.with(|pages, names, index| attach(pages, names, index, alert, votes))
    }
}

/// Pages by what they name, so that an alert looks at those alone that may be for it.
#[derive(Debug, Default)]
pub(super) struct Names {
    of: HashMap<String, Vec<Arc<Page>>>,
}

impl Names {
    /// Of all pages.
    pub(super) fn of<'p>(pages: impl Iterator<Item = &'p Arc<Page>>) -> Names {
        let mut names = Names::default();
        for page in pages {
            let wholes =
                page.techniques.iter().filter_map(|name| name.split_once('.')).map(|(whole, _)| whole.to_owned());
            let all = [&page.rules, &page.services, &page.techniques].into_iter().flatten().cloned();
            let alerts = page.alerts.iter().map(|title| title.trim().to_ascii_lowercase());
            for name in all.chain(wholes).chain(alerts) {
                names.of.entry(name).or_default().push(page.clone());
            }
        }
        names
    }

    fn get(&self, name: &str) -> &[Arc<Page>] {
        self.of.get(name).map_or(&[], Vec::as_slice)
    }

    /// Pages that may be for an alert.
    fn candidates<'n>(&'n self, alert: &AlertLike<'_>, techniques: &[String]) -> impl Iterator<Item = &'n Arc<Page>> {
        let title = alert.title.trim().to_ascii_lowercase();
        let rule = alert.built_in().unwrap_or_default();
        let stem = rule.rsplit('/').next().unwrap_or_default();
        let names = [alert.rule, rule, stem, alert.service.unwrap_or_default(), &title].map(str::to_owned);
        let wholes = techniques.iter().filter_map(|name| name.split_once('.')).map(|(whole, _)| whole.to_owned());
        let all: BTreeSet<String> = names.into_iter().chain(techniques.iter().cloned()).chain(wholes).collect();
        all.into_iter().flat_map(|name| self.get(&name))
    }
}

/// Pages that a link may mean: those whose id it ends with.
fn linked<'p>(pages: &'p BTreeMap<String, Arc<Page>>, link: &str) -> impl Iterator<Item = &'p Arc<Page>> {
    let link = link.split(['#', '?']).next().unwrap_or_default();
    let ends = std::iter::once(0).chain(link.match_indices('/').map(|(at, _)| at + 1));
    ends.take(MAX_LINK_PARTS).filter_map(|at| pages.get(&link[at..])).collect::<Vec<_>>().into_iter()
}

fn attach(
    pages: &BTreeMap<String, Arc<Page>>,
    names: &Names,
    index: &Index,
    alert: &AlertLike<'_>,
    votes: &Votes,
) -> Vec<Attached> {
    let alike = alike(index, alert);
    let techniques: Vec<String> =
        alert.tags.iter().map(|tag| technique(tag)).filter(|name| is_technique(name)).collect();
    let by_words = alike.keys().filter_map(|id| pages.get(id));
    let by_link = alert.runbook.into_iter().flat_map(|link| linked(pages, link));
    let all = names.candidates(alert, &techniques).chain(by_words).chain(by_link);
    let candidates: BTreeMap<&str, &Arc<Page>> = all.map(|page| (page.id.as_str(), page)).collect();
    let mut attached: Vec<Attached> = Vec::new();
    for page in candidates.into_values().filter(|page| matches!(page.kind, Kind::Runbook | Kind::Note | Kind::Review)) {
        let words = alike.get(page.id.as_str()).copied();
        let Some((why, fit)) = named(page, alert, &techniques).or(words.map(|_| (Why::Text, 0.0))) else { continue };
        let helped = votes.count(&page.id, alert.rule);
        let score = fit * 1_000.0 + words.unwrap_or_default();
        // Words only suggest, so a page that helped may pass others that are not much more alike.
        let score = if why == Why::Text { score * (1.0 + (1.0 + helped as f32).ln()) } else { score };
        attached.push(Attached { page: page.clone(), why, helped, score });
    }
    attached.sort_by(order);
    attached.truncate(MAX_ATTACHED);
    attached
}

/// Whether a page names what the alert is, and how well it fits among those that do for the same reason.
fn named(page: &Page, alert: &AlertLike<'_>, techniques: &[String]) -> Option<(Why, f32)> {
    if alert.runbook.is_some_and(|link| links_to(link, page)) {
        return Some((Why::Link, 0.0));
    }
    let is_rule = |name: &String| {
        let built_in = alert.built_in().is_some_and(|rule| name == rule || rule.rsplit('/').next() == Some(name));
        !alert.rule.is_empty() && name == alert.rule || built_in
    };
    if page.rules.iter().any(is_rule) {
        return Some((Why::Rule, 0.0));
    }
    if page.alerts.iter().any(|name| !name.is_empty() && name.trim().eq_ignore_ascii_case(alert.title.trim())) {
        return Some((Why::AlertName, 0.0));
    }
    let fits: u16 = techniques
        .iter()
        .map(|technique| page.techniques.iter().map(|own| fit(technique, own)).max().unwrap_or_default())
        .sum();
    if fits > 0 {
        return Some((Why::Technique, f32::from(fits)));
    }
    let for_service = alert.service.is_some_and(|service| page.services.iter().any(|own| own == service));
    (for_service && page.kind == Kind::Runbook).then_some((Why::Service, 0.0))
}

/// How well two techniques fit: the same, or one a part of the other.
fn fit(a: &str, b: &str) -> u16 {
    let part = |whole: &str, part: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    match () {
        () if a == b => 3,
        () if part(b, a) || part(a, b) => 1,
        () => 0,
    }
}

fn is_technique(name: &str) -> bool {
    name.strip_prefix('T')
        .is_some_and(|digits| digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// Whether a link of an alert means the page: its id, or an address or path that ends with it.
fn links_to(link: &str, page: &Page) -> bool {
    let link = link.split(['#', '?']).next().unwrap_or_default();
    let before = link.strip_suffix(page.id.as_str());
    page.origin != Origin::BuiltIn && before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        || link.strip_prefix("knowledge/").unwrap_or(link) == page.id
}

fn alike(index: &Index, alert: &AlertLike<'_>) -> HashMap<String, f32> {
    let kinds = [Kind::Runbook, Kind::Note, Kind::Review].map(Kind::name);
    let service = alert.service.unwrap_or_default();
    let title = format!("{} {service}", apart(alert.title));
    let text = format!("{} {}", alert.entity.unwrap_or_default(), cut_bytes(alert.text, MAX_QUESTION_BYTES / 2));
    let mut scores: HashMap<String, f32> = HashMap::new();
    for (question, weight) in [(&title, TITLE), (&text, 1.0)] {
        for (document, score) in index.alike(question, &kinds, ALIKE) {
            *scores.entry(document.id.clone()).or_default() += weight * score;
        }
    }
    scores
}

/// A title with the words apart that a name such as `KubePodCrashLooping` has run together.
fn apart(title: &str) -> String {
    let mut apart = String::with_capacity(title.len() + 8);
    let mut before = [' ', ' '];
    for c in title.chars() {
        if c.is_uppercase() && before[1].is_lowercase() {
            apart.push(' ');
        } else if c.is_lowercase() && before[1].is_uppercase() && before[0].is_uppercase() {
            // The last of several capitals begins the next word.
            let last = apart.pop();
            apart.push(' ');
            apart.extend(last);
        }
        apart.push(c);
        before = [before[1], c];
    }
    apart
}

/// The best reason first; of the same the one that helped, then runbooks, own pages, likeness.
fn order(a: &Attached, b: &Attached) -> Ordering {
    let helped = if a.why == Why::Text { Ordering::Equal } else { b.helped.cmp(&a.helped) };
    let text = a.why == Why::Text;
    let kind = if text { Ordering::Equal } else { a.page.kind.cmp(&b.page.kind) };
    let built_in = |one: &Attached| !text && one.page.origin == Origin::BuiltIn;
    let by_fit = |one: &Attached| (one.score / 1_000.0).floor() as i64;
    a.why
        .cmp(&b.why)
        .then(helped)
        .then(kind)
        .then(by_fit(b).cmp(&by_fit(a)))
        .then(built_in(a).cmp(&built_in(b)))
        .then(b.score.total_cmp(&a.score))
        .then_with(|| a.page.id.cmp(&b.page.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        assert_eq!(apart("KubePodCrashLooping"), "Kube Pod Crash Looping");
        assert_eq!(apart("TLSCertificateEnds in 5d"), "TLS Certificate Ends in 5d");
        assert_eq!(apart("A disk"), "A disk");
    }

    #[test]
    fn techniques_fit_by_their_parts() {
        assert!(is_technique("T1110.001") && !is_technique("EXECUTION") && !is_technique("T1"));
        assert_eq!((fit("T1110", "T1110"), fit("T1110.001", "T1110"), fit("T1110", "T11101")), (3, 1, 0));
    }
}
