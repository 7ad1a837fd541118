//! Removes matching events for good: files, sidecars, log. Offline, so that nothing else holds them.

use crate::config::Config;
use crate::segment::Segment;
use crate::state::now as clock;
use crate::store::Store;
use crate::{filenames, maintain, merge};
use anyhow::{Context as _, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{BooleanArray, RecordBatch};
use model::columns::name;
use model::{Table, hex};
use query::{Expr, Filter};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;

/// What was erased.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EraseReport {
    /// When, nanoseconds since 1970.
    pub at: i64,
    /// Rows removed.
    pub rows: u64,
    /// Files written again without them.
    pub files: u64,
    /// SHA-256 of the query: the query itself may name what must be forgotten.
    pub query_sha256: String,
    /// Files in the quarantine, which nothing can read and which therefore were not touched.
    pub quarantined_files: u64,
    /// Tables that the condition cannot be asked of: nothing there was looked at.
    pub skipped_tables: Vec<&'static str>,
    /// Of the events that were watched, those that were removed: there may be copies elsewhere.
    #[serde(skip)]
    pub watched: HashSet<u64>,
}

/// Erases the events that match, in one table or in all. The folder must not be in use. Of those that are watched, by
/// their ids, it says which are gone.
pub async fn erase(
    config: Config,
    table: Option<Table>,
    query: &Expr,
    watched: HashSet<u64>,
    now: i64,
) -> Result<EraseReport> {
    let root = config.data_dir.clone();
    let store = Store::open(config).await?;
    let result = erase_open(&store, table, query, Arc::new(watched), now).await;
    store.close().await?;
    let mut report = result?;
    report.at = clock();
    report.query_sha256 = hex::encode(&Sha256::digest(query.to_string().as_bytes()));
    report.quarantined_files = std::fs::read_dir(filenames::quarantine_dir(&root)).map_or(0, |dir| dir.count() as u64);
    let mut file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(filenames::erasures(&root))
        .context("the erasure was done but cannot be recorded")?;
    writeln!(file, "{}", serde_json::to_string(&report)?)?;
    file.sync_all()?;
    Ok(report)
}

async fn erase_open(
    store: &Store,
    table: Option<Table>,
    query: &Expr,
    watched: Arc<HashSet<u64>>,
    now: i64,
) -> Result<EraseReport> {
    // What is in files is no longer in memory, and the log behind it is cut.
    store.flush().await?;
    let mut report = EraseReport::default();
    let tables = table.map_or_else(|| Table::ALL.to_vec(), |table| vec![table]);
    let mut filters = Vec::new();
    let mut refused = None;
    for table in tables {
        match Filter::compile(query, table, now) {
            Ok(filter) => filters.push((table, Arc::new(filter))),
            Err(error) => {
                report.skipped_tables.push(table.name());
                refused = Some(error);
            }
        }
    }
    if let (true, Some(error)) = (filters.is_empty(), refused) {
        return Err(error.into());
    }
    for (table, filter) in filters {
        let mut left: Vec<Arc<Segment>> = store.parts.shared.pin(table).files.to_vec();
        while let Some(file) = left.pop() {
            let (root, input, filter) = (store.parts.shared.config.data_dir.clone(), file.clone(), filter.clone());
            let watched = watched.clone();
            let rewritten =
                tokio::task::spawn_blocking(move || rewrite(&root, table, &input, &filter, &watched)).await??;
            if let Some((rows, gone, new)) = rewritten {
                if !maintain::replace(&store.parts, table, std::slice::from_ref(&file), new).await? {
                    // A merge was quicker: its result is looked at from the start.
                    left = store.parts.shared.pin(table).files.to_vec();
                    continue;
                }
                report.rows += rows;
                report.files += 1;
                report.watched.extend(gone);
            }
        }
    }
    Ok(report)
}

/// How many rows match, those of them that are watched, and the file without them.
type Rewritten = (u64, Vec<u64>, Vec<Arc<Segment>>);

/// The file without the matching rows; `None` when none match.
fn rewrite(
    root: &std::path::Path,
    table: Table,
    input: &Arc<Segment>,
    filter: &Filter,
    watched: &HashSet<u64>,
) -> Result<Option<Rewritten>> {
    let (mut erased, mut gone) = (0, Vec::new());
    for row_group in 0..input.meta.row_groups.len() {
        for batch in merge::read(input, row_group)? {
            let matches = filter.matches(&batch);
            erased += matches.true_count() as u64;
            if let Some(ids) = batch.column_by_name(name::EVENT_ID).filter(|_| !watched.is_empty()) {
                let ids = ids.as_primitive::<UInt64Type>();
                let rows = (0..batch.num_rows()).filter(|row| matches.value(*row));
                gone.extend(rows.map(|row| ids.value(row)).filter(|id| watched.contains(id)));
            }
        }
    }
    if erased == 0 {
        return Ok(None);
    }
    let kept = |batch: RecordBatch| {
        let keep = BooleanArray::new(!filter.matches(&batch).values(), None);
        Ok(arrow_select::filter::filter_record_batch(&batch, &keep)?)
    };
    let rows = |row_group| merge::read(input, row_group)?.into_iter().map(kept).collect();
    let new = merge::rewrite(root, table, &input.meta, rows)?;
    Ok(Some((erased, gone, new.into_iter().collect())))
}
