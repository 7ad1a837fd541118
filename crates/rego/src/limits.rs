//! Every bound of this crate, with its reason.

/// Steps that an evaluation may take, whoever asks for how many: some seconds.
pub const MAX_REGO_STEPS: u64 = 3_000_000;
/// Stack of the thread of the interpreter; only what is used is memory.
pub const REGO_STACK_BYTES: usize = 64 * 1024 * 1024;
/// When so much of it is used, an evaluation ends: rules that need each other are some ten deep, and each takes 5 KiB, of a debug build
/// 40. The rest is for what lies between two steps, and for what is no evaluation.
pub const MAX_REGO_STACK: usize = 16 * 1024 * 1024;
/// Brackets within brackets; documents in tests have some fifteen.
pub const MAX_REGO_DEPTH: usize = 28;
/// Words and signs of one expression, with those around it: recursion goes over them.
pub const MAX_REGO_CHAIN: usize = 1_000;
/// Words and signs that the interpreter's parser reads, each as often as it does: it reads the first thing in a bracket twice, and
/// each index behind another doubles what is looked at. Some seconds.
pub const MAX_REGO_WORK: u64 = 2_000_000;
/// Statements of one body: what depends on what in it takes time with their third power.
pub const MAX_REGO_STATEMENTS: usize = 500;
/// Imports of one file: they take time with their second power.
pub const MAX_REGO_IMPORTS: usize = 1_000;
/// Digits of a width that texts are formatted with.
pub const MAX_REGO_WIDTH: usize = 4;
/// Bits that `bits.lsh` moves must be fewer: what is larger fills memory, and addresses have 32.
pub const MAX_REGO_SHIFT: u32 = 64;
/// Numbers that one call of `numbers.range` makes.
pub const MAX_REGO_NUMBERS: usize = 10_000;
/// Values of one result of a rule.
pub const MAX_REGO_RESULT: usize = 20_000;
/// Values within values of one result: whoever reads it may recurse.
pub const MAX_REGO_RESULT_DEPTH: usize = 96;
