//! What a rule results in.

use super::Check;
use crate::limits::MAX_FINDINGS_A_RULE;
use rego::limits::MAX_REGO_RESULT;
use rego::{Package, Value};

/// The results of a rule; none when it could not be evaluated.
pub(super) fn results(package: &mut Package, check: &Check) -> Option<Vec<serde_json::Value>> {
    let value = package.ask(&check.rule, "").ok()?;
    let (mut out, _) = rego::results(&value, MAX_FINDINGS_A_RULE + 1);
    if !out.is_empty() && check.package.exceptions && is_excepted(package, check) {
        out.clear();
    }
    Some(out)
}

/// Whether an exception names this rule, by what follows `deny_`.
fn is_excepted(package: &mut Package, check: &Check) -> bool {
    let suffix = check.rule.split_once('_').map_or("", |(_, suffix)| suffix);
    let json = |value: Value| rego::json(&value, &mut MAX_REGO_RESULT.clone());
    let Some(value) = package.ask("exception", "").ok().and_then(json) else { return false };
    let lists = value.as_array().into_iter().flatten();
    lists.flat_map(|list| list.as_array().into_iter().flatten()).any(|name| name.as_str() == Some(suffix))
}
