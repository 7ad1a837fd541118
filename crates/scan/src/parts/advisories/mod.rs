//! What is known of parts: advisories of several formats, kept in one indexed file, and matched by exact identity.
//!
//! | module | holds |
//! |---|---|
//! | `osv` | the common form, which is OSV's, from JSON and YAML |
//! | `rustsec` | RustSec's own form: Markdown with TOML before it |
//! | `kev` | CISA's list of what is known to be exploited |
//! | `import` | folders and archives of these |
//! | `database` | the file: sorted, checksummed, read by slices |
//! | `order` | what version comes before what, for each ecosystem |
//! | `severity` | how bad an advisory says it is |
//! | `ranges` | whether an advisory's ranges contain a version |
//! | `texts` | many short texts as one |
//! | `update` | imports into the file that is there |
//! | `matching` | components against the file |

pub mod database;
pub mod ecosystem;
pub mod import;
pub mod kev;
pub mod matching;
pub mod order;
pub mod osv;
pub mod ranges;
pub mod rustsec;
pub mod severity;
pub mod texts;
pub mod update;

use serde::{Deserialize, Serialize};
use texts::Texts;

/// An advisory, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its identifier.
    pub id: String,
    /// When it was last changed, as it says itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modified: String,
    /// When it was published.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub published: String,
    /// When it was withdrawn: it is kept, and never matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// Other identifiers of the same weakness.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Weaknesses that a distribution's advisory is about, by their identifiers elsewhere; it may bundle several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    /// What it is, in a line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// CVSS vectors and the like: type and score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<(String, String)>,
    /// A severity in words, where the source gives one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rating: String,
    /// Where more is said.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub references: Texts,
    /// What kind of advisory it is when no vulnerability: `unmaintained`, `notice`, `unsound`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub informational: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Affected>,
}

/// A package, and the versions of it that an advisory is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// The ecosystem, in OSV's words, such as `npm` and `Debian:12`.
    pub ecosystem: String,
    /// The package's name in it.
    pub name: String,
    /// Ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// Versions that are named one by one.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub versions: Texts,
    /// Severity of this package alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<(String, String)>,
}

/// Versions from events to events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// By what order.
    pub kind: RangeKind,
    /// The events, in any order.
    pub events: Vec<Event>,
}

/// By what a range is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RangeKind {
    /// Semantic versions.
    Semver,
    /// The ecosystem's own order.
    #[default]
    Ecosystem,
    /// Commits, which have no order without the repository: never matched.
    Git,
}

/// Where a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// The first version of it; `0` is before all.
    Introduced(String),
    /// The first version after it.
    Fixed(String),
    /// The last version of it.
    Last(String),
    /// Nothing at or beyond this is meant; `*` is no limit.
    Limit(String),
}

/// What CISA says of a weakness that is exploited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploited {
    /// The CVE.
    pub cve: String,
    /// Since when it is on the list.
    pub added: String,
    /// Until when agencies had to act.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub due: String,
    /// Whether ransomware is known to use it.
    #[serde(default)]
    pub ransomware: bool,
}
