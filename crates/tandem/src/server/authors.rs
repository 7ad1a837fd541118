//! How many different people wrote a page, as the history of the repository around it tells.
//!
//! Of who they are nothing is kept: an address becomes a number that means nothing elsewhere, and what leaves this file is how many
//! different ones there are. What is not sure is not told: of a shallow clone, a history that is too long or one that cannot be read,
//! that somebody wrote a page alone.

use crate::limits::{MAX_AUTHOR_COMMITS, MAX_AUTHOR_DEPTH, MAX_AUTHOR_TREES};
use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::objs::tree::EntryKind;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Histories of folders, each as of the commit that was there when it was read.
#[derive(Debug, Default)]
pub struct Histories(Mutex<BTreeMap<PathBuf, Arc<History>>>);

/// Who wrote the files below a folder.
#[derive(Debug)]
struct History {
    head: ObjectId,
    /// The folder, as it really is.
    folder: PathBuf,
    /// By the path below it.
    authors: BTreeMap<String, BTreeSet<u64>>,
    /// All that happened was looked at.
    whole: bool,
}

impl Histories {
    /// The histories of folders as they are now, read again where there are new commits. A folder that is in no repository has none.
    pub fn of(&self, folders: &[PathBuf]) -> Authors {
        let mut all = Vec::new();
        for folder in folders {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
            let Some(history) = read(folder, known) else { continue };
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.clone(), history.clone());
            all.push(history);
        }
        Authors(all)
    }
}

/// Who wrote what.
#[derive(Debug)]
pub struct Authors(Vec<Arc<History>>);

impl Authors {
    /// How many different people wrote these files. Nothing when it is not known of one of them: one that nobody committed, or one
    /// whose history was not read whole, as long as only one is known.
    pub fn count(&self, files: &[&str]) -> Option<usize> {
        let (mut all, mut whole) = (BTreeSet::new(), true);
        for file in files {
            let file = Path::new(file).canonicalize().ok()?;
            let of = |history: &Arc<History>| {
                let below = file.strip_prefix(&history.folder).ok()?.to_str()?.replace('\\', "/");
                Some((history.authors.get(&below)?.clone(), history.whole))
            };
            let (authors, is_whole) = self.0.iter().find_map(of)?;
            all.extend(authors);
            whole &= is_whole;
        }
        (whole || all.len() > 1).then_some(all.len()).filter(|count| *count > 0)
    }
}

/// What a commit did to files.
#[derive(Default)]
struct Changed {
    /// Files that are new or other than before, with what they are now.
    now: Vec<(String, ObjectId)>,
    /// Files that are gone, by what they were.
    gone: BTreeMap<ObjectId, String>,
}

fn is_file(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable)
}

/// Reads a history, unless it is known already.
fn read(folder: &Path, known: Option<Arc<History>>) -> Option<Arc<History>> {
    let folder = folder.canonicalize().ok()?;
    let found = gix::discover(&folder).ok()?;
    // What the repository's own configuration says counts for nothing here.
    let mut repository = gix::open_opts(found.git_dir(), gix::open::Options::isolated()).ok()?;
    let head = repository.head_id().ok()?.detach();
    if let Some(known) = known.filter(|known| known.head == head) {
        return Some(known);
    }
    let root = found.workdir()?.canonicalize().ok()?;
    let below = folder.strip_prefix(&root).ok()?.to_path_buf();
    repository.object_cache_size_if_unset(16 << 20);
    let mut reader = Reader {
        repository: &repository,
        below,
        // Numbers of one start are those of no other.
        numbers: RandomState::new(),
        authors: BTreeMap::new(),
        moved: BTreeMap::new(),
        trees: 0,
    };
    let whole = reader.walk(head).unwrap_or(false) && !repository.is_shallow().unwrap_or(true);
    Some(Arc::new(History { head, folder, authors: reader.with_names_before(), whole }))
}

struct Reader<'r> {
    repository: &'r gix::Repository,
    below: PathBuf,
    numbers: RandomState,
    authors: BTreeMap<String, BTreeSet<u64>>,
    /// Files by the names that they had before.
    moved: BTreeMap<String, BTreeSet<String>>,
    trees: usize,
}

