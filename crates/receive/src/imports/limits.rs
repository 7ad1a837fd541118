//! Every limit on documents, with its reason.

/// Largest document: the bill of materials of the largest images has some 30 MiB.
pub const MAX_DOCUMENT_BYTES: usize = model::limits::MAX_DECOMPRESSED_BYTES;
/// Facts of one document, as many as the ledger takes at once.
pub const MAX_DOCUMENT_FACTS: usize = model::limits::MAX_RECORDS_PER_REQUEST;
/// Largest catalog file. It is written by people; an export of a whole organisation has a few MiB.
pub const MAX_CATALOG_BYTES: usize = 8 * 1024 * 1024;
/// Nodes of a YAML document. An alias costs none, so that aliases of aliases cannot multiply.
pub const MAX_YAML_NODES: usize = 500_000;
/// Deepest nesting of YAML; a catalog file has 6 levels.
pub const MAX_YAML_DEPTH: usize = 64;
/// Largest CODEOWNERS file: GitHub reads no larger one.
pub const MAX_CODEOWNERS_BYTES: usize = 3 * 1024 * 1024;
/// Longest line of a CODEOWNERS file: a path and some dozens of owners.
pub const MAX_CODEOWNERS_LINE_BYTES: usize = 8 * 1024;
/// Rules of a CODEOWNERS file; a path is compared with each of them.
pub const MAX_CODEOWNERS_RULES: usize = 20_000;
/// Sections of a CODEOWNERS file: a large organisation has some 50.
pub const MAX_SECTIONS: usize = 1_000;
/// Owners of one rule or section.
pub const MAX_OWNERS: usize = 100;
/// Longest text kept as an attribute; what is longer is a page, not a name.
pub const MAX_TEXT_BYTES: usize = 1024;
/// Items of a list or map kept as an attribute.
pub const MAX_ITEMS: usize = 16;
/// Longest of them: with [`MAX_ITEMS`] and [`MAX_LINKS`] all attributes of a thing fit in what the ledger takes.
pub const MAX_ITEM_BYTES: usize = 256;
/// Links of a catalog's entity that are kept; people look at the first few.
pub const MAX_LINKS: usize = 8;
/// Notes of one document; more are only counted.
pub const MAX_NOTES: usize = 100;
/// Longest reason of an error: it may quote what was read.
pub const MAX_REASON_BYTES: usize = 300;
/// How far a document is looked into to find out what it is, from its start.
pub const DETECT_BYTES: usize = 64 * 1024;
/// How long something holds that was seen in a list, in nanoseconds: a day, the longest there is. A list is a moment and
/// does not say what is gone.
pub const LIST_LEASE_NANOS: i64 = 24 * 3600 * 1_000_000_000;
/// Results of one SARIF log, as many as the ledger takes of one report. GitHub takes 25,000.
pub const MAX_SARIF_RESULTS: usize = 100_000;
/// Runs of one SARIF log; GitHub takes 20.
pub const MAX_SARIF_RUNS: usize = 1_000;
/// Longest message of a result that is kept: a sentence. Some tools put a page there.
pub const MAX_SARIF_MESSAGE_BYTES: usize = 4 * 1024;
/// Longest path and rule of a result that is kept.
pub const MAX_SARIF_NAME_BYTES: usize = 1024;
