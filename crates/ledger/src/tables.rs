//! The ledger as tables for SQL: each as of two times, with what is asked of its columns pushed down.

use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::facts::Class;
use crate::history::{AsOf, held, held_of};
use crate::owners::PRECEDENCE;
use crate::scans::WAIVER;
use crate::sql::Statement;
use futures::TryStreamExt as _;
use model::{EntityRef, Nanos};
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
    /// What several sources say: lines of a source and its JSON, made one object.
    Merged,
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
    /// Decisions of a kind with what became of them.
    Raised(&'static str),
    /// Who owned what, which is settled between sources.
    Owners,
}

const DECISIONS: &str = "decisions d LEFT JOIN entities e ON e.id = d.entity LEFT JOIN entities o ON o.id = d.owner";
const RAISED: &str = "decisions d LEFT JOIN entities e ON e.id = d.entity LEFT JOIN entities o ON o.id = d.owner \
     LEFT JOIN raised r ON r.id = d.id";

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

use ColumnKind::{Merged, Number, Text, Time};

/// The columns of a decision, and those of what became of it. In these `{moved}` stands for "of the decision, by the two
/// times", and `{tallied}` for the same of what was counted.
macro_rules! decided {
    ($($more:expr,)*) => {
        &[
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
            ("dataset", Text, "d.dataset"),
            ("body", Text, "d.body"),
            $($more,)*
        ]
    };
}

const DECISION: &[Column] = decided!();

/// Where it stands: what was snoozed is open again after its end.
const STATE: &str = "CASE WHEN r.id IS NULL THEN NULL ELSE coalesce((SELECT CASE WHEN m.value = 'snoozed' \
     AND m.number <= {valid} THEN 'open' ELSE m.value END FROM moves m WHERE m.what = 'state' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1), 'open') END";
const OUTCOME: &str = "(SELECT m.detail FROM moves m WHERE m.what = 'state' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1)";
const LEVEL: &str = "coalesce((SELECT m.value FROM moves m WHERE m.what = 'level' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1), r.level)";
const TEAM: &str = "coalesce((SELECT m.value FROM moves m WHERE m.what = 'owner' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1), o.key)";
const ACKNOWLEDGED: &str = "(SELECT min(m.at) FROM moves m WHERE m.decision IS NOT NULL AND {moved})";
const CLOSED: &str = "(SELECT CASE WHEN m.value = 'resolved' THEN m.at ELSE NULL END FROM moves m \
     WHERE m.what = 'state' AND {moved} ORDER BY m.at DESC, m.id DESC LIMIT 1)";

const ALERT: &[Column] = decided!(
    ("fingerprint", Text, "r.fingerprint"),
    ("rule", Text, "r.rule"),
    ("title", Text, "r.title"),
    ("level", Text, LEVEL),
    ("aspect", Text, "r.aspect"),
    ("tags", Text, "r.tags"),
    ("runbook", Text, "r.runbook"),
    ("team", Text, TEAM),
    ("state", Text, STATE),
    ("outcome", Text, OUTCOME),
    ("acknowledged", Time, ACKNOWLEDGED),
    ("closed", Time, CLOSED),
    (
        "incident",
        Number,
        "(SELECT m.number FROM moves m WHERE m.what = 'incident' AND {moved} ORDER BY m.at DESC, m.id DESC LIMIT 1)"
    ),
    ("firings", Number, "CAST(coalesce((SELECT sum(t.firings) FROM tallies t WHERE {tallied}), 0) AS BIGINT)"),
    ("events", Number, "CAST(coalesce((SELECT sum(t.events) FROM tallies t WHERE {tallied}), 0) AS BIGINT)"),
    ("first", Time, "(SELECT min(t.first) FROM tallies t WHERE {tallied})"),
    ("last", Time, "(SELECT max(t.last) FROM tallies t WHERE {tallied})"),
);

const INCIDENT: &[Column] = decided!(
    ("title", Text, "r.title"),
    ("level", Text, LEVEL),
    ("team", Text, TEAM),
    ("state", Text, STATE),
    ("outcome", Text, OUTCOME),
    ("acknowledged", Time, ACKNOWLEDGED),
    ("closed", Time, CLOSED),
    (
        "alerts",
        Number,
        "(SELECT count(*) FROM moves i WHERE i.what = 'incident' AND i.number = d.id AND i.at <= {valid} \
         AND i.known <= {known} AND NOT EXISTS (SELECT 1 FROM moves l WHERE l.about = i.about AND l.what = 'incident' \
         AND l.id > i.id AND l.at <= {valid} AND l.known <= {known}))"
    ),
);

const CONTROL: &[Column] = decided!((
    "hidden",
    Number,
    "CAST(coalesce((SELECT sum(t.firings) FROM decisions s JOIN tallies t ON t.about = s.id WHERE s.control = d.id \
     AND s.kind = 'suppression' AND t.first <= {valid} AND t.known <= {known}), 0) AS BIGINT)"
),);

/// How a finding looked last, to whom the row is from.
macro_rules! look {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM details d WHERE d.finding = n.id AND d.origin = h.origin AND d.dataset = h.dataset \
             AND d.at <= {valid} AND d.known <= {known} ORDER BY d.at DESC, d.id DESC LIMIT 1)"
        )
    };
}

/// The scan of the stream of an observation, which was at its time.
macro_rules! scan_of {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM scans s WHERE s.entity = n.entity AND s.dataset = b.dataset AND s.origin = b.origin AND s.at = b.at \
             AND s.late = 0 ORDER BY s.id DESC LIMIT 1)"
        )
    };
}

