//! Streams: what a dataset, service and source together have sent, and when they were last asked for.
//!
//! Kept in `streams.json`, written now and then: a crash loses some counts, never events.

use crate::limits::MAX_STREAMS;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch, StringViewArray};
use model::columns::name;
use model::{EventBatch, Table};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// File in the data folder.
pub const STREAMS_FILE: &str = "streams.json";

/// One stream in numbers.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Stream {
    /// Dataset.
    pub dataset: String,
    /// `service.name`, empty when there is none.
    pub service: String,
    /// Door.
    pub source: String,
    /// Rows received.
    pub rows: u64,
    /// Bytes received, each request's shared out by its rows.
    pub bytes: u64,
    /// When something was last received, nanoseconds since 1970.
    pub last_received: i64,
    /// When a question last found rows of it.
    pub last_query: Option<i64>,
    /// Tables it has sent to.
    pub tables: Vec<String>,
}

type Key = (String, String, String);

/// All streams.
pub struct Streams {
    path: PathBuf,
    streams: Mutex<HashMap<Key, Stream>>,
    changed: AtomicBool,
}

impl Streams {
    /// Those of the data folder; none when the file is absent or damaged, since they are only counts.
    pub fn load(data_dir: &Path) -> Self {
        let path = data_dir.join(STREAMS_FILE);
        let read = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Vec<Stream>>(&bytes).ok());
        let keyed = |stream: Stream| ((stream.dataset.clone(), stream.service.clone(), stream.source.clone()), stream);
        let streams = read.unwrap_or_default().into_iter().take(MAX_STREAMS).map(keyed).collect();
        Self { path, streams: Mutex::new(streams), changed: AtomicBool::new(false) }
    }

    /// Counts what a request brought.
    pub fn received(&self, batches: &[(Table, Vec<Run>)], dataset: &str, source: &str, bytes: usize, now: i64) {
        let all: usize = batches.iter().flat_map(|(_, runs)| runs).map(|run| run.rows).sum();
        if all == 0 {
            return;
        }
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        for (table, runs) in batches {
            for run in runs {
                let mut key = (dataset.to_owned(), run.service.clone(), source.to_owned());
                if streams.len() >= MAX_STREAMS && !streams.contains_key(&key) {
                    key.1 = "(other)".to_owned();
                }
                let stream = streams.entry(key.clone()).or_insert_with(|| Stream {
                    dataset: key.0,
                    service: key.1,
                    source: key.2,
                    ..Stream::default()
                });
                stream.rows += run.rows as u64;
                stream.bytes += (bytes as u128 * run.rows as u128 / all as u128) as u64;
                stream.last_received = now;
                if !stream.tables.iter().any(|known| known == table.name()) {
                    stream.tables.push(table.name().to_owned());
                }
            }
        }
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Marks the streams of rows that were found.
    pub fn found(&self, rows: &RecordBatch, now: i64) {
        let column = |name: &str| rows.column_by_name(name).and_then(|column| column.as_string_view_opt());
        let (Some(datasets), Some(sources)) = (column(name::DATASET), column(name::SOURCE)) else { return };
        let services = column(name::SERVICE_NAME);
        let text = |column: Option<&StringViewArray>, row: usize| {
            column.filter(|column| column.is_valid(row)).map_or("", |column| column.value(row)).to_owned()
        };
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = None;
        for row in 0..rows.num_rows() {
            let key = (text(Some(datasets), row), text(services, row), text(Some(sources), row));
            if last.as_ref() == Some(&key) {
                continue;
            }
            if let Some(stream) = streams.get_mut(&key) {
                stream.last_query = Some(now);
            }
            last = Some(key);
        }
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Marks all streams of the tables that a SQL statement names.
    pub fn asked(&self, sql: &str, now: i64) {
        let sql = sql.to_ascii_lowercase();
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in
            streams.values_mut().filter(|stream| stream.tables.iter().any(|table| sql.contains(table.as_str())))
        {
            stream.last_query = Some(now);
        }
        self.changed.store(true, Ordering::Relaxed);
    }

    /// All of them, the largest first.
    pub fn list(&self) -> Vec<Stream> {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<Stream> = streams.values().cloned().collect();
        list.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.service.cmp(&b.service)));
        list
    }

    /// Writes them down when they changed; replaced as a whole, so that a crash leaves one or the other.
    pub fn save(&self) -> std::io::Result<()> {
        if !self.changed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let temporary = self.path.with_extension("json.tmp");
        std::fs::write(&temporary, serde_json::to_vec(&self.list())?)?;
        std::fs::rename(temporary, &self.path)
    }
}

/// Rows of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// `service.name` or empty.
    pub service: String,
    /// How many.
    pub rows: usize,
}

/// Rows by service. Rows of a service mostly follow each other, so only changes cost a look-up.
pub fn runs(batch: &EventBatch) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let column = batch.rows.column_by_name(name::SERVICE_NAME).and_then(|column| column.as_string_view_opt());
    let Some(column) = column else { return vec![Run { service: String::new(), rows: batch.len() }] };
    let value = |row: usize| if column.is_valid(row) { column.value(row) } else { "" };
    let mut start = 0;
    for row in 1..=column.len() {
        if row < column.len() && same(column, row - 1, row) {
            continue;
        }
        let known = |name: &str| runs.iter().position(|run: &Run| run.service == name);
        // Beyond this many services in one batch the rest is one stream, so that a batch costs linear time.
        let service = match known(value(start)) {
            None if runs.len() >= 64 => "(other)",
            _ => value(start),
        };
        match known(service) {
            Some(at) => runs[at].rows += row - start,
            None => runs.push(Run { service: service.to_owned(), rows: row - start }),
        }
        start = row;
    }
    runs
}

fn same(column: &StringViewArray, a: usize, b: usize) -> bool {
    column.is_valid(a) == column.is_valid(b)
        && (column.views()[a] == column.views()[b] || column.is_null(a) || column.value(a) == column.value(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let streams = Streams::load(folder.path());
        let runs = vec![Run { service: "a".into(), rows: 1 }, Run { service: "b".into(), rows: 3 }];
        streams.received(&[(Table::Logs, runs)], "default", "otlp", 400, 7);
        streams.asked("SELECT count(*) FROM logs", 9);
        streams.save().unwrap();
        let again = Streams::load(folder.path()).list();
        assert_eq!(again, streams.list());
        assert_eq!((again[0].service.as_str(), again[0].rows, again[0].bytes), ("b", 3, 300));
        assert_eq!(again[1].last_query, Some(9));
    }
}
