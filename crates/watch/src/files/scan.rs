//! Which files to read: patterns, names that are never logs, and the service behind a name.

use crate::limits::{MAX_DEPTH, MAX_SCAN_ENTRIES};
use anyhow::{Context as _, Result};
use glob::{MatchOptions, Pattern};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// `*` stays within one folder, and hidden files are matched only by name.
const MATCH: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Names of binary records that lie among the logs.
const BINARY_NAMES: [&str; 5] = ["wtmp", "btmp", "lastlog", "faillog", "tallylog"];
/// Name endings that are not lines of text, or no longer written.
const SKIPPED_ENDINGS: [&str; 9] = ["gz", "xz", "zst", "bz2", "lz4", "zip", "journal", "old", "bak"];
/// File names that say nothing about the service when the folder does.
const SYSLOG_NAMES: [&str; 9] =
    ["syslog", "messages", "auth.log", "kern.log", "daemon.log", "user.log", "mail.log", "secure", "debug"];

/// A file's identity on this machine while it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FileKey {
    pub device: u64,
    pub inode: u64,
}

impl FileKey {
    pub fn of(metadata: &fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// A file that a pattern found.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub path: PathBuf,
    pub key: FileKey,
    pub length: u64,
    pub modified: SystemTime,
}

/// Compiled patterns.
pub(crate) struct Patterns {
    include: Vec<(PathBuf, Pattern)>,
    exclude: Vec<Pattern>,
}

impl Patterns {
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self> {
        let compile = |text: &String| {
            Pattern::new(text)
                .with_context(|| format!("the file pattern `{text}` is wrong; it may use *, ?, ** and [a-z]"))
        };
        let mut patterns = Vec::new();
        for text in include {
            patterns.push((fixed_part(text), compile(text)?));
        }
        Ok(Self { include: patterns, exclude: exclude.iter().map(compile).collect::<Result<_>>()? })
    }

    /// The files there are now, and whether the walk had to stop early.
    pub fn find(&self) -> (Vec<Candidate>, bool) {
        let mut walk = Walk { found: Vec::new(), left: MAX_SCAN_ENTRIES };
        for (base, pattern) in &self.include {
            if base.as_os_str() == pattern.as_str() {
                // Named outright: the one case in which a symbolic link is followed, because whoever
                // wrote the configuration chose it. Followed links found by a pattern would let any
                // program that may write into a log folder have any file of the machine read.
                if let Ok(metadata) = fs::metadata(base) {
                    self.add(&mut walk, base, &metadata, true);
                }
            } else {
                let below = Path::new(pattern.as_str()).components().count() - base.components().count();
                let depth = if pattern.as_str().contains("**") { MAX_DEPTH } else { below.saturating_sub(1) };
                self.walk(&mut walk, base, pattern, depth);
            }
        }
        walk.found.sort_by(|a, b| (a.key, &a.path).cmp(&(b.key, &b.path)));
        walk.found.dedup_by_key(|candidate| candidate.key);
        (walk.found, walk.left == 0)
    }

    fn walk(&self, walk: &mut Walk, folder: &Path, pattern: &Pattern, depth: usize) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            if walk.left == 0 {
                return;
            }
            walk.left -= 1;
            let path = entry.path();
            // Does not follow links.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                if depth > 0 {
                    self.walk(walk, &path, pattern, depth - 1);
                }
            } else if pattern.matches_path_with(&path, MATCH) {
                self.add(walk, &path, &metadata, false);
            }
        }
    }

    fn add(&self, walk: &mut Walk, path: &Path, metadata: &fs::Metadata, named: bool) {
        // Positions are kept as text, so a path must be text.
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
        let excluded = || self.exclude.iter().any(|pattern| pattern.matches_path_with(path, MATCH));
        if !metadata.is_file() || path.to_str().is_none() || (!named && is_skipped(name)) || excluded() {
            return;
        }
        walk.found.push(Candidate {
            path: path.to_owned(),
            key: FileKey::of(metadata),
            length: metadata.len(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        });
    }
}

