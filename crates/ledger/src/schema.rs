//! The tables, in steps that are never changed once released. One text serves both databases: SQLite is given
//! `INTEGER` for `BIGINT` where it makes the key the row's own number.

/// The first version; each later step takes the database from one version to the next.
pub const STEPS: &[&[&str]] = &[&[
    // Orders all writers: its row is the first that every one of them changes.
    "CREATE TABLE clock (one BIGINT PRIMARY KEY, known BIGINT NOT NULL, next_id BIGINT NOT NULL,
        compacted BIGINT NOT NULL)",
    "INSERT INTO clock (one, known, next_id, compacted) VALUES (1, 0, 1, 0)",
    "CREATE TABLE entities (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
        UNIQUE (kind, key))",
    "CREATE TABLE relations (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, kind TEXT NOT NULL, source BIGINT NOT NULL,
        target BIGINT NOT NULL, layer TEXT NOT NULL, UNIQUE (source, kind, target, layer))",
    "CREATE INDEX relations_kind ON relations (kind)",
    "CREATE INDEX relations_target ON relations (target, kind)",
    // `class` is what it is about: 0 an entity, 1 a relation, 2 a finding. `until` is when it is no longer taken to be
    // there, the greatest number when only its end says so. `reach` bounds the time between `at` and `until`, so that
    // what was there at a time is found without looking at everything before it.
    "CREATE TABLE observations (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, class BIGINT NOT NULL, about BIGINT NOT NULL,
        at BIGINT NOT NULL, ended BIGINT NOT NULL, until BIGINT NOT NULL, reach BIGINT NOT NULL, origin TEXT NOT NULL,
        dataset TEXT NOT NULL, slot TEXT NOT NULL, attributes TEXT NOT NULL, UNIQUE (about, origin, dataset, slot))",
    "CREATE INDEX observations_reach ON observations (class, reach, at)",
    "CREATE INDEX observations_about ON observations (about, at)",
    "CREATE INDEX observations_open ON observations (about, at) WHERE reach = -1",
    "CREATE INDEX observations_ended ON observations (about, at) WHERE ended = 1",
    "CREATE TABLE findings (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, at BIGINT NOT NULL, entity BIGINT NOT NULL,
        rule TEXT NOT NULL, fingerprint TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, place TEXT NOT NULL,
        origin TEXT NOT NULL, dataset TEXT NOT NULL, evidence TEXT NOT NULL, UNIQUE (fingerprint, entity, dataset))",
    "CREATE INDEX findings_entity ON findings (entity)",
    "CREATE TABLE changes (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, at BIGINT NOT NULL, key TEXT NOT NULL,
        kind TEXT NOT NULL, entity BIGINT NOT NULL, environment TEXT, version TEXT, origin TEXT NOT NULL,
        dataset TEXT NOT NULL, attributes TEXT NOT NULL, UNIQUE (origin, dataset, key))",
    "CREATE INDEX changes_at ON changes (at)",
    "CREATE INDEX changes_entity ON changes (entity, at)",
    "CREATE TABLE decisions (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, at BIGINT NOT NULL, key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL, entity BIGINT, reason TEXT NOT NULL, owner BIGINT, control BIGINT, expires BIGINT,
        dataset TEXT NOT NULL, body TEXT NOT NULL, person BIGINT NOT NULL)",
    "CREATE INDEX decisions_kind ON decisions (kind, at)",
    "CREATE TABLE cites (decision BIGINT NOT NULL, event BIGINT NOT NULL, fact BIGINT NOT NULL,
        PRIMARY KEY (decision, event, fact))",
    "CREATE INDEX cites_fact ON cites (fact) WHERE fact <> 0",
    // Salt and value can be erased; the commitment stays, and with it every hash that rests on it.
    "CREATE TABLE persons (id BIGINT PRIMARY KEY, commitment TEXT NOT NULL UNIQUE, salt TEXT, name TEXT UNIQUE)",
    "CREATE TABLE audit (seq BIGINT PRIMARY KEY, known BIGINT NOT NULL, action TEXT NOT NULL, person BIGINT NOT NULL,
        object TEXT NOT NULL, detail TEXT NOT NULL, digest TEXT NOT NULL)",
    "CREATE TABLE checkpoints (size BIGINT PRIMARY KEY, root TEXT NOT NULL, known BIGINT NOT NULL,
        signature TEXT NOT NULL)",
    // Who may do what, as it is now; how it came to be is in the trail. The log-in is the person's name, kept in one
    // place, where it can be erased.
    "CREATE TABLE users (id BIGINT PRIMARY KEY, person BIGINT NOT NULL UNIQUE, password TEXT, identity TEXT UNIQUE,
        disabled BIGINT NOT NULL, created BIGINT NOT NULL)",
    "CREATE TABLE tokens (id BIGINT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
        dataset TEXT NOT NULL, creator BIGINT, created BIGINT NOT NULL, expires BIGINT, revoked BIGINT, used BIGINT)",
    // Users and tokens share the ids of all facts, so that one number says which. No team has an empty name: it stands
    // for all of them.
    "CREATE TABLE grants (subject BIGINT NOT NULL, team TEXT NOT NULL, origin TEXT NOT NULL, role TEXT NOT NULL,
        datasets TEXT NOT NULL, PRIMARY KEY (subject, team, origin))",
    "CREATE TABLE sessions (digest TEXT PRIMARY KEY, subject BIGINT NOT NULL, created BIGINT NOT NULL,
        expires BIGINT NOT NULL, seen BIGINT NOT NULL)",
    "CREATE INDEX sessions_subject ON sessions (subject, created)",
    "CREATE TABLE deliveries (source TEXT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (source, id))",
    "CREATE INDEX deliveries_at ON deliveries (at)",
], ALERTS, SCANS, TOGETHER];

