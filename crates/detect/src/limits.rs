//! Every bound of this crate, with its reason.

/// Nodes of the YAML of one file; the largest public rule has some thousands.
pub const MAX_YAML_NODES: usize = 200_000;
/// Deepest nesting of YAML; a rule has 6 levels.
pub const MAX_YAML_DEPTH: usize = 32;
/// Largest rule file: some thousand times a usual one.
pub const MAX_RULE_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Rule files that are loaded together: ten times the largest public collection.
pub const MAX_RULE_FILES: usize = 50_000;
/// Bytes of all rule files that are loaded together.
pub const MAX_RULE_BYTES: usize = 512 * 1024 * 1024;
/// Documents that are loaded together.
pub const MAX_RULE_DOCUMENTS: usize = 100_000;
/// Folders within folders of rules.
pub const MAX_FOLDER_DEPTH: usize = 32;
/// Longest metadata text that is kept, such as a description; Sigma's own bound.
pub const MAX_META_BYTES: usize = 65_535;
/// Longest title, name, id, tag or name of a field; Sigma's own bound of a title.
pub const MAX_NAME_BYTES: usize = 256;
/// Entries of a list of metadata that are kept.
pub const MAX_META_ITEMS: usize = 256;
/// Longest value of a detection.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Patterns that one value may become: windash with five dashes in it makes 3,125, base64offset three times what it gets.
pub const MAX_EXPANDED: usize = 10_000;
/// Tests in a rule after everything is written out: lists of hashes have some thousands, and `2 of them` multiplies.
pub const MAX_LEAVES: usize = 50_000;
/// Depth of a condition's parentheses and negations.
pub const MAX_CONDITION_DEPTH: usize = 64;
/// Longest condition.
pub const MAX_CONDITION_BYTES: usize = 16 * 1024;
/// Longest regular expression; the longest public one has 1,500 bytes.
pub const MAX_REGEX_BYTES: usize = 16 * 1024;
/// Compiled size of one regular expression: `\w{1,100}` needs 1 MiB. It keeps `(\w{100}){100}` out.
pub const MAX_REGEX_COMPILED_BYTES: usize = 4 * 1024 * 1024;
/// Compiled size of all regular expressions that are loaded together, rounded up to [`REGEX_STEPS`] each.
pub const MAX_REGEX_TOTAL_BYTES: usize = 128 * 1024 * 1024;
/// What a compiled regular expression is counted as.
pub const REGEX_STEPS: [usize; 4] = [16 * 1024, 128 * 1024, 1024 * 1024, MAX_REGEX_COMPILED_BYTES];
/// Depth of groups in a regular expression.
pub const MAX_REGEX_DEPTH: u32 = 64;
/// Rules that a correlation looks at, fields that it groups by, aliases that it has.
pub const MAX_CORRELATED: usize = 64;
/// Correlations above each other.
pub const MAX_CHAIN: usize = 16;
/// Longest window: ten years. Sigma sets none; a window is held in memory.
pub const MAX_TIMESPAN_SECONDS: i64 = 10 * 31_556_952;
/// Lint findings that are kept; the others are counted.
pub const MAX_FINDINGS: usize = 20_000;
/// Longest reason of a refusal.
pub const MAX_REASON_BYTES: usize = 1_000;
