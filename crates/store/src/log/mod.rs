//! The write-ahead log: what is in it and synced is acknowledged, and nothing else is.

pub mod ipc;
pub mod record;
pub mod replay;
pub mod writer;
