//! The detectors that come with the program.

use super::detector::Detector;
use crate::rules::RuleError;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$((
            concat!("rules/scan/secrets/", $name),
            include_str!(concat!("../../../../rules/scan/secrets/", $name)),
        )),*]
    };
}

/// Path and text of each file.
const FILES: &[(&str, &str)] = files![
    "ai.yml",
    "chat-and-mail.yml",
    "cloud.yml",
    "databases.yml",
    "development.yml",
    "keys-and-tokens.yml",
    "observability.yml",
    "packages.yml",
    "payment.yml",
    "saas.yml",
    "source-hosts.yml",
    // Last: of two that say the same, the first is reported.
    "generic.yml",
];

/// All of them.
///
/// # Errors
/// With the place and what to do; never for the files as they are, which a test holds.
pub fn detectors() -> Result<Vec<Detector>, RuleError> {
    let mut all = Vec::with_capacity(256);
    for (file, text) in FILES {
        all.extend(Detector::read(file, text)?);
    }
    Ok(all)
}
