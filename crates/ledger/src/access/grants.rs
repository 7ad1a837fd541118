//! Grants of users and tokens.

use super::{Act, invalid};
use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::facts::text;
use crate::limits::{MAX_GRANT_DATASETS, MAX_GRANTS, MAX_NAME_BYTES};
use crate::personal::Person;
use model::limits::MAX_DATASET_BYTES;
use model::{Datasets, Grant, Nanos};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, AssertSqlSafe, Row as _};
use std::collections::{BTreeMap, HashMap};

/// Given by somebody.
pub const MANUAL: &str = "given";
/// Follows from what the provider said at the last log-in.
pub const CLAIMED: &str = "claimed";

/// Who is granted something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A user, by its id.
    User(i64),
    /// A token, by its id.
    Token(i64),
}

impl Subject {
    fn id(self) -> i64 {
        let (Subject::User(id) | Subject::Token(id)) = self;
        id
    }

    fn object(self) -> String {
        match self {
            Subject::User(id) => format!("user:{id}"),
            Subject::Token(id) => format!("token:{id}"),
        }
    }

    async fn must_be(self, write: &mut Write<'_>) -> Result<()> {
        let found = match self {
            Subject::User(_) => sqlx::query(
                "SELECT 1 FROM users u JOIN persons p ON p.id = u.person WHERE u.id = $1 AND p.name IS NOT NULL",
            ),
            Subject::Token(_) => sqlx::query("SELECT 1 FROM tokens WHERE id = $1 AND kind = 'api'"),
        };
        match found.bind(self.id()).fetch_optional(&mut *write.tx).await? {
            Some(_) => Ok(()),
            None => invalid(format!("there is no {} that takes grants", self.object().replace(':', " "))),
        }
    }
}

impl Ledger {
    /// Grants a role in a team, in place of the one that was given there before.
    pub async fn grant(&self, subject: Subject, grant: &Grant, by: Person<'_>, now: Nanos) -> Result<()> {
        let mut act = Act::begin(self, 0, now).await?;
        subject.must_be(&mut act.write).await?;
        put(&mut act.write, subject, std::slice::from_ref(grant), MANUAL).await?;
        act.end("granted", by, &subject.object(), show(grant)).await
    }

    /// Takes back the role in a team, or the one in all of them; answers whether there was one.
    pub async fn revoke(&self, subject: Subject, team: Option<&str>, by: Person<'_>, now: Nanos) -> Result<bool> {
        let mut act = Act::begin(self, 0, now).await?;
        let gone = sqlx::query("DELETE FROM grants WHERE subject = $1 AND team = $2 AND origin = $3")
            .bind(subject.id())
            .bind(team.unwrap_or_default())
            .bind(MANUAL)
            .execute(&mut *act.write.tx)
            .await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        act.end("revoked", by, &subject.object(), json!({"team": team})).await?;
        Ok(true)
    }

    /// Makes the grants of a user that follow from the provider's word these; answers whether that changed any.
    pub async fn set_claimed_grants(&self, user: i64, grants: &[Grant], by: Person<'_>, now: Nanos) -> Result<bool> {
        let mut act = Act::begin(self, 0, now).await?;
        let subject = Subject::User(user);
        subject.must_be(&mut act.write).await?;
        let before = rows(
            sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE subject = $1 AND origin = $2 ORDER BY team")))
                .bind(user)
                .bind(CLAIMED)
                .fetch_all(&mut *act.write.tx)
                .await?,
        )?;
        let mut new: BTreeMap<&str, Grant> = BTreeMap::new();
        for grant in grants {
            // Two groups may speak of one team: who is in both has the rights of both.
            let team = new.entry(grant.team.as_deref().unwrap_or_default());
            let joined = team.or_insert_with(|| grant.clone());
            joined.role = joined.role.max(grant.role);
            joined.datasets = joined.datasets.clone().or(grant.datasets.clone());
        }
        let new: Vec<Grant> = new.into_values().collect();
        if before.iter().map(|(_, grant)| grant).eq(&new) {
            return Ok(false);
        }
        sqlx::query("DELETE FROM grants WHERE subject = $1 AND origin = $2")
            .bind(user)
            .bind(CLAIMED)
            .execute(&mut *act.write.tx)
            .await?;
        put(&mut act.write, subject, &new, CLAIMED).await?;
        act.end("grants claimed", by, &subject.object(), json!({"grants": shown(&new)})).await?;
        Ok(true)
    }
}