/// Alerts, incidents, tasks and suppressions: what they say beside the decision that made them, what became of them, and
/// where detection stands.
const ALERTS: &[&str] = &[
    "CREATE TABLE raised (id BIGINT PRIMARY KEY, fingerprint TEXT NOT NULL, rule TEXT NOT NULL, title TEXT NOT NULL,
        level TEXT NOT NULL, aspect TEXT NOT NULL, tags TEXT NOT NULL, runbook TEXT)",
    // What happened to one of them, by people (then with their decision) or by itself. The newest of a kind counts.
    "CREATE TABLE moves (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, at BIGINT NOT NULL, about BIGINT NOT NULL,
        what TEXT NOT NULL, value TEXT NOT NULL, detail TEXT, number BIGINT, person BIGINT, decision BIGINT)",
    "CREATE INDEX moves_about ON moves (about, what, at)",
    "CREATE INDEX moves_incident ON moves (number) WHERE what = 'incident'",
    "CREATE INDEX moves_person ON moves (person) WHERE person IS NOT NULL",
    // How often it fired, a row for each minute in which something came.
    "CREATE TABLE tallies (about BIGINT NOT NULL, minute BIGINT NOT NULL, known BIGINT NOT NULL, firings BIGINT NOT NULL,
        events BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, PRIMARY KEY (about, minute))",
    // What a suppression kept from being raised, the same way.
    "CREATE TABLE hidden (hider BIGINT NOT NULL, rule TEXT NOT NULL, team TEXT NOT NULL, minute BIGINT NOT NULL,
        known BIGINT NOT NULL, firings BIGINT NOT NULL, events BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
        PRIMARY KEY (hider, rule, team, minute))",
    // What was told, so that it counts once however often it is told. No fact: it is forgotten after a while.
    "CREATE TABLE firings (id TEXT PRIMARY KEY, about BIGINT NOT NULL, hidden BIGINT NOT NULL, rule TEXT NOT NULL,
        team TEXT NOT NULL, events BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, touched BIGINT NOT NULL)",
    "CREATE INDEX firings_touched ON firings (touched)",
    // Copies of the events that an alert cites, and what quotes them. Salt and text can be erased; the commitment stays.
    "CREATE TABLE copies (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, about BIGINT NOT NULL, part TEXT NOT NULL,
        event BIGINT, commitment TEXT NOT NULL, salt TEXT, text TEXT)",
    "CREATE INDEX copies_about ON copies (about, known)",
    // The newest of moves and the sum of tallies, kept with them, so that what is open is found among all there ever was.
    "CREATE TABLE queue (about BIGINT PRIMARY KEY, class TEXT NOT NULL, fingerprint TEXT NOT NULL, rule TEXT NOT NULL,
        level BIGINT NOT NULL, aspect TEXT NOT NULL, dataset TEXT NOT NULL, entity BIGINT, state TEXT NOT NULL,
        outcome TEXT NOT NULL, until BIGINT, owner BIGINT, assignee BIGINT, parent BIGINT, opened BIGINT NOT NULL,
        acted BIGINT, closed BIGINT, notified BIGINT, marks BIGINT NOT NULL, saved BIGINT NOT NULL,
        firings BIGINT NOT NULL, events BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL)",
    "CREATE INDEX queue_state ON queue (class, state, last)",
    "CREATE INDEX queue_fingerprint ON queue (fingerprint, opened)",
    "CREATE INDEX queue_entity ON queue (entity, last)",
    "CREATE INDEX queue_parent ON queue (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX queue_opened ON queue (class, opened)",
    "CREATE INDEX queue_notified ON queue (notified) WHERE notified IS NOT NULL",
    // Notices on their way: 0 waits, 1 was sent, 2 was given up.
    "CREATE TABLE outbox (id BIGINT PRIMARY KEY, key TEXT NOT NULL UNIQUE, known BIGINT NOT NULL, at BIGINT NOT NULL,
        channel TEXT NOT NULL, about BIGINT, dataset TEXT NOT NULL, body TEXT NOT NULL, state BIGINT NOT NULL,
        attempts BIGINT NOT NULL, due BIGINT NOT NULL, done BIGINT, error TEXT)",
    "CREATE INDEX outbox_due ON outbox (state, due)",
    "CREATE INDEX outbox_about ON outbox (about) WHERE about IS NOT NULL",
    // How far a detector has read, and what it remembered there.
    "CREATE TABLE detectors (name TEXT PRIMARY KEY, known BIGINT NOT NULL, position BIGINT NOT NULL, parts BIGINT NOT NULL)",
    "CREATE TABLE snapshots (detector TEXT NOT NULL, part BIGINT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (detector, part))",
];

