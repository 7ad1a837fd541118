//! The ledger from the outside, on both databases.

mod audit;
mod decisions;
mod facts;
mod inventory;
mod opening;
mod postgres;
mod support;
mod suspects;
mod tables;
