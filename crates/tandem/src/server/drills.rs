//! Drills that are run: kept in memory from their begin to their end. What is kept for good are two decisions, one when it
//! begins and the evidence when it ends: a server that is killed between them leaves the first.
//!
//! Probes only look: a `GET` of an address that whoever runs the server named, a count of events that whoever began the drill
//! may see, alerts that the ledger has.

use super::errors::ApiError;
use super::state::{App, now};
use crate::access::outbound::Outbound;
use crate::config::drills::Allowed;
use crate::limits::{DRILL_LASTS_NANOS, DRILL_LOOK, MAX_DRILL_RUNS};
use axum::http::StatusCode;
use know::readiness::{self, Drill, Looked, Mode, Probe, ProbeKind, Run, Timed};
use ledger::{AsOf, Kind, Person, State, Wanted};
use model::{Caller, DEFAULT_DATASET, EntityRef, Facts, Nanos, Table};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use ureq::http::Uri;

/// States of an alert that is not over.
const OPEN: [State; 3] = [State::Open, State::Acknowledged, State::Snoozed];

/// All that are run, and what their probes may ask.
pub struct Drills {
    allowed: Vec<Allowed>,
    outbound: Outbound,
    runs: Mutex<BTreeMap<i64, Arc<Held>>>,
}

/// One that is run.
pub struct Held {
    /// Its id: that of the decision that it began.
    pub id: i64,
    /// Who began it: probes see what this caller may see.
    caller: Caller,
    run: Mutex<Run>,
}

/// One that ended.
pub struct Ended {
    /// The evidence, by id.
    pub evidence: i64,
    /// As it ended.
    pub run: Run,
    /// The times, and the facts behind each.
    pub timed: Timed,
    /// It in a sentence.
    pub reason: String,
}

impl Held {
    /// Looks at it, or does something with it.
    pub fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drills {
    /// With the addresses that probes may ask. These may be inside: whoever runs the server named each of them.
    pub fn new(allowed: Vec<Allowed>) -> Drills {
        Drills { allowed, outbound: Outbound::new(true), runs: Mutex::default() }
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<i64, Arc<Held>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that is run.
    pub fn get(&self, id: i64) -> Result<Arc<Held>, ApiError> {
        self.runs().get(&id).cloned().ok_or_else(|| {
            ApiError::bad(format!("no drill is run under {id}"))
                .help("it has ended, or the server was started again: begin it anew")
        })
    }

    /// Begins one, and looks at its probes from now on. Nothing begins whose probes could not look.
    pub async fn begin(app: &Arc<App>, drill: Drill, mode: Mode, caller: &Caller) -> Result<Arc<Held>, ApiError> {
        let full = || {
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, format!("{MAX_DRILL_RUNS} drills are run (MAX_DRILL_RUNS)"))
                .help("end one of them")
        };
        if app.drills.runs().len() >= MAX_DRILL_RUNS {
            return Err(full());
        }
        if mode == Mode::Probes {
            drill.steady_state.iter().try_for_each(|probe| app.drills.can_look(probe))?;
        }
        let now = now();
        let run = Run::begin(drill, mode, now).map_err(|error| ApiError::bad(format!("{error:#}")))?;
        let begun = readiness::begun(&run, DEFAULT_DATASET);
        let kept = app.ledger.decide(&begun, &Facts::default(), Person(&caller.name), now).await?;
        if kept.repeated {
            return Err(ApiError::bad("this drill began this very moment").help("go on with that run"));
        }
        let held = Arc::new(Held { id: kept.id, caller: caller.clone(), run: Mutex::new(run) });
        {
            // Others may have begun meanwhile.
            let mut runs = app.drills.runs();
            if runs.len() >= MAX_DRILL_RUNS {
                return Err(full());
            }
            runs.insert(held.id, held.clone());
        }
        tokio::spawn(watch(app.clone(), held.clone()));
        Ok(held)
    }

    /// Ends one, and keeps the evidence. One that is not over is given up.
    pub async fn finish(app: &App, held: &Held, caller: &Caller) -> Result<Ended, ApiError> {
        let now = now();
        let run = {
            let mut run = held.run();
            run.stop();
            run.clone()
        };
        let mut events = run.events(held.id);
        if let Some(service) = &run.drill.service {
            let as_of = AsOf::at(now).within(caller.datasets());
            let told = readiness::events(&app.ledger, &as_of, service, run.started).await;
            events.extend(told.map_err(super::api::findings::failed)?);
        }
        let timed = readiness::timed(&events);
        let evidence = readiness::evidence(&run, &timed, held.id, DEFAULT_DATASET, now);
        let kept = app.ledger.decide(&evidence, &Facts::default(), Person(&caller.name), now).await?;
        app.drills.runs().remove(&held.id);
        if evidence.body.contains_key("restore") {
            // A restore that was proved is what checks go by.
            app.gate_changed();
        }
        Ok(Ended { evidence: kept.id, run, timed, reason: evidence.reason })
    }

    fn can_look(&self, probe: &Probe) -> Result<(), ApiError> {
        let wrong = |why: String| ApiError::bad(format!("the probe {:?}: {why}", probe.name));
        match &probe.kind {
            ProbeKind::Http { url, .. } => {
                self.allowed(url).map(drop).map_err(|why| wrong(why).help("whoever runs the server names it"))
            }
            ProbeKind::Query { query, .. } => condition(query, 0).map(drop).map_err(wrong),
            ProbeKind::Alert { .. } => Ok(()),
        }
    }

    fn allowed(&self, url: &str) -> Result<Uri, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{url:?} is no address: {error}"))?;
        let allowed = self.allowed.iter().any(|allowed| allowed.allows(&uri));
        if allowed { Ok(uri) } else { Err(format!("{url} may not be asked: allow it with --drill-allow")) }
    }
}

