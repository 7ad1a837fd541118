//! What people sit down for: agendas made from what happened, the roadmap, and upgrades.
//!
//! Meetings, initiatives and upgrades are files; everything else comes from the ledger. No agenda names a person.

pub mod agenda;
pub mod calendar;
pub(crate) mod fields;
pub mod folder;
pub mod meeting;
pub mod roadmap;
pub mod upgrade;
pub mod write;

pub use fields::{Problem, begins, day, day_of};

#[cfg(test)]
mod tests;
