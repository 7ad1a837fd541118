//! Users. A user is a person with a way to prove it: a password, or an identity of the organisation's provider.

use super::grants::{self, Subject, put};
use super::{Act, invalid};
use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::facts::text;
use crate::limits::{MAX_HASH_BYTES, MAX_LISTED, MAX_LOGIN_BYTES, MAX_TEXT_BYTES};
use crate::personal::{Person, person};
use model::{Grant, Nanos, hex};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// A user as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its id, a fact's as well as no other user's.
    pub id: i64,
    /// The name to log in by, unless it was erased.
    pub login: Option<String>,
    /// Hash of the password, in its text form, when there is one.
    pub password: Option<String>,
    /// Whether a provider vouches for it.
    pub single_sign_on: bool,
    /// Whether it is kept out.
    pub disabled: bool,
    /// Since when there is this user.
    pub created: Nanos,
    /// What it was granted.
    pub grants: Vec<Grant>,
}

/// A user to be made.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewUser<'a> {
    /// The name to log in by.
    pub login: &'a str,
    /// Hash of the password, if it has one.
    pub password: Option<&'a str>,
    /// Issuer and subject, if a provider vouches for it.
    pub identity: Option<(&'a str, &'a str)>,
    /// What it is granted.
    pub grants: &'a [Grant],
}

const SELECT: &str = "SELECT u.id, p.name, u.password, u.identity, u.disabled, u.created FROM users u \
                      JOIN persons p ON p.id = u.person";

/// What is kept of an identity: enough to know it again.
fn identity((issuer, subject): (&str, &str)) -> String {
    hex::encode(&Sha256::digest(format!("{}:{issuer}{subject}", issuer.len()).as_bytes()))
}

/// A log-in as it is kept. Letters that look alike would let one pass for another in the trail, and a space or colon
/// for a program.
fn normal(login: &str) -> Result<String> {
    let login = login.to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-+@".contains(&byte);
    if login.is_empty() || login.len() > MAX_LOGIN_BYTES || !login.bytes().all(plain) {
        return invalid(format!("a log-in has 1 to {MAX_LOGIN_BYTES} letters a to z, digits, `.`, `_`, `-`, `+`, `@`"));
    }
    Ok(login)
}

fn is_hash(hash: Option<&str>) -> Result<()> {
    hash.map_or(Ok(()), |hash| text("hash of the password", hash, MAX_HASH_BYTES))
}

impl Ledger {
    /// Makes a user and answers its id.
    pub async fn create_user(&self, new: NewUser<'_>, by: Person<'_>, now: Nanos) -> Result<i64> {
        let login = normal(new.login)?;
        is_hash(new.password)?;
        for part in new.identity.iter().flat_map(|(issuer, subject)| [issuer, subject]) {
            text("identity", part, MAX_TEXT_BYTES)?;
        }
        let identity = new.identity.map(identity);
        let mut act = Act::begin(self, 2, now).await?;
        let taken = sqlx::query("SELECT 1 FROM users u JOIN persons p ON p.id = u.person WHERE p.name = $1")
            .bind(&login)
            .fetch_optional(&mut *act.write.tx)
            .await?;
        if taken.is_some() {
            return invalid("there is a user with this log-in: choose another");
        }
        let known = sqlx::query("SELECT 1 FROM users WHERE identity = $1").bind(&identity);
        if identity.is_some() && known.fetch_optional(&mut *act.write.tx).await?.is_some() {
            return invalid("there is a user with this identity");
        }
        let (person, _) = person(&mut act.write, Person(&login)).await?;
        let id = act.write.id();
        sqlx::query(
            "INSERT INTO users (id, person, password, identity, disabled, created) VALUES ($1, $2, $3, $4, 0, $5)",
        )
        .bind(id)
        .bind(person)
        .bind(new.password)
        .bind(&identity)
        .bind(act.write.known)
        .execute(&mut *act.write.tx)
        .await?;
        put(&mut act.write, Subject::User(id), new.grants, grants::MANUAL).await?;
        let detail = json!({
            "password": new.password.is_some(),
            "single_sign_on": identity.is_some(),
            "grants": grants::shown(new.grants),
        });
        act.end("user created", by, &format!("user:{id}"), detail).await?;
        Ok(id)
    }

