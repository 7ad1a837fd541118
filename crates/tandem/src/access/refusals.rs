//! What was refused, in the audit trail: the first time at once, what is alike within a minute as a number.
//!
//! So everything that was tried is told, and nobody fills the trail or keeps its disk busy by trying.

use ledger::{Ledger, Person};
use model::Nanos;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is alike within this time is one entry.
const WINDOW_NANOS: Nanos = 60 * 1_000_000_000;
/// Refusals that are told apart at once; the others are told together.
const MOST: usize = 1_000;

/// Something that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// What was tried: `refused`, or `log-in refused`.
    pub action: &'static str,
    /// By whom, as far as it is known.
    pub by: String,
    /// What it was about: a route, a user. Nothing that the caller wrote.
    pub object: String,
    /// Why.
    pub why: &'static str,
    /// The token that was presented, when there is such a one.
    pub token: Option<i64>,
}

struct Seen {
    since: Nanos,
    /// Since it was written.
    more: u64,
}

/// Counts and writes them.
pub struct Refusals {
    ledger: Ledger,
    seen: Mutex<HashMap<Refused, Seen>>,
}

impl Refusals {
    /// Of a ledger.
    pub fn new(ledger: Ledger) -> Refusals {
        Refusals { ledger, seen: Mutex::default() }
    }

    /// Takes note.
    pub async fn note(&self, refused: Refused, now: Nanos) {
        let first = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let refused = if seen.len() < MOST || seen.contains_key(&refused) { refused } else { others() };
            match seen.get_mut(&refused) {
                Some(known) => {
                    known.more += 1;
                    None
                }
                None => {
                    seen.insert(refused.clone(), Seen { since: now, more: 0 });
                    Some(refused)
                }
            }
        };
        if let Some(refused) = first {
            self.write(&refused, 1, now).await;
        }
    }

    /// Writes what was counted and is over; at the end everything.
    pub async fn flush(&self, now: Nanos, end: bool) {
        let over: Vec<(Refused, u64)> = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let over = seen.extract_if(|_, known| end || known.since + WINDOW_NANOS <= now);
            over.filter(|(_, known)| known.more > 0).map(|(refused, known)| (refused, known.more)).collect()
        };
        for (refused, times) in over {
            self.write(&refused, times, now).await;
        }
    }

    async fn write(&self, refused: &Refused, times: u64, now: Nanos) {
        let mut detail = json!({"why": refused.why, "times": times});
        if let Some(token) = refused.token {
            detail["token"] = json!(token);
        }
        let by = Person(&refused.by);
        let written = self.ledger.audit(refused.action, by, &refused.object, &detail.to_string(), now).await;
        if let Err(error) = written {
            // Refused it is all the same.
            tracing::error!(%error, object = refused.object, "a refusal could not be written down");
        }
    }
}

fn others() -> Refused {
    let (by, object) = ("several".to_owned(), "several".to_owned());
    Refused { action: "refused", by, object, why: "too many to tell apart", token: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::testing;

    fn refused(by: &str, why: &'static str) -> Refused {
        Refused { action: "refused", by: by.to_owned(), object: "GET /x".to_owned(), why, token: None }
    }

    #[tokio::test]
    async fn alike_is_counted_and_nothing_is_lost() {
        let (_folder, ledger) = testing::ledger().await;
        let refusals = Refusals::new(ledger.clone());
        for second in 0..50 {
            refusals.note(refused("ada", "role"), second * 1_000_000_000).await;
            refusals.note(refused("bob", "role"), second * 1_000_000_000).await;
        }
        let told = testing::trail(&ledger).await;
        assert_eq!(told.len(), 2, "each once, at once");
        refusals.flush(59 * 1_000_000_000, false).await;
        assert_eq!(testing::trail(&ledger).await.len(), 2);
        refusals.flush(60 * 1_000_000_000, false).await;
        let told = testing::trail(&ledger).await;
        assert_eq!(told.iter().filter(|entry| entry.detail.contains("\"times\":49")).count(), 2);
        // It begins anew.
        refusals.note(refused("ada", "role"), 61 * 1_000_000_000).await;
        refusals.flush(62 * 1_000_000_000, true).await;
        assert_eq!(testing::trail(&ledger).await.len(), 5);
    }

    #[tokio::test]
    async fn a_crowd_is_told_together() {
        let (_folder, ledger) = testing::ledger().await;
        let refusals = Refusals::new(ledger.clone());
        {
            let mut seen = refusals.seen.lock().unwrap();
            let full = (0..MOST).map(|number| (refused(&format!("u{number}"), "role"), Seen { since: 0, more: 0 }));
            seen.extend(full);
        }
        for number in 0..10 {
            refusals.note(refused(&format!("v{number}"), "role"), 0).await;
        }
        refusals.flush(0, true).await;
        let told = testing::trail(&ledger).await;
        let by: Vec<_> = told.iter().map(|entry| entry.person.as_deref().unwrap()).collect();
        assert_eq!(by, ["several", "several"]);
        assert!(told[1].detail.contains("\"times\":9"));
    }
}
