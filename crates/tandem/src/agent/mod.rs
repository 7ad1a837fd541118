//! `tandem agent`: watches this machine and ships what it finds to another machine's Tandem as OTLP over HTTP.
//!
//! Log files and journal are their own buffer: a position is acknowledged only when the server has answered
//! that the records are durable. Every request carries the id of its range, so a retry is recognised.

mod convert;
mod health;

use crate::config::WatchOptions;
use crate::failure::Outcome;
use crate::limits::*;
use crate::output;
use crate::watchers::{Reading, Stop, report_host, sample_host, sources, thread};
use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use health::Health;
use model::{EventBatch, Facts, Table};
use receive::redact::Redactor;
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use watch::facts::Policy;

/// What an agent is started with.
pub struct Settings {
    /// Base address of the server's OTLP over HTTP.
    pub url: String,
    /// Ingest token.
    pub token: Option<String>,
    /// Speaks HTTP.
    pub http: ureq::Agent,
    /// Where positions are remembered.
    pub data_dir: PathBuf,
    /// What is watched.
    pub watch: WatchOptions,
    /// Masks secrets before anything leaves this machine.
    pub redactor: Redactor,
}

/// Runs until a signal.
pub async fn run(settings: Settings) -> Outcome {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (stop_sender, stopping) = tokio::sync::watch::channel(false);
    let stop = Stop::new(Handle::current(), stopping);
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("cannot make {}", settings.data_dir.display()))?;
    // Two agents on one folder would ship everything twice.
    let lock = std::fs::File::create(settings.data_dir.join("agent.lock")).context("cannot make agent.lock")?;
    lock.try_lock().map_err(|_| {
        crate::failure::wrong_use(anyhow::anyhow!(
            "another agent uses {}: stop it, or choose another folder with --data-dir",
            settings.data_dir.display()
        ))
    })?;
    let shipper = Arc::new(Shipper {
        url: settings.url,
        token: settings.token,
        http: settings.http,
        host: host_name(),
        health: Health::default(),
    });
    let mut threads = Vec::new();
    if !settings.watch.no_host_metrics.unwrap_or(false) {
        let (shipper, stop) = (shipper.clone(), stop.clone());
        threads.extend(thread("agent-host", move || ship_host(&shipper, &stop)));
    }
    if !settings.watch.no_host_facts.unwrap_or(false) {
        let (shipper, stop, data_dir) = (shipper.clone(), stop.clone(), settings.data_dir.clone());
        threads.extend(thread("agent-facts", move || {
            report_host(&stop, &data_dir, |facts| shipper.report(facts));
        }));
    }
    let redactor = Arc::new(settings.redactor);
    let (watch, data_dir) = (settings.watch, settings.data_dir.clone());
    let found = tokio::task::spawn_blocking(move || {
        sources(&Reading { options: &watch, data_dir: &data_dir, redactor, retention: None })
    });
    for source in found.await.context("cannot look for what to watch")?? {
        let (shipper, stop) = (shipper.clone(), stop.clone());
        threads.extend(thread("agent-logs", move || {
            source.follow(&stop, |_, pending| {
                let keep = |one: watch::Pending| shipper.ship(&one.batch, &one.id, &stop);
                pending.into_iter().map(keep).collect()
            });
        }));
    }
    output::print(&format!("shipping to {}\nready\n", shipper.url))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    let _ = stop_sender.send(true);
    let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
    let _ = joined.await;
    shipper.health.ended();
    drop(lock);
    Ok(())
}

/// Samples are held, the newest ones only, while the server cannot be reached.
fn ship_host(shipper: &Arc<Shipper>, stop: &Stop) {
    let waiting: Arc<Mutex<VecDeque<EventBatch>>> = Arc::default();
    let (queue, sender, ending) = (waiting.clone(), shipper.clone(), stop.clone());
    let worker = thread("agent-metrics", move || {
        while !ending.wait(Duration::from_millis(200)) {
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(batch) = next else { break };
                let id = format!("host:{}", crate::server::state::now());
                if !sender.ship(&batch, &id, &ending) {
                    return;
                }
            }
        }
    });
    sample_host(stop, |batch| {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= AGENT_SAMPLES {
            waiting.pop_front();
            shipper.health.given_up();
        }
        waiting.push_back(batch);
    });
    if let Some(worker) = worker {
        let _ = worker.join();
    }
}

