//! What senders share: the server they are aimed at, and patience. Like real exporters they send the same request until
//! it is acknowledged, over as many servers as it takes.

use crate::http::{Answer, Client};
use anyhow::{Result, anyhow, bail};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Answers are awaited this long; then the request is sent again.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// A request that one server did not take for so long is not taken at all.
const GIVE_UP: Duration = Duration::from_secs(120);
/// Pauses between retries, as the OTLP specification asks for, but short.
const PAUSE: Duration = Duration::from_millis(10);

/// A connection, and what it leads to.
pub type Open<T> = Option<(T, Client)>;

/// Where senders send to.
pub struct Aim<T> {
    target: Mutex<Option<T>>,
    aimed: Condvar,
    stop: AtomicBool,
    fatal: Mutex<Option<String>>,
}

impl<T> Default for Aim<T> {
    fn default() -> Self {
        Self { target: Mutex::default(), aimed: Condvar::new(), stop: AtomicBool::new(false), fatal: Mutex::default() }
    }
}

impl<T: Copy + PartialEq> Aim<T> {
    /// At a server; or the senders wait.
    pub fn at(&self, target: Option<T>) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
        self.aimed.notify_all();
    }

    /// The server of the moment.
    pub fn now(&self) -> Option<T> {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every sender ends after the request that it is at.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.aimed.notify_all();
    }

    /// Whether to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Keeps why a sender ended early.
    pub fn fail(&self, message: String) {
        *self.fatal.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
    }

    /// Fails when an answer was one that no sender would repeat.
    pub fn fatal(&self) -> Result<()> {
        match &*self.fatal.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(message) => Err(anyhow!("{message}")),
            None => Ok(()),
        }
    }

    /// Sends the identical request until it is acknowledged; answers that, and how often it was sent.
    pub fn deliver(
        &self,
        address: impl Fn(T) -> SocketAddr,
        open: &mut Open<T>,
        send: impl Fn(&mut Client) -> Result<Answer>,
    ) -> Result<(Answer, u64)> {
        let mut attempts = 0u64;
        let (mut tried, mut since) = (None, Instant::now());
        loop {
            let target = self.wait();
            if open.as_ref().is_none_or(|(known, _)| *known != target) {
                *open = Some((target, Client::new(address(target), TIMEOUT)));
            }
            if tried.replace(target) != Some(target) {
                since = Instant::now();
            }
            if since.elapsed() > GIVE_UP {
                bail!("{} did not take a request for {} s", address(target), GIVE_UP.as_secs());
            }
            let Some((_, connection)) = open.as_mut() else { continue };
            attempts += 1;
            match send(connection) {
                Ok(answer) if is_acknowledged(&answer)? => return Ok((answer, attempts)),
                Ok(_) => {}
                // Killed in the middle: whether the server kept it is what the retry finds out.
                Err(_) => *open = None,
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn wait(&self) -> T {
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(target) = *target {
                return target;
            }
            target = self.aimed.wait(target).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// True for an acknowledgement, false for "try again"; everything else is an error.
pub fn is_acknowledged(answer: &Answer) -> Result<bool> {
    match answer.status {
        200 if answer.text().contains("rejectedLogRecords") => bail!("rejected in part: {}", answer.text()),
        200 => Ok(true),
        429 | 502 | 503 | 504 => Ok(false),
        status => bail!("answered {status}: {}", answer.text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_an_exporter_takes_them_for() {
        let answer =
            |status, body: &str| Answer { status, retry_after: None, cookie: None, body: body.as_bytes().to_vec() };
        assert!(is_acknowledged(&answer(200, "{}")).unwrap());
        assert!(!is_acknowledged(&answer(429, "")).unwrap());
        assert!(!is_acknowledged(&answer(503, "")).unwrap());
        assert!(is_acknowledged(&answer(400, "bad")).is_err());
        assert!(is_acknowledged(&answer(200, r#"{"partialSuccess":{"rejectedLogRecords":1}}"#)).is_err());
    }
}
