//! This machine as a source: threads that poll `watch`, hand on what they find and then acknowledge it.

use crate::config::{Settings, WatchOptions};
use crate::limits::{
    HOST_FACTS_INTERVAL, HOST_INTERVAL, JOURNAL_INTERVAL, UNHEARD, WATCH_BYTES, WATCH_INTERVAL, WATCH_PAUSE,
};
use crate::server::state::{App, now};
use crate::server::streams;
use anyhow::{Context as _, Result};
use model::{DEFAULT_DATASET, EventBatch, Facts};
use receive::lines::Format;
use receive::redact::Redactor;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use store::{AppendError, POSITIONS};
use tokio::runtime::Handle;
use tokio::sync::watch::Receiver;
use watch::facts::{FactsConfig, HostFacts, Policy};
use watch::{Files, FilesConfig, Host, Journal, JournalConfig, Pending, Position};

/// Tells threads when to end.
#[derive(Clone)]
pub struct Stop {
    runtime: Handle,
    stopping: Receiver<bool>,
}

impl Stop {
    /// For threads of this runtime.
    pub fn new(runtime: Handle, stopping: Receiver<bool>) -> Self {
        Self { runtime, stopping }
    }

    /// Waits; true when it is time to end.
    pub fn wait(&self, time: Duration) -> bool {
        let mut stopping = self.stopping.clone();
        self.runtime.block_on(async move {
            // An error means that nobody is left to say it.
            tokio::time::timeout(time, stopping.wait_for(|stop| *stop)).await.is_ok()
        })
    }

    /// Whether it is time to end.
    pub fn is_set(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// Files or journal.
pub enum Source {
    /// Log files.
    Files(Box<Files>),
    /// The systemd journal.
    Journal(Box<Journal>),
}

impl Source {
    fn name(&self) -> &'static str {
        match self {
            Source::Files(_) => "file",
            Source::Journal(_) => "journal",
        }
    }

    fn poll(&mut self) -> Result<Vec<Pending>> {
        match self {
            Source::Files(files) => files.poll(now(), WATCH_BYTES),
            Source::Journal(journal) => journal.poll(now(), WATCH_BYTES),
        }
    }

    fn ack(&mut self, positions: &[Position]) -> Result<()> {
        match self {
            Source::Files(files) => files.ack(positions),
            Source::Journal(journal) => journal.ack(positions),
        }
    }

    fn retry(&mut self) {
        match self {
            Source::Files(files) => files.retry(),
            Source::Journal(journal) => journal.retry(),
        }
    }

    fn interval(&self) -> Duration {
        match self {
            Source::Files(_) => WATCH_INTERVAL,
            Source::Journal(_) => JOURNAL_INTERVAL,
        }
    }

    /// Polls until it is time to end. `keep` answers for each pending, in order, whether it is durable.
    pub fn follow(mut self, stop: &Stop, mut keep: impl FnMut(&'static str, Vec<Pending>) -> Vec<bool>) {
        while !stop.is_set() {
            let pause = match self.round(&mut keep) {
                Ok(Some(complete)) => {
                    if complete {
                        Duration::ZERO
                    } else {
                        WATCH_PAUSE
                    }
                }
                Ok(None) => self.interval(),
                Err(error) => {
                    tracing::warn!(source = self.name(), error = format!("{error:#}"), "watching failed; it goes on");
                    WATCH_PAUSE
                }
            };
            if stop.wait(pause) {
                return;
            }
        }
    }

    /// `None` when there was nothing; else whether all of it was kept.
    fn round(&mut self, keep: &mut impl FnMut(&'static str, Vec<Pending>) -> Vec<bool>) -> Result<Option<bool>> {
        let pending = self.poll()?;
        if pending.is_empty() {
            return Ok(None);
        }
        let acks: Vec<Position> = pending.iter().map(|one| one.ack.clone()).collect();
        let kept = keep(self.name(), pending);
        // Acknowledged in order only: a gap comes again, what came after it is recognised by its id.
        let durable = kept.iter().take_while(|kept| **kept).count();
        let acked = self.ack(&acks[..durable]);
        let complete = durable == acks.len();
        if !complete {
            self.retry();
        }
        acked.map(|()| Some(complete))
    }
}

/// How what is watched is read.
pub struct Reading<'a> {
    /// What is watched.
    pub options: &'a WatchOptions,
    /// Where positions are remembered.
    pub data_dir: &'a Path,
    /// Masks secrets.
    pub redactor: Arc<Redactor>,
    /// Older records get the receipt's time.
    pub retention: Option<Duration>,
}

/// The sources that are asked for; a missing one is told in the log.
pub fn sources(reading: &Reading<'_>) -> Result<Vec<Source>> {
    let positions = reading.data_dir.join(POSITIONS);
    std::fs::create_dir_all(&positions).with_context(|| format!("cannot make {}", positions.display()))?;
    let options = reading.options;
    let retention = reading.retention.map(|age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX));
    let mut config = FilesConfig::usual(positions.join("files.json"));
    config.retention_nanos = retention;
    if !options.files.is_empty() {
        config.include = options.files.clone();
    }
    config.exclude = options.exclude.clone();
    if let Some(format) = &options.format {
        config.format = Format::from_name(format)
            .with_context(|| format!("unknown --watch-format {format:?}; known are {}", Format::NAMES))?;
    }
    let mut sources = vec![Source::Files(Box::new(Files::open(config, reading.redactor.clone())?))];
    if !options.no_journal.unwrap_or(false) {
        let mut config = JournalConfig::usual(positions.join("journal.json"));
        config.retention_nanos = retention;
        if Journal::available(&config.program) {
            sources.push(Source::Journal(Box::new(Journal::open(config, reading.redactor.clone())?)));
        } else {
            tracing::info!("there is no systemd journal to read here");
        }
    }
    Ok(sources)
}

/// Runs a thread with a name; none when the system refuses.
pub fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map_err(|error| tracing::error!(%error, name, "a thread cannot be started")).ok()
}

