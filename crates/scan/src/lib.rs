//! A tree of files to findings: what is weak in infrastructure code, pipelines, containers, secrets and parts, before it ships.
//!
//! | module | holds |
//! |---|---|
//! | `text` | a file's text and places in it |
//! | `tree` | what a file says, of three kinds of values |
//! | `resource` | what files are about, with relations |
//! | `rules` | rules as data |
//! | `checks` | what no condition can say, in Rust |
//! | `evaluate` | rules over resources |
//! | `secrets` | keys, tokens and passwords in any text, and in a repository's history |
//! | `finding` | what was found, and what identifies it |
//! | `limits` | every bound |
//!
//! **Invariants:** synchronous, no socket, no clock; what cannot be decided is counted and never reported as failed; a
//! file that could not be read makes the result incomplete and never a pass.

pub mod checks;
pub mod evaluate;
pub mod finding;
pub mod limits;
pub mod resource;
pub mod rules;
pub mod secrets;
pub mod text;
pub mod tree;
