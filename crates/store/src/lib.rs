//! Keeps events: write-ahead log, memory tables, Parquet files with a token index, and answers to
//! searches and SQL.
//!
//! What [`Store::append`] acknowledged survives `kill -9` and a power cut, once.

mod backup;
mod catalog;
mod check;
mod commit;
mod committed;
mod config;
mod disk;
mod erase;
mod error;
mod facets;
mod filenames;
mod index;
mod limits;
mod log;
mod maintain;
mod memory;
mod merge;
mod open;
mod retry;
mod search;
mod segment;
mod sql;
mod state;
mod stats;
mod store;
mod tail;
mod view;

pub use backup::{BackupReport, restore};
pub use check::{Finding, check};
pub use committed::Committed;
pub use config::Config;
pub use erase::{EraseReport, erase};
pub use error::{AppendError, OpenError, QueryError};
pub use facets::{Facet, FieldInfo};
pub use filenames::{LEDGER, POSITIONS};
pub use limits::MAX_SEARCH_ROWS;
pub use log::record::RetryKey;
pub use search::{SearchEvent, SearchRequest, SearchStream};
pub use sql::small::{SmallScan, SmallTable};
pub use sql::{QueryLimits, SqlResult};
pub use stats::{COMMIT_BOUNDS, Stats, TableStats};
pub use store::{Appended, Store};
pub use tail::{Tail, TailItem};
pub use view::{Sight, View};
