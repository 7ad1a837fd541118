//! Every limit of the responder, with its reason.

use model::Nanos;

/// A second.
pub const SECOND: Nanos = 1_000_000_000;
/// A minute.
pub const MINUTE: Nanos = 60 * SECOND;
/// An hour.
pub const HOUR: Nanos = 60 * MINUTE;
/// A day.
pub const DAY: Nanos = 24 * HOUR;

/// Alerts told in one transaction; more are kept in several, of which the last has the detector's memory.
pub const ROUND_ALERTS: usize = 500;
/// New alerts of a round for which owner, relations, suspects and findings are asked: each costs some statements, and a
/// round with more is a storm, of which the worst say enough.
pub const MAX_COMPLETED: usize = 40;
/// New alerts of a round for which a runbook is looked for when their rule names none: each may take some milliseconds of a
/// search over tens of thousands of pages, and the round waits for it.
pub const MAX_LOOKED_UP: usize = 10;
/// Entities around one that matter for grouping: a host with a hundred services.
pub const MAX_AROUND: usize = 200;
/// Suspects and findings that an alert carries: people look at the first few.
pub const MAX_NAMED: usize = 5;
/// Title of an alert in characters.
pub const MAX_TITLE_CHARS: usize = 300;
/// Why an alert fired, in characters.
pub const MAX_WHY_CHARS: usize = 1_000;
/// Tags of an alert, and characters of one.
pub const MAX_TAGS: usize = 30;
/// Characters of a tag.
pub const MAX_TAG_CHARS: usize = 64;
/// Names and values that events were grouped by, or labels of an alert of others.
pub const MAX_KEYS: usize = 64;
/// Longest id of a firing that is kept as it is; a longer one is hashed.
pub const MAX_PLAIN_ID_BYTES: usize = 128;
/// Alerts that one notice names.
pub const MAX_NOTICE_ALERTS: usize = 20;
/// A rendered notice: what chats take, and half of what the ledger takes.
pub const MAX_NOTICE_CHARS: usize = 12_000;
/// How long a suppression lasts at most, where nothing else is set: what hides ends by a date.
pub const SUPPRESSION_DAYS: i64 = 90;
/// Wildcards of one pattern: matching them costs their number times the text.
pub const MAX_WILDCARDS: usize = 4;
/// Attempts to send a notice; with the waits below they span a day.
pub const MAX_ATTEMPTS: i64 = 12;
/// First wait before a notice is tried again; it doubles.
pub const FIRST_WAIT: Nanos = 15 * SECOND;
/// Longest wait.
pub const LONGEST_WAIT: Nanos = 4 * HOUR;
/// How long notices that were sent or given up are kept.
pub const NOTICES_KEPT: Nanos = 30 * DAY;
/// How long a firing is known by its id.
pub const FIRINGS_KEPT: Nanos = ledger::FIRING_NANOS;
/// Alerts of a rule before anything is proposed about it: fewer prove nothing.
pub const ENOUGH_ALERTS: u64 = 10;
/// Pages of the queue that one tick walks over; the next one goes on.
pub const MAX_TICK_PAGES: usize = 20;
/// Alerts that a digest names.
pub const MAX_DIGEST_ALERTS: usize = 200;
