//! What is known of a service when it is asked about: the document that checks and policies look at.
//!
//! What is absent is not known, and what is not known is never taken for good: a check that needs it is undecided. So "it has no
//! owner" is a count of 0, and a missing count is "nobody knows".

use model::{Nanos, Waived};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Where the value of a path comes from, in words.
pub struct Path {
    /// As conditions name it.
    pub path: &'static str,
    /// What it is.
    pub is: &'static str,
    /// How it becomes known.
    pub learn: &'static str,
}

const fn path(path: &'static str, is: &'static str, learn: &'static str) -> Path {
    Path { path, is, learn }
}

const INVENTORY: &str = "send telemetry with `service.name`, or import a catalog: `tandem import catalog FILE`";
const OWNER: &str = "name an owner in the catalog or in CODEOWNERS";
const SCAN: &str = "scan what is released: `tandem scan --server URL --tag VERSION`";
const RESTORE: &str = "try a restore and keep its evidence: `tandem drill run NAME`";
const TESTS: &str = "give the results: `--junit junit.xml`";
const LEVELS: &str = "declare service levels for it";
const CHANGES: &str = "let deployments and merges be told by webhook";
const HOSTS: &str = "run the agent on its hosts";
const PAGES: &str = "give the server its knowledge: `--knowledge DIR`";
const ASKED: &str = "say it when asking";
const RECEIVED: &str = "send them to Tandem";

/// Every path of the document, but for those below `asked.`: the only ones that a condition may name.
pub const PATHS: &[Path] = &[
    path("service", "the service, as the inventory names it", ASKED),
    path("environment", "where to", ASKED),
    path("version", "what is released", ASKED),
    path("asked.question", "`release` or `scale`", ASKED),
    path("asked.from", "how many there are", ASKED),
    path("asked.to", "how many there shall be", ASKED),
    path("asked.factor", "how many times as many", ASKED),
    path("known", "whether the inventory has it", INVENTORY),
    path("tier", "how much depends on it; 1 is most", "write `tier` into the catalog"),
    path("runs.instances", "instances that run now", INVENTORY),
    path("runs.hosts", "hosts that they run on", INVENTORY),
    path("runs.versions", "versions that run now", INVENTORY),
    path("runs.ids", "the facts that say so", INVENTORY),
    path("owner.count", "teams that own it", OWNER),
    path("owner.team", "the team that owns it", OWNER),
    path("owner.ids", "the facts that say so", OWNER),
    path("logs.sends", "whether it sends logs", RECEIVED),
    path("logs.last", "when its last log came", RECEIVED),
    path("traces.sends", "whether it sends traces", RECEIVED),
    path("traces.last", "when its last span came", RECEIVED),
    path("metrics.sends", "whether it sends metrics", RECEIVED),
    path("metrics.last", "when its last metric came", RECEIVED),
    path("runbook.count", "runbooks for it", PAGES),
    path("runbook.overdue", "those past their review date", PAGES),
    path("runbook.pages", "which they are", PAGES),
    path("restore.proved", "whether a restore was tried and worked", RESTORE),
    path("restore.at", "when it last was", RESTORE),
    path("restore.rto", "how fast it must be back, in seconds", RESTORE),
    path("restore.rpo", "how much of its data may be lost, in seconds", RESTORE),
    path("restore.ids", "the facts that say so", RESTORE),
    path("backup.known", "whether a backup is known", "tell of backups as changes or facts"),
    path("backup.last", "when it was last made", "tell of backups as changes or facts"),
    path("findings.scanned", "whether what is released, or what runs, was scanned", SCAN),
    path("findings.of", "the version that was scanned", SCAN),
    path("findings.at", "when", SCAN),
    path("findings.critical", "open findings that are critical", SCAN),
    path("findings.high", "open findings that are high", SCAN),
    path("findings.exploited", "components with a weakness that is known to be exploited", SCAN),
    path("findings.secrets", "secrets in its files", SCAN),
    path("findings.undecided", "what the scan could not decide", SCAN),
    path("findings.components", "components that are known to be exploited", SCAN),
    path("findings.waived", "findings that somebody suppressed here until a day; no other number has them", SCAN),
    path("findings.ids_critical", "the facts of critical findings", SCAN),
    path("findings.ids_high", "the facts of high findings", SCAN),
    path("findings.ids_exploited", "the facts of exploited components", SCAN),
    path("findings.ids_secrets", "the facts of secrets", SCAN),
    path("incidents.open", "open incidents that it is part of", "let alerts come in"),
    path("incidents.names", "their names", "let alerts come in"),
    path("incidents.ids", "their ids", "let alerts come in"),
    path("alerts.open", "open alerts of it", "let alerts come in"),
    path("alerts.high", "those that are high or critical", "let alerts come in"),
    path("alerts.ids", "their ids", "let alerts come in"),
    path("slo.known", "whether it has service levels", LEVELS),
    path("slo.burning", "whether its error budget burns too fast", LEVELS),
    path("slo.names", "the levels that do", LEVELS),
    path("slo.ids", "the facts that say so", LEVELS),
    path("exposed_sockets.count", "sockets that listen to every address", HOSTS),
    path("exposed_sockets.list", "which they are", HOSTS),
    path("exposed_sockets.ids", "the facts that say so", HOSTS),
    path("changes.failed_recently", "changes of it that failed in the last day", CHANGES),
    path("changes.overlapping", "changes of what it needs, or of it, in the same hour", CHANGES),
    path("changes.list", "which they are", CHANGES),
    path("changes.ids", "their ids", CHANGES),
    path("tests.known", "whether results of tests are known for the version", TESTS),
    path("tests.total", "tests that ran", TESTS),
    path("tests.failed", "tests that failed", TESTS),
    path("tests.at", "when they ran", TESTS),
    path("tests.names", "those that failed", TESTS),
    path("tests.ids", "the facts that say so", TESTS),
    path("dependencies.count", "services that it calls", INVENTORY),
    path("dependencies.capacity_unknown", "those whose capacity nobody declared", "write `capacity` into the catalog"),
    path("dependencies.without_owner", "those without an owner", OWNER),
    path("dependencies.without_restore", "those without a proved restore", RESTORE),
    path("dependencies.list", "those whose capacity nobody declared, by name", "write `capacity` into the catalog"),
    path("dependencies.ids", "the facts that say so", INVENTORY),
    path("limits.max", "the most instances that its owner declared", "write `max_instances` into the catalog"),
    path("limits.ids", "the facts that say so", "write `max_instances` into the catalog"),
];

