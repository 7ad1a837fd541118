//! What the gate reads: plans, autoscalers, requests of API servers, results of tests.

use gate::limits::{MAX_GROWTHS, MAX_JUNIT_NAMES, MAX_WARNING_CHARS, MAX_WARNINGS};
use gate::{Growths, ReadError, admission, autoscaler, junit, plan};

fn growths(read: Result<Growths, ReadError>) {
    match read {
        Ok(said) => {
            assert!(said.growths.len() + said.undecided.len() <= MAX_GROWTHS);
            for growth in said.growths {
                assert!(!growth.service.is_empty() && growth.from.is_none_or(|from| from < growth.to), "{growth:?}");
            }
        }
        Err(error) => placed(&error),
    }
}

fn placed(error: &ReadError) {
    assert!(error.line > 0 && error.column > 0 && !error.reason.is_empty(), "{error}");
}

/// Plans of Terraform.
pub fn gate_plan(data: &[u8]) {
    growths(plan::read(data));
}

/// Autoscalers as manifests.
pub fn gate_autoscaler(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        growths(autoscaler::read(text, None));
    }
}

/// Requests of API servers: whatever they say, there is an answer that names them.
pub fn gate_admission(data: &[u8]) {
    match admission::read(data, Some("production")) {
        Ok(review) => {
            let answer = admission::answer(&review, &[]);
            assert_eq!(answer["response"]["uid"], *review.uid);
            assert_eq!(answer["response"]["allowed"], true);
            let warnings = answer["response"]["warnings"].as_array().cloned().unwrap_or_default();
            assert!(warnings.len() <= MAX_WARNINGS);
            for warning in warnings {
                assert!(warning.as_str().is_some_and(|text| text.chars().count() <= MAX_WARNING_CHARS), "{warning}");
            }
        }
        Err(error) => placed(&error),
    }
}

/// Results of tests.
pub fn gate_junit(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match junit::read(text) {
        Ok(said) => {
            assert!(said.failed + said.errors + said.skipped <= said.total && said.names.len() <= MAX_JUNIT_NAMES);
            assert!(said.seconds >= 0.0 && said.seconds.is_finite());
        }
        Err(error) => placed(&error),
    }
}
