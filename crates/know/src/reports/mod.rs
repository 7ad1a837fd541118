//! What all reports have in common: where they look, and how they answer.

mod growth;
mod running;

pub use growth::{Engineers, Growth, SURFACE_FACTOR, Surface, growth, services_per_engineer, surface};
pub use running::{External, Image, Socket, external, images, sockets};

use crate::limits::{MAX_ROWS, MAX_SCAN_BYTES};
use anyhow::{Context as _, Result};
use chrono::{DateTime, SecondsFormat};
use ledger::{AsOf, Cell, Ledger, Owner, Scan, Table};
use model::{EntityRef, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// A report: rows, how many there are, and what it was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Report<R> {
    /// Its name.
    pub report: &'static str,
    /// The time that it is about.
    pub at: String,
    /// As it was known at a time; nothing for all that is known.
    pub known: Option<String>,
    /// How many rows there are, shown or not.
    pub count: usize,
    /// Whether there are more rows than are shown.
    pub truncated: bool,
    /// Sums and percentages over all rows.
    pub totals: BTreeMap<&'static str, f64>,
    /// What it was computed from.
    pub from: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<R>,
}

impl<R> Report<R> {
    /// A report of rows that are in order already.
    pub(crate) fn new(report: &'static str, as_of: &AsOf, from: &[&'static str], mut rows: Vec<R>) -> Report<R> {
        let count = rows.len();
        rows.truncate(MAX_ROWS);
        Report {
            report,
            at: time(as_of.valid),
            known: (as_of.known != Nanos::MAX).then(|| time(as_of.known)),
            count,
            truncated: count > MAX_ROWS,
            totals: BTreeMap::new(),
            from: from.to_vec(),
            rows,
        }
    }

    pub(crate) fn total(mut self, name: &'static str, value: f64) -> Report<R> {
        self.totals.insert(name, value);
        self
    }
}

/// RFC 3339, in UTC.
pub(crate) fn time(nanos: Nanos) -> String {
    DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A time until which something holds; nothing when only its end says so.
pub(crate) fn until(nanos: Nanos) -> Option<String> {
    (nanos != Nanos::MAX).then(|| time(nanos))
}

/// A share of hundred, with one digit.
pub(crate) fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 * 1000.0 / whole as f64).round() / 10.0 }
}

/// Something that was there.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub id: i64,
    pub entity: EntityRef,
    pub seen: Nanos,
    pub until: Nanos,
    pub attributes: Map<String, Value>,
}

impl Thing {
    /// An attribute that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// Whether an attribute says something.
    pub fn has(&self, name: &str) -> bool {
        match self.attributes.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        }
    }

    /// The tables that its telemetry goes to.
    pub fn sends(&self) -> Vec<String> {
        let signals = self.attributes.get(crate::telemetry::SIGNALS).and_then(Value::as_array);
        signals.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// Columns of a table, by their names.
pub(crate) async fn scan(
    ledger: &Ledger,
    table: &str,
    columns: &[&str],
    equal: &[(&str, &str)],
    as_of: &AsOf,
) -> Result<Vec<Vec<Cell>>> {
    let table = Table::named(table).with_context(|| format!("the ledger has no table {table}"))?;
    let place = |name: &str| {
        let found = table.columns.iter().position(|column| column.0 == name);
        found.with_context(|| format!("{} has no column {name}", table.name))
    };
    let columns = columns.iter().map(|name| place(name)).collect::<Result<Vec<_>>>()?;
    let filter = |(name, value): &(&str, &str)| Ok((place(name)?, (*value).to_owned()));
    let equal = equal.iter().map(filter).collect::<Result<Vec<_>>>()?;
    let scan = Scan { columns, equal, as_of: as_of.clone(), limit: None, bytes: MAX_SCAN_BYTES };
    ledger.scan(table, &scan).await.with_context(|| format!("cannot read {}", table.name))
}

pub(crate) fn text(cell: Option<Cell>) -> String {
    if let Some(Cell::Text(text)) = cell { text } else { String::new() }
}

pub(crate) fn number(cell: Option<Cell>) -> i64 {
    if let Some(Cell::Number(number)) = cell { number } else { 0 }
}

pub(crate) fn object(cell: Option<Cell>) -> Map<String, Value> {
    serde_json::from_str(&text(cell)).unwrap_or_default()
}

/// What was there, of a kind or of all, by name.
pub(crate) async fn things(ledger: &Ledger, as_of: &AsOf, kind: Option<&str>) -> Result<Vec<Thing>> {
    let columns = ["id", "kind", "entity", "seen", "until", "attributes"];
    let equal: Vec<(&str, &str)> = kind.iter().map(|kind| ("kind", *kind)).collect();
    let mut all = Vec::new();
    for row in scan(ledger, "entities", &columns, &equal, as_of).await? {
        let mut row = row.into_iter();
        let id = number(row.next());
        let entity = EntityRef { kind: text(row.next()), key: text(row.next()) };
        let seen = number(row.next());
        // Nothing stands for what only its end ends.
        let until = match row.next() {
            Some(Cell::Number(until)) => until,
            _ => Nanos::MAX,
        };
        all.push(Thing { id, entity, seen, until, attributes: object(row.next()) });
    }
    all.sort_by(|a, b| a.entity.cmp(&b.entity));
    Ok(all)
}

/// A relation that held.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub id: i64,
    pub from: EntityRef,
    pub to: EntityRef,
    pub layer: String,
    pub attributes: Map<String, Value>,
}

