//! Access: who asks, what that person or program may do, and what is written down when it may not.
//!
//! `routes.rs` is the one layer that every route of the API goes through. It refuses by what a route needs; which team
//! is meant is the handler's to know, and which datasets may be read is held at the scan of a table.

#![allow(dead_code)] // TEMP

pub mod door;
pub mod limit;
pub mod oidc;
pub mod outbound;
pub mod password;
pub mod refusals;
pub mod routes;
pub mod session;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