/// The path of that name.
pub fn known(name: &str) -> Option<&'static Path> {
    PATHS.iter().find(|path| path.path == name)
}

/// Declares a part of the document whose members may all be unknown.
macro_rules! part {
    ($(#[$about:meta])* $name:ident { $($(#[$told:meta])* $member:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[allow(missing_docs)] // `PATHS` says what each is.
        pub struct $name {
            $($(#[$told])* #[serde(skip_serializing_if = "Option::is_none")] pub $member: Option<$kind>,)*
        }
    };
}

part!(
    /// What runs.
    Runs { instances: u64, hosts: u64, versions: Vec<String>, ids: Vec<i64>, }
);
part!(
    /// Whose it is.
    Owner { count: u64, team: String, ids: Vec<i64>, }
);
part!(
    /// Logs, traces or metrics of it.
    Signal { sends: bool, #[serde(deserialize_with = "time")] last: Nanos, }
);
part!(
    /// Runbooks for it.
    Runbook { count: u64, overdue: u64, pages: Vec<String>, }
);
part!(
    /// Whether it can come back.
    Restore { proved: bool, #[serde(deserialize_with = "time")] at: Nanos, rto: u64, rpo: u64, ids: Vec<i64>, }
);
part!(
    /// What it would come back from.
    Backup { known: bool, #[serde(deserialize_with = "time")] last: Nanos, }
);
part!(
    /// What is weak in it.
    Findings {
        scanned: bool,
        of: String,
        #[serde(deserialize_with = "time")] at: Nanos,
        critical: u64,
        high: u64,
        exploited: u64,
        secrets: u64,
        undecided: u64,
        components: Vec<String>,
        waived: Vec<Waived>,
        ids_critical: Vec<i64>,
        ids_high: Vec<i64>,
        ids_exploited: Vec<i64>,
        ids_secrets: Vec<i64>,
    }
);
part!(
    /// Incidents that it is part of.
    Incidents { open: u64, names: Vec<String>, ids: Vec<i64>, }
);
part!(
    /// Alerts of it.
    Alerts { open: u64, high: u64, ids: Vec<i64>, }
);
part!(
    /// Its service levels.
    Slo { known: bool, burning: bool, names: Vec<String>, ids: Vec<i64>, }
);
part!(
    /// What listens to every address.
    Sockets { count: u64, list: Vec<String>, ids: Vec<i64>, }
);
part!(
    /// What changed, or is about to.
    Changes { failed_recently: u64, overlapping: u64, list: Vec<String>, ids: Vec<i64>, }
);
part!(
    /// Results of tests of the version.
    Tests {
        known: bool,
        total: u64,
        failed: u64,
        #[serde(deserialize_with = "time")] at: Nanos,
        names: Vec<String>,
        ids: Vec<i64>,
    }
);
part!(
    /// What it calls.
    Dependencies {
        count: u64,
        capacity_unknown: u64,
        without_owner: u64,
        without_restore: u64,
        list: Vec<String>,
        ids: Vec<i64>,
    }
);
part!(
    /// What its owner declared of its size.
    Limits { max: u64, ids: Vec<i64>, }
);
part!(
    /// All of it. A part that is not known at all is left out.
    Facts {
        service: String,
        environment: String,
        version: String,
        known: bool,
        tier: u64,
        runs: Runs,
        owner: Owner,
        logs: Signal,
        traces: Signal,
        metrics: Signal,
        runbook: Runbook,
        restore: Restore,
        backup: Backup,
        findings: Findings,
        incidents: Incidents,
        alerts: Alerts,
        slo: Slo,
        exposed_sockets: Sockets,
        changes: Changes,
        tests: Tests,
        dependencies: Dependencies,
        limits: Limits,
    }
);

impl Facts {
    /// The facts as a document. What serialising could not say would be unknown; a test says that there is nothing of the kind.
    pub fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A time as nanoseconds, or as RFC 3339 or a day as people write it.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Nanos>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => nanos(&value).map(Some).ok_or_else(|| {
            serde::de::Error::custom(
                "a time is nanoseconds since 1970, or written as 2026-11-22T08:00:00Z or 2026-11-22",
            )
        }),
    }
}

/// The time that a value is.
pub(crate) fn nanos(value: &Value) -> Option<Nanos> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let whole = chrono::DateTime::parse_from_rfc3339(text).ok().and_then(|time| time.timestamp_nanos_opt());
            let day = || {
                let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
                day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt()
            };
            whole.or_else(day)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A document with everything in it, made from the paths.
    fn full() -> Value {
        let mut root = serde_json::Map::new();
        for path in PATHS.iter().filter(|path| !path.path.starts_with("asked.")) {
            let last = path.path.rsplit('.').next().unwrap();
            let value = match last {
                "service" | "environment" | "version" | "team" | "of" => Value::from("a"),
                "known" | "sends" | "proved" | "scanned" | "burning" => Value::from(true),
                "versions" | "pages" | "components" | "names" | "list" => serde_json::json!(["a"]),
                "last" | "at" => Value::from("2026-11-22T08:00:00Z"),
                "waived" => serde_json::json!([{"finding": 1, "title": "a", "severity": "high", "decision": 2,
                    "reason": "a", "owner": "a", "until": 7}]),
                ids if ids.starts_with("ids") => serde_json::json!([1]),
                _ => Value::from(7),
            };
            match path.path.split_once('.') {
                None => drop(root.insert(path.path.to_owned(), value)),
                Some((part, member)) => {
                    let part = root.entry(part).or_insert_with(|| Value::Object(serde_json::Map::new()));
                    part[member] = value;
                }
            }
        }
        Value::Object(root)
    }

    fn paths(value: &Value) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for (name, member) in value.as_object().unwrap() {
            match member.as_object() {
                Some(members) => out.extend(members.keys().map(|inner| format!("{name}.{inner}"))),
                None => drop(out.insert(name.clone())),
            }
        }
        out
    }

    #[test]
    fn the_document_has_the_paths_that_conditions_may_name_and_no_others() {
        let full = full();
        let facts: Facts = serde_json::from_value(full.clone()).unwrap();
        let written = facts.document();
        assert_eq!(paths(&written), paths(&full));
        assert_eq!(written["restore"]["at"], serde_json::json!(1_795_334_400_000_000_000_i64));
        // A path that is no member would be refused above; a member without a path shows in these numbers.
        let empty = serde_json::to_value(Facts::default()).unwrap();
        assert_eq!(empty, serde_json::json!({}));
        for (part, count) in [("findings", 14), ("tests", 6), ("dependencies", 6), ("owner", 3)] {
            assert_eq!(written[part].as_object().unwrap().len(), count, "{part}");
        }
    }

    #[test]
    fn the_readme_lists_every_path() {
        let readme = include_str!("../../../rules/gate/README.md");
        for path in PATHS {
            let row = format!("| `{}` | {} |", path.path, path.is);
            assert!(readme.contains(&row), "rules/gate/README.md needs the row: {row} {} |", path.learn);
        }
    }

    #[test]
    fn what_is_no_fact_is_refused() {
        for wrong in [r#"{"ower": {}}"#, r#"{"owner": {"count": -1}}"#, r#"{"tests": {"at": "yesterday"}}"#] {
            assert!(serde_json::from_str::<Facts>(wrong).is_err(), "{wrong}");
        }
        let none: Facts = serde_json::from_str(r#"{"owner": null, "tests": {"at": null}}"#).unwrap();
        assert_eq!((none.owner, none.tests.unwrap().at), (None, None));
    }
}
