//! `bench ledger`: a million observations and 100,000 findings on SQLite, and the questions that people wait for.

use anyhow::{Result, ensure};
use ledger::{AsOf, Config, Database, Ledger, Scan, Table};
use model::Facts;
use model::{About, Change, EntityRef, Finding, Nanos, Observation, Relation};
use serde_json::Map;
use std::future::Future;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use xtask::args::Args;
use xtask::server::{Server, work_dir};

const MINUTE: Nanos = 60_000_000_000;
/// Things that are seen each minute: services, and the containers and hosts they run on.
const THINGS: u64 = 2_000;
/// Facts of one transaction.
const BATCH: usize = 20_000;
/// Components of the bill of materials.
const COMPONENTS: usize = 10_000;
/// A question is asked so often; the median counts.
const TRIES: usize = 7;

/// Runs it.
pub fn run(args: &Args, bin: &Path) -> Result<()> {
    let observations: u64 = args.number("observations", 1_000_000)?;
    let findings: u64 = args.number("findings", 100_000)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let work = work_dir("bench-ledger")?;
    runtime.block_on(measure(&work, observations, findings))?;
    join(bin, &work)?;
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

async fn measure(work: &Path, observations: u64, findings: u64) -> Result<()> {
    // Where a server on this folder looks for it.
    let keys = work.join("ledger");
    let path = keys.join("ledger.sqlite");
    let config = Config { database: Database::Sqlite(path.clone()), keys };
    let ledger = Ledger::open(config).await?;
    let minutes = (observations / THINGS) as i64;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as i64;
    let start = now - minutes * MINUTE;
    let began = Instant::now();
    fill(&ledger, start, minutes, now).await?;
    let seconds = began.elapsed().as_secs_f64();
    println!("{observations} observations in {seconds:.1} s, {:.0} a second", observations as f64 / seconds);
    let began = Instant::now();
    weaken(&ledger, findings, now).await?;
    println!("{findings} findings in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let bill = ledger.record(&bill(now)?, now).await?;
    println!("bill of materials, {COMPONENTS} components: {:.0} ms (2,000)", began.elapsed().as_secs_f64() * 1e3);
    ensure!(bill.new == COMPONENTS as u64, "{} of {COMPONENTS} components are new", bill.new);
    println!("{:.0} MiB", std::fs::metadata(&path)?.len() as f64 / 1024.0 / 1024.0);

    let middle = AsOf::at(start + minutes / 2 * MINUTE);
    median("what ran at a time", || async { Ok(ledger.running(&middle, None).await?.len()) }).await?;
    median("what runs now", || async { Ok(ledger.running(&AsOf::at(now), None).await?.len()) }).await?;
    median("services without an owner", || async { Ok(ledger.orphans(&AsOf::at(now), "service").await?.len()) })
        .await?;
    let service = EntityRef::new("service", "0")?;
    let deployed = AsOf::at(start + 95 * MINUTE);
    median("suspect changes", || async { Ok(ledger.suspects(&service, &deployed).await?.len()) }).await?;
    let host = EntityRef::new("host", "0")?;
    median("packages of a host", || async { Ok(ledger.related(&AsOf::at(now), &host, "has").await?.len()) }).await?;
    for (table, filter) in [("findings", Some((4, "7"))), ("entities", Some((1, "service"))), ("changes", None)] {
        let scan = Scan {
            columns: vec![0, 1, 2, 3, 4],
            equal: filter.iter().map(|(at, text)| (*at, (*text).to_owned())).collect(),
            as_of: AsOf::at(now),
            limit: None,
            bytes: 256 << 20,
        };
        let table = Table::named(table).ok_or_else(|| anyhow::anyhow!("no table"))?;
        median(&format!("table {}", table.name), || async { Ok(ledger.scan(table, &scan).await?.len()) }).await?;
    }
    let began = Instant::now();
    let done = ledger.compact(now + 2 * 24 * 60 * MINUTE).await?.unwrap_or_default();
    let seconds = began.elapsed().as_secs_f64();
    println!("a day merged: {} of {} rows went, {seconds:.1} s", done.removed, done.rows);
    ledger.close().await;
    Ok(())
}

/// What a person asks: each service with its owner, its newest version, the packages of its hosts and its error rate.
const JOIN: &str = "
    WITH deployed AS (
      SELECT entity, version, row_number() OVER (PARTITION BY entity ORDER BY at DESC, id DESC) AS place
      FROM changes WHERE kind = 'deployment' AND entity_kind = 'service'
    ), packages AS (
      SELECT from_entity AS host, count(*) AS packages FROM relations
      WHERE kind = 'has' AND from_kind = 'host' AND to_kind = 'package' GROUP BY 1
    ), requests AS (
      SELECT service_name AS service, count(*) AS requests, count(*) FILTER (WHERE status_code = 'error') AS errors
      FROM spans WHERE kind = 'server' AND timestamp > now() - INTERVAL '1 hour' GROUP BY 1
    )
    SELECT s.entity, o.owner, d.version, h.to_entity, p.packages, r.errors
    FROM entities s
    LEFT JOIN owners o ON o.entity_kind = 'service' AND o.entity = s.entity AND o.layer = ''
    LEFT JOIN deployed d ON d.entity = s.entity AND d.place = 1
    LEFT JOIN relations h ON h.kind = 'runs_on' AND h.from_kind = 'service' AND h.from_entity = s.entity
    LEFT JOIN packages p ON p.host = h.to_entity
    LEFT JOIN requests r ON r.service = s.entity
    WHERE s.kind = 'service'";

/// The join, as a server answers it over HTTP.
fn join(bin: &Path, work: &Path) -> Result<()> {
    let server = Server::start(bin, work, &work.join("server.log"))?;
    let (mut times, mut rows) = (Vec::new(), 0);
    for _ in 0..TRIES {
        let began = Instant::now();
        rows = server.sql(JOIN)?.len();
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{:<28} {:>8.1} ms (200), {rows} rows", "services, as people ask", times[TRIES / 2]);
    server.stop()
}

/// Asks several times and prints the median, with how many rows there were.
async fn median<F: Future<Output = Result<usize>>>(what: &str, ask: impl Fn() -> F) -> Result<()> {
    let (mut times, mut rows) = (Vec::new(), 0);
    for _ in 0..TRIES {
        let began = Instant::now();
        rows = ask().await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{what:<28} {:>8.1} ms (200), {rows} rows", times[TRIES / 2]);
    Ok(())
}

fn thing(number: u64) -> Result<EntityRef> {
    let kind = ["service", "container", "host", "image"][(number % 4) as usize];
    Ok(EntityRef::new(kind, (number / 4).to_string())?)
}

fn seen(about: About, at: Nanos, lease: Option<Nanos>) -> Observation {
    Observation { about, at, ended: false, lease, attributes: Map::new() }
}

async fn fill(ledger: &Ledger, start: Nanos, minutes: i64, now: Nanos) -> Result<()> {
    let mut facts = Facts::new("agent", "default");
    for minute in 0..minutes {
        for number in 0..THINGS {
            let at = start + minute * MINUTE + number as i64;
            facts.observations.push(seen(About::Entity(thing(number)?), at, Some(5 * MINUTE)));
        }
        if facts.observations.len() >= BATCH || minute + 1 == minutes {
            ledger.record(&facts, now).await?;
            facts.observations.clear();
        }
    }
    // Every second service has an owner, and each was deployed ten times.
    let mut claims = Facts::new("codeowners", "default");
    for number in (0..THINGS).step_by(4) {
        let service = thing(number)?;
        for run in 0..10 {
            claims.changes.push(Change {
                key: format!("{number}/{run}"),
                kind: "deployment".to_owned(),
                entity: service.clone(),
                at: start + run * 10 * MINUTE,
                environment: Some("production".to_owned()),
                version: Some(format!("1.{run}")),
                attributes: Map::new(),
            });
        }
        let calls = Relation {
            kind: "calls".to_owned(),
            from: service.clone(),
            to: thing((number + 4) % THINGS)?,
            layer: String::new(),
        };
        claims.observations.push(seen(About::Relation(calls), start, Some(24 * 60 * MINUTE)));
        let host = EntityRef::new("host", (number / 4).to_string())?;
        let on = Relation { kind: "runs_on".to_owned(), from: service.clone(), to: host, layer: String::new() };
        claims.observations.push(seen(About::Relation(on), start, None));
        if number % 8 == 0 {
            let to = EntityRef::new("team", (number % 30).to_string())?;
            let owned = Relation { kind: "owned_by".to_owned(), from: service, to, layer: String::new() };
            claims.observations.push(seen(About::Relation(owned), start, None));
        }
    }
    ledger.record(&claims, now).await?;
    Ok(())
}

async fn weaken(ledger: &Ledger, findings: u64, now: Nanos) -> Result<()> {
    let mut facts = Facts::new("scan", "default");
    for number in 0..findings {
        facts.findings.push(Finding {
            entity: Some(EntityRef::new("image", (number % (THINGS / 4)).to_string())?),
            rule: format!("CVE-2026-{:05}", number % 5_000),
            fingerprint: format!("{number:016x}"),
            severity: ["critical", "high", "medium", "low"][(number % 4) as usize].to_owned(),
            title: "a component with a known weakness".to_owned(),
            place: format!("pkg:deb/debian/library-{}@1.2.3", number % 900),
            at: now,
            ended: false,
            evidence: Map::new(),
        });
        if facts.findings.len() == BATCH || number + 1 == findings {
            ledger.record(&facts, now).await?;
            facts.findings.clear();
        }
    }
    Ok(())
}

fn bill(now: Nanos) -> Result<Facts> {
    let from = EntityRef::new("host", "0")?;
    let mut facts = Facts::new("sbom", "default");
    for number in 0..COMPONENTS {
        let to = EntityRef::new("package", format!("pkg:deb/debian/component-{number}@{}.{}", number % 9, number % 7))?;
        let has = Relation { kind: "has".to_owned(), from: from.clone(), to, layer: String::new() };
        facts.observations.push(seen(About::Relation(has), now, None));
    }
    Ok(facts)
}
