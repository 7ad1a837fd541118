//! The detectors that come with the program: `rules/scan/secrets`.

use super::detector::Detector;
use crate::rules::RuleError;

/// All of them.
///
/// # Errors
/// With the place and what to do; never for the files as they are, which a test holds.
pub fn detectors() -> Result<Vec<Detector>, RuleError> {
    let mut all = Vec::with_capacity(512);
    for file in crate::pack().detectors {
        all.extend(Detector::read(&file.path, &file.text)?);
    }
    Ok(all)
}
