//! Tokens of programs: for sending, or for asking. Of a token its digest is kept; the token itself is shown once.

use super::grants::{self, Subject, dataset, put};
use super::{Act, digest, invalid, random_secret};
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::facts::text;
use crate::limits::{MAX_LISTED, MAX_NAME_BYTES, TOKEN_USED_NANOS};
use crate::personal::Person;
use model::{Grant, Nanos};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// Begins every token, so that people and scanners know one when they see it.
const PREFIX: &str = "tdm_";
/// Characters of the secret: 256 bits.
const SECRET: usize = 43;
/// Characters that tell whether the others came whole.
const CHECK: usize = 6;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// To ask and act, within its grants.
    Api,
    /// To send events, into one dataset.
    Ingest,
}

impl TokenKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            TokenKind::Api => "api",
            TokenKind::Ingest => "ingest",
        }
    }

    fn from_name(name: &str) -> Result<TokenKind> {
        match name {
            "api" => Ok(TokenKind::Api),
            "ingest" => Ok(TokenKind::Ingest),
            _ => {
                Err(LedgerError::Database(format!("a token is of the kind {name:?}, which this program does not know")))
            }
        }
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Its id.
    pub id: i64,
    /// What it is for.
    pub kind: TokenKind,
    /// Its label.
    pub name: String,
    /// What its events are stamped with, when it is for sending.
    pub dataset: String,
    /// The user who made it, unless the server's owner did.
    pub creator: Option<i64>,
    /// Since when there is this token.
    pub created: Nanos,
    /// Until when it is good.
    pub expires: Option<Nanos>,
    /// When it was taken back.
    pub revoked: Option<Nanos>,
    /// When it was last used, to the hour.
    pub used: Option<Nanos>,
    /// Whether the user who made it is kept out.
    pub resting: bool,
    /// What it was granted.
    pub grants: Vec<Grant>,
}

/// A token to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// What it is for.
    pub kind: TokenKind,
    /// Its label; no person's name.
    pub name: &'a str,
    /// What its events are stamped with; empty for a token that asks.
    pub dataset: &'a str,
    /// What it is granted; nothing for a token that sends.
    pub grants: &'a [Grant],
    /// Until when it is good; a token that asks must say.
    pub expires: Option<Nanos>,
    /// The user who makes it.
    pub creator: Option<i64>,
}

/// What became of a text that was presented as a token.
#[derive(Clone, Debug, PartialEq)]
pub enum Presented {
    /// It is good.
    Valid(Token),
    /// It does not look like a token of a ledger.
    Foreign,
    /// It was one, but characters are missing or changed.
    Damaged,
    /// It looks like one, but was never given out here.
    Unknown,
    /// Its time is over.
    Expired(i64),
    /// It was taken back.
    Revoked(i64),
    /// The user who made it is kept out.
    Resting(i64),
}

/// Characters that follow from the secret.
fn check(secret: &str) -> String {
    use base64::Engine as _;
    let digest = Sha256::digest(format!("{PREFIX}{secret}").as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..4])
}

/// The secret within what follows the prefix, when it came whole.
fn secret(rest: &str) -> Option<&str> {
    let (secret, told) = rest.split_at_checked(SECRET)?;
    (told.len() == CHECK && check(secret) == told).then_some(secret)
}

const SELECT: &str = "SELECT t.id, t.kind, t.name, t.dataset, t.creator, t.created, t.expires, t.revoked, t.used, \
                      coalesce(u.disabled, 0) FROM tokens t LEFT JOIN users u ON u.id = t.creator";

