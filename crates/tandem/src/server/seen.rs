//! What telemetry says of the things that send it, on its way into the ledger.

use super::state::{App, now};
use crate::limits::{CALLS_TIMEOUT, MAX_CALLS, MAX_WAITING_FACTS};
use anyhow::Result;
use know::{Call, Skew, Telemetry, calls, deployed};
use ledger::{AsOf, Ledger, LedgerError};
use model::{EntityRef, EventBatch, Facts, Nanos};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{AppendError, Appended, RetryKey};

/// What was seen and is not written down yet.
pub struct Seen {
    telemetry: Mutex<Telemetry>,
    waiting: Mutex<VecDeque<Facts>>,
    /// Silent machines that were ended, and when: once is enough.
    silent: Mutex<HashMap<EntityRef, Nanos>>,
}

impl Seen {
    /// Begins where the ledger ended: what ran then is no news.
    pub async fn start(ledger: &Ledger, lease: Duration) -> Result<Seen> {
        let mut telemetry = Telemetry::new(Nanos::try_from(lease.as_nanos())?);
        telemetry.restore(deployed(ledger, &AsOf::at(now())).await?, now());
        Ok(Seen { telemetry: Mutex::new(telemetry), waiting: Mutex::default(), silent: Mutex::default() })
    }

    fn telemetry(&self) -> MutexGuard<'_, Telemetry> {
        self.telemetry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Machines whose clocks differ.
    pub fn skews(&self) -> Vec<Skew> {
        self.telemetry().skews()
    }

    /// Writes down what is due. What the database cannot take now waits, the oldest goes when it is too much.
    pub async fn write(&self, ledger: &Ledger) -> Result<()> {
        let due = self.telemetry().due(now());
        self.wait(due);
        while let Some(facts) = self.next() {
            match ledger.record(&facts, now()).await {
                Ok(_) => {}
                Err(error @ LedgerError::Invalid(_)) => {
                    tracing::error!(%error, facts = facts.len(), "facts of telemetry were refused; this is a bug");
                }
                Err(error) => {
                    self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_front(facts);
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    /// What ran on a machine was said to have ended.
    pub fn ended(&self, host: EntityRef, at: Nanos) {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(host, at);
    }

    /// Whether that was said already.
    pub fn has_ended(&self, host: &EntityRef, at: Nanos) -> bool {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).get(host) == Some(&at)
    }

    fn next(&self) -> Option<Facts> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn wait(&self, due: Vec<Facts>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(due);
        while waiting.len() > MAX_WAITING_FACTS {
            let lost = waiting.pop_front().map_or(0, |facts| facts.len());
            tracing::warn!(facts = lost, "the ledger takes nothing: the oldest that telemetry said is lost");
        }
    }
}

impl App {
    /// Makes events durable, and notes who sent them.
    pub async fn append(
        &self,
        batches: Vec<EventBatch>,
        key: Option<RetryKey>,
        dataset: &str,
    ) -> Result<Appended, AppendError> {
        // Handles of the same columns.
        let sent = batches.clone();
        let appended = self.store.append(batches, key).await?;
        if !appended.duplicate {
            let now = now();
            let mut telemetry = self.seen.telemetry();
            sent.iter().for_each(|batch| telemetry.observe(batch, dataset, now));
        }
        Ok(appended)
    }

    /// Who called whom in the last moments, from spans of both sides.
    pub async fn note_calls(&self, window: Nanos) -> Result<()> {
        use arrow_array::Array as _;
        use arrow_array::cast::AsArray as _;
        let now = now();
        let since = format!("timestamp >= to_timestamp_nanos({})", now - window);
        let name = "CASE WHEN attr(resource_attributes, 'service.namespace') IS NULL THEN service_name \
                    ELSE attr(resource_attributes, 'service.namespace') || '/' || service_name END";
        let sql = format!(
            "SELECT c.dataset, c.name, s.name, c.address FROM \
             (SELECT dataset, trace_id, span_id, {name} AS name, coalesce(attr(attributes, 'server.address'), \
             attr(attributes, 'net.peer.name'), attr(attributes, 'peer.service')) AS address FROM spans \
             WHERE {since} AND kind IN ('client', 'producer') AND service_name IS NOT NULL) c LEFT JOIN \
             (SELECT dataset, trace_id, parent_span_id, {name} AS name FROM spans \
             WHERE {since} AND kind IN ('server', 'consumer') AND service_name IS NOT NULL) s \
             ON s.dataset = c.dataset AND s.trace_id = c.trace_id AND s.parent_span_id = c.span_id \
             GROUP BY 1, 2, 3, 4 LIMIT {}",
            MAX_CALLS
        );
        let limits = store::QueryLimits { timeout: Some(CALLS_TIMEOUT), rows: None };
        let mut found = Vec::new();
        for batch in self.store.all().sql(&sql, limits).await?.collect().await? {
            let columns = batch.columns().iter().map(|column| arrow_cast::cast(column, &arrow_schema::DataType::Utf8));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let text = |at: usize, row: usize| {
                let column = columns[at].as_string_opt::<i32>()?;
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            for row in 0..batch.num_rows() {
                let (Some(dataset), Some(service)) = (text(0, row), text(1, row)) else { continue };
                found.push(Call { dataset, service, peer_service: text(2, row), peer_address: text(3, row) });
            }
        }
        for facts in calls(&found, now) {
            self.ledger.record(&facts, now).await?;
        }
        Ok(())
    }
}
