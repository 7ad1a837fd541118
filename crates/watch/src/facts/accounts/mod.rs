//! Accounts and groups: who may log in, how, and who may become root. Names of persons, passwords and keys are never
//! told; of keys, how many there are.

mod logins;
mod sudo;

use super::part::{Attributes, Item, Part, attributes};
use super::people::Account;
use super::read::{self, Stamp};
use super::{Look, SECOND};
use logins::{Logins, Shadow};
use model::{Facts, Nanos, entity};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use sudo::Sudo;

/// Largest account file read.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;
/// Groups read.
const MAX_GROUPS: usize = 8_192;
/// Members of one group.
const MAX_MEMBERS: usize = 4_096;
/// Time for the homes of all accounts: a disk that wakes up must not hold up a poll. The rest has unknown keys.
const HOMES: Duration = Duration::from_millis(150);
/// Groups whose members may do what others may not, on the usual distributions.
const PRIVILEGED: [&str; 16] = [
    "root",
    "sudo",
    "wheel",
    "admin",
    "adm",
    "docker",
    "podman",
    "lxd",
    "incus-admin",
    "libvirt",
    "kvm",
    "disk",
    "shadow",
    "kmem",
    "systemd-journal",
    "ssl-cert",
];
/// Changed files are read at once.
const WATCHED: [&str; 7] = [
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/ssh/sshd_config",
    "etc/ssh/sshd_config.d",
    "etc/sudoers",
    "etc/sudoers.d",
];
const PART: &str = "accounts";

/// A line of the group file.
pub(in crate::facts) struct Group {
    pub name: String,
    pub gid: u32,
    pub members: Vec<String>,
}

/// The groups of the machine, as far as the file has them.
pub(in crate::facts) fn groups(root: &Path) -> std::io::Result<Vec<Group>> {
    let text = read::text(&root.join("etc/group"), MAX_FILE_BYTES)?;
    Ok(text.lines().filter_map(group).take(MAX_GROUPS).collect())
}

fn group(line: &str) -> Option<Group> {
    let mut fields = line.split(':');
    let (name, _, gid, members) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let members = members.split(',').map(str::trim).filter(|member| !member.is_empty());
    let members = members.take(MAX_MEMBERS).map(str::to_owned).collect();
    (!name.is_empty()).then_some(Group { name: name.to_owned(), gid: gid.parse().ok()?, members })
}

/// The accounts of this machine.
#[derive(Default)]
pub(super) struct Accounts {
    pub part: Part,
    stamps: Vec<Option<Stamp>>,
}

impl Accounts {
    pub fn poll(&mut self, look: &mut Look<'_>, on: bool, interval: Nanos, facts: &mut Facts) {
        if !on {
            return self.part.withdraw(look.host, entity::KNOWS, true, look.now, facts);
        }
        let stamps: Vec<_> = WATCHED.iter().map(|file| read::stamp(&look.config.root.join(file))).collect();
        if !self.part.due(look.now, interval.max(SECOND)) && stamps == self.stamps {
            return;
        }
        self.stamps = stamps;
        self.part.looked(look.now);
        look.notes.begin(PART);
        if look.people.accounts.is_empty() {
            return;
        }
        let groups = groups(&look.config.root).unwrap_or_else(|error| {
            look.notes.failed(PART, "/etc/group", &error);
            Vec::new()
        });
        let mut items = account_items(look, &groups);
        items.extend(group_items(look, &groups));
        self.part.tell(look.host, entity::KNOWS, true, items, look.now, facts);
    }
}

/// What several accounts tell of each other.
struct Sharing<'a> {
    by_uid: HashMap<u32, Vec<&'a str>>,
}

impl Sharing<'_> {
    fn reason(&self, account: &Account, keys: Option<usize>, shell: bool) -> Option<&'static str> {
        let names = self.by_uid.get(&account.uid).map_or(0, Vec::len);
        match account.uid {
            0 if names > 1 => Some("several accounts are root"),
            _ if names > 1 => Some("several names have one number"),
            // Whose keys these are only their comments say, and those are names of persons.
            _ if account.system() && shell && keys.is_some_and(|keys| keys > 1) => {
                Some("several keys open an account of the system")
            }
            _ => None,
        }
    }
}

