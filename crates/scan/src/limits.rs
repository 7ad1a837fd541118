//! Every bound of this crate, with its reason. What exceeds one is reported, and the result says that it is incomplete.

// Files.

/// Files of one scan: ten times those of the largest repositories.
pub const MAX_FILES: usize = 5_000_000;
/// Folders within folders.
pub const MAX_TREE_DEPTH: usize = 256;
/// Largest file that is parsed; the largest lock file of a large repository has some 5 MB.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Largest file that says what is left out; that of a large repository has some 10 KB.
pub const MAX_IGNORE_BYTES: u64 = 1024 * 1024;
/// Largest file of suppressions: ten thousand of them have some 2 MB.
pub const MAX_SUPPRESSION_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes of the files that are read together, before what nobody needs of them is let go.
pub const BATCH_BYTES: u64 = 48 * 1024 * 1024;
/// Files that are read together.
pub const BATCH_FILES: usize = 4_096;

/// Files without secrets that are remembered of one root: 16 MB.
pub const MAX_CLEAN_FILES: usize = 1_000_000;
/// Roots that are remembered; the one that was scanned longest ago is forgotten first.
pub const MAX_CLEAN_ROOTS: usize = 64;

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

// Fixes.

/// Steps of one rule's fix; the longest has three.
pub const MAX_FIX_EDITS: usize = 32;
/// Rounds of one file: what is mended may make room for more. A step with fifty expressions in its script takes as many.
pub const MAX_FIX_ROUNDS: usize = 200;
/// Findings that are not mended and named; the rest is counted.
pub const MAX_LEFT_SHOWN: usize = 50;
/// Pairs of lines that a diff compares; beyond, what is between the first and the last change is shown as a whole.
pub const MAX_DIFF_CELLS: usize = 4_000_000;

// What was there before.

/// Largest file of a baseline: a hundred thousand findings in SARIF have some 100 MB.
pub const MAX_BASELINE_BYTES: u64 = 512 * 1024 * 1024;
/// Findings of a baseline.
pub const MAX_BASELINE_FINDINGS: usize = 2_000_000;
/// Files of a commit that are written for a comparison: a large repository has some hundred thousand.
pub const MAX_REVISION_FILES: usize = 1_000_000;
/// Their bytes: they lie in the temporary folder while they are scanned.
pub const MAX_REVISION_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Fixed findings that are named; the rest is counted.
pub const MAX_FIXED_SHOWN: usize = 50;
/// Steps to parents that a name of a commit may ask for.
pub const MAX_REVISION_STEPS: usize = 100_000;

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
/// Bytes of a stream that are looked at together.
pub const STREAM_PART: usize = 4 * 1024 * 1024;
/// Bytes of two parts that overlap: the largest window, and what is decoded around it.
pub const STREAM_OVERLAP: usize = 64 * 1024;
/// The largest object of a history that is unpacked; with a larger one its pack is reported as unread.
pub const MAX_HISTORY_OBJECT: usize = 1024 * 1024 * 1024;
/// Commits of a history: 64 bytes each, five times those of the largest public repository.
pub const MAX_HISTORY_COMMITS: usize = 8_000_000;
/// Objects named by trees of which it is looked whether they are there; projects of ten years have some hundred thousand.
pub const MAX_HISTORY_NAMED: usize = 1_000_000;
/// Missing objects that are counted: a partial clone lacks nearly all, and each is looked for on the disk.
pub const MAX_HISTORY_MISSING: usize = 100;
/// Secrets of a history that are reported.
pub const MAX_HISTORY_SECRETS: usize = 20_000;
/// Folders within each other in a history.
pub const MAX_HISTORY_DEPTH: usize = 256;
/// The shortest base64: 18 bytes, fewer than any token.
pub const MIN_BASE64_RUN: usize = 24;
/// The shortest hex: 16 bytes.
pub const MIN_HEX_RUN: usize = 32;
/// Bytes of one file or of standard input that are looked at for secrets. Larger texts are dumps; what is beyond is reported.
pub const MAX_STREAMED_BYTES: u64 = 256 * 1024 * 1024;
/// Values that are taken out of what is said; lines are shown without what was found in them in any case.
pub const MAX_REDACTED_VALUES: usize = 100_000;
/// The shortest value that is taken out of other texts than its line: shorter ones are parts of words.
pub const MIN_REDACTED: usize = 6;
/// Longest line that is shown, in bytes.
pub const MAX_SHOWN_LINE: usize = 160;

