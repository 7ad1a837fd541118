//! The accounts of a machine as far as every part must know them, and paths without names of persons.

use super::read::{self, Notes, Stamp};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Accounts of one machine; a machine with more takes them from a directory service, not from the file.
pub(super) const MAX_ACCOUNTS: usize = 4_096;
/// Largest account file read.
const MAX_PASSWD_BYTES: u64 = 2 * 1024 * 1024;
/// Below this number an account belongs to the system, as distributions have it (`UID_MIN`).
const FIRST_PERSON: u32 = 1_000;
/// The account that owns nothing.
const NOBODY: u32 = 65_534;
/// Folders in which each entry bears the name of an account.
const BY_NAME: [&str; 11] = [
    "/home",
    "/var/home",
    "/export/home",
    "/usr/home",
    "/var/mail",
    "/var/spool/mail",
    "/var/spool/cron/crontabs",
    "/var/spool/cron/tabs",
    "/var/spool/cron",
    "/run/media",
    "/media",
];

/// A line of the account file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub name: String,
    /// The second field: `x` where the password is in the shadow file.
    pub password: String,
    pub uid: u32,
    pub gid: u32,
    pub home: PathBuf,
    pub shell: String,
}

impl Account {
    /// Whether it belongs to the system, not to a person.
    pub fn system(&self) -> bool {
        is_system(self.uid)
    }

    /// Its name, or its number where the name would be a person's.
    pub fn masked(&self) -> String {
        if self.system() { self.name.clone() } else { format!("uid-{}", self.uid) }
    }
}

/// Whether a number belongs to the system.
pub(super) fn is_system(uid: u32) -> bool {
    uid < FIRST_PERSON || uid == NOBODY
}

/// The account file, read again when it changes.
#[derive(Default)]
pub(super) struct People {
    root: PathBuf,
    stamp: Option<Stamp>,
    pub accounts: Vec<Account>,
    /// Homes of persons, the longest first.
    homes: Vec<(PathBuf, u32, String)>,
}

impl People {
    pub fn new(root: &Path) -> People {
        People { root: root.to_owned(), ..People::default() }
    }

    /// Reads the account file if it was written since.
    pub fn refresh(&mut self, notes: &mut Notes) {
        let path = self.root.join("etc/passwd");
        let stamp = read::stamp(&path);
        if stamp == self.stamp && stamp.is_some() {
            return;
        }
        notes.begin("people");
        match read::text(&path, MAX_PASSWD_BYTES) {
            Ok(text) => {
                self.accounts = text.lines().filter_map(account).take(MAX_ACCOUNTS).collect();
                self.stamp = stamp;
            }
            Err(error) => notes.failed("people", "/etc/passwd", &error),
        }
        let persons = self.accounts.iter().filter(|account| !account.system() && account.home != Path::new("/"));
        self.homes = persons.map(|one| (one.home.clone(), one.uid, one.name.clone())).collect();
        self.homes.sort_by(|a, b| b.0.as_os_str().len().cmp(&a.0.as_os_str().len()).then_with(|| a.cmp(b)));
    }

    /// A path of this machine, as seen from its root, without the names of persons.
    pub fn mask(&self, path: &Path) -> String {
        for (home, uid, name) in &self.homes {
            if let Ok(rest) = path.strip_prefix(home) {
                let number = format!("uid-{uid}");
                let plain = |part: &OsStr| if part == OsStr::new(name) { number.clone() } else { lossy(part) };
                let mut out = String::new();
                for part in home.parent().into_iter().flat_map(Path::iter).skip(1) {
                    push(&mut out, &plain(part));
                }
                // A program's folder keeps its name although an account like a person's lives there.
                match home.file_name() {
                    Some(last) if of_programs(home) => push(&mut out, &plain(last)),
                    _ => push(&mut out, &number),
                }
                rest.iter().for_each(|part| push(&mut out, &plain(part)));
                return out;
            }
        }
        for folder in BY_NAME {
            if let Ok(rest) = path.strip_prefix(folder)
                && let Some(first) = rest.iter().next()
                && !BY_NAME.iter().any(|other| path == Path::new(other) || below_other(path, folder, other))
            {
                let mut out = format!("{folder}/{}", self.entry(&Path::new(folder).join(first), first));
                rest.iter().skip(1).for_each(|part| push(&mut out, &lossy(part)));
                return out;
            }
        }
        path.to_string_lossy().into_owned()
    }

