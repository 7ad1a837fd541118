//! The nouns of Tandem: tables and their columns, values, batches of events, ids, limits.
//!
//! Nothing here does I/O, waits, or reads a clock. Every other crate speaks in these types.

pub mod attributes;
pub mod batch;
pub mod columns;
pub mod event_id;
pub mod json;
pub mod limits;
pub mod logs;
pub mod metrics;
pub mod spans;
pub mod value;

pub use attributes::AttributesBuilder;
pub use batch::{Context, EventBatch};
pub use columns::Table;
pub use event_id::EventId;
pub use value::{Value, ValueRef};
