//! The ledger of rules: what each said to each team, what came of it, and what is proposed about it. It counts rules, never
//! people.

use crate::limits::ENOUGH_ALERTS;
use ledger::{Hidden, Outcome, Record, State};
use model::{Level, Nanos};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is proposed about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Advice {
    /// Make it say less, or something else.
    Tune,
    /// Switch it off.
    Retire,
}

/// A proposal with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RuleProposal)]
pub struct Proposal {
    /// What.
    pub advice: Advice,
    /// Why, with the numbers.
    pub why: String,
}

/// What became of a rule's alerts for one team.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RuleScore {
    /// The rule.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// The team; empty for what nobody owns.
    pub team: String,
    /// The worst that it said.
    pub level: Level,
    /// Alerts.
    pub alerts: u64,
    /// How often it fired, with the repeats that rolled up.
    pub fired: u64,
    /// Alerts of which people were told one by one.
    pub notified: u64,
    /// Alerts that somebody did something with.
    pub acted: u64,
    /// Alerts that nobody did anything with until they were over.
    pub ignored: u64,
    /// Resolved as what the rule says.
    pub confirmed: u64,
    /// Resolved as meant to be.
    pub benign: u64,
    /// Resolved as wrong.
    #[serde(rename = "false")]
    pub wrong: u64,
    /// Half of those acted on were so within this time, in seconds.
    pub median_seconds_to_acknowledge: Option<f64>,
    /// How often it fired and was hidden.
    pub suppressed: u64,
    /// Minutes that playbooks saved.
    pub minutes_saved: i64,
    /// What is proposed.
    pub proposal: Option<Proposal>,
}

/// By rule and team, the noisiest first. What a worse alert said already counts for nothing.
pub fn scores(records: &[Record], hidden: &[Hidden]) -> Vec<RuleScore> {
    let mut all: BTreeMap<(String, String), (RuleScore, Vec<Nanos>)> = BTreeMap::new();
    for record in records.iter().filter(|record| record.outcome != Some(Outcome::Escalated)) {
        let (score, times) = all
            .entry((record.rule.clone(), record.team.clone()))
            .or_insert_with(|| (empty(&record.rule, &record.team), Vec::new()));
        score.title.clone_from(&record.title);
        score.level = score.level.max(record.level);
        score.fired += record.firings;
        score.minutes_saved += record.saved;
        if record.inhibited {
            continue;
        }
        score.alerts += 1;
        score.notified += u64::from(record.notified);
        if let Some(acted) = record.acted {
            score.acted += 1;
            times.push(acted - record.opened);
        }
        let over = record.state == State::Resolved;
        match record.outcome {
            Some(Outcome::True) => score.confirmed += 1,
            Some(Outcome::Benign) => score.benign += 1,
            Some(Outcome::False) => score.wrong += 1,
            _ if over && record.acted.is_none() => score.ignored += 1,
            _ => {}
        }
    }
    for hidden in hidden {
        let key = (hidden.rule.clone(), hidden.team.clone());
        let (score, _) = all.entry(key).or_insert_with(|| (empty(&hidden.rule, &hidden.team), Vec::new()));
        score.suppressed += hidden.firings;
    }
    let finish = |(mut score, mut times): (RuleScore, Vec<Nanos>)| {
        times.sort_unstable();
        score.median_seconds_to_acknowledge = times.get(times.len() / 2).map(|nanos| *nanos as f64 / 1e9);
        score.proposal = propose(&score);
        score
    };
    let mut scores: Vec<RuleScore> = all.into_values().map(finish).collect();
    scores.sort_by(|a, b| b.alerts.cmp(&a.alerts).then_with(|| (&a.rule, &a.team).cmp(&(&b.rule, &b.team))));
    scores
}

fn empty(rule: &str, team: &str) -> RuleScore {
    RuleScore {
        rule: rule.to_owned(),
        title: rule.to_owned(),
        team: team.to_owned(),
        level: Level::Informational,
        alerts: 0,
        fired: 0,
        notified: 0,
        acted: 0,
        ignored: 0,
        confirmed: 0,
        benign: 0,
        wrong: 0,
        median_seconds_to_acknowledge: None,
        suppressed: 0,
        minutes_saved: 0,
        proposal: None,
    }
}

