//! From what several streams say of a finding to where it stands.

use model::Nanos;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FindingState {
    /// The newest scan saw it for the first time.
    New,
    /// It is there since an earlier scan.
    Open,
    /// It had been fixed, and is there again.
    Back,
    /// It is gone.
    Fixed,
}

impl FindingState {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            FindingState::New => "new",
            FindingState::Open => "open",
            FindingState::Back => "back",
            FindingState::Fixed => "fixed",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<FindingState> {
        [FindingState::New, FindingState::Open, FindingState::Back, FindingState::Fixed]
            .into_iter()
            .find(|state| state.name() == name)
    }

    /// Whether the weakness is there.
    pub fn is_open(self) -> bool {
        self != FindingState::Fixed
    }
}

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FindingStepKind)]
pub enum StepKind {
    /// It was found.
    Found,
    /// It was gone.
    Fixed,
    /// It was found again.
    Back,
}

/// One step in the life of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FindingStep)]
pub struct Step {
    /// What.
    pub what: StepKind,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// When the ledger learnt it.
    #[schema(value_type = String)]
    pub known: Nanos,
    /// Who says so.
    pub origin: String,
    /// The scan that saw it, by its id.
    pub scan: Option<i64>,
    /// The change that brought it about, by its id.
    pub change: Option<i64>,
}

/// An observation of a finding, as it is kept.
#[derive(Clone, Debug)]
pub struct Told {
    pub at: Nanos,
    pub known: Nanos,
    pub ended: bool,
    pub origin: String,
    pub dataset: String,
    pub attributes: String,
}

/// The life of a finding: it is there as long as one stream says so. `told` is in the order of time, an end after what was
/// seen at its moment.
pub fn life(told: &[Told]) -> Vec<Step> {
    let (mut open, mut steps) = (BTreeSet::new(), Vec::<Step>::new());
    for one in told {
        let stream = (one.origin.as_str(), one.dataset.as_str());
        let what = match one.ended {
            true => match open.remove(&stream) && open.is_empty() {
                true => StepKind::Fixed,
                false => continue,
            },
            false => {
                let first = open.is_empty();
                open.insert(stream);
                match (first, steps.is_empty()) {
                    (false, _) => continue,
                    (true, true) => StepKind::Found,
                    (true, false) => StepKind::Back,
                }
            }
        };
        let said: serde_json::Value = serde_json::from_str(&one.attributes).unwrap_or_default();
        steps.push(Step {
            what,
            at: one.at,
            known: one.known,
            origin: one.origin.clone(),
            scan: said["scan"].as_i64(),
            change: said["change"].as_i64(),
        });
    }
    steps
}

/// Where it stands after its steps. `newest` says when a stream was scanned last.
pub fn stands(steps: &[Step], newest: &BTreeMap<String, Nanos>) -> Option<FindingState> {
    let last = steps.last()?;
    Some(match last.what {
        StepKind::Fixed => FindingState::Fixed,
        StepKind::Back => FindingState::Back,
        StepKind::Found if newest.get(&last.origin) == Some(&last.at) => FindingState::New,
        StepKind::Found => FindingState::Open,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(at: Nanos, origin: &str, ended: bool) -> Told {
        let (origin, dataset) = (origin.to_owned(), "default".to_owned());
        Told { at, known: at, ended, origin, dataset, attributes: format!("{{\"scan\": {at}}}") }
    }

    fn kinds(told: &[Told]) -> Vec<(StepKind, Nanos)> {
        life(told).into_iter().map(|step| (step.what, step.at)).collect()
    }

    #[test]
    fn it_is_there_as_long_as_somebody_says_so() {
        use StepKind::{Back, Fixed, Found};
        let life =
            [told(1, "a", false), told(2, "b", false), told(3, "a", true), told(4, "b", true), told(5, "a", false)];
        assert_eq!(kinds(&life), [(Found, 1), (Fixed, 4), (Back, 5)]);
        assert_eq!(kinds(&[told(1, "a", true)]), [], "what was never seen cannot be gone");
        assert_eq!(kinds(&[told(1, "a", false), told(2, "a", false)]), [(Found, 1)]);
    }

    #[test]
    fn it_is_new_until_the_next_scan() {
        let newest = |at: Nanos| BTreeMap::from([("a".to_owned(), at)]);
        let state = |told: &[Told], at: Nanos| stands(&life(told), &newest(at));
        let seen = [told(1, "a", false)];
        assert_eq!(state(&seen, 1), Some(FindingState::New));
        assert_eq!(state(&seen, 2), Some(FindingState::Open));
        let again = [told(1, "a", false), told(2, "a", true), told(3, "a", false)];
        assert_eq!(state(&again[..2], 2), Some(FindingState::Fixed));
        assert_eq!(state(&again, 3), Some(FindingState::Back));
        assert_eq!(state(&[], 3), None);
        for state in [FindingState::New, FindingState::Open, FindingState::Back, FindingState::Fixed] {
            assert_eq!(FindingState::from_name(state.name()), Some(state));
        }
    }
}
