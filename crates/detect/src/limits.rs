//! Every limit of this crate, with its reason.

/// Deepest nesting of a condition. Rules that people write nest five deep, generated ones ten; evaluation recurses.
pub const MAX_CONDITION_DEPTH: usize = 128;
/// Fields, that is different lists of paths, of one set of rules; public collections of 3,000 rules have about 700.
pub const MAX_FIELDS: usize = 60_000;
/// Texts of which one is needed, for one rule. A rule that names more is looked at for every event of its classes, which
/// is as cheap then.
pub const MAX_NECESSARY: usize = 2_048;
/// Sets of classes with an index of their own. Real events make some dozens; what a sender invents beyond it shares the
/// index over all rules.
pub const MAX_CLASS_SETS: usize = 512;
/// Bytes of all indexes together; beyond it, sets of classes share the index over all rules.
pub const MAX_INDEX_BYTES: usize = 128 * 1024 * 1024;
/// Bytes of one event as a line. What is longer is refused: collectors cut at a mebibyte.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;
