//! Policies that users bring in the forms of other tools, asked of what files say as those tools see them.
//!
//! | file | holds |
//! |---|---|
//! | `things.rs` | what files are about, by the names that Checkov has for it |
//! | `checkov/` | Checkov's custom policies in YAML |
//! | `rego/` | packages in Rego, as conftest uses them |
//! | `words.rs` | the word that was meant |
//!
//! A policy is a [`Rule`] like any other: `--only`, `--skip`, suppressions and reports know it by its id.

pub mod checkov;
pub mod rego;
mod things;
mod words;

pub use things::Things;
pub use words::nearest;

use crate::resource::{FileId, World};
use crate::rules::{Finds, Rule};
use crate::text::Span;

/// What a policy says of a part of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The file.
    pub file: FileId,
    /// The logical place in it.
    pub address: String,
    /// Where it is shown.
    pub span: Span,
    /// What tells it from others at the same place; of what could not be decided, why.
    pub value: String,
    /// The sentence of the finding; none when it could not be decided.
    pub message: Option<String>,
}

/// What policies say of everything.
pub fn ask<'r>(rules: &[&'r Rule], world: &World) -> Vec<(&'r Rule, Answer)> {
    if rules.is_empty() {
        return Vec::new();
    }
    let mut out = rego::ask(rules, world);
    if rules.iter().any(|rule| matches!(rule.finds, Finds::Policy(_))) {
        let things = Things::read(world);
        let asked = checkov::Asked::new(world, &things);
        for rule in rules {
            if let Finds::Policy(policy) = &rule.finds {
                out.extend(asked.ask(policy).into_iter().map(|answer| (*rule, answer)));
            }
        }
    }
    out
}

/// What is known of a rule beside its page: what its author wrote into it.
pub fn explain(rule: &Rule) -> Option<String> {
    match &rule.finds {
        Finds::Policy(policy) => Some(policy.explain()),
        Finds::Rego(check) => Some(check.explain()),
        Finds::Fails(_) | Finds::Check(_) => None,
    }
}

/// What is to be said of rules that can be used: what they are about is not read here.
pub fn remarks(rules: &[Rule]) -> Vec<String> {
    let mut out = Vec::new();
    for rule in rules {
        if let Finds::Policy(policy) = &rule.finds
            && !policy.foreign.is_empty()
        {
            let types = policy.foreign.join(", ");
            out.push(format!("{}: nothing here is of type {types}; it looks at the rest", rule.id));
        }
    }
    out
}

/// Whether a rule looks at documents that no family reads, too.
pub fn wants_documents<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> bool {
    rules.into_iter().any(|rule| matches!(rule.finds, Finds::Rego(_)))
}

#[cfg(test)]
mod tests;
