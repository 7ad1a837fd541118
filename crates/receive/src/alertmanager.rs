//! Alerts of others: what Prometheus and those that follow it send to Alertmanager, `POST /api/v2/alerts`.
//!
//! An alert is known by its labels. Sent again, which Prometheus does every minute, it is the same; with an `endsAt` that
//! has passed it is over. Texts go through the redactor, as everything that is kept.

use crate::changes::json::{read, time};
use crate::changes::{HookError, MAX_FIELD_BYTES};
use crate::error::Counts;
use crate::lines::rows::cut_text;
use crate::redact::Redactor;
use model::limits::{MAX_AHEAD_NANOS, MAX_ENTITY_KEY_BYTES};
use model::{Alert, Aspect, EntityRef, Level, Nanos, hex};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Alerts of one request: Prometheus sends at most 64, large rulers some hundreds.
pub const MAX_ALERTS: usize = 2_000;
/// Labels of one alert; rules have some ten.
pub const MAX_LABELS: usize = 64;
/// Notes of one request.
pub const MAX_NOTES: usize = 20;
/// Longest explanation kept of an alert.
const MAX_WHY_BYTES: usize = 2_048;
/// What the rules of others begin with, so that they are told from ours.
pub const RULE_PREFIX: &str = "alertmanager:";

/// What a request said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Alerts that fire.
    pub firing: Vec<Alert>,
    /// Alerts that are over.
    pub ended: Vec<Alert>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Reads the body of a request, received at a time for a dataset.
pub fn alertmanager(body: &[u8], dataset: &str, redactor: &Redactor, now: Nanos) -> Result<Told, HookError> {
    let value = read(body)?;
    let Value::Array(alerts) = &value else {
        return Err(HookError::malformed("the body is no list of alerts", "/"));
    };
    if alerts.len() > MAX_ALERTS {
        return Err(HookError::TooLarge {
            limit_name: "MAX_ALERTS",
            limit: MAX_ALERTS,
            remedy: "send fewer alerts at once",
        });
    }
    let mut told = Told::default();
    for (place, alert) in alerts.iter().enumerate() {
        match one(alert, dataset, redactor, now) {
            Ok((alert, true)) => told.ended.push(alert),
            Ok((alert, false)) => told.firing.push(alert),
            Err(why) if told.notes.len() < MAX_NOTES => told.notes.push(format!("/{place}: {why}; it was left out")),
            Err(_) => {}
        }
    }
    Ok(told)
}

/// The alert, and whether it is over.
fn one(value: &Value, dataset: &str, redactor: &Redactor, now: Nanos) -> Result<(Alert, bool), String> {
    let labels = labels(value.get("labels"), redactor)?;
    let label = |name: &str| labels.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let name = label("alertname").ok_or("the label `alertname` is missing")?;
    let latest = now + MAX_AHEAD_NANOS;
    let started = match value.get("startsAt") {
        None | Some(Value::Null) => now,
        Some(_) => time(value, "/startsAt").ok_or("`startsAt` is no time such as 2026-11-21T07:29:36Z")?,
    };
    let ends = match value.get("endsAt") {
        None | Some(Value::Null) => None,
        Some(_) => Some(time(value, "/endsAt").ok_or("`endsAt` is no time such as 2026-11-21T07:29:36Z")?),
    };
    // The year 1 stands for no end.
    let ended = ends.is_some_and(|ends| ends > 0 && ends <= now);
    let first = started.clamp(1, latest);
    let annotation = |names: &[&str]| {
        let found = names.iter().find_map(|name| value.get("annotations")?.get(name)?.as_str());
        found.map(|text| redactor.text(cut_text(text.trim(), MAX_WHY_BYTES), &mut Counts::default()).into_owned())
    };
    let level = label("severity").map_or(Level::Medium, level);
    let security =
        ["aspect", "category", "type"].iter().filter_map(|name| label(name)).any(|value| value == "security");
    let identity: Vec<(String, String)> = labels
        .iter()
        .filter(|(name, _)| *name != "severity")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let started_at =
        if value.get("startsAt").is_some_and(Value::is_string) { first.to_string() } else { String::new() };
    let why = annotation(&["description", "message", "summary"]).unwrap_or_else(|| format!("{name} fires"));
    let alert = Alert {
        id: format!("am:{}", digest(labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).chain([("", &*started_at)]))),
        rule: format!("{RULE_PREFIX}{name}"),
        rule_version: String::new(),
        title: name.to_owned(),
        level,
        aspect: if security { Aspect::Security } else { Aspect::Operations },
        tags: Vec::new(),
        entity: entity(&label),
        dataset: dataset.to_owned(),
        key: identity,
        first,
        last: if ended { ends.unwrap_or(first).clamp(first, latest.max(first)) } else { now.max(first) },
        count: 1,
        why,
        runbook: annotation(&["runbook_url", "runbook"]).filter(|text| !text.is_empty()),
        events: Vec::new(),
        settled: ended,
    };
    Ok((alert, ended))
}