/// Scans, and how their findings looked at a time. That a finding was seen or is gone is an observation about it: of class
/// 2 on the default branch, of class 3 on another.
const SCANS: &[&str] = &[
    // `origin` is the stream that a scan belongs to: tool, category and side branch. `content` is a digest of what it
    // said, so that what is told again is known by it.
    "CREATE TABLE scans (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, at BIGINT NOT NULL, key TEXT NOT NULL UNIQUE,
        content TEXT NOT NULL, entity BIGINT NOT NULL, origin TEXT NOT NULL, dataset TEXT NOT NULL, tool TEXT NOT NULL,
        tool_version TEXT NOT NULL, category TEXT NOT NULL, branch TEXT, side BIGINT NOT NULL, revision TEXT,
        version TEXT, pipeline TEXT, author BIGINT, complete BIGINT NOT NULL, late BIGINT NOT NULL, found BIGINT NOT NULL,
        opened BIGINT NOT NULL, fixed BIGINT NOT NULL, back BIGINT NOT NULL)",
    "CREATE INDEX scans_stream ON scans (entity, dataset, origin, at)",
    "CREATE INDEX scans_revision ON scans (revision) WHERE revision IS NOT NULL",
    "CREATE INDEX scans_version ON scans (version) WHERE version IS NOT NULL",
    // Where it is and how it is said, a row whenever that changed. The newest counts.
    "CREATE TABLE details (id BIGINT PRIMARY KEY, known BIGINT NOT NULL, at BIGINT NOT NULL, finding BIGINT NOT NULL,
        origin TEXT NOT NULL, dataset TEXT NOT NULL, severity TEXT NOT NULL, message TEXT NOT NULL, path TEXT NOT NULL,
        line BIGINT NOT NULL, address TEXT NOT NULL, owners TEXT NOT NULL, hidden TEXT, hidden_until BIGINT,
        evidence TEXT NOT NULL, digest TEXT NOT NULL)",
    "CREATE INDEX details_finding ON details (finding, at)",
];

/// Decisions are found by the control that they follow, and by what they are about.
const TOGETHER: &[&str] = &[
    "CREATE INDEX decisions_control ON decisions (control, at) WHERE control IS NOT NULL",
    "CREATE INDEX decisions_entity ON decisions (entity, kind, at) WHERE entity IS NOT NULL",
];

/// The names of all tables, in the order in which they were made.
pub fn tables() -> Vec<&'static str> {
    let statements = STEPS.iter().flat_map(|step| step.iter());
    let made = statements.filter_map(|statement| statement.strip_prefix("CREATE TABLE "));
    made.filter_map(|rest| rest.split(' ').next()).collect()
}

/// The text of a step for SQLite.
pub fn for_sqlite(statement: &str) -> String {
    statement.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
}
