//! How urgent a finding is: a sum of terms, each shown with its value and weight, so that nobody has to believe it.

use serde::Serialize;

/// What is known of a finding that makes it urgent or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// It is known to be exploited; nothing when nobody looked.
    pub exploited: Option<bool>,
    /// `critical`, `high`, `medium`, `low`, `info`.
    pub severity: String,
    /// In how many places it runs now.
    pub running: usize,
    /// Other machines reach it where it runs; nothing when that is not known.
    pub exposed: Option<bool>,
    /// How much what it is in matters: `1`, `critical`, `production`; nothing when nobody said.
    pub tier: Option<String>,
    /// There is a version, or a text, that mends it.
    pub fix: Option<bool>,
}

/// One term of a rank.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = RankTerm)]
pub struct Term {
    /// `exploited`, `severity`, `running`, `exposed`, `tier`, `fix`.
    pub name: &'static str,
    /// Between 0 and 1.
    pub value: f64,
    /// What it counts at most.
    pub weight: f64,
    /// Value times weight.
    pub points: f64,
    /// Why it has this value.
    pub because: String,
}

/// How urgent a finding is, from 0 to 100.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Rank {
    /// The sum of all points.
    pub score: f64,
    /// The terms, always all of them.
    pub terms: Vec<Term>,
}

/// What is not known counts this much: neither harmless nor certain.
const UNKNOWN: f64 = 0.3;

/// Ranks a finding. The weights are together 100: what is exploited and runs comes before what is only severe.
pub fn rank(signals: &Signals) -> Rank {
    let terms = vec![
        term("exploited", 30.0, exploited(signals)),
        term("severity", 25.0, severity(signals)),
        term("running", 20.0, running(signals)),
        term("exposed", 10.0, exposed(signals)),
        term("tier", 10.0, tier(signals)),
        term("fix", 5.0, fix(signals)),
    ];
    let score = terms.iter().map(|term| term.points).sum::<f64>();
    Rank { score: (score * 10.0).round() / 10.0, terms }
}

fn term(name: &'static str, weight: f64, (value, because): (f64, String)) -> Term {
    Term { name, value, weight, points: value * weight, because }
}

fn exploited(signals: &Signals) -> (f64, String) {
    match signals.exploited {
        Some(true) => (1.0, "it is known to be exploited".to_owned()),
        Some(false) => (0.0, "it is not known to be exploited".to_owned()),
        // Most weaknesses never are: what nobody looked up is not half exploited.
        None => (0.0, "nobody looked up whether it is exploited".to_owned()),
    }
}

fn severity(signals: &Signals) -> (f64, String) {
    let value = match signals.severity.as_str() {
        "critical" => 1.0,
        "high" => 0.7,
        "medium" => 0.4,
        "low" => 0.15,
        _ => 0.0,
    };
    (value, format!("its severity is {}", signals.severity))
}

fn running(signals: &Signals) -> (f64, String) {
    match signals.running {
        0 => (0.0, "it runs nowhere, as far as is known".to_owned()),
        1 => (1.0, "it runs in one place".to_owned()),
        places => (1.0, format!("it runs in {places} places")),
    }
}

fn exposed(signals: &Signals) -> (f64, String) {
    match signals.exposed {
        Some(true) => (1.0, "other machines reach it where it runs".to_owned()),
        Some(false) => (0.0, "no other machine reaches it where it runs".to_owned()),
        None => (UNKNOWN, "it is not known whether other machines reach it".to_owned()),
    }
}

fn tier(signals: &Signals) -> (f64, String) {
    let Some(said) = &signals.tier else { return (UNKNOWN, "nobody said how much it matters".to_owned()) };
    let word = said.trim().to_ascii_lowercase();
    let value = match word.trim_start_matches("tier").trim_start_matches(['-', '_', ' ']) {
        "0" | "1" | "critical" | "production" | "prod" | "live" | "gold" => 1.0,
        "2" | "high" | "silver" => 0.7,
        "3" | "medium" | "staging" | "bronze" => 0.4,
        "4" | "5" | "low" | "development" | "dev" | "test" | "experimental" | "deprecated" => 0.1,
        _ => UNKNOWN,
    };
    (value, format!("its tier is {said}"))
}

fn fix(signals: &Signals) -> (f64, String) {
    match signals.fix {
        Some(true) => (1.0, "there is a fix".to_owned()),
        Some(false) => (0.0, "there is no fix yet".to_owned()),
        None => (UNKNOWN, "it is not known whether there is a fix".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn worst() -> Signals {
        Signals {
            exploited: Some(true),
            severity: "critical".to_owned(),
            running: 2,
            exposed: Some(true),
            tier: Some("tier-1".to_owned()),
            fix: Some(true),
        }
    }

    #[test]
    fn the_worst_has_all_points_and_each_term_says_why() {
        let worst = rank(&worst());
        assert_eq!(worst.score, 100.0);
        assert_eq!(worst.terms.iter().map(|term| term.weight).sum::<f64>(), 100.0);
        let names: Vec<_> = worst.terms.iter().map(|term| term.name).collect();
        assert_eq!(names, ["exploited", "severity", "running", "exposed", "tier", "fix"]);
        let none = rank(&Signals {
            exploited: Some(false),
            severity: "info".to_owned(),
            exposed: Some(false),
            tier: None,
            fix: Some(false),
            running: 0,
        });
        assert_eq!(none.score, 3.0, "nobody said how much it matters");
        assert!(none.terms.iter().all(|term| !term.because.is_empty()));
    }

    #[test]
    fn what_is_exploited_and_runs_comes_before_what_is_only_severe() {
        let severe = rank(&Signals { exploited: None, running: 0, exposed: None, tier: None, ..worst() });
        let exploited = rank(&Signals { severity: "medium".to_owned(), exposed: None, tier: None, ..worst() });
        assert!(exploited.score > severe.score, "{exploited:?} {severe:?}");
    }

    proptest! {
        #[test]
        fn more_of_anything_is_never_less_urgent(
            exploited in proptest::option::of(any::<bool>()), severity in 0usize..5, running in 0usize..4,
            exposed in proptest::option::of(any::<bool>()), fix in proptest::option::of(any::<bool>()),
        ) {
            let severities = ["info", "low", "medium", "high", "critical"];
            let signals = Signals {
                exploited, severity: severities[severity].to_owned(), running, exposed, tier: None, fix,
            };
            let score = rank(&signals).score;
            prop_assert!((0.0..=100.0).contains(&score));
            let more = [
                Signals { exploited: Some(true), ..signals.clone() },
                Signals { severity: "critical".to_owned(), ..signals.clone() },
                Signals { running: running + 1, ..signals.clone() },
                Signals { exposed: Some(true), ..signals.clone() },
                Signals { tier: Some("1".to_owned()), ..signals.clone() },
                Signals { fix: Some(true), ..signals },
            ];
            for signals in more {
                prop_assert!(rank(&signals).score >= score, "{signals:?}");
            }
        }
    }
}