/// Names and values, in the order of the names.
fn labels(value: Option<&Value>, redactor: &Redactor) -> Result<BTreeMap<String, String>, String> {
    let empty = Map::new();
    let labels = match value {
        Some(Value::Object(labels)) => labels,
        None => &empty,
        Some(_) => return Err("`labels` are no object".to_owned()),
    };
    if labels.len() > MAX_LABELS {
        return Err(format!("it has {} labels, at most {MAX_LABELS} are read", labels.len()));
    }
    let mut all = BTreeMap::new();
    for (name, value) in labels {
        let Value::String(value) = value else { return Err(format!("the label {name:?} is no text")) };
        if name.contains('\0') || value.contains('\0') {
            return Err("a label has a zero byte".to_owned());
        }
        let value = redactor.attribute(name, cut_text(value, MAX_FIELD_BYTES), &mut Counts::default()).into_owned();
        all.insert(cut_text(name, MAX_FIELD_BYTES).to_owned(), value);
    }
    Ok(all)
}

/// A severity as rules write it. What nobody knows is worth a look within the day.
fn level(severity: &str) -> Level {
    match severity.to_ascii_lowercase().as_str() {
        "critical" | "page" | "emergency" | "disaster" | "p1" => Level::Critical,
        "error" | "high" | "major" | "p2" => Level::High,
        "low" | "minor" | "p4" | "notice" => Level::Low,
        "info" | "informational" | "none" | "debug" | "p5" => Level::Informational,
        _ => Level::Medium,
    }
}

/// What the labels say it is about: the most telling one first.
fn entity<'l>(label: &dyn Fn(&str) -> Option<&'l str>) -> Option<EntityRef> {
    let any = |names: &[&str]| names.iter().find_map(|name| label(name));
    let fits = |text: &&str| text.len() <= MAX_ENTITY_KEY_BYTES / 4;
    if let Some(entity) = label("entity").and_then(|text| text.parse().ok()) {
        return Some(entity);
    }
    if let Some(service) = any(&["service_name", "service"]).filter(fits) {
        let namespace = any(&["service_namespace"]).filter(fits);
        return model::entity::service(namespace, service).ok();
    }
    let cluster = any(&["k8s_cluster_name", "cluster"]).filter(fits);
    let namespace = any(&["k8s_namespace_name", "namespace"]).filter(fits);
    for (kind, names) in [
        ("deployment", ["k8s_deployment_name", "deployment"]),
        ("statefulset", ["k8s_statefulset_name", "statefulset"]),
        ("daemonset", ["k8s_daemonset_name", "daemonset"]),
        ("pod", ["k8s_pod_name", "pod"]),
    ] {
        if let Some(name) = any(&names).filter(fits) {
            return model::entity::k8s(kind, cluster, namespace, name).ok();
        }
    }
    if let Some(host) = any(&["host_name", "host", "node", "nodename", "instance"]).filter(fits) {
        return model::entity::host(without_port(host)).ok();
    }
    any(&["job"]).filter(fits).and_then(|job| model::entity::service(None, job).ok())
}

/// `web-1` of `web-1:9100`, `::1` of `[::1]:9100`.
fn without_port(instance: &str) -> &str {
    if let Some((host, _)) = instance.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return host;
    }
    match instance.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => instance,
    }
}

