//! A secret that was found, without the secret.

use crate::finding::{Finding, as_text, fingerprint};
use crate::resource::FileId;
use crate::rules::{Confidence, Severity};
use crate::secrets::Value;
use crate::secrets::decode::Encoding;
use crate::text::{Place, Span};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;

/// The key that fingerprints of secrets are made with (`TANDEM_FINGERPRINT_KEY`): the same on a laptop and in a pipeline.
/// Nobody without it can try values against a fingerprint.
#[derive(Clone)]
pub struct FingerprintKey(Vec<u8>);

impl FingerprintKey {
    /// Of any length; an empty one is none.
    pub fn new(key: &[u8]) -> Option<FingerprintKey> {
        (!key.is_empty()).then(|| FingerprintKey(key.to_vec()))
    }

    /// The digest of a value.
    pub(crate) fn digest(&self, value: &[u8]) -> Option<[u8; 16]> {
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        hmac.update(value);
        hmac.finalize().into_bytes().first_chunk().copied()
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FingerprintKey(..)")
    }
}

/// A secret that was found: where, and of which kind. The value itself is nowhere in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecretFinding {
    /// The detector.
    #[serde(serialize_with = "as_text")]
    pub rule: Arc<str>,
    /// One line.
    #[serde(serialize_with = "as_text")]
    pub title: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the detector is; less in tests and examples.
    pub confidence: Confidence,
    /// The file, below the root of the scan.
    #[serde(serialize_with = "as_text")]
    pub path: Arc<str>,
    /// The key that it is the value of; empty when there is none.
    pub name: String,
    /// A public prefix, and about how long it is.
    pub mask: String,
    /// Where it begins; that of the encoded text when it is encoded.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
    /// How it is encoded, from the outside in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub encoded: Vec<Encoding>,
    /// What was found nearby that makes it worse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<String>,
    /// Its checksum does not fit: it may have been made up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
    /// The same secret at the same logical place has the same one, wherever its line is.
    pub fingerprint: String,
    /// The same secret has the same one wherever it is; only with a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same: Option<String>,
    /// The same place as bytes.
    #[serde(skip)]
    pub span: Span,
    /// The bytes that are not to be shown: those, and what another detector took for the secret there.
    #[serde(skip)]
    pub cover: Span,
    /// What is found by a detector that was not asked for is only kept from being shown.
    #[serde(skip)]
    pub asked: bool,
    /// The secret, to be taken out of what is shown.
    #[serde(skip)]
    pub value: Value,
}

impl SecretFinding {
    /// What stands in the place of the value where its line is shown.
    pub fn stand_in(&self) -> String {
        let public = self.mask.split('\u{2026}').next().unwrap_or_default();
        if self.encoded.is_empty() { format!("{public}\u{2026}") } else { "\u{2026}".to_owned() }
    }

    /// As a finding like any other.
    pub fn finding(&self, file: FileId) -> Finding {
        let of = if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) };
        let how: Vec<&str> = self.encoded.iter().map(|encoding| encoding.name()).collect();
        let encoded = if how.is_empty() { String::new() } else { format!(", encoded as {}", how.join(" in ")) };
        let doubt = if self.unproven { ", with a checksum that does not fit" } else { "" };
        Finding {
            rule: self.rule.clone(),
            title: self.title.clone(),
            severity: self.severity,
            confidence: self.confidence,
            message: format!("{}{of}: {}{encoded}{doubt}", self.title, self.mask),
            path: self.path.clone(),
            address: self.name.clone(),
            start: self.start,
            end: self.end,
            fingerprint: self.fingerprint.clone(),
            span: self.span,
            file,
        }
    }

    /// Fingerprint from what is known: with a key the value's digest, without one the key's name alone.
    pub(crate) fn identify(&mut self, ordinal: usize) {
        let value = self.same.as_deref().unwrap_or_default();
        self.fingerprint = fingerprint(&self.rule, &self.path, &self.name, value, ordinal);
    }
}

impl Encoding {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Base64 => "base64",
            Encoding::Hex => "hex",
            Encoding::Url => "URL",
        }
    }
}

/// Public characters of a value's prefix, and about how long it is. `public` is the keyword that the value begins with.
pub(crate) fn mask(public: &str, length: usize) -> String {
    let shown: String = public.chars().take(8).collect();
    let class = match length {
        0..16 => "under 16 characters",
        16..32 => "16 to 31 characters",
        32..64 => "32 to 63 characters",
        64..256 => "64 to 255 characters",
        _ => "256 characters or more",
    };
    format!("{shown}\u{2026} ({class})")
}
