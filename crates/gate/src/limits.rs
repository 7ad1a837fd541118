//! Every bound of this crate, with its reason. What exceeds one is refused, or left out and counted.

// Checks and policies.

/// Bytes of one check, page or policy: some hundred times a usual one.
pub const MAX_CHECK_BYTES: usize = 256 * 1024;
/// Checks, pages and policies of one folder.
pub const MAX_CHECK_FILES: usize = 2_000;
/// Folders within folders of checks.
pub const MAX_FOLDER_DEPTH: usize = 8;
/// Nodes of the YAML of a check or a case.
pub const MAX_YAML_NODES: usize = 10_000;
/// Deepest nesting of YAML.
pub const MAX_YAML_DEPTH: usize = 32;
/// Deepest nesting of a condition; one that people can read has 3 levels.
pub const MAX_CONDITION_DEPTH: usize = 8;
/// Parts of the condition of one check.
pub const MAX_CONDITION_PARTS: usize = 64;
/// Bytes of what a check says, with the facts in it: some lines of a terminal.
pub const MAX_TEXT_BYTES: usize = 2_000;
/// Items of a list that are named in a text; the rest is counted.
pub const MAX_LISTED: usize = 5;
/// Ids of facts that one reason cites.
pub const MAX_CITED: usize = 100;
/// Cases of one page.
pub const MAX_CASES: usize = 50;
/// Steps of the interpreter for one rule of a Rego package over one document: well below a second.
pub const MAX_REGO_STEPS: u64 = 300_000;
/// What one rule of a Rego package says of one document; the rest is counted.
pub const MAX_REGO_RESULTS: usize = 20;
/// Reasons that a broken check or policy adds to a verdict; the rest is counted.
pub const MAX_BROKEN_SHOWN: usize = 10;

// Documents that are read.

/// Bytes of a plan: those of some thousand resources.
pub const MAX_PLAN_BYTES: usize = 128 * 1024 * 1024;
/// Changes of a plan that are looked at.
pub const MAX_PLAN_CHANGES: usize = 100_000;
/// Bytes of autoscalers as files.
pub const MAX_MANIFEST_BYTES: usize = 8 * 1024 * 1024;
/// Nodes of these.
pub const MAX_MANIFEST_NODES: usize = 500_000;
/// Growths that one document leads to: each is a question.
pub const MAX_GROWTHS: usize = 1_000;
/// Bytes of a request of an API server; etcd keeps objects of 1.5 MiB, and a review has two.
pub const MAX_REVIEW_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the name of a service, or of a version: as an entity's.
pub const MAX_NAME_BYTES: usize = 512;
/// Characters of one warning; Kubernetes cuts longer ones.
pub const MAX_WARNING_CHARS: usize = 256;
/// Warnings of one answer; Kubernetes shows 4,096 characters in all.
pub const MAX_WARNINGS: usize = 12;
/// Bytes of a file of test results.
pub const MAX_JUNIT_BYTES: usize = 64 * 1024 * 1024;
/// Deepest nesting of one; suites within suites have 4 levels.
pub const MAX_JUNIT_DEPTH: usize = 32;
/// Failed tests that are named; the rest is counted.
pub const MAX_JUNIT_NAMES: usize = 100;
/// Bytes of the name of a test.
pub const MAX_JUNIT_NAME_BYTES: usize = 200;

// What is said.

/// Characters of a verdict in one line: what a chat or a list shows without folding.
pub const MAX_LINE_CHARS: usize = 400;
