//! The files of a commit, in a folder of their own: to scan what was there before without touching the work tree.
//!
//! They are written to a temporary folder that is deleted afterwards, so that ignore files, suppressions and charts count there as
//! they do in the work tree. Links and submodules are left out, as they are in every scan.

use crate::limits::{MAX_FILE_BYTES, MAX_REVISION_BYTES, MAX_REVISION_FILES, MAX_REVISION_STEPS, MAX_TREE_DEPTH};
use gix::ObjectId;
use gix::objs::TreeRefIter;
use std::fs;
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// Why a commit's files are not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct RevisionError {
    /// What was asked for.
    pub name: String,
    /// Why, and what to do.
    pub reason: String,
}

/// The files of a commit. They are deleted with it.
#[derive(Debug)]
pub struct Revision {
    /// The commit.
    pub commit: String,
    /// Where the same folder lies as it was then; an empty one when it was not there.
    pub root: PathBuf,
    /// Files that were written.
    pub files: usize,
    /// Files that were left out because they are larger than what is scanned.
    pub large: usize,
    _dir: TempDir,
}

/// Writes the files that a commit has below a folder of a work tree to a temporary folder.
///
/// `name` is what names a commit: a branch, a tag, `HEAD`, a hash or its beginning, each with `~2` or `^` behind it.
///
/// # Errors
/// When there is no repository or no such commit, or when it is too much.
pub fn checkout(path: &Path, name: &str) -> Result<Revision, RevisionError> {
    let fail = |reason: String| RevisionError { name: name.to_owned(), reason };
    let path = path.canonicalize().map_err(|error| fail(error.to_string()))?;
    let top = path.ancestors().find(|folder| folder.join(".git").exists());
    let top = top.ok_or_else(|| fail(format!("{} is in no git repository", path.display())))?;
    let repository = gix::open_opts(top, gix::open::Options::isolated()).map_err(|error| fail(error.to_string()))?;
    let commit = resolve(&repository, name).map_err(|reason| fail(advice(&repository, reason)))?;
    let tree = repository.find_commit(commit).and_then(|commit| commit.tree_id().map(|id| id.detach()));
    let tree = tree.map_err(|_| fail(advice(&repository, format!("the tree of {commit} is not here"))))?;
    let dir = tempfile::Builder::new().prefix("tandem-scan-").tempdir().map_err(|error| fail(error.to_string()))?;
    let mut writer = Writer { repository: &repository, files: 0, large: 0, bytes: 0 };
    writer.tree(tree, dir.path(), 0).map_err(|reason| fail(advice(&repository, reason)))?;
    let below = path.strip_prefix(top).unwrap_or(Path::new(""));
    let root = dir.path().join(below);
    if !root.exists() {
        fs::create_dir_all(&root).map_err(|error| fail(error.to_string()))?;
    }
    let (files, large) = (writer.files, writer.large);
    Ok(Revision { commit: commit.to_string(), root, files, large, _dir: dir })
}

/// A shallow clone lacks most commits; that is said where one is missing.
fn advice(repository: &gix::Repository, reason: String) -> String {
    match repository.is_shallow() {
        Ok(true) => format!(
            "{reason}; this clone is shallow: fetch it first (`git fetch --depth=1 origin BASE`, or `fetch-depth: 0` of the checkout action)"
        ),
        _ => reason,
    }
}

