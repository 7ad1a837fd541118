//! Limits of this crate, each with its reason. Limits on records are in `model::limits`.

use std::time::Duration;

const SECOND: i64 = 1_000_000_000;

/// Files followed at once. A busy host has dozens; more is a mistaken pattern.
pub const MAX_FILES: usize = 512;
/// Directory entries looked at in one scan, so that a huge tree cannot hold up the reading.
pub const MAX_SCAN_ENTRIES: usize = 20_000;
/// Folders below the fixed part of a pattern that `**` reaches.
pub const MAX_DEPTH: usize = 3;
/// Bytes of a file that become one batch, unless one line is longer.
pub const BLOCK_BYTES: usize = 256 * 1024;
/// Ranges of one file handed out and not yet acknowledged.
pub const MAX_PENDING_RANGES: usize = 64;
/// Bytes read back from a file that is met on the first start.
pub const MAX_BACKFILL_BYTES: u64 = 16 * 1024 * 1024;
/// On the first start, files not written for this long are read from their end.
pub const BACKFILL_AGE: Duration = Duration::from_secs(24 * 3600);
/// Bytes at the start of a file that tell it from another file with the same inode.
pub const FINGERPRINT_BYTES: usize = 256;
/// Bytes at the start of a file in which a NUL makes it binary.
pub const BINARY_SAMPLE_BYTES: usize = 1024;
/// A last line without its end is taken as it is after this long without growth.
pub const PARTIAL_LINE_NANOS: i64 = 5 * SECOND;
/// Time between two looks for new, moved and deleted files.
pub const SCAN_NANOS: i64 = 2 * SECOND;
/// A moved or deleted file is followed until it has not grown for this long: after a rotation, programs
/// go on writing to the old file until they are told.
pub const MOVED_LINGER_NANOS: i64 = 60 * SECOND;
/// The handle of a file without growth for this long is closed, to hold few handles.
pub const IDLE_CLOSE_NANOS: i64 = 600 * SECOND;
/// Problems remembered for showing.
pub const MAX_PROBLEMS: usize = 64;

/// Longest journal entry read; the journal itself cuts at 64 KiB a field by default.
pub const MAX_ENTRY_BYTES: usize = 4 * 1024 * 1024;
/// Longest wait for the next output of `journalctl`.
pub const JOURNAL_TIMEOUT: Duration = Duration::from_secs(30);
/// How far back the journal is read on the first start, in seconds.
pub const JOURNAL_BACKFILL_SECONDS: i64 = 24 * 3600;
/// Longest wait for an answer to whether there is a journal at all; the start of the program waits for it.
pub const JOURNAL_PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of an error message of `journalctl` that are kept.
pub const MAX_STDERR_BYTES: u64 = 4 * 1024;

/// Largest file of positions or small system file read.
pub const MAX_STATE_BYTES: u64 = 16 * 1024 * 1024;

/// Logical processors reported one by one.
pub const MAX_CPUS: usize = 256;
/// Disks reported.
pub const MAX_DISKS: usize = 64;
/// File systems reported.
pub const MAX_FILESYSTEMS: usize = 64;
/// Network interfaces reported; container hosts have one per container.
pub const MAX_INTERFACES: usize = 128;
/// Connections counted by state; reading more costs the kernel too much for one sample.
pub const MAX_CONNECTIONS: usize = 100_000;
/// Processes looked at in one sample.
pub const MAX_PROCESSES_SEEN: usize = 8_192;
/// Processes reported: those that use the most processor time and memory.
pub const MAX_PROCESSES: usize = 20;
