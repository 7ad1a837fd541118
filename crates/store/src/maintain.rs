//! What happens beside the requests: flush, merge, retention. Whoever changes the files of a table holds the catalog
//! from before it looks at them until the change is shown: flushes, backups and erasures come from requests too.

use crate::catalog::Change;
use crate::limits::{
    FLUSH_BYTES, FLUSH_RETRY, MAINTENANCE_INTERVAL, MAX_ROW_GROUPS, MERGE_FILES, MERGE_RETRY, RETRY_WINDOW,
    ROW_GROUP_ROWS, SCRUB_BYTES,
};
use crate::merge;
use crate::open::quarantine_segment;
use crate::segment::writer::{Source, write_days};
use crate::segment::{Segment, union};
use crate::state::{Shared, now};
use crate::store::Parts;
use anyhow::{Context as _, Result};
use arrow_array::RecordBatch;
use arrow_schema::DataType;
use model::Table;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Instant;

/// Runs until the store is gone.
pub(crate) async fn run(parts: Weak<Parts>, shared: Arc<Shared>) {
    let (mut not_before, mut merge_not_before) = (Instant::now(), Instant::now());
    if let Some(parts) = parts.upgrade() {
        scrub(&parts).await;
        shared.wake.notify_one();
    }
    loop {
        let _ = tokio::time::timeout(MAINTENANCE_INTERVAL, shared.wake.notified()).await;
        let Some(parts) = parts.upgrade() else { return };
        if shared.config.read_only || Instant::now() < not_before {
            continue;
        }
        if let Err(error) = round(&parts).await {
            tracing::error!(error = format!("{error:#}"), "maintenance failed; it is tried again");
            not_before = Instant::now() + FLUSH_RETRY;
        }
        // Files that cannot be merged must not hold up the flushes.
        if Instant::now() >= merge_not_before
            && let Err(error) = compact_once(&parts).await
        {
            tracing::error!(error = format!("{error:#}"), "files could not be merged; it is tried again");
            merge_not_before = Instant::now() + MERGE_RETRY;
        }
    }
}

async fn round(parts: &Arc<Parts>) -> Result<()> {
    while let Some(table) = due(&parts.shared) {
        flush(parts, table).await?;
    }
    drop_damaged(parts).await?;
    expire(parts, now()).await?;
    // Last, because it needs room on the disk: where there is none, the others must go on.
    repair_indexes(parts).await
}

/// The table that should be flushed next.
fn due(shared: &Shared) -> Option<Table> {
    let mut inner = shared.lock();
    let log_full = inner.log_bytes > shared.config.log_bytes;
    let total = inner.memory_bytes();
    let crowded = total > shared.config.memory_bytes / 2;
    let biggest = Table::ALL.into_iter().max_by_key(|table| inner.table(*table).memory.bytes)?;
    let lowest = inner.lowest_watermark();
    Table::ALL.into_iter().find(|table| {
        let state = inner.table(*table);
        let memory = &state.memory;
        let old = memory.since.is_some_and(|since| since.elapsed() > shared.config.flush_age);
        !memory.batches.is_empty()
            && (memory.bytes >= FLUSH_BYTES
                || memory.rows >= ROW_GROUP_ROWS
                || old
                || (log_full && state.watermark == lowest)
                || (crowded && *table == biggest))
    })
}

/// Flushes every table that has rows in memory.
pub(crate) async fn flush_all(parts: &Arc<Parts>) -> Result<()> {
    for table in Table::ALL {
        flush(parts, table).await?;
    }
    Ok(())
}

struct Running<'a>(&'a AtomicBool);