fn digest<'l>(pairs: impl Iterator<Item = (&'l str, &'l str)>) -> String {
    let mut hash = Sha256::new();
    for (name, value) in pairs {
        for text in [name, value] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
    }
    hex::encode(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// 2026-11-21T12:00:00Z.
    const NOW: Nanos = 1_795_262_400_000_000_000;

    fn read_all(value: &Value) -> Told {
        alertmanager(value.to_string().as_bytes(), "default", &Redactor::default_rules(), NOW).unwrap()
    }

    fn sent(labels: Value) -> Value {
        json!([{"labels": labels, "annotations": {"summary": "slow", "description": "p99 is 3 s",
            "runbook_url": "https://wiki.example/slow"}, "startsAt": "2026-11-21T11:00:00.5Z",
            "endsAt": "2026-11-21T12:04:00Z", "generatorURL": "http://prometheus.example/graph"}])
    }

    #[test]
    fn what_prometheus_sends_is_an_alert() {
        let labels = json!({"alertname": "HighLatency", "severity": "page", "service": "checkout", "path": "/pay"});
        let alert = read_all(&sent(labels)).firing.remove(0);
        assert_eq!(
            (&*alert.rule, &*alert.title, alert.level),
            ("alertmanager:HighLatency", "HighLatency", Level::Critical)
        );
        assert_eq!(alert.entity, model::EntityRef::new("service", "checkout").ok());
        assert_eq!((&*alert.why, alert.runbook.as_deref()), ("p99 is 3 s", Some("https://wiki.example/slow")));
        assert_eq!((alert.first, alert.last), (NOW - 3_599_500_000_000, NOW));
        assert_eq!(alert.aspect, Aspect::Operations);
    }

    #[test]
    fn it_is_the_same_by_its_labels_and_its_beginning() {
        let of = |value: Value| read_all(&value).firing.remove(0);
        let one = of(sent(json!({"alertname": "A", "b": "1", "c": "2"})));
        let mut later = sent(json!({"c": "2", "b": "1", "alertname": "A"}));
        later[0]["endsAt"] = "2026-11-21T12:09:00Z".into();
        later[0]["annotations"]["description"] = "p99 is 4 s".into();
        assert_eq!(of(later).id, one.id);
        assert_ne!(of(sent(json!({"alertname": "A", "b": "1", "c": "3"}))).id, one.id);
        let mut again = sent(json!({"alertname": "A", "b": "1", "c": "2"}));
        again[0]["startsAt"] = "2026-11-21T11:30:00Z".into();
        let again = of(again);
        assert_ne!(again.id, one.id);
        assert_eq!(again.key, one.key);
    }

    #[test]
    fn it_ends_by_its_end() {
        let mut over = sent(json!({"alertname": "A"}));
        over[0]["endsAt"] = "2026-11-21T11:59:00Z".into();
        let told = read_all(&over);
        assert_eq!((told.firing.len(), told.ended.len()), (0, 1));
        for none in [json!("0001-01-01T00:00:00Z"), json!(null)] {
            over[0]["endsAt"] = none;
            assert_eq!(read_all(&over).firing.len(), 1);
        }
    }

    #[test]
    fn labels_say_what_it_is_about() {
        for (labels, entity) in [
            (json!({"instance": "web-1:9100", "job": "node"}), Some("host:web-1")),
            (json!({"instance": "[::1]:9100"}), Some("host:::1")),
            (json!({"namespace": "web", "pod": "a-1", "instance": "10.0.0.1:80"}), Some("k8s.pod:web/a-1")),
            (
                json!({"cluster": "eu", "namespace": "web", "deployment": "a", "pod": "a-1"}),
                Some("k8s.deployment:eu/web/a"),
            ),
            (json!({"service_namespace": "eu", "service_name": "shop"}), Some("service:eu/shop")),
            (json!({"entity": "container:ab", "service": "x"}), Some("container:ab")),
            (json!({"job": "batch"}), Some("service:batch")),
            (json!({"other": "x"}), None),
        ] {
            let mut labels = labels;
            labels["alertname"] = "A".into();
            let alert = read_all(&sent(labels)).firing.remove(0);
            assert_eq!(alert.entity.map(|entity| entity.to_string()).as_deref(), entity);
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_said() {
        let told = read_all(&json!([{"labels": {"alertname": "A"}}, {"labels": {}}, 7, {"labels": {"alertname": 1}},
            {"labels": {"alertname": "A"}, "startsAt": "yesterday"}]));
        assert_eq!((told.firing.len(), told.notes.len()), (1, 4));
        assert!(told.notes[0].starts_with("/1: the label `alertname` is missing"), "{:?}", told.notes);
        let refused = |body: &[u8]| alertmanager(body, "default", &Redactor::none(), NOW).unwrap_err();
        assert!(matches!(refused(b"{}"), HookError::Malformed { .. }));
        let many = serde_json::to_vec(&vec![json!({}); MAX_ALERTS + 1]).unwrap();
        assert!(matches!(refused(&many), HookError::TooLarge { limit_name: "MAX_ALERTS", .. }));
    }

    #[test]
    fn secrets_are_masked() {
        let labels = json!({"alertname": "A", "password": "hunter2hunter2"});
        let alert = read_all(&sent(labels)).firing.remove(0);
        assert!(!format!("{alert:?}").contains("hunter2"), "{alert:?}");
    }
}
