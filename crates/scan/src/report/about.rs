//! What is known of whatever may report something.

use crate::pack::Pack;
use crate::rules::{Confidence, Rule, Severity};
use crate::secrets::Detector;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of a rule, a detector or whatever else may report something.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Its name for ever.
    pub id: Arc<str>,
    /// One line.
    pub title: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Weaknesses by CWE's numbers.
    pub cwe: Vec<Arc<str>>,
    /// Controls by catalog.
    pub controls: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The text of its page.
    pub page: Option<Arc<str>>,
    /// Where its page is.
    pub file: Arc<str>,
}

/// A control, as far as whoever reads a finding needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// Where to ask.
    pub ask: String,
    /// Its name.
    pub name: String,
    /// The team that answers for it.
    pub owner: String,
    /// The day by which somebody asks again whether it is needed.
    pub review_by: String,
}

impl Behind {
    /// It in some words: `safe-images of security, asked again by 2027-06-01`.
    pub fn words(&self) -> String {
        let Behind { name, owner, review_by, .. } = self;
        format!("{name} of {owner}, asked again by {review_by}")
    }
}

/// Of all that were asked, by id.
#[derive(Clone, Debug, Default)]
pub struct Abouts {
    all: BTreeMap<Arc<str>, About>,
    /// Controls that stand behind them, as far as somebody needs to know.
    behind: BTreeMap<Arc<str>, Arc<Behind>>,
}

impl Abouts {
    /// Of rules, with their pages.
    pub fn of_rules(rules: &[Rule], pack: &Pack) -> Abouts {
        let mut all = Abouts::default();
        for rule in rules {
            all.add(About {
                id: rule.id.clone(),
                title: rule.title.clone(),
                severity: rule.severity,
                confidence: rule.confidence,
                cwe: rule.cwe.clone(),
                controls: rule.controls.clone(),
                page: pack
                    .page_of(&rule.file)
                    .map(|page| page.text.as_ref().into())
                    .or_else(|| crate::policies::explain(rule).map(Arc::from)),
                file: rule.file.clone(),
            });
        }
        all
    }

    /// Adds detectors of secrets, each with the page of its file.
    pub fn add_detectors<'d>(&mut self, detectors: impl IntoIterator<Item = &'d Detector>, pack: &Pack) {
        for detector in detectors {
            self.add(About {
                id: detector.id.clone(),
                title: detector.title.clone(),
                severity: detector.severity,
                confidence: detector.confidence,
                cwe: vec!["CWE-798".into()],
                controls: detector.controls(),
                page: pack.page_of(&detector.file).map(|page| page.text.as_ref().into()),
                file: detector.file.clone(),
            });
        }
    }

    /// Adds one; the first of an id stays.
    pub fn add(&mut self, about: About) {
        self.all.entry(about.id.clone()).or_insert(about);
    }

    /// Says which controls stand behind these.
    pub fn stand_behind<'i>(
        &mut self,
        ids: impl IntoIterator<Item = &'i Arc<str>>,
        behind: impl Fn(&str) -> Option<Arc<Behind>>,
    ) {
        for id in ids {
            if !self.behind.contains_key(id)
                && let Some(behind) = behind(id)
            {
                self.behind.insert(id.clone(), behind);
            }
        }
    }

    /// The control that stands behind one.
    pub fn behind(&self, id: &str) -> Option<&Behind> {
        self.behind.get(id).map(|behind| &**behind)
    }

    /// The one of an id.
    pub fn get(&self, id: &str) -> Option<&About> {
        self.all.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &About> {
        self.all.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl About {
    /// The control behind it, for a line that has little room: those of NIST 800-53, else the weakness.
    pub fn control(&self) -> String {
        let ids = self.controls.get("nist-800-53").unwrap_or(&self.cwe);
        ids.iter().map(|id| &**id).collect::<Vec<_>>().join(", ")
    }

    /// Weaknesses and controls on one line; empty when none is named.
    pub fn reasons(&self) -> String {
        let controls = self.controls.iter().map(|(catalog, ids)| format!("{catalog}: {}", ids.join(", ")));
        self.cwe.iter().map(|cwe| cwe.to_string()).chain(controls).collect::<Vec<_>>().join("; ")
    }
}