fn account_items(look: &mut Look<'_>, groups: &[Group]) -> Vec<Item> {
    let root = &look.config.root;
    let shadow = Shadow::read(root, look.notes);
    let logins = Logins::read(root, look.notes);
    let sudo = Sudo::read(root, look.notes);
    let remote = read::remote_mounts(&look.config.proc);
    let mut sharing = Sharing { by_uid: HashMap::new() };
    for account in &look.people.accounts {
        sharing.by_uid.entry(account.uid).or_default().push(&account.name);
    }
    let mut of = HashMap::<&str, BTreeSet<&str>>::new();
    let by_gid: HashMap<u32, &str> = groups.iter().map(|group| (group.gid, group.name.as_str())).collect();
    for group in groups {
        for member in &group.members {
            of.entry(member).or_default().insert(&group.name);
        }
    }
    let deadline = Instant::now() + HOMES;
    let mut items = BTreeMap::new();
    for account in &look.people.accounts {
        let mut mine = of.get(account.name.as_str()).cloned().unwrap_or_default();
        mine.extend(by_gid.get(&account.gid));
        let away = remote.iter().any(|mount| account.home.starts_with(mount));
        let keys = if away || Instant::now() > deadline { None } else { logins.keys(root, account, look.notes) };
        let shell = logins::shell(account);
        let mut out: Attributes = attributes([
            ("uid", Value::from(account.uid)),
            ("system", account.system().into()),
            ("shell_login", shell.into()),
            ("password", shadow.password(account).into()),
            ("sudo", (account.uid == 0 || sudo.may(account, &mine)).into()),
        ]);
        if sudo.without_password(account, &mine) {
            out.insert("sudo_without_password".to_owned(), true.into());
        }
        if let Some(keys) = keys {
            out.insert("ssh_keys".to_owned(), keys.into());
        }
        let reason = sharing.reason(account, keys, shell);
        out.insert("shared".to_owned(), reason.is_some().into());
        if let Some(reason) = reason {
            out.insert("shared_because".to_owned(), reason.into());
        }
        // An account that nobody logs in to needs none.
        if shell || keys.is_some_and(|keys| keys > 0) {
            out.insert("second_factor".to_owned(), logins.second_factor().into());
        }
        if let Ok(to) = entity::on_host("account", look.host, &account.masked()) {
            // Two persons' names with one number are one entity here; that they share it is told.
            items.entry(to.clone()).or_insert_with(|| Item::part(to, out));
        }
    }
    items.into_values().collect()
}

/// The groups that give rights, with how many accounts are in each; other groups may bear the names of persons.
fn group_items(look: &Look<'_>, groups: &[Group]) -> Vec<Item> {
    let item = |group: &Group| {
        let accounts = &look.people.accounts;
        let first = accounts.iter().filter(|one| one.gid == group.gid).map(|one| one.name.as_str());
        let members: BTreeSet<&str> = group.members.iter().map(String::as_str).chain(first).collect();
        let attributes = attributes([
            ("gid", Value::from(group.gid)),
            ("members", members.len().into()),
            ("privileged", true.into()),
        ]);
        Some(Item::part(entity::on_host("group", look.host, &group.name).ok()?, attributes))
    };
    groups.iter().filter(|group| PRIVILEGED.contains(&group.name.as_str())).filter_map(item).collect()
}

/// Files of a folder whose names a filter takes, in order.
fn files(folder: &Path, most: usize, takes: impl Fn(&str) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(folder)?
        .flatten()
        .take(most)
        .filter(|entry| entry.file_name().to_str().is_some_and(&takes))
        .map(|entry| entry.path())
        .collect();
    out.sort();
    Ok(out)
}
