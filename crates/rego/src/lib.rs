//! Packages in Rego, bounded: files to packages, packages to what their rules result in.
//!
//! | file | holds |
//! |---|---|
//! | `bounds.rs` | what a policy may be like before the interpreter sees it |
//! | `module.rs` | a file, looked at by its lines: what it defines, and what is said of it |
//! | `package.rs` | modules to a package that can be asked |
//! | `functions.rs` | functions that make much out of little, bounded |
//! | `value.rs` | what a rule results in |
//! | `steps.rs` | the clock of the interpreter: it counts steps, and looks at the stack |
//! | `limits.rs` | every bound, with its reason |
//!
//! Each package is compiled alone with those it names, so that a broken one harms no other. There is no network, no clock and no
//! chance in it. What would overflow the stack, or hold the interpreter up for hours, is refused, or ends as an error. Not bounded is
//! the memory of one step.
//!
//! Whoever uses it calls everything from within [`with_stack`], and decides which rules are asked, of what, and what a result means.

mod bounds;
mod functions;
pub mod limits;
mod module;
mod package;
mod steps;
mod value;

pub use module::{Module, Rule, modules};
pub use package::{Package, merge};
pub use regorus::Value;
pub use steps::{taken, with_stack};
pub use value::{json, results};

/// Why there is no answer when the system gives no thread.
pub const NO_STACK: &str = "there is no memory for the interpreter of policies: a thread could not be started";

/// Why a policy cannot be used, or gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {reason}", place.0, place.1)]
pub struct Fault {
    /// Its file.
    pub file: String,
    /// Line and column.
    pub place: (usize, usize),
    /// What is wrong there.
    pub reason: String,
}
