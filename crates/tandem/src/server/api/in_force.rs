//! Controls, exceptions, lockdowns and what is said to them, as they are answered.
//!
//! What `written` made of a type is a value here, and described as that type.

use know::controls::friction::{Proposal, Row};
use know::controls::{Adjustment, Asking, Carried, Ending, Lockdown, OpenReview};
use model::{Answer, Exception, InForce, Verdict};
use serde::Serialize;
use serde_json::Value;

/// All controls, and what changes how they speak.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Controls {
    pub at: String,
    pub count: usize,
    #[schema(value_type = Vec<InForce>)]
    pub controls: Value,
    #[schema(value_type = Vec<Exception>)]
    pub exceptions: Value,
    #[schema(value_type = Vec<Adjustment>)]
    pub adjustments: Value,
    #[schema(value_type = Vec<Lockdown>)]
    pub lockdowns: Value,
    /// Lockdowns that wait for a review.
    #[schema(value_type = Vec<OpenReview>)]
    pub reviews: Value,
    /// Files of knowledge that cannot be used, and why.
    pub problems: Vec<String>,
}

/// One control, and what it costs and stands against.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ControlWhole {
    #[schema(value_type = InForce)]
    pub control: Value,
    #[schema(value_type = Vec<Asking>)]
    pub answers: Value,
    #[schema(value_type = Vec<Exception>)]
    pub exceptions: Value,
    #[schema(value_type = Vec<Adjustment>)]
    pub adjustments: Value,
    pub friction: Option<Row>,
    pub proposals: Vec<Proposal>,
}

/// The exception that was made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ExceptionMade {
    pub exception: i64,
    pub until: String,
    /// It was told before.
    pub repeated: bool,
}

/// What exempts, hides, locks or adjusts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Exceptions {
    pub count: usize,
    pub rows: Vec<ExceptionRow>,
    /// What ends soon or ended of late.
    #[schema(value_type = Vec<Ending>)]
    pub endings: Value,
}

/// One of it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ExceptionRow {
    #[serde(flatten)]
    #[schema(value_type = Carried)]
    pub carried: Value,
    /// Its decision.
    pub id: i64,
    /// `exception`, `adjustment`, `lockdown`, `suppression` and the like.
    pub kind: String,
    pub entity: Option<String>,
    /// How many findings it suppresses; none when it is of another kind.
    pub findings: usize,
    pub environment: Option<String>,
}

/// What goes on.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Renewed {
    pub id: i64,
    pub until: String,
    /// It was told before.
    pub repeated: bool,
}

/// What has ended.
#[derive(Serialize, utoipa::ToSchema)]
pub struct EndedEarly {
    pub id: i64,
    /// The decision that ended it.
    pub ended: i64,
}

/// The adjustment that was made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AdjustmentMade {
    pub adjustment: i64,
    pub until: String,
}

/// The lockdown that was called.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LockdownCalled {
    pub lockdown: i64,
}

/// What a review of one control of a lockdown made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LockdownReviewed {
    pub review: i64,
    /// The adjustment that keeps the control tight.
    pub adjustment: Option<i64>,
    /// Until when it does.
    pub until: Option<String>,
    /// Controls of the lockdown that still wait.
    pub waiting: Vec<String>,
}

/// The answer that was kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AnswerKept {
    pub answer: i64,
    /// The team that hears of it.
    pub heard_by: Option<String>,
}

/// What was said to controls.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Answers {
    pub count: usize,
    #[schema(value_type = Vec<Asking>)]
    pub rows: Value,
}

/// The reply that was kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ReplyKept {
    pub reply: i64,
    /// The exception or adjustment that it made.
    pub made: Option<i64>,
}

/// Verdicts on all questions.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Verdicts {
    pub at: String,
    /// The worst.
    pub answer: Answer,
    /// A control that is enforced says so.
    pub stopped: bool,
    pub verdicts: Vec<VerdictTold>,
}

/// A verdict.
#[derive(Serialize, utoipa::ToSchema)]
pub struct VerdictTold {
    #[serde(flatten)]
    #[schema(value_type = Verdict)]
    pub verdict: Value,
    /// Its decision, when it was kept.
    pub id: Option<i64>,
    /// Commands that answer it.
    pub answer_with: Vec<String>,
    /// For a terminal.
    pub text: String,
    pub markdown: String,
}

/// AdmissionReview of admission.k8s.io/v1.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "`gate` writes it; it is described by Kubernetes")]
pub struct AdmissionReview(std::collections::BTreeMap<String, Value>);
