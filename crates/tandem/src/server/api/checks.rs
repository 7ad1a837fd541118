//! Checks that pipelines and clusters ask: "ready", or "not yet, because ...".

use super::in_force::{AdmissionReview, VerdictTold, Verdicts};
use crate::limits::{MAX_ASKED, MAX_GATE_BODY_BYTES};
use crate::server::checks::Decided;
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, Request, State};
use gate::admission;
use gate::text::{Kept, markdown, terminal};
use model::access::Caller;
use model::{Answer, Asked};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Questions, and how the answer is written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Checking {
    /// One or more questions: `question` (`release`, `scale`), `service`, `environment`, `version`, `from`, `to`, `defence`.
    #[schema(value_type = Vec<Object>)]
    questions: Vec<Asked>,
    /// Answers, and keeps nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Asks whether something may be released, or grow. Everything starts by observing: `stopped` is true only where a control
/// is enforced. Each reason has its control, both whys, the facts, the fix, whom to ask and how to answer.
#[utoipa::path(post, path = "/api/v1/check", tag = "controls", request_body = Checking,
    responses((status = 200, description = "A verdict for each question, with its decision", body = Verdicts)))]
pub async fn check(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Verdicts>, ApiError> {
    let given: Checking = super::parameters(&app, request).await?;
    if given.questions.is_empty() || given.questions.len() > MAX_ASKED {
        return Err(ApiError::bad(format!("ask 1 to {MAX_ASKED} questions at once")));
    }
    let now = now();
    let (mut rows, mut worst, mut stopped) = (Vec::new(), Answer::Ready, false);
    for asked in given.questions {
        let decided = app.checker.decide(&app, &caller, asked, given.dry_run, now).await?;
        worst = worst.max(decided.verdict.answer);
        stopped |= decided.verdict.stopped;
        rows.push(told(&app, &decided));
    }
    Ok(Json(Verdicts { at: rfc3339(now), answer: worst, stopped, verdicts: rows }))
}

fn told(app: &App, decided: &Decided) -> VerdictTold {
    let page = decided.id.zip(app.responder.policy().link.as_ref());
    let page = page.map(|(id, link)| format!("{}/controls?answer={id}", link.trim_end_matches('/')));
    let kept = Kept { id: decided.id, page: page.as_deref() };
    let mut verdict = super::controls::written(&decided.verdict);
    if let Some(id) = decided.id {
        for reason in verdict["reasons"].as_array_mut().into_iter().flatten() {
            reason["answer_with"] = know::controls::answer_with(id).into();
        }
    }
    VerdictTold {
        verdict,
        id: decided.id,
        answer_with: gate::text::answers(&decided.verdict, kept),
        text: terminal(&decided.verdict, kept),
        markdown: markdown(&decided.verdict, kept),
    }
}

/// What a cluster is.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AdmissionParameters {
    /// The environment of what does not say it.
    environment: Option<String>,
    /// How long an API server waits, as it says with each request. A verdict takes some milliseconds.
    #[serde(rename = "timeout")]
    _timeout: Option<String>,
}

/// A validating admission webhook of Kubernetes, for Deployments, StatefulSets and their scale. What cannot be decided is
/// let pass, with a warning.
#[utoipa::path(post, path = "/api/v1/admission", tag = "controls", params(AdmissionParameters),
    request_body(content = Value, description = "AdmissionReview of admission.k8s.io/v1"),
    responses((status = 200, description = "AdmissionReview with the response", body = AdmissionReview)))]
pub async fn admit(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<AdmissionParameters>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let held = app.gate.read(request.into_body(), MAX_GATE_BODY_BYTES).await?;
    let review = admission::read(&held.bytes, given.environment.as_deref())
        .map_err(|error| ApiError::bad(format!("this is no request that is answered: {error}")))?;
    let now = now();
    let mut verdicts = Vec::new();
    for asked in &review.asked {
        match app.checker.decide(&app, &caller, asked.clone(), review.dry_run, now).await {
            Ok(decided) => verdicts.push((decided.verdict, decided.id)),
            Err(error) => {
                tracing::warn!(%error, "an admission could not be decided: it was let pass");
                return Ok(Json(admission::undecided(&review.uid, &error.to_string())));
            }
        }
    }
    Ok(Json(admission::answer(&review, &verdicts)))
}
