//! Small facts and all decisions, kept for good in SQLite or PostgreSQL.
//!
//! Facts and decisions are appended with two times: when it was so (`at`) and when the ledger learnt it (`known`).
//! What was true at any time, as it was known at any time, is derived from them; nothing is ever changed in place.

mod access;
mod alerts;
mod audit;
mod check;
mod compact;
mod db;
mod decided;
mod decisions;
mod dump;
mod error;
mod facts;
mod history;
mod inventory;
mod limits;
mod names;
mod owners;
mod personal;
mod reporters;
mod scans;
mod schema;
mod sql;
mod suspects;
mod tables;
mod told;

pub use access::{NewToken, NewUser, Presented, Session, Subject, Token, TokenKind, User};
pub use alerts::{
    Act, Acted, Asked, Committed, Copy, Counts, Detection, Detector, Enqueue, Erased, Fate, Firing, Hidden, Kept, Kind,
    KnownFiring, Mark, Move, Moved, On, Order, Outcome, Outgoing, Page, Raise, Record, Situation, State, Step,
    Suppressing, Target, Waiting, Wanted, Whole,
};
pub use audit::{AuditEntry, Checkpoint, Verified};
pub use check::check;
pub use compact::Compacted;
pub use db::{Config, Database, Ledger};
pub use decided::{Again, DecisionsAsked, KeptDecision};
pub use decisions::Decided;
pub use dump::{DUMP_FILE, Dumped, Snapshot};
pub use error::LedgerError;
pub use facts::Recorded;
pub use history::{AsOf, Running};
pub use inventory::{Claimed, Link, Newest};
pub use limits::{FIRING_NANOS, MAX_FIRINGS, MAX_PAGE, MAX_RAISED, MAX_SNAPSHOT_BYTES};
pub use owners::{Owner, PRECEDENCE, Said};
pub use personal::Person;
pub use reporters::Reporter;
pub use scans::{
    ChangeRef, Deployment, FindingState, FindingStep, FindingView, FindingsAsked, Holder, NamedScan, ScanRef, Scanned,
    StepKind, Suppressed, VersionScanned, Waiver, Waivers, stream,
};
pub use suspects::{Suspect, Weakness};
pub use tables::{Cell, ColumnKind, Scan, TABLES, Table};
pub use told::{FindingSpan, ToldChange};
