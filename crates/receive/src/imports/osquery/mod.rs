//! Results of osquery: its result log, as differences and as snapshots, and what `osqueryi --json` prints.
//!
//! A snapshot is a moment: what it shows holds for a day, unless it is seen again. A difference says what was added,
//! which holds until it is said to be removed. Of the snapshots of one query and host the last counts.

mod facts;
mod tables;
#[cfg(test)]
mod tests;

pub use tables::names_a_table;

use super::draft::{Draft, text};
use super::limits::MAX_DOCUMENT_FACTS;
use super::{ImportError, Imported, Reading, json};
use crate::lines::time;
use facts::Hosts;
use model::{EntityRef, Nanos, entity};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use tables::{Row, table_of};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Added,
    Removed,
    Listed,
}

/// One record of the result log.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'t> {
    name: Option<String>,
    host_identifier: Option<String>,
    #[serde(borrow)]
    unix_time: Option<&'t RawValue>,
    action: Option<String>,
    #[serde(borrow)]
    columns: Option<&'t RawValue>,
    #[serde(borrow)]
    snapshot: Option<&'t RawValue>,
    #[serde(borrow)]
    diff_results: Option<&'t RawValue>,
    #[serde(default)]
    decorations: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct Differences<'t> {
    #[serde(borrow)]
    added: Option<&'t RawValue>,
    #[serde(borrow)]
    removed: Option<&'t RawValue>,
}

/// Rows of one query and host.
struct Rows<'t> {
    host: EntityRef,
    query: String,
    at: Nanos,
    how: How,
    rows: Vec<&'t RawValue>,
}

struct Results<'t, 'r> {
    source: json::Source<'t>,
    draft: Draft<'r>,
    all: Vec<Rows<'t>>,
    count: usize,
}

pub fn read(text: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    let draft = Draft::new("osquery", reading);
    let mut results = Results { source: json::Source::new(text), draft, all: Vec::new(), count: 0 };
    let mut stream = json::Stream::new(text);
    while let Some(value) = stream.next(reading) {
        let value = value?;
        if value.get().starts_with('[') {
            results.array(value)?;
        } else {
            results.record(value)?;
        }
    }
    results.finish()
}

impl<'t> Results<'t, '_> {
    /// Rows as `osqueryi --json` prints them, or records that something gathered in a list.
    fn array(&mut self, value: &'t RawValue) -> Result<(), ImportError> {
        let reading = self.draft.reading;
        let items = self.source.items(value, reading)?;
        let Some(first) = items.first() else { return Ok(()) };
        let first: Row = self.source.parse(first, reading)?;
        if ["columns", "snapshot", "diffResults"].iter().any(|member| first.contains_key(*member)) {
            return items.into_iter().try_for_each(|item| self.record(item));
        }
        let Some(host) = reading.subject.filter(|subject| subject.kind == "host") else {
            let reason = "rows alone do not say which host they are from: name it, such as --subject host:web-1";
            return Err(reading.refuse(reason));
        };
        let name = reading.name.rsplit(['/', '\\']).next().unwrap_or(reading.name);
        self.add(host.clone(), name.to_owned(), reading.at, How::Listed, items)
    }

    fn record(&mut self, value: &'t RawValue) -> Result<(), ImportError> {
        let reading = self.draft.reading;
        let record: Record<'t> = self.source.parse(value, reading)?;
        let Some(query) = record.name.clone() else {
            self.draft.count("records have no name of a query and are not read");
            return Ok(());
        };
        let host = self.host(&record, value)?;
        let at = match record.unix_time {
            Some(raw) => {
                let at = time::parse(raw.get().trim_matches('"'));
                at.ok_or_else(|| reading.refuse_at(self.source.place(raw), "unixTime is no time"))?
            }
            None => reading.at,
        };
        if let Some(rows) = record.snapshot {
            let rows = self.source.items(rows, reading)?;
            return self.add(host, query, at, How::Listed, rows);
        }
        if let Some(differences) = record.diff_results {
            let differences: Differences<'t> = self.source.parse(differences, reading)?;
            for (how, rows) in [(How::Removed, differences.removed), (How::Added, differences.added)] {
                if let Some(rows) = rows {
                    let rows = self.source.items(rows, reading)?;
                    self.add(host.clone(), query.clone(), at, how, rows)?;
                }
            }
            return Ok(());
        }
        let how = match record.action.as_deref() {
            Some("added") => How::Added,
            Some("removed") => How::Removed,
            _ => {
                return Err(
                    reading.refuse_at(self.source.place(value), "a record has the action added, removed or snapshot")
                );
            }
        };
        let columns =
            record.columns.ok_or_else(|| reading.refuse_at(self.source.place(value), "a record has columns"))?;
        self.add(host, query, at, how, vec![columns])
    }

    /// The host by its name, which a decoration may tell when the identifier is a number.
    fn host(&mut self, record: &Record<'t>, value: &'t RawValue) -> Result<EntityRef, ImportError> {
        let reading = self.draft.reading;
        let decoration = |name: &str| record.decorations.as_ref()?.get(name)?.as_str();
        let name = decoration("hostname").or(decoration("host_name")).or(record.host_identifier.as_deref());
        match (name.map(str::trim).filter(|name| !name.is_empty()), reading.subject) {
            (Some(name), _) => self.draft.entity(entity::host(name), Some(self.source.place(value))),
            (None, Some(subject)) if subject.kind == "host" => Ok(subject.clone()),
            _ => Err(reading
                .refuse_at(self.source.place(value), "this record has no hostIdentifier: give --subject host:NAME")),
        }
    }

    fn add(
        &mut self,
        host: EntityRef,
        query: String,
        at: Nanos,
        how: How,
        rows: Vec<&'t RawValue>,
    ) -> Result<(), ImportError> {
        self.count += rows.len();
        if self.count > MAX_DOCUMENT_FACTS {
            let reason = format!("more than {MAX_DOCUMENT_FACTS} rows (MAX_DOCUMENT_FACTS): split the file");
            return Err(self.draft.reading.refuse(reason));
        }
        self.all.push(Rows { host, query, at, how, rows });
        Ok(())
    }

    fn finish(mut self) -> Result<Imported, ImportError> {
        let mut last: HashMap<(EntityRef, String), usize> = HashMap::new();
        for (index, rows) in self.all.iter().enumerate().filter(|(_, rows)| rows.how == How::Listed) {
            let newest = last.entry((rows.host.clone(), rows.query.clone())).or_insert(index);
            if self.all[*newest].at <= rows.at {
                *newest = index;
            }
        }
        let mut hosts = Hosts::default();
        for (index, rows) in self.all.iter().enumerate() {
            if rows.how == How::Listed && last.get(&(rows.host.clone(), rows.query.clone())) != Some(&index) {
                self.draft.count("snapshots are older than another of the same query and host");
                continue;
            }
            hosts.saw(&rows.host, rows.at);
            for raw in &rows.rows {
                let row: Row = self.source.parse(raw, self.draft.reading)?;
                match table_of(&rows.query, &row) {
                    Some(table) => hosts.row(&rows.host, table, &row, rows.at, rows.how),
                    None => self
                        .draft
                        .count(&format!("rows of the query {} are from no table that is read", text(&rows.query))),
                }
            }
        }
        hosts.facts(&mut self.draft);
        self.draft.finish()
    }
}
