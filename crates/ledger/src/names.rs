//! Entities and relations to their ids. They are made once and never change, so they may be remembered.

use crate::db::Write;
use crate::error::Result;
use crate::limits::{NAMES_REMEMBERED, ROWS_PER_STATEMENT};
use crate::sql::Statement;
use model::{EntityRef, Relation};
use sqlx::Row as _;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Ids that committed transactions have told.
#[derive(Default)]
pub struct Names {
    entities: Remembered<EntityRef>,
    relations: Remembered<Relation>,
}

struct Remembered<T>(Mutex<HashMap<T, i64>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Remembered(Mutex::default())
    }
}

impl<T: Hash + Eq + Clone> Remembered<T> {
    fn known<'a>(&self, wanted: impl Iterator<Item = &'a T>) -> (HashMap<T, i64>, Vec<&'a T>) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for name in wanted {
            match all.get(name) {
                Some(id) => drop(found.insert(name.clone(), *id)),
                None => missing.push(name),
            }
        }
        (found, missing)
    }

    fn keep(&self, new: &HashMap<T, i64>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() + new.len() > NAMES_REMEMBERED {
            all.clear();
        }
        all.extend(new.iter().take(NAMES_REMEMBERED).map(|(name, id)| (name.clone(), *id)));
    }
}

/// The ids of what one transaction names.
#[derive(Default)]
pub struct Ids {
    /// Entities.
    pub entities: HashMap<EntityRef, i64>,
    /// Relations.
    pub relations: HashMap<Relation, i64>,
}

impl Names {
    /// Finds or makes what is named. The ends of the relations must be among the entities.
    pub async fn resolve(
        &self,
        write: &mut Write<'_>,
        entities: &BTreeSet<EntityRef>,
        relations: &BTreeSet<Relation>,
    ) -> Result<Ids> {
        let (mut found, missing) = self.entities.known(entities.iter());
        for chunk in missing.chunks(ROWS_PER_STATEMENT) {
            let known = write.known;
            let rows: Vec<(i64, &EntityRef)> = chunk.iter().map(|entity| (write.id(), *entity)).collect();
            let mut insert = Statement::new("INSERT INTO entities (id, known, kind, key) ");
            insert.values(&rows, |row, (id, entity)| {
                row.bind(*id).bind(known).bind(entity.kind.clone()).bind(entity.key.clone());
            });
            insert.push(" ON CONFLICT (kind, key) DO NOTHING");
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
            let mut select = Statement::new("SELECT id, kind, key FROM entities WHERE (kind, key) IN (");
            select.values(chunk, |row, entity| {
                row.bind(entity.kind.clone()).bind(entity.key.clone());
            });
            for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
                found.insert(EntityRef { kind: row.try_get(1)?, key: row.try_get(2)? }, row.try_get(0)?);
            }
        }
        let mut ids = Ids { entities: found, relations: HashMap::new() };
        let (mut found, missing) = self.relations.known(relations.iter());
        for chunk in missing.chunks(ROWS_PER_STATEMENT) {
            let known = write.known;
            let ends = |relation: &Relation| (ids.entities[&relation.from], ids.entities[&relation.to]);
            let rows: Vec<(i64, (i64, i64), &Relation)> =
                chunk.iter().map(|relation| (write.id(), ends(relation), *relation)).collect();
            let mut insert = Statement::new("INSERT INTO relations (id, known, kind, source, target, layer) ");
            insert.values(&rows, |row, (id, (from, to), relation)| {
                row.bind(*id).bind(known).bind(relation.kind.clone());
                row.bind(*from).bind(*to).bind(relation.layer.clone());
            });
            insert.push(" ON CONFLICT (source, kind, target, layer) DO NOTHING");
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
            let mut select = Statement::new(
                "SELECT id, source, kind, target, layer FROM relations WHERE (source, kind, target, layer) IN (",
            );
            select.values(&rows, |row, (_, (from, to), relation)| {
                row.bind(*from).bind(relation.kind.clone());
                row.bind(*to).bind(relation.layer.clone());
            });
            let by_ends: HashMap<(i64, &str, i64, &str), &Relation> = rows
                .iter()
                .map(|(_, (from, to), relation)| ((*from, &*relation.kind, *to, &*relation.layer), *relation))
                .collect();
            for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
                let (kind, layer): (String, String) = (row.try_get(2)?, row.try_get(4)?);
                if let Some(relation) = by_ends.get(&(row.try_get(1)?, &*kind, row.try_get(3)?, &*layer)) {
                    found.insert((*relation).clone(), row.try_get(0)?);
                }
            }
        }
        ids.relations = found;
        Ok(ids)
    }

    /// Remembers what a transaction named, after it was committed.
    pub fn keep(&self, ids: &Ids) {
        self.entities.keep(&ids.entities);
        self.relations.keep(&ids.relations);
    }
}
