//! Executables that run. Command lines and environments are never read, because they may hold secrets.

use super::part::{Item, Part, attributes};
use super::people::is_system;
use super::sockets::processes;
use super::{Look, read};
use model::{Facts, Nanos, entity};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Processes looked at.
const MAX_PROCESSES: usize = 8_192;
/// Executables told.
const MAX_EXECUTABLES: usize = 2_048;
/// A status has under 2 KiB; a list of groups may be long.
const MAX_STATUS_BYTES: u64 = 16 * 1024;
/// A process is in one group of each hierarchy.
const MAX_GROUPS_BYTES: u64 = 8 * 1024;
const PART: &str = "executables";

/// What a process runs.
pub(super) struct Running {
    /// Without the kernel's mark for a file that is gone.
    pub path: PathBuf,
    /// Replaced or removed while it runs.
    pub deleted: bool,
}

/// What runs in the folder of a process; an error for a thread of the kernel.
pub(super) fn executable(process: &Path) -> io::Result<Running> {
    let target = std::fs::read_link(process.join("exe"))?;
    let bytes = target.as_os_str().as_bytes();
    Ok(match bytes.strip_suffix(b" (deleted)") {
        Some(path) => Running { path: PathBuf::from(OsStr::from_bytes(path)), deleted: true },
        None => Running { path: target, deleted: false },
    })
}

/// What is told of one executable.
#[derive(Default)]
struct Seen {
    count: usize,
    deleted: bool,
    contained: usize,
    users: BTreeSet<&'static str>,
}

/// The executables that run on this machine.
#[derive(Default)]
pub(super) struct Executables {
    pub part: Part,
}

impl Executables {
    pub fn poll(&mut self, look: &mut Look<'_>, on: bool, interval: Nanos, facts: &mut Facts) {
        if !on {
            return self.part.withdraw(look.host, entity::EXECUTES, true, look.now, facts);
        }
        if !self.part.due(look.now, interval) {
            return;
        }
        self.part.looked(look.now);
        look.notes.begin(PART);
        let mut all = BTreeMap::<PathBuf, Seen>::new();
        for process in processes(&look.config.proc).take(MAX_PROCESSES) {
            let running = match executable(&process) {
                Ok(running) => running,
                Err(error) => {
                    look.notes.failed(PART, "/proc/[pid]/exe", &error);
                    continue;
                }
            };
            if all.len() >= MAX_EXECUTABLES && !all.contains_key(&running.path) {
                continue;
            }
            let seen = all.entry(running.path).or_default();
            seen.count += 1;
            seen.deleted |= running.deleted;
            seen.contained += usize::from(contained(&process));
            seen.users.extend(user(&process));
        }
        // A machine that shows no process does not show them; it is not without.
        if all.is_empty() {
            return;
        }
        let items = all.into_iter().filter_map(|(path, seen)| item(look, &path, &seen)).collect();
        self.part.tell(look.host, entity::EXECUTES, true, items, look.now, facts);
    }
}

fn item(look: &Look<'_>, path: &Path, seen: &Seen) -> Option<Item> {
    let masked = look.people.mask(path);
    let name = masked.rsplit('/').next().unwrap_or(&masked).to_owned();
    let contained = match seen.contained {
        0 => "none",
        some if some < seen.count => "some",
        _ => "all",
    };
    let attributes = attributes([
        ("name", Value::from(name)),
        ("path", masked.clone().into()),
        ("processes", bucket(seen.count).into()),
        ("deleted", seen.deleted.into()),
        ("in_container", contained.into()),
        ("users", seen.users.iter().copied().collect::<Vec<_>>().into()),
    ]);
    Some(Item::part(entity::on_host("executable", look.host, &masked).ok()?, attributes))
}

/// Coarse, so that it does not change at each poll.
fn bucket(count: usize) -> &'static str {
    match count {
        ..10 => "under 10",
        10..100 => "10 to 99",
        _ => "100 and more",
    }
}

/// The class of the user it runs as.
fn user(process: &Path) -> Option<&'static str> {
    let status = read::text(&process.join("status"), MAX_STATUS_BYTES).ok()?;
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    // Real, effective, saved, of the file system: what it may do is the second.
    match uids.split_ascii_whitespace().nth(1)?.parse::<u32>().ok()? {
        0 => Some("root"),
        uid if is_system(uid) => Some("system"),
        _ => Some("person"),
    }
}

/// Whether a container runtime started it: a group of control bears the container's id of 64 digits.
fn contained(process: &Path) -> bool {
    let Ok(groups) = read::text(&process.join("cgroup"), MAX_GROUPS_BYTES) else { return false };
    groups.lines().flat_map(|line| line.split('/')).any(|part| {
        let id = part.trim_end_matches(".scope").rsplit(['-', ':']).next().unwrap_or("");
        id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
