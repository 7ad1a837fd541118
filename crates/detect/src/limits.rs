//! Every bound of this crate, with its reason. What exceeds one is refused or left out, counted and shown.

use model::fact::Nanos;

// Rule files: `sigma`.

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
/// Bytes of all patterns that one value may become.
pub const MAX_EXPANDED_BYTES: usize = 4 * 1024 * 1024;
/// Tests in a rule after everything is written out: lists of hashes have some thousands, and `2 of them` multiplies. Long
/// values count for more, see [`BYTES_PER_TEST`].
pub const MAX_LEAVES: usize = 50_000;
/// Tests of all rules that are loaded together: the largest public collection has 50,000. A test takes some 200 bytes.
pub const MAX_LEAVES_TOGETHER: usize = 1_000_000;
/// A value counts as another test for each so many bytes.
pub const BYTES_PER_TEST: usize = 256;
/// What `2 of name*` may ask for: each choice is written out.
pub const MAX_OF: usize = 8;
/// Depth of a condition's parentheses and negations.
pub const MAX_CONDITION_DEPTH: usize = 64;
/// Longest condition.
pub const MAX_CONDITION_BYTES: usize = 16 * 1024;
/// Longest regular expression; the longest public one has 1,500 bytes.
pub const MAX_REGEX_BYTES: usize = 16 * 1024;
/// Compiled size of one regular expression: a class such as `\pL` needs some 40 KiB each time. It keeps `(\pL{100}){100}` out.
pub const MAX_REGEX_COMPILED_BYTES: usize = 4 * 1024 * 1024;
/// Compiled size of all regular expressions that are loaded together, rounded up to [`REGEX_STEPS`] each.
pub const MAX_REGEX_TOTAL_BYTES: usize = 128 * 1024 * 1024;
/// The same for one file, with what was tried in vain: a step takes some milliseconds for each 100 KiB.
pub const MAX_REGEX_FILE_BYTES: usize = 64 * 1024 * 1024;
/// What a compiled regular expression is counted as.
pub const REGEX_STEPS: [usize; 4] = [16 * 1024, 128 * 1024, 1024 * 1024, MAX_REGEX_COMPILED_BYTES];
/// Depth of groups in a regular expression.
pub const MAX_REGEX_DEPTH: u32 = 64;
/// Rules that a correlation looks at, fields that it groups by, aliases that it has.
pub const MAX_CORRELATED: usize = 64;
/// Rules with the same name that are told apart by their files.
pub const MAX_SAME_NAME: usize = 100;
/// Correlations above each other.
pub const MAX_CHAIN: usize = 16;
/// Lint findings that are kept; the others are counted.
pub const MAX_FINDINGS: usize = 20_000;
/// Longest reason of a refusal.
pub const MAX_REASON_BYTES: usize = 1_000;

// Definitions of log sources: `sources`.

/// Largest file of definitions: a hundred times ours.
pub const MAX_SOURCE_FILE_BYTES: usize = 1024 * 1024;
/// Definitions together: ten times ours. Each is asked of every event.
pub const MAX_DEFINITIONS: usize = 2_000;
/// Names in one list of a definition.
pub const MAX_SOURCE_NAMES: usize = 1_000;
/// Paths that one field of a rule is looked for at: a Windows field has some twenty.
pub const MAX_FIELD_PATHS: usize = 128;

// Files of events: `input`. One event has [`MAX_EVENT_BYTES`] at most.

/// Bytes of one file, unpacked: a gzip of some MiB can have no end.
pub const MAX_INPUT_BYTES: u64 = 256 * 1024 * 1024 * 1024;
/// What is bad in a file is counted, and the first of it is told.
pub const MAX_BAD_TOLD: usize = 5;
/// Audit events of which more records may come: the kernel mixes the records of as many as it has processors.
pub const MAX_AUDIT_OPEN: usize = 64;
/// Arguments of a command that are kept; build tools have some thousand.
pub const MAX_AUDIT_ARGUMENTS: usize = 10_000;
/// Elements or templates within each other in a Windows event; real ones have six.
pub const MAX_XML_DEPTH: usize = 32;
/// Tokens of the XML of a Windows event: the largest have some hundred.
pub const MAX_XML_TOKENS: usize = 100_000;

// Packs of rules and their pages: `pack` and `pages`.

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
/// Values of a list that an explanation names.
pub const MAX_EXPLAINED_VALUES: usize = 12;
/// Characters of one value that an explanation shows.
pub const MAX_EXPLAINED_VALUE_CHARS: usize = 200;

// The engine: `engine`.

