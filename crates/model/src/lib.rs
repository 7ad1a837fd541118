//! The nouns of Tandem: tables and their columns, values, batches of events, ids, entities and the other facts, limits.
//!
//! Nothing here does I/O, waits, or reads a clock. Every other crate speaks in these types.

pub mod access;
pub mod alert;
pub mod attributes;
pub mod batch;
pub mod columns;
pub mod control;
pub mod dataset;
pub mod decision;
pub mod entity;
pub mod event_id;
pub mod fact;
pub mod flatten;
pub mod hex;
pub mod json;
pub mod limits;
pub mod logs;
pub mod metrics;
pub mod report;
pub mod spans;
pub mod value;
pub mod verdict;

pub use access::{Caller, CallerKind, Grant, Role};
pub use alert::{Alert, Aspect, CitedEvent, Level};
pub use attributes::AttributesBuilder;
pub use batch::{Context, EventBatch};
pub use columns::Table;
pub use control::{Because, Control, Exception, InForce, Mode, Protects};
pub use dataset::{DEFAULT_DATASET, Datasets};
pub use decision::{Cite, Decision};
pub use event_id::EventId;
pub use fact::{About, Change, Complete, EntityRef, Facts, Finding, Nanos, Observation, Relation};
pub use report::{Hiding, Report, Reported, Source, Tool};
pub use value::{Value, ValueRef};
pub use verdict::{Answer, Asked, Question, Reason, Verdict, Waived};
