//! Every blob of a repository, once, wherever it is in the history.
//!
//! First all packs are unpacked along their deltas, each delta applied once, on all cores, and every blob is looked at; only the
//! ids of those with something in them are kept. Then the commits are gone through from the oldest on, each tree once, until
//! the places of those blobs are known; and those few are looked at again, now with their paths.
//!
//! Of an author nothing is kept but the day.

use super::found::{FingerprintKey, SecretFinding};
use super::path::Kind;
use super::scan::{Secrets, Source, readable};
use super::value::Value;
use crate::limits::{
    MAX_HISTORY_COMMITS, MAX_HISTORY_DEPTH, MAX_HISTORY_MISSING, MAX_HISTORY_NAMED, MAX_HISTORY_OBJECT,
    MAX_HISTORY_SECRETS,
};
use crate::shown::{Mask, Shown};
use ahash::{AHashMap, AHashSet};
use gix::ObjectId;
use gix::odb::pack;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Why a history cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct HistoryError {
    /// The repository or the file in it.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A secret in the history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    /// What was found.
    #[serde(flatten)]
    pub finding: SecretFinding,
    /// The oldest commit with that blob; none when no commit has it.
    pub commit: Option<String>,
    /// Days from 1970-01-01 to the day of its author.
    pub day: Option<i64>,
    /// The blob.
    pub blob: String,
    /// Its line, without secrets.
    #[serde(skip)]
    pub shown: Shown,
    /// The bytes that stand for it, when it is encoded.
    #[serde(skip)]
    pub(crate) run: Option<Value>,
}

/// What a history holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct History {
    /// Secrets, by commit from the oldest on.
    pub findings: Vec<Past>,
    /// Commits that were seen.
    pub commits: usize,
    /// Blobs that were looked at.
    pub blobs: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Secrets beyond a limit: only counted.
    pub cut: usize,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// A commit without its author.
struct Commit {
    id: ObjectId,
    tree: ObjectId,
    /// When it was committed.
    time: i64,
    /// When it was written.
    author: i64,
}

/// What all threads add to.
struct Pass<'s> {
    secrets: &'s Secrets,
    /// Blobs that were seen, where the same one may lie twice.
    seen: Option<Mutex<AHashSet<ObjectId>>>,
    flagged: Mutex<Vec<ObjectId>>,
    commits: Mutex<Vec<Commit>>,
    /// What trees name.
    named: Mutex<AHashSet<ObjectId>>,
    blobs: AtomicUsize,
    bytes: AtomicU64,
}

/// Looks at the whole history of the repository at a path, with some threads.
///
/// # Errors
/// When there is no repository. What in it cannot be read is among the problems.
pub fn history(
    path: &Path,
    secrets: &Secrets,
    key: Option<&FingerprintKey>,
    jobs: usize,
) -> Result<History, HistoryError> {
    let fail = |reason: String| HistoryError { path: path.display().to_string(), reason };
    let mut repository =
        gix::open_opts(path, gix::open::Options::isolated()).map_err(|error| fail(error.to_string()))?;
    repository.object_cache_size_if_unset(64 << 20);
    let hash = repository.object_hash();
    let objects = repository.common_dir().join("objects");
    let mut folders = vec![objects.clone()];
    let mut history = History::default();
    match gix::odb::alternate::resolve(objects, path) {
        Ok(more) => folders.extend(more),
        Err(error) => history.problems.push(error.to_string()),
    }
    let packs: Vec<PathBuf> = folders.iter().flat_map(|folder| packs(folder)).collect();
    let loose: Vec<(&PathBuf, Vec<ObjectId>)> = folders.iter().map(|folder| (folder, loose(folder, hash))).collect();
    let once = packs.len() + usize::from(loose.iter().any(|(_, ids)| !ids.is_empty())) <= 1;
    let pass = Pass {
        secrets,
        seen: (!once).then(|| Mutex::new(AHashSet::new())),
        flagged: Mutex::default(),
        commits: Mutex::default(),
        named: Mutex::default(),
        blobs: AtomicUsize::new(0),
        bytes: AtomicU64::new(0),
    };
    for index in &packs {
        // A damaged pack may break what reads it: that is told, and the others are read.
        let read = std::thread::scope(|scope| scope.spawn(|| pass.pack(index, hash, jobs)).join());
        if let Err(reason) = read.unwrap_or_else(|_| Err("it is damaged".to_owned())) {
            history.problems.push(format!("{}: {reason}", index.display()));
        }
    }
    for (folder, ids) in &loose {
        history.problems.extend(pass.loose(folder, ids, hash, jobs));
    }
    history.blobs = pass.blobs.into_inner();
    history.bytes = pass.bytes.into_inner();
    let mut commits = pass.commits.into_inner().unwrap_or_else(PoisonError::into_inner);
    commits.sort_unstable_by_key(|commit| (commit.time, commit.id));
    commits.dedup_by_key(|commit| commit.id);
    history.commits = commits.len();
    let named = pass.named.into_inner().unwrap_or_else(PoisonError::into_inner);
    history.problems.extend(missing(&repository, &commits, &named));
    let mut flagged = pass.flagged.into_inner().unwrap_or_else(PoisonError::into_inner);
    flagged.sort_unstable();
    flagged.dedup();
    let places = Places::find(&repository, &commits, &flagged, &mut history.problems);
    collect(&repository, secrets, key, &commits, places, &mut history);
    Ok(history)
}

