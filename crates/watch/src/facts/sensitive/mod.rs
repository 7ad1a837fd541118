//! Files that look sensitive, and whom they are open to. By name and place alone; of what may be a key the first bytes
//! are looked at and forgotten.

mod class;
mod reach;

use super::accounts::groups;
use super::part::{Attributes, Item, Part, attributes};
use super::people::is_system;
use super::policy::Policy;
use super::read;
use super::{Look, SECOND};
use anyhow::{Context as _, Result};
use class::{Guess, HEAD_BYTES, MIN_DUMP_BYTES, guess, is_key};
use glob::Pattern;
use model::{Facts, Nanos, entity};
use reach::Reach;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs::{self, Metadata, ReadDir};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Folders that are searched.
const FOLDERS: [&str; 7] = ["/etc", "/root", "/home", "/srv", "/opt", "/var/lib", "/var/www"];
/// Folders that are not: their files belong to containers and package managers, and are many.
const SKIPPED: [&str; 8] = [
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/kubelet/pods",
    "/var/lib/dpkg",
    "/var/lib/apt",
    "/var/lib/rpm",
    "/etc/ssl/certs",
];
/// Folders of programs' parts, by name: their keys and dumps are of tests.
const SKIPPED_NAMES: [&str; 4] = ["node_modules", "site-packages", "dist-packages", ".git"];
/// Folders below the first.
const MAX_DEPTH: usize = 12;
/// Names looked at below one first folder, so that one large tree does not hide the others.
const MAX_NAMES: usize = 60_000;
/// Folders that wait to be looked at.
const MAX_WAITING: usize = 20_000;
/// Files whose rights and first bytes are looked at in one pass.
const MAX_FILES: usize = 10_000;
/// Files told.
const MAX_TOLD: usize = 2_000;
/// Patterns of further names.
const MAX_PATTERNS: usize = 64;
/// Time of one poll that a pass takes; the rest of it comes with the next polls.
const SLICE: Duration = Duration::from_millis(40);
/// Names or folders between two looks at the clock.
const STEPS_PER_CHECK: usize = 16;
const PART: &str = "sensitive";
const DAY: i64 = 24 * 3600;

/// The sensitive files of this machine.
pub(super) struct Sensitive {
    pub part: Part,
    patterns: Vec<Pattern>,
    further: Vec<PathBuf>,
    excluded: Vec<PathBuf>,
    pass: Option<Pass>,
    begun: Option<Nanos>,
    found: Option<Vec<Item>>,
    counts: BTreeMap<&'static str, u64>,
    cut: bool,
}

/// A folder that waits.
struct Folder {
    path: PathBuf,
    depth: usize,
    /// Which of the first folders it is below.
    first: usize,
}

/// One search, which may take several polls.
struct Pass {
    waiting: VecDeque<Folder>,
    current: Option<(ReadDir, Folder)>,
    /// File system and names left, of each first folder.
    first: Vec<(u64, usize)>,
    files: usize,
    remote: Vec<PathBuf>,
    reach: Reach,
    seen: HashSet<(u64, u64)>,
    items: Vec<Item>,
    counts: BTreeMap<&'static str, u64>,
    cut: bool,
}

impl Sensitive {
    pub fn new(patterns: &[String], policy: &Policy) -> Result<Sensitive> {
        let compile = |text: &String| Pattern::new(text).with_context(|| format!("the pattern `{text}` is wrong"));
        let patterns = patterns.iter().take(MAX_PATTERNS).map(compile).collect::<Result<_>>()?;
        let mut sensitive = Sensitive {
            part: Part::default(),
            patterns,
            further: Vec::new(),
            excluded: Vec::new(),
            pass: None,
            begun: None,
            found: None,
            counts: BTreeMap::new(),
            cut: false,
        };
        sensitive.apply(policy);
        Ok(sensitive)
    }

    /// Searches anew in the folders of a policy.
    pub fn apply(&mut self, policy: &Policy) {
        let (further, excluded): (Vec<PathBuf>, Vec<PathBuf>) = (
            policy.sensitive_folders.iter().map(PathBuf::from).collect(),
            policy.excluded_folders.iter().map(PathBuf::from).collect(),
        );
        if further != self.further || excluded != self.excluded {
            (self.further, self.excluded) = (further, excluded);
            (self.pass, self.begun) = (None, None);
        }
    }