// Dockerfiles.

/// Instructions of one Dockerfile; generated ones have some hundred.
pub const MAX_INSTRUCTIONS: usize = 5_000;
/// Bytes of all `RUN` of one Dockerfile; the largest have some 50 KB.
pub const MAX_RUN_BYTES: usize = 512 * 1024;
/// Signs that divide commands in all `RUN` of one Dockerfile: rules compare commands of a stage with each other.
pub const MAX_RUN_SIGNS: usize = 5_000;
/// Variables of one stage; each stage that is built on it has them, too.
pub const MAX_VARIABLES: usize = 1_000;
/// Commands of one `RUN`; the longest build scripts have some hundred.
pub const MAX_COMMANDS: usize = 2_000;
/// Nesting of a shell's commands, and of commands that are given to commands.
pub const MAX_SHELL_DEPTH: usize = 24;
/// Bytes of a value that variables are replaced in: `A=$A$A` doubles with each line.
pub const MAX_VALUE_BYTES: usize = 4 * 1024;
/// Here-documents without an end in one file; each is looked for to the end of the file.
pub const MAX_UNCLOSED_HEREDOCS: usize = 16;
/// Services that one Compose service extends, one after the other.
pub const MAX_SERVICE_EXTENDS: usize = 16;
/// Files that one Compose file includes, and files of variables that one service names.
pub const MAX_COMPOSE_FILES: usize = 100;
/// Bytes of a file of variables; those of large systems have some ten thousand.
pub const MAX_ENV_BYTES: usize = 256 * 1024;
/// Nodes that one `extends` of another file takes over.
pub const MAX_COPIED: usize = 10_000;
// Suppressions.

/// Longest time that a suppression may have left. Who needs it for longer says so again.
pub const MAX_SUPPRESSED_DAYS: i64 = 366;
/// Its end is announced so many days before.
pub const ANNOUNCE_DAYS: i64 = 7;
/// Suppressions of one file.
pub const MAX_SUPPRESSIONS_A_FILE: usize = 10_000;

// Packs and pages.

/// Files of one pack: ours have some four hundred.
pub const MAX_PACK_FILES: usize = 10_000;
/// Folders in folders of a pack.
pub const MAX_PACK_DEPTH: usize = 16;
/// Cases of one page.
pub const MAX_CASES: usize = 100;
/// Files of one case.
pub const MAX_CASE_FILES: usize = 20;
/// Problems of one page that are told; the first ones tell enough.
pub const MAX_PAGE_PROBLEMS: usize = 50;

// Kubernetes.

/// Objects of one file: a dump of a large cluster has some ten thousand.
pub const MAX_OBJECTS: usize = 100_000;
/// Words of one container's command and arguments.
pub const MAX_FLAGS: usize = 10_000;
/// Pairs of a selector and a workload that are compared: a thousand services on a thousand workloads are one million. What
/// is beyond is not known.
pub const MAX_PAIRS: usize = 8_000_000;
/// Entries of one list of a kustomization: the largest have some hundred.
pub const MAX_KUSTOMIZATION_ENTRIES: usize = 1_000;
/// Values that building all kustomizations copies, each overlay for itself: a thousand objects in twenty overlays are some
/// million. Beyond it nothing is known of what they build.
pub const MAX_KUSTOMIZED_NODES: usize = 4_000_000;
/// Different things that overlays make of one object: one for each environment, seldom more than five.
pub const MAX_VARIANTS: usize = 8;

// Parts.