/// Reports facts of this machine until it is time to end. `keep` makes them durable and answers the policy to follow.
pub fn report_host(stop: &Stop, data_dir: &Path, mut keep: impl FnMut(&Facts) -> Result<Option<Policy>>) {
    let data = data_dir.join(POSITIONS);
    let made = std::fs::create_dir_all(&data).context("cannot make the folder of positions");
    let config = FactsConfig { data: Some(data), dataset: DEFAULT_DATASET.to_owned(), ..FactsConfig::default() };
    let mut facts = match made.and_then(|()| HostFacts::new(config)) {
        Ok(facts) => facts,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "facts of this machine are not reported");
            return;
        }
    };
    let (mut failing, mut policy_known, mut heard) = (false, false, Instant::now());
    loop {
        if heard.elapsed() > UNHEARD {
            facts.tell_again();
            heard = Instant::now();
        }
        // Before anything is looked at, what may be: whoever switches a part off means the first look too.
        let said = if policy_known { facts.poll(now()) } else { Facts::new("agent", DEFAULT_DATASET) };
        let kept = keep(&said).and_then(|policy| {
            if policy_known {
                facts.acknowledge()?;
            }
            policy.map_or(Ok(()), |policy| facts.apply(&policy))
        });
        if kept.is_ok() && !std::mem::replace(&mut policy_known, true) {
            continue;
        }
        match kept {
            Ok(()) => (failing, heard) = (false, Instant::now()),
            Err(error) if !std::mem::replace(&mut failing, true) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "facts of this machine were not kept; they are told again"
                );
            }
            Err(_) => {}
        }
        if stop.wait(HOST_FACTS_INTERVAL) {
            return;
        }
    }
}

/// Samples host metrics until it is time to end.
pub fn sample_host(stop: &Stop, mut take: impl FnMut(EventBatch)) {
    let mut host = match Host::new() {
        Ok(host) => host,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "no host metrics");
            return;
        }
    };
    loop {
        let started = Instant::now();
        match host.sample(now()) {
            Ok(batch) => take(batch),
            Err(error) => tracing::warn!(error = format!("{error:#}"), "host metrics could not be read"),
        }
        if stop.wait(HOST_INTERVAL.saturating_sub(started.elapsed())) {
            return;
        }
    }
}

