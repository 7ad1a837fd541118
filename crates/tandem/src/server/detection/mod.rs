//! Detection in the server: every committed event goes by the rules, operational rules look when it is time, and what
//! they say is kept by [`respond`] together with how far detection has come.
//!
//! | file | holds |
//! |---|---|
//! | `rules.rs` | the rules: those built in, and those of folders |
//! | `stream.rs` | from commits of the store to alerts |
//! | `looks.rs` | queries of operational rules |
//! | `notices.rs` | notices on their way out |
//! | `hunt.rs` | a rule over stored history |
//! | `reload.rs` | the rules read again |
//! | `reads.rs` | which streams the rules read |
//!
//! Nothing here holds back a sender: what is received waits in the store, and detection reads it from there.

pub mod hunt;
mod looks;
mod notices;
pub mod reads;
pub mod reload;
pub mod rules;
mod stream;

use crate::config::detect::DetectSettings;
use crate::server::counters::Histogram;
use crate::server::state::{App, now};
use anyhow::Result;
use detect::detector::Stats;
use detect::limits::MAX_ANSWER_ROWS;
use detect::ops::{Ask, Rows, RuleStatus};
use model::{Datasets, EventId};
use respond::{DetectorState, Summary};
use rules::RuleSet;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{QueryLimits, View};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// How detection is doing.
pub struct Detection {
    /// The rules; another set when they were read again.
    rules: watch::Sender<Arc<RuleSet>>,
    /// The generations of the rules that the stream, and the looks, work with.
    taken: watch::Sender<(u64, u64)>,
    /// Held while the rules are read again.
    reloading: tokio::sync::Mutex<()>,
    /// Where rules come from.
    settings: DetectSettings,
    /// Where the stream's state is kept in the ledger.
    name: String,
    /// Woken when there are notices to send.
    sending: Notify,
    numbers: Mutex<Numbers>,
}

/// Numbers since the start.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// The commit through which events were looked at.
    pub through: u64,
    /// Commits that were not looked at yet, when it was last looked.
    pub behind: u64,
    /// What the detector did.
    pub stats: Stats,
    /// By rule: how often it was evaluated and how often it matched.
    pub by_rule: BTreeMap<String, (u64, u64)>,
    /// Rules that were loaded and cannot be run, each with its place and why.
    pub unused: Vec<String>,
    /// Bytes of the last state that was kept.
    pub state_bytes: usize,
    /// What became of alerts.
    pub told: Told,
    /// From the receipt of events to the alert that they raised.
    pub latency: Histogram,
    /// Operational rules.
    pub operational: Vec<RuleStatus>,
    /// Notices that were sent, and attempts that failed.
    pub notices: (u64, u64),
}

/// What became of alerts.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = DetectionTold)]
pub struct Told {
    /// Alerts that are new.
    pub raised: u64,
    /// Counted on one that was there.
    pub rolled: u64,
    /// Hidden by a suppression.
    pub hidden: u64,
    /// Told again.
    pub repeated: u64,
    /// New incidents.
    pub incidents: u64,
    /// Notices.
    pub notices: u64,
}

impl Detection {
    /// With the rules of these settings, for a server with this ledger.
    pub fn new(settings: &DetectSettings, shared_ledger: bool) -> Result<Detection> {
        let rules = Arc::new(RuleSet::load(settings)?);
        // Servers that share a ledger have a store each.
        let name = match shared_ledger {
            true => format!("stream@{}", host()),
            false => "stream".to_owned(),
        };
        Ok(Detection {
            rules: watch::Sender::new(rules),
            taken: watch::Sender::new((0, 0)),
            reloading: tokio::sync::Mutex::default(),
            settings: settings.clone(),
            name,
            sending: Notify::new(),
            numbers: Mutex::default(),
        })
    }

    /// The rules as they were read last.
    pub fn rules(&self) -> Arc<RuleSet> {
        self.rules.borrow().clone()
    }

    /// The numbers now.
    pub fn numbers(&self) -> Numbers {
        self.with(|numbers| numbers.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Numbers) -> T) -> T {
        change(&mut self.numbers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts what was kept, and hurries what has to be sent.
    fn kept(&self, summary: &Summary) {
        self.with(|numbers| {
            let told = &mut numbers.told;
            told.raised += summary.raised;
            told.rolled += summary.rolled;
            told.hidden += summary.hidden;
            told.repeated += summary.repeated;
            told.incidents += summary.incidents;
            told.notices += summary.notices;
        });
        if summary.notices > 0 {
            self.sending.notify_one();
        }
    }

    /// Says that notices may be waiting.
    pub fn hurry(&self) {
        self.sending.notify_one();
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Where detection goes on: written down before the first event is taken, so that none is passed over.
pub async fn begin(app: &App) -> Result<DetectorState> {
    let shown = app.store.committed();
    if let Some(state) = app.responder.state(&app.detection.name).await? {
        if EventId(state.position).sequence() <= shown + 1 {
            return Ok(state);
        }
        tracing::warn!(position = state.position, "the store is younger than detection: it goes on from now");
    }
    let position = EventId::new(shown + 1, 0).0;
    let state = DetectorState { name: app.detection.name.clone(), position, snapshot: Vec::new() };
    app.responder.commit(Vec::new(), state.clone(), now()).await?;
    Ok(state)
}

/// Starts all of it; it ends when the server stops.
pub fn start(app: &Arc<App>, state: DetectorState) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(stream::run(app.clone(), state)),
        tokio::spawn(looks::run(app.clone())),
        tokio::spawn(notices::run(app.clone())),
        tokio::spawn(notices::tick(app.clone())),
    ]
}

/// Waits, and says whether the server goes on.
async fn pause(app: &App, time: Duration) -> bool {
    tokio::time::timeout(time, app.stopped()).await.is_err()
}

/// What the query of an operational rule answers within a view.
async fn answer(view: &View, ask: &Ask, timeout: Option<Duration>) -> Result<Rows> {
    let view = match &ask.dataset {
        Some(dataset) => view.narrowed(&Datasets::only([dataset.clone()])),
        None => view.clone(),
    };
    let limits = QueryLimits { rows: Some(MAX_ANSWER_ROWS + 1), timeout };
    let batches = view.sql(&ask.sql, limits).await?.collect().await?;
    Rows::from_batches(&batches).map_err(anyhow::Error::msg)
}
