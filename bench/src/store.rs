//! `bench store`: ingest with the disk synced before each answer, then searches, then a restart.

use crate::drive::{Door, Sent, send};
use crate::logs::Logs;
use crate::report::{Ingest, Report};
use crate::words::Words;
use crate::{kinds, probe, searches};
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xtask::args::Args;
use xtask::server::{Server, work_dir};

/// The seed of the data; the figures of two runs are about the same rows.
const SEED: u64 = 20_26;
/// Rows compressed for the comparison with zstd.
const SAMPLE_ROWS: u64 = 1_000_000;
/// Compaction of 100 million rows must be quiet within this time.
const SETTLE: Duration = Duration::from_secs(3_600);
/// The server comes to rest within this time.
const IDLE: Duration = Duration::from_secs(30);

/// Runs it, prints the figures and keeps them in `bench/results`.
pub fn run(bin: &Path, args: &Args) -> Result<()> {
    let rows: u64 = args.number("rows", 10_000_000)?;
    let connections: usize = args.number("connections", 4)?;
    ensure!(rows >= 1_000 && connections > 0, "--rows must be at least 1000 and --connections at least 1");
    let work = work_dir("bench-store")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    let mut report = Report::new(rows, connections);
    service_logs(bin, &work, rows, connections, now, &mut report)?;
    others(bin, &work, rows, connections, now, &mut report)?;
    println!("\n{}", report.markdown());
    println!("kept in {}", report.keep()?.display());
    if args.flag("keep") {
        println!("the data is kept in {}", work.display());
    } else {
        std::fs::remove_dir_all(&work)?;
    }
    Ok(())
}

fn service_logs(bin: &Path, work: &Path, rows: u64, connections: usize, now: u64, report: &mut Report) -> Result<()> {
    let logs = Logs::new(SEED, rows, now);
    let (data, log) = (work.join("logs"), work.join("logs.log"));
    let server = Server::start(bin, &data, &log)?;
    report.idle_mib = probe::idle_mib(server.pid(), IDLE)?;
    println!("service logs: {rows} rows over {connections} connections");
    let door = Door { address: server.otlp_http, path: "/v1/logs", content_type: "application/x-protobuf" };
    let ingest = ingest(&server, "service logs", &door, rows, connections, &|first, count| logs.request(first, count))?;
    report.ingests.push(ingest);
    report.peak_mib = probe::memory_mib(server.pid(), "VmHWM")?;
    report.stored_bytes = probe::bytes_below(&data)?;
    report.event_bytes = probe::bytes_below(&data.join("data"))?;
    let count = server.sql("SELECT count(*) FROM logs WHERE source = 'otlp'")?;
    ensure!(count[0][0].as_u64() == Some(rows), "sent {rows} rows, found {}", count[0][0]);
    (report.zstd_bytes, report.json_bytes) = compressed_text(&logs, rows.min(SAMPLE_ROWS))?;
    report.sample_rows = rows.min(SAMPLE_ROWS);
    server.stop()?;
    restart(bin, &data, &log, &logs, rows, report)
}

/// Restart to ready, after a graceful stop and after a kill, and the searches.
fn restart(bin: &Path, data: &Path, log: &Path, logs: &Logs, rows: u64, report: &mut Report) -> Result<()> {
    probe::drop_caches();
    let server = Server::start(bin, data, log)?;
    report.restart_seconds.push(("after a stop, cold", server.ready_after.as_secs_f64()));
    report.timings = searches::measure(&server, &searches::questions(logs, rows))?;
    report.peak_search_mib = probe::memory_mib(server.pid(), "VmHWM")?;
    server.kill()?;
    let server = Server::start(bin, data, log)?;
    report.restart_seconds.push(("after kill -9", server.ready_after.as_secs_f64()));
    server.stop()
}

/// Wide JSON, spans and metrics, each into a server of its own.
fn others(bin: &Path, work: &Path, rows: u64, connections: usize, now: u64, report: &mut Report) -> Result<()> {
    type Make = fn(&Words, u64, u64, u64) -> Vec<u8>;
    let words = Words::new(SEED);
    let wide = "/api/v1/ingest/json?message=message&time=time&service=service";
    let protobuf = "application/x-protobuf";
    let kinds: [(&'static str, &'static str, &'static str, Make, u64); 3] = [
        ("wide JSON, 100 keys", wide, "application/x-ndjson", kinds::wide, rows / 50),
        ("spans", "/v1/traces", protobuf, kinds::spans, rows / 10),
        ("metric points", "/v1/metrics", protobuf, kinds::metrics, rows / 10),
    ];
    for (name, path, content_type, make, rows) in kinds {
        let rows = rows.max(crate::drive::BATCH);
        println!("{name}: {rows} rows");
        let stem = name.split([' ', ',']).next().unwrap_or(name);
        let data = work.join(stem);
        let server = Server::start(bin, &data, &work.join(format!("{stem}.log")))?;
        let address = if path.starts_with("/api") { server.http } else { server.otlp_http };
        let start = now.saturating_sub(rows * 1_000_000);
        let door = Door { address, path, content_type };
        let mut ingest =
            ingest(&server, name, &door, rows, connections, &|first, count| make(&words, first, count, start))?;
        ingest.stored_bytes = Some(probe::bytes_below(&data.join("data"))?);
        report.ingests.push(ingest);
        server.stop()?;
    }
    Ok(())
}

fn ingest(
    server: &Server,
    name: &'static str,
    door: &Door,
    rows: u64,
    connections: usize,
    make: &(impl Fn(u64, u64) -> Vec<u8> + Sync),
) -> Result<Ingest> {
    let before = probe::core_seconds(server.pid())?;
    let Sent { rows, bytes, refused, seconds, latencies } = send(door, rows, connections, make)?;
    let sending = probe::core_seconds(server.pid())? - before;
    server.settle(SETTLE).context("after the ingest")?;
    let core_seconds = probe::core_seconds(server.pid())? - before;
    println!("  {:.0} MB/s per core-second, {seconds:.1} s", bytes as f64 / 1e6 / core_seconds);
    Ok(Ingest { name, rows, bytes, refused, seconds, latencies, sending, core_seconds, stored_bytes: None })
}

/// Bytes of `rows` rows as lines of JSON: compressed by zstd at level 3, and plain.
fn compressed_text(logs: &Logs, rows: u64) -> Result<(u64, u64)> {
    let mut encoder = zstd::stream::Encoder::new(Counted::default(), 3)?;
    let mut plain = 0;
    let mut lines = String::new();
    for first in (0..rows).step_by(crate::drive::BATCH as usize) {
        let origin = logs.origin(first);
        for number in first..(first + crate::drive::BATCH).min(rows) {
            logs.json_line(number, &origin, &mut lines);
        }
        plain += lines.len() as u64;
        std::io::Write::write_all(&mut encoder, lines.as_bytes())?;
        lines.clear();
    }
    Ok((encoder.finish()?.0, plain))
}

/// Counts bytes instead of keeping them.
#[derive(Default)]
struct Counted(u64);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_compresses_a_few_times() {
        let logs = Logs::new(1, 5_000, 1_800_000_000_000_000_000);
        let (compressed, plain) = compressed_text(&logs, 5_000).unwrap();
        let ratio = plain as f64 / compressed as f64;
        assert!((2.5..12.0).contains(&ratio), "{ratio}");
    }
}