/// Watches this machine into the store.
pub fn start(app: &Arc<App>, settings: &Settings) -> Vec<JoinHandle<()>> {
    let stop = Stop::new(Handle::current(), app.stopping.clone());
    let mut threads = Vec::new();
    if !settings.options.watch.no_host_metrics.unwrap_or(false) {
        let (app, stop) = (app.clone(), stop.clone());
        threads.extend(thread("watch-host", move || {
            sample_host(&stop, |batch| {
                let _kept = stop.runtime.block_on(keep_batch(&app, "host", batch, None, 0, &stop));
            });
        }));
    }
    if !settings.options.watch.no_host_facts.unwrap_or(false) {
        let (app, stop, data_dir) = (app.clone(), stop.clone(), settings.store.data_dir.clone());
        threads.extend(thread("watch-facts", move || {
            report_host(&stop, &data_dir, |facts| {
                if !facts.is_empty() {
                    stop.runtime.block_on(app.ledger.record(facts, now()))?;
                }
                Ok(Some(app.agent_policy.clone()))
            });
        }));
    }
    let (app, settings) = (app.clone(), settings.clone());
    // Looking for files and for the journal takes time that the start shall not.
    threads.extend(thread("watch", move || {
        let reading = Reading {
            options: &settings.options.watch,
            data_dir: &settings.store.data_dir,
            redactor: app.redactor.clone(),
            retention: settings.store.retention,
        };
        let found = sources(&reading).unwrap_or_else(|error| {
            tracing::error!(error = format!("{error:#}"), "this machine's logs are not watched");
            Vec::new()
        });
        let followers: Vec<_> = found
            .into_iter()
            .filter_map(|source| {
                let (app, stop) = (app.clone(), stop.clone());
                thread("watch-logs", move || {
                    source.follow(&stop, |name, pending| keep(&app, name, pending, &stop));
                })
            })
            .collect();
        followers.into_iter().for_each(|follower| drop(follower.join()));
    }));
    threads
}

/// Makes pendings durable, together, so that they share a sync.
fn keep(app: &App, name: &'static str, pending: Vec<Pending>, stop: &Stop) -> Vec<bool> {
    let work = pending.into_iter().map(|one| {
        app.counters.counts(one.counts);
        let key = receive::retry::key("watch", "", Some(&one.id), b"");
        keep_batch(app, name, one.batch, Some(key), one.bytes, stop)
    });
    stop.runtime.block_on(futures::future::join_all(work))
}

/// Appends until it is durable; false when the server stops first. Host metrics, which have no key and are soon
/// out of date, are given up when the store is full.
async fn keep_batch(
    app: &App,
    name: &'static str,
    batch: EventBatch,
    key: Option<[u8; 32]>,
    bytes: usize,
    stop: &Stop,
) -> bool {
    let started = Instant::now();
    let (rows, runs) = (batch.len(), vec![(batch.table, streams::runs(&batch))]);
    loop {
        let wait = match app.append(vec![batch.clone()], key, DEFAULT_DATASET).await {
            Ok(appended) => {
                if !appended.duplicate {
                    app.streams.received(&runs, DEFAULT_DATASET, name, bytes, now());
                    app.counters.kept(name, rows, 0, bytes, started.elapsed());
                }
                return true;
            }
            Err(AppendError::Busy { retry_after }) => retry_after,
            Err(AppendError::DiskFull | AppendError::Io(_)) => WATCH_PAUSE,
            Err(AppendError::Closed) => return false,
            Err(AppendError::Invalid(reason)) => {
                // It would be refused for ever, and hold up what comes after it.
                tracing::error!(source = name, rows, reason, "records were refused by the store");
                app.counters.kept(name, 0, rows, bytes, started.elapsed());
                return true;
            }
        };
        if key.is_none() || stop.is_set() {
            return false;
        }
        tokio::time::sleep(wait).await;
    }
}