    /// How many there are of each class, after a whole pass.
    pub fn counts(&self) -> Option<Value> {
        self.found.as_ref()?;
        let mut counts: Attributes = self.counts.iter().map(|(class, n)| ((*class).to_owned(), (*n).into())).collect();
        if self.cut {
            counts.insert("incomplete".to_owned(), true.into());
        }
        Some(Value::Object(counts))
    }

    pub fn poll(&mut self, look: &mut Look<'_>, on: bool, interval: Nanos, facts: &mut Facts) {
        if !on {
            (self.pass, self.begun, self.found) = (None, None, None);
            return self.part.withdraw(look.host, entity::KEEPS, true, look.now, facts);
        }
        let since = self.begun.map_or(Nanos::MAX, |at| if at > look.now { Nanos::MAX } else { look.now - at });
        if self.pass.is_none() && since >= interval.max(SECOND) {
            self.begun = Some(look.now);
            look.notes.begin(PART);
            self.pass = Some(self.start(look));
        }
        let mut fresh = false;
        if let Some(mut pass) = self.pass.take() {
            let deadline = Instant::now() + SLICE;
            if pass.slice(look, &self.patterns, &self.skipped(look), deadline) {
                self.cut = pass.cut;
                self.counts = pass.counts;
                self.found = Some(pass.items);
                fresh = true;
            } else {
                self.pass = Some(pass);
            }
        }
        if let Some(found) = &self.found
            && (self.part.due(look.now, Nanos::MAX) || fresh)
        {
            self.part.tell(look.host, entity::KEEPS, true, found.clone(), look.now, facts);
        }
    }

    fn skipped(&self, look: &Look<'_>) -> HashSet<PathBuf> {
        let all = SKIPPED.iter().map(Path::new).chain(self.excluded.iter().map(PathBuf::as_path));
        all.map(|path| read::below(&look.config.root, path)).collect()
    }

    fn start(&self, look: &mut Look<'_>) -> Pass {
        let root = &look.config.root;
        let groups = groups(root).unwrap_or_default();
        let mut pass = Pass {
            waiting: VecDeque::new(),
            current: None,
            first: Vec::new(),
            files: MAX_FILES,
            remote: read::remote_mounts(&look.config.proc),
            reach: Reach::new(root, &look.people.accounts, &groups),
            seen: HashSet::new(),
            items: Vec::new(),
            counts: BTreeMap::new(),
            cut: false,
        };
        let further = self.further.iter().map(PathBuf::as_path);
        for folder in FOLDERS.iter().map(Path::new).chain(further) {
            if pass.remote.iter().any(|mount| folder.starts_with(mount)) {
                look.notes.note(PART, look.people.mask(folder), &"it is on another machine");
                continue;
            }
            let path = read::below(root, folder);
            // A link in the place of a folder is somewhere else, and not asked for.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                pass.first.push((metadata.dev(), MAX_NAMES));
                pass.waiting.push_back(Folder { path, depth: 0, first: pass.first.len() - 1 });
            }
        }
        pass
    }
}