/// Where a finding that is there stands: it had been gone, or the newest scan of whom the row is from saw it first.
const FOUND_STATE: &str = "CASE WHEN EXISTS (SELECT 1 FROM observations x WHERE x.about = n.id AND x.class = 2 \
     AND x.ended = 1 AND x.origin = h.origin AND x.dataset = h.dataset AND x.at <= {valid} AND x.known <= {known}) \
     THEN 'back' WHEN h.at = (SELECT max(s.at) FROM scans s WHERE s.entity = n.entity AND s.dataset = h.dataset \
     AND s.origin = h.origin AND s.late = 0 AND s.at <= {valid} AND s.known <= {known}) THEN 'new' ELSE 'open' END";

/// An expression of a column as of two times.
pub(crate) fn as_of(text: &str, times: &AsOf) -> String {
    text.replace("{moved}", "m.about = d.id AND m.at <= {valid} AND m.known <= {known}")
        .replace("{tallied}", "t.about = d.id AND t.first <= {valid} AND t.known <= {known}")
        // Numbers, so that they may stand where they are.
        .replace("{valid}", &times.valid.max(-Nanos::MAX).to_string())
        .replace("{known}", &times.known.max(-Nanos::MAX).to_string())
}

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
            ("seen", Time, "h.at"),
            ("until", Time, "h.until"),
            ("attributes", Merged, "h.attributes"),
        ],
        from: Rows::Held(
            Class::Entity,
            "(SELECT h.about, max(h.at) AS at, max(h.until) AS until, \
             string_agg(h.origin || ' ' || b.attributes, '\n') AS attributes FROM held h \
             JOIN observations b ON b.id = h.last GROUP BY h.about) h JOIN entities e ON e.id = h.about",
        ),
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
            ("dataset", Text, "h.dataset"),
            ("attributes", Text, "b.attributes"),
        ],
        from: Rows::Held(
            Class::Relation,
            "held h JOIN relations r ON r.id = h.about JOIN entities f ON f.id = r.source \
             JOIN entities t ON t.id = r.target JOIN observations b ON b.id = h.last",
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
            ("dataset", Text, "h.dataset"),
            ("evidence", Text, "n.evidence"),
            ("state", Text, FOUND_STATE),
            ("message", Text, look!("d.message")),
            ("path", Text, look!("d.path")),
            ("line", Number, look!("d.line")),
            ("owners", Text, look!("d.owners")),
            ("suppressed", Text, look!("CASE WHEN d.hidden_until > {valid} THEN d.hidden END")),
            ("suppressed_until", Time, look!("d.hidden_until")),
            ("waiver", Number, WAIVER),
        ],
        from: Rows::Held(
            Class::Finding,
            "held h JOIN findings n ON n.id = h.about LEFT JOIN entities e ON e.id = n.entity",
        ),
    },
    Table {
        name: "finding_history",
        columns: &[
            ("id", Number, "b.id"),
            ("at", Time, "b.at"),
            ("known", Time, "b.known"),
            ("finding", Number, "b.about"),
            ("ended", Number, "b.ended"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("rule", Text, "n.rule"),
            ("severity", Text, "n.severity"),
            ("title", Text, "n.title"),
            ("place", Text, "n.place"),
            ("fingerprint", Text, "n.fingerprint"),
            ("origin", Text, "b.origin"),
            ("dataset", Text, "b.dataset"),
            ("commit", Text, scan_of!("s.revision")),
            ("branch", Text, scan_of!("s.branch")),
            ("version", Text, scan_of!("s.version")),
        ],
        from: Rows::Told(
            "observations b JOIN findings n ON n.id = b.about AND b.class IN (2, 3) \
             LEFT JOIN entities e ON e.id = n.entity",
        ),
    },
    Table {
        name: "scans",
        columns: &[
            ("id", Number, "s.id"),
            ("at", Time, "s.at"),
            ("known", Time, "s.known"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("tool", Text, "s.tool"),
            ("tool_version", Text, "s.tool_version"),
            ("category", Text, "s.category"),
            ("branch", Text, "s.branch"),
            ("commit", Text, "s.revision"),
            ("version", Text, "s.version"),
            ("pipeline", Text, "s.pipeline"),
            ("complete", Number, "s.complete"),
            ("late", Number, "s.late"),
            ("found", Number, "s.found"),
            ("opened", Number, "s.opened"),
            ("fixed", Number, "s.fixed"),
            ("back", Number, "s.back"),
            ("origin", Text, "s.origin"),
            ("dataset", Text, "s.dataset"),
        ],
        from: Rows::Told("scans s JOIN entities e ON e.id = s.entity"),
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
            ("dataset", Text, "b.dataset"),
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
            ("dataset", Text, "c.dataset"),
            ("attributes", Text, "c.attributes"),
        ],
        from: Rows::Told("changes c JOIN entities e ON e.id = c.entity"),
    },
    Table {
        name: "owners",
        columns: &[
            ("entity_kind", Text, ""),
            ("entity", Text, ""),
            ("layer", Text, ""),
            ("owner", Text, ""),
            ("origin", Text, ""),
            ("since", Time, ""),
            ("conflict", Number, ""),
            ("reason", Text, ""),
        ],
        from: Rows::Owners,
    },
    decisions("decisions", ""),
    Table { name: "alerts", columns: ALERT, from: Rows::Raised("alert") },
    Table { name: "incidents", columns: INCIDENT, from: Rows::Raised("incident") },
    Table { name: "controls", columns: CONTROL, from: Rows::Raised("control") },
    decisions("verdicts", "verdict"),
    decisions("answers", "answer"),
    decisions("exceptions", "exception"),
    decisions("lockdowns", "lockdown"),
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
