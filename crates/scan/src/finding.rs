//! What was found, and what identifies it for ever.

use crate::resource::{FileId, ResourceId};
use crate::rules::{Confidence, Severity};
use crate::text::{Place, Span};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// A weakness at a place.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The rule.
    #[serde(serialize_with = "as_text")]
    pub rule: Arc<str>,
    /// One line.
    #[serde(serialize_with = "as_text")]
    pub title: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// What is wrong here, in a sentence.
    pub message: String,
    /// The file, below the root of the scan.
    #[serde(serialize_with = "as_text")]
    pub path: Arc<str>,
    /// The logical place in it, such as `Deployment/shop/web/containers/app`.
    pub address: String,
    /// Where it begins and ends.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
    /// The same weakness has the same fingerprint for ever, wherever its line is.
    pub fingerprint: String,
    /// The same as bytes.
    #[serde(skip)]
    pub span: Span,
    /// Its file.
    #[serde(skip)]
    pub file: FileId,
}

/// A shared text is written like any other.
pub(crate) fn as_text<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// What a rule says of a resource, before it is a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The resource.
    pub resource: ResourceId,
    /// Where it is shown; else at the resource.
    pub span: Option<Span>,
    /// A sentence of its own; else the rule's.
    pub message: Option<String>,
    /// What tells it from others of the same rule at the same resource, such as an action's name: never a line number.
    pub value: String,
}

/// What identifies a finding: rule, path, logical address, normalised value, and which of equals it is.
pub fn fingerprint(rule: &str, path: &str, address: &str, value: &str, ordinal: usize) -> String {
    let mut hasher = Sha256::new();
    let ordinal = ordinal.to_string();
    for part in [rule, path, address, value, &ordinal] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    hasher.finalize()[..16].iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