impl Pass {
    /// Goes on until the deadline; true when all is looked at.
    fn slice(
        &mut self,
        look: &mut Look<'_>,
        patterns: &[Pattern],
        skipped: &HashSet<PathBuf>,
        deadline: Instant,
    ) -> bool {
        for step in 1usize.. {
            if step.is_multiple_of(STEPS_PER_CHECK) && Instant::now() >= deadline {
                return false;
            }
            let Some((entries, folder)) = &mut self.current else {
                let Some(next) = self.waiting.pop_front() else { return true };
                self.enter(look, next);
                continue;
            };
            let left = &mut self.first[folder.first].1;
            let Some(entry) = entries.next().filter(|_| *left > 0) else {
                self.cut |= *left == 0;
                self.current = None;
                continue;
            };
            *left -= 1;
            let (depth, first) = (folder.depth, folder.first);
            if let Ok(entry) = entry {
                // Comes with the name: most files need no further look.
                let kind = entry.file_type();
                let path = entry.path();
                if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                    let by_name = entry.file_name().to_str().is_some_and(|name| SKIPPED_NAMES.contains(&name));
                    if depth < MAX_DEPTH && !by_name && !skipped.contains(&path) {
                        if self.waiting.len() < MAX_WAITING {
                            self.waiting.push_back(Folder { path, depth: depth + 1, first });
                        } else {
                            self.cut = true;
                        }
                    }
                } else if kind.is_ok_and(|kind| kind.is_file()) {
                    self.file(look, patterns, &path);
                }
            }
        }
        false
    }

    fn enter(&mut self, look: &mut Look<'_>, folder: Folder) {
        if self.first[folder.first].1 == 0 {
            self.cut = true;
            return;
        }
        let shown = shown(&look.config.root, &folder.path);
        if self.remote.iter().any(|mount| shown.starts_with(mount)) {
            return;
        }
        // Again without following: it may have become a link since it was seen.
        let there = fs::symlink_metadata(&folder.path);
        let there = there.is_ok_and(|metadata| {
            metadata.is_dir()
                && metadata.dev() == self.first[folder.first].0
                && self.seen.insert((metadata.dev(), metadata.ino()))
        });
        if !there {
            return;
        }
        match fs::read_dir(&folder.path) {
            Ok(entries) => self.current = Some((entries, folder)),
            Err(error) => look.notes.failed(PART, look.people.mask(&shown), &error),
        }
    }

    fn file(&mut self, look: &mut Look<'_>, patterns: &[Pattern], path: &Path) {
        let configured = path.file_name().and_then(|name| name.to_str());
        let configured = configured.is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)));
        let shown = shown(&look.config.root, path);
        let guess = if configured { Some(Guess::Is("configured")) } else { guess(&shown) };
        let Some(guess) = guess else { return };
        if self.files == 0 {
            self.cut = true;
            return;
        }
        self.files -= 1;
        let Ok(metadata) = fs::symlink_metadata(path) else { return };
        if !metadata.is_file() || metadata.len() == 0 {
            return;
        }
        let class = match guess {
            Guess::Is(class) => class,
            Guess::MayBeDump if metadata.len() >= MIN_DUMP_BYTES => "database_dump",
            Guess::MayBeDump => return,
            Guess::MayBeKey => match head(path) {
                Ok(head) if is_key(&head) => "private_key",
                Ok(_) => return,
                Err(error) => return look.notes.failed(PART, look.people.mask(&shown), &error),
            },
        };
        *self.counts.entry(class).or_default() += 1;
        if self.items.len() >= MAX_TOLD {
            self.cut = true;
            return;
        }
        let attributes = self.describe(look, path, &metadata, class);
        if let Ok(to) = entity::on_host("file", look.host, &look.people.mask(&shown)) {
            self.items.push(Item::part(to, attributes));
        }
    }

    fn describe(&mut self, look: &Look<'_>, path: &Path, metadata: &Metadata, class: &str) -> Attributes {
        let readers = self.reach.of(path, metadata);
        let owner = match metadata.uid() {
            0 => "root",
            uid if is_system(uid) => "system",
            _ => "person",
        };
        let age = (look.now / SECOND).saturating_sub(metadata.mtime());
        let mut out = attributes([
            ("class", Value::from(class)),
            ("readers", readers.count.into()),
            ("world_readable", readers.world.into()),
            ("mode", format!("{:04o}", metadata.mode() & 0o7777).into()),
            ("owner_class", owner.into()),
            ("size", size(metadata.len()).into()),
            ("age", self::age(age).into()),
        ]);
        // An access list may let others in; then the count is not the whole truth.
        let mut list = [0u8; 256];
        let list = rustix::fs::lgetxattr(path, "system.posix_acl_access", &mut list[..]);
        if matches!(list, Ok(1..) | Err(rustix::io::Errno::RANGE)) {
            out.insert("access_list".to_owned(), "unknown".into());
        }
        out
    }
}

/// The path as the machine itself has it.
fn shown(root: &Path, path: &Path) -> PathBuf {
    Path::new("/").join(path.strip_prefix(root).unwrap_or(path))
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    read::open(path, false)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

fn size(bytes: u64) -> &'static str {
    match bytes {
        ..4_096 => "under 4 KiB",
        4_096..65_536 => "4 to 64 KiB",
        65_536..1_048_576 => "64 KiB to 1 MiB",
        1_048_576..67_108_864 => "1 to 64 MiB",
        _ => "over 64 MiB",
    }
}

fn age(seconds: i64) -> &'static str {
    match seconds / DAY {
        ..1 => "under 1 day",
        1..30 => "1 to 30 days",
        30..365 => "30 to 365 days",
        _ => "over 1 year",
    }
}
