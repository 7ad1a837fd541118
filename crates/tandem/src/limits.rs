//! Every limit of the server, with its reason. Limits on records are in [`model::limits`].

use std::time::Duration;

/// Bytes of requests that are being received or decoded at once, as they came and as they are after decompression;
/// beyond it senders are told to come again. One of the largest requests with room beside it, or hundreds of
/// ordinary ones: less than one request may have would refuse that one for ever.
pub const MAX_INFLIGHT_BYTES: usize = 128 * 1024 * 1024;
/// Unit in which requests in flight are counted.
pub const INFLIGHT_UNIT: usize = 64 * 1024;
/// Requests larger than this are decoded on a thread of their own, so that the others need not wait.
pub const DECODE_INLINE_BYTES: usize = 2 * 1024 * 1024;
/// Objects in one request of OTLP JSON. Each takes some hundred bytes while it is decoded, however short it is
/// written; fifty thousand log records of ten attributes have as many.
pub const MAX_JSON_OBJECTS: usize = 1024 * 1024;
/// When a sender that met full gates shall come again.
pub const GATE_RETRY_AFTER: Duration = Duration::from_secs(1);
/// A request whose body does not arrive within this time is given up, so that slow senders cannot hold the gate.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// Time in which the headers of a request must arrive.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes read ahead on one HTTP/1 connection, which it keeps while it is open; also the longest head of a request.
pub const CONNECTION_BUFFER_BYTES: usize = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
pub const MAX_HTTP2_STREAMS: u32 = 128;
/// Body of an API request: a query of 16 KiB or a SQL statement of 256 KiB, as JSON.
pub const MAX_API_BODY_BYTES: usize = 1024 * 1024;
/// What is read of a request that is refused before its body is looked at.
pub const MAX_REFUSED_BYTES: usize = 256 * 1024;
/// Body of facts or of a document, before and after decompression the bound of all requests.
pub const MAX_FACTS_BYTES: usize = model::limits::MAX_REQUEST_BYTES;
/// Findings of one answer: a page.
pub const DEFAULT_FINDINGS: usize = 100;
/// Findings of one answer at most; SQL on `findings` has all of them.
pub const MAX_FINDINGS: usize = 1_000;
/// Months of one report of measures.
pub const MAX_DORA_MONTHS: u32 = 36;
/// Changes before the first month that say what was deployed already, and when commits were made.
pub const DORA_LOOK_BACK_NANOS: i64 = 92 * 24 * 3600 * 1_000_000_000;
/// Between two reports of a machine about itself. Half of the time that it is taken to be there without one.
pub const HOST_FACTS_INTERVAL: Duration = Duration::from_secs(12);
/// A thing is there this long after its last telemetry: metrics of the SDKs come each minute.
pub const TELEMETRY_LEASE: Duration = Duration::from_secs(300);
/// Longest time that telemetry speaks for a thing: what is seen more seldom than daily is said to have ended.
pub const MAX_LEASE: Duration = Duration::from_secs(23 * 3600);
/// Between two times that what telemetry says of its senders is written down.
pub const TELEMETRY_INTERVAL: Duration = Duration::from_secs(10);
/// Documents of it that wait for a database that does not answer; one has at most 20,000 facts.
pub const MAX_WAITING_FACTS: usize = 64;
/// Between two looks at who calls whom.
pub const CALLS_INTERVAL: Duration = Duration::from_secs(300);
/// The spans that are looked at then: who calls often is seen, and the join stays small.
pub const CALLS_WINDOW_NANOS: i64 = 30 * 1_000_000_000;
/// Pairs of services that are told of one look.
pub const MAX_CALLS: usize = 10_000;
/// Time that this look may take.
pub const CALLS_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two looks at what changes slowly: layers that nobody patches, the attack surface, days to be merged.
/// What is looked at once a minute: people notice a later notice, not an earlier one.
pub const MINUTE: Duration = Duration::from_secs(60);
/// What is looked at hourly.
pub const HOUR: Duration = Duration::from_secs(3600);
/// A day of observations is merged so long after its end: what comes later than that stays as it was told.
pub const MERGE_AFTER_NANOS: i64 = 2 * 3600 * 1_000_000_000;
/// Days that the attack surface is compared with.
pub const SURFACE_DAYS: i64 = 14;
/// How often folders of knowledge are looked at: who saves a page looks at it soon after.
pub const KNOWLEDGE_INTERVAL: Duration = Duration::from_secs(5);
/// Between two looks for what was decided and can be found: decisions that come close together are read together.
pub const FEED_PAUSE: Duration = Duration::from_secs(1);
/// Decisions, the newest, that can be found: with reasons of some hundred bytes less than a hundred MB of index.
pub const MAX_FED: usize = 50_000;
/// Incidents, the newest, whose reviews can be found; their rows are listed at each look.
pub const MAX_REVIEWS: usize = 2_000;
/// Reviews that are written in one look: each is some questions to the ledger.
pub const REVIEWS_AT_ONCE: usize = 100;
/// Times that a page helped which are held in memory.
pub const MAX_FED_VOTES: usize = 200_000;
/// Longest notes of a meeting: the body of a decision holds them, with room for what else is in it.
pub const MAX_NOTES_BYTES: usize = 48 << 10;
/// What checks go by may be so old: facts of machines come by the minute, and what is told by the API or decided here counts at once.
pub const FACTS_LAST: Duration = Duration::from_secs(2);
/// Levers and counts of findings on Home may be so old: every open page asks for them each minute, and counting looks at all facts. What is told by
/// the API or decided here counts at once.
pub const HOME_LASTS: Duration = Duration::from_secs(20);
/// What Home counts, for so many groups of datasets at once.
pub const MAX_HOMES: usize = 16;
/// Verdicts of which it is known that they are written down: 100 bytes each.
pub const MAX_VERDICTS_KNOWN: usize = 20_000;
/// A verdict as it is kept, with room for what else is in a decision.
pub const MAX_VERDICT_BYTES: usize = 56 << 10;
/// Runs of drills at once: people do the steps of each. The oldest that nobody ends makes room after a day.
pub const MAX_DRILL_RUNS: usize = 32;
/// A drill that is not ended is given up after a day.
pub const DRILL_LASTS_NANOS: i64 = DAY_NANOS;
/// What somebody says to a step, in bytes; of it as much is kept as evidence holds.
pub const MAX_SAID_BYTES: usize = 4 << 10;
/// Between two looks whether a probe of a drill is due: its times are told by the second.
pub const DRILL_LOOK: Duration = Duration::from_millis(500);
/// Between two looks whether the numbers of levers were measured today. The first comes so long after a start: by then
/// telemetry has said who sends.
pub const LEVERS_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// Rows of each list of Home: what does not fit is counted.
pub const HOME_ROWS: usize = 20;
/// Questions of one request: a plan that changes everything has some hundreds.
pub const MAX_ASKED: usize = 200;
/// Body of a request of a cluster: an object of Kubernetes has at most 1.5 MiB, twice, and what is around it.
pub const MAX_GATE_BODY_BYTES: usize = 4 << 20;
/// Between two looks at what was asked for again.
pub const COUNT_INTERVAL: Duration = Duration::from_secs(1);
/// Days of friction beside risk at most: a year.
pub const MAX_FRICTION_DAYS: u32 = 366;
/// Days before and after the beginning of an upgrade whose errors are compared.
pub const UPGRADE_DAYS: i64 = 7;
/// Days after which a stream that nobody asks for is told.
pub const UNREAD_DAYS: u32 = 30;
/// A day.
pub const DAY_NANOS: i64 = 24 * 3600 * 1_000_000_000;
/// Between two looks for machines that are no longer heard.
pub const SILENT_INTERVAL: Duration = Duration::from_secs(60);
/// An agent that nobody heard so long tells again what runs, before the server takes it to have ended and after.
pub const UNHEARD: Duration = Duration::from_secs(5 * 60);
/// What ran on a machine has ended when it was not heard so long: an agent that is restarted is back sooner.
pub const SILENT_AFTER_NANOS: i64 = 10 * 60 * 1_000_000_000;
/// Rows that a search answers when the caller says nothing.
pub const DEFAULT_SEARCH_ROWS: usize = 100;
/// Bars of a histogram when the caller says nothing.
pub const DEFAULT_HISTOGRAM_BARS: usize = 60;
pub use store::MAX_SEARCH_ROWS;
/// Rows that SQL answers at most as JSON or CSV; Arrow is for more.
pub const MAX_SQL_ROWS: usize = 1_000_000;
/// Spans and log records of one trace that are answered.
pub const MAX_TRACE_ROWS: usize = 10_000;
/// Points of a metric range that are answered.
pub const MAX_RANGE_ROWS: usize = 100_000;
/// Values of a facet that are answered at most.
pub const MAX_FACET_VALUES: usize = 1_000;
/// Fields of one facets request.
pub const MAX_FACET_FIELDS: usize = 32;
/// Fields that a metric range is grouped by at most.
pub const MAX_RANGE_GROUPS: usize = 8;
/// How far back values are looked up while a search is written.
pub const COMPLETION_RANGE_NANOS: i64 = 3600 * 1_000_000_000;
/// Values proposed while a search is written.
pub const COMPLETION_VALUES: usize = 50;
/// Silence after which a live tail sends a sign of life, so that dead connections are noticed.
pub const TAIL_HEARTBEAT: Duration = Duration::from_secs(15);
/// How often a live tail is asked whether its listener still may.
pub const TAIL_RIGHTS: Duration = Duration::from_secs(5);
/// Live tails at once; each holds a connection and a queue.
pub const MAX_TAILS: usize = 64;
/// Batches that wait for one live tail before it loses some, which it is told.
pub const TAIL_BATCHES: usize = 64;
/// Rows that one live tail is sent in a second; nobody reads more.
pub const TAIL_ROWS_PER_SECOND: usize = 2_000;
/// Syslog messages that become one batch.
pub const SYSLOG_BATCH: usize = 512;
/// How long a syslog message waits for others.
pub const SYSLOG_WAIT: Duration = Duration::from_millis(50);
/// Syslog connections at once.
pub const MAX_SYSLOG_CONNECTIONS: usize = 256;
/// A syslog connection that is silent for this long is closed; senders connect again.
pub const SYSLOG_IDLE: Duration = Duration::from_secs(3600);
/// Bytes read from a syslog connection at once.
pub const SYSLOG_READ_BYTES: usize = 64 * 1024;
/// Syslog datagrams that wait for the batch before them.
pub const SYSLOG_QUEUE: usize = 4096;
/// Receive buffer asked for the syslog socket: datagrams that come during one sync to disk.
pub const MAX_DATAGRAM_BYTES: usize = 64 * 1024;
/// Streams (dataset, service, source) that are counted apart; the others are counted together.
pub const MAX_STREAMS: usize = 4096;
/// How often the stream counts are written down; a crash loses this much of the counts, never of the data.
pub const STREAMS_INTERVAL: Duration = Duration::from_secs(30);
/// How often refusals that were counted are written to the audit trail.
pub const REFUSALS_INTERVAL: Duration = Duration::from_secs(10);
/// How long requests may take to end when the server stops.
pub const STOP_GRACE: Duration = Duration::from_secs(5);
/// Tokens in one token file.
pub const MAX_TOKENS: usize = 10_000;
/// Largest configuration or token file.
pub const MAX_CONFIG_BYTES: u64 = 1024 * 1024;
/// Shortest token: 16 characters cannot be guessed over the network.
pub const MIN_TOKEN_BYTES: usize = 16;
/// Own log lines that wait for the store; more are dropped and counted.
pub const SELF_QUEUE: usize = 4096;
/// How often own log lines and spans are kept.
pub const SELF_FLUSH: Duration = Duration::from_millis(500);
/// How often own metrics are kept.
pub const SELF_METRICS: Duration = Duration::from_secs(15);
/// Requests of ingest that take longer than this are kept as spans.
pub const SLOW_INGEST: Duration = Duration::from_secs(1);
/// How often host metrics are read.
pub const HOST_INTERVAL: Duration = Duration::from_secs(10);
/// How often files and the journal are asked for more.
pub const WATCH_INTERVAL: Duration = Duration::from_millis(500);
/// How often the journal is asked for more: each time runs a program.
pub const JOURNAL_INTERVAL: Duration = Duration::from_secs(2);
/// Bytes read from the files or the journal in one round.
pub const WATCH_BYTES: usize = 4 * 1024 * 1024;
/// Pause after something could not be watched or kept.
pub const WATCH_PAUSE: Duration = Duration::from_secs(1);
/// Samples of host metrics that an agent holds while the server cannot be reached: half an hour.
pub const AGENT_SAMPLES: usize = 180;
/// Longest answer to an agent that is read.
pub const MAX_AGENT_ANSWER_BYTES: u64 = 64 * 1024;
/// Time in which the server must have answered an agent; longer than a slow body may take.
pub const AGENT_TIMEOUT: Duration = Duration::from_secs(90);
/// First wait of an agent between two tries; it doubles.
pub const AGENT_FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest wait of an agent between two tries.
pub const AGENT_MAX_BACKOFF: Duration = Duration::from_secs(30);
/// Time a client command waits for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Refusals, log sources and fields that `tandem rules import` shows in its text; JSON has all.
pub const MAX_RULES_SHOWN: usize = 50;
/// Events of a file by which a rule is explained.
pub const MAX_EXPLAINED_EVENTS: usize = 20;
/// How often detection looks at its time when nothing comes in: windows end then too.
pub const DETECT_TICK: Duration = Duration::from_secs(1);
/// Pause after alerts could not be kept.
pub const DETECT_PAUSE: Duration = Duration::from_secs(1);
/// Alerts that are taken from the detector before they are kept: each may hold 64 KiB of events.
pub const DETECT_ALERTS: usize = 1_000;
/// How often the memory of detection is kept while there are alerts. What lies between is looked at again after a kill.
pub const DETECT_STATE_AFTER: Duration = Duration::from_secs(1);
/// The same without alerts.
pub const DETECT_STATE_IDLE: Duration = Duration::from_secs(10);
/// Writing it down may take one part in so many of the time.
pub const DETECT_STATE_SHARE: u32 = 20;
/// How long a request to read the rules again waits for detection to work with them: thousands of rules are made ready
/// in some seconds, and it may be at a large batch.
pub const RULES_IN_FORCE: Duration = Duration::from_secs(30);
/// Rules of each list that the answer to it has.
pub const MAX_RULES_TOLD: usize = 1_000;
/// Rules read a stream if they find something in what it brought in this time.
pub const READ_SPAN: i64 = 24 * 3600 * 1_000_000_000;
/// Rows that a search of a rule finds at once: each tells of its stream.
pub const READ_MATCHES: usize = 500;
/// How often such a search is asked again without the streams that it found.
pub const READ_ROUNDS: usize = 8;
/// What rules read is looked up in a day of events. Where that takes so long, it is good for [`READS_LAST`].
pub const SLOW_READS: Duration = Duration::from_secs(1);
/// What rules read changes with rules, and those who change them wait for it; and with what streams bring, over days.
pub const READS_LAST: Duration = Duration::from_secs(3600);
/// Home and the levers wait so long for what rules read, and do without it then.
pub const READS_WAIT: Duration = Duration::from_secs(3);
/// Those who ask for nothing else wait so long, and are told to ask again then.
pub const UNREAD_WAIT: Duration = Duration::from_secs(30);
/// Numbers that are kept once a day can wait.
pub const MEASURE_WAIT: Duration = Duration::from_secs(600);
/// Latest rows of a stream that are looked at, whether they are in log sources of rules.
pub const READ_ROWS: usize = 100;
/// Streams that are looked at so, the largest first: each is a question to the store.
pub const READ_STREAMS: usize = 200;
/// How often operational rules are asked whether it is time for a look.
pub const LOOKS_INTERVAL: Duration = Duration::from_secs(1);
/// Time that a look may take; its rule looks again at its next time.
pub const LOOK_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the memory of operational rules is kept without an alert.
pub const LOOKS_STATE: Duration = Duration::from_secs(30);
/// How long the sender of notices sleeps at most.
pub const NOTICES_IDLE: Duration = Duration::from_secs(5);
/// How often it is looked for what time alone brings to alerts.
pub const RESPOND_TICK: Duration = Duration::from_secs(60);
/// Looks of an operational rule that one back-test makes: a day of one every minute.
pub const HUNT_LOOKS: usize = 1_440;
/// Hours of history that one back-test reads: a year.
pub const HUNT_HOURS: i64 = 366 * 24;
/// Alerts of a back-test that are shown whole.
pub const HUNT_SAMPLES: usize = 20;
/// Things that a back-test names as those with the most alerts.
pub const HUNT_TOP: usize = 10;
/// Largest text of rules that a back-test takes.
pub const HUNT_TEXT_BYTES: usize = 1024 * 1024;
/// Commits that are looked at for who wrote pages; a knowledge folder of many years has some thousands. What is before is not known.
pub const MAX_AUTHOR_COMMITS: usize = 50_000;
/// Folders that are read for it, each time that one changed: some seconds.
pub const MAX_AUTHOR_TREES: usize = 200_000;
/// Folders within folders that are looked at for it.
pub const MAX_AUTHOR_DEPTH: usize = 32;
