//! A situation as checks look at it. The members are those that `rules/gate/README.md` lists, and no others: what is not
//! known is left out.

use super::{About, Sends, Situation};
use serde_json::{Map, Value, json};

/// The document of a service, for a version and environment when these are asked about.
pub fn document(one: &Situation, about: &About<'_>) -> Value {
    let mut all = Map::new();
    all.insert("service".to_owned(), one.service.clone().into());
    for (name, said) in [("environment", about.environment), ("version", about.version)] {
        all.extend(said.map(|said| (name.to_owned(), said.into())));
    }
    all.insert("known".to_owned(), one.known.into());
    if one.known {
        all.extend(one.tier.map(|tier| ("tier".to_owned(), tier.into())));
        for (name, value) in described(one).into_iter().chain(happens(one)).chain([("findings", findings(one, about))])
        {
            let Value::Object(mut part) = value else { continue };
            part.retain(|_, value| !value.is_null());
            if !part.is_empty() {
                all.insert(name.to_owned(), Value::Object(part));
            }
        }
    }
    Value::Object(all)
}

/// A part without its ids when there is nothing behind them.
fn listed<T: Clone>(known: bool, list: &[T]) -> Option<Vec<T>> {
    (known || !list.is_empty()).then(|| list.to_vec())
}

fn described(one: &Situation) -> Vec<(&'static str, Value)> {
    let signal = |of: &Sends| json!({"sends": of.sends, "last": of.last});
    let teams = one.owner.team.is_some() as u64 + one.owner.conflict.len() as u64;
    let runs = one.runs.is_some();
    let restore = &one.restore;

    let backup = restore.backup.is_some() || restore.backup_at.is_some();
    let needs = &one.needs;
    let told = needs.count > 0 || one.traces.sends == Some(true);
    let counted = |count: u64| told.then_some(count);
    vec![
        (
            "runs",
            json!({"instances": one.instances, "hosts": one.hosts, "versions": listed(runs, &one.versions),
                "ids": listed(runs, &one.run_ids)}),
        ),
        ("owner", json!({"count": teams, "team": one.owner.team, "ids": one.owner.ids})),
        ("logs", signal(&one.logs)),
        ("traces", signal(&one.traces)),
        ("metrics", signal(&one.metrics)),
        (
            "runbook",
            json!({"count": one.runbook.count, "overdue": one.runbook.overdue,
                "pages": listed(one.runbook.count.is_some(), &one.runbook.pages)}),
        ),
        (
            "restore",
            json!({"proved": restore.proved, "at": restore.at, "rto": restore.rto, "rpo": restore.rpo,
                "ids": restore.ids}),
        ),
        ("backup", json!({"known": backup, "last": restore.backup_at})),
        (
            "dependencies",
            json!({"count": counted(needs.count), "capacity_unknown": counted(needs.capacity_unknown.len() as u64),
                "without_owner": counted(needs.without_owner), "without_restore": counted(needs.without_restore),
                "list": listed(told, &needs.capacity_unknown), "ids": listed(told, &needs.ids)}),
        ),
        (
            "limits",
            json!({"max": one.max_instances, "ids": one.id.filter(|_| one.max_instances.is_some()).map(|id| vec![id])}),
        ),
    ]
}

/// What is open with it, what was altered, and what tests said.
fn happens(one: &Situation) -> Vec<(&'static str, Value)> {
    let (incidents, alerts, slo) = (&one.incidents, &one.alerts, &one.slo);
    let (sockets, changes, tests) = (&one.exposed_sockets, &one.changes, &one.tests);
    let told = sockets.count.is_some();
    let changed = changes.recent.is_some() || changes.overlapping.is_some();
    vec![
        ("incidents", json!({"open": incidents.open, "names": incidents.names, "ids": incidents.ids})),
        ("alerts", json!({"open": alerts.open, "high": alerts.high, "ids": alerts.ids})),
        (
            "slo",
            json!({"known": slo.known, "burning": slo.known.map(|_| slo.burning),
                "names": slo.known.map(|_| &slo.names), "ids": slo.known.map(|_| &slo.ids)}),
        ),
        (
            "exposed_sockets",
            json!({"count": sockets.count, "list": listed(told, &sockets.list), "ids": listed(told, &sockets.ids)}),
        ),
        (
            "changes",
            json!({"failed_recently": changes.failed, "overlapping": changes.overlapping,
                "list": listed(changed, &changes.list), "ids": listed(changed, &changes.ids)}),
        ),
        (
            "tests",
            json!({"known": tests.known, "total": tests.total, "failed": tests.failed, "at": tests.at,
                "names": listed(tests.known, &tests.names), "ids": listed(tests.known, &tests.ids)}),
        ),
    ]
}

/// What is weak. Whether it was scanned is asked of the version that is released, else of those that run.
fn findings(one: &Situation, about: &About<'_>) -> Value {
    let findings = &one.findings;
    let asked: Vec<&str> = match about.version {
        Some(version) => vec![version],
        None => one.versions.iter().map(String::as_str).collect(),
    };
    let is = |scanned: &String| asked.iter().any(|asked| is_version(scanned, asked));
    let of = one.scanned.versions.iter().find(|scanned| is(scanned));
    // A scan that names no version says something of what runs, as long as nothing says which that is.
    let scanned = of.is_some() || asked.is_empty() && one.scanned.last.is_some();
    let looked = findings.open.is_some();
    let ids = |name: &str| looked.then(|| findings.ids.get(name).cloned().unwrap_or_default());
    json!({
        "scanned": scanned, "of": of.or(one.scanned.versions.first()), "at": one.scanned.last,
        "critical": findings.critical, "high": findings.high, "exploited": findings.exploited,
        "secrets": findings.secrets, "components": listed(looked, &findings.components),
        "ids_critical": ids("critical"), "ids_high": ids("high"), "ids_exploited": ids("exploited"),
        "ids_secrets": findings.secrets.and_then(|_| ids("secrets")),
        "waived": listed(looked, &findings.waived),
    })
}

/// Whether a scanned version or commit is the one that is asked about: commits may be cut short.
fn is_version(scanned: &str, asked: &str) -> bool {
    let commit = |text: &str| text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    scanned == asked
        || scanned.strip_prefix('v') == Some(asked)
        || asked.strip_prefix('v') == Some(scanned)
        || commit(scanned) && commit(asked) && (scanned.starts_with(asked) || asked.starts_with(scanned))
}
