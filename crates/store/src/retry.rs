//! Recognises a request that is sent again.

use crate::error::AppendError;
use crate::limits::{MAX_RETRY_KEYS, RETRY_WINDOW};
use crate::log::record::RetryKey;
use ahash::AHashMap;
use std::collections::VecDeque;
use tokio::sync::watch;

/// How a commit ended: its sequence, or why it failed.
pub type Outcome = Result<u64, AppendError>;

enum Entry {
    /// On its way; whoever sends the same again waits for the same answer.
    Underway(watch::Receiver<Option<Outcome>>),
    Done(u64),
}

/// Retry keys of the last ten minutes.
#[derive(Default)]
pub struct RetryKeys {
    entries: AHashMap<RetryKey, Entry>,
    order: VecDeque<(i64, RetryKey)>,
    /// Keys dropped before their time because there were too many.
    pub dropped: u64,
}

/// What is known of a key.
pub enum Known {
    /// Never seen: the caller commits and reports through the sender.
    New(watch::Sender<Option<Outcome>>),
    /// Someone else is committing the same.
    Underway(watch::Receiver<Option<Outcome>>),
    /// Committed before.
    Done(u64),
}

impl RetryKeys {
    /// Asks for a key and claims it when it is new.
    pub fn claim(&mut self, key: RetryKey) -> Known {
        match self.entries.get(&key) {
            Some(Entry::Done(sequence)) => Known::Done(*sequence),
            Some(Entry::Underway(receiver)) if receiver.has_changed().is_ok() => Known::Underway(receiver.clone()),
            _ => {
                let (sender, receiver) = watch::channel(None);
                self.entries.insert(key, Entry::Underway(receiver));
                Known::New(sender)
            }
        }
    }

    /// The request with this key is durable.
    pub fn done(&mut self, key: RetryKey, sequence: u64, at: i64) {
        self.entries.insert(key, Entry::Done(sequence));
        self.order.push_back((at, key));
        let oldest = at.saturating_sub(RETRY_WINDOW.as_nanos() as i64);
        while let Some((at, key)) = self.order.front().copied() {
            let crowded = self.order.len() > MAX_RETRY_KEYS;
            if at >= oldest && !crowded {
                break;
            }
            self.dropped += u64::from(at >= oldest);
            self.order.pop_front();
            self.entries.remove(&key);
        }
    }

    /// The request with this key was not kept.
    pub fn failed(&mut self, key: &RetryKey) {
        if matches!(self.entries.get(key), Some(Entry::Underway(_))) {
            self.entries.remove(key);
        }
    }

    /// Keys that are still worth keeping.
    pub fn recent(&self, since: i64) -> Vec<(RetryKey, i64)> {
        self.order.iter().filter(|(at, _)| *at >= since).map(|(at, key)| (*key, *at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_claimed_once_and_forgotten_after_the_window() {
        let mut keys = RetryKeys::default();
        let Known::New(sender) = keys.claim([1; 32]) else { panic!("new") };
        assert!(matches!(keys.claim([1; 32]), Known::Underway(_)));
        keys.done([1; 32], 7, 0);
        drop(sender);
        assert!(matches!(keys.claim([1; 32]), Known::Done(7)));
        keys.done([2; 32], 8, RETRY_WINDOW.as_nanos() as i64 + 1);
        assert!(matches!(keys.claim([1; 32]), Known::New(_)));
        assert_eq!(keys.dropped, 0);
    }

    #[test]
    fn a_claim_whose_owner_vanished_can_be_claimed_again() {
        let mut keys = RetryKeys::default();
        drop(keys.claim([1; 32]));
        assert!(matches!(keys.claim([1; 32]), Known::New(_)));
    }
}