/// Deepest nesting of a condition. Rules that people write nest five deep, generated ones ten; evaluation recurses.
pub const MAX_EXPR_DEPTH: usize = 128;
/// Fields, that is different lists of paths, of one set of rules; public collections of 3,000 rules have about 700.
pub const MAX_FIELDS: usize = 60_000;
/// Texts of which one is needed, for one rule; a rule with more is looked at for every event of its classes. As many as
/// a rule has tests.
pub const MAX_NECESSARY: usize = MAX_LEAVES;
/// Sets of classes with an index of their own. Real events make some dozens; what a sender invents beyond it shares the
/// index over all rules.
pub const MAX_CLASS_SETS: usize = 512;
/// Bytes of all indexes together; beyond it, sets of classes share the index over all rules.
pub const MAX_INDEX_BYTES: usize = 128 * 1024 * 1024;
/// Bytes of one event as a line. What is longer is refused: collectors cut at a mebibyte.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;
/// Values of one event that are looked at; events that people write have some hundred. Each is asked by every rule that
/// looks at its field, or at every value.
pub const MAX_EVENT_VALUES: usize = 16_384;

// Windows: `windows`.

/// Rules that one correlation looks at: which of them matched is a bit each. More are chained.
pub const MAX_CORRELATION_RULES: usize = 64;
/// Deepest nesting of a condition over rules; people write two levels.
pub const MAX_RULE_EXPR_DEPTH: usize = 32;
/// Longest window of a correlation: its events are held for twice as long.
pub const MAX_TIMESPAN: Nanos = 31 * 86_400 * 1_000_000_000;
/// How late events of the stream may be: collectors that lost their connection retry for some minutes. Alerts that
/// wait for the end of a window are told so much later.
pub const LATENESS: Nanos = 5 * 60 * 1_000_000_000;
/// Keys of all rules and correlations together: a public set of rules over ten thousand hosts has some thousands.
pub const MAX_KEYS: usize = 200_000;
/// Events of one key: a window that counts more of them says nothing new.
pub const MAX_KEY_ENTRIES: usize = 100_000;
/// Bytes of all windows, about as a snapshot has them: half a million events. With what is not counted exactly a snapshot
/// stays below the 64 MiB that the ledger keeps.
pub const MAX_KEPT_BYTES: usize = 48 * 1024 * 1024;
/// Those among them that are copies of events, which alerts cite.
pub const MAX_KEPT_COPY_BYTES: usize = 16 * 1024 * 1024;
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
/// Largest snapshot that is read.
pub const MAX_SNAPSHOT_BYTES: usize = 256 * 1024 * 1024;

// Operational rules: `ops`.

/// Rows that one answer may have; what is beyond is not looked at, and said. A rule with more groups than this watches
/// single requests, not services.
pub const MAX_ANSWER_ROWS: usize = 10_000;
/// Groups of one rule that are remembered (waiting, raised, or expected to report): as many as an answer has.
pub const MAX_OPS_KEYS: usize = 10_000;
/// Values that a `first_seen` rule remembers; 16 bytes each, so that all of a rule fit in half a MiB.
pub const MAX_SEEN: usize = 30_000;
/// Alerts of one look of a `first_seen` rule; what else is new then is learnt and counted. Fifty new values at once are
/// one story, such as a new version.
pub const MAX_NEW_VALUES: usize = 50;
/// Fields that a rule groups by.
pub const MAX_GROUP_FIELDS: usize = 8;
/// Bytes of one value of a group; longer ones are cut. Groups are names, not texts.
pub const MAX_OPS_GROUP_BYTES: usize = 512;
/// Bytes of a statement or search in a rule.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// Operational rules together: each is a query every minute or so.
pub const MAX_OPS_RULES: usize = 1_000;
/// Offsets that a `change` rule compares with.
pub const MAX_OFFSETS: usize = 8;
/// Pairs of windows of one objective; the SRE workbook has four.
pub const MAX_PAIRS: usize = 8;
/// Rows of a case of a page: an hour of many services.
pub const MAX_STORY_ROWS: usize = 100_000;
/// Looks at a case of a page: each is a query.
pub const MAX_STORY_LOOKS: i64 = 500;
/// Bytes of a snapshot that is read back.
pub const MAX_OPS_SNAPSHOT_BYTES: usize = 64 * 1024 * 1024;

const SECOND: i64 = 1_000_000_000;
/// Shortest time between two evaluations: below this, watching costs more than what is watched.
pub const MIN_EVERY: i64 = 10 * SECOND;
/// Longest time between two evaluations.
pub const MAX_EVERY: i64 = 24 * 3600 * SECOND;
/// Longest window or look back: longer ones read more than a month of events each time.
pub const MAX_OPS_WINDOW: i64 = 35 * 24 * 3600 * SECOND;
/// An alert that lasts is told again this often, so that its last time and numbers are fresh.
pub const RETELL_LASTING: i64 = 5 * 60 * SECOND;
/// A query that was neither answered nor failed for so long is asked again.
pub const ASK_LOST: i64 = 10 * 60 * SECOND;