impl Ledger {
    /// Makes a token. Answers its id, and the token, which nobody can show again.
    pub async fn create_token(&self, new: NewToken<'_>, by: Person<'_>, now: Nanos) -> Result<(i64, String)> {
        text("label of the token", new.name, MAX_NAME_BYTES)?;
        match new.kind {
            TokenKind::Api if !new.dataset.is_empty() => return invalid("a token that asks is stamped on nothing"),
            TokenKind::Api if new.grants.is_empty() => return invalid("a token that asks needs a role"),
            TokenKind::Api if new.expires.is_none() => return invalid("a token that asks needs a time when it ends"),
            TokenKind::Api => {}
            TokenKind::Ingest if !new.grants.is_empty() => return invalid("a token that sends may not ask"),
            TokenKind::Ingest => dataset(new.dataset)?,
        }
        if new.expires.is_some_and(|expires| expires <= now) {
            return invalid("the token would end before it begins");
        }
        let secret = random_secret();
        let token = format!("{PREFIX}{secret}{}", check(&secret));
        let mut act = Act::begin(self, 1, now).await?;
        let id = act.write.id();
        sqlx::query(
            "INSERT INTO tokens (id, digest, kind, name, dataset, creator, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(digest(&secret))
        .bind(new.kind.name())
        .bind(new.name)
        .bind(new.dataset)
        .bind(new.creator)
        .bind(act.write.known)
        .bind(new.expires)
        .execute(&mut *act.write.tx)
        .await?;
        put(&mut act.write, Subject::Token(id), new.grants, grants::MANUAL).await?;
        let detail = json!({
            "kind": new.kind.name(),
            "dataset": new.dataset,
            "expires": new.expires,
            "grants": grants::shown(new.grants),
        });
        act.end("token created", by, &format!("token:{id}"), detail).await?;
        Ok((id, token))
    }

    /// Takes a token back; answers whether it was good until then.
    pub async fn revoke_token(&self, id: i64, by: Person<'_>, now: Nanos) -> Result<bool> {
        let mut act = Act::begin(self, 0, now).await?;
        let revoked = sqlx::query("UPDATE tokens SET revoked = $1 WHERE id = $2 AND revoked IS NULL")
            .bind(act.write.known)
            .bind(id)
            .execute(&mut *act.write.tx)
            .await?;
        if revoked.rows_affected() == 0 {
            return Ok(false);
        }
        act.end("token revoked", by, &format!("token:{id}"), json!({})).await?;
        Ok(true)
    }

    /// What became of the token that somebody presents.
    pub async fn token_by_secret(&self, token: &str, now: Nanos) -> Result<Presented> {
        let Some(rest) = token.strip_prefix(PREFIX) else { return Ok(Presented::Foreign) };
        let Some(secret) = secret(rest) else { return Ok(Presented::Damaged) };
        let row = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE t.digest = $1"))).bind(digest(secret));
        let Some(row) = row.fetch_optional(&self.inner.pool).await? else { return Ok(Presented::Unknown) };
        let mut token = read(&row)?;
        if token.revoked.is_some() {
            return Ok(Presented::Revoked(token.id));
        }
        if token.expires.is_some_and(|expires| expires <= now) {
            return Ok(Presented::Expired(token.id));
        }
        if token.resting {
            return Ok(Presented::Resting(token.id));
        }
        if token.used.is_none_or(|used| used <= now - TOKEN_USED_NANOS) {
            let hour = now - now.rem_euclid(TOKEN_USED_NANOS);
            sqlx::query("UPDATE tokens SET used = $1 WHERE id = $2")
                .bind(hour)
                .bind(token.id)
                .execute(&self.inner.pool)
                .await?;
        }
        token.grants = grants::of(&self.inner.pool, token.id).await?;
        Ok(Presented::Valid(token))
    }

    /// All tokens, by their ids.
    pub async fn list_tokens(&self) -> Result<Vec<Token>> {
        let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} ORDER BY t.id LIMIT $1"))).bind(MAX_LISTED);
        let mut tokens = rows.fetch_all(&self.inner.pool).await?.iter().map(read).collect::<Result<Vec<Token>>>()?;
        let mut all = grants::of_all(&self.inner.pool, "tokens").await?;
        for token in &mut tokens {
            token.grants = all.remove(&token.id).unwrap_or_default();
        }
        Ok(tokens)
    }
}

fn read(row: &AnyRow) -> Result<Token> {
    let kind = TokenKind::from_name(&row.try_get::<String, _>(1)?)?;
    Ok(Token {
        id: row.try_get(0)?,
        kind,
        name: row.try_get(2)?,
        dataset: row.try_get(3)?,
        creator: row.try_get(4)?,
        created: row.try_get(5)?,
        expires: row.try_get(6)?,
        revoked: row.try_get(7)?,
        used: row.try_get(8)?,
        // What a machine sends must not stop because a person left.
        resting: kind == TokenKind::Api && row.try_get::<i64, _>(9)? != 0,
        grants: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_token_is_known_as_one() {
        let new = random_secret();
        let rest = format!("{new}{}", check(&new));
        assert_eq!((new.len(), secret(&rest)), (SECRET, Some(new.as_str())));
        for cut in 0..rest.len() {
            assert_eq!(secret(&rest[..cut]), None);
        }
        for damaged in [format!("{rest}a"), rest.to_lowercase(), "é".repeat(25), "a".repeat(SECRET + CHECK)] {
            assert_eq!(secret(&damaged), None, "{damaged}");
        }
    }
}
