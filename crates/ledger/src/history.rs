//! What was true at a time, as it was known at a time: derived, never kept.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::{Class, MAX_REACH, OPEN, span};
use crate::limits::FEW;
use crate::sql::Statement;
use model::{Datasets, EntityRef, Nanos};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// The two times of a question, and what the one who asks may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// When it was so.
    pub valid: Nanos,
    /// As the ledger knew it then; the greatest number for all that it knows.
    pub known: Nanos,
    /// Facts and decisions of these datasets.
    pub datasets: Datasets,
}

impl AsOf {
    /// At a time, with all that is known today.
    pub fn at(valid: Nanos) -> AsOf {
        AsOf { valid, known: Nanos::MAX, datasets: Datasets::All }
    }

    /// As it was known at a time.
    pub fn known(self, known: Nanos) -> AsOf {
        AsOf { known, ..self }
    }

    /// For somebody who may see some datasets alone.
    pub fn within(self, datasets: Datasets) -> AsOf {
        AsOf { datasets, ..self }
    }

    /// Adds to a statement that a column is one of the datasets.
    pub(crate) fn visible(&self, query: &mut Statement, column: &str) {
        let Some(names) = self.datasets.names() else { return };
        if names.is_empty() {
            query.push(" AND 1 = 0");
            return;
        }
        query.push(" AND ").push(column).push(" IN (");
        for (number, name) in names.iter().enumerate() {
            query.push(if number == 0 { "" } else { ", " }).bind(name.clone());
        }
        query.push(")");
    }
}

/// An entity that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its id.
    pub id: i64,
    /// Which.
    pub entity: EntityRef,
    /// When it was seen last before the time asked for.
    pub seen: Nanos,
    /// Until when that holds; the greatest number when only its end says so.
    pub until: Nanos,
}

/// The newest observation of each thing, source and dataset of a class that still held: columns `about`, `origin`, `at`,
/// `until`, and `last`, an observation that says so.
pub(crate) fn held(query: &mut Statement, class: Class, as_of: &AsOf) {
    query.push("WITH ");
    held_among(query, class, as_of, false);
}

/// The same for some things alone: `wanted` writes a selection of their ids. With few of them not all that holds is
/// looked at, which is mostly packages.
pub(crate) fn held_of(query: &mut Statement, class: Class, as_of: &AsOf, wanted: impl FnOnce(&mut Statement)) {
    query.push("WITH wanted (id) AS (");
    wanted(query);
    query.push("), ");
    held_among(query, class, as_of, true);
}

fn held_among(query: &mut Statement, class: Class, as_of: &AsOf, wanted: bool) {
    let reaches: Vec<(i64, Nanos)> =
        (0..=MAX_REACH).map(|reach| (reach, as_of.valid.saturating_sub(span(reach)))).collect();
    query.push("reaches (reach, after) AS (");
    query.values(&reaches, |row, (reach, after)| {
        row.bind(*reach).bind(*after);
    });
    let columns = "SELECT o.id, o.about, o.origin, o.dataset, o.at, o.until FROM ";
    query.push("), seen AS (").push(columns).push("reaches r JOIN observations o ON o.class = ");
    query.bind(class as i64).push(" AND o.reach = r.reach AND o.at > r.after AND o.at <= ");
    query.bind(as_of.valid).push(" AND o.until > ").bind(as_of.valid);
    query.push(" AND o.known <= ").bind(as_of.known);
    as_of.visible(query, "o.dataset");
    if wanted {
        query.push(" AND o.about IN (SELECT id FROM wanted)");
    }
    query.push(" UNION ALL ").push(columns);
    if wanted {
        // One by one; the plus keeps SQLite from walking over all that is open of the class. The number itself, as a
        // partial index is used for no other.
        query.push("wanted w CROSS JOIN observations o WHERE o.about = w.id AND +o.class = ").bind(class as i64);
        query.push(&format!(" AND o.reach = {OPEN}"));
    } else {
        query.push("observations o WHERE o.class = ").bind(class as i64).push(" AND o.reach = ").bind(OPEN);
    }
    query.push(" AND o.at <= ").bind(as_of.valid).push(" AND o.known <= ").bind(as_of.known);
    as_of.visible(query, "o.dataset");
    query.push(
        "), held AS (SELECT about, origin, dataset, at, until, last FROM \
         (SELECT s.about, s.origin, s.dataset, s.at, s.id AS last, \
         max(s.until) OVER (PARTITION BY s.about, s.origin, s.dataset) AS until, \
         row_number() OVER (PARTITION BY s.about, s.origin, s.dataset ORDER BY s.at DESC, s.id DESC) AS place \
         FROM seen s WHERE NOT EXISTS \
         (SELECT 1 FROM observations x WHERE x.about = s.about AND x.ended = 1 AND x.at >= s.at AND x.at <= ",
    );
    query.bind(as_of.valid).push(" AND x.known <= ").bind(as_of.known);
    if class != Class::Entity {
        query.push(" AND x.origin = s.origin AND x.dataset = s.dataset");
    }
    query.push(")) newest WHERE place = 1) ");
}

