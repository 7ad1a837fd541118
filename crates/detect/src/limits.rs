//! Every limit of detection, with its reason. What exceeds one is refused or left out, counted and shown.

use model::fact::Nanos;

/// Rules that one correlation looks at: which of them matched is a bit each. More are chained.
pub const MAX_CORRELATION_RULES: usize = 64;
/// Deepest nesting of a condition over rules; people write two levels.
pub const MAX_RULE_EXPR_DEPTH: usize = 32;
/// Longest window of a correlation: its events are held for twice as long.
pub const MAX_TIMESPAN: Nanos = 31 * 86_400 * 1_000_000_000;
/// Bytes of one group value that are kept; of longer ones the beginning and a hash.
pub const MAX_GROUP_VALUE_BYTES: usize = 1024;
/// Bytes of the copy of one event that an alert cites; of larger ones the longest values are cut.
pub const MAX_COPY_BYTES: usize = 8 * 1024;
/// Alerts that are handed out at once: each may hold 64 KiB of events.
pub const MAX_ALERTS_AT_ONCE: usize = 256;
/// Events that a key is said to be worth looking at again after each new one. Looking costs as much as the key has
/// events, so that many events of one key cost this many times their number at most; smaller keys are always looked at.
pub const LOOKS_PER_EVENT: i64 = 64;
/// How long a key that had too many events to be looked at after each one waits at most.
pub const MAX_LOOK_WAIT: Nanos = 1_000_000_000;
/// How often the count of an alert of a plain rule is told while it grows.
pub const RETELL_EVERY: Nanos = 1_000_000_000;
/// Equal matches of a plain rule within this much event time are one alert.
pub const PLAIN_SPAN: Nanos = 60 * 1_000_000_000;
/// Largest snapshot that is read: twice what may be held.
pub const MAX_SNAPSHOT_BYTES: usize = 1024 * 1024 * 1024;