/// Keeps grants.
pub async fn put(write: &mut Write<'_>, subject: Subject, grants: &[Grant], origin: &str) -> Result<()> {
    for grant in grants {
        let datasets = check(grant)?;
        sqlx::query(
            "INSERT INTO grants (subject, team, origin, role, datasets) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (subject, team, origin) DO UPDATE SET role = excluded.role, datasets = excluded.datasets",
        )
        .bind(subject.id())
        .bind(grant.team.as_deref().unwrap_or_default())
        .bind(origin)
        .bind(grant.role.name())
        .bind(datasets)
        .execute(&mut *write.tx)
        .await?;
    }
    let kept = sqlx::query("SELECT count(*) FROM grants WHERE subject = $1").bind(subject.id());
    if kept.fetch_one(&mut *write.tx).await?.try_get::<i64, _>(0)? > MAX_GRANTS as i64 {
        return invalid(format!("nobody has more than {MAX_GRANTS} grants: grant a role in all teams instead"));
    }
    Ok(())
}

/// The datasets of a grant as they are kept.
fn check(grant: &Grant) -> Result<String> {
    if let Some(team) = &grant.team {
        text("name of the team", team, MAX_NAME_BYTES)?;
        if team == "*" || team.chars().any(char::is_control) {
            return invalid("a team is not named `*`, and has no control characters in its name");
        }
    }
    let Some(names) = grant.datasets.names() else { return Ok("*".to_owned()) };
    if names.len() > MAX_GRANT_DATASETS {
        return invalid(format!("a grant names at most {MAX_GRANT_DATASETS} datasets"));
    }
    names.iter().try_for_each(|name| dataset(name))?;
    serde_json::to_string(names).map_err(|error| LedgerError::Invalid(error.to_string()))
}

/// Refuses what is no name of a dataset.
pub fn dataset(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > MAX_DATASET_BYTES || !name.bytes().all(plain) {
        return invalid(format!("a dataset is named with 1 to {MAX_DATASET_BYTES} letters, digits, `-`, `_`, `.`"));
    }
    Ok(())
}

const SELECT: &str = "SELECT subject, role, team, datasets FROM grants";

/// Grants of one user or token.
pub async fn of(pool: &AnyPool, subject: i64) -> Result<Vec<Grant>> {
    let found = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE subject = $1 ORDER BY team, origin")));
    Ok(rows(found.bind(subject).fetch_all(pool).await?)?.into_iter().map(|(_, grant)| grant).collect())
}

/// Grants of all users or of all tokens.
pub async fn of_all(pool: &AnyPool, table: &'static str) -> Result<HashMap<i64, Vec<Grant>>> {
    let found = format!("{SELECT} WHERE subject IN (SELECT id FROM {table}) ORDER BY subject, team, origin");
    let mut all: HashMap<i64, Vec<Grant>> = HashMap::new();
    for (subject, grant) in rows(sqlx::query(AssertSqlSafe(found)).fetch_all(pool).await?)? {
        all.entry(subject).or_default().push(grant);
    }
    Ok(all)
}

fn rows(rows: Vec<AnyRow>) -> Result<Vec<(i64, Grant)>> {
    let damaged = |what: &str| LedgerError::Database(format!("a grant has a {what} that this program does not know"));
    let grant = |row: AnyRow| {
        let (team, datasets): (String, String) = (row.try_get(2)?, row.try_get(3)?);
        let datasets = match datasets.as_str() {
            "*" => Datasets::All,
            list => Datasets::only(serde_json::from_str::<Vec<String>>(list).map_err(|_| damaged("list of datasets"))?),
        };
        let role = row.try_get::<String, _>(1)?.parse().map_err(|_| damaged("role"))?;
        Ok((row.try_get(0)?, Grant { role, team: Some(team).filter(|team| !team.is_empty()), datasets }))
    };
    rows.into_iter().map(grant).collect()
}

fn show(grant: &Grant) -> Value {
    let datasets = grant.datasets.names().map_or(json!("*"), |names| json!(names));
    json!({"role": grant.role, "team": grant.team, "datasets": datasets})
}

/// Grants as the trail keeps them. Of many it keeps the first: an entry is no list.
pub fn shown(grants: &[Grant]) -> Vec<Value> {
    grants.iter().take(32).map(show).collect()
}
