//! Rows of a table: the statement for what is asked of it, and what it answers.

use super::{ColumnKind, DECISIONS, RAISED, Rows, TABLES, Table, as_of};
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::facts::Class;
use crate::history::{AsOf, held, held_of};
use crate::owners::PRECEDENCE;
use crate::sql::Statement;
use futures::TryStreamExt as _;
use model::EntityRef;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Number or time.
    Number(i64),
    /// Text.
    Text(String),
}

impl Cell {
    fn bytes(&self) -> usize {
        let text = if let Cell::Text(text) = self { text.len() } else { 0 };
        size_of::<Cell>() + text
    }
}

/// What is asked of a table.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Columns, by their place.
    pub columns: Vec<usize>,
    /// Text columns that must have a value.
    pub equal: Vec<(usize, String)>,
    /// The two times.
    pub as_of: AsOf,
    /// Rows at most.
    pub limit: Option<usize>,
    /// Bytes that the rows may have in memory; beyond them it is an error.
    pub bytes: usize,
}

impl Table {
    /// A table by its name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// Which of the held things a scan can want: by kind and name for entities, by kind and ends for relations.
    fn wanted(&self, scan: &Scan, query: &mut Statement) -> bool {
        let (selection, columns) = match self.from {
            Rows::Held(Class::Entity, _) => ("SELECT e.id FROM entities e WHERE 1 = 1", ["e.kind", "e.key"].as_slice()),
            Rows::Held(Class::Relation, _) => (
                "SELECT r.id FROM relations r JOIN entities f ON f.id = r.source JOIN entities t ON t.id = r.target \
                 WHERE 1 = 1",
                ["r.kind", "f.key", "t.key", "f.kind", "t.kind"].as_slice(),
            ),
            Rows::Held(Class::Finding, _) => (
                "SELECT n.id FROM findings n LEFT JOIN entities e ON e.id = n.entity WHERE 1 = 1",
                ["e.key", "e.kind", "n.fingerprint"].as_slice(),
            ),
            _ => return false,
        };
        let asked = scan.equal.iter().filter_map(|(at, value)| {
            let (_, _, text) = self.columns.get(*at)?;
            columns.contains(text).then_some((*text, value))
        });
        query.push(selection);
        let mut some = false;
        for (text, value) in asked {
            some = true;
            query.push(" AND ").push(text).push(" = ").bind(value.clone());
        }
        some
    }

    fn statement(&self, scan: &Scan, few: bool) -> Result<Statement> {
        let column = |at: usize| {
            self.columns.get(at).ok_or_else(|| LedgerError::Invalid(format!("{} has no column {at}", self.name)))
        };
        let mut statement = Statement::new("");
        let rows = match self.from {
            Rows::Held(class, from) => {
                if few {
                    held_of(&mut statement, class, &scan.as_of, |query| {
                        self.wanted(scan, query);
                    });
                } else {
                    held(&mut statement, class, &scan.as_of);
                }
                from
            }
            Rows::Told(from) | Rows::Known(from) => from,
            Rows::Decided(_) => DECISIONS,
            Rows::Raised(_) => RAISED,
            Rows::Owners => return Err(LedgerError::Invalid("owners are derived".to_owned())),
        };
        let mut chosen = Vec::new();
        for at in &scan.columns {
            chosen.push(as_of(column(*at)?.2, &scan.as_of));
        }
        // A question for no column, such as a count, still has its rows.
        let chosen = if chosen.is_empty() { "1".to_owned() } else { chosen.join(", ") };
        statement.push("SELECT ").push(&chosen).push(" FROM ").push(rows).push(" WHERE 1 = 1");
        let first = self.columns[0].2.split_once('.').map_or("", |(table, _)| table);
        match self.from {
            Rows::Held(..) | Rows::Owners => {}
            Rows::Told(_) | Rows::Decided(_) | Rows::Raised(_) => {
                statement.push(" AND ").push(first).push(".at <= ").bind(scan.as_of.valid);
                statement.push(" AND ").push(first).push(".known <= ").bind(scan.as_of.known);
                scan.as_of.visible(&mut statement, &format!("{first}.dataset"));
            }
            Rows::Known(_) => {
                statement.push(" AND ").push(first).push(".known <= ").bind(scan.as_of.known);
            }
        }
        if let Rows::Decided(kind) | Rows::Raised(kind) = self.from
            && !kind.is_empty()
        {
            statement.push(" AND d.kind = ").bind(kind.to_owned());
        }
        for (at, value) in &scan.equal {
            let (name, kind, text) = column(*at)?;
            if *kind != ColumnKind::Text {
                return Err(LedgerError::Invalid(format!("{name} is no text")));
            }
            statement.push(" AND ").push(&as_of(text, &scan.as_of)).push(" = ").bind(value.clone());
        }
        if let Some(limit) = scan.limit {
            statement.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        }
        Ok(statement)
    }
}