/// Adds that a column is one of some texts.
pub(crate) fn one_of(query: &mut Statement, column: &str, texts: &[&str]) {
    query.push(column).push(" IN (");
    for (number, text) in texts.iter().enumerate() {
        query.push(if number == 0 { "" } else { ", " }).bind((*text).to_owned());
    }
    query.push(")");
}

/// Relations by their kinds.
pub(crate) fn relations_of_kinds(query: &mut Statement, kinds: &[&str]) {
    query.push("SELECT id FROM relations WHERE ");
    one_of(query, "kind", kinds);
}

impl Ledger {
    /// Whether a selection of ids is so small that each may be looked up.
    pub(crate) async fn are_few(&self, wanted: impl FnOnce(&mut Statement)) -> Result<bool> {
        let mut query = Statement::new("SELECT count(*) FROM (");
        wanted(&mut query);
        query.push(" LIMIT ").bind(FEW + 1).push(") few");
        let count: i64 = query.build(self.inner.sqlite)?.fetch_one(&self.inner.pool).await?.try_get(0)?;
        Ok(count <= FEW)
    }

    /// The relations of some kinds that held: begins a statement, which goes on with what is selected of `held`.
    pub(crate) async fn held_relations(&self, as_of: &AsOf, kinds: &[&str]) -> Result<Statement> {
        let mut query = Statement::new("");
        if self.are_few(|query| relations_of_kinds(query, kinds)).await? {
            held_of(&mut query, Class::Relation, as_of, |query| relations_of_kinds(query, kinds));
        } else {
            held(&mut query, Class::Relation, as_of);
        }
        Ok(query)
    }

    /// What was there, of a kind or of all.
    pub async fn running(&self, as_of: &AsOf, kind: Option<&str>) -> Result<Vec<Running>> {
        let mut query = Statement::new("");
        let of_kind = |query: &mut Statement, kind: &str| {
            query.push("SELECT id FROM entities WHERE kind = ").bind(kind.to_owned());
        };
        match kind {
            Some(kind) if self.are_few(|query| of_kind(query, kind)).await? => {
                held_of(&mut query, Class::Entity, as_of, |query| of_kind(query, kind));
            }
            _ => held(&mut query, Class::Entity, as_of),
        }
        query.push("SELECT e.id, e.kind, e.key, max(h.at), max(h.until) FROM held h JOIN entities e ON e.id = h.about");
        if let Some(kind) = kind {
            query.push(" WHERE e.kind = ").bind(kind.to_owned());
        }
        query.push(" GROUP BY e.id, e.kind, e.key ORDER BY e.kind, e.key");
        let running = |row: AnyRow| -> Result<Running> {
            let entity = EntityRef { kind: row.try_get(1)?, key: row.try_get(2)? };
            Ok(Running { id: row.try_get(0)?, entity, seen: row.try_get(3)?, until: row.try_get(4)? })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(running).collect()
    }

    /// The entities that something points at by a kind of relation: the packages of a host.
    pub async fn related(&self, as_of: &AsOf, from: &EntityRef, kind: &str) -> Result<Vec<EntityRef>> {
        let mut query = Statement::new("");
        held_of(&mut query, Class::Relation, as_of, |query| {
            query.push("SELECT r.id FROM entities f JOIN relations r ON r.source = f.id WHERE f.kind = ");
            query.bind(from.kind.clone()).push(" AND f.key = ").bind(from.key.clone());
            query.push(" AND r.kind = ").bind(kind.to_owned());
        });
        query.push(
            "SELECT DISTINCT t.kind, t.key FROM entities f JOIN relations r ON r.source = f.id \
             JOIN held h ON h.about = r.id JOIN entities t ON t.id = r.target WHERE f.kind = ",
        );
        query.bind(from.kind.clone()).push(" AND f.key = ").bind(from.key.clone());
        query.push(" AND r.kind = ").bind(kind.to_owned()).push(" ORDER BY 1, 2");
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        rows.into_iter().map(|row| Ok(EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? })).collect()
    }
}
