//! Every limit of the store, with its reason.

use std::time::Duration;

/// Rows of a full row group: big enough to compress well, small enough to hold decoded in memory.
pub const ROW_GROUP_ROWS: usize = 262_144;
/// Rows of a granule, the unit the token index points at; a data page never crosses one.
pub const GRANULE_ROWS: usize = 8_192;
/// Row groups of a compacted file: 4 million rows keep the number of files low and a copy short.
pub const MAX_ROW_GROUPS: usize = 16;
/// Decoded bytes of one table's memory that are flushed as one row group.
pub const FLUSH_BYTES: usize = 88 * 1024 * 1024;
/// Memory tables of all tables together; beyond it senders are told to wait.
pub const DEFAULT_MEMORY_BYTES: usize = 160 * 1024 * 1024;
/// Memory tables and flushed rows that queries have still to read may together pass the limit of the memory tables by this
/// part of it, a quarter; beyond it senders are told to wait too.
pub const LINGERING_PART: usize = 4;
/// Log kept since the last flush: bounds the time of a restart.
pub const DEFAULT_LOG_BYTES: u64 = 256 * 1024 * 1024;
/// One log file; the log is cut in whole files.
pub const LOG_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes of one group commit: what one `fdatasync` makes durable.
pub const GROUP_COMMIT_BYTES: usize = 4 * 1024 * 1024;
/// Bytes waiting for the log; beyond it senders are told to wait.
pub const QUEUE_BYTES: usize = 32 * 1024 * 1024;
/// Batches below this many rows are merged with their neighbours before they are logged, since a
/// batch of one row costs kilobytes of columns.
pub const SMALL_BATCH_ROWS: usize = 256;
/// Small batches in a memory table that are merged into one.
pub const SMALL_BATCHES_MERGED: usize = 32;
/// Longest record accepted on replay; longer lengths can only be damage.
pub const MAX_LOG_RECORD_BYTES: u32 = 512 * 1024 * 1024;
/// Rows stay in memory at most this long without a flush.
pub const FLUSH_AGE: Duration = Duration::from_secs(600);
/// How long a retry is recognised.
pub const RETRY_WINDOW: Duration = Duration::from_secs(600);
/// Retry keys remembered; the oldest go first, and are counted.
pub const MAX_RETRY_KEYS: usize = 262_144;
/// Rows that a reader of commits is given at once, when they are of more than one commit.
pub const COMMITTED_ROWS: usize = 65_536;
/// Bytes of them in memory, roughly: a sixth of what memory tables may hold.
pub const COMMITTED_BYTES: usize = 24 * 1024 * 1024;
/// Bytes verified together when a file is read.
pub const CHECK_BLOCK_BYTES: usize = 64 * 1024;
/// Small files of one day that make a merge worthwhile.
pub const MERGE_FILES: usize = 8;
/// Parsed footers kept for the next query: those of about 40 million rows. Parsing one takes a millisecond.
pub const FOOTER_BYTES: usize = 24 * 1024 * 1024;
/// Memory of all queries together.
pub const DEFAULT_QUERY_MEMORY_BYTES: usize = 256 * 1024 * 1024;
/// Bytes that a table of small facts may answer to one query: a hundred thousand findings have 30 MiB.
pub const SMALL_TABLE_BYTES: usize = 64 * 1024 * 1024;
/// Time one query may take.
pub const DEFAULT_QUERY_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest SQL statement.
pub const MAX_SQL_BYTES: usize = 256 * 1024;
/// Operators of one statement: each may be a level of a tree that is walked by recursion, and planning takes
/// more than proportional time.
pub const MAX_SQL_OPERATORS: usize = 2_000;
/// Stack of a query thread: room for a tree of as many levels, in a debug build too. Only what is used is memory.
pub const QUERY_STACK_BYTES: usize = 128 * 1024 * 1024;
/// Statements whose parts all find a thread, so that a short one does not wait for a long one.
pub const QUERY_STATEMENTS: usize = 2;
/// How far threads of reports that nobody waits for give way: at 10 they get a tenth of what an awaited query gets.
pub const BACKGROUND_NICENESS: i32 = 10;
/// Rows a search reads whole in one statement.
pub const SEARCH_CHUNK_ROWS: usize = 4_096;
/// Rows a search returns at most.
pub const MAX_SEARCH_ROWS: usize = 100_000;
/// Bars of a search's histogram at most.
pub const MAX_HISTOGRAM_BUCKETS: usize = 1_000;
/// Default retention.
pub const DEFAULT_RETENTION: Duration = Duration::from_secs(30 * 86_400);
/// How long senders are asked to wait when the store is busy: about the time of half a flush.
pub const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often the store looks whether something is due.
pub const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(1);
/// Pause after a failed flush, so that a full disk is not hammered.
pub const FLUSH_RETRY: Duration = Duration::from_secs(5);
/// Pause after a failed merge.
pub const MERGE_RETRY: Duration = Duration::from_secs(60);
/// Bytes of token indexes read once after a start: a second's work.
pub const SCRUB_BYTES: u64 = 256 * 1024 * 1024;
