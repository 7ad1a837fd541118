//! Sending batches over several connections, each sent again until it is acknowledged.

use anyhow::{Result, anyhow, bail};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use xtask::http::Client;
use xtask::server::ANSWER_TIMEOUT;

/// Rows of one request, as exporters send them.
pub const BATCH: u64 = 1_000;

/// Where and as what a batch is sent.
pub struct Door {
    /// Address.
    pub address: SocketAddr,
    /// Path and query.
    pub path: &'static str,
    /// Content type.
    pub content_type: &'static str,
}

/// What was sent, and how fast it was answered.
#[derive(Default)]
pub struct Sent {
    /// Rows acknowledged.
    pub rows: u64,
    /// Bytes of their requests.
    pub bytes: u64,
    /// Answers that said "later".
    pub refused: u64,
    /// From the first to the last answer.
    pub seconds: f64,
    /// Time to each acknowledgement, sorted, in seconds.
    pub latencies: Vec<f64>,
}

/// Sends `rows` rows, `make(first, count)` bytes at a time.
pub fn send(door: &Door, rows: u64, connections: usize, make: &(impl Fn(u64, u64) -> Vec<u8> + Sync)) -> Result<Sent> {
    let next = AtomicU64::new(0);
    let started = Instant::now();
    let results: Vec<Result<Sent>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections).map(|_| scope.spawn(|| send_some(door, rows, &next, make))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(anyhow!("a sender panicked")))).collect()
    });
    let mut all = Sent { seconds: started.elapsed().as_secs_f64(), ..Sent::default() };
    for sent in results {
        let sent = sent?;
        all.rows += sent.rows;
        all.bytes += sent.bytes;
        all.refused += sent.refused;
        all.latencies.extend(sent.latencies);
    }
    all.latencies.sort_by(f64::total_cmp);
    Ok(all)
}

fn send_some(door: &Door, rows: u64, next: &AtomicU64, make: &impl Fn(u64, u64) -> Vec<u8>) -> Result<Sent> {
    let mut client = Client::new(door.address, ANSWER_TIMEOUT);
    let mut sent = Sent::default();
    loop {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= rows {
            return Ok(sent);
        }
        let count = BATCH.min(rows - first);
        let body = make(first, count);
        let began = Instant::now();
        loop {
            let asked = Instant::now();
            let answer = client.request("POST", door.path, &[("content-type", door.content_type)], &body)?;
            match answer.status {
                200 => {
                    sent.latencies.push(asked.elapsed().as_secs_f64());
                    break;
                }
                429 | 503 if began.elapsed() < ANSWER_TIMEOUT => {
                    sent.refused += 1;
                    std::thread::sleep(Duration::from_millis(100));
                }
                status => bail!("{} answered {status}: {}", door.path, answer.text()),
            }
        }
        sent.rows += count;
        sent.bytes += body.len() as u64;
    }
}

/// The value below which a share of the sorted values lies.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        count => sorted[((count - 1) as f64 * share).round() as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.5), 50.0);
        assert_eq!(quantile(&values, 0.99), 99.0);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
