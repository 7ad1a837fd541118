//! "This helped": what people said of pages, kept as decisions of the ledger.

use crate::limits::MAX_NAME_BYTES;
use anyhow::{Result, ensure};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Ledger};
use model::{Cite, Decision, Nanos};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The kind of these decisions.
pub const KIND: &str = "page_helped";

/// A day of votes without an alert.
const DAY: Nanos = 24 * 3600 * 1_000_000_000;

/// How often pages helped, by page and rule. Who said so does not count.
#[derive(Clone, Debug, Default)]
pub struct Votes {
    helped: HashMap<(String, String), u32>,
}

impl Votes {
    /// Counts decisions.
    pub fn of(kept: &[KeptDecision]) -> Votes {
        let mut votes = Votes::default();
        for decision in kept.iter().map(|kept| &kept.decision).filter(|decision| decision.kind == KIND) {
            let text = |name: &str| decision.body.get(name).and_then(Value::as_str).unwrap_or_default();
            votes.add(text("page"), text("rule"));
        }
        votes
    }

    /// What the ledger knows.
    ///
    /// # Errors
    /// When the ledger cannot answer.
    pub async fn read(ledger: &Ledger, as_of: &AsOf) -> Result<Votes> {
        Ok(Votes::of(&ledger.decisions(&DecisionsAsked::of(&[KIND]), as_of).await?))
    }

    /// One more.
    pub fn add(&mut self, page: &str, rule: &str) {
        if !page.is_empty() {
            *self.helped.entry((page.to_owned(), rule.to_owned())).or_default() += 1;
        }
    }

    /// How often a page helped with alerts of a rule.
    pub fn count(&self, page: &str, rule: &str) -> u32 {
        self.helped.get(&(page.to_owned(), rule.to_owned())).copied().unwrap_or_default()
    }
}

/// A page that helped.
#[derive(Clone, Copy, Debug)]
pub struct Helped<'a> {
    /// Its id.
    pub page: &'a str,
    /// The rule of the alert, by the id that alerts have; empty when it helped without one. Such a vote is kept, and
    /// brings the page up nowhere.
    pub rule: &'a str,
    /// The service that it was about.
    pub service: Option<&'a str>,
    /// The alert, by its id in the ledger, if there was one.
    pub alert: Option<i64>,
    /// The dataset of the alert.
    pub dataset: &'a str,
}

impl Helped<'_> {
    /// The decision that keeps it. Of one alert a page has helped once, however often somebody says so; without an alert
    /// once a day for a rule.
    ///
    /// # Errors
    /// When a name is empty or too long.
    pub fn decision(&self, at: Nanos) -> Result<Decision> {
        let rule = if self.alert.is_none() && self.rule.is_empty() { "-" } else { self.rule };
        for (what, name) in [("page", self.page), ("rule", rule), ("service", self.service.unwrap_or("-"))] {
            ensure!(
                !name.is_empty() && name.len() <= MAX_NAME_BYTES,
                "`{what}` is empty or has more than {MAX_NAME_BYTES} bytes"
            );
        }
        let key = match self.alert {
            Some(alert) => format!("{KIND}:{alert}:{}", self.page),
            None => format!("{KIND}:{}:{}:{rule}:{}", self.dataset, at.div_euclid(DAY), self.page),
        };
        let mut body = Map::new();
        body.insert("page".to_owned(), self.page.into());
        body.insert("rule".to_owned(), self.rule.into());
        if let Some(service) = self.service {
            body.insert("service".to_owned(), service.into());
        }
        Ok(Decision {
            key,
            kind: KIND.to_owned(),
            dataset: self.dataset.to_owned(),
            at,
            entity: None,
            reason: format!("the page {} helped", self.page),
            owner: None,
            control: None,
            expires: None,
            cites: self.alert.map(Cite::Fact).into_iter().collect(),
            body,
        })
    }
}