impl<'a> Running<'a> {
    fn start(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::Relaxed);
        Self(flag)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

async fn flush(parts: &Arc<Parts>, table: Table) -> Result<()> {
    let result = flush_table(parts, table).await;
    let counters = &parts.shared.counters;
    let counter = if result.is_ok() { &counters.flushes } else { &counters.failed_flushes };
    counter.fetch_add(1, Ordering::Relaxed);
    result
}

async fn flush_table(parts: &Arc<Parts>, table: Table) -> Result<()> {
    let shared = &parts.shared;
    let mut slot = parts.catalog.lock().await;
    let catalog = slot.as_mut().context("the store is closed")?;
    let _running = Running::start(&shared.counters.flushing);
    let (rows, after, through): (Vec<RecordBatch>, u64, u64) = {
        let mut inner = shared.lock();
        let through = inner.shown;
        let state = inner.table(table);
        (state.memory.freeze(), state.watermark, through)
    };
    if after == through {
        return Ok(());
    }
    let root = shared.config.data_dir.clone();
    let segments = if rows.is_empty() {
        Vec::new()
    } else {
        tokio::task::spawn_blocking(move || -> Result<Vec<Arc<Segment>>> {
            let source = Source {
                table,
                batches: &rows,
                after_sequence: after,
                through_sequence: through,
                replaces: Vec::new(),
            };
            let metas = write_days(&root, &source)?;
            metas.iter().map(|meta| Segment::open(&root, &meta.stem).map(Arc::new)).collect()
        })
        .await??
    };
    let (keys, watermarks) = {
        let mut inner = shared.lock();
        let keys = inner.retry.recent(inner.keys_saved);
        // Tables without rows in memory have nothing left in the log either.
        let empty =
            Table::ALL.into_iter().filter(|other| *other != table && inner.table(*other).memory.batches.is_empty());
        let empty: Vec<Table> = empty.collect();
        let shown = inner.shown;
        let mut watermarks = vec![(table, through)];
        watermarks.extend(empty.into_iter().map(|other| (other, shown)));
        (keys, watermarks)
    };
    let saved = keys.last().map(|(_, at)| *at);
    let change = Change {
        add: segments.iter().map(|segment| segment.meta.clone()).collect(),
        watermarks: watermarks.clone(),
        keys,
        forget_keys_before: Some(now().saturating_sub(RETRY_WINDOW.as_nanos() as i64)),
        ..Change::default()
    };
    if let Err(error) = catalog.apply(&change).await {
        segments.iter().for_each(|segment| segment.retire());
        return Err(error.context("the flush could not be published"));
    }
    let lowest = {
        let mut inner = shared.lock();
        let state = inner.table(table);
        let mut files = state.files.as_ref().clone();
        files.extend(segments);
        state.files = Arc::new(files);
        state.memory.drop_through(through);
        for (table, sequence) in watermarks {
            inner.table(table).watermark = sequence;
        }
        inner.keys_saved = saved.map_or(inner.keys_saved, |at| at.max(inner.keys_saved));
        inner.lowest_watermark()
    };
    let mut log = parts.log.lock().unwrap_or_else(PoisonError::into_inner);
    if shared.lock().memory_bytes() == 0 {
        log.seal(shared.last_sequence() + 1)?;
    }
    log.cut(lowest)?;
    let bytes = log.bytes();
    drop(log);
    shared.lock().log_bytes = bytes;
    Ok(())
}

/// Reads the token indexes of the newest files once after a start, so that damage is told before
/// somebody needs them.
async fn scrub(parts: &Arc<Parts>) {
    let mut files: Vec<Arc<Segment>> = Vec::new();
    for table in Table::ALL {
        files.extend(parts.shared.lock().table(table).files.iter().cloned());
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.meta.max_timestamp));
    let mut left = SCRUB_BYTES;
    files.retain(|file| {
        left = left.saturating_sub(file.index_bytes());
        left > 0
    });
    let checked = tokio::task::spawn_blocking(move || {
        for file in files {
            if let Err(error) = file.check_index() {
                tracing::error!(file = file.meta.stem, error = format!("{error:#}"), "the token index is damaged");
            }
        }
    });
    let _ = checked.await;
}

/// Writes files again whose token index is damaged; their rows are sound.
async fn repair_indexes(parts: &Arc<Parts>) -> Result<()> {
    let shared = &parts.shared;
    for table in Table::ALL {
        let files = shared.lock().table(table).files.clone();
        for file in files.iter().filter(|file| file.is_index_damaged() && !file.is_damaged()) {
            let (root, input) = (shared.config.data_dir.clone(), file.clone());
            let rewrite = move || merge::rewrite(&root, table, &input.meta, |row_group| merge::read(&input, row_group));
            let new = tokio::task::spawn_blocking(rewrite).await??;
            if !replace(parts, table, std::slice::from_ref(file), new.into_iter().collect()).await? {
                continue;
            }
            shared.counters.quarantined.fetch_add(1, Ordering::Relaxed);
            tracing::error!(file = file.meta.stem, "quarantine: a damaged token index was replaced; no row is lost");
        }
    }
    Ok(())
}

