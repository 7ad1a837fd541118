//! Rules that nobody acts on, and suppressions that hide most. Rules are counted, never people.

use super::{Counted, Row};
use crate::limits::{ENOUGH_ALERTS, NOISE_SHARE};
use anyhow::Result;
use ledger::{AsOf, Kind, Ledger, Order, Outcome, Record, Wanted};
use model::Nanos;
use std::collections::BTreeMap;

/// Alerts that a row cites; the number of rows is that of rules.
const CITED_ALERTS: usize = 20;

#[derive(Default)]
struct Rule {
    title: String,
    team: String,
    alerts: u64,
    acted: u64,
}

pub(super) async fn counted(ledger: &Ledger, as_of: &AsOf, since: Nanos) -> Result<Vec<(&'static str, Counted)>> {
    let records = ledger.records(since, as_of).await?;
    let rules = by_rule(&records);
    let total: u64 = rules.values().map(|rule| rule.alerts).sum();
    let loud = most(rules.iter().map(|(name, rule)| (name.clone(), rule.alerts)).collect());
    let mut rows = Vec::new();
    for name in &loud {
        let rule = &rules[name];
        if rule.acted > 0 || rule.alerts < ENOUGH_ALERTS {
            continue;
        }
        let wanted = Wanted {
            kinds: vec![Kind::Alert],
            rule: Some(name.clone()),
            since: Some(since),
            order: Order::Opened,
            limit: Some(CITED_ALERTS),
            ..Wanted::default()
        };
        let facts = ledger.queue(&wanted, as_of).await?.rows.into_iter().map(|kept| kept.id).collect();
        rows.push(Row {
            entity: None,
            what: format!("{name} ({}): {} of {total} alerts, nobody acted on one", rule.title, rule.alerts),
            team: Some(rule.team.clone()).filter(|team| !team.is_empty()),
            facts,
        });
    }
    let noisy = Counted { rows, ..Counted::default() };
    Ok(vec![("noisy-rules", noisy), ("suppressions-hiding-most", hiding(ledger, as_of, since).await?)])
}

/// What a worse alert said already counts for nothing.
fn by_rule(records: &[Record]) -> BTreeMap<String, Rule> {
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    for record in records {
        if record.inhibited || record.outcome == Some(Outcome::Escalated) {
            continue;
        }
        let rule = rules.entry(record.rule.clone()).or_default();
        rule.title.clone_from(&record.title);
        rule.team.clone_from(&record.team);
        rule.alerts += 1;
        rule.acted += u64::from(record.acted.is_some());
    }
    rules
}

/// The fewest that make together the share of noise, the largest first.
fn most<K: Ord + Clone>(mut all: Vec<(K, u64)>) -> Vec<K> {
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let total: u64 = all.iter().map(|(_, number)| number).sum();
    let (mut sum, mut chosen) = (0, Vec::new());
    for (name, number) in all {
        if number == 0 || sum as f64 >= total as f64 * NOISE_SHARE {
            break;
        }
        sum += number;
        chosen.push(name);
    }
    chosen
}

async fn hiding(ledger: &Ledger, as_of: &AsOf, since: Nanos) -> Result<Counted> {
    let mut by: BTreeMap<i64, (u64, BTreeMap<String, u64>)> = BTreeMap::new();
    for hidden in ledger.hidden(since, as_of).await? {
        let known = by.entry(hidden.by).or_default();
        known.0 += hidden.firings;
        *known.1.entry(hidden.rule).or_default() += hidden.firings;
    }
    let total: u64 = by.values().map(|(firings, _)| firings).sum();
    let hiding = most(by.iter().map(|(id, (firings, _))| (*id, *firings)).collect());
    let kept = ledger.kept(&hiding, as_of).await?;
    let mut rows = Vec::new();
    for id in hiding {
        let (firings, rules) = &by[&id];
        let one = kept.iter().find(|kept| kept.id == id);
        // What has ended hides nothing more.
        if one.is_some_and(|kept| kept.until.is_some_and(|until| until <= as_of.valid) || kept.closed.is_some()) {
            continue;
        }
        let rules: Vec<&str> = rules.keys().take(3).map(String::as_str).collect();
        rows.push(Row {
            entity: one.and_then(|kept| kept.entity.as_ref()).map(ToString::to_string),
            what: format!("suppression {id} hid {firings} of {total} firings: {}", rules.join(", ")),
            team: one.and_then(|kept| kept.owner.as_ref()).map(|team| team.key.clone()),
            facts: vec![id],
        });
    }
    Ok(Counted { rows, of: Some(by.len() as u64), ..Counted::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_that_make_most() {
        assert_eq!(most(vec![("a", 10), ("b", 50), ("c", 35), ("d", 5)]), ["b", "c"]);
        assert_eq!(most(vec![("b", 1), ("a", 1)]), ["a", "b"]);
        assert_eq!(most(Vec::<(&str, u64)>::new()), Vec::<&str>::new());
        assert_eq!(most(vec![("a", 0)]), Vec::<&str>::new());
    }
}
