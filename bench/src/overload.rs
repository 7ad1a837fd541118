//! `bench overload`: senders at twice the rate the server can take.
//!
//! They get retry answers, memory stays under its limit, searches are still answered, and after the
//! load everything acknowledged is there, once, and nothing else.

use crate::drive::{BATCH, Door, send};
use crate::logs::Logs;
use crate::probe;
use crate::wire::Writer;
use anyhow::{Result, anyhow, bail, ensure};
use serde_json::json;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use xtask::args::Args;
use xtask::http::Client;
use xtask::server::{ANSWER_TIMEOUT, API_TOKEN, Server, work_dir};

/// The limit of the issue for the server's memory.
const MOST_MIB: f64 = 600.0;
/// A search under overload is answered within this time.
const SEARCH_LIMIT: Duration = Duration::from_secs(30);
/// Batches that find the rate the server can take.
const PROBE_ROWS: u64 = 1_000_000;
/// Enough connections that more requests are open than the server lets in.
const CONNECTIONS: usize = 256;
/// Requests are copies of these with another number, so that sending costs little beside receiving.
const TEMPLATES: u64 = 8;
/// Where the number of a batch goes: ten digits.
const MARK: &[u8] = b"batch-0000000000";

/// Runs it.
pub fn run(bin: &Path, args: &Args) -> Result<()> {
    let seconds: u64 = args.number("seconds", 300)?;
    let work = work_dir("bench-overload")?;
    let (data, log) = (work.join("data"), work.join("server.log"));
    let server = Server::start(bin, &data, &log)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    let logs = Logs::new(1, PROBE_ROWS, now);
    let door = Door { address: server.otlp_http, path: "/v1/logs", content_type: "application/x-protobuf" };
    let probe = send(&door, PROBE_ROWS, 4, &|first, count| logs.request(first, count))?;
    let rate = probe.rows as f64 / probe.seconds;
    println!("sustained: {rate:.0} rows/s; sending twice that for {seconds} s");
    let templates: Vec<Vec<u8>> = (0..TEMPLATES).map(|number| template(&logs, number * BATCH)).collect();
    let load = Load::new(&door, templates, 2.0 * rate / BATCH as f64, Duration::from_secs(seconds));
    let searches = load.run(&server)?;
    let peak = probe::memory_mib(server.pid(), "VmHWM")?;
    let acknowledged = load.acknowledged.load(Ordering::SeqCst);
    let refused = load.refused.load(Ordering::SeqCst);
    let offered = (acknowledged + refused) as f64 * BATCH as f64 / seconds as f64;
    println!("offered {offered:.0} rows/s: {acknowledged} batches acknowledged, {refused} told to come later");
    println!("{} searches answered, the slowest after {:.1} s; peak memory {peak:.0} MiB", searches.0, searches.1);
    verify(&server, acknowledged)?;
    server.stop()?;
    ensure!(refused > 0, "nobody was told to come later: the load was no overload");
    ensure!(peak <= MOST_MIB, "peak memory {peak:.0} MiB is over {MOST_MIB} MiB");
    ensure!(searches.0 > 0, "no search was answered under the load");
    std::fs::remove_dir_all(&work)?;
    println!("overload: fine");
    Ok(())
}

/// A request whose records come from a scope named after the batch.
fn template(logs: &Logs, first: u64) -> Vec<u8> {
    let mut writer = Writer::with_capacity(BATCH as usize * 340);
    let resource_logs = writer.open(1);
    let resource = writer.open(1);
    writer.text_attribute(1, "service.name", "overload");
    writer.close(resource);
    let scope_logs = writer.open(2);
    let scope = writer.open(1);
    writer.bytes(1, MARK);
    writer.close(scope);
    for number in first..first + BATCH {
        let row = logs.row(number);
        let record = writer.open(2);
        writer.fixed64(1, row.time);
        let body = writer.open(5);
        writer.text(1, &row.body);
        writer.close(body);
        for key in ["url.path", "user_agent.original", "client.id"] {
            writer.text_attribute(6, key, &logs.token(number ^ key.len() as u64));
        }
        writer.close(record);
    }
    writer.close(scope_logs);
    writer.close(resource_logs);
    writer.finish()
}

struct Load<'a> {
    door: &'a Door,
    templates: Vec<(Vec<u8>, usize)>,
    batches_per_second: f64,
    length: Duration,
    next: AtomicU64,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    done: AtomicBool,
    failure: Mutex<Option<anyhow::Error>>,
}

