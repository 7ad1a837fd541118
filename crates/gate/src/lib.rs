//! Change, facts and policy to a verdict: "ready", or "not yet, because ...".
//!
//! | module | holds |
//! |---|---|
//! | [`facts`] | the document of what is known of a service |
//! | [`condition`] | conditions over it, of three values |
//! | [`check`] | checks as data, their pages, and folders of them |
//! | [`policies`] | packages in Rego |
//! | [`mod@decide`] | checks, controls, exceptions and facts to a verdict |
//! | [`text`] | a verdict for a terminal, a pull request, a webhook |
//! | [`plan`], [`autoscaler`], [`admission`] | what shall grow, or be released, out of documents |
//! | [`junit`] | results of tests |
//!
//! Nothing here waits, opens a socket or reads a clock. What is not known is never taken for good.

pub mod check;
pub mod condition;
pub mod decide;
pub mod facts;
mod folder;
pub mod limits;
#[path = "rego/mod.rs"]
pub mod policies;
mod readers;
pub mod text;

pub use check::{Check, CheckError, Checks};
pub use decide::decide;
pub use facts::Facts;
pub use folder::folder;
pub use policies::Policies;
pub use readers::{Growth, Growths, ReadError, admission, autoscaler, junit, plan};
