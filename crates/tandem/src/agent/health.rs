//! How the server takes what the agent sends: told once per change, and counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What is known of the server.
#[derive(Default)]
pub struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    unreachable: bool,
    /// The status by which a path refuses.
    refused: BTreeMap<&'static str, u16>,
    /// Tries in vain since it last worked.
    failed: u64,
    kept: u64,
    skipped: u64,
    given_up: u64,
    /// Samples were given up since it last worked.
    giving_up: bool,
}

impl Health {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records are durable.
    pub fn kept(&self, path: &'static str, records: usize) {
        self.with(|state| {
            state.kept += records as u64;
            let refused = state.refused.remove(path).is_some();
            state.giving_up = false;
            if std::mem::take(&mut state.unreachable) || refused {
                let failed = std::mem::take(&mut state.failed);
                let State { skipped, given_up, .. } = *state;
                tracing::info!(path, failed, skipped, given_up, "the server takes records again");
            }
        });
    }

    /// The server does not answer.
    pub fn unreachable(&self, url: &str, reason: &str) {
        self.with(|state| {
            state.failed += 1;
            // What it says when it is back is news.
            state.refused.clear();
            if !std::mem::replace(&mut state.unreachable, true) {
                tracing::warn!(url, reason, "the server cannot be reached; records are sent again until it can");
            }
        });
    }

    /// The server does not take records now.
    pub fn refused(&self, path: &'static str, status: u16, message: &str) {
        self.with(|state| {
            if state.refuses(path, status) {
                let help = if status == 401 { "; check TANDEM_TOKEN" } else { "" };
                tracing::warn!(
                    path,
                    status,
                    message,
                    "the server refuses records; they are sent again until it takes them{help}"
                );
            }
        });
    }

    /// The server will never take these records.
    pub fn skipped(&self, path: &'static str, status: u16, message: &str, records: usize) {
        self.with(|state| {
            state.skipped += records as u64;
            if state.refuses(path, status) {
                tracing::error!(
                    path,
                    status,
                    message,
                    records,
                    "the server refuses records for good; they are skipped"
                );
            }
        });
    }

    /// A sample of host metrics waited for too long.
    pub fn given_up(&self) {
        self.with(|state| {
            state.given_up += 1;
            if !std::mem::replace(&mut state.giving_up, true) {
                tracing::warn!("the oldest samples of host metrics are given up while the server does not take them");
            }
        });
    }

    /// The numbers, at the end.
    pub fn ended(&self) {
        self.with(|state| {
            let State { kept, skipped, given_up, .. } = *state;
            tracing::info!(kept, skipped, given_up, "stopped");
        });
    }
}

impl State {
    /// Notes a refusal; true when it is news.
    fn refuses(&mut self, path: &'static str, status: u16) -> bool {
        self.failed += 1;
        self.unreachable = false;
        self.refused.insert(path, status) != Some(status)
    }
}
