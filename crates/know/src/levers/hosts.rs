//! What levers count of machines: files that everybody reads, open stores, clocks, agents, restarts.

use super::{Counted, Row, day, on_hosts, team};
use crate::situation::estate::Estate;
use crate::situation::sockets::exposed;
use crate::telemetry::CLOCK_OFFSET;
use anyhow::Result;
use ledger::{AsOf, Ledger};
use model::EntityRef;
use model::entity::{KEEPS, LISTENS};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Ports of stores, queues, consoles and control planes that mostly serve what runs beside them.
const INNER: &[(u16, &str)] = &[
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2375, "Docker without TLS"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (4369, "Erlang's port mapper"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5672, "AMQP"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (7000, "Cassandra"),
    (8086, "InfluxDB"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (9200, "Elasticsearch"),
    (10250, "kubelet"),
    (11211, "memcached"),
    (15672, "RabbitMQ's console"),
    (27017, "MongoDB"),
];

pub(super) async fn counted(ledger: &Ledger, as_of: &AsOf, estate: &Estate) -> Result<Vec<(&'static str, Counted)>> {
    Ok(vec![
        ("files-open-to-all", files(estate)),
        ("sockets-without-need", sockets(estate)),
        ("clocks-off", clocks(estate)),
        ("restarts-waiting", restarts(estate)),
        ("agents-silent", agents(ledger, as_of, estate).await?),
    ])
}

/// Files that look sensitive and that every account reads.
fn files(estate: &Estate) -> Counted {
    let (mut rows, mut hosts, mut told) = (BTreeMap::new(), BTreeSet::new(), 0);
    for held in estate.all(KEEPS) {
        told += 1;
        let Some(thing) = estate.thing(&held.to) else { continue };
        // An agent says it of the file, or of its relation to the host.
        let says = |name: &str| thing.attributes.get(name).or_else(|| held.attributes.get(name));
        if says("world_readable").and_then(Value::as_bool) != Some(true) {
            continue;
        }
        hosts.insert(held.from.key.clone());
        let class = says("class").and_then(Value::as_str).unwrap_or("sensitive");
        let row = Row {
            entity: Some(held.from.to_string()),
            what: format!("{} ({class}) is open to every account", held.to.key),
            team: team(estate, &held.from),
            facts: vec![thing.id, held.id],
        };
        rows.insert(held.to.clone(), row);
    }
    let note = on_hosts(&hosts);
    Counted { rows: rows.into_values().collect(), note, unknown: told == 0, ..Counted::default() }
}

/// Exposed sockets of what usually serves its own machine alone.
fn sockets(estate: &Estate) -> Counted {
    let (mut rows, mut all, mut hosts) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for held in estate.all(LISTENS) {
        let thing = estate.thing(&held.to);
        if !exposed(&held.to, thing) {
            continue;
        }
        all.insert(held.to.clone());
        let port: Option<u16> = held.to.key.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let Some((_, what)) = INNER.iter().find(|(inner, _)| Some(*inner) == port) else { continue };
        if held.from.kind == "host" {
            hosts.insert(held.from.key.clone());
        }
        let program = thing.and_then(|thing| thing.text("executable")).map(|program| format!(", {program}"));
        let row = Row {
            entity: Some(held.from.to_string()),
            what: format!("{} ({what}{})", held.to.key, program.unwrap_or_default()),
            team: team(estate, &held.to).or_else(|| team(estate, &held.from)),
            facts: thing.map(|thing| thing.id).into_iter().chain([held.id]).collect(),
        };
        rows.insert(held.to.clone(), row);
    }
    let (note, unknown) = (on_hosts(&hosts), estate.all(LISTENS).is_empty());
    Counted { rows: rows.into_values().collect(), of: None, note, unknown }
}

fn of_hosts(estate: &Estate, told: impl Fn(&crate::reports::Thing) -> Option<String>) -> Counted {
    let hosts = estate.of_kind("host");
    let rows = hosts.iter().filter_map(|thing| {
        let what = told(thing)?;
        let team = team(estate, &thing.entity);
        Some(Row { entity: Some(thing.entity.to_string()), what, team, facts: vec![thing.id] })
    });
    Counted { rows: rows.collect(), of: Some(hosts.len() as u64), ..Counted::default() }
}

/// Hosts whose telemetry shows a wrong clock.
fn clocks(estate: &Estate) -> Counted {
    of_hosts(estate, |thing| {
        let offset = thing.attributes.get(CLOCK_OFFSET)?.as_i64().filter(|offset| *offset != 0)?;
        let way = if offset > 0 { "ahead" } else { "behind" };
        Some(format!("{} is {} s {way}", thing.entity.key, offset.unsigned_abs()))
    })
}

/// Hosts that run something older than what is installed. Who says neither yes nor no is no part of the whole.
fn restarts(estate: &Estate) -> Counted {
    let said = |thing: &crate::reports::Thing| thing.attributes.get("reboot_required").and_then(Value::as_bool);
    let mut counted =
        of_hosts(estate, |thing| said(thing)?.then(|| format!("{} waits for a restart", thing.entity.key)));
    let known = estate.of_kind("host").into_iter().filter(|thing| said(thing).is_some()).count();
    (counted.of, counted.unknown) = (Some(known as u64), known == 0);
    counted
}

/// Machines whose agent reported once and does not now.
async fn agents(ledger: &Ledger, as_of: &AsOf, estate: &Estate) -> Result<Counted> {
    let reporters = ledger.reporters(as_of, "agent", "host").await?;
    let of = reporters.len() as u64;
    let ids: BTreeMap<EntityRef, i64> = estate.of_kind("host").iter().map(|one| (one.entity.clone(), one.id)).collect();
    let silent = reporters.into_iter().filter(|reporter| reporter.until <= as_of.valid).map(|reporter| Row {
        what: format!("{} was heard last on {}", reporter.entity.key, day(reporter.seen)),
        team: team(estate, &reporter.entity),
        facts: ids.get(&reporter.entity).copied().into_iter().collect(),
        entity: Some(reporter.entity.to_string()),
    });
    Ok(Counted { rows: silent.collect(), of: Some(of), unknown: of == 0, ..Counted::default() })
}
