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
//! | `secrets` | keys, tokens and passwords in any text |
//! | `families` | files of one sort of format, read to resources |
//! | `pages` | the page beside a rule, and its cases run |
//! | `pack` | the rules that are built in, and those of a folder |
//! | `fix` | findings mended where that is safe |
//! | `policies` | policies that users bring in the forms of other tools |
//! | `finding` | what was found, and what identifies it |
//! | `report` | what is said of it: table, JSON, SARIF, annotations |
//! | `scanner` | everything together |
//! | `shown` | lines and texts without the secrets that were found |
//! | `suppress` | what hides a finding, until when |
//! | `walk` | the files below a root |
//! | `clean` | files without secrets, remembered |
//! | `parts` | what something is made of: lock files, databases of packages, advisories |
//! | `baseline` | what was known before, from a file |
//! | `revision` | the files of a commit, to scan them |
//! | `compare` | two scans: what is new, what is fixed |
//! | `limits` | every bound |
//!
//! **Invariants:** synchronous, no socket, no clock; what cannot be decided is counted and never reported as failed; a
//! file that could not be read makes the result incomplete and never a pass.

pub mod baseline;
pub mod checks;
pub mod clean;
pub mod compare;
pub mod evaluate;
pub mod families;
pub mod finding;
pub mod fix;
pub mod limits;
pub mod pack;
pub mod pages;
pub mod parts;
pub mod policies;
pub mod report;
pub mod resource;
pub mod revision;
pub mod rules;
pub mod scanner;
pub mod secrets;
pub mod shown;
#[cfg(test)]
mod spent;
pub mod suppress;
pub mod text;
pub mod tree;
pub mod walk;

pub use pack::pack;
