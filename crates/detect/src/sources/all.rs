//! Rules and correlations together.

use super::Sources;
use crate::limits::MAX_CHAIN;
use crate::rule::{Correlation, LogSource, Meta, Rule};
use std::collections::BTreeMap;

impl Sources {
    /// Fills in where the fields of rules and of the correlations over them are.
    pub fn resolve_all(&self, rules: &mut [Rule], correlations: &mut [Correlation]) {
        rules.iter_mut().for_each(|rule| self.resolve(rule));
        let mut of: BTreeMap<String, Vec<LogSource>> = BTreeMap::new();
        for rule in rules.iter() {
            for name in names(&rule.meta) {
                of.entry(name.clone()).or_default().push(rule.source.clone());
            }
        }
        // A correlation of correlations sees what those below it see.
        for _ in 0..MAX_CHAIN {
            let grown = correlations.iter().filter(|correlation| inherit(correlation, &mut of)).count();
            if grown == 0 {
                break;
            }
        }
        for correlation in correlations {
            self.resolve_correlation(correlation, |name| of.get(name).cloned().unwrap_or_default());
        }
    }
}

/// What others call a rule by.
fn names(meta: &Meta) -> impl Iterator<Item = &String> {
    [Some(&meta.id), meta.name.as_ref()].into_iter().flatten()
}

/// Notes what the rules of a correlation see as what it sees; whether there was anything new.
fn inherit(correlation: &Correlation, of: &mut BTreeMap<String, Vec<LogSource>>) -> bool {
    let below: Vec<LogSource> = correlation.rules.iter().filter_map(|name| of.get(name)).flatten().cloned().collect();
    let mut grown = false;
    for name in names(&correlation.meta) {
        let known = of.entry(name.clone()).or_default();
        for source in &below {
            if !known.contains(source) {
                known.push(source.clone());
                grown = true;
            }
        }
    }
    grown
}
