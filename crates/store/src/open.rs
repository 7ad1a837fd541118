//! From a folder to a running store: lock, format, catalog, files, log.

use crate::catalog::{Catalog, Change, Loaded};
use crate::config::Config;
use crate::error::OpenError;
use crate::limits::GRANULE_ROWS;
use crate::log::replay::{Commit, replay};
use crate::memory::MemoryBatch;
use crate::segment::Segment;
use crate::segment::sidecar::{self, Meta};
use crate::state::{Inner, now};
use crate::{disk, filenames, merge};
use anyhow::{Context as _, Result};
use model::{EventId, Table};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder that is ours.
pub struct Opened {
    /// Held while the store lives.
    pub lock: Option<File>,
    /// The list of files.
    pub catalog: Catalog,
    /// Files and memory.
    pub inner: Inner,
    /// The last sequence ever used.
    pub last_sequence: u64,
    /// Log files and their bytes.
    pub log_files: Vec<(u64, u64)>,
    /// Damaged things found.
    pub quarantined: u64,
}

/// Opens a folder; creates it when it is not there.
pub async fn open(config: &Config) -> Result<Opened, OpenError> {
    let root = &config.data_dir;
    let lock = prepare(root)?;
    check_format(root)?;
    let mut quarantined = 0;
    let (mut catalog, loaded) = match Catalog::open(root, false).await {
        Ok(opened) => opened,
        Err(error) => {
            // What cannot be opened at all is not damaged.
            let path = filenames::catalog(root);
            if let Err(error) = File::options().read(true).write(true).open(&path) {
                return Err(OpenError::NotWritable { path, reason: error.to_string() });
            }
            quarantined += 1;
            quarantine_catalog(root, &error);
            Catalog::open(root, false).await?
        }
    };
    // The log is only cut behind a published flush, so a catalog that knows of none was lost; what is there then is
    // nobody's to delete.
    let oldest_in_log = oldest_in_log(root)?;
    let lost = loaded.files.is_empty() && loaded.watermarks.is_empty() && oldest_in_log > 1;
    let (loaded, unreadable) = reconcile(root, &mut catalog, loaded, oldest_in_log).await?;
    quarantined += unreadable;
    let mut inner = Inner::default();
    for (table, sequence) in &loaded.watermarks {
        inner.table(*table).watermark = *sequence;
    }
    let change = open_files(root, &loaded.files, &mut inner);
    quarantined += change.remove.len() as u64;
    if !change.remove.is_empty() {
        catalog.apply(&change).await?;
    }
    quarantined += sweep(root, &inner_stems(&mut inner), lost);
    // Senders could not try again while nothing ran, so the window starts anew.
    let opened = now();
    for key in loaded.keys {
        inner.retry.done(key, 0, opened);
    }
    let replayed = replay(root, |commit| restore_commit(&mut inner, commit, opened))?;
    quarantined += replayed.damaged - u64::from(replayed.torn_tail).min(replayed.damaged);
    let stored = Table::ALL.iter().map(|table| inner.table(*table).watermark).max().unwrap_or(0);
    let last_sequence = replayed.last_sequence.max(stored);
    inner.shown = last_sequence;
    inner.log_bytes = replayed.files.iter().map(|(_, bytes)| bytes).sum();
    Ok(Opened { lock, catalog, inner, last_sequence, log_files: replayed.files, quarantined })
}

fn prepare(root: &Path) -> Result<Option<File>, OpenError> {
    let not_writable =
        |error: std::io::Error| OpenError::NotWritable { path: root.to_owned(), reason: error.to_string() };
    // Telemetry is not for every user of the machine.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(not_writable)?;
    let mut lock = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(filenames::lock(root))
        .map_err(not_writable)?;
    if let Err(error) = lock.try_lock() {
        let mut pid = String::new();
        let _ = lock.read_to_string(&mut pid);
        return match error {
            std::fs::TryLockError::WouldBlock => {
                Err(OpenError::Locked { path: root.to_owned(), pid: pid.trim().to_owned() })
            }
            std::fs::TryLockError::Error(error) => Err(not_writable(error)),
        };
    }
    lock.set_len(0)
        .and_then(|()| lock.rewind())
        .and_then(|()| writeln!(lock, "{}", std::process::id()))
        .or_else(|error| if disk::is_full(&error) { Ok(()) } else { Err(error) })
        .map_err(not_writable)?;
    for dir in [filenames::log_dir(root), filenames::data_dir(root)] {
        std::fs::create_dir_all(dir).map_err(not_writable)?;
    }
    // Half of a rewrite that a crash ended.
    let scratch = filenames::scratch(root);
    if scratch.exists() {
        std::fs::remove_dir_all(scratch).map_err(not_writable)?;
    }
    disk::sync_dir(root)?;
    Ok(Some(lock))
}

