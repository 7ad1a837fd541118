//! What everything that stops, warns, hides or exempts carries wherever it is shown.

use super::standing::Standing;
use ledger::KeptDecision;
use model::{Nanos, Reason};
use serde::Serialize;

/// The reason behind something, who answers for it, until when, and how to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Carried {
    /// The control, by name; none of one that was made for a single suppression.
    pub control: Option<String>,
    /// The control in a sentence.
    pub title: String,
    /// Why.
    pub reason: String,
    /// Who answers for it: a team.
    pub owner: String,
    /// Until when; of what a check says, when its control is reviewed.
    #[schema(value_type = Option<String>)]
    pub until: Option<Nanos>,
    /// Where to ask.
    pub ask: String,
    /// How to answer at a command line.
    pub answer_with: String,
    /// Where to answer in a browser, below the server's address.
    pub answer_at: String,
}

/// What a decision carries. `standing` knows the controls; what it does not know is named by its number, so that nothing
/// is ever shown without a way to answer.
pub fn carried(kept: &KeptDecision, standing: &Standing) -> Carried {
    let decision = &kept.decision;
    let own = (decision.kind == "control").then_some(kept.id);
    let known = decision.control.or(own).and_then(|id| standing.known.get(&id));
    let team = decision.owner.as_ref().map(|team| team.key.clone());
    let owner = team.or_else(|| known.map(|known| known.owner.clone())).unwrap_or_default();
    Carried {
        control: known.and_then(|known| known.name.clone()),
        title: known.map_or_else(|| unknown(decision.control), |known| known.title.clone()),
        reason: decision.reason.clone(),
        until: decision.expires,
        ask: known.map_or_else(|| format!("team {owner}"), |known| known.ask.clone()),
        owner,
        answer_with: answer_with(kept.id),
        answer_at: page(kept.id),
    }
}

/// What a reason of a verdict carries; `verdict` is the verdict's decision.
pub fn carried_by(reason: &Reason, verdict: i64, standing: &Standing) -> Carried {
    let known = standing.known.get(&reason.control_id);
    Carried {
        control: Some(reason.control.clone()),
        title: known.map_or_else(|| reason.control.clone(), |known| known.title.clone()),
        reason: reason.text.clone(),
        owner: reason.owner.clone(),
        until: reason.because.as_ref().map(|because| because.until).or(reason.excepted_until).or(reason.review_by),
        ask: reason.ask.clone(),
        answer_with: answer_with(verdict),
        answer_at: page(verdict),
    }
}

fn unknown(control: Option<i64>) -> String {
    control.map_or_else(|| "no control".to_owned(), |id| format!("control {id}"))
}

/// How a decision is answered at a command line.
pub fn answer_with(id: i64) -> String {
    format!("tandem answer {id} hurt \"because ...\"")
}

fn page(id: i64) -> String {
    format!("/controls?answer={id}")
}
