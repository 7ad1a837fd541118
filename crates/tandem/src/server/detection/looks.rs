//! Queries of operational rules: asked when it is time, answered, and what follows is kept.

use super::pause;
use crate::limits::{LOOK_TIMEOUT, LOOKS_INTERVAL, LOOKS_STATE};
use crate::server::state::{App, now};
use anyhow::Result;
use detect::limits::MAX_ANSWER_ROWS;
use detect::ops::{Ask, Kind, Ops, Rows};
use model::{Alert, Datasets};
use respond::DetectorState;
use std::sync::Arc;
use std::time::Instant;
use store::QueryLimits;

/// Where the memory of operational rules is kept in the ledger.
const STATE: &str = "operational";

struct Looks {
    app: Arc<App>,
    ops: Ops,
    /// Alerts that could not be kept yet, and those of them that say that something is over.
    pending: (Vec<Alert>, Vec<Alert>),
    changed: bool,
    saved: Instant,
}

/// Looks until the server stops.
pub async fn run(app: Arc<App>) {
    let mut looks = Looks {
        ops: Ops::new(app.detection.rules.operational.clone()),
        app: app.clone(),
        pending: (Vec::new(), Vec::new()),
        changed: false,
        saved: Instant::now(),
    };
    if let Err(error) = looks.restore().await {
        tracing::warn!(error = format!("{error:#}"), "the memory of operational rules cannot be read: they begin anew");
    }
    while pause(&app, LOOKS_INTERVAL).await {
        if let Err(error) = looks.round().await {
            tracing::warn!(error = format!("{error:#}"), "operational rules have to wait; nothing is lost");
        }
    }
    looks.changed = true;
    if let Err(error) = looks.keep(true).await {
        tracing::warn!(error = format!("{error:#}"), "what operational rules remember is not written down");
    }
}

impl Looks {
    async fn restore(&mut self) -> Result<()> {
        let Some(state) = self.app.responder.state(STATE).await? else { return Ok(()) };
        let orphans = self.ops.restore(&state.snapshot).map_err(anyhow::Error::msg)?;
        for orphan in orphans {
            tracing::info!(
                rule = orphan.rule,
                alert = orphan.alert,
                "the rule of an open alert has changed or is gone"
            );
        }
        Ok(())
    }

    async fn round(&mut self) -> Result<()> {
        self.keep(false).await?;
        for ask in self.ops.due(now()) {
            let alerts = match self.ask(&ask).await {
                Ok(rows) => self.ops.answer(&ask, &rows),
                Err(error) => {
                    tracing::warn!(rule = ask.id, error = format!("{error:#}"), "an operational rule got no answer");
                    self.ops.failed(&ask, &format!("{error:#}"));
                    continue;
                }
            };
            self.changed = true;
            // What was seen for the first time is an event; it is not over because it is told whole.
            let lasts = !matches!(self.ops.rules()[ask.rule].kind, Kind::FirstSeen { .. });
            self.pending.1.extend(alerts.iter().filter(|alert| lasts && alert.settled).cloned());
            self.pending.0.extend(alerts);
            self.keep(false).await?;
            if *self.app.stopping.borrow() {
                break;
            }
        }
        self.app.detection.with(|numbers| numbers.operational = self.ops.status());
        Ok(())
    }

    async fn ask(&self, ask: &Ask) -> Result<Rows> {
        let datasets = match &ask.dataset {
            Some(dataset) => Datasets::only([dataset.clone()]),
            None => Datasets::All,
        };
        let limits = QueryLimits { rows: Some(MAX_ANSWER_ROWS + 1), timeout: Some(LOOK_TIMEOUT) };
        let answer = self.app.store.within(datasets).sql(&ask.sql, limits).await?.collect().await?;
        Rows::from_batches(&answer).map_err(anyhow::Error::msg)
    }

    async fn keep(&mut self, last: bool) -> Result<()> {
        let (alerts, over) = self.pending.clone();
        let due = self.changed && (last || self.saved.elapsed() >= LOOKS_STATE);
        if alerts.is_empty() && over.is_empty() && !due {
            return Ok(());
        }
        let now = now();
        let state = DetectorState { name: STATE.to_owned(), position: 0, snapshot: self.ops.snapshot() };
        let summary = self.app.responder.commit(alerts, state, now).await?;
        self.pending.0.clear();
        (self.changed, self.saved) = (false, Instant::now());
        self.app.detection.kept(&summary);
        if !over.is_empty() {
            self.app.responder.end(over, now).await?;
            self.pending.1.clear();
        }
        Ok(())
    }
}
