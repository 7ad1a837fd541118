//! The numbers of levers, day by day: what a step gained.

use super::{Lever, day};
use crate::limits::{GAIN_WINDOW, MAX_CITED};
use crate::reports::time;
use anyhow::Result;
use ledger::{Act, AsOf, DecisionsAsked, Ledger, Person};
use model::{Decision, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The kind of decision that keeps a measure.
pub const LEVER: &str = "lever";
/// Who measures.
const BY: Person<'static> = Person("levers");

/// A number of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LeverMeasured)]
pub struct Measured {
    /// The number.
    pub number: u64,
    /// Of how many.
    pub of: Option<u64>,
    /// When.
    pub at: String,
    /// The decision that keeps it.
    pub decision: i64,
}

/// What a lever gained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LeverGain)]
pub struct Gain {
    /// Which lever.
    pub lever: String,
    /// The greatest number within the last 90 days before the newest.
    pub before: Measured,
    /// The newest number.
    pub now: Measured,
    /// Since when it is not greater than now.
    pub since: String,
    /// By how much it is smaller.
    pub gained: u64,
    /// All of it in words.
    pub text: String,
}

/// Keeps the number of each lever, once a day: measured again on the same day, nothing is written. What nobody could count
/// is not kept, since it is no number. Answers how many were written.
pub async fn measure(ledger: &Ledger, levers: &[Lever], dataset: &str, now: Nanos) -> Result<u64> {
    let act = |lever: &Lever| {
        let mut body = Map::new();
        body.insert("lever".to_owned(), lever.id.into());
        body.insert("number".to_owned(), lever.number.into());
        body.extend(lever.of.map(|of| ("of".to_owned(), of.into())));
        let facts: Vec<i64> = lever.rows.iter().flat_map(|row| row.facts.iter().copied()).take(MAX_CITED).collect();
        body.insert("facts".to_owned(), facts.into());
        let of_dataset = if dataset == model::DEFAULT_DATASET { String::new() } else { format!("{dataset}:") };
        let decision = Decision {
            key: format!("{LEVER}:{of_dataset}{}:{}", lever.id, day(now)),
            kind: LEVER.to_owned(),
            dataset: dataset.to_owned(),
            at: now,
            entity: None,
            reason: lever.title.clone(),
            owner: None,
            control: None,
            expires: None,
            cites: Vec::new(),
            body,
        };
        Act { decision, enqueue: None, moves: Vec::new(), notices: Vec::new() }
    };
    let acts: Vec<Act> = levers.iter().filter(|lever| !lever.unknown).map(act).collect();
    if acts.is_empty() {
        return Ok(0);
    }
    let acted = ledger.act(&acts, BY, now).await?;
    Ok(acts.len() as u64 - acted.repeated)
}

/// The levers whose number is smaller than it was, the greatest gain first. Each dataset is measured by itself; who sees
/// several sees their sum.
pub async fn gains(ledger: &Ledger, as_of: &AsOf) -> Result<Vec<Gain>> {
    let since = Some(as_of.valid.saturating_sub(GAIN_WINDOW));
    let asked = DecisionsAsked { since, ..DecisionsAsked::of(&[LEVER]) };
    // By lever and day, and of each dataset once a day.
    let mut all: BTreeMap<String, BTreeMap<String, Measured>> = BTreeMap::new();
    for kept in ledger.decisions(&asked, as_of).await? {
        let decision = kept.decision;
        let text = |name: &str| decision.body.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| decision.body.get(name).and_then(Value::as_u64);
        let (Some(lever), Some(count)) = (text("lever"), number("number")) else { continue };
        let one = Measured { number: count, of: number("of"), at: time(decision.at), decision: kept.id };
        all.entry(lever)
            .or_default()
            .entry(day(decision.at))
            .and_modify(|known| {
                known.number += one.number;
                known.of = known.of.zip(one.of).map(|(a, b)| a + b);
            })
            .or_insert(one);
    }
    let mut gains: Vec<Gain> = all.into_iter().filter_map(|(lever, days)| gain(lever, days)).collect();
    gains.sort_by(|a, b| b.gained.cmp(&a.gained).then_with(|| a.lever.cmp(&b.lever)));
    Ok(gains)
}

fn gain(lever: String, days: BTreeMap<String, Measured>) -> Option<Gain> {
    let mut days: Vec<Measured> = days.into_values().collect();
    let now = days.pop()?;
    // Of equal numbers the last: from there on it fell.
    let before = days.iter().enumerate().max_by_key(|(place, day)| (day.number, *place))?;
    let gained = before.1.number.checked_sub(now.number).filter(|gained| *gained > 0)?;
    let later = days.iter().rposition(|day| day.number > now.number)?;
    let since = days.get(later + 1).unwrap_or(&now).at.clone();
    let text =
        format!("from {} to {} since {}", before.1.number, now.number, since.chars().take(10).collect::<String>());
    Some(Gain { lever, before: before.1.clone(), since, gained, text, now })
}
