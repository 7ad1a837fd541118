//! Backup and restore: a copy of the published files and of the catalog that lists them.

use crate::store::Store;
use crate::{disk, filenames, maintain};
use anyhow::{Context as _, Result, bail, ensure};
use model::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// The list of what a backup holds.
const MANIFEST: &str = "manifest.json";

/// What was backed up or restored.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackupReport {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Files copied.
    pub files: u64,
    /// Bytes copied.
    pub bytes: u64,
    /// The last commit in it.
    pub sequence: u64,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    report: BackupReport,
    files: Vec<ManifestFile>,
}

#[derive(Serialize, Deserialize)]
struct ManifestFile {
    path: String,
    bytes: u64,
    crc32c: u32,
}

impl Store {
    /// Copies everything committed before this call into an empty folder, while the store goes on. The ledger may lie
    /// there already: the list of files, which is written last, says that all of it is there.
    pub async fn backup(&self, target: &Path) -> Result<BackupReport> {
        ensure_empty(target)?;
        // First what sources had read and what was erased: rows may then be newer than that, never older.
        let (root, to) = (self.parts.shared.config.data_dir.clone(), target.to_owned());
        let mut files = tokio::task::spawn_blocking(move || {
            beside(&root)?.iter().map(|path| copy(&root, &to, path)).collect::<Result<Vec<_>>>()
        })
        .await??;
        maintain::flush_all(&self.parts).await?;
        // Holding the catalog keeps files from being published or removed while they are copied.
        let mut slot = self.parts.catalog.lock().await;
        let catalog = slot.as_mut().context("the store is closed")?;
        let shared = self.parts.shared.clone();
        let root = shared.config.data_dir.clone();
        let (mut report, mut paths) = (BackupReport::default(), Vec::new());
        {
            let mut inner = shared.lock();
            report.sequence = inner.lowest_watermark();
            for table in Table::ALL {
                let files = &inner.table(table).files;
                report.rows.insert(table.name().to_owned(), files.iter().map(|file| file.meta.rows()).sum());
                for file in files.iter() {
                    paths.push(format!("{}.parquet", file.meta.stem));
                    paths.push(format!("{}.idx", file.meta.stem));
                }
            }
        }
        catalog.copy_to(&filenames::catalog(target)).await?;
        let target = target.to_owned();
        tokio::task::spawn_blocking(move || -> Result<BackupReport> {
            for path in paths {
                files.push(copy(&root, &target, &path)?);
            }
            files.push(sum(&target, "catalog.sqlite")?);
            report.files = files.len() as u64;
            report.bytes = files.iter().map(|file| file.bytes).sum();
            let manifest = Manifest { format: filenames::FORMAT_VERSION, report: report.clone(), files };
            let mut out = File::create(target.join(MANIFEST))?;
            out.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
            out.sync_all()?;
            disk::sync_dir(&target)?;
            Ok(report)
        })
        .await?
    }
}

/// Puts a backup into an empty folder and checks every byte of it.
pub async fn restore(backup: &Path, data_dir: &Path) -> Result<BackupReport> {
    let (backup, data_dir) = (backup.to_owned(), data_dir.to_owned());
    tokio::task::spawn_blocking(move || restore_files(&backup, &data_dir)).await?
}

fn restore_files(backup: &Path, data_dir: &Path) -> Result<BackupReport> {
    ensure_empty(data_dir)?;
    let manifest = std::fs::read(backup.join(MANIFEST))
        .with_context(|| format!("{} holds no finished backup ({MANIFEST} cannot be read)", backup.display()))?;
    let manifest: Manifest = serde_json::from_slice(&manifest).context("the manifest of the backup is damaged")?;
    if manifest.format > filenames::FORMAT_VERSION {
        bail!("the backup has format {}, this program knows up to {}", manifest.format, filenames::FORMAT_VERSION);
    }
    for wanted in &manifest.files {
        ensure!(is_plain(&wanted.path), "the manifest names {:?}, which is no path inside a backup", wanted.path);
        let copied = copy(backup, data_dir, &wanted.path)?;
        ensure!(
            copied.crc32c == wanted.crc32c && copied.bytes == wanted.bytes,
            "{} in the backup is damaged; nothing was started on {}",
            wanted.path,
            data_dir.display()
        );
    }
    let mut format = File::create(filenames::format(data_dir))?;
    writeln!(format, "{}", manifest.format)?;
    format.sync_all()?;
    disk::sync_dir(data_dir)?;
    Ok(manifest.report)
}

/// Small files beside the events that belong to them, those half written left out.
fn beside(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    if filenames::erasures(root).is_file() {
        paths.push(filenames::ERASURES.to_owned());
    }
    let dir = match std::fs::read_dir(root.join(filenames::POSITIONS)) {
        Ok(dir) => dir,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(paths),
        Err(error) => return Err(error).context("cannot list what sources had read"),
    };
    for entry in dir {
        let name = entry?.file_name();
        if let Some(name) = name.to_str().filter(|name| name.ends_with(".json")) {
            paths.push(format!("{}/{name}", filenames::POSITIONS));
        }
    }
    Ok(paths)
}

/// A relative path that stays below its folder.
fn is_plain(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn ensure_empty(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
    for entry in std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let name = entry?.file_name();
        ensure!(name == filenames::LEDGER, "{} is not empty: choose an empty folder", path.display());
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, path: &str) -> Result<ManifestFile> {
    let target = to.join(path);
    if let Some(dir) = target.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::copy(from.join(path), &target).with_context(|| format!("cannot copy {path}"))?;
    let summed = sum(to, path)?;
    File::open(&target)?.sync_all()?;
    if let Some(dir) = target.parent() {
        disk::sync_dir(dir)?;
    }
    Ok(summed)
}

fn sum(root: &Path, path: &str) -> Result<ManifestFile> {
    let mut file = File::open(root.join(path)).with_context(|| format!("cannot open {path}"))?;
    let (mut crc, mut bytes) = (0, 0);
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(ManifestFile { path: path.to_owned(), bytes, crc32c: crc }),
            read => {
                crc = crc32c::crc32c_append(crc, &buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}