    /// Gives a user another password, and ends all of its sessions: whoever knew the old one is out.
    pub async fn set_password_hash(&self, user: i64, hash: &str, by: Person<'_>, now: Nanos) -> Result<()> {
        is_hash(Some(hash))?;
        let mut act = Act::begin(self, 0, now).await?;
        let set = sqlx::query("UPDATE users SET password = $1 WHERE id = $2").bind(hash).bind(user);
        if set.execute(&mut *act.write.tx).await?.rows_affected() == 0 {
            return unknown(user);
        }
        super::sessions::end_all(&mut act.write, user).await?;
        act.end("password changed", by, &format!("user:{user}"), json!({})).await
    }

    /// Keeps a user out, or lets it in again. Its sessions end, and API tokens that it made rest meanwhile.
    pub async fn disable_user(&self, user: i64, disabled: bool, by: Person<'_>, now: Nanos) -> Result<()> {
        let mut act = Act::begin(self, 0, now).await?;
        let set = sqlx::query(
            "UPDATE users SET disabled = $1 WHERE id = $2 AND EXISTS \
             (SELECT 1 FROM persons p WHERE p.id = users.person AND p.name IS NOT NULL)",
        )
        .bind(i64::from(disabled))
        .bind(user);
        if set.execute(&mut *act.write.tx).await?.rows_affected() == 0 {
            return unknown(user);
        }
        super::sessions::end_all(&mut act.write, user).await?;
        let action = if disabled { "user disabled" } else { "user enabled" };
        act.end(action, by, &format!("user:{user}"), json!({})).await
    }

    /// All users, by their ids.
    pub async fn list_users(&self) -> Result<Vec<User>> {
        let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} ORDER BY u.id LIMIT $1"))).bind(MAX_LISTED);
        let mut users = rows.fetch_all(&self.inner.pool).await?.iter().map(user).collect::<Result<Vec<User>>>()?;
        let mut all = grants::of_all(&self.inner.pool, "users").await?;
        for user in &mut users {
            user.grants = all.remove(&user.id).unwrap_or_default();
        }
        Ok(users)
    }

    /// Whether there is any user.
    pub async fn has_users(&self) -> Result<bool> {
        Ok(sqlx::query("SELECT 1 FROM users LIMIT 1").fetch_optional(&self.inner.pool).await?.is_some())
    }

    /// The user of an id.
    pub async fn user(&self, id: i64) -> Result<Option<User>> {
        let row = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE u.id = $1"))).bind(id);
        self.granted(row.fetch_optional(&self.inner.pool).await?).await
    }

    /// The user that logs in by a name.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>> {
        let Ok(login) = normal(login) else { return Ok(None) };
        let row = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE p.name = $1"))).bind(login);
        self.granted(row.fetch_optional(&self.inner.pool).await?).await
    }

    /// The user for whom a provider vouches.
    pub async fn user_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<User>> {
        let row = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE u.identity = $1")));
        self.granted(row.bind(identity((issuer, subject))).fetch_optional(&self.inner.pool).await?).await
    }

    async fn granted(&self, row: Option<AnyRow>) -> Result<Option<User>> {
        let Some(row) = row else { return Ok(None) };
        let mut user = user(&row)?;
        user.grants = grants::of(&self.inner.pool, user.id).await?;
        Ok(Some(user))
    }
}

fn user(row: &AnyRow) -> Result<User> {
    Ok(User {
        id: row.try_get(0)?,
        login: row.try_get(1)?,
        password: row.try_get(2)?,
        single_sign_on: row.try_get::<Option<String>, _>(3)?.is_some(),
        disabled: row.try_get::<i64, _>(4)? != 0,
        created: row.try_get(5)?,
        grants: Vec::new(),
    })
}

fn unknown<T>(user: i64) -> Result<T> {
    Err(LedgerError::Invalid(format!("there is no user {user}")))
}

/// What goes with the name of a person who is forgotten: every way in, and every right.
pub(crate) async fn forgotten(write: &mut Write<'_>, person: i64) -> Result<()> {
    let gone =
        sqlx::query("UPDATE users SET password = NULL, identity = NULL, disabled = 1 WHERE person = $1 RETURNING id");
    let Some(row) = gone.bind(person).fetch_optional(&mut *write.tx).await? else { return Ok(()) };
    let user: i64 = row.try_get(0)?;
    super::sessions::end_all(write, user).await?;
    sqlx::query("DELETE FROM grants WHERE subject = $1").bind(user).execute(&mut *write.tx).await?;
    Ok(())
}