/// The commit that a name stands for.
fn resolve(repository: &gix::Repository, name: &str) -> Result<ObjectId, String> {
    let end = name.find(['~', '^']).unwrap_or(name.len());
    let (base, mut steps) = name.split_at(end);
    let base = if base == "@" { "HEAD" } else { base };
    let mut commit = base_of(repository, base)?;
    let mut count = 0;
    while let Some(kind) = steps.chars().next() {
        let digits = steps[1..].find(|c: char| !c.is_ascii_digit()).map_or(steps.len(), |at| at + 1);
        let number: usize = if digits == 1 { 1 } else { steps[1..digits].parse().map_err(|_| "no such number")? };
        steps = &steps[digits..];
        let (times, parent) = match kind {
            '~' => (number, 1),
            '^' => (number.min(1), number),
            _ => return Err("after `~` or `^` there is a number or nothing".to_owned()),
        };
        for _ in 0..times {
            count += 1;
            if count > MAX_REVISION_STEPS {
                return Err(format!("more than {MAX_REVISION_STEPS} steps back (MAX_REVISION_STEPS)"));
            }
            let here = repository.find_commit(commit).map_err(|_| format!("the commit {commit} is not here"))?;
            let found = here.parent_ids().nth(parent - 1).map(|id| id.detach());
            commit = found.ok_or_else(|| format!("{commit} has no such parent"))?;
        }
    }
    match repository.find_commit(commit) {
        Ok(_) => Ok(commit),
        Err(_) => Err(format!("the commit {commit} is not here")),
    }
}

/// A reference, else a hash or the beginning of one.
fn base_of(repository: &gix::Repository, name: &str) -> Result<ObjectId, String> {
    if let Ok(Some(mut reference)) = repository.try_find_reference(name) {
        let id = reference.peel_to_id().map_err(|error| error.to_string())?.detach();
        return peeled(repository, id);
    }
    let unknown = || format!("there is no branch, tag or commit `{name}`");
    if let Ok(id) = ObjectId::from_hex(name.as_bytes()) {
        return peeled(repository, id).map_err(|_| unknown());
    }
    let prefix = gix::hash::Prefix::from_hex(name).map_err(|_| unknown())?;
    match repository.objects.lookup_prefix(prefix, None) {
        Ok(Some(Ok(id))) => peeled(repository, id),
        Ok(Some(Err(()))) => Err(format!("`{name}` begins more than one hash: write more of it")),
        _ => Err(unknown()),
    }
}

/// The commit behind a tag.
fn peeled(repository: &gix::Repository, id: ObjectId) -> Result<ObjectId, String> {
    let object = repository.find_object(id).map_err(|_| format!("{id} is not here"))?;
    let commit = object.peel_to_commit().map_err(|_| format!("{id} is no commit"))?;
    Ok(commit.id)
}

struct Writer<'r> {
    repository: &'r gix::Repository,
    files: usize,
    large: usize,
    bytes: u64,
}

impl Writer<'_> {
    fn tree(&mut self, id: ObjectId, folder: &Path, depth: usize) -> Result<(), String> {
        // Deeper ones are not scanned either.
        if depth > MAX_TREE_DEPTH {
            return Ok(());
        }
        let object = self.repository.find_object(id).map_err(|_| format!("the tree {id} is not here"))?.detach();
        for entry in TreeRefIter::from_bytes(&object.data, id.kind()) {
            let entry = entry.map_err(|error| format!("the tree {id} is damaged: {error}"))?;
            let name = String::from_utf8_lossy(entry.filename).into_owned();
            if !is_name(&name) {
                continue;
            }
            let path = folder.join(&name);
            if entry.mode.is_tree() {
                fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                self.tree(entry.oid.to_owned(), &path, depth + 1)?;
            } else if entry.mode.is_blob() {
                self.blob(entry.oid.to_owned(), &path)?;
            }
        }
        Ok(())
    }

    fn blob(&mut self, id: ObjectId, path: &Path) -> Result<(), String> {
        let size = self.repository.find_header(id).map_err(|_| format!("the file {id} is not here"))?.size();
        if size > MAX_FILE_BYTES {
            self.large += 1;
            return Ok(());
        }
        self.files += 1;
        self.bytes += size;
        if self.files > MAX_REVISION_FILES || self.bytes > MAX_REVISION_BYTES {
            return Err(format!(
                "more than {MAX_REVISION_FILES} files or {MAX_REVISION_BYTES} bytes (MAX_REVISION_FILES, MAX_REVISION_BYTES)"
            ));
        }
        let object = self.repository.find_object(id).map_err(|_| format!("the file {id} is not here"))?;
        fs::write(path, &object.data).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// Whether a name is one of a file in its folder: trees are made by anybody.
fn is_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
        && !name.eq_ignore_ascii_case(".git")
}

#[cfg(test)]
mod tests;