/// Components of one inventory: the largest lock files have some 10,000.
pub const MAX_COMPONENTS: usize = 200_000;
/// Entries of one folder that are looked at.
pub const MAX_FOLDER_ENTRIES: usize = 100_000;
/// Largest database of installed packages; that of a full desktop has some 15 MB.
pub const MAX_SYSTEM_BYTES: u64 = 128 * 1024 * 1024;
/// Requirement files that name each other.
pub const MAX_REQUIREMENT_FILES: usize = 64;
/// Components that the way of one into the tree names; a longer one is cut in its middle.
pub const MAX_WAY: usize = 6;
/// Folders of installed packages that one tree holds; large monorepos have some hundred.
pub const MAX_ENVIRONMENTS: usize = 10_000;
/// Nesting of installed packages.
pub const MAX_INSTALLED_DEPTH: usize = 32;

// Pipelines: GitHub Actions, GitLab CI.

/// Bytes of one expression: GitHub refuses more than 21,000 characters.
pub const MAX_EXPRESSION_BYTES: usize = 32 * 1024;
/// Nesting of an expression: GitHub refuses more than 50.
pub const MAX_EXPRESSION_DEPTH: usize = 64;
/// Jobs and steps of one file; aliases can multiply them. Generated pipelines have some hundreds.
pub const MAX_PIPELINE_PARTS: usize = 20_000;
/// Nodes that are searched for expressions in one file, aliases counted each time.
pub const MAX_EXPRESSION_NODES: usize = 400_000;
/// Jobs that `extends` goes through, and files that `include` goes through: GitLab allows 11 and 150.
pub const MAX_EXTENDS: usize = 16;
/// Files that one pipeline includes.
pub const MAX_INCLUDES: usize = 150;
/// Values of a matrix that are looked at: GitHub makes at most 256 jobs.
pub const MAX_MATRIX: usize = 256;

/// Expressions that are looked at for the questions where the values of all expressions of a file come from: each question has its part
/// of them, as variables that name each other make ways without number. What was not looked at counts as not known.
pub const MAX_FLOWS: usize = 1_000_000;
/// Those of one question, however many there are.
pub const MIN_FLOWS: usize = 256;

/// Lines of a step's script that are looked at one by one; long scripts have some hundred.
pub const MAX_SCRIPT_LINES: usize = 10_000;

// Advisories.

/// Largest single advisory: CISA's whole list has 1.5 MB, the largest of OSV some 10.
pub const MAX_ADVISORY_BYTES: u64 = 32 * 1024 * 1024;
/// Files of one import: all of OSV has some 600,000.
pub const MAX_IMPORT_FILES: usize = 3_000_000;
/// Bytes of one import, unpacked: all of OSV has some 10 GB.
pub const MAX_IMPORT_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// Refused files of one import that are told; what is beyond is counted.
pub const MAX_REFUSED: usize = 100;
/// Largest record of the file of advisories: what is known of one package.
pub const MAX_RECORD_BYTES: usize = 64 * 1024 * 1024;
/// Largest index of the file of advisories; that of all of OSV has some 20 MB.
pub const MAX_DATABASE_INDEX: u32 = 256 * 1024 * 1024;

// Helm.

/// Nesting of a template's blocks and parentheses, and commands of a pipeline.
pub const MAX_TEMPLATE_DEPTH: usize = 48;
/// Templates that include one another; Helm itself stops at a thousand, charts have about ten.
pub const MAX_TEMPLATE_CALLS: usize = 48;
/// Steps that rendering one file takes, values that are looked at among them; large charts take some ten thousand.
pub const MAX_TEMPLATE_STEPS: usize = 3_000_000;
/// Bytes that rendering one file makes; custom resource definitions have 1 MB.
pub const MAX_RENDERED_BYTES: usize = 8 * 1024 * 1024;
/// Steps that rendering all charts of a tree takes: some seconds. A chart that is installed under many names costs each time.
pub const MAX_RENDER_STEPS: usize = 100_000_000;
/// Charts that one chart installs, each alias for itself: the largest have some fifty.
pub const MAX_CHART_INSTANCES: usize = 256;
/// Charts in charts; two or three is usual.
pub const MAX_CHART_DEPTH: usize = 8;
/// Values that are looked at to work out what each chart in a chart is given.
pub const MAX_CHART_VALUES: usize = 4_000_000;
/// Files of one chart that its templates can ask for; Helm itself packs some thousand.
pub const MAX_CHART_FILES: usize = 5_000;
/// Bytes of one whose text they get; that of a larger one is not known.
pub const MAX_CHART_FILE_BYTES: usize = 256 * 1024;
/// Bytes of charts that are read to find those that cannot be rendered whole here.
pub const MAX_CHARTS_BYTES: u64 = 128 * 1024 * 1024;
/// Bytes of what `helm` made of one chart; what is longer is not read.
pub const MAX_HELM_OUTPUT_BYTES: usize = 32 * 1024 * 1024;
/// Pairs of a line that was made and a line of its template that are compared, for one chart. Beyond it findings stand at the
/// beginning of the template.
pub const MAX_ALIGNED_LINES: usize = 8_000_000;

