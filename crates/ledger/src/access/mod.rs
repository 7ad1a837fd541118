//! Who may come in and what they may do: users, tokens, grants, sessions, and deliveries that came before.
//!
//! These tables hold what is so now. Each act on them puts its entry into the audit trail in the same transaction; an
//! entry names users and tokens by their ids, since what is in the trail can not be erased.

mod deliveries;
mod grants;
mod sessions;
mod tokens;
mod users;

pub use grants::Subject;
pub use sessions::Session;
pub use tokens::{NewToken, Presented, Token, TokenKind};
pub use users::{NewUser, User};

pub(crate) use users::forgotten;

use crate::audit::Trail;
use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::personal::Person;
use model::{Nanos, hex};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::MutexGuard;

/// Something that is done and written down, both or neither.
struct Act<'a> {
    trail: MutexGuard<'a, Trail>,
    write: Write<'a>,
}

impl<'a> Act<'a> {
    /// Begins, with room for so many ids beside that of whoever does it.
    async fn begin(ledger: &'a Ledger, ids: usize, now: Nanos) -> Result<Act<'a>> {
        let trail = ledger.inner.trail().await?;
        let write = ledger.inner.write(ids + 1, now).await?;
        Ok(Act { trail, write })
    }

    /// Writes it down and commits.
    async fn end(mut self, action: &str, by: Person<'_>, object: &str, detail: serde_json::Value) -> Result<()> {
        self.trail.append(&mut self.write, action, by, object, &detail.to_string()).await?;
        self.trail.commit(self.write).await
    }
}

/// A secret of 256 bits as text.
fn random_secret() -> String {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a secret. It has 256 random bits, so that no salt or slow hash makes it harder to guess; and looking
/// for a digest takes a time that says nothing of the secret.
fn digest(secret: &str) -> String {
    hex::encode(&Sha256::digest(secret.as_bytes()))
}

fn invalid<T>(message: impl Into<String>) -> Result<T> {
    Err(LedgerError::Invalid(message.into()))
}
