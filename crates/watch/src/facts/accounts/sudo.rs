//! Who may become root by `sudo`, as the rules say it. Commands are not weighed: whoever may run one as another user is
//! told.

use super::super::people::Account;
use super::super::read::{self, Notes};
use super::files;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Rule files read, with all that they include.
const MAX_FILES: usize = 256;
/// Largest rule file.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Names that an alias may stand for after all aliases in it are resolved.
const MAX_NAMES: usize = 4_096;
/// Aliases within aliases.
const MAX_DEPTH: usize = 8;
/// Groups that may become root where the rules cannot be read.
const USUAL: [&str; 3] = ["sudo", "wheel", "admin"];
const PART: &str = "accounts";

/// The rules, as far as they say who.
#[derive(Default)]
pub(super) struct Sudo {
    /// `ada`, `%wheel`, `#1000`, `%#27`, `ALL`.
    who: HashSet<String>,
    /// Those of them that are not asked for a password.
    freely: HashSet<String>,
}

impl Sudo {
    pub fn read(root: &Path, notes: &mut Notes) -> Sudo {
        let mut reader = Reader { root, notes, seen: HashSet::new(), lines: Vec::new() };
        reader.file(&root.join("etc/sudoers"), "/etc/sudoers");
        Sudo::of(&reader.lines)
    }

    fn of(lines: &[String]) -> Sudo {
        let mut aliases = HashMap::<String, Vec<String>>::new();
        let mut rules = Vec::new();
        for line in lines {
            let Some((left, right)) = line.split_once('=') else { continue };
            if let Some(first) = left.strip_prefix("User_Alias") {
                // Several aliases of one line are parted by colons.
                for one in format!("{first}={right}").split(':') {
                    if let Some((name, members)) = one.split_once('=') {
                        aliases.insert(name.trim().to_owned(), list(members));
                    }
                }
            } else if !left.contains("_Alias") && !left.starts_with("Defaults") {
                // `ada, %ops  web1, web2`: what stands after the last name is where the rule holds.
                let names = left.trim();
                let who = match names.rsplit_once(char::is_whitespace) {
                    Some((who, _)) => who.replace(", ", ",").replace(" ,", ","),
                    None => continue,
                };
                let who = who.split_whitespace().next().unwrap_or("").to_owned();
                rules.push((list(&who), right.contains("NOPASSWD")));
            }
        }
        let mut sudo = Sudo::default();
        for (names, freely) in rules {
            let mut all = BTreeSet::new();
            names.iter().for_each(|name| resolve(name, &aliases, MAX_DEPTH, &mut all));
            if freely {
                sudo.freely.extend(all.iter().cloned());
            }
            sudo.who.extend(all);
        }
        sudo
    }

    /// Whether an account may, by itself or by one of its groups.
    pub fn may(&self, account: &Account, groups: &BTreeSet<&str>) -> bool {
        // Also where the rules are not readable: members of these are meant to.
        groups.iter().any(|group| USUAL.contains(group)) || among(&self.who, account, groups)
    }

    /// Whether it is not even asked for a password.
    pub fn without_password(&self, account: &Account, groups: &BTreeSet<&str>) -> bool {
        account.uid != 0 && among(&self.freely, account, groups)
    }
}

fn among(names: &HashSet<String>, account: &Account, groups: &BTreeSet<&str>) -> bool {
    names.contains("ALL")
        || names.contains(&account.name)
        || names.contains(&format!("#{}", account.uid))
        || names.contains(&format!("%#{}", account.gid))
        || groups.iter().any(|group| names.contains(&format!("%{group}")))
}

fn list(text: &str) -> Vec<String> {
    let names = text.split(',').map(|name| name.trim().trim_matches('"').replace('\\', ""));
    names.filter(|name| !name.is_empty()).take(MAX_NAMES).collect()
}

fn resolve(name: &str, aliases: &HashMap<String, Vec<String>>, depth: usize, out: &mut BTreeSet<String>) {
    if out.len() >= MAX_NAMES {
        return;
    }
    match aliases.get(name) {
        Some(members) if depth > 0 => members.iter().for_each(|member| resolve(member, aliases, depth - 1, out)),
        _ => {
            out.insert(name.to_owned());
        }
    }
}

