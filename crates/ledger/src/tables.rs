//! The ledger as tables for SQL: each as of two times, with what is asked of its columns pushed down.

use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::facts::Class;
use crate::history::{AsOf, held};
use crate::sql::Statement;
use futures::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A number of 64 bits.
    Number,
    /// Nanoseconds since 1970.
    Time,
    /// Text, or JSON as text.
    Text,
}

/// A column: its name, what it holds, and what gives it.
type Column = (&'static str, ColumnKind, &'static str);

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name in SQL; with `_at(valid, known)` it is the same as of two times.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    from: Rows,
}

/// Where rows come from.
#[derive(Clone, Copy, Debug)]
enum Rows {
    /// What held at the time: the newest observations of a class, by the name `h`.
    Held(Class, &'static str),
    /// What was so by then and known by then: columns `at` and `known` of the first table.
    Told(&'static str),
    /// What was known by then.
    Known(&'static str),
    /// Decisions of a kind, or of all when it is empty.
    Decided(&'static str),
}

const DECISIONS: &str = "decisions d LEFT JOIN entities e ON e.id = d.entity LEFT JOIN entities o ON o.id = d.owner";

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

use ColumnKind::{Number, Text, Time};

const DECISION: &[Column] = &[
    ("id", Number, "d.id"),
    ("at", Time, "d.at"),
    ("known", Time, "d.known"),
    ("kind", Text, "d.kind"),
    ("entity_kind", Text, "e.kind"),
    ("entity", Text, "e.key"),
    ("reason", Text, "d.reason"),
    ("owner", Text, "o.key"),
    ("control", Number, "d.control"),
    ("expires", Time, "d.expires"),
    ("body", Text, "d.body"),
];

/// Decisions of one kind, or all.
const fn decisions(name: &'static str, kind: &'static str) -> Table {
    Table { name, columns: DECISION, from: Rows::Decided(kind) }
}

/// Every table.
pub const TABLES: &[Table] = &[
    Table {
        name: "entities",
        columns: &[
            ("id", Number, "e.id"),
            ("kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("seen", Time, "max(h.at)"),
            ("until", Time, "max(h.until)"),
        ],
        from: Rows::Held(Class::Entity, "held h JOIN entities e ON e.id = h.about GROUP BY e.id, e.kind, e.key"),
    },
    Table {
        name: "relations",
        columns: &[
            ("id", Number, "r.id"),
            ("kind", Text, "r.kind"),
            ("from_kind", Text, "f.kind"),
            ("from_entity", Text, "f.key"),
            ("to_kind", Text, "t.kind"),
            ("to_entity", Text, "t.key"),
            ("layer", Text, "r.layer"),
            ("origin", Text, "h.origin"),
            ("since", Time, "h.at"),
        ],
        from: Rows::Held(
            Class::Relation,
            "held h JOIN relations r ON r.id = h.about JOIN entities f ON f.id = r.source \
             JOIN entities t ON t.id = r.target",
        ),
    },
    Table {
        name: "findings",
        columns: &[
            ("id", Number, "n.id"),
            ("at", Time, "n.at"),
            ("seen", Time, "h.at"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("rule", Text, "n.rule"),
            ("severity", Text, "n.severity"),
            ("title", Text, "n.title"),
            ("place", Text, "n.place"),
            ("fingerprint", Text, "n.fingerprint"),
            ("origin", Text, "h.origin"),
            ("evidence", Text, "n.evidence"),
        ],
        from: Rows::Held(
            Class::Finding,
            "held h JOIN findings n ON n.id = h.about LEFT JOIN entities e ON e.id = n.entity",
        ),
    },
    Table {
        name: "observations",
        columns: &[
            ("id", Number, "b.id"),
            ("at", Time, "b.at"),
            ("known", Time, "b.known"),
            ("about", Number, "b.about"),
            ("ended", Number, "b.ended"),
            ("until", Time, "b.until"),
            ("origin", Text, "b.origin"),
            ("attributes", Text, "b.attributes"),
        ],
        from: Rows::Told("observations b"),
    },
    Table {
        name: "changes",
        columns: &[
            ("id", Number, "c.id"),
            ("at", Time, "c.at"),
            ("known", Time, "c.known"),
            ("kind", Text, "c.kind"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("environment", Text, "c.environment"),
            ("version", Text, "c.version"),
            ("origin", Text, "c.origin"),
            ("attributes", Text, "c.attributes"),
        ],
        from: Rows::Told("changes c JOIN entities e ON e.id = c.entity"),
    },
    decisions("decisions", ""),
    decisions("alerts", "alert"),
    decisions("incidents", "incident"),
    decisions("controls", "control"),
    Table {
        name: "audit",
        columns: &[
            ("seq", Number, "a.seq"),
            ("known", Time, "a.known"),
            ("action", Text, "a.action"),
            ("object", Text, "a.object"),
            ("detail", Text, "a.detail"),
        ],
        from: Rows::Known("audit a"),
    },
];

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

    fn statement(&self, scan: &Scan) -> Result<Statement> {
        let column = |at: usize| {
            self.columns.get(at).ok_or_else(|| LedgerError::Invalid(format!("{} has no column {at}", self.name)))
        };
        let mut statement = Statement::new("");
        let (rows, grouped) = match self.from {
            Rows::Held(class, from) => {
                held(&mut statement, class, scan.as_of);
                from.split_once(" GROUP BY ").map_or((from, None), |(from, group)| (from, Some(group)))
            }
            Rows::Told(from) | Rows::Known(from) => (from, None),
            Rows::Decided(_) => (DECISIONS, None),
        };
        let mut chosen = Vec::new();
        for at in &scan.columns {
            chosen.push(column(*at)?.2);
        }
        // A question for no column, such as a count, still has its rows.
        let chosen = if chosen.is_empty() { "1".to_owned() } else { chosen.join(", ") };
        statement.push("SELECT ").push(&chosen).push(" FROM ").push(rows).push(" WHERE 1 = 1");
        let first = self.columns[0].2.split_once('.').map_or("", |(table, _)| table);
        match self.from {
            Rows::Held(..) => {}
            Rows::Told(_) | Rows::Decided(_) => {
                statement.push(" AND ").push(first).push(".at <= ").bind(scan.as_of.valid);
                statement.push(" AND ").push(first).push(".known <= ").bind(scan.as_of.known);
            }
            Rows::Known(_) => {
                statement.push(" AND ").push(first).push(".known <= ").bind(scan.as_of.known);
            }
        }
        if let Rows::Decided(kind) = self.from
            && !kind.is_empty()
        {
            statement.push(" AND d.kind = ").bind(kind.to_owned());
        }
        for (at, value) in &scan.equal {
            let (name, kind, text) = column(*at)?;
            if *kind != ColumnKind::Text {
                return Err(LedgerError::Invalid(format!("{name} is no text")));
            }
            statement.push(" AND ").push(text).push(" = ").bind(value.clone());
        }
        if let Some(group) = grouped {
            statement.push(" GROUP BY ").push(group);
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
        let mut statement = table.statement(scan)?;
        let mut rows = statement.build(self.inner.sqlite)?.fetch(&self.inner.pool);
        let kinds: Vec<ColumnKind> = scan.columns.iter().map(|at| table.columns[*at].1).collect();
        let cells = |row: AnyRow| -> Result<Vec<Cell>> {
            let cell = |(at, kind): (usize, &ColumnKind)| -> Result<Cell> {
                Ok(match kind {
                    ColumnKind::Text => row.try_get::<Option<String>, _>(at)?.map_or(Cell::Null, Cell::Text),
                    ColumnKind::Number | ColumnKind::Time => {
                        row.try_get::<Option<i64>, _>(at)?.map_or(Cell::Null, Cell::Number)
                    }
                })
            };
            kinds.iter().enumerate().map(cell).collect()
        };
        let (mut all, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            let row = cells(row)?;
            bytes += row.iter().map(Cell::bytes).sum::<usize>();
            if bytes > scan.bytes {
                let most = scan.bytes / 1024 / 1024;
                let name = table.name;
                return Err(LedgerError::Invalid(format!(
                    "more than {most} MiB of {name}: ask for fewer, by a text column that equals something, or a limit"
                )));
            }
            all.push(row);
        }
        Ok(all)
    }
}
