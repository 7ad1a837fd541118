//! Every limit of this crate, with its reason.

use model::Nanos;

/// A second.
pub const SECOND: Nanos = 1_000_000_000;
/// A minute: how often the ledger keeps that the same thing was seen.
pub const MINUTE: Nanos = 60 * SECOND;
/// An hour.
pub const HOUR: Nanos = 60 * MINUTE;
/// A day.
pub const DAY: Nanos = 24 * HOUR;

/// Resources remembered: processes that send something. What was not seen longest is forgotten first.
pub const MAX_RESOURCES: usize = 10_000;
/// Bytes that remembered resources may have together; a usual one has 2 KiB.
pub const MAX_RESOURCE_BYTES: usize = 64 << 20;
/// Longest name of anything from telemetry. A name is never cut, since it would become another's name.
pub const MAX_NAME_BYTES: usize = 512;
/// Longest value of an attribute that is kept of a thing; longer ones are cut.
pub const MAX_VALUE_BYTES: usize = 256;
/// Elements kept of an attribute that is a list, such as the tags of an image.
pub const MAX_LIST: usize = 8;
/// How long a resource that sends nothing is remembered, and with it which signals it sends: some log seldom.
pub const RESOURCE_LASTS: Nanos = HOUR;
/// Entity events of one batch that are read; a collector tells a cluster in batches of some thousands.
pub const MAX_EVENTS_PER_BATCH: usize = 4_096;
/// Entity events that wait to be told: a cluster's objects.
pub const MAX_EVENTS: usize = 20_000;
/// Relations of one entity event.
pub const MAX_RELATIONSHIPS: usize = 64;
/// Names of things that events call by their ids alone, such as the uid of a pod.
pub const MAX_IDENTITIES: usize = 50_000;
/// Facts of one document: a transaction of the ledger that takes under a second.
pub const FACTS_PER_DOCUMENT: usize = 20_000;
/// An announced interval is taken so often: two events may be lost.
pub const INTERVALS: i64 = 3;
/// Longest lease that the ledger takes.
pub const MAX_LEASE: Nanos = DAY;
/// Pairs of service and environment whose versions are remembered.
pub const MAX_VERSIONED: usize = 10_000;
/// Versions of one service that run at once. With more, what it calls a version is none.
pub const MAX_VERSIONS: usize = 16;
/// After a restart the version before the newest is taken to be running still, when it was replaced within this time.
pub const ROLLING: Nanos = HOUR;
/// Hosts whose clocks are watched.
pub const MAX_CLOCKS: usize = 10_000;
/// A clock that is ahead by more is told: an event cannot come before it happened, and networks keep time to 1 s.
pub const AHEAD: Nanos = 2 * SECOND;
/// A clock that is behind by more is told: slower pipelines than this are not live.
pub const BEHIND: Nanos = MINUTE;
/// How far the least delays of a live host's minutes are from each other; a backfill's grow or shrink by more.
pub const LIVE_SPREAD: Nanos = 30 * SECOND;
/// Batches before a clock is said to be behind.
pub const LIVE_BATCHES: u32 = 20;
/// Minutes with data before a clock is said to be behind.
pub const LIVE_MINUTES: usize = 5;
/// Minutes that are looked at.
pub const CLOCK_MINUTES: usize = 10;
/// A service calls another until it did not for this long.
pub const CALLS_LEASE: Nanos = HOUR;
/// Calls of one answer; a mesh of a hundred services has some thousands.
pub const MAX_CALLS: usize = 50_000;
/// Longest name of a host in the domain name system.
pub const MAX_ADDRESS_BYTES: usize = 253;

/// Rows of a report; a person reads fewer, and the count tells how many there are.
pub const MAX_ROWS: usize = 1_000;
/// Bytes of a ledger's table that a report reads.
pub const MAX_SCAN_BYTES: usize = 256 << 20;
/// Times of a report over time: each is a question of its own.
pub const MAX_TIMES: usize = 60;
/// A stream that brought no log for this long is silent: jobs run daily.
pub const LOGS_LAST: Nanos = DAY;
/// Layers of a policy; people name three to ten.
pub const MAX_LAYERS: usize = 64;
/// Rules that are named of those that read a stream: a person reads no more, and the count tells how many there are.
pub const MAX_READERS: usize = 10;

/// Bytes of a file that people write: a meeting, an initiative, an upgrade. A long one has some thousands.
pub const MAX_FILE_BYTES: usize = 256 << 10;
/// Nodes of such a file.
pub const MAX_FILE_NODES: usize = 20_000;
/// Depth of such a file; they are flat.
pub const MAX_FILE_DEPTH: usize = 16;
/// Items of a list in such a file.
pub const MAX_WRITTEN_LIST: usize = 1_000;
/// Longest text in such a file.
pub const MAX_WRITTEN_TEXT: usize = 4 << 10;
/// Days before something restricts a team that it hears of it, when nobody says.
pub const NOTICE_DAYS: u32 = 30;
/// Notice of more than a year is forgotten before it matters.
pub const MAX_NOTICE_DAYS: u32 = 366;
/// Days that an upgrade is watched in one place, when nobody says.
pub const SOAK_DAYS: u32 = 3;
/// Longest soak.
pub const MAX_SOAK_DAYS: u32 = 180;
/// How long a meeting lasts when nobody says.
pub const MEETING_MINUTES: u32 = 45;
/// Nobody meets for longer than a day.
pub const MAX_MEETING_MINUTES: u32 = 24 * 60;
/// Meetings that were not held, as far as they are told: half a year of weeks.
pub const MAX_MISSED: usize = 26;
/// Lines of a section of an agenda: more are not spoken of, and the count tells how many there are.
pub const MAX_AGENDA_ITEMS: usize = 20;
/// Files of meetings, of the roadmap, or of upgrades in one folder: nobody has more in sight.
pub const MAX_PLANNED_FILES: usize = 2_000;

