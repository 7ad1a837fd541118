//! Checkov's custom policies in YAML: what a resource must be like.
//!
//! | file | holds |
//! |---|---|
//! | `read.rs` | a policy from its file |
//! | `path.rs` | attributes: names with dots, `*`, and JSONPath |
//! | `operator.rs` | what is asked of values, of three values |
//! | `evaluate.rs` | definitions over things |
//!
//! Semantics are those of Checkov's documentation. A block that is about another type says nothing of a thing; with `*` one item
//! that passes is enough, also for a `not_` operator; what is not there fails a plain operator and passes its `not_`.

mod evaluate;
mod operator;
mod path;
mod read;

pub use evaluate::{Asked, Verdict};
pub use operator::{OPERATORS, Operator};
pub use path::Path;
pub use read::{is, read};

use super::things::Framework;
use std::sync::Arc;

/// A policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: Arc<str>,
    /// Its category, such as `IAM`.
    pub category: Option<Arc<str>>,
    /// Where more is written about it.
    pub guideline: Option<Arc<str>>,
    /// The frameworks that it is for; all when there are none.
    frameworks: Vec<Framework>,
    /// Types that no family here has, such as `aws_instance`.
    pub foreign: Vec<Arc<str>>,
    /// What must hold.
    definition: Definition,
}

/// What must hold of a thing.
#[derive(Clone, Debug)]
pub enum Definition {
    /// All of these.
    And(Vec<Definition>),
    /// One of these.
    Or(Vec<Definition>),
    /// The opposite.
    Not(Box<Definition>),
    /// An attribute is as it must be.
    Attribute(Types, Path, Operator),
    /// What is around it is only about some things.
    Filter(Path, Operator),
    /// It is connected to another thing, or not.
    Connection {
        /// Of these types.
        from: Types,
        /// To one of these.
        to: Types,
        /// It must be.
        exists: bool,
    },
    /// Types that may be used alone, or may not be used.
    Resource(Types, bool),
}

/// Types that a block is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Types {
    /// All.
    All,
    /// These.
    These(Vec<Arc<str>>),
}

impl Types {
    /// Whether a type is among them.
    pub fn has(&self, kind: &str) -> bool {
        match self {
            Types::All => true,
            Types::These(types) => types.iter().any(|of| **of == *kind),
        }
    }
}

impl Policy {
    /// What is known of it beside its title, for people.
    pub fn explain(&self) -> String {
        let mut text = format!("{}\n\nA custom policy in Checkov's form.", self.name);
        if let Some(category) = &self.category {
            text.push_str(&format!(" Category: {category}."));
        }
        if let Some(guideline) = &self.guideline {
            text.push_str(&format!("\nGuideline: {guideline}"));
        }
        text
    }
}

#[cfg(test)]
mod tests;
