//! `bench detect --server`: what detection costs a server that takes security events, without rules and with all of them.
//!
//! Both take the same requests in turn, so that what else the machine does is shared between them. Nothing holds back a
//! sender: detection reads what is committed. So it costs processor time, memory, and the time until an alert is there.

use super::events::{Security, Shape};
use super::{SEED, make_rules};
use crate::drive::{BATCH, Door, Sent, quantile, send};
use crate::probe;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use xtask::args::Args;
use xtask::server::{Server, work_dir};

/// Events a second of the paced load. That at full speed says how far detection stays behind; this one says how long an
/// alert takes while it does not: some thousand workstations send so much.
const PACED: u64 = 3_000;
/// Detection has read everything within this time of the last answer.
const CAUGHT_UP: Duration = Duration::from_secs(300);
/// Flush and compaction are quiet within this time.
const SETTLE: Duration = Duration::from_secs(300);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(20);
/// What ingest with all rules keeps of its speed without, in percent.
const KEPT: f64 = 70.0;
/// From event to alert at the 99th percentile, in seconds.
const LATENCY: f64 = 2.0;

/// A rule of which there are always alerts, some in a thousand events: those that are made up rarely match.
const ALERTS: &str = "\
title: Tasks of some workstations
id: 6a1d6c0e-0000-4000-8000-000000000001
status: test
logsource: {category: process_creation, product: windows}
detection:
  tasks:
    Image|endswith: '\\schtasks.exe'
    Computer|endswith: '7.corp.example'
  condition: tasks
level: high
";

/// One server under load.
struct Run {
    sent: Sent,
    /// Server core-seconds until the last answer, until detection had read everything, until all was at rest.
    core: [f64; 3],
    /// How long detection took to read what was left after the last answer.
    behind: f64,
    peak_mib: f64,
    detection: Value,
}

impl Run {
    fn megabytes_a_second(&self) -> f64 {
        self.sent.bytes as f64 / 1e6 / self.sent.seconds
    }

    fn events_a_core_second(&self) -> f64 {
        self.sent.rows as f64 / self.core[2]
    }
}

/// Runs it.
pub fn run(args: &Args) -> Result<()> {
    let bin = PathBuf::from(std::env::var_os("TANDEM_BIN").context("run it by `cargo xtask bench`")?);
    let events: u64 = args.number("events", 100_000)?;
    let connections: usize = args.number("connections", 4)?;
    let rounds: usize = args.number("rounds", 2)?;
    let paced: u64 = args.number("paced", PACED)?;
    ensure!(events >= BATCH && connections > 0 && rounds > 0, "--events must be at least {BATCH}, the others 1");
    let work = work_dir("bench-detect-server")?;
    let folder = match args.text("rules") {
        Some(folder) => PathBuf::from(folder),
        None => make_rules(&work)?,
    };
    let alerts = work.join("alerts.yml");
    std::fs::write(&alerts, ALERTS)?;
    // As the setting takes several.
    let folder = format!("{},{}", folder.display(), alerts.display());
    let folder = folder.as_str();
    let bodies = bodies(events);
    println!("{}, {events} events over {connections} connections, {rounds} rounds", probe::machine());
    let (mut without, mut with): (Option<Run>, Option<Run>) = (None, None);
    for _ in 0..rounds {
        for (name, rules, best) in [("no rules", None, &mut without), ("all rules", Some(folder), &mut with)] {
            let run = one(&bin, &work, rules, connections, &bodies, None)?;
            show(name, &run);
            let faster = best.as_ref().is_none_or(|best| run.megabytes_a_second() > best.megabytes_a_second());
            if faster {
                *best = Some(run);
            }
        }
    }
    let pace = one(&bin, &work, Some(folder), connections, &bodies, Some(paced))?;
    show("paced", &pace);
    std::fs::remove_dir_all(&work)?;
    let (without, with) = (without.context("no run")?, with.context("no run")?);
    let kept = |with: f64, without: f64| 100.0 * with / without;
    let speed = kept(with.megabytes_a_second(), without.megabytes_a_second());
    let core = kept(with.events_a_core_second(), without.events_a_core_second());
    println!(
        "\nof the best rounds, with all rules ingest keeps {speed:.0} % of its speed, and {core:.0} % a core-second"
    );
    let verdict = |fine: bool| if fine { "reached" } else { "MISSED" };
    println!("speed kept: {speed:.0} %, {KEPT:.0} % asked for: {}", verdict(speed >= KEPT));
    for (load, run) in [(format!("{paced} events/s"), &pace), ("full speed".to_owned(), &with)] {
        let latency = seconds(&run.detection, "p99_below_seconds");
        println!(
            "event to alert at {load}: 99 of 100 below {latency} s, {LATENCY} s asked for: {}",
            if latency.is_nan() { "nothing was raised" } else { verdict(latency <= LATENCY) }
        );
    }
    Ok(())
}

