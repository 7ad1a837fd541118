//! What the doctor looks at: every file, byte by byte, without changing any.

use crate::catalog::Catalog;
use crate::filenames;
use crate::log::record::{FIXED_BYTES, Fixed};
use crate::open::all_files;
use crate::segment::Segment;
use anyhow::Result;
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;

/// One thing the doctor saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `ok`, `note`, `warning` or `error`.
    pub severity: &'static str,
    /// What.
    pub message: String,
    /// What to do about it; empty when nothing is to be done.
    pub remedy: String,
}

fn finding(severity: &'static str, message: impl Into<String>, remedy: &str) -> Finding {
    Finding { severity, message: message.into(), remedy: remedy.to_owned() }
}

/// Looks at a data folder, in use or not.
pub async fn check(data_dir: &Path) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    match std::fs::read_to_string(filenames::format(data_dir)) {
        Err(error) => {
            let message = format!("{} is no data folder ({error})", data_dir.display());
            found.push(finding("error", message, "give the folder with --data-dir"));
            return Ok(found);
        }
        Ok(format) if format.trim().parse().is_ok_and(|format: u32| format <= filenames::FORMAT_VERSION) => {
            found.push(finding("ok", format!("format {}", format.trim()), ""));
        }
        Ok(format) => {
            let known = filenames::FORMAT_VERSION;
            let message = format!("format {:?}; this program knows up to {known}", format.trim());
            found.push(finding("error", message, "use the program that wrote the folder, or a newer one"));
            return Ok(found);
        }
    }
    let metas = match Catalog::open(data_dir, true).await {
        Ok((catalog, loaded)) => {
            catalog.close().await?;
            found.push(finding("ok", format!("catalog lists {} files", loaded.files.len()), ""));
            loaded.files
        }
        Err(error) => {
            let remedy = "restart the server: it rebuilds the catalog from the files";
            found.push(finding("error", format!("the catalog cannot be read: {error:#}"), remedy));
            Vec::new()
        }
    };
    let root = data_dir.to_owned();
    let more = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        let mut rows = 0;
        let mut known = HashSet::new();
        for meta in &metas {
            match Segment::open(&root, &meta.stem).and_then(|segment| segment.verify().map(|()| segment)) {
                Ok(segment) => rows += segment.meta.rows(),
                Err(error) => {
                    let remedy =
                        "restart the server: it moves damaged files into the quarantine; restore them from a backup";
                    found.push(finding("error", format!("{error:#}"), remedy));
                }
            }
            known.insert(meta.stem.clone());
        }
        found.push(finding("ok", format!("{} files with {rows} rows verified", metas.len()), ""));
        let orphans = all_files(&filenames::data_dir(&root))
            .into_iter()
            .filter(|path| {
                let stem = path.with_extension("");
                !known.contains(stem.strip_prefix(&root).unwrap_or(&stem).to_string_lossy().as_ref())
            })
            .count();
        if orphans > 0 {
            found.push(finding("note", format!("{orphans} files are not in the catalog"), "a restart removes them"));
        }
        found.push(check_log(&root));
        let quarantined = std::fs::read_dir(filenames::quarantine_dir(&root)).map_or(0, Iterator::count);
        if quarantined > 0 {
            let remedy = "look at the reason files there; restore what is missing from a backup, then remove them";
            found.push(finding("warning", format!("{quarantined} files in the quarantine"), remedy));
        }
        found
    })
    .await?;
    found.extend(more);
    Ok(found)
}

fn check_log(root: &Path) -> Finding {
    let (mut records, mut bytes, mut damaged) = (0, 0, 0);
    for entry in std::fs::read_dir(filenames::log_dir(root)).into_iter().flatten().flatten() {
        let Ok(content) = std::fs::read(entry.path()) else { continue };
        bytes += content.len();
        let mut at = 0;
        while at < content.len() {
            let whole = Fixed::decode(&content[at..]).and_then(|fixed| {
                let end = at + FIXED_BYTES + fixed.head as usize + usize::try_from(fixed.body).ok()?;
                let content = content.get(at + FIXED_BYTES..end)?;
                (crc32c::crc32c(content) == fixed.crc).then_some(end)
            });
            match whole {
                Some(end) => {
                    records += 1;
                    at = end;
                }
                None => {
                    damaged += 1;
                    break;
                }
            }
        }
    }
    match damaged {
        0 => finding("ok", format!("log holds {records} records in {bytes} bytes"), ""),
        _ => finding(
            "warning",
            format!("{damaged} log files end in an unfinished or damaged record after {records} whole ones"),
            "a running server may just be writing; otherwise a restart sets the damage aside",
        ),
    }
}