fn check_format(root: &Path) -> Result<(), OpenError> {
    let path = filenames::format(root);
    match std::fs::read_to_string(&path) {
        Ok(text) => match text.trim().parse::<u32>() {
            Ok(version) if version <= filenames::FORMAT_VERSION => Ok(()),
            _ => Err(OpenError::NewerFormat {
                path: root.to_owned(),
                found: text.trim().chars().take(40).collect(),
                known: filenames::FORMAT_VERSION,
            }),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let temporary = path.with_extension("tmp");
            let write = || -> Result<()> {
                let mut file = File::create(&temporary)?;
                writeln!(file, "{}", filenames::FORMAT_VERSION)?;
                file.sync_all()?;
                std::fs::rename(&temporary, &path)?;
                disk::sync_dir(root)
            };
            Ok(write().context("cannot write the format file")?)
        }
        Err(error) => Err(OpenError::NotWritable { path, reason: error.to_string() }),
    }
}

/// Opens the files of the catalog; answers what has to change in it.
fn open_files(root: &Path, metas: &[Meta], inner: &mut Inner) -> Change {
    let mut change = Change::default();
    let mut files: HashMap<Table, Vec<Arc<Segment>>> = HashMap::new();
    for meta in metas {
        let Some(table) = Table::from_name(&meta.table) else { continue };
        match Segment::open(root, &meta.stem) {
            Ok(segment) => files.entry(table).or_default().push(Arc::new(segment)),
            Err(error) => {
                let reason = format!("{error:#}");
                let repaired = repair(root, table, meta);
                quarantine_segment(root, &meta.stem, &reason);
                change.remove.push(meta.stem.clone());
                match repaired {
                    Ok(segment) => {
                        change.add.extend(segment.iter().map(|segment| segment.meta.clone()));
                        files.entry(table).or_default().extend(segment);
                    }
                    Err(error) => tracing::error!(
                        file = meta.stem,
                        reason,
                        error = format!("{error:#}"),
                        "rows lost: the file cannot be read"
                    ),
                }
            }
        }
    }
    for (table, files) in files {
        inner.table(table).files = Arc::new(files);
    }
    change
}

/// Writes a file again whose sidecar is damaged or gone, when its rows can still be read.
fn repair(root: &Path, table: Table, meta: &Meta) -> Result<Option<Arc<Segment>>> {
    let file = File::open(filenames::parquet(root, &meta.stem))?;
    let footer = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    merge::rewrite(root, table, meta, |row_group| {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, footer.clone());
        let reader = reader.with_row_groups(vec![row_group]).with_batch_size(GRANULE_ROWS).build()?;
        let batches = reader.collect::<Result<Vec<_>, _>>()?;
        let (rows, wanted) = (batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), meta.row_groups[row_group]);
        anyhow::ensure!(rows == wanted as usize, "row group {row_group} has {rows} rows instead of {wanted}");
        Ok(batches)
    })
}

/// Moves both files of a segment aside.
pub fn quarantine_segment(root: &Path, stem: &str, reason: &str) {
    for path in [filenames::parquet(root, stem), filenames::sidecar(root, stem)] {
        if path.exists() {
            disk::quarantine(root, &path, reason);
        }
    }
}

fn inner_stems(inner: &mut Inner) -> HashSet<String> {
    let mut stems = HashSet::new();
    for table in Table::ALL {
        stems.extend(inner.table(table).files.iter().map(|file| file.meta.stem.clone()));
    }
    stems
}

/// Removes files that no flush published: their rows are in the log, or in the files they were to replace. Sets them aside when that cannot be known. Answers how many.
fn sweep(root: &Path, known: &HashSet<String>, lost: bool) -> u64 {
    let mut aside = 0;
    for path in all_files(&filenames::data_dir(root)) {
        let stem = path.with_extension("");
        let stem = stem.strip_prefix(root).unwrap_or(&stem).to_string_lossy();
        if known.contains(stem.as_ref()) {
            continue;
        }
        if lost {
            disk::quarantine(root, &path, "neither the catalog nor a sidecar says what it is");
            aside += 1;
        } else if std::fs::remove_file(&path).is_ok() {
            tracing::info!(file = %path.display(), "removed a file that no flush had published");
        }
    }
    aside
}