// Policies that users bring.

/// Values that one attribute of a policy leads to.
pub const MAX_POLICY_VALUES: usize = 10_000;
/// Steps that one attribute of a policy takes in all things of one file, nodes that it looks at among them.
pub const MAX_POLICY_STEPS: usize = 2_000_000;
/// Steps of the interpreter for one rule of a Rego package over one document: as many as there are.
pub use rego::limits::MAX_REGO_STEPS;
/// Those over all documents of one file: a rule that looks at its kind of document alone takes some ten for each other.
pub const MAX_REGO_FILE_STEPS: u64 = 12_000_000;
/// Values of one document that a Rego package sees, aliases counted each time; a larger one is undecided.
pub const MAX_REGO_NODES: usize = 200_000;
/// Bytes of a file that Rego packages see; a larger one is undecided.
pub const MAX_REGO_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of one expression in CEL.
pub const MAX_CEL_BYTES: usize = 4096;
/// Nesting of one.
pub const MAX_CEL_DEPTH: usize = 24;
/// Values and operators of one.
pub const MAX_CEL_SIGNS: usize = 300;
/// Steps that one may take over one subject, items of lists among them; what would take more is undecided.
pub const MAX_CEL_STEPS: usize = 200_000;
/// Bytes of a text that are a step: texts are copied and looked through.
pub const CEL_STEP_BYTES: usize = 256;
/// Bytes of a text, or items of a list, that one makes.
pub const MAX_CEL_TEXT: usize = 64 * 1024;

// Configuration of servers: nginx, sshd.

/// Directives of one file of nginx; those that control panels make have some ten thousand.
pub const MAX_NGINX_DIRECTIVES: usize = 20_000;
/// Words of one directive: lists of hosts or of addresses have some thousand.
pub const MAX_NGINX_ARGUMENTS: usize = 10_000;
/// Nesting of blocks.
pub const MAX_NGINX_DEPTH: usize = 32;
/// Directives of all files together, what is included counted each time.
pub const MAX_NGINX_EXPANDED: usize = 300_000;
/// Files that include one another; nginx itself has no bound.
pub const MAX_SERVER_INCLUDES: usize = 16;
/// Files that one `include` names.
pub const MAX_INCLUDED_FILES: usize = 2_000;
/// Ways in which a value may be put together from variables.
pub const MAX_NGINX_VALUES: usize = 16;
/// Variables and expressions that are looked at in one configuration of nginx; large ones need some thousand.
pub const MAX_NGINX_STEPS: usize = 1_000_000;
/// Addresses of one server of nginx that are looked at.
pub const MAX_NGINX_LISTENS: usize = 256;
/// Lines of one configuration of sshd; generated ones have some hundred.
pub const MAX_SSHD_LINES: usize = 20_000;

// Repository practice.

/// Rules and branches of one export that are looked at.
pub const MAX_EXPORT_ENTRIES: usize = 1_000;
/// Lines of a file of code owners: GitHub reads at most 3 MB of one.
pub const MAX_OWNER_LINES: usize = 20_000;
/// Comparisons of a pattern of code owners with a path, in one scan.
pub const MAX_OWNER_PAIRS: usize = 50_000_000;