impl Ledger {
    /// The rows of a table.
    pub async fn scan(&self, table: &Table, scan: &Scan) -> Result<Vec<Vec<Cell>>> {
        if let Rows::Owners = table.from {
            return self.owner_rows(table, scan).await;
        }
        let few = table.wanted(scan, &mut Statement::new(""))
            && self
                .are_few(|query| {
                    table.wanted(scan, query);
                })
                .await?;
        let mut statement = table.statement(scan, few)?;
        let mut rows = statement.build(self.inner.sqlite)?.fetch(&self.inner.pool);
        let kinds: Vec<ColumnKind> = scan.columns.iter().map(|at| table.columns[*at].1).collect();
        let cells = |row: AnyRow| -> Result<Vec<Cell>> {
            let cell = |(at, kind): (usize, &ColumnKind)| -> Result<Cell> {
                Ok(match kind {
                    ColumnKind::Merged => {
                        row.try_get::<Option<String>, _>(at)?.map_or(Cell::Null, |said| merged(&said))
                    }
                    ColumnKind::Text => row.try_get::<Option<String>, _>(at)?.map_or(Cell::Null, Cell::Text),
                    ColumnKind::Number => row.try_get::<Option<i64>, _>(at)?.map_or(Cell::Null, Cell::Number),
                    // The greatest time is "until it is said to have ended", which is no time.
                    ColumnKind::Time => row
                        .try_get::<Option<i64>, _>(at)?
                        .filter(|time| *time != i64::MAX)
                        .map_or(Cell::Null, Cell::Number),
                })
            };
            kinds.iter().enumerate().map(cell).collect()
        };
        let (mut all, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            let row = cells(row)?;
            bytes += row.iter().map(Cell::bytes).sum::<usize>();
            if bytes > scan.bytes {
                return Err(too_much(table, scan));
            }
            all.push(row);
        }
        Ok(all)
    }

    async fn owner_rows(&self, table: &Table, scan: &Scan) -> Result<Vec<Vec<Cell>>> {
        let text = |at: usize| scan.equal.iter().find(|(column, _)| *column == at).map(|(_, text)| text.clone());
        let one = text(0).zip(text(1)).map(|(kind, key)| EntityRef { kind, key });
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for owner in self.owners(&scan.as_of, one.as_ref()).await? {
            let reason = owner.reason();
            let all = [
                Cell::Text(owner.entity.kind),
                Cell::Text(owner.entity.key),
                Cell::Text(owner.layer),
                Cell::Text(owner.owner.key),
                Cell::Text(owner.origin),
                Cell::Number(owner.since),
                Cell::Number(i64::from(!owner.conflicts.is_empty())),
                Cell::Text(reason),
            ];
            if scan.equal.iter().any(|(at, text)| all.get(*at) != Some(&Cell::Text(text.clone()))) {
                continue;
            }
            bytes += all.iter().map(Cell::bytes).sum::<usize>();
            if bytes > scan.bytes {
                return Err(too_much(table, scan));
            }
            rows.push(scan.columns.iter().filter_map(|at| all.get(*at).cloned()).collect());
            if scan.limit.is_some_and(|limit| rows.len() >= limit) {
                break;
            }
        }
        Ok(rows)
    }
}

fn too_much(table: &Table, scan: &Scan) -> LedgerError {
    let (most, name) = (scan.bytes / 1024 / 1024, table.name);
    LedgerError::Invalid(format!(
        "more than {most} MiB of {name}: ask for fewer, by a text column that equals something, or a limit"
    ))
}

/// One object of what several sources say: where they differ, as with owners, whose word counts more is believed.
fn merged(said: &str) -> Cell {
    let mut lines: Vec<(&str, &str)> = said.lines().filter_map(|line| line.split_once(' ')).collect();
    if let [(_, only)] = lines[..] {
        return Cell::Text(only.to_owned());
    }
    lines.sort_by_key(|(origin, _)| {
        PRECEDENCE.iter().rev().position(|known| known == origin).map_or((0, *origin), |place| (place + 1, ""))
    });
    let mut object = serde_json::Map::new();
    for (_, attributes) in lines {
        object.extend(serde_json::from_str::<serde_json::Map<_, _>>(attributes).unwrap_or_default());
    }
    Cell::Text(serde_json::Value::Object(object).to_string())
}
