//! Queries of operational rules: asked when it is time, answered, and what follows is kept.

use super::{answer, pause};
use crate::limits::{LOOK_TIMEOUT, LOOKS_INTERVAL, LOOKS_STATE};
use crate::server::state::{App, now};
use anyhow::Result;
use detect::ops::{Kind, Ops};
use model::Alert;
use respond::DetectorState;
use std::sync::Arc;
use std::time::Instant;

/// Where the memory of operational rules is kept in the ledger.
const STATE: &str = "operational";

struct Looks {
    app: Arc<App>,
    ops: Ops,
    /// Which rules these are.
    generation: u64,
    /// Alerts that could not be kept yet, and those of them that say that something is over.
    pending: (Vec<Alert>, Vec<Alert>),
    changed: bool,
    saved: Instant,
}

/// Looks until the server stops.
pub async fn run(app: Arc<App>) {
    let set = app.detection.rules();
    let mut looks = Looks {
        ops: Ops::new(set.operational.clone()),
        generation: set.generation,
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
        restore(&mut self.ops, &state.snapshot)
    }

    /// Goes on with the rules that were read last; those that have not changed keep what they remember.
    fn take_rules(&mut self) {
        let set = self.app.detection.rules();
        if set.generation == self.generation {
            return;
        }
        let mut ops = Ops::new(set.operational.clone());
        if let Err(error) = restore(&mut ops, &self.ops.snapshot()) {
            tracing::warn!(error = format!("{error:#}"), "operational rules begin anew");
        }
        (self.ops, self.generation, self.changed) = (ops, set.generation, true);
        self.app.detection.taken.send_modify(|taken| taken.1 = set.generation);
    }

    async fn round(&mut self) -> Result<()> {
        self.keep(false).await?;
        self.take_rules();
        for ask in self.ops.due(now()) {
            let alerts = match answer(&self.app.store.all(), &ask, Some(LOOK_TIMEOUT)).await {
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

/// Takes back what rules remembered, and says whose alerts nobody ends any more.
fn restore(ops: &mut Ops, snapshot: &[u8]) -> Result<()> {
    for orphan in ops.restore(snapshot).map_err(anyhow::Error::msg)? {
        tracing::info!(rule = orphan.rule, alert = orphan.alert, "the rule of an open alert has changed or is gone");
    }
    Ok(())
}
