//! Every limit on input that more than one crate must know, with its reason.
//!
//! What exceeds a limit is cut (and the row says so in its `cut` column) or refused, and is counted.

/// Longest log body kept, in bytes; the rest is cut. A body beyond this is a dump, not a message.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Attributes kept on one record, resource or scope; the rest is cut.
pub const MAX_ATTRIBUTES: usize = 1024;
/// Longest attribute key kept; longer keys are cut. OpenTelemetry keys are under 100 bytes.
pub const MAX_KEY_BYTES: usize = 1024;
/// Longest attribute value kept, rendered; longer values are cut.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Deepest nesting of arrays and maps decoded; deeper values are replaced by their text `"..."`.
pub const MAX_DEPTH: usize = 32;
/// Records decoded from one request. 262,144 is one row group; larger batches only cost memory.
pub const MAX_RECORDS_PER_REQUEST: usize = 262_144;
/// Largest request body as sent (compressed or not). Collectors send 1 to 4 MiB.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;
/// Largest request body after decompression.
pub const MAX_DECOMPRESSED_BYTES: usize = 64 * 1024 * 1024;
/// Largest ratio of decompressed to compressed size above [`RATIO_FREE_BYTES`]; real telemetry
/// compresses 5 to 60 times, bombs 1,000 times and more.
pub const MAX_COMPRESSION_RATIO: usize = 250;
/// Decompressed size below which the ratio is not looked at.
pub const RATIO_FREE_BYTES: usize = 1024 * 1024;
/// Longest syslog message; RFC 5424 asks for at least 2,048.
pub const MAX_SYSLOG_BYTES: usize = 64 * 1024;
/// Longest line of newline-delimited input.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;
/// Events dated further ahead of the receipt than this get the receipt's time.
pub const MAX_AHEAD_NANOS: i64 = 10 * 60 * 1_000_000_000;
/// Elements of one histogram's bounds or buckets, quantiles, exemplars, span events or links.
pub const MAX_LIST_ITEMS: usize = 4096;
/// Attribute keys of one batch that become typed columns; the others stay in the rest.
pub const MAX_TYPED_COLUMNS: usize = 64;
/// Longest dataset name: it is shown in tables and used in paths of the API.
pub const MAX_DATASET_BYTES: usize = 64;

/// Longest kind of an entity, relation, change or decision: a word.
pub const MAX_KIND_BYTES: usize = 64;
/// Longest name of an entity: the longest package URLs and image references in use have about 500.
pub const MAX_ENTITY_KEY_BYTES: usize = 2_048;