/// Looks at the flagged blobs again, with their paths. What a later version of a file still has is the same secret.
fn collect(
    repository: &gix::Repository,
    secrets: &Secrets,
    key: Option<&FingerprintKey>,
    commits: &[Commit],
    places: Vec<(ObjectId, Option<(usize, String)>)>,
    history: &mut History,
) {
    let mut seen: AHashSet<(Arc<str>, Arc<str>, Value, usize)> = AHashSet::new();
    for (blob, place) in places {
        let Ok(object) = repository.find_object(blob) else {
            history.problems.push(format!("{blob} cannot be read"));
            continue;
        };
        let path = place.as_ref().map_or("", |(_, path)| path.as_str());
        let Some(bytes) = readable(&object.data) else { continue };
        let mut found = Vec::new();
        let scanned = secrets.scan(Source { path, bytes: &bytes }, key, &mut found);
        history.cut += scanned.cut;
        let whole = scanned.cut == 0 && !scanned.incomplete;
        let masks: Vec<Mask> = found.iter().map(|found| (found.cover.range(), found.stand_in())).collect();
        let commit = place.as_ref().map(|(commit, _)| &commits[*commit]);
        let mut ordinals: AHashMap<(Arc<str>, Value), usize> = AHashMap::new();
        for finding in found {
            let ordinal = ordinals.entry((finding.rule.clone(), finding.value.clone())).or_default();
            *ordinal += 1;
            if !seen.insert((finding.rule.clone(), finding.path.clone(), finding.value.clone(), *ordinal)) {
                continue;
            }
            if history.findings.len() >= MAX_HISTORY_SECRETS {
                history.cut += 1;
                continue;
            }
            let range = finding.span.range();
            history.findings.push(Past {
                commit: commit.map(|commit| commit.id.to_string()),
                day: commit.map(|commit| commit.author.div_euclid(86_400)),
                blob: blob.to_string(),
                run: (!finding.encoded.is_empty()).then(|| Value::new(&bytes[range.clone()])),
                shown: if whole { Shown::new(&bytes, range, &masks) } else { Shown::nothing() },
                finding,
            });
        }
    }
    let mut ordinals: AHashMap<_, usize> = AHashMap::new();
    for Past { finding, .. } in &mut history.findings {
        let key = (finding.rule.clone(), finding.path.clone(), finding.name.clone(), finding.same.clone());
        let ordinal = ordinals.entry(key).or_default();
        finding.identify(*ordinal);
        *ordinal += 1;
    }
}

/// What is said when objects that commits and trees name are not there, as in a partial clone.
fn missing(repository: &gix::Repository, commits: &[Commit], named: &AHashSet<ObjectId>) -> Option<String> {
    let ids = commits.iter().map(|commit| &commit.tree).chain(named);
    let missing = ids.filter(|id| !repository.has_object(*id)).take(MAX_HISTORY_MISSING).count();
    let more = if missing == MAX_HISTORY_MISSING { " or more" } else { "" };
    (missing > 0).then(|| format!("{missing}{more} objects that the history names are not there"))
}

/// The indexes of the packs of a folder of objects.
fn packs(objects: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(objects.join("pack")).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut all: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "idx")).collect();
    all.sort();
    all
}

fn loose(objects: &Path, hash: gix::hash::Kind) -> Vec<ObjectId> {
    gix::odb::loose::Store::at(objects, hash).iter().filter_map(Result::ok).collect()
}