/// Relations of a kind.
pub(crate) async fn relations(ledger: &Ledger, as_of: &AsOf, kind: &str) -> Result<Vec<Held>> {
    let columns = ["id", "from_kind", "from_entity", "to_kind", "to_entity", "layer", "attributes"];
    let mut all = Vec::new();
    for row in scan(ledger, "relations", &columns, &[("kind", kind)], as_of).await? {
        let mut row = row.into_iter();
        let id = number(row.next());
        let from = EntityRef { kind: text(row.next()), key: text(row.next()) };
        let to = EntityRef { kind: text(row.next()), key: text(row.next()) };
        let layer = text(row.next());
        all.push(Held { id, from, to, layer, attributes: object(row.next()) });
    }
    Ok(all)
}

/// Times of the changes of a kind, until the time asked for.
pub(crate) async fn change_times(ledger: &Ledger, as_of: &AsOf, kind: &str) -> Result<Vec<Nanos>> {
    let rows = scan(ledger, "changes", &["at"], &[("kind", kind)], as_of).await?;
    Ok(rows.into_iter().map(|row| number(row.into_iter().next())).collect())
}

/// Open findings of a rule and source: entity and fingerprint.
pub async fn findings(
    ledger: &Ledger,
    as_of: &AsOf,
    rule: &str,
    origin: &str,
) -> Result<Vec<(Option<EntityRef>, String)>> {
    let columns = ["entity_kind", "entity", "fingerprint", "origin"];
    let mut all = Vec::new();
    for row in scan(ledger, "findings", &columns, &[("rule", rule)], as_of).await? {
        let mut row = row.into_iter();
        let entity = EntityRef { kind: text(row.next()), key: text(row.next()) };
        let fingerprint = text(row.next());
        if text(row.next()) == origin {
            all.push((Some(entity).filter(|entity| !entity.kind.is_empty()), fingerprint));
        }
    }
    Ok(all)
}

/// Owners, all that there are.
pub(crate) struct Owners(HashMap<EntityRef, Vec<Owner>>);

impl Owners {
    /// Asks for all of them at once.
    pub async fn read(ledger: &Ledger, as_of: &AsOf) -> Result<Owners> {
        let mut all: HashMap<EntityRef, Vec<Owner>> = HashMap::new();
        for owner in ledger.owners(as_of, None).await? {
            all.entry(owner.entity.clone()).or_default().push(owner);
        }
        Ok(Owners(all))
    }

    /// Who owns the whole of something; else who owns a layer of it.
    pub fn of(&self, entity: &EntityRef) -> Option<&Owner> {
        let owners = self.0.get(entity)?;
        owners.iter().find(|owner| owner.layer.is_empty()).or_else(|| owners.first())
    }

    /// Who owns a layer of something; the whole is the empty layer.
    pub fn layer(&self, entity: &EntityRef, layer: &str) -> Option<&Owner> {
        self.0.get(entity)?.iter().find(|owner| owner.layer == layer)
    }

    /// The name of who owns the whole.
    pub fn name(&self, entity: &EntityRef) -> Option<String> {
        self.of(entity).map(|owner| owner.owner.key.clone())
    }
}
