//! Reading the small files of a machine: bounded, never waiting, and remembering what could not be read.

use rustix::fs::{Mode, OFlags};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// Places that could not be read, told as an attribute of the host; more of them have one cause.
const MAX_UNREADABLE: usize = 32;
/// Places whose failure was logged already; a machine with more has told enough.
const MAX_LOGGED: usize = 1_024;
/// Largest table of mounts read: a host of containers has thousands of mounts.
const MAX_MOUNTS_BYTES: u64 = 4 * 1024 * 1024;

/// Opens a file of whatever kind without waiting: a pipe somebody placed there must not hold up the agent.
pub(super) fn open(path: &Path, follow: bool) -> io::Result<File> {
    let mut flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    if !follow {
        flags |= OFlags::NOFOLLOW;
    }
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "is no plain file"));
    }
    Ok(file)
}

/// The first `most` bytes of a plain file.
pub(super) fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, true)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first `most` bytes of a plain file as text; what is not UTF-8 is replaced.
pub(super) fn text(path: &Path, most: u64) -> io::Result<String> {
    bytes(path, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Changes whenever a file is written or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    length: u64,
    /// When the file was last written, in nanoseconds since 1970.
    pub modified: i64,
}

/// The stamp of a file or folder; nothing where there is none.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    let modified = metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec());
    Some(Stamp { inode: metadata.ino(), length: metadata.len(), modified })
}

/// An absolute path below `root`; what would lead out of it is left away.
pub(super) fn below(root: &Path, path: &Path) -> PathBuf {
    let normal = path.components().filter(|part| matches!(part, Component::Normal(_)));
    normal.fold(root.to_owned(), |out, part| out.join(part))
}

/// Folders on other machines or behind a user's program: touching a file there may wait for ever.
pub(super) fn remote_mounts(proc: &Path) -> Vec<PathBuf> {
    let Ok(mounts) = text(&proc.join("self/mounts"), MAX_MOUNTS_BYTES) else { return Vec::new() };
    let remote = |kind: &str| {
        matches!(kind, "autofs" | "cifs" | "smb3" | "9p" | "ceph" | "glusterfs" | "lustre" | "afs")
            || kind.starts_with("nfs")
            || kind.starts_with("fuse.")
    };
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let (_, place, kind) = (fields.next()?, fields.next()?, fields.next()?);
        remote(kind).then(|| PathBuf::from(place.replace("\\040", " ")))
    });
    fields.collect()
}

/// What could not be read, by the part that tried.
#[derive(Default)]
pub(super) struct Notes {
    by_part: BTreeMap<&'static str, BTreeSet<String>>,
    logged: HashSet<String>,
}

impl Notes {
    /// A part looks anew: what it can read now is no longer told.
    pub fn begin(&mut self, part: &'static str) {
        self.by_part.remove(part);
    }

    /// A place could not be read. What is not there is nothing to tell; `place` must name no person.
    pub fn failed(&mut self, part: &'static str, place: impl Into<String>, error: &io::Error) {
        if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
            self.note(part, place, error);
        }
    }

    /// Something could not be done at a place.
    pub fn note(&mut self, part: &'static str, place: impl Into<String>, why: &dyn std::fmt::Display) {
        let place = place.into();
        if self.logged.len() < MAX_LOGGED && self.logged.insert(place.clone()) {
            tracing::info!(part, place, error = %why, "the facts of this machine are told without this");
        }
        let places = self.by_part.entry(part).or_default();
        if places.len() < MAX_UNREADABLE {
            places.insert(place);
        }
    }

    /// All of them.
    pub fn unreadable(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.by_part.values().flatten().collect();
        all.into_iter().take(MAX_UNREADABLE).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_not_waited_for_and_a_path_stays_below_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert!(text(&pipe, 10).is_err());
        assert_eq!(below(Path::new("/r"), Path::new("/../etc/./passwd")), Path::new("/r/etc/passwd"));
    }

    #[test]
    fn a_place_is_noted_until_it_can_be_read() {
        let mut notes = Notes::default();
        notes.failed("accounts", "/etc/shadow", &io::Error::from(ErrorKind::PermissionDenied));
        notes.failed("accounts", "/etc/gone", &io::Error::from(ErrorKind::NotFound));
        assert_eq!(notes.unreadable(), ["/etc/shadow"]);
        notes.begin("accounts");
        assert!(notes.unreadable().is_empty());
    }

    #[test]
    fn folders_of_other_machines_are_known() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("self")).unwrap();
        let mounts =
            "/dev/sda1 / ext4 rw 0 0\nfiles:/export /home nfs4 rw 0 0\nx /srv/a\\040b fuse.sshfs rw 0 0\nbad\n";
        fs::write(folder.path().join("self/mounts"), mounts).unwrap();
        assert_eq!(remote_mounts(folder.path()), [Path::new("/home"), Path::new("/srv/a b")]);
    }
}
