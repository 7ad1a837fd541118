//! The ledger from the outside, on both databases.

mod access;
mod alerts;
mod audit;
mod compact;
mod decisions;
mod dump;
mod facts;
mod inventory;
mod opening;
mod postgres;
mod scans;
mod support;
mod suspects;
mod tables;