fn host_name() -> String {
    let resource = watch::Host::resource();
    let id = |key| model::json::get(&resource, key).and_then(model::json::raw_to_text);
    id("host.id").or_else(|| id("host.name")).map_or_else(|| "unknown".to_owned(), |id| id.into_owned())
}

/// Sends requests until they are durable.
struct Shipper {
    url: String,
    token: Option<String>,
    http: ureq::Agent,
    host: String,
    health: Health,
}

/// What became of one try.
enum Try {
    Kept,
    Unreachable(String),
    Refused { status: u16, message: String, after: Option<Duration> },
}

impl Shipper {
    /// True when the server keeps the batch, or will never take it; false when it is time to end first.
    fn ship(&self, batch: &EventBatch, id: &str, stop: &Stop) -> bool {
        let (path, body) = match batch.table {
            Table::Logs => ("/v1/logs", convert::logs(&batch.rows)),
            Table::Metrics => ("/v1/metrics", convert::metrics(&batch.rows)),
            // Nothing here watches spans.
            Table::Spans => return true,
        };
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let body = match gzip.write_all(&body).and_then(|()| gzip.finish()) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "records could not be compressed");
                return true;
            }
        };
        let mut wait = AGENT_FIRST_BACKOFF;
        loop {
            let mut asked = None;
            match self.send(path, &body, id) {
                Try::Kept => {
                    self.health.kept(path, batch.len());
                    return true;
                }
                Try::Refused { status: status @ (400 | 413 | 415), message, .. } => {
                    self.health.skipped(path, status, &message, batch.len());
                    return true;
                }
                Try::Refused { status, message, after } => {
                    self.health.refused(path, status, &message);
                    asked = after;
                }
                Try::Unreachable(reason) => self.health.unreachable(&self.url, &reason),
            }
            if stop.wait(asked.unwrap_or(wait).min(AGENT_MAX_BACKOFF)) {
                return false;
            }
            wait = (wait * 2).min(AGENT_MAX_BACKOFF);
        }
    }

    /// Sends facts once; they are told again when they were not kept. Answers the policy that the server hands out.
    fn report(&self, facts: &Facts) -> Result<Option<Policy>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        serde_json::to_writer(&mut gzip, facts)?;
        let mut request = self
            .http
            .post(format!("{}/api/v1/ingest/facts", self.url))
            .header("content-type", "application/json")
            .header("content-encoding", "gzip");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.config().timeout_global(Some(AGENT_TIMEOUT)).build();
        let mut response = request.send(&gzip.finish()?[..])?;
        let status = response.status();
        let answer = response.body_mut().with_config().limit(MAX_AGENT_ANSWER_BYTES).read_to_vec()?;
        ensure!(status == 200, "the server answered {status}: {}", String::from_utf8_lossy(&answer));
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        match &answer["policy"] {
            serde_json::Value::Null => Ok(None),
            policy => Policy::from_json(policy.to_string().as_bytes()).map(Some),
        }
    }

    fn send(&self, path: &str, body: &[u8], id: &str) -> Try {
        let mut request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-protobuf")
            .header("content-encoding", "gzip")
            .header(crate::server::ingest::IDEMPOTENCY_HEADER, format!("{}:{id}", self.host));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.config().timeout_global(Some(AGENT_TIMEOUT)).build();
        let mut response = match request.send(body) {
            Ok(response) => response,
            Err(error) => return Try::Unreachable(error.to_string()),
        };
        let status = response.status().as_u16();
        if status == 200 {
            return Try::Kept;
        }
        let after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let after = after.map(Duration::from_secs);
        let answer = response.body_mut().with_config().limit(MAX_AGENT_ANSWER_BYTES).read_to_vec().unwrap_or_default();
        Try::Refused { status, message: convert::status_message(&answer), after }
    }
}
