//! Every limit of the ledger, with its reason.

use std::time::Duration;

/// Connections to the database: readers beside the one writer.
pub const CONNECTIONS: u32 = 4;
/// How long a connection is waited for, and a lock that another process holds.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows of one statement: SQLite takes 32,766 parameters, and a row has at most 10.
pub const ROWS_PER_STATEMENT: usize = 1_000;
/// Facts of one document or request: a large bill of materials has 50,000 components.
pub const MAX_FACTS: usize = 262_144;
/// Attributes of one fact, evidence of a finding, body of a decision, as JSON.
pub const MAX_JSON_BYTES: usize = 64 * 1024;
/// Any other text of a fact or decision.
pub const MAX_TEXT_BYTES: usize = 4 * 1024;
/// Texts in a unique index: an entry of PostgreSQL's has at most some 2,700 bytes.
pub const MAX_KEY_BYTES: usize = 2_048;
/// The year 2200: what is dated later is a mistake.
pub const MAX_AT: i64 = 7_258_118_400_000_000_000;
/// Facts and events that one decision cites.
pub const MAX_CITES: usize = 1_000;
/// `seen` is kept once in this time for each entity and source.
pub const COALESCE_NANOS: i64 = 60 * 1_000_000_000;
/// Days are merged one by one.
pub const COMPACT_DAY_NANOS: i64 = 24 * 3600 * 1_000_000_000;
/// What the ledger learnt later than this after it was so stays as it was told: as of which time it was known matters.
pub const COMPACT_LATE_NANOS: i64 = 10 * 60 * 1_000_000_000;
/// Rows that one transaction of a merge changes: other writers wait for less than a moment.
pub const COMPACT_CHUNK: usize = 1_000;
/// Rows that are planned to go at once: 8 bytes each.
pub const COMPACT_ROWS: usize = 200_000;
/// Longest lease: what is seen more seldom than daily is said to have ended.
pub const MAX_LEASE_NANOS: i64 = 24 * 3600 * 1_000_000_000;
/// Ids of entities and relations remembered; they never change. About 100 bytes each.
pub const NAMES_REMEMBERED: usize = 100_000;
/// Longest line of a backup: a row with an object of the greatest size, each byte of it escaped.
pub const MAX_DUMP_LINE_BYTES: u64 = 8 * MAX_JSON_BYTES as u64;
/// Entries of the audit trail read at once.
pub const AUDIT_PAGE: i64 = 4_096;
/// How far back changes are suspected: what was altered longer ago has mostly shown itself.
pub const SUSPECT_WINDOW_NANOS: i64 = 24 * 3600 * 1_000_000_000;
/// Within this time two sources that tell of one version mean one change, as in the measures of delivery.
pub const SAME_CHANGE_NANOS: i64 = 3600 * 1_000_000_000;
/// Suspects that are told; people look at the first few.
pub const MAX_SUSPECTS: usize = 20;
/// Changes of a day that are looked at for suspects, the newest: a hundred deploys an hour of each of ten teams.
pub const MAX_SUSPECT_CHANGES: i64 = 24_000;
/// Things that are looked up one by one; beyond it everything that holds is walked over, which costs less then.
pub const FEW: i64 = 20_000;
/// Changes or findings of one measure; a team of 500 has 10,000 changes a month.
pub const MAX_TOLD: usize = 500_000;
/// Entities around one that are looked at: a service that half of the others call.
pub const MAX_NEIGHBOURS: usize = 2_000;
/// Longest log-in; e-mail addresses may have 254 bytes.
pub const MAX_LOGIN_BYTES: usize = 254;
/// Longest name of a team or label of a token.
pub const MAX_NAME_BYTES: usize = 128;
/// Longest password hash: one of argon2 in its text form has about 100 bytes.
pub const MAX_HASH_BYTES: usize = 512;
/// Grants of one user or token.
pub const MAX_GRANTS: usize = 256;
/// Datasets of one grant.
pub const MAX_GRANT_DATASETS: usize = 256;
/// Users and tokens that are listed.
pub const MAX_LISTED: i64 = 10_000;
/// Sessions of one user; beyond it the oldest ends. A person has a few browsers.
pub const MAX_SESSIONS: i64 = 32;
/// How exactly it is kept when a session was used last: a write a minute, not a write a request.
pub const SESSION_SEEN_NANOS: i64 = 60 * 1_000_000_000;
/// How exactly it is kept when a token was used last.
pub const TOKEN_USED_NANOS: i64 = 3600 * 1_000_000_000;
/// How long deliveries are remembered. Senders try again within days; what is signed carries no other age.
pub const DELIVERY_NANOS: i64 = 90 * 24 * 3600 * 1_000_000_000;
/// Longest name of a delivery or of where it comes from.
pub const MAX_DELIVERY_BYTES: usize = 256;
/// Alerts and incidents that one round raises: beyond it a rule matches everything, and the caller makes several rounds.
pub const MAX_RAISED: usize = 2_000;
/// Firings of one round.
pub const MAX_FIRINGS: usize = 50_000;
/// Moves, notices, acts of one transaction: a queue that is triaged as a whole.
pub const MAX_MOVES: usize = 20_000;
/// Alerts and incidents that one entry of the trail names: some 20 KiB.
pub const SIGNED_TOGETHER: usize = 200;
/// What a detector remembers, before it is compressed: 200,000 windows of some hundred bytes.
pub const MAX_SNAPSHOT_BYTES: usize = 64 * 1024 * 1024;
/// A part of it in Base64: a row that is also a line of a backup.
pub const SNAPSHOT_PART_BYTES: usize = 192 * 1024;
/// A notice as JSON.
pub const MAX_NOTICE_BYTES: usize = 64 * 1024;
/// Tallies are of a minute.
pub const TALLY_NANOS: i64 = 60 * 1_000_000_000;
/// How long a firing is known by its id. Correlations look back days, Alertmanager repeats each within hours.
pub const FIRING_NANOS: i64 = 30 * 24 * 3600 * 1_000_000_000;
/// Longest name of a detector or channel, longest id of a firing, longest fingerprint.
pub const MAX_ID_BYTES: usize = 256;
/// Rows of a page of the queue.
pub const MAX_PAGE: usize = 1_000;
/// Alerts of an incident, moves and copies of one of them that are shown; more say nothing new.
pub const MAX_SHOWN: i64 = 2_000;
/// Alerts and incidents around those that fire, of which grouping and inhibition are decided.
pub const MAX_AROUND: i64 = 5_000;
/// Suppressions that hold at once.
pub const MAX_SUPPRESSIONS: i64 = 5_000;
/// Notices taken from the outbox at once.
pub const MAX_WAITING: i64 = 5_000;
/// Findings of one report: the largest results of public scanners over large repositories have some 50,000.
pub const MAX_REPORTED: usize = 100_000;
/// Rules that one report says it asked, and paths it says it looked at.
pub const MAX_REPORT_NAMES: usize = 100_000;
/// Teams that own one path.
pub const MAX_PATH_OWNERS: usize = 16;
/// How long a marker hides that names no end, as other tools' markers: a quarter.
pub const HIDDEN_NANOS: i64 = 90 * 24 * 3600 * 1_000_000_000;
/// Findings that one question looks at. More are not read by people; SQL counts them.
pub const MAX_ASKED_FINDINGS: usize = 50_000;
