//! Passwords: argon2id on threads of its own, a few at once.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::Rng as _;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB, its passes and lanes: what OWASP recommends for argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Shorter ones are guessed.
const MIN_CHARACTERS: usize = 12;
/// Longer ones are no passwords; hashing them costs.
const MAX_BYTES: usize = 1024;
/// Hashes made at once: each takes 19 MiB and a processor for tens of milliseconds.
const AT_ONCE: usize = 2;
/// Log-ins that wait for their turn; beyond it the server is under attack, and says so.
const MAX_WAITING: usize = 64;
/// Letters and digits that are not taken for one another. 24 of them have 118 bits.
const READABLE: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Why there is no hash or no answer.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum PasswordError {
    /// Not good enough to be kept.
    #[error("a password has at least {MIN_CHARACTERS} characters and at most {MAX_BYTES} bytes")]
    Poor,
    /// Too many at once.
    #[error("many log-ins are being checked")]
    Busy,
    /// The library refused, or a thread ended.
    #[error("the password could not be checked: {0}")]
    Failed(String),
}

/// Hashes and checks passwords.
pub struct Passwords {
    turns: Arc<Semaphore>,
    waiting: Semaphore,
    /// Hash of a password that nobody knows: checking it takes the time that checking a user's takes.
    decoy: String,
}

impl Passwords {
    /// Ready to check; makes the decoy.
    pub fn new() -> Result<Passwords, PasswordError> {
        Ok(Passwords {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Semaphore::new(MAX_WAITING),
            decoy: hash(&generated())?,
        })
    }

    /// The text to keep of a password.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        if password.chars().count() < MIN_CHARACTERS || password.len() > MAX_BYTES {
            return Err(PasswordError::Poor);
        }
        self.work(move || hash(&password)).await
    }

    /// Whether the password is the one of a hash. Without a hash it is not, which takes as long to say.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        if password.is_empty() || password.len() > MAX_BYTES {
            return Ok(false);
        }
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let fits = self.work(move || Ok(argon2()?.verify_password(password.as_bytes(), hash.as_str()).is_ok())).await?;
        Ok(fits && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.waiting.try_acquire().map_err(|_| PasswordError::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(failed)?;
        let work = move || {
            // Held until the work is done, also when nobody waits for it any more.
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(failed)?
    }
}

/// A password to begin with.
pub fn generated() -> String {
    let mut random = rand::rng();
    let mut group =
        || -> String { (0..4).map(|_| char::from(READABLE[random.random_range(0..READABLE.len())])).collect() };
    (0..6).map(|_| group()).collect::<Vec<_>>().join("-")
}

fn hash(password: &str) -> Result<String, PasswordError> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(failed)?.to_string())
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(COST.0, COST.1, COST.2, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_and_others_do_not() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse".to_owned()).await.unwrap(), "each has its own salt");
        let verify = async |password: &str| passwords.verify(password.to_owned(), Some(hash.clone())).await.unwrap();
        assert!(verify("correct horse").await);
        for wrong in ["", "correct hors", "correct horse ", "Correct horse", &"a".repeat(2_000)] {
            assert!(!verify(wrong).await, "{wrong}");
        }
    }

    #[tokio::test]
    async fn who_is_unknown_is_refused_whatever_is_said() {
        let passwords = Passwords::new().unwrap();
        assert!(!passwords.verify("correct horse".to_owned(), None).await.unwrap());
        for damaged in ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA"] {
            assert!(!passwords.verify("correct horse".to_owned(), Some(damaged.to_owned())).await.unwrap());
        }
    }

    #[tokio::test]
    async fn poor_passwords_are_not_kept() {
        let passwords = Passwords::new().unwrap();
        for poor in ["", "           ", "short", "éééééé", &"a".repeat(1_025)] {
            assert_eq!(passwords.hash(poor.to_owned()).await, Err(PasswordError::Poor), "{poor}");
        }
        assert!(passwords.hash("éééééééééééé".to_owned()).await.is_ok(), "characters are counted, not bytes");
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_wait() {
        let passwords = Passwords::new().unwrap();
        let held = passwords.waiting.try_acquire_many(MAX_WAITING as u32).unwrap();
        assert_eq!(passwords.verify("correct horse".to_owned(), None).await, Err(PasswordError::Busy));
        drop(held);
        assert_eq!(passwords.verify("correct horse".to_owned(), None).await, Ok(false));
    }

    #[test]
    fn generated_ones_are_readable_and_never_the_same() {
        let one = generated();
        assert_eq!((one.len(), one.split('-').count()), (29, 6));
        assert!((READABLE.len() as f64).log2() * 24.0 > 100.0);
        assert_ne!(one, generated());
    }
}