struct Reader<'a> {
    root: &'a Path,
    notes: &'a mut Notes,
    /// Each file is read once, so files that include each other end.
    seen: HashSet<PathBuf>,
    lines: Vec<String>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, shown: &str) {
        if self.seen.len() >= MAX_FILES || !self.seen.insert(path.to_owned()) {
            return;
        }
        match read::text(path, MAX_FILE_BYTES) {
            Ok(text) => self.text(&text.replace("\\\n", " "), shown),
            Err(error) => self.notes.failed(PART, shown, &error),
        }
    }

    fn text(&mut self, text: &str, shown: &str) {
        for line in text.lines().map(str::trim) {
            let directive =
                line.strip_prefix('@').or_else(|| line.strip_prefix('#').filter(|_| line.starts_with("#include")));
            match directive.and_then(|line| line.split_once(char::is_whitespace)) {
                Some(("include", path)) => {
                    let (path, shown) = self.place(path, shown);
                    self.file(&path, &shown);
                }
                Some(("includedir", path)) => {
                    let (path, shown) = self.place(path, shown);
                    // As sudo does it: names with a dot or a tilde at the end are left by editors and packages.
                    match files(&path, MAX_FILES, |name| !name.contains('.') && !name.ends_with('~')) {
                        Ok(all) => all.iter().for_each(|file| self.file(file, &shown)),
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        Err(error) => self.notes.failed(PART, shown, &error),
                    }
                }
                _ => {
                    // `#1000` at the beginning is a number of an account, anything else a comment.
                    let number =
                        line.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                    let end = line.find('#').filter(|_| !number).unwrap_or(line.len());
                    let plain = if line[..end].ends_with('%') { line } else { &line[..end] };
                    if !plain.is_empty() {
                        self.lines.push(plain.to_owned());
                    }
                }
            }
        }
    }

    /// Where an included path is, and how it is shown; a relative one is beside the rules.
    fn place(&self, path: &str, shown: &str) -> (PathBuf, String) {
        let path = path.trim().trim_matches('"');
        let folder = Path::new(shown).parent().unwrap_or(Path::new("/etc"));
        let path = folder.join(path);
        (read::below(self.root, &path), path.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn account(name: &str, uid: u32) -> Account {
        Account {
            name: name.to_owned(),
            password: "x".to_owned(),
            uid,
            gid: uid,
            home: PathBuf::from("/home/x"),
            shell: "/bin/sh".to_owned(),
        }
    }

    #[test]
    fn rules_aliases_and_files_that_include_each_other() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc/sudoers.d")).unwrap();
        let rules = "# Rules\nDefaults env_reset\nUser_Alias OPS = grace, LATE : LATE = alan\n\
                     OPS ALL = (ALL) ALL\n%ops\\\n  ALL=(root) /usr/bin/systemctl\n#1007 ALL=(ALL) ALL # by number\n\
                     Cmnd_Alias SHELLS = /bin/sh\nloop ALL\n@includedir /etc/sudoers.d\n@include sudoers\n";
        fs::write(root.path().join("etc/sudoers"), rules).unwrap();
        fs::write(
            root.path().join("etc/sudoers.d/deploy"),
            "deploy, ci ALL=(ALL) NOPASSWD: ALL\n#include /etc/sudoers\n",
        )
        .unwrap();
        fs::write(root.path().join("etc/sudoers.d/old.bak"), "eve ALL=(ALL) ALL\n").unwrap();
        let mut notes = Notes::default();
        let sudo = Sudo::read(root.path(), &mut notes);
        let none = BTreeSet::new();
        for (name, uid, may) in [
            ("grace", 1, true),
            ("alan", 2, true),
            ("ci", 3, true),
            ("deploy", 4, true),
            ("seven", 1007, true),
            ("eve", 5, false),
            ("SHELLS", 6, false),
        ] {
            assert_eq!(sudo.may(&account(name, uid), &none), may, "{name}");
        }
        assert!(sudo.may(&account("x", 9), &BTreeSet::from(["ops"])));
        assert!(sudo.may(&account("x", 9), &BTreeSet::from(["wheel"])), "by custom");
        assert!(sudo.without_password(&account("deploy", 4), &none));
        assert!(!sudo.without_password(&account("grace", 1), &none));
        assert!(notes.unreadable().is_empty());
    }
}