/// Bytes of a control's file; as JSON, each byte escaped, it still fits into a decision of the ledger.
pub const MAX_CONTROL_BYTES: usize = 24 * 1024;
/// Controls in force at once: people answer for each of them.
pub const MAX_CONTROLS: usize = 1_000;
/// Nodes of a control's front matter, which has some dozens.
pub const MAX_CONTROL_NODES: usize = 5_000;
/// Nesting of a control's front matter, which has three levels.
pub const MAX_CONTROL_DEPTH: usize = 8;
/// Bytes of a control's name: it is a part of keys and of commands.
pub const MAX_CONTROL_NAME_BYTES: usize = 64;
/// Elements of each list of a control; one that stands behind all rules for secrets has some 300.
pub const MAX_CONTROL_LIST: usize = 1_000;
/// How long what exempts, relaxes or tightens lasts at most: it is looked at each quarter.
pub const MAX_RESTRICTING: Nanos = 90 * DAY;
/// Findings that are suppressed at once: each is cited, and a decision cites 1,000 facts.
pub const MAX_WAIVED: usize = 500;
/// How long it lasts when nobody says: a form is filled in with it.
pub const USUAL_RESTRICTING: Nanos = 30 * DAY;
/// The time between reading a form and sending it: an end that is later than the latest by less is the latest.
pub const GRACE: Nanos = DAY;
/// How long after its end a lockdown may wait for its review.
pub const MAX_REVIEW_AFTER: Nanos = 30 * DAY;
/// When a lockdown is reviewed, when nobody says: so long after its end.
pub const USUAL_REVIEW_AFTER: Nanos = 7 * DAY;
/// Controls that one lockdown names.
pub const MAX_LOCKED: usize = 100;
/// How long before its end something is announced.
pub const ANNOUNCED: Nanos = 7 * DAY;
/// How long after its end something is still said to have ended; less than notices are known in the outbox, so that it
/// is said once.
pub const ENDED_SAID: Nanos = 20 * DAY;
/// Characters of what somebody answers, asks or decides.
pub const MAX_WORDS: usize = 2_000;
/// Askings or answers before anything is proposed about a control: fewer prove nothing.
pub const ENOUGH_ASKED: u64 = 10;
/// Pages of alerts that are looked through for bypasses and measures.
pub const MAX_ALERT_PAGES: usize = 50;
/// Longest time that a measure of controls looks at.
pub const MAX_FRICTION: Nanos = 400 * DAY;
/// Files of all folders of knowledge that are read; a company's wiki has some ten thousand pages.
pub const MAX_PAGES: usize = 50_000;
/// Entries of folders that are looked at: pages lie beside pictures and attachments.
pub const MAX_ENTRIES: usize = 500_000;
/// Bytes of one page; a long runbook has 50 KiB. It also bounds the time that hostile Markdown takes.
pub const MAX_PAGE_BYTES: u64 = 512 << 10;
/// Bytes of all pages together, which are held in memory.
pub const MAX_SHELF_BYTES: u64 = 512 << 20;
/// Folders within folders.
pub const MAX_FOLDER_DEPTH: usize = 24;
/// Problems that are kept; the others are counted.
pub const MAX_PROBLEMS: usize = 1_000;
/// Bytes of a page's front matter: some lists of names.
pub const MAX_FRONT_BYTES: usize = 16 << 10;
/// Nodes of a page's front matter.
pub const MAX_FRONT_NODES: usize = 2_048;
/// Nesting of a page's front matter: a map of lists.
pub const MAX_FRONT_DEPTH: usize = 8;
/// Names in one list of the front matter.
pub const MAX_FRONT_NAMES: usize = 256;
/// Characters of a title; it is one line of a list.
pub const MAX_TITLE_CHARS: usize = 200;
/// Links of one page that are looked at.
pub const MAX_PAGE_LINKS: usize = 5_000;
/// Quotes and lists that one line of Markdown may open; people write two or three. Each following line is held
/// against all that are open.
pub const MAX_OPENED_BY_LINE: usize = 24;
/// Elements within elements of a rendered page; a browser needs memory for each.
pub const MAX_RENDERED_DEPTH: usize = 64;
/// Lists and quotes within each other, out of HTML.
pub const MAX_HTML_NESTING: usize = 12;
/// Longest word that is indexed; longer ones are keys, hashes and pictures in text.
pub const MAX_WORD_BYTES: usize = 64;
/// Words of a question; people type under ten, an alert has some fifty.
pub const MAX_QUESTION_WORDS: usize = 64;
/// Bytes of a question.
pub const MAX_QUESTION_BYTES: usize = 4 << 10;
/// Different words that the beginning of a word may stand for.
pub const MAX_COMPLETIONS: usize = 200;
/// Entries of the index that the beginning of a word may cost: a tenth of the time that a search may take.
pub const MAX_COMPLETION_ENTRIES: usize = 200_000;
/// Documents whose text is looked at for a phrase in quotes, the best first.
pub const MAX_PHRASE_CHECKS: usize = 200;
/// Documents whose text is looked at for the words of the question side by side.
pub const MAX_NEAR_CHECKS: usize = 30;
/// Bytes of a text that is looked at for a snippet.
pub const MAX_SNIPPET_SOURCE: usize = 64 << 10;
/// Characters of a snippet: two lines of a terminal.
pub const SNIPPET_CHARS: usize = 240;
/// Answers of one search.
pub const MAX_HITS: usize = 500;
/// Documents beside pages that one index holds.
pub const MAX_DOCUMENTS: usize = 500_000;
/// Pages that are attached to one alert; a person opens the first.
pub const MAX_ATTACHED: usize = 5;
/// Parts of a link's path that are tried as the beginning of a page's id.
pub const MAX_LINK_PARTS: usize = 64;
/// Entries of one list about pages; the count tells how many there are.
pub const MAX_LISTED: usize = 1_000;
/// Facts that are named one by one behind a number of a situation; the number itself counts all of them.
pub const MAX_CITED: usize = 100;
/// Changes of the time before a check that it looks at: what was altered within a day shows itself.
pub const RECENT: Nanos = DAY;
/// Changes of what a service needs that are this recent overlap with its own.
pub const OVERLAPS: Nanos = HOUR;
/// What was scanned longer ago was not scanned: weaknesses become known daily.
pub const SCAN_LASTS: Nanos = 90 * DAY;
/// Open alerts that are looked at; with more of them nobody works the queue.
pub const MAX_OPEN_ALERTS: usize = 20_000;
/// Steps from a thing to the services that it is in: repository, image, container, instance, service.
pub const MAX_UP: usize = 6;
/// Longest recovery objective; what may be gone for longer needs none.
pub const MAX_OBJECTIVE: Nanos = 366 * DAY;
/// A proof that a restore works is good for this long: versions, keys and people change within a year.
pub const PROOF_LASTS: Nanos = 365 * DAY;
/// Things of one recovery plan: services, and what they run on.
pub const MAX_PLANNED: usize = 20_000;
/// Relations among things that need each other in a circle, of which each is tried: a mesh of a hundred services.
pub const MAX_CIRCULAR: usize = 20_000;
/// Bytes of a drill's file.
pub const MAX_DRILL_BYTES: usize = 256 << 10;
/// Nodes of a drill's file.
pub const MAX_DRILL_NODES: usize = 10_000;
/// Nesting of a drill's file.
pub const MAX_DRILL_DEPTH: usize = 32;
/// Probes, steps or ways back of one drill; people do not follow more in a day.
pub const MAX_DRILL_STEPS: usize = 50;
/// Longest text of a drill's step or question.
pub const MAX_DRILL_TEXT: usize = 2_000;
/// Longest text of a step, an answer or a failure in the evidence of a drill, which is one decision of at most 64 KiB.
pub const MAX_EVIDENCE_TEXT: usize = 80;
/// Answers of probes in the evidence of a drill: the first of each, and changes.
pub const MAX_EVIDENCE_ANSWERS: usize = 50;
/// Probes are asked this often while a drill waits for its end.
pub const PROBE_EVERY: Nanos = 15 * SECOND;
/// How long a probe may take to answer.
pub const PROBE_TIMEOUT: Nanos = 10 * SECOND;
/// The steady state holds again after this many looks in a row: once may be chance.
pub const STEADY_LOOKS: u32 = 2;
/// A drill without an expected end is given up after this time.
pub const DRILL_LASTS: Nanos = 4 * HOUR;
/// How long after its last step alerts and acts are looked for.
pub const MAX_DRILL: Nanos = DAY;
/// Levers that are shown on top: what people can begin this week.
pub const TOP_LEVERS: usize = 5;
/// Time that noise, suppressions and scans are counted over: a month.
pub const LEVER_WINDOW: Nanos = 30 * DAY;
/// How long a lever's number from before a fix is compared with.
pub const GAIN_WINDOW: Nanos = 90 * DAY;
/// Share of all alerts that the noisiest rules make together.
pub const NOISE_SHARE: f64 = 0.8;
/// Alerts of a rule before it is said that nobody acts on it.
pub const ENOUGH_ALERTS: u64 = 5;
/// Rows of a lever that are listed.
pub const MAX_LEVER_ROWS: usize = 10_000;
/// Panels of one dashboard; more are no overview.
pub const MAX_PANELS: usize = 40;
/// What can be chosen on one dashboard.
pub const MAX_VARIABLES: usize = 8;
