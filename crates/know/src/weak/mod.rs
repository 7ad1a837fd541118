//! What is weak meets what runs: how urgent a finding is and why, where it runs, who acts, what brought it and what mends it.

mod deploy;
mod ground;
mod rank;
mod why;

pub use deploy::{after_changes, after_scan};
pub use ground::Ground;
pub use rank::{Rank, Signals, Term, rank};
pub use why::{Fix, Found, Named, Responsible, findings, holders, why};