impl Pass<'_> {
    /// Every object of a pack.
    fn pack(&self, index: &Path, hash: gix::hash::Kind, jobs: usize) -> Result<(), String> {
        let file = pack::index::File::at(index, hash).map_err(|error| error.to_string())?;
        let data = pack::data::File::at(index.with_extension("pack"), hash).map_err(|error| error.to_string())?;
        let options = pack::index::traverse::with_index::Options {
            thread_limit: Some(jobs.max(1)),
            check: pack::index::traverse::SafetyCheck::SkipFileAndObjectChecksumVerificationAndNoAbortOnDecodeError,
            alloc_limit_bytes: Some(MAX_HISTORY_OBJECT),
        };
        let look = |kind: gix::objs::Kind, bytes: &[u8], entry: &pack::index::Entry, _: &dyn gix::Progress| {
            self.object(kind, bytes, entry.oid);
            Ok(())
        };
        // Objects are not hashed, which would take longer than all else: that the files are whole says that they are.
        let never = AtomicBool::new(false);
        file.verify_checksum(&mut gix::progress::Discard, &never).map_err(|error| error.to_string())?;
        if file.num_objects() == 0 {
            return Ok(());
        }
        std::thread::scope(|scope| {
            let whole = scope.spawn(|| data.verify_checksum(&mut gix::progress::Discard, &never));
            let read = file.traverse_with_index(&data, look, &mut gix::progress::Discard, &never, options);
            read.map_err(|error| error.to_string())?;
            match whole.join() {
                Ok(whole) => whole.map(drop).map_err(|error| error.to_string()),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// Objects that lie alone; what could not be read.
    fn loose(&self, folder: &Path, ids: &[ObjectId], hash: gix::hash::Kind, jobs: usize) -> Vec<String> {
        let problems = Mutex::new(Vec::new());
        let (next, store) = (AtomicUsize::new(0), gix::odb::loose::Store::at(folder, hash));
        std::thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, ids.len().max(1)) {
                scope.spawn(|| {
                    let mut buffer = Vec::new();
                    while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match store.try_find(id, &mut buffer) {
                            Ok(Some(object)) => {
                                let own = gix::objs::compute_hash(hash, object.kind, object.data);
                                if !own.is_ok_and(|own| own == *id) {
                                    lock(&problems).push(format!("{id}: it is damaged"));
                                }
                                self.object(object.kind, object.data, *id);
                            }
                            Ok(None) => {}
                            Err(error) => lock(&problems).push(format!("{id}: {error}")),
                        }
                    }
                });
            }
        });
        problems.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn object(&self, kind: gix::objs::Kind, bytes: &[u8], id: ObjectId) {
        match kind {
            gix::objs::Kind::Blob => {
                if self.seen.as_ref().is_some_and(|seen| !lock(seen).insert(id)) {
                    return;
                }
                self.blobs.fetch_add(1, Ordering::Relaxed);
                self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                if self.secrets.any(bytes) {
                    lock(&self.flagged).push(id);
                }
            }
            gix::objs::Kind::Commit => {
                let mut commits = lock(&self.commits);
                if commits.len() < MAX_HISTORY_COMMITS {
                    commits.extend(commit(id, bytes));
                }
            }
            gix::objs::Kind::Tree => {
                let mut named = lock(&self.named);
                let room = MAX_HISTORY_NAMED.saturating_sub(named.len());
                // The commits of other repositories are never here.
                let own = entries(bytes, id.as_bytes().len()).filter(|entry| !entry.mode.starts_with(b"16"));
                named.extend(own.map(|entry| entry.id).take(room));
            }
            gix::objs::Kind::Tag => {}
        }
    }
}

impl Secrets {
    /// Whether a text may hold something, whatever its path is.
    fn any(&self, bytes: &[u8]) -> bool {
        readable(bytes).is_some_and(|text| !self.hits(&text, Kind::Other, None).0.is_empty())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lines of a commit that are needed.
fn commit(id: ObjectId, bytes: &[u8]) -> Option<Commit> {
    let header = &bytes[..memchr::memmem::find(bytes, b"\n\n").unwrap_or(bytes.len())];
    let field = |name: &[u8]| header.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name));
    let time = |line: &[u8]| -> Option<i64> {
        let mut words = line.rsplit(|byte| *byte == b' ');
        words.next()?;
        std::str::from_utf8(words.next()?).ok()?.parse().ok()
    };
    let tree = ObjectId::from_hex(field(b"tree ")?).ok()?;
    let author = field(b"author ").and_then(time).unwrap_or_default();
    Some(Commit { id, tree, time: field(b"committer ").and_then(time).unwrap_or_default(), author })
}

/// Something in a tree.
struct Entry<'t> {
    mode: &'t [u8],
    name: &'t [u8],
    id: ObjectId,
}

/// What is in a tree, as far as it is one: each entry is a mode, a space, a name, a zero byte and an id of some bytes.
fn entries(mut rest: &[u8], size: usize) -> impl Iterator<Item = Entry<'_>> {
    std::iter::from_fn(move || {
        let (space, zero) = (memchr::memchr(b' ', rest)?, memchr::memchr(0, rest)?);
        let id = ObjectId::try_from(rest.get(zero + 1..zero + 1 + size)?).ok()?;
        let entry = Entry { mode: &rest[..space], name: rest.get(space + 1..zero)?, id };
        rest = &rest[zero + 1 + size..];
        Some(entry)
    })
}

