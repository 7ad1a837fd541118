//! Rules: what is wrong with a resource, as data.
//!
//! ```yaml
//! id: kubernetes-privileged-container
//! title: A container runs privileged
//! severity: high
//! confidence: high
//! about: container
//! family: kubernetes
//! cwe: [CWE-250]
//! controls: {nist-800-53: [AC-6], csf-2.0: [PR.AA-05]}
//! when: {image|exists: true}                 # optional: it is only looked at then
//! fails: {securityContext.privileged: true}  # or `check: NAME`, a check in Rust
//! message: "container {name} runs privileged"
//! at: securityContext.privileged             # optional: where the finding is shown
//! ```
//!
//! How findings are mended is in `fix`, see [`crate::fix`]. Beside each rule lies its page, see [`crate::pages`].
//!
//! | file | holds |
//! |---|---|
//! | `condition.rs` | conditions of three values, and paths |
//! | `cel/` | expressions in CEL |
//! | `test.rs` | tests of values: the modifiers |
//! | `lazy.rs` | expressions that are compiled when they are needed |
//! | `read.rs` | a rule from its file |

mod cel;
mod condition;
mod lazy;
mod read;
mod test;

pub use cel::Cel;
pub use condition::{Condition, Path, Subject, Truth};
pub use lazy::Lazy;
pub use read::RuleError;
pub(crate) use read::document;

use std::collections::BTreeMap;
use std::sync::Arc;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Bad practice.
    Low,
    /// A weakness that needs another one.
    Medium,
    /// A weakness.
    High,
    /// A weakness that is a loss as soon as somebody finds it.
    Critical,
}

impl Severity {
    /// As it is written in rules and results.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How sure the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Look at it.
    Low,
    /// Mostly right.
    Medium,
    /// What is written is wrong.
    High,
}

impl Confidence {
    /// As it is written in rules and results.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name for ever.
    pub id: Arc<str>,
    /// One line.
    pub title: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The kinds of resources it looks at.
    pub about: Vec<Arc<str>>,
    /// The families it looks at; all when there are none.
    pub families: Vec<Arc<str>>,
    /// Weaknesses by CWE's numbers, such as `CWE-250`.
    pub cwe: Vec<Arc<str>>,
    /// Controls by catalog.
    pub controls: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// It is only looked at then.
    pub when: Option<Condition>,
    /// How it finds what is wrong.
    pub finds: Finds,
    /// The sentence of a finding, with `{name}` and paths in braces.
    pub message: Arc<str>,
    /// Where a finding is shown; else where the condition says.
    pub at: Option<Path>,
    /// How what it finds is mended.
    pub fix: Option<crate::fix::Fix>,
    /// Where it is written.
    pub file: Arc<str>,
}

/// How a rule finds what is wrong.
#[derive(Clone, Debug)]
pub enum Finds {
    /// Its condition holds.
    Fails(Condition),
    /// A check in Rust, by its name.
    Check(Arc<str>),
    /// A policy in Checkov's form does not hold.
    Policy(Arc<crate::policies::checkov::Policy>),
    /// A rule of a Rego package has results.
    Rego(Arc<crate::policies::rego::Check>),
}