impl<'a> Load<'a> {
    fn new(door: &'a Door, templates: Vec<Vec<u8>>, batches_per_second: f64, length: Duration) -> Self {
        let marked = |bytes: Vec<u8>| {
            let at = bytes.windows(MARK.len()).position(|window| window == MARK).unwrap_or(0);
            (bytes, at)
        };
        Self {
            door,
            templates: templates.into_iter().map(marked).collect(),
            batches_per_second,
            length,
            next: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            done: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// Sends and searches; answers how many searches were answered, and the slowest in seconds.
    fn run(&self, server: &Server) -> Result<(u64, f64)> {
        let started = Instant::now();
        let searches = std::thread::scope(|scope| {
            let searcher = scope.spawn(|| self.search(server));
            let senders: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(|| self.send(started))).collect();
            for sender in senders {
                if let Ok(Err(error)) = sender.join() {
                    self.failure.lock().map_err(|_| anyhow!("a sender panicked"))?.get_or_insert(error);
                }
            }
            self.done.store(true, Ordering::SeqCst);
            searcher.join().map_err(|_| anyhow!("the searcher panicked"))?
        })?;
        match self.failure.lock().map_err(|_| anyhow!("a sender panicked"))?.take() {
            Some(error) => Err(error),
            None => Ok(searches),
        }
    }

    /// An open loop: the next batch is due when it is due, however slow the answers are.
    fn send(&self, started: Instant) -> Result<()> {
        let mut client = Client::new(self.door.address, ANSWER_TIMEOUT);
        let headers = [("content-type", self.door.content_type)];
        loop {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            let due = Duration::from_secs_f64(number as f64 / self.batches_per_second);
            if due >= self.length || started.elapsed() >= self.length {
                return Ok(());
            }
            std::thread::sleep(due.saturating_sub(started.elapsed()));
            let (template, at) = &self.templates[(number % TEMPLATES) as usize];
            let mut body = template.clone();
            body[*at..at + MARK.len()].copy_from_slice(format!("batch-{number:010}").as_bytes());
            let answer = client.request("POST", self.door.path, &headers, &body)?;
            match answer.status {
                200 => self.acknowledged.fetch_add(1, Ordering::SeqCst),
                // A sender that gives up at once: then nothing of the batch may be there.
                429 | 503 if answer.retry_after.is_some() => self.refused.fetch_add(1, Ordering::SeqCst),
                status => bail!("under overload it answered {status} without Retry-After: {}", answer.text()),
            };
        }
    }

    fn search(&self, server: &Server) -> Result<(u64, f64)> {
        let (mut answered, mut slowest) = (0, 0.0f64);
        let mut api = Client::new(server.http, SEARCH_LIMIT).with_token(API_TOKEN);
        while !self.done.load(Ordering::SeqCst) {
            let asked = Instant::now();
            let body = json!({"query": "connection reset", "table": "logs", "limit": 20});
            let answer = api.post_json("/api/v1/search", &body)?;
            ensure!(answer.status == 200, "a search under overload was answered {}: {}", answer.status, answer.text());
            answered += 1;
            slowest = slowest.max(asked.elapsed().as_secs_f64());
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok((answered, slowest))
    }
}

/// Every acknowledged batch is there with all its rows, and no other.
fn verify(server: &Server, acknowledged: u64) -> Result<()> {
    let rows = server.sql(&format!(
        "SELECT count(*), count(*) FILTER (WHERE found <> {BATCH}) FROM \
         (SELECT scope_name, count(*) AS found FROM logs WHERE service_name = 'overload' GROUP BY scope_name)"
    ))?;
    let (batches, odd) = (rows[0][0].as_u64(), rows[0][1].as_u64());
    ensure!(batches == Some(acknowledged), "{acknowledged} batches were acknowledged, {batches:?} are there");
    ensure!(odd == Some(0), "{odd:?} batches have not just {BATCH} rows");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use prost::Message as _;

    #[test]
    fn templates_take_a_number() {
        let logs = Logs::new(1, 10_000, 1_800_000_000_000_000_000);
        let door = Door { address: "127.0.0.1:1".parse().unwrap(), path: "/", content_type: "x" };
        let load = Load::new(&door, vec![template(&logs, 0)], 1.0, Duration::ZERO);
        let (mut body, at) = load.templates[0].clone();
        body[at..at + MARK.len()].copy_from_slice(b"batch-0000000042");
        let request = ExportLogsServiceRequest::decode(body.as_slice()).unwrap();
        let scope_logs = &request.resource_logs[0].scope_logs[0];
        assert_eq!(scope_logs.scope.as_ref().unwrap().name, "batch-0000000042");
        assert_eq!(scope_logs.log_records.len(), BATCH as usize);
    }
}