    /// What stands for an entry that bears the name of an account.
    fn entry(&self, path: &Path, name: &OsStr) -> String {
        if let Some(account) = self.accounts.iter().find(|account| OsStr::new(&account.name) == name) {
            return account.masked();
        }
        // Whoever is not in the file comes from a directory service, or was removed and left this.
        match fs::symlink_metadata(read::below(&self.root, path)) {
            Ok(metadata) if !is_system(metadata.uid()) => format!("uid-{}", metadata.uid()),
            _ => "uid-unknown".to_owned(),
        }
    }
}

/// Whether programs, not persons, have their folders there.
fn of_programs(home: &Path) -> bool {
    let by_name = BY_NAME.iter().any(|folder| home.starts_with(folder));
    !by_name && ["/var", "/opt", "/srv", "/usr", "/etc", "/run"].iter().any(|folder| home.starts_with(folder))
}

/// Whether a more precise folder of the list holds the path.
fn below_other(path: &Path, folder: &str, other: &str) -> bool {
    other.len() > folder.len() && other.starts_with(folder) && path.starts_with(other)
}

fn push(out: &mut String, part: &str) {
    if !out.ends_with('/') {
        out.push('/');
    }
    out.push_str(part);
}

fn lossy(part: &OsStr) -> String {
    part.to_string_lossy().into_owned()
}

fn account(line: &str) -> Option<Account> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, password, uid, gid, _, home, shell] = fields[..] else { return None };
    if name.is_empty() || name.starts_with(['+', '-', '#']) {
        return None;
    }
    let home = if home.is_empty() { "/" } else { home };
    Some(Account {
        name: name.to_owned(),
        password: password.to_owned(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        home: PathBuf::from(home),
        shell: shell.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_do_not_name_persons() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        let passwd = "root:x:0:0:root:/root:/bin/bash\n\
                      www-data:x:33:33::/var/www:/usr/sbin/nologin\n\
                      ada:x:1000:1000:Ada:/home/ada:/bin/bash\n\
                      grace:x:1001:1001::/data/users/grace:/bin/zsh\n\
                      web:x:1002:1002::/var/www/site:/bin/sh\n\
                      broken line\n\
                      nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n";
        fs::write(root.path().join("etc/passwd"), passwd).unwrap();
        let mut people = People::new(root.path());
        people.refresh(&mut Notes::default());
        assert_eq!(people.accounts.len(), 6);
        for (path, masked) in [
            ("/home/ada/.ssh/id_ed25519", "/home/uid-1000/.ssh/id_ed25519"),
            ("/home/ada/ada/x", "/home/uid-1000/uid-1000/x"),
            ("/home/ada", "/home/uid-1000"),
            ("/home/adamant/x", "/home/uid-unknown/x"),
            ("/home", "/home"),
            ("/data/users/grace/.netrc", "/data/users/uid-1001/.netrc"),
            ("/var/spool/cron/crontabs/ada", "/var/spool/cron/crontabs/uid-1000"),
            ("/var/spool/cron/crontabs", "/var/spool/cron/crontabs"),
            ("/var/spool/cron/root", "/var/spool/cron/root"),
            ("/var/www/site/.env", "/var/www/site/.env"),
            ("/etc/shadow", "/etc/shadow"),
        ] {
            assert_eq!(people.mask(Path::new(path)), masked, "{path}");
        }
        assert_eq!(people.accounts[2].masked(), "uid-1000");
        assert_eq!(people.accounts[5].masked(), "nobody");
    }
}
