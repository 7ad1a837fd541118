//! Notices on their way out: what may leave now, and what became of it. The sending is done elsewhere.

use crate::limits::{FIRST_WAIT, LONGEST_WAIT, MAX_ATTEMPTS, MINUTE};
use crate::playbook::channel_of;
use crate::policy::Channel;
use crate::responder::{RATES_KEPT, RespondError, Responder};
use ledger::{Fate, Waiting};
use model::Nanos;
use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::Duration;

/// A notice that may leave now.
#[derive(Clone, Debug, PartialEq)]
pub struct Sending {
    /// The notice; its body is what the channel wants.
    pub waiting: Waiting,
    /// The way.
    pub channel: Channel,
}

/// Why a notice was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, for people.
    pub why: String,
    /// Trying again would change nothing: the other side says that the notice is wrong.
    pub permanent: bool,
    /// How long the other side asks to be left alone.
    pub after: Option<Duration>,
}

impl Failure {
    /// By the status that an HTTP server answered.
    pub fn status(status: u16) -> Failure {
        // Too early, too many, or a time-out may pass; what is wrong for the other side stays wrong.
        let passes = matches!(status, 408 | 425 | 429) || status >= 500;
        Failure { why: format!("answered {status}"), permanent: !passes, after: None }
    }

    /// No answer.
    pub fn unreachable(why: impl Into<String>) -> Failure {
        Failure { why: why.into(), permanent: false, after: None }
    }
}

/// How long is waited after an attempt.
pub fn wait(attempts: i64) -> Nanos {
    let doubled = FIRST_WAIT.saturating_mul(1i64 << attempts.clamp(0, 20));
    doubled.min(LONGEST_WAIT)
}

impl Responder {
    /// Notices that may leave now, the oldest first. What is over a channel's rate is put off; what has no channel any more
    /// is given up. Each is to be answered by [`Responder::done`]; until then it is given out again.
    pub async fn due(&self, now: Nanos) -> Result<Vec<Sending>, RespondError> {
        let (mut ready, mut fates) = (Vec::new(), Vec::new());
        for waiting in self.ledger.waiting(now).await? {
            match channel_of(&self.policy, &waiting.channel) {
                None => {
                    let why = format!("there is no channel {} any more", waiting.channel);
                    fates.push((waiting.id, Fate::Dead(why)));
                }
                Some(channel) => match self.has_room(channel, now) {
                    None => ready.push(Sending { channel: channel.clone(), waiting }),
                    Some(later) => fates.push((waiting.id, Fate::Later(later))),
                },
            }
        }
        self.ledger.settle(&fates, now).await?;
        Ok(ready)
    }

    /// When the next notice may leave; none when none waits.
    pub async fn next_due(&self) -> Result<Option<Nanos>, RespondError> {
        Ok(self.ledger.next_due().await?)
    }

    /// What became of a notice that [`Responder::due`] gave out.
    pub async fn done(&self, waiting: &Waiting, sent: Result<(), Failure>, now: Nanos) -> Result<(), RespondError> {
        let fate = match sent {
            Ok(()) => Fate::Sent,
            Err(failure) if failure.permanent => Fate::Dead(failure.why),
            Err(failure) if waiting.attempts + 1 >= MAX_ATTEMPTS => {
                Fate::Dead(format!("{} attempts; last: {}", waiting.attempts + 1, failure.why))
            }
            Err(failure) => {
                let asked = failure.after.map_or(0, |after| after.as_nanos().min(LONGEST_WAIT as u128) as Nanos);
                Fate::Retry(now + wait(waiting.attempts).max(asked), failure.why)
            }
        };
        Ok(self.ledger.settle(&[(waiting.id, fate)], now).await?)
    }

    /// Takes a place in a channel's minute; or says when there will be one.
    fn has_room(&self, channel: &Channel, now: Nanos) -> Option<Nanos> {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if rates.len() > RATES_KEPT {
            rates.clear();
        }
        let given: &mut VecDeque<Nanos> = rates.entry(channel.name.clone()).or_default();
        while given.front().is_some_and(|at| *at <= now - MINUTE) {
            given.pop_front();
        }
        match given.front() {
            Some(first) if given.len() >= channel.per_minute.max(1) => Some(first + MINUTE),
            _ => {
                given.push_back(now);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        let waits: Vec<Nanos> = (0..MAX_ATTEMPTS).map(wait).collect();
        assert!(waits.is_sorted() && waits[0] == FIRST_WAIT && waits.last() == Some(&LONGEST_WAIT));
        assert_eq!(wait(i64::MAX), LONGEST_WAIT);
    }

    #[test]
    fn what_is_wrong_for_good_is_not_tried_again() {
        for (status, permanent) in
            [(400, true), (401, true), (404, true), (408, false), (429, false), (500, false), (503, false)]
        {
            assert_eq!(Failure::status(status).permanent, permanent, "{status}");
        }
    }
}