/// Takes files that a query found damaged out of the catalog and moves them aside.
async fn drop_damaged(parts: &Arc<Parts>) -> Result<()> {
    let shared = &parts.shared;
    for table in Table::ALL {
        if !shared.lock().table(table).files.iter().any(|file| file.is_damaged()) {
            continue;
        }
        let mut slot = parts.catalog.lock().await;
        let catalog = slot.as_mut().context("the store is closed")?;
        let files = shared.lock().table(table).files.clone();
        let damaged: Vec<Arc<Segment>> = files.iter().filter(|file| file.is_damaged()).cloned().collect();
        let remove: Vec<String> = damaged.iter().map(|file| file.meta.stem.clone()).collect();
        catalog.apply(&Change { remove: remove.clone(), ..Change::default() }).await?;
        shared.lock().table(table).files = Arc::new(without(&files, &remove));
        for file in damaged {
            let rows = file.meta.rows();
            quarantine_segment(&shared.config.data_dir, &file.meta.stem, &format!("damaged; it held {rows} rows"));
            shared.counters.quarantined.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

fn without(files: &[Arc<Segment>], stems: &[String]) -> Vec<Arc<Segment>> {
    files.iter().filter(|file| !stems.contains(&file.meta.stem)).cloned().collect()
}

/// Replaces files by others in one transaction. Answers `false`, and changes nothing, when one of them was
/// replaced or removed meanwhile: its rows would be there twice.
pub(crate) async fn replace(
    parts: &Arc<Parts>,
    table: Table,
    old: &[Arc<Segment>],
    new: Vec<Arc<Segment>>,
) -> Result<bool> {
    let shared = &parts.shared;
    let remove: Vec<String> = old.iter().map(|file| file.meta.stem.clone()).collect();
    let change =
        Change { add: new.iter().map(|file| file.meta.clone()).collect(), remove: remove.clone(), ..Change::default() };
    let mut slot = parts.catalog.lock().await;
    let catalog = slot.as_mut().context("the store is closed")?;
    // Whoever changes the files holds the catalog.
    let present = shared.lock().table(table).files.clone();
    if !old.iter().all(|file| present.iter().any(|other| Arc::ptr_eq(file, other))) {
        new.iter().for_each(|segment| segment.retire());
        return Ok(false);
    }
    if let Err(error) = catalog.apply(&change).await {
        new.iter().for_each(|segment| segment.retire());
        return Err(error);
    }
    let mut inner = shared.lock();
    let state = inner.table(table);
    let mut files = without(&state.files, &remove);
    files.extend(new);
    state.files = Arc::new(files);
    drop(inner);
    old.iter().for_each(|file| file.retire());
    Ok(true)
}

/// Merges files of one day when it is worthwhile; answers whether it did.
pub(crate) async fn compact_once(parts: &Arc<Parts>) -> Result<bool> {
    let shared = &parts.shared;
    for table in Table::ALL {
        let files = shared.lock().table(table).files.clone();
        let Some(old) = choose(&files) else { continue };
        let _running = Running::start(&shared.counters.compacting);
        let root = shared.config.data_dir.clone();
        let inputs = old.clone();
        let new = tokio::task::spawn_blocking(move || merge::merge(&root, table, &inputs)).await??;
        if replace(parts, table, &old, new).await? {
            shared.counters.compactions.fetch_add(1, Ordering::Relaxed);
        }
        return Ok(true);
    }
    Ok(false)
}

/// Files of one day that should become one: small ones first, then whole row groups.
fn choose(files: &[Arc<Segment>]) -> Option<Vec<Arc<Segment>>> {
    let mut days: BTreeMap<&str, Vec<&Arc<Segment>>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.is_damaged()) {
        days.entry(&file.meta.day).or_default().push(file);
    }
    for day in days.values_mut() {
        day.sort_by_key(|file| (file.meta.min_timestamp, file.meta.min_event_id));
        let small: Vec<_> = day.iter().filter(|file| file.meta.rows() < ROW_GROUP_ROWS as u64 / 2).collect();
        if small.len() >= MERGE_FILES {
            let mut rows = 0;
            let chosen: Vec<_> = small
                .into_iter()
                .take_while(|file| {
                    rows += file.meta.rows();
                    rows <= ROW_GROUP_ROWS as u64
                })
                .map(|file| Arc::clone(file))
                .collect();
            if chosen.len() >= 2 {
                return Some(chosen);
            }
        }
        let whole: Vec<_> = day
            .iter()
            .filter(|file| {
                file.meta.rows() >= ROW_GROUP_ROWS as u64 / 2 && file.meta.row_groups.len() <= MAX_ROW_GROUPS / 2
            })
            .collect();
        if whole.len() >= MERGE_FILES
            && let Some(chosen) = alike(&whole)
        {
            return Some(chosen);
        }
    }
    None
}

/// Enough files whose columns fit together, in order. An attribute that changed its type parts them.
fn alike(files: &[&&Arc<Segment>]) -> Option<Vec<Arc<Segment>>> {
    struct Group {
        fields: BTreeMap<String, DataType>,
        files: Vec<Arc<Segment>>,
        row_groups: usize,
    }
    let mut groups: Vec<Group> = Vec::new();
    for file in files {
        let Ok(schema) = file.schema() else { continue };
        let row_groups = file.meta.row_groups.len();
        let room = groups
            .iter_mut()
            .find(|group| group.row_groups + row_groups <= MAX_ROW_GROUPS && union::fits(&group.fields, &schema));
        let fields = schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone()));
        match room {
            Some(group) => {
                group.fields.extend(fields);
                group.files.push(Arc::clone(file));
                group.row_groups += row_groups;
            }
            None => {
                groups.push(Group { fields: fields.collect(), files: vec![Arc::clone(file)], row_groups });
            }
        }
    }
    groups.into_iter().map(|group| group.files).find(|files| files.len() >= MERGE_FILES)
}