/// Every file under `data/<table>/<day>/`.
pub fn all_files(data: &Path) -> Vec<PathBuf> {
    let list = |dir: PathBuf| {
        std::fs::read_dir(dir).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()))
    };
    list(data.to_owned()).flat_map(list).flat_map(list).filter(|path| path.is_file()).collect()
}

fn restore_commit(inner: &mut Inner, commit: Commit, opened: i64) -> Result<()> {
    let mut first_row = 0;
    for (table, rows, bytes) in commit.parts {
        let count = rows.num_rows();
        let state = inner.table(table);
        if commit.sequence > state.watermark {
            state.memory.push(table, MemoryBatch::new(&rows, commit.sequence, first_row, bytes)?);
        }
        first_row += count;
    }
    for key in commit.keys {
        inner.retry.done(key, commit.sequence, opened);
    }
    Ok(())
}

fn quarantine_catalog(root: &Path, error: &anyhow::Error) {
    let path = filenames::catalog(root);
    disk::quarantine(root, &path, &format!("{error:#}"));
    for suffix in ["-wal", "-shm"] {
        let mut side = path.clone().into_os_string();
        side.push(suffix);
        if Path::new(&side).exists() {
            disk::quarantine(root, Path::new(&side), "belongs to a damaged catalog");
        }
    }
}

/// The first commit of the oldest log file; logs begin with 1.
fn oldest_in_log(root: &Path) -> Result<u64> {
    let files = std::fs::read_dir(filenames::log_dir(root)).context("cannot list the log")?;
    Ok(files.filter_map(|entry| filenames::parse_log_file(&entry.ok()?.path())).min().unwrap_or(u64::MAX))
}

/// Takes files into the catalog that it should know but does not, because it was damaged and lost its
/// last changes, or all of them.
///
/// A file whose rows are all still in the log may never have been published, so it is left to the log.
/// Any other file was published, because the log is only cut behind a published flush.
async fn reconcile(
    root: &Path,
    catalog: &mut Catalog,
    mut loaded: Loaded,
    oldest_in_log: u64,
) -> Result<(Loaded, u64)> {
    let mut unreadable = 0;
    let known: HashSet<String> = loaded.files.iter().map(|meta| meta.stem.clone()).collect();
    let mut found: Vec<Meta> = Vec::new();
    for path in all_files(&filenames::data_dir(root)) {
        let stem = path.with_extension("");
        let stem = stem.strip_prefix(root).unwrap_or(&stem).to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "idx") || known.contains(&stem) {
            continue;
        }
        match File::open(&path).map_err(anyhow::Error::from).and_then(|mut file| sidecar::read(&mut file)) {
            Ok(sidecar) => found.push(sidecar.meta),
            // Written while the power went, or damaged: no one can say whether it was published.
            Err(error) => {
                quarantine_segment(root, &stem, &format!("{error:#}"));
                unreadable += 1;
            }
        }
    }
    let replaced: HashSet<String> =
        loaded.files.iter().chain(&found).flat_map(|meta| meta.replaces.iter().cloned()).collect();
    let replaced_by_known: HashSet<String> =
        loaded.files.iter().flat_map(|meta| meta.replaces.iter().cloned()).collect();
    found.retain(|meta| {
        let only_in_log = meta.replaces.is_empty() && meta.after_sequence.saturating_add(1) >= oldest_in_log;
        // Left over from a merge that another merge of the same files overtook.
        let stale = meta.replaces.iter().any(|stem| replaced_by_known.contains(stem));
        !replaced.contains(&meta.stem) && !only_in_log && !stale
    });
    if found.is_empty() {
        return Ok((loaded, unreadable));
    }
    tracing::warn!(files = found.len(), "the catalog had lost files that are there: taken in again");
    let mut watermarks: HashMap<Table, u64> = loaded.watermarks.clone();
    for meta in &found {
        if let Some(table) = Table::from_name(&meta.table) {
            let sequence = meta.through_sequence.max(EventId(meta.max_event_id).sequence());
            let watermark = watermarks.entry(table).or_default();
            *watermark = sequence.max(*watermark);
        }
    }
    let gone: HashSet<&String> = found.iter().flat_map(|meta| &meta.replaces).collect();
    let change = Change {
        add: found.clone(),
        remove: known.iter().filter(|stem| gone.contains(stem)).cloned().collect(),
        watermarks: watermarks.iter().map(|(table, sequence)| (*table, *sequence)).collect(),
        ..Change::default()
    };
    catalog.apply(&change).await?;
    loaded.files.retain(|meta| !change.remove.contains(&meta.stem));
    loaded.files.extend(found);
    loaded.watermarks = watermarks;
    Ok((loaded, unreadable))
}
