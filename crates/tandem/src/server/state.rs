//! What all requests share.

use super::auth::Hooks;
use super::checks::Checker;
use super::counters::Counters;
use super::deliver::Deliverer;
use super::detection::Detection;
use super::drills::Drills;
use super::gate::Gate;
use super::knowledge::{Knowledge, runbooks};
use super::seen::Seen;
use super::streams::Streams;
use crate::access::Access;
use crate::config::Settings;
use anyhow::Result;
use ledger::Ledger;
use model::{Caller, Role};
use receive::redact::Redactor;
use respond::Responder;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use store::{Sight, Store, View};
use tokio::sync::watch::Receiver;

/// The server as requests see it.
pub struct App {
    /// The events.
    pub store: Store,
    /// The facts and decisions.
    pub ledger: Ledger,
    /// From alerts to what people do about them.
    pub responder: Responder,
    /// Rules at work.
    pub detection: Detection,
    /// Sends notices.
    pub deliverer: Arc<Deliverer>,
    /// Masks secrets.
    pub redactor: Arc<Redactor>,
    /// Who comes in.
    pub access: Access,
    /// Settings as they are shown.
    pub settings: super::api::trail::SettingsShown,
    /// What telemetry says of those who send it.
    pub seen: Seen,
    /// The layers of responsibility.
    pub layer_policy: know::layers::Policy,
    /// What agents look at.
    pub agent_policy: watch::facts::Policy,
    /// Checks at work.
    pub checker: Checker,
    /// What folders of knowledge say.
    pub knowledge: Arc<Knowledge>,
    /// Drills that are run.
    pub drills: Drills,
    /// Secrets of webhooks.
    pub hooks: Hooks,
    /// Bounds what is received at once.
    pub gate: Gate,
    /// Numbers.
    pub counters: Counters,
    /// Numbers per stream.
    pub streams: Streams,
    /// When it started.
    pub started: Instant,
    /// True once the server stops; long answers end then.
    pub stopping: Receiver<bool>,
    /// Whether it takes requests.
    pub ready: AtomicBool,
    /// Grows when something was decided that checks go by.
    pub gate_changes: AtomicUsize,
    /// What Home counts, for a while.
    pub homes: super::api::home::Homes,
    /// Looks at what rules read.
    pub looks: Arc<super::detection::reads::Looks>,
    /// Live tails now.
    pub tails: AtomicUsize,
    /// Whether the page is reached over the loopback alone.
    pub loopback: bool,
    /// Whether TLS is on.
    pub tls: bool,
    /// Key by which the server's own user proves itself, see [`super::serverfile`].
    pub control: String,
    /// Where own request spans go.
    pub own: crate::own::Sender,
}

impl App {
    /// The server's parts around an open store.
    pub fn new(
        settings: &Settings,
        store: Store,
        ledger: Ledger,
        seen: Seen,
        stopping: Receiver<bool>,
        own: crate::own::Sender,
    ) -> Result<Arc<App>> {
        let control = super::serverfile::control_key();
        let knowledge = Arc::new(Knowledge::open(settings.options.knowledge.clone()));
        let runbooks = runbooks(knowledge.clone(), settings.respond.link.as_deref());
        Ok(Arc::new(App {
            responder: Responder::new(ledger.clone(), settings.respond.clone()).with_runbooks(runbooks),
            detection: Detection::new(&settings.detect, settings.options.ledger.is_some())?,
            deliverer: Arc::new(Deliverer::new(&settings.notify)?),
            access: Access::new(settings, &ledger, &control)?,
            settings: super::api::trail::shown(settings),
            redactor: Arc::new(settings.options.redactor()?),
            seen,
            layer_policy: settings.options.layer_policy.clone().unwrap_or_default(),
            agent_policy: settings.options.agent_policy.clone().unwrap_or_default(),
            checker: Checker::load(&settings.options.policy)?,
            knowledge,
            drills: Drills::new(settings.drills.clone()),
            hooks: Hooks::load(&settings.options)?,
            gate: Gate::new(),
            counters: Counters::default(),
            streams: Streams::load(&settings.store.data_dir),
            started: Instant::now(),
            stopping,
            ready: AtomicBool::new(false),
            gate_changes: AtomicUsize::new(0),
            homes: Default::default(),
            looks: Arc::default(),
            tails: AtomicUsize::new(0),
            loopback: settings.http.0.is_some_and(|address| address.ip().is_loopback()),
            tls: settings.tls.is_some(),
            control,
            own,
            store,
            ledger,
        }))
    }

    /// The events as somebody may see them. The trail of who did what is for those who give rights.
    pub fn view(&self, caller: &Caller) -> View {
        let hidden: &[&str] = if caller.may(Role::Admin, None) { &[] } else { &["audit"] };
        self.store.within(Sight { datasets: caller.datasets(), hidden })
    }

    /// What checks go by is another now: what was read of it is read again.
    pub fn gate_changed(&self) {
        self.gate_changes.fetch_add(1, Ordering::Release);
        self.knowledge.feed.hurry();
    }

    /// A pipeline or somebody told facts: whoever asks a check next has told what counts for it.
    pub fn facts_told(&self) {
        self.gate_changes.fetch_add(1, Ordering::Release);
    }

    /// Ends when the server stops.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}

/// Nanoseconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos().min(i64::MAX as u128) as i64)
}
