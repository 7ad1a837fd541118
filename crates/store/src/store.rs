//! The store as its users see it.

use crate::catalog::Catalog;
use crate::commit;
use crate::config::Config;
use crate::error::{AppendError, OpenError};
use crate::limits::{LINGERING_PART, MAX_RETRY_KEYS, RETRY_AFTER};
use crate::log::record::RetryKey;
use crate::log::writer::LogWriter;
use crate::maintain;
use crate::open;
use crate::retry::{Known, Outcome};
use crate::sql::Engine;
use crate::state::Shared;
use crate::stats::Stats;
use anyhow::{Context as _, Result};
use model::EventBatch;
use std::fs::File;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// A running store. Clones share it.
#[derive(Clone)]
pub struct Store {
    pub(crate) parts: Arc<Parts>,
}

/// What a store is made of.
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) catalog: tokio::sync::Mutex<Option<Catalog>>,
    pub(crate) log: Arc<Mutex<LogWriter>>,
    pub(crate) engine: Engine,
    committer: Mutex<Option<std::thread::JoinHandle<()>>>,
    maintenance: Mutex<Option<tokio::task::JoinHandle<()>>>,
    _lock: Option<File>,
}

/// Events that are durable now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// How many.
    pub rows: usize,
    /// Whether the same request was kept before, and nothing was added now.
    pub duplicate: bool,
    /// The commit.
    pub sequence: u64,
}

impl Store {
    /// Opens a folder and starts the committer and the maintenance.
    pub async fn open(config: Config) -> Result<Store, OpenError> {
        let opened = open::open(&config).await?;
        let log = LogWriter::start(&config.data_dir, opened.last_sequence + 1, opened.log_files)?;
        let log = Arc::new(Mutex::new(log));
        let wake = Arc::new(Notify::new());
        let engine = Engine::new(&config, wake.clone()).context("cannot start the query engine")?;
        let shared = Arc::new(Shared::new(config, opened.inner, opened.last_sequence, wake));
        shared.counters.quarantined.store(opened.quarantined, Ordering::Relaxed);
        let committer = {
            let (shared, log) = (shared.clone(), log.clone());
            std::thread::Builder::new()
                .name("commit".to_owned())
                .spawn(move || commit::run(&shared, &log))
                .context("cannot start the committer")?
        };
        let parts = Arc::new(Parts {
            shared,
            catalog: tokio::sync::Mutex::new(Some(opened.catalog)),
            log,
            engine,
            committer: Mutex::new(Some(committer)),
            maintenance: Mutex::new(None),
            _lock: opened.lock,
        });
        let maintenance = tokio::spawn(maintain::run(Arc::downgrade(&parts), parts.shared.clone()));
        *parts.maintenance.lock().unwrap_or_else(PoisonError::into_inner) = Some(maintenance);
        Ok(Store { parts })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.parts.shared
    }

    /// Keeps the batches together, or nothing of them. What returned `Ok` survives a crash.
    pub async fn append(&self, batches: Vec<EventBatch>, key: Option<RetryKey>) -> Result<Appended, AppendError> {
        let batches: Vec<EventBatch> = batches.into_iter().filter(|batch| !batch.is_empty()).collect();
        let rows = batches.iter().map(EventBatch::len).sum();
        let shared = self.shared();
        if rows == 0 {
            return Ok(Appended { rows, duplicate: false, sequence: shared.lock().shown });
        }
        let known = key.map(|key| shared.lock().retry.claim(key));
        let mut answer = match known {
            None => watch::channel(None),
            Some(Known::New(sender)) => {
                let receiver = sender.subscribe();
                (sender, receiver)
            }
            Some(Known::Done(sequence)) => {
                shared.counters.duplicates.fetch_add(1, Ordering::Relaxed);
                return Ok(Appended { rows, duplicate: true, sequence });
            }
            Some(Known::Underway(mut receiver)) => {
                shared.counters.duplicates.fetch_add(1, Ordering::Relaxed);
                let sequence = outcome(&mut receiver).await?;
                return Ok(Appended { rows, duplicate: true, sequence });
            }
        };
        let queued = self.room().and_then(|()| match shared.queue.push(batches, key, answer.0) {
            Err(AppendError::Busy { .. }) => Err(shared.busy()),
            pushed => pushed,
        });
        if let Err(error) = queued {
            shared.forget(key.into_iter());
            return Err(error);
        }
        let sequence = outcome(&mut answer.1).await?;
        Ok(Appended { rows, duplicate: false, sequence })
    }

    /// Whether there is room for more rows: a sender need not send what cannot be kept now.
    pub fn room(&self) -> Result<(), AppendError> {
        let shared = self.shared();
        if shared.config.read_only {
            return Err(AppendError::Closed);
        }
        let limit = shared.config.memory_bytes;
        let (rows, lingering) = {
            let inner = shared.lock();
            (inner.memory_bytes(), inner.lingering_bytes())
        };
        let used = rows + shared.queue.bytes();
        if used > limit || used + lingering > limit + limit / LINGERING_PART {
            return Err(shared.busy());
        }
        Ok(())
    }

    /// Events dated before this get the receipt's time.
    pub fn oldest_accepted(&self, now: i64) -> i64 {
        let retention = self.shared().config.retention;
        retention.map_or(i64::MIN, |retention| now.saturating_sub(retention.as_nanos().min(i64::MAX as u128) as i64))
    }

    /// Writes everything in memory to files.
    pub async fn flush(&self) -> Result<()> {
        maintain::flush_all(&self.parts).await
    }

    /// Merges small files until nothing is left to merge.
    pub async fn compact(&self) -> Result<()> {
        while maintain::compact_once(&self.parts).await? {}
        Ok(())
    }

    /// Removes what is past the retention.
    pub async fn expire(&self, now: i64) -> Result<()> {
        maintain::expire(&self.parts, now).await
    }

    /// Numbers.
    pub fn stats(&self) -> Stats {
        self.shared().stats()
    }

    /// Retry keys that can be remembered at once.
    pub fn retry_capacity(&self) -> usize {
        MAX_RETRY_KEYS
    }

    /// Ends the store: waits for the committer, flushes and closes.
    pub async fn close(self) -> Result<()> {
        self.shared().queue.close();
        let committer = self.parts.committer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(committer) = committer {
            tokio::task::spawn_blocking(move || committer.join()).await?.ok();
        }
        let maintenance = self.parts.maintenance.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(maintenance) = maintenance {
            maintenance.abort();
            let _ = maintenance.await;
        }
        if !self.shared().config.read_only
            && let Err(error) = self.flush().await
        {
            tracing::warn!(error = format!("{error:#}"), "the last flush failed; the rows are in the log");
        }
        self.shared().lock().subscribers.clear();
        if let Some(catalog) = self.parts.catalog.lock().await.take() {
            catalog.close().await?;
        }
        Ok(())
    }
}

async fn outcome(receiver: &mut watch::Receiver<Option<Outcome>>) -> Outcome {
    let ended = receiver.wait_for(Option::is_some).await;
    match ended {
        Ok(outcome) => outcome.clone().unwrap_or(Err(AppendError::Closed)),
        // The first sender was turned away before anything was kept.
        Err(_) => Err(AppendError::Busy { retry_after: RETRY_AFTER }),
    }
}