/// All requests, made before anything is measured. The events are of now, so that windows take them.
fn bodies(events: u64) -> Vec<Vec<u8>> {
    let security = Security::new(SEED);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    let line = |n: u64| {
        let line = security.line(n, Shape::Flat);
        // The generator's own time is one of long ago.
        match line.split_once("\"@timestamp\":\"").and_then(|(head, rest)| Some((head, rest.split_once('"')?.1))) {
            Some((head, tail)) => format!("{head}\"@timestamp\":{}{tail}", now + n / 50),
            None => line,
        }
    };
    let batch = |first: u64| {
        let lines: Vec<String> = (first..events.min(first + BATCH)).map(line).collect();
        lines.join("\n").into_bytes()
    };
    (0..events).step_by(BATCH as usize).map(batch).collect()
}

fn one(
    bin: &Path,
    work: &Path,
    rules: Option<&str>,
    connections: usize,
    bodies: &[Vec<u8>],
    paced: Option<u64>,
) -> Result<Run> {
    let data = work.join("data");
    let mut arguments = vec!["--no-watch", "--no-builtin-rules"];
    arguments.extend(rules.iter().flat_map(|rules| ["--rules", rules]));
    let server = Server::start_with(bin, &data, &work.join("server.log"), &arguments)?;
    let path = "/api/v1/ingest/json";
    let door = Door { address: server.http, path, content_type: "application/x-ndjson" };
    let rows = bodies.iter().map(|body| 1 + body.iter().filter(|byte| **byte == b'\n').count() as u64).sum();
    let began = probe::core_seconds(server.pid())?;
    let used = || Ok::<f64, anyhow::Error>(probe::core_seconds(server.pid())? - began);
    let started = Instant::now();
    let make = |first: u64, _| {
        let due = paced.map_or(Duration::ZERO, |paced| Duration::from_secs_f64(first as f64 / paced as f64));
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        bodies[(first / BATCH) as usize].clone()
    };
    let sent = send(&door, rows, connections, &make)?;
    let answered = used()?;
    let since = Instant::now();
    let mut detection = ask(&server)?;
    while detection["behind"].as_u64() != Some(0) {
        ensure!(since.elapsed() < CAUGHT_UP, "detection is {} commits behind", detection["behind"]);
        std::thread::sleep(LOOK);
        detection = ask(&server)?;
    }
    let behind = since.elapsed().as_secs_f64();
    let read = used()?;
    server.settle(SETTLE)?;
    let core = [answered, read, used()?];
    let peak_mib = probe::memory_mib(server.pid(), "VmHWM")?;
    let looked = detection["stats"]["events"].as_u64().unwrap_or(0);
    ensure!(looked >= sent.rows, "only {looked} of {} events went by the rules", sent.rows);
    server.stop()?;
    std::fs::remove_dir_all(&data)?;
    Ok(Run { sent, core, behind, peak_mib, detection })
}

fn show(name: &str, run: &Run) {
    let Run { sent, core, behind, peak_mib, detection } = run;
    println!(
        "{name:<10} {:>6.1} MB/s, {:>6.0} events/s, {:>6.0} events a core-second; core-seconds {:.1} sending, {:.1} detecting \
         on, {:.1} flushing; answers {:.0} ms, 99 of 100 {:.0} ms; peak {peak_mib:.0} MiB",
        run.megabytes_a_second(),
        sent.rows as f64 / sent.seconds,
        run.events_a_core_second(),
        core[0],
        core[1] - core[0],
        core[2] - core[1],
        1e3 * quantile(&sent.latencies, 0.5),
        1e3 * quantile(&sent.latencies, 0.99),
    );
    let stats = &detection["stats"];
    println!(
        "{:<10} {} rules, {} correlations; {} matches, {} alerts raised, {} counted on others; event to alert below {} s, 99 of \
         100 below {} s; caught up {behind:.2} s after the last answer; {} refused",
        "",
        detection["rules"],
        detection["correlations"],
        stats["matches"],
        detection["told"]["raised"],
        detection["told"]["rolled"],
        seconds(detection, "p50_below_seconds"),
        seconds(detection, "p99_below_seconds"),
        sent.refused,
    );
}

/// A quantile that the server tells: none when it raised nothing, without end beyond the last bound that it has.
fn seconds(detection: &Value, name: &str) -> f64 {
    let latency = &detection["latency"];
    match latency["count"].as_u64() {
        None | Some(0) => f64::NAN,
        Some(_) => latency[name].as_f64().unwrap_or(f64::INFINITY),
    }
}

fn ask(server: &Server) -> Result<Value> {
    let answer = server.api().get("/api/v1/detection")?;
    ensure!(answer.status == 200, "detection answered {}: {}", answer.status, answer.text());
    serde_json::from_slice(&answer.body).context("detection is not JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_events_of_now() {
        let bodies = bodies(BATCH + 3);
        assert_eq!(bodies.len(), 2);
        let text = String::from_utf8(bodies[1].clone()).unwrap();
        assert_eq!(text.lines().count(), 3);
        let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert!(first["@timestamp"].as_u64() > Some(1_700_000_000_000));
        assert_eq!(first["EventRecordID"], BATCH);
    }
}