struct Walk {
    found: Vec<Candidate>,
    left: usize,
}

/// The folders of a pattern before its first wildcard; the whole path when there is none.
fn fixed_part(pattern: &str) -> PathBuf {
    let wild = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    Path::new(pattern).components().take_while(|part| !wild(part)).collect()
}

/// Whether the name is that of a binary file, a compressed one or an older rotation.
pub(crate) fn is_skipped(name: &str) -> bool {
    if BINARY_NAMES.contains(&name) {
        return true;
    }
    let Some((stem, ending)) = name.rsplit_once('.') else { return dated(name) };
    SKIPPED_ENDINGS.contains(&ending) || number(ending) || dated(name) || dated(stem)
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Ends like the names that `dateext` of logrotate makes: `-20260131`.
fn dated(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, date)| date.len() >= 8 && date.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The service that probably writes the file: its folder below the log folder, else the start of its name.
pub(crate) fn service(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if SYSLOG_NAMES.contains(&name) {
        return None;
    }
    let folder = path.parent().and_then(Path::file_name).and_then(|folder| folder.to_str());
    let in_log_folder = path.ancestors().skip(2).any(|folder| folder.file_name().is_some_and(|name| name == "log"));
    match folder {
        Some(folder) if in_log_folder && !matches!(folder, "log" | "logs") => Some(folder.to_owned()),
        _ => name.split('.').next().filter(|stem| !stem.is_empty()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_logs_are_known() {
        for name in ["wtmp", "app.log.1", "app.log.gz", "app-20260131.log", "app.log-20260131", "x.journal", "a.log.12"]
        {
            assert!(is_skipped(name), "{name}");
        }
        for name in ["app.log", "syslog", "postgresql-15-main.log", "app-2.log", "messages"] {
            assert!(!is_skipped(name), "{name}");
        }
    }

    #[test]
    fn the_service_is_guessed_from_folder_or_name() {
        let table = [
            ("/var/log/nginx/access.log", Some("nginx")),
            ("/var/log/apt/history.log", Some("apt")),
            ("/var/log/dpkg.log", Some("dpkg")),
            ("/var/log/syslog", None),
            ("/srv/app/logs/web.log", Some("web")),
            ("/srv/web.out.log", Some("web")),
        ];
        for (path, expected) in table {
            assert_eq!(service(Path::new(path)).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn patterns_find_files_and_never_follow_links() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let deep = root.join("log/a/b/c/d");
        fs::create_dir_all(&deep).unwrap();
        for name in ["log/x.log", "log/x.log.1", "log/a/y.log", "log/a/b/c/z.log", "log/a/b/c/d/too-deep.log", "secret"]
        {
            fs::write(root.join(name), "line\n").unwrap();
        }
        std::os::unix::fs::symlink(root.join("secret"), root.join("log/link.log")).unwrap();
        let find = |include: &str, exclude: &[&str]| {
            let text = |path: &str| format!("{}/{path}", root.display());
            let exclude: Vec<String> = exclude.iter().map(|path| text(path)).collect();
            let (found, stopped) = Patterns::new(&[text(include)], &exclude).unwrap().find();
            assert!(!stopped);
            let mut names: Vec<String> =
                found.iter().map(|file| file.path.strip_prefix(&root).unwrap().display().to_string()).collect();
            names.sort();
            names
        };
        assert_eq!(find("log/**/*.log", &[]), ["log/a/b/c/z.log", "log/a/y.log", "log/x.log"]);
        assert_eq!(find("log/*.log", &[]), ["log/x.log"]);
        assert_eq!(find("log/**/*.log", &["log/a/**"]), ["log/x.log"]);
        assert_eq!(find("log/*/y.log", &[]), ["log/a/y.log"]);
        assert_eq!(find("log/x.log.1", &[]), ["log/x.log.1"]);
        assert!(Patterns::new(&["/var/***/x".to_owned()], &[]).is_err());
    }
}
