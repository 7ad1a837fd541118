//! Senders that behave like real exporters: they send the same request until it is acknowledged.

use super::aim::{Aim, Open, TIMEOUT};
use crate::http::{Answer, Client};
use crate::random::Random;
use crate::server::API_TOKEN;
use anyhow::{Result, anyhow};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Records of one request: single ones, small and big batches.
const SIZES: &[u64] = &[1, 1, 7, 60, 400, 1_500];
/// Pause between two flushes: kills should also fall into a flush or a compaction.
const FLUSH_PAUSE: (u64, u64) = (50, 900);

/// Address of the API and of OTLP over HTTP.
pub type Target = (SocketAddr, SocketAddr);

#[derive(Default)]
struct Shared {
    aim: Aim<Target>,
    acknowledged: Vec<AtomicU64>,
    requests: AtomicU64,
    retried: AtomicU64,
}

/// Senders at work.
pub struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// What was sent in the end.
pub struct Sent {
    /// Rows acknowledged, per client; they are numbered from 0.
    pub acknowledged: Vec<u64>,
    /// Requests acknowledged.
    pub requests: u64,
    /// Requests that were sent more than once.
    pub retried: u64,
}

impl Load {
    /// Starts the senders; they wait until they are aimed at a server.
    pub fn start(clients: usize, seed: u64) -> Result<Self> {
        let shared = Shared { acknowledged: (0..clients).map(|_| AtomicU64::new(0)).collect(), ..Shared::default() };
        let shared = Arc::new(shared);
        let mut threads = Vec::new();
        for client in 0..clients {
            let shared = Arc::clone(&shared);
            let random = Random::new(seed ^ (client as u64 + 1).wrapping_mul(0x9e37));
            threads.push(std::thread::Builder::new().spawn(move || shared.send_batches(client, random))?);
        }
        let flusher = Arc::clone(&shared);
        threads.push(std::thread::Builder::new().spawn(move || flusher.flush_now_and_then(Random::new(seed)))?);
        Ok(Self { shared, threads })
    }

    /// Points the senders at a server, or makes them wait.
    pub fn aim(&self, target: Option<Target>) {
        self.shared.aim.at(target);
    }

    /// Rows acknowledged so far, per client.
    pub fn acknowledged(&self) -> Vec<u64> {
        self.shared.acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect()
    }

    /// Fails when an answer was one that no exporter would repeat.
    pub fn fatal(&self) -> Result<()> {
        self.shared.aim.fatal()
    }

    /// Lets every sender finish the request it is at, and answers what was sent.
    pub fn finish(mut self) -> Result<Sent> {
        self.shared.aim.stop();
        for thread in self.threads.drain(..) {
            thread.join().map_err(|_| anyhow!("a sender panicked"))?;
        }
        self.fatal()?;
        Ok(Sent {
            acknowledged: self.acknowledged(),
            requests: self.shared.requests.load(Ordering::SeqCst),
            retried: self.shared.retried.load(Ordering::SeqCst),
        })
    }
}

impl Shared {
    fn send_batches(&self, client: usize, mut random: Random) {
        let mut connection = None;
        let mut next = 0;
        while !self.aim.is_stopped() {
            let size = *random.pick(SIZES);
            let body = batch(client, next, size, &mut random);
            if let Err(error) = self.deliver(client, next, &body, &mut connection) {
                self.aim.fail(format!("client {client}: {error:#}"));
                return;
            }
            next += size;
            self.acknowledged[client].store(next, Ordering::SeqCst);
            self.requests.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn deliver(&self, client: usize, first: u64, body: &str, open: &mut Open<Target>) -> Result<()> {
        // Every other client names its requests; the others are known by their content.
        let key = format!("crash-{client}-{first}");
        let key = (client % 2 == 1).then_some(key.as_str());
        let (_, attempts) = self.aim.deliver(|target| target.1, open, |connection| post(connection, body, key))?;
        if attempts > 1 {
            self.retried.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }

    fn flush_now_and_then(&self, mut random: Random) {
        while !self.aim.is_stopped() {
            std::thread::sleep(Duration::from_millis(FLUSH_PAUSE.0 + random.below(FLUSH_PAUSE.1 - FLUSH_PAUSE.0)));
            if let Some((api, _)) = self.aim.now() {
                // It may be killed at any time; what it wrote is counted elsewhere.
                let _ =
                    Client::new(api, TIMEOUT).with_token(API_TOKEN).post_json("/api/v1/flush", &serde_json::json!({}));
            }
        }
    }
}

/// Sends one OTLP request in JSON.
pub fn post(connection: &mut Client, body: &str, key: Option<&str>) -> Result<Answer> {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    connection.request("POST", "/v1/logs", &headers, body.as_bytes())
}

/// The id of a row; as text in the order of the numbers.
pub fn id(client: usize, number: u64) -> String {
    format!("c{client:02}n{number:010}")
}

/// `size` records of a client from number `first` on. What is in a row follows from its attributes, so
/// that SQL alone finds a wrong one: see [`super::verify`].
pub fn batch(client: usize, first: u64, size: u64, random: &mut Random) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let mut body = String::from(
        r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"crash"}}]},"#,
    );
    body.push_str(r#""scopeLogs":[{"scope":{"name":"xtask"},"logRecords":["#);
    for number in first..first + size {
        let (id, time) = (id(client, number), now + number);
        // Incompressible, so that files and damage have some size.
        let mut pad = String::new();
        for _ in 0..1 + random.below(12) {
            let _ = write!(pad, "{:016x}", random.bits());
        }
        let comma = if number == first { "" } else { "," };
        let _ = write!(
            body,
            r#"{comma}{{"timeUnixNano":"{time}","severityNumber":9,"severityText":"INFO","body":{{"stringValue":"record {id} holds {pad}"}},"attributes":[{},{},{},{}]}}"#,
            text_attribute("crash.id", &id),
            text_attribute("crash.client", &client.to_string()),
            text_attribute("crash.time", &time.to_string()),
            text_attribute("crash.pad", &pad),
        );
    }
    body.push_str("]}]}]}");
    body
}

fn text_attribute(key: &str, value: &str) -> String {
    format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_json_with_unique_ids() {
        let text = batch(3, 10, 5, &mut Random::new(1));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let records = value["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap().clone();
        assert_eq!(records.len(), 5);
        let first = &records[0];
        assert_eq!(first["attributes"][0]["value"]["stringValue"], id(3, 10));
        assert!(first["body"]["stringValue"].as_str().unwrap().starts_with("record c03n0000000010 holds "));
        assert!(id(0, 9) < id(0, 10) && id(1, 99) < id(2, 0));
    }
}
