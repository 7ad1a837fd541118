//! Who of this machine's accounts can read a file, by the rights that the files and folders show.

use crate::facts::accounts::Group;
use crate::facts::people::Account;
use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// One account, as the kernel weighs it.
struct Reader {
    uid: u32,
    groups: HashSet<u32>,
}

/// What may be read by whom.
pub(super) struct Reach {
    root: PathBuf,
    readers: Vec<Reader>,
    /// Who gets into the folder that was asked for last: files of a folder come one after the other.
    last: Option<(PathBuf, Vec<bool>)>,
}

/// Who can read one file.
pub(super) struct Readers {
    /// Accounts, root among them.
    pub count: usize,
    /// Whether everybody can, who is in no group and owns nothing.
    pub world: bool,
}

impl Reach {
    pub fn new(root: &Path, accounts: &[Account], groups: &[Group]) -> Reach {
        let mut of = HashMap::<&str, HashSet<u32>>::new();
        for group in groups {
            for member in &group.members {
                of.entry(member).or_default().insert(group.gid);
            }
        }
        let mut by_uid = HashMap::<u32, HashSet<u32>>::new();
        for account in accounts {
            let mine = by_uid.entry(account.uid).or_default();
            mine.insert(account.gid);
            mine.extend(of.get(account.name.as_str()).into_iter().flatten());
        }
        let mut readers: Vec<Reader> = by_uid.into_iter().map(|(uid, groups)| Reader { uid, groups }).collect();
        readers.sort_by_key(|reader| reader.uid);
        // Stands for everybody else; it is not counted.
        readers.push(Reader { uid: u32::MAX, groups: HashSet::new() });
        Reach { root: root.to_owned(), readers, last: None }
    }

    /// Who can read the file, given its metadata.
    pub fn of(&mut self, path: &Path, metadata: &Metadata) -> Readers {
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        if self.last.as_ref().is_none_or(|(last, _)| *last != folder) {
            let mut inside = vec![true; self.readers.len()];
            for above in folder.ancestors().take_while(|above| above.starts_with(&self.root)) {
                let metadata = fs::metadata(above).ok();
                for (open, reader) in inside.iter_mut().zip(&self.readers) {
                    *open &= metadata.as_ref().is_some_and(|metadata| may(reader, metadata, 1));
                }
            }
            self.last = Some((folder, inside));
        }
        let inside = self.last.as_ref().map(|(_, inside)| &inside[..]).unwrap_or_default();
        let can = |(reader, open): (&Reader, &bool)| *open && may(reader, metadata, 4);
        let all: Vec<bool> = self.readers.iter().zip(inside).map(can).collect();
        let world = all.last().copied().unwrap_or(false);
        Readers { count: all.iter().filter(|can| **can).count() - usize::from(world), world }
    }
}

/// The owner's rights hold for the owner alone, also where others have more; root may all that is asked here.
fn may(reader: &Reader, metadata: &Metadata, right: u32) -> bool {
    let mode = metadata.mode();
    if reader.uid == 0 {
        true
    } else if reader.uid == metadata.uid() {
        mode >> 6 & right != 0
    } else if reader.groups.contains(&metadata.gid()) {
        mode >> 3 & right != 0
    } else {
        mode & right != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn account(name: &str, uid: u32, gid: u32) -> Account {
        let (home, shell) = (PathBuf::from("/"), String::new());
        Account { name: name.to_owned(), password: "x".to_owned(), uid, gid, home, shell }
    }

    #[test]
    fn rights_of_the_file_and_of_all_folders_above() {
        let root = tempfile::tempdir().unwrap();
        let me = fs::metadata(root.path()).unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let folder = root.path().join("a/b");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("secret");
        fs::write(&file, "x").unwrap();
        // Three accounts beside root: one in the group of the file by its first group, one as a member.
        let accounts = [
            account("root", 0, 0),
            account("one", 4_000_001, me.gid()),
            account("two", 4_000_002, 4_000_002),
            account("three", 4_000_003, 4_000_003),
        ];
        let groups = [Group { name: "g".to_owned(), gid: me.gid(), members: vec!["two".to_owned()] }];
        let readers = |folder_mode: u32, mode: u32| {
            fs::set_permissions(&folder, fs::Permissions::from_mode(folder_mode)).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let mut reach = Reach::new(root.path(), &accounts, &groups);
            let readers = reach.of(&file, &fs::metadata(&file).unwrap());
            (readers.count, readers.world)
        };
        assert_eq!(readers(0o755, 0o644), (4, true));
        assert_eq!(readers(0o755, 0o640), (3, false));
        assert_eq!(readers(0o755, 0o600), (1, false));
        assert_eq!(readers(0o755, 0o604), (2, true), "the group is shut out");
        assert_eq!(readers(0o700, 0o644), (1, false), "nobody else gets into the folder");
        assert_eq!(readers(0o710, 0o644), (3, false));
    }
}
