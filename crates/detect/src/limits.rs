//! What is bounded, and why.

/// Files of rules and pages in a folder: public collections have some thousands.
pub const MAX_PACK_FILES: usize = 50_000;
/// Bytes of one file of rules or one page: rules are a few KiB, lists of values in them some hundred.
pub const MAX_PACK_FILE_BYTES: u64 = 1 << 20;
/// How deep folders of rules may lie in each other.
pub const MAX_PACK_DEPTH: usize = 16;
/// Cases of a page: more than anybody reads.
pub const MAX_CASES: usize = 100;
/// Events of one case: a burst is told with some dozen.
pub const MAX_CASE_EVENTS: usize = 1_000;
/// What is told of a page at once.
pub const MAX_PAGE_PROBLEMS: usize = 50;
