//! What a check answers: "ready", or "not yet, because ...".

use crate::control::{Because, Mode};
use crate::fact::Nanos;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CheckQuestion)]
pub enum Question {
    /// May this version be released?
    Release,
    /// May this grow so far?
    Scale,
}

impl Question {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Question::Release => "release",
            Question::Scale => "scale",
        }
    }
}

/// Who asks what of which service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CheckAsked)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The service, as the inventory names it.
    pub service: String,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub environment: Option<String>,
    /// What is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub version: Option<String>,
    /// How many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<u64>,
    /// How many there shall be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<u64>,
    /// Why it must pass whatever is said: capacity for defence is never held back, and is looked at afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub defence: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CheckAnswer)]
pub enum Answer {
    /// Nothing speaks against it.
    Ready,
    /// Something could not be decided, and nothing speaks against it.
    Undecided,
    /// Something speaks against it.
    NotYet,
}

impl Answer {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Answer::Ready => "ready",
            Answer::Undecided => "undecided",
            Answer::NotYet => "not yet",
        }
    }
}

/// What one check says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CheckReason)]
pub struct Reason {
    /// The check.
    pub check: String,
    /// [`Answer::NotYet`], or [`Answer::Undecided`] when a fact is missing or the policy failed.
    pub answer: Answer,
    /// What it says, with the facts in it.
    pub text: String,
    /// The control behind it, by name.
    pub control: String,
    /// The control's decision, by id.
    pub control_id: i64,
    /// What the control is for, for operations.
    pub for_operations: String,
    /// What it is for, for security.
    pub for_security: String,
    /// Who answers for the control.
    pub owner: String,
    /// Whom or where to ask.
    pub ask: String,
    /// When somebody asks whether the control is still needed.
    #[schema(value_type = Option<String>)]
    pub review_by: Option<Nanos>,
    /// How the control speaks.
    pub mode: Mode,
    /// What made it speak so, if not its file.
    pub because: Option<Because>,
    /// What to do.
    pub fix: String,
    /// The exception that lets it pass, by its decision.
    pub excepted: Option<i64>,
    /// Until when it does.
    #[schema(value_type = Option<String>)]
    pub excepted_until: Option<Nanos>,
    /// Facts behind it, by their ids.
    pub facts: Vec<i64>,
}

impl Reason {
    /// Whether it stops: it speaks against, is enforced, and nobody excepted it. What is undecided never stops.
    pub fn stops(&self) -> bool {
        self.answer == Answer::NotYet && self.mode == Mode::Enforce && self.excepted.is_none()
    }
}

/// A finding that somebody suppressed until a day: no check counts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CheckWaived)]
pub struct Waived {
    /// The finding, by its id.
    pub finding: i64,
    /// It in a line.
    pub title: String,
    /// How bad it is.
    pub severity: String,
    /// The decision that suppresses it, by its id.
    pub decision: i64,
    /// Why.
    pub reason: String,
    /// The team that answers for it.
    pub owner: String,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Nanos,
}

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CheckVerdict)]
pub struct Verdict {
    /// What was asked.
    pub asked: Asked,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// What comes of it, whatever the modes are.
    pub answer: Answer,
    /// Whether it stops whoever asks.
    pub stopped: bool,
    /// Whether it was let pass for defence, and would have stopped.
    pub passed_for_defence: bool,
    /// Why, the worst first; what was excepted is among them.
    pub reasons: Vec<Reason>,
    /// Checks that found nothing against it.
    pub passed: Vec<String>,
    /// Findings that it does not speak of since somebody suppressed them.
    #[serde(default)]
    #[schema(required)]
    pub waived: Vec<Waived>,
    /// Digest of checks, controls, exceptions and facts: the same inputs give the same verdict.
    pub inputs: String,
}
