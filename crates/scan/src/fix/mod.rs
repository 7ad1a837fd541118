//! Findings mended where that can be done without knowing what was meant: edits by exact spans, each of them verified.
//!
//! | file | holds |
//! |---|---|
//! | `spec.rs` | what a rule says of its fix |
//! | `edit.rs` | changes of a text by spans |
//! | `document.rs` | changes of YAML and JSON |
//! | `place.rs` | from a finding to edits |
//! | `checks.rs` | fixes in Rust |
//! | `plan.rs` | what is mended, round by round, and verified |
//! | `diff.rs` | the change as a unified diff |
//! | `write.rs` | files written whole or not at all |
//!
//! ```yaml
//! fix:                                      # a member of a rule
//!   grade: unsafe                           # or `safe`: nothing that works can break by it
//!   safe_when: {"dropped[]": ALL}           # optional: then it is safe
//!   when: {shell: [sh, bash]}               # optional: else nothing is done
//!   says: sets allowPrivilegeEscalation to false
//!   set: {securityContext.allowPrivilegeEscalation: false}
//! ```
//!
//! Steps: `set` (values by paths), `add` (items of lists by paths), `remove` (a path), with `after` or `before` (the member that
//! new ones go next to); `replace` (`pairs` of expressions and what they become; `in: finding`, `whole` or a field; `all: true`),
//! `append` (text at the end of an instruction), `check` (a fix in Rust).
//!
//! An edit counts only when the file still parses, the rule no longer fires there, and nothing new is found or undecided.

mod checks;
mod diff;
mod document;
mod edit;
mod place;
mod plan;
mod spec;
mod write;

pub use diff::unified;
pub use plan::{Change, Left, Mended, Plan, plan};
pub use spec::{Fix, Grade};
pub use write::{WriteError, write};

#[cfg(test)]
mod tests;
