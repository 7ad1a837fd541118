//! This machine as a source: log files, the systemd journal, host metrics, and what it is and what runs on it.
//!
//! Nothing here runs by itself: every source is polled by its owner, who passes the time. What a
//! source hands out ([`Pending`]) carries an id and a position. The owner makes the batch durable under
//! that id and then acknowledges the position. A source writes down what it is about to hand out before
//! it does, so after a crash the same ranges come again under the same ids and can be recognised.

pub mod facts;
pub mod files;
pub mod host;
pub mod journal;
pub mod limits;
mod pending;
mod state;

pub use facts::{FactsConfig, HostFacts, Policy};
pub use files::{Files, FilesConfig, StartAt};
pub use host::{Host, host_name};
pub use journal::{Journal, JournalConfig};
pub use pending::{Pending, Position};
