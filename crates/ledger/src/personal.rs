//! Names of persons. What is hashed is a salted commitment to a name; salt and name can be erased, and everything that
//! rests on the commitment still holds.

use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::facts::text;
use crate::limits::MAX_TEXT_BYTES;
use model::{Nanos, hex};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

/// Who did something: a person, or a rule or job by the name it goes under.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a>(pub &'a str);

/// A name with the salt that hides it.
pub fn commitment(salt: &str, name: &str) -> String {
    hex::encode(&Sha256::digest(format!("{salt}:{name}").as_bytes()))
}

/// The id of a person and the commitment that stands for the name.
pub async fn person(write: &mut Write<'_>, person: Person<'_>) -> Result<(i64, String)> {
    text("name of the person", person.0, MAX_TEXT_BYTES)?;
    let known = sqlx::query("SELECT id, commitment FROM persons WHERE name = $1")
        .bind(person.0)
        .fetch_optional(&mut *write.tx)
        .await?;
    if let Some(row) = known {
        return Ok((row.try_get(0)?, row.try_get(1)?));
    }
    let mut salt = [0; 32];
    rand::rng().fill_bytes(&mut salt);
    let (id, salt) = (write.id(), hex::encode(&salt));
    let commitment = commitment(&salt, person.0);
    sqlx::query("INSERT INTO persons (id, commitment, salt, name) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(&commitment)
        .bind(salt)
        .bind(person.0)
        .execute(&mut *write.tx)
        .await?;
    Ok((id, commitment))
}

impl Ledger {
    /// Forgets the name of a person for good, and every way in that the person had. What the person decided stays, by
    /// nobody's name.
    pub async fn forget(&self, name: &str, by: Person<'_>, now: Nanos) -> Result<()> {
        let mut trail = self.inner.trail().await?;
        let mut write = self.inner.write(2, now).await?;
        let gone = sqlx::query("UPDATE persons SET salt = NULL, name = NULL WHERE name = $1 RETURNING id")
            .bind(name)
            .fetch_optional(&mut *write.tx)
            .await?;
        let Some(gone) = gone else {
            return Err(LedgerError::Invalid("the ledger knows nobody by that name".to_owned()));
        };
        let gone: i64 = gone.try_get(0)?;
        crate::access::forgotten(&mut write, gone).await?;
        let object = format!("person:{gone}");
        trail.append(&mut write, "erasure", by, &object, "{}").await?;
        trail.commit(write).await?;
        // What the databases keep for a while of rows that changed.
        let clean = if self.inner.sqlite { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "VACUUM persons" };
        if let Err(error) = sqlx::query(clean).execute(&self.inner.pool).await {
            tracing::warn!(%error, "a forgotten name stays for a while in what the database keeps of changed rows");
        }
        Ok(())
    }
}