/// The condition of a search over logs.
fn condition(text: &str, now: Nanos) -> Result<String, String> {
    let query = query::parse(text).map_err(|error| error.to_string())?;
    if !query.pipes.is_empty() {
        return Err("it counts what a search finds: write it without pipes".to_owned());
    }
    query.where_sql(Table::Logs, now).map_err(|error| error.to_string())
}

/// Looks at what is due until the drill ends, or a day has passed.
async fn watch(app: Arc<App>, held: Arc<Held>) {
    loop {
        if app.drills.get(held.id).is_err() {
            return;
        }
        let at = now();
        if at - held.run().started > DRILL_LASTS_NANOS {
            if let Err(error) = Drills::finish(&app, &held, &held.caller).await {
                tracing::warn!(%error, drill = held.id, "the evidence of a drill could not be kept; it is tried again");
            } else {
                return;
            }
        }
        look(&app, &held, at).await;
        if tokio::time::timeout(DRILL_LOOK, app.stopped()).await.is_ok() {
            return;
        }
    }
}

/// Looks at the probes that are due.
async fn look(app: &Arc<App>, held: &Held, at: Nanos) {
    let (due, service, phase, steps) = {
        let run = held.run();
        (run.due(at), run.drill.service.clone(), run.phase, run.done.len())
    };
    for due in due {
        let began = now();
        let looked = looked(app, held, &due.probe, service.as_ref()).await.unwrap_or_else(Looked::Failed);
        let mut run = held.run();
        // What was seen before a step says nothing about the time after it.
        if run.phase != phase || run.done.len() != steps {
            return;
        }
        if let Err(error) = run.told(due.place, looked, began) {
            tracing::warn!(error = format!("{error:#}"), "a probe of a drill told nothing");
        }
    }
}

/// What a probe sees, or why it could not look.
async fn looked(app: &Arc<App>, held: &Held, probe: &Probe, service: Option<&EntityRef>) -> Result<Looked, String> {
    match &probe.kind {
        ProbeKind::Http { url, timeout, .. } => {
            let uri = app.drills.allowed(url)?;
            let (outbound, within) = (app.drills.outbound.clone(), Duration::from_nanos(timeout.unsigned_abs()));
            let asked = tokio::task::spawn_blocking(move || outbound.status(&uri, within)).await;
            asked.map_err(|_| "the look broke off".to_owned())?.map(Looked::Status).map_err(|error| error.to_string())
        }
        ProbeKind::Query { query, within, .. } => {
            let to = now();
            let condition = condition(query, to)?;
            let from = to.saturating_sub(*within);
            let sql = format!(
                "SELECT count(*) FROM logs WHERE timestamp >= to_timestamp_nanos({from}) \
                 AND timestamp < to_timestamp_nanos({to}) AND ({condition})"
            );
            let rows = super::api::sql::rows_of(app, &held.caller, &sql).await.map_err(|error| error.to_string())?;
            let count = rows.first().and_then(|row| row.first()).and_then(serde_json::Value::as_u64);
            count.map(Looked::Count).ok_or_else(|| "the search counted nothing".to_owned())
        }
        ProbeKind::Alert { rule, .. } => {
            let wanted = Wanted {
                kinds: vec![Kind::Alert],
                states: OPEN.to_vec(),
                entity: service.cloned(),
                rule: rule.clone(),
                ..Wanted::default()
            };
            let as_of = AsOf::at(now()).within(held.caller.datasets());
            let counts = app.ledger.queue_counts(&wanted, &as_of).await.map_err(|error| error.to_string())?;
            Ok(Looked::Count(counts.all))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_that_could_not_look_is_refused_before_it_begins() {
        let options = crate::config::drills::DrillOptions { allow: vec!["http://127.0.0.1:8080/health".to_owned()] };
        let drills = Drills::new(options.settle().unwrap());
        let http = |url: &str| ProbeKind::Http { url: url.to_owned(), status: 200, timeout: 1 };
        let query =
            |text: &str| ProbeKind::Query { query: text.to_owned(), within: 1, at_least: Some(1), at_most: None };
        for (kind, says) in [
            (http("http://127.0.0.1:8080/health"), None),
            (http("http://127.0.0.1:8080/admin"), Some("--drill-allow")),
            (http("http://169.254.169.254/health"), Some("--drill-allow")),
            (query("service:shop level:error"), None),
            (query("level:error | count by service"), Some("without pipes")),
            (query("level:(error"), Some("the probe")),
            (ProbeKind::Alert { rule: None, open: false }, None),
        ] {
            let told = drills.can_look(&Probe { name: "p".to_owned(), kind: kind.clone() });
            let told = told.err().map(|error| error.to_string());
            assert_eq!(told.is_some(), says.is_some(), "{kind:?}: {told:?}");
            assert!(
                says.is_none_or(|says| told.as_ref().is_some_and(|told| told.contains(says))),
                "{kind:?}: {told:?}"
            );
        }
        assert!(drills.get(1).is_err());
    }
}
