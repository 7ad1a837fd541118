//! Every bound of this crate, with its reason. What exceeds one is reported, and the result says that it is incomplete.

// Files.

/// Largest file that is parsed; the largest lock file of a large repository has some 5 MB.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

// Trees.

/// Nodes of one file: a rendered chart of a whole cluster has some hundred thousand.
pub const MAX_NODES: usize = 2_000_000;
/// Deepest nesting; custom resources have 30 levels.
pub const MAX_DEPTH: usize = 96;
/// Documents of one file.
pub const MAX_DOCUMENTS: usize = 10_000;
/// Members that merge keys (`<<`) add in one file.
pub const MAX_MERGED: usize = 500_000;

// Rules.

/// Bytes of one rule file.
pub const MAX_RULE_BYTES: usize = 1024 * 1024;
/// Nodes of one rule file.
pub const MAX_RULE_NODES: usize = 50_000;
/// Nesting of a rule's conditions.
pub const MAX_CONDITION_DEPTH: usize = 24;
/// Size of a compiled regular expression of a rule.
pub const MAX_REGEX_BYTES: usize = 1024 * 1024;
/// Findings of one rule in one file; what is beyond is counted.
pub const MAX_FINDINGS_A_RULE: usize = 1_000;
/// Longest value that a finding shows, in characters.
pub const MAX_SHOWN: usize = 120;

// Secrets.

/// Detectors of one file.
pub const MAX_DETECTORS_A_FILE: usize = 500;
/// Keywords of one detector.
pub const MAX_KEYWORDS: usize = 64;
/// Bytes around a keyword that a detector may look at: a token of claims has some thousand.
pub const MAX_WINDOW: usize = 8192;
/// Secrets of one text that are reported: a file with more is a list of them, and the rest is counted.
pub const MAX_SECRETS_A_FILE: usize = 200;
/// Places that are looked at before equals are taken out.
pub const MAX_HITS: usize = 4_000;
/// The longest key of a finding.
pub const MAX_KEY_NAME: usize = 80;
/// Bytes of windows that one byte of a text may cost, so that keywords without end stay linear.
pub const WINDOW_WORK_A_BYTE: usize = 64;
/// Encodings within each other.
pub const MAX_DECODE_DEPTH: usize = 5;
/// Bytes that one text may decode to, all levels together.
pub const MAX_DECODED_BYTES: usize = 8 * 1024 * 1024;
/// The longest encoded run: longer ones are data, and their beginning is looked at.
pub const MAX_ENCODED_RUN: usize = 256 * 1024;
/// The shortest base64: 18 bytes, fewer than any token.
pub const MIN_BASE64_RUN: usize = 24;
/// The shortest hex: 16 bytes.
pub const MIN_HEX_RUN: usize = 32;