/// Removes files past the retention by age or by bytes.
pub(crate) async fn expire(parts: &Arc<Parts>, now: i64) -> Result<()> {
    let shared = &parts.shared;
    let mut all: Vec<(Table, Arc<Segment>)> = Vec::new();
    for table in Table::ALL {
        all.extend(shared.lock().table(table).files.iter().map(|file| (table, file.clone())));
    }
    let mut gone: Vec<(Table, Arc<Segment>)> = Vec::new();
    if let Some(retention) = shared.config.retention {
        let oldest = now.saturating_sub(retention.as_nanos().min(i64::MAX as u128) as i64);
        let (old, kept) =
            all.into_iter().partition(|(_, file)| file.meta.max_timestamp < oldest && file.meta.max_received < oldest);
        gone = old;
        all = kept;
    }
    if let Some(limit) = shared.config.retention_bytes {
        let mut bytes: u64 = all.iter().map(|(_, file)| file.bytes()).sum();
        all.sort_by(|a, b| a.1.meta.day.cmp(&b.1.meta.day).then(a.1.meta.max_timestamp.cmp(&b.1.meta.max_timestamp)));
        for file in all {
            if bytes <= limit {
                break;
            }
            bytes -= file.1.bytes();
            gone.push(file);
        }
    }
    for table in Table::ALL {
        let old: Vec<_> = gone.iter().filter(|(of, _)| *of == table).map(|(_, file)| file.clone()).collect();
        if !old.is_empty() {
            let rows: u64 = old.iter().map(|file| file.meta.rows()).sum();
            if !replace(parts, table, &old, Vec::new()).await? {
                continue;
            }
            shared.counters.expired_files.fetch_add(old.len() as u64, Ordering::Relaxed);
            shared.counters.expired_rows.fetch_add(rows, Ordering::Relaxed);
            tracing::info!(table = table.name(), files = old.len(), rows, "removed past the retention");
        }
    }
    Ok(())
}
