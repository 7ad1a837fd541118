//! Alerts as people and programs read them.

use super::Print;
use crate::failure::Outcome;
use crate::output::{self, table};
use chrono::{DateTime, SecondsFormat};
use detect::detector::Detector;
use model::alert::{Alert, Level};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Prints them all.
pub fn print(alerts: &[Alert], detector: &Detector, format: Print) -> Outcome {
    match format {
        Print::Table => {
            if !alerts.is_empty() {
                let header = ["time", "level", "rule", "entity", "count", "why"].map(str::to_owned);
                let rows: Vec<Vec<Value>> = alerts.iter().map(row).collect();
                output::print(&table::render(&header, &rows))?;
            }
        }
        Print::Json => {
            for alert in alerts {
                let line = serde_json::to_string(alert).map_err(anyhow::Error::from)?;
                output::print(&format!("{line}\n"))?;
            }
        }
        Print::Sarif => output::print(&format!("{:#}\n", sarif(alerts, detector)))?,
    }
    Ok(())
}

fn row(alert: &Alert) -> Vec<Value> {
    let entity = alert.entity.as_ref().map(ToString::to_string).unwrap_or_default();
    vec![
        json!(moment(alert.first)),
        json!(alert.level.name()),
        json!(alert.title),
        json!(entity),
        json!(alert.count),
        json!(alert.why),
    ]
}

fn moment(nanos: i64) -> String {
    DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// SARIF knows findings in files; an alert is one without a place in a file, about what its logical location says.
pub fn sarif(alerts: &[Alert], detector: &Detector) -> Value {
    let mut used: BTreeMap<&str, &Alert> = BTreeMap::new();
    for alert in alerts {
        used.entry(&alert.rule).or_insert(alert);
    }
    let description = |id: &str| {
        let metas = detector.rules().iter().map(|rule| &rule.meta);
        let mut metas = metas.chain(detector.correlations().iter().map(|rule| &rule.meta));
        metas.find(|meta| meta.id == id).map(|meta| meta.description.clone()).unwrap_or_default()
    };
    let known: Vec<Value> = used
        .values()
        .map(|alert| {
            json!({
                "id": alert.rule,
                "shortDescription": {"text": alert.title},
                "fullDescription": {"text": description(&alert.rule)},
                "helpUri": alert.runbook,
                "properties": {"tags": alert.tags, "level": alert.level.name(), "aspect": alert.aspect},
            })
        })
        .collect();
    let results: Vec<Value> = alerts
        .iter()
        .map(|alert| {
            let entity = alert.entity.as_ref().map(|entity| {
                json!([{"logicalLocations": [{"name": entity.key, "kind": entity.kind, "fullyQualifiedName": entity.to_string()}]}])
            });
            json!({
                "ruleId": alert.rule,
                "level": sarif_level(alert.level),
                "message": {"text": alert.why},
                "locations": entity.unwrap_or_else(|| json!([])),
                "fingerprints": {"tandem/v1": alert.id},
                "occurrenceCount": alert.count,
                "properties": {"first": moment(alert.first), "last": moment(alert.last), "key": alert.key, "events": alert.events},
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "tandem", "version": env!("CARGO_PKG_VERSION"), "rules": known}},
            "results": results,
        }],
    })
}

fn sarif_level(level: Level) -> &'static str {
    match level {
        Level::Informational | Level::Low => "note",
        Level::Medium => "warning",
        Level::High | Level::Critical => "error",
    }
}
