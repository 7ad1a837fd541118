//! Limits of operational rules, with their reasons.

/// Rows that one answer may have; what is beyond is not looked at, and said. A rule with more groups than this watches
/// single requests, not services.
pub const MAX_ANSWER_ROWS: usize = 10_000;
/// Groups of one rule that are remembered (waiting, raised, or expected to report): as many as an answer has.
pub const MAX_KEYS: usize = 10_000;
/// Values that a `first_seen` rule remembers; 16 bytes each, so that all of a rule fit in half a MiB.
pub const MAX_SEEN: usize = 30_000;
/// Fields that a rule groups by.
pub const MAX_GROUP_FIELDS: usize = 8;
/// Bytes of one value of a group; longer ones are cut. Groups are names, not texts.
pub const MAX_VALUE_BYTES: usize = 512;
/// Bytes of a statement or search in a rule.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// Operational rules together: each is a query every minute or so.
pub const MAX_RULES: usize = 1_000;
/// Offsets that a `change` rule compares with.
pub const MAX_OFFSETS: usize = 8;
/// Pairs of windows of one objective; the SRE workbook has four.
pub const MAX_PAIRS: usize = 8;
/// Bytes of a snapshot that is read back.
pub const MAX_SNAPSHOT_BYTES: usize = 64 * 1024 * 1024;

const SECOND: i64 = 1_000_000_000;
/// Shortest time between two evaluations: below this, watching costs more than what is watched.
pub const MIN_EVERY: i64 = 10 * SECOND;
/// Longest time between two evaluations.
pub const MAX_EVERY: i64 = 24 * 3600 * SECOND;
/// Longest window or look back: longer ones read more than a month of events each time.
pub const MAX_WINDOW: i64 = 35 * 24 * 3600 * SECOND;
/// An alert that lasts is told again this often, so that its last time and numbers are fresh.
pub const RETELL: i64 = 5 * 60 * SECOND;
/// A query that was neither answered nor failed for so long is asked again.
pub const ASK_LOST: i64 = 10 * 60 * SECOND;
