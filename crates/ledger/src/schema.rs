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
]];

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
