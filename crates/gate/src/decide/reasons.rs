//! What checks say, with the controls behind them.

use super::OWN_POLICIES;
use super::digest::Inputs;
use crate::check::cut;
use crate::limits::MAX_TEXT_BYTES;
use ahash::AHashMap;
use model::control::{Exception, InForce, Mode};
use model::{Answer, Asked, Nanos, Reason};

/// What a check or a policy says.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub check: String,
    pub answer: Answer,
    pub text: String,
    pub fix: String,
    /// The control behind it, by name; none for [`OWN_POLICIES`].
    pub control: Option<String>,
    /// It speaks no louder than this, whatever its control does.
    pub at_most: Option<Mode>,
    pub facts: Vec<i64>,
}

impl Said {
    /// What nobody can decide.
    pub fn undecided(check: &str, text: String, fix: &str) -> Said {
        Said {
            check: check.to_owned(),
            answer: Answer::Undecided,
            text,
            fix: fix.to_owned(),
            control: None,
            at_most: None,
            facts: Vec::new(),
        }
    }
}

/// Reasons on their way.
pub(crate) struct Reasons<'a> {
    asked: &'a Asked,
    entity: String,
    controls: AHashMap<&'a str, &'a InForce>,
    exceptions: &'a [Exception],
    now: Nanos,
    reasons: Vec<Reason>,
}

impl<'a> Reasons<'a> {
    pub fn new(asked: &'a Asked, controls: &'a [InForce], exceptions: &'a [Exception], now: Nanos) -> Reasons<'a> {
        let entity = format!("service:{}", asked.service);
        // The last of one name counts: whoever gives them gives the newest last.
        let controls = controls.iter().map(|control| (control.control.name.as_str(), control)).collect();
        Reasons { asked, entity, controls, exceptions, now, reasons: Vec::new() }
    }

    /// Adds what is said, with its control. What names none that is known is observed.
    pub fn add(&mut self, said: Said) {
        let named = said.control.as_deref().unwrap_or(OWN_POLICIES);
        let known = self.controls.get(named).copied();
        let behind = known.or_else(|| self.controls.get(OWN_POLICIES).copied());
        let mut text = said.text;
        if known.is_none() {
            text.push_str(&format!(" (no control `{named}` is known, so this is only observed)"));
        }
        let name = behind.map_or(OWN_POLICIES, |control| control.control.name.as_str());
        let excepted = self.excepted(name);
        let mode = if known.is_none() { Mode::Observe } else { behind.map_or(Mode::Observe, |control| control.mode) };
        let control = behind.map(|control| &control.control);
        let owner = control.map_or("platform", |control| control.owner.as_str());
        let or = |text: Option<&String>, other: &str| {
            text.filter(|text| !text.is_empty()).map_or(other.to_owned(), Clone::clone)
        };
        self.reasons.push(Reason {
            check: said.check,
            answer: said.answer,
            text: cut(text, MAX_TEXT_BYTES),
            control: name.to_owned(),
            control_id: behind.map_or(0, |control| control.id),
            for_operations: or(
                control.map(|control| &control.protects.operations),
                "its author says no more than this",
            ),
            for_security: or(control.map(|control| &control.protects.security), "its author says no more than this"),
            owner: owner.to_owned(),
            ask: or(control.and_then(|control| control.ask.as_ref()), owner),
            review_by: control.and_then(|control| control.review_by),
            mode: said.at_most.map_or(mode, |most| mode.min(most)),
            because: behind.filter(|_| known.is_some()).and_then(|control| control.because.clone()),
            fix: cut(said.fix, MAX_TEXT_BYTES),
            excepted: excepted.map(|exception| exception.decision),
            excepted_until: excepted.map(|exception| exception.until),
            facts: said.facts,
        });
    }

    /// The exception that holds longest; of several, the first decided.
    fn excepted(&self, control: &str) -> Option<&'a Exception> {
        let environment = self.asked.environment.as_deref();
        let holding = self
            .exceptions
            .iter()
            .filter(|exception| exception.control == control && exception.holds(&self.entity, environment, self.now));
        holding.max_by_key(|exception| (exception.until, std::cmp::Reverse(exception.decision)))
    }

    /// All of them, the worst first. What they were made of decided, too.
    pub(super) fn finish(mut self, inputs: &mut Inputs) -> Vec<Reason> {
        let rank = |reason: &Reason| {
            (reason.excepted.is_some(), reason.answer != Answer::NotYet, std::cmp::Reverse(reason.mode))
        };
        self.reasons.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.check.cmp(&b.check)));
        for reason in &self.reasons {
            inputs.text("reason", &reason.check);
            inputs.text("says", &reason.text);
            let because = reason.because.as_ref().map_or(0, |because| because.decision);
            let excepted = reason.excepted.unwrap_or_default();
            let behind = format!("{}:{}:{}:{because}:{excepted}", reason.control, reason.control_id, reason.mode);
            inputs.text("control", &behind);
            let told = [&reason.owner, &reason.ask, &reason.for_operations, &reason.for_security, &reason.fix];
            told.into_iter().for_each(|text| inputs.text("", text));
            inputs.text("days", &format!("{:?}:{:?}", reason.review_by, reason.excepted_until));
        }
        self.reasons
    }
}
