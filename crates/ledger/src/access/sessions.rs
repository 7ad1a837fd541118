//! Sessions of users. Of a session's secret its digest is kept.

use super::users::User;
use super::{Act, digest, invalid, random_secret};
use crate::db::{Ledger, Write};
use crate::error::Result;
use crate::limits::{MAX_SESSIONS, SESSION_SEEN_NANOS};
use crate::personal::Person;
use model::Nanos;
use serde_json::json;
use sqlx::Row as _;

/// A session that is good.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// Since when.
    pub created: Nanos,
    /// When it ends, used or not.
    pub expires: Nanos,
}

impl Ledger {
    /// Logs a user in, by a way such as `password`, for so long; answers the session's secret.
    pub async fn create_session(&self, user: i64, way: &str, lifetime: Nanos, now: Nanos) -> Result<String> {
        let mut act = Act::begin(self, 0, now).await?;
        let login = sqlx::query(
            "SELECT p.name FROM users u JOIN persons p ON p.id = u.person WHERE u.id = $1 AND u.disabled = 0",
        )
        .bind(user)
        .fetch_optional(&mut *act.write.tx)
        .await?;
        let login = login.map(|row| row.try_get::<Option<String>, _>(0)).transpose()?.flatten();
        let Some(login) = login else { return invalid("there is no such user, or it is disabled") };
        sqlx::query("DELETE FROM sessions WHERE expires <= $1").bind(now).execute(&mut *act.write.tx).await?;
        sqlx::query(
            "DELETE FROM sessions WHERE digest IN \
             (SELECT digest FROM sessions WHERE subject = $1 ORDER BY created DESC LIMIT 1000 OFFSET $2)",
        )
        .bind(user)
        .bind(MAX_SESSIONS - 1)
        .execute(&mut *act.write.tx)
        .await?;
        let secret = random_secret();
        sqlx::query("INSERT INTO sessions (digest, subject, created, expires, seen) VALUES ($1, $2, $3, $4, $5)")
            .bind(digest(&secret))
            .bind(user)
            .bind(act.write.known)
            .bind(now.saturating_add(lifetime))
            .bind(now)
            .execute(&mut *act.write.tx)
            .await?;
        act.end("log-in", Person(&login), &format!("user:{user}"), json!({"way": way})).await?;
        Ok(secret)
    }

    /// The session of a secret, if it is good and was used within the idle time; it now was.
    pub async fn session(&self, secret: &str, idle: Nanos, now: Nanos) -> Result<Option<Session>> {
        let digest = digest(secret);
        let row = sqlx::query("SELECT subject, created, expires, seen FROM sessions WHERE digest = $1").bind(&digest);
        let Some(row) = row.fetch_optional(&self.inner.pool).await? else { return Ok(None) };
        let (expires, seen): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        if expires <= now || seen.saturating_add(idle) <= now {
            return Ok(None);
        }
        let Some(user) = self.user(row.try_get(0)?).await?.filter(|user| !user.disabled) else { return Ok(None) };
        if seen.saturating_add(SESSION_SEEN_NANOS) <= now {
            let touch = sqlx::query("UPDATE sessions SET seen = $1 WHERE digest = $2 AND seen < $1");
            touch.bind(now).bind(&digest).execute(&self.inner.pool).await?;
        }
        Ok(Some(Session { user, created: row.try_get(1)?, expires }))
    }

    /// Logs out; answers whether there was such a session.
    pub async fn end_session(&self, secret: &str, now: Nanos) -> Result<bool> {
        let mut act = Act::begin(self, 0, now).await?;
        let gone = sqlx::query("DELETE FROM sessions WHERE digest = $1 RETURNING subject").bind(digest(secret));
        let Some(row) = gone.fetch_optional(&mut *act.write.tx).await? else { return Ok(false) };
        let user: i64 = row.try_get(0)?;
        let login = sqlx::query("SELECT p.name FROM users u JOIN persons p ON p.id = u.person WHERE u.id = $1")
            .bind(user)
            .fetch_one(&mut *act.write.tx)
            .await?
            .try_get::<Option<String>, _>(0)?;
        let by = login.as_deref().unwrap_or("somebody forgotten");
        act.end("log-out", Person(by), &format!("user:{user}"), json!({})).await?;
        Ok(true)
    }

    /// Ends all sessions of a user; answers how many there were.
    pub async fn end_all_sessions(&self, user: i64, by: Person<'_>, now: Nanos) -> Result<u64> {
        let mut act = Act::begin(self, 0, now).await?;
        let ended = end_all(&mut act.write, user).await?;
        act.end("sessions ended", by, &format!("user:{user}"), json!({"sessions": ended})).await?;
        Ok(ended)
    }
}

/// Ends all sessions of a user.
pub async fn end_all(write: &mut Write<'_>, user: i64) -> Result<u64> {
    let gone = sqlx::query("DELETE FROM sessions WHERE subject = $1").bind(user).execute(&mut *write.tx).await?;
    Ok(gone.rows_affected())
}