/// Where blobs are.
struct Places<'r> {
    repository: &'r gix::Repository,
    wanted: AHashMap<ObjectId, Option<(usize, String)>>,
    /// How many are not found yet.
    left: usize,
    seen: AHashSet<ObjectId>,
    /// Trees that could not be read.
    unread: usize,
}

impl Places<'_> {
    /// The oldest commit and the path in it of each blob, by commit.
    fn find(
        repository: &gix::Repository,
        commits: &[Commit],
        blobs: &[ObjectId],
        problems: &mut Vec<String>,
    ) -> Vec<(ObjectId, Option<(usize, String)>)> {
        let wanted = blobs.iter().map(|id| (*id, None)).collect();
        let mut places = Places { repository, wanted, left: blobs.len(), seen: AHashSet::new(), unread: 0 };
        let mut path = String::new();
        for (number, commit) in commits.iter().enumerate() {
            if places.left == 0 {
                break;
            }
            places.tree(commit.tree, number, &mut path, 0);
        }
        if places.unread > 0 {
            problems.push(format!("{} trees cannot be read", places.unread));
        }
        let mut found: Vec<_> = places.wanted.into_iter().collect();
        found.sort_by(|(a, place), (b, other)| {
            let key = |place: &Option<(usize, String)>| place.as_ref().map_or(usize::MAX, |(commit, _)| *commit);
            let path = |place: &Option<(usize, String)>| place.as_ref().map(|(_, path)| path.clone());
            (key(place), path(place), a).cmp(&(key(other), path(other), b))
        });
        found
    }

    /// Goes through a tree that was not seen.
    fn tree(&mut self, id: ObjectId, commit: usize, path: &mut String, depth: usize) {
        if self.left == 0 || depth > MAX_HISTORY_DEPTH || !self.seen.insert(id) {
            return;
        }
        let Ok(object) = self.repository.find_object(id) else {
            self.unread += 1;
            return;
        };
        let data = object.detach().data;
        for Entry { mode, name, id: child } in entries(&data, id.as_bytes().len()) {
            let length = path.len();
            if mode.starts_with(b"4") || mode.starts_with(b"04") {
                path.push_str(&String::from_utf8_lossy(name));
                path.push('/');
                self.tree(child, commit, path, depth + 1);
            } else if let Some(place @ None) = self.wanted.get_mut(&child) {
                path.push_str(&String::from_utf8_lossy(name));
                *place = Some((commit, path.clone()));
                self.left -= 1;
            }
            path.truncate(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::make;
    use super::*;
    use std::process::Command;

    fn git(dir: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command
            .current_dir(dir)
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "gc.auto=0"])
            .args(arguments);
        command.env("GIT_AUTHOR_DATE", "@86400 +0000").env("GIT_CONFIG_NOSYSTEM", "1");
        // Each commit is a second after the one before.
        let commits =
            Command::new("git").current_dir(dir).args(["rev-list", "--count", "--all"]).output().unwrap().stdout;
        command.env("GIT_COMMITTER_DATE", format!("@20000{} +0000", String::from_utf8_lossy(&commits).trim()));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn what_was_deleted_is_found_once_with_its_first_commit() {
        let dir = tempfile::tempdir().unwrap();
        let (root, secret) = (dir.path(), make("TOKEN=ghp_<base62:30><crc>\n", 7).text);
        git(root, &["init", "-q", "."]);
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/.env"), &secret).unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "-qm", "one"]);
        std::fs::write(root.join("copy"), &secret).unwrap();
        std::fs::remove_file(root.join("a/b/.env")).unwrap();
        git(root, &["add", "-A"]);
        git(root, &["commit", "-qm", "two"]);
        git(root, &["rm", "-q", "copy"]);
        git(root, &["commit", "-qm", "three"]);
        let secrets = Secrets::builtin().unwrap();
        let key = FingerprintKey::new(b"k");
        let loose = history(root, &secrets, key.as_ref(), 2).unwrap();
        git(root, &["repack", "-qad"]);
        git(root, &["prune-packed"]);
        let packed = history(root, &secrets, key.as_ref(), 2).unwrap();
        assert_eq!(loose, packed);
        assert_eq!((packed.findings.len(), packed.commits, packed.blobs, packed.problems.len()), (1, 3, 1, 0));
        let past = &packed.findings[0];
        assert_eq!((&*past.finding.path, past.day, past.finding.start.line), ("a/b/.env", Some(1), 1));
        let output =
            Command::new("git").current_dir(root).args(["rev-list", "--max-parents=0", "HEAD"]).output().unwrap();
        assert_eq!(past.commit.as_deref(), Some(String::from_utf8_lossy(&output.stdout).trim()));
        let shown = format!("{packed:?}{}", serde_json::to_string(&packed).unwrap());
        assert!(!shown.contains(&secret[10..20]));
        assert!(history(&root.join("nothing"), &secrets, None, 1).is_err());
    }
}