/// What the numbers say; nothing while there are too few of them.
fn propose(score: &RuleScore) -> Option<Proposal> {
    let proposal = |advice, why| Some(Proposal { advice, why });
    let useless = score.wrong + score.ignored;
    let judged = score.confirmed + score.benign + useless;
    if judged >= ENOUGH_ALERTS {
        if score.confirmed == 0 && useless * 5 >= judged * 4 {
            let why =
                format!("of {judged} alerts {} were false and {} ignored, none was true", score.wrong, score.ignored);
            return proposal(Advice::Retire, why);
        }
        if useless * 2 >= judged {
            let why = format!("of {judged} alerts {} were false and {} ignored", score.wrong, score.ignored);
            return proposal(Advice::Tune, why);
        }
        if score.benign * 2 >= judged {
            let why = format!("of {judged} alerts {} were meant to happen", score.benign);
            return proposal(Advice::Tune, why);
        }
    }
    let all = score.fired + score.suppressed;
    if all >= ENOUGH_ALERTS && score.suppressed * 2 >= all {
        let why = format!("of {all} times that it fired {} were suppressed", score.suppressed);
        return proposal(Advice::Tune, why);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(outcome: Option<Outcome>, acted: Option<Nanos>) -> Record {
        Record {
            rule: "r".to_owned(),
            title: "R".to_owned(),
            team: "shop".to_owned(),
            level: Level::Medium,
            opened: 0,
            acted,
            state: if outcome.is_some() { State::Resolved } else { State::Open },
            outcome,
            firings: 3,
            saved: 5,
            inhibited: false,
            notified: true,
        }
    }

    #[test]
    fn the_numbers_of_a_rule_add_up() {
        let second = 1_000_000_000;
        let records = [
            record(Some(Outcome::True), Some(60 * second)),
            record(Some(Outcome::False), Some(30 * second)),
            record(Some(Outcome::Ignored), None),
            record(Some(Outcome::Ended), None),
            record(Some(Outcome::Escalated), None),
            record(None, None),
            Record { inhibited: true, ..record(None, None) },
        ];
        let hidden = Hidden { by: 1, rule: "r".to_owned(), team: "shop".to_owned(), firings: 7, events: 9 };
        let scores = scores(&records, &[hidden]);
        let [score] = &scores[..] else { panic!("{scores:?}") };
        assert_eq!((score.alerts, score.fired, score.acted, score.ignored), (5, 18, 2, 2));
        assert_eq!((score.confirmed, score.wrong, score.suppressed), (1, 1, 7));
        assert_eq!((score.median_seconds_to_acknowledge, score.minutes_saved), (Some(60.0), 30));
        assert_eq!(score.proposal, None, "too few to say anything");
    }

    #[test]
    fn proposals_have_their_numbers() {
        let of = |outcome: Outcome, many: usize| vec![record(Some(outcome), None); many];
        let advice = |records: Vec<Record>| scores(&records, &[]).remove(0).proposal;
        let retire = advice([of(Outcome::False, 9), of(Outcome::Ignored, 2)].concat()).unwrap();
        assert_eq!(retire.advice, Advice::Retire);
        assert_eq!(retire.why, "of 11 alerts 9 were false and 2 ignored, none was true");
        let tune = advice([of(Outcome::False, 9), of(Outcome::True, 2)].concat()).unwrap();
        assert_eq!(tune.advice, Advice::Tune);
        assert_eq!(advice([of(Outcome::False, 3), of(Outcome::True, 9)].concat()), None);
        assert_eq!(advice(of(Outcome::False, 9)), None);
        let hidden = Hidden { by: 1, rule: "r".to_owned(), team: "shop".to_owned(), firings: 40, events: 9 };
        let tune = scores(&of(Outcome::True, 2), &[hidden]).remove(0).proposal.unwrap();
        assert_eq!(tune.why, "of 46 times that it fired 40 were suppressed");
    }
}