impl Reader<'_> {
    /// Looks at each commit before one; answers whether at all of them. A merge is nobody's work: what it brings was committed before.
    fn walk(&mut self, head: ObjectId) -> Option<bool> {
        let (mut seen, mut waiting) = (HashSet::from([head]), vec![head]);
        while let Some(id) = waiting.pop() {
            if seen.len() > MAX_AUTHOR_COMMITS || self.trees > MAX_AUTHOR_TREES {
                return Some(false);
            }
            let commit = self.repository.find_commit(id).ok()?;
            let parents: Vec<ObjectId> = commit.parent_ids().map(gix::Id::detach).collect();
            if parents.len() < 2 {
                let before = match parents.first() {
                    Some(parent) => self.folder_of(*parent)?,
                    None => None,
                };
                let after = self.folder_of(id)?;
                if before != after {
                    let authors = self.authors_of(&commit)?;
                    self.note(before, after, &authors)?;
                }
            }
            waiting.extend(parents.into_iter().filter(|parent| seen.insert(*parent)));
        }
        Some(true)
    }

    /// Who wrote each file, under all the names that it had.
    fn with_names_before(self) -> BTreeMap<String, BTreeSet<u64>> {
        let mut all = self.authors.clone();
        for path in self.moved.keys() {
            let (mut names, mut waiting) = (BTreeSet::from([path]), vec![path]);
            while let Some(name) = waiting.pop() {
                waiting.extend(self.moved.get(name).into_iter().flatten().filter(|old| names.insert(*old)));
            }
            let authors = names.into_iter().filter_map(|name| self.authors.get(name)).flatten().copied().collect();
            all.insert(path.clone(), authors);
        }
        all
    }

    /// The tree of the folder in a commit; none when it was not there. Nothing when it cannot be read.
    fn folder_of(&self, commit: ObjectId) -> Option<Option<ObjectId>> {
        let tree = self.repository.find_commit(commit).ok()?.tree().ok()?;
        if self.below.as_os_str().is_empty() {
            return Some(Some(tree.id));
        }
        let entry = tree.lookup_entry_by_path(&self.below).ok()?;
        Some(entry.filter(|entry| entry.mode().is_tree()).map(|entry| entry.object_id()))
    }

    /// Numbers for who wrote a commit, those among them whom it names beside its author.
    fn authors_of(&self, commit: &gix::Commit<'_>) -> Option<BTreeSet<u64>> {
        let mut all = BTreeSet::from([self.number(commit.author().ok()?.email)]);
        for line in commit.message_raw_sloppy().lines() {
            let name = line.get(..15).filter(|name| name.eq_ignore_ascii_case(b"co-authored-by:"));
            let mail = name.and_then(|_| line.get(line.rfind_byte(b'<')? + 1..line.rfind_byte(b'>')?));
            all.extend(mail.map(|mail| self.number(mail.as_bstr())));
        }
        Some(all)
    }

    fn number(&self, mail: &gix::bstr::BStr) -> u64 {
        self.numbers.hash_one(mail.trim().to_ascii_lowercase())
    }

    /// Notes who changed which files between two trees. A file that only moved is still by who wrote it.
    fn note(&mut self, before: Option<ObjectId>, after: Option<ObjectId>, by: &BTreeSet<u64>) -> Option<()> {
        let mut changed = Changed::default();
        self.compare(before, after, "", 0, &mut changed)?;
        for (path, id) in changed.now {
            match changed.gone.get(&id).filter(|old| **old != path) {
                Some(old) => self.moved.entry(path).or_default().insert(old.clone()),
                None => {
                    self.authors.entry(path).or_default().extend(by);
                    false
                }
            };
        }
        Some(())
    }

    /// What differs between two trees.
    fn compare(
        &mut self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
        path: &str,
        depth: usize,
        changed: &mut Changed,
    ) -> Option<()> {
        if depth > MAX_AUTHOR_DEPTH || self.trees > MAX_AUTHOR_TREES {
            return None;
        }
        let (mut before, after) = (self.entries(before)?, self.entries(after)?);
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        for (name, (kind, id)) in after {
            let old = before.remove(&name);
            if old == Some((kind, id)) {
                continue;
            }
            let (path, tree) = (below(&name), |one: (EntryKind, ObjectId)| (one.0 == EntryKind::Tree).then_some(one.1));
            let now = tree((kind, id));
            if now.is_none() && is_file(kind) {
                changed.now.push((path.clone(), id));
            }
            let then = old.and_then(tree);
            if now.is_some() || then.is_some() {
                self.compare(then, now, &path, depth + 1, changed)?;
            }
        }
        for (name, (kind, id)) in before {
            match kind {
                EntryKind::Tree => self.compare(Some(id), None, &below(&name), depth + 1, changed)?,
                kind if is_file(kind) => {
                    changed.gone.insert(id, below(&name));
                }
                _ => {}
            }
        }
        Some(())
    }

    fn entries(&mut self, tree: Option<ObjectId>) -> Option<BTreeMap<String, (EntryKind, ObjectId)>> {
        let Some(tree) = tree else { return Some(BTreeMap::new()) };
        self.trees += 1;
        let tree = self.repository.find_tree(tree).ok()?;
        let mut all = BTreeMap::new();
        for entry in tree.iter() {
            let entry = entry.ok()?;
            // A name that is no text is no page.
            if let Ok(name) = entry.filename().to_str() {
                all.insert(name.to_owned(), (entry.mode().kind(), entry.object_id()));
            }
        }
        Some(all)
    }
}
