//! The id that an event keeps for ever.

/// Bits of an [`EventId`] that number the row inside its commit.
pub const ROW_BITS: u32 = 24;
/// Rows one commit can hold.
pub const MAX_ROWS_PER_COMMIT: usize = 1 << ROW_BITS;

/// Commit sequence (upper 40 bits) and row (lower 24) given when the event was first made durable.
///
/// Ids grow with the order of commits. They are never reused, also not after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u64);

impl EventId {
    /// The id of `row` in commit `sequence`.
    pub fn new(sequence: u64, row: usize) -> Self {
        debug_assert!(row < MAX_ROWS_PER_COMMIT);
        debug_assert!(sequence < 1 << (64 - ROW_BITS));
        Self(sequence << ROW_BITS | row as u64)
    }

    /// The commit that made the event durable.
    pub fn sequence(self) -> u64 {
        self.0 >> ROW_BITS
    }
}
