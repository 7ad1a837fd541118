//! Every bound of this crate, with its reason.

/// Nodes of the YAML of one file; the largest public rule has some thousands.
pub const MAX_YAML_NODES: usize = 200_000;
/// Deepest nesting of YAML; a rule has 6 levels.
pub const MAX_YAML_DEPTH: usize = 32;

/// Largest file of definitions: a hundred times ours.
pub const MAX_SOURCE_FILE_BYTES: usize = 1024 * 1024;
/// Definitions together: ten times ours. Each is asked of every event.
pub const MAX_DEFINITIONS: usize = 2_000;
/// Names in one list of a definition.
pub const MAX_SOURCE_NAMES: usize = 1_000;
/// Paths that one field of a rule is looked for at: a Windows field has some twenty.
pub const MAX_FIELD_PATHS: usize = 128;
