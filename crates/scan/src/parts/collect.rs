//! All components of a tree of files: every lock file that the walk found, or everything that is installed below a folder.

use super::{Inventory, Seen, cyclonedx, kind, npm, python, read, system};
use crate::limits::{MAX_ENVIRONMENTS, MAX_TREE_DEPTH};
use crate::parts::files::{Root, join};
use crate::scanner::Problem;
use crate::text::Text;
use crate::walk::Entry;
use ahash::AHashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was found.
#[derive(Debug, Default)]
pub struct Collected {
    /// The components, by file and place.
    pub inventory: Inventory,
    /// Files that name them.
    pub files: usize,
    /// The bytes of these.
    pub bytes: u64,
    /// What makes it incomplete.
    pub problems: Vec<Problem>,
    /// The texts, by their paths, for showing lines.
    pub texts: AHashMap<Arc<str>, Text>,
    /// Where texts that are not kept are read again.
    pub root: Option<Root>,
}

impl Collected {
    /// The text at a path; an empty one when it is not there any more.
    pub fn text(&self, path: &Arc<str>) -> Text {
        let read = |root: &Root| root.read_database(path);
        let text = self.texts.get(path).cloned().or_else(|| self.root.as_ref().and_then(read));
        text.unwrap_or_else(|| Text::new(path.clone(), ""))
    }
}

/// What became of one file.
type Read = Result<(Text, Inventory), Problem>;

/// Reads all files that name parts. `done` is called after each, with how many were read and how many there are.
pub fn tree(entries: &[Entry], jobs: usize, done: &(dyn Fn(usize, usize) + Sync)) -> Collected {
    let named: Vec<&Entry> = entries.iter().filter(|entry| kind(&entry.path).is_some()).collect();
    let by_path: AHashMap<&str, &Entry> = entries.iter().map(|entry| (&*entry.path, entry)).collect();
    // What files name beside themselves is read by the walk's list, so that it is in the tree and no link.
    let others: Mutex<AHashMap<Arc<str>, Text>> = Mutex::default();
    let other = |path: &str| {
        let text = text(by_path.get(path)?).ok()?;
        if let Ok(mut others) = others.lock() {
            others.insert(text.path.clone(), text.clone());
        }
        Some(text)
    };
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut out: Vec<(usize, Read)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = named.get(at) else { return out };
            out.push((at, one(entry, &other)));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1, named.len());
        }
    };
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..jobs.clamp(1, named.len().max(1))).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for thread in threads {
            match thread.join() {
                Ok(some) => all.extend(some),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    let (mut collected, mut seen) = (Collected::default(), Seen::default());
    for (_, read) in all {
        match read {
            Ok((text, inventory)) => {
                collected.files += 1;
                collected.bytes += text.text.len() as u64;
                collected.texts.insert(text.path.clone(), text);
                collected.inventory.merge(inventory, &mut seen);
            }
            Err(problem) => collected.problems.push(problem),
        }
    }
    collected.texts.extend(others.into_inner().unwrap_or_default());
    collected.inventory.tidy();
    collected
}

fn one(entry: &Entry, other: &dyn Fn(&str) -> Option<Text>) -> Read {
    let text = text(entry)?;
    // It is of a kind, or it would not be here.
    let Some(kind) = kind(&entry.path) else { return Ok((text, Inventory::default())) };
    match read(kind, &text, other) {
        Ok(inventory) => Ok((text, inventory)),
        Err(malformed) => {
            let place = Some(text.place(malformed.span.start));
            Err(Problem { path: entry.path.clone(), place, reason: malformed.reason })
        }
    }
}

/// A file's text. Redirected output of PowerShell is UTF-16, which pip reads, too.
fn text(entry: &Entry) -> Result<Text, Problem> {
    let problem = |reason: String| Problem { path: entry.path.clone(), place: None, reason };
    let bytes = entry.read().map_err(problem)?;
    let said = decode(bytes).map_err(|at| problem(format!("not UTF-8 at byte {at}: save the file as UTF-8")))?;
    Ok(Text::new(entry.path.clone(), said))
}

fn decode(bytes: Vec<u8>) -> Result<String, usize> {
    let units = |read: fn([u8; 2]) -> u16| -> Vec<u16> {
        bytes[2..].chunks_exact(2).map(|unit| read([unit[0], unit[1]])).collect()
    };
    let units = match bytes.get(..2) {
        Some([0xff, 0xfe]) => units(u16::from_le_bytes),
        Some([0xfe, 0xff]) => units(u16::from_be_bytes),
        _ => {
            let said = String::from_utf8(bytes).map_err(|error| error.utf8_error().valid_up_to())?;
            return Ok(said.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(said));
        }
    };
    String::from_utf16(&units).map_err(|_| 2)
}

/// Reads what is installed in the folders `node_modules` and the virtual environments of Python below a folder; what
/// `.gitignore` leaves out is mostly just these.
///
/// # Errors
/// When the folder cannot be opened.
pub fn installed(folder: &Path) -> std::io::Result<Collected> {
    let root = Root::open(folder)?;
    let mut collected = Collected::default();
    let mut found = Vec::new();
    if !environments(&root, "", 0, &mut found) {
        let reason = format!("more than {MAX_ENVIRONMENTS} (MAX_ENVIRONMENTS) folders of installed packages");
        collected.problems.push(Problem {
            path: "".into(),
            place: None,
            reason: reason + ": the others were not read",
        });
    }
    for (folder, is_python) in found {
        let inventory = if is_python {
            python::installed::read(&root, &python::installed::folders(&root, &folder))
        } else {
            npm::installed::read(&root, &folder)
        };
        collected.files += 1;
        collected.inventory.append(inventory);
    }
    collected.inventory.tidy();
    collected.root = Some(root);
    Ok(collected)
}

/// Folders that hold a `node_modules` or are an environment, which the flag says. False when there are too many.
fn environments(root: &Root, folder: &str, depth: usize, found: &mut Vec<(String, bool)>) -> bool {
    if found.len() >= MAX_ENVIRONMENTS {
        return false;
    }
    if depth > MAX_TREE_DEPTH {
        return true;
    }
    if root.has(&join(folder, "pyvenv.cfg")) {
        found.push((folder.to_owned(), true));
        return true;
    }
    for (name, is_folder) in root.list(folder) {
        if name == "node_modules" && is_folder {
            found.push((folder.to_owned(), false));
        } else if is_folder && name != ".git" && !environments(root, &join(folder, &name), depth + 1, found) {
            return false;
        }
    }
    true
}

/// Reads a bill of materials.
///
/// # Errors
/// When it cannot be read, or is malformed.
pub fn bill(file: &Path) -> Result<Collected, Problem> {
    let path: Arc<str> = file.to_string_lossy().into();
    let problem = |reason: String| Problem { path: path.clone(), place: None, reason };
    let bytes = file.metadata().map_err(|error| problem(error.to_string()))?.len();
    let text = text(&Entry { path: path.clone(), file: file.to_owned(), bytes })?;
    let inventory = cyclonedx::read(&text).map_err(|malformed| {
        let place = Some(text.place(malformed.span.start));
        Problem { path: path.clone(), place, reason: malformed.reason }
    })?;
    let (files, bytes) = (1, text.text.len() as u64);
    let texts = AHashMap::from_iter([(path.clone(), text)]);
    Ok(Collected { inventory, files, bytes, texts, ..Collected::default() })
}

/// Reads what is installed below the root folder of a host, or of an image that was unpacked.
///
/// # Errors
/// When the folder cannot be opened.
pub fn host(folder: &Path) -> std::io::Result<Collected> {
    let root = Root::open(folder)?;
    let inventory = system::read(&root);
    let mut collected = Collected { inventory, ..Collected::default() };
    if collected.inventory.components.is_empty() {
        let reason = "there is no database of dpkg or apk and no package of Python below it: is it a root folder?";
        collected.problems.push(Problem { path: "".into(), place: None, reason: reason.to_owned() });
    }
    let paths = collected.inventory.components.iter().map(|part| part.path.clone());
    collected.files = paths.collect::<ahash::AHashSet<_>>().len();
    collected.root = Some(root);
    Ok(collected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::walk;
    use std::fs;

    fn put(folder: &Path, files: &[(&str, &[u8])]) {
        for (path, bytes) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    fn names(collected: &Collected) -> Vec<String> {
        let name = |part: &crate::parts::Component| format!("{}:{} {}", part.path, part.line, part.purl);
        collected.inventory.components.iter().map(name).collect()
    }

    #[test]
    fn each_file_is_read_once_and_odd_ones_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let utf16: Vec<u8> = "\u{feff}six==1.16.0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        put(
            folder.path(),
            &[
                ("requirements.txt", b"flask==2.0\n-r requirements-base.txt\n-r other.in\n"),
                ("requirements-base.txt", b"click==8.0\nloose\n"),
                ("other.in", b"jinja2==3.0\n"),
                ("win/requirements.txt", &utf16),
                ("bom/Pipfile.lock", "\u{feff}{\"default\": {\"a\": {\"version\": \"==1\"}}}".as_bytes()),
                ("bad/package-lock.json", b"{\n \"packages\": {,}}"),
                ("latin/go.mod", b"module \xe9\n"),
                ("half/Cargo.lock", b"[[package]]\nname = \"a\"\nversion ="),
                ("link/yarn.lock", b""),
            ],
        );
        fs::remove_file(folder.path().join("link/yarn.lock")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link/yarn.lock")).unwrap();
        for jobs in [1, 3] {
            let calls = AtomicUsize::new(0);
            let collected = tree(&walk(folder.path()).files, jobs, &|_, all| {
                assert_eq!(all, 7);
                calls.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(
                names(&collected),
                [
                    "bom/Pipfile.lock:1 pkg:pypi/a@1",
                    "requirements-base.txt:1 pkg:pypi/click@8.0",
                    "requirements.txt:1 pkg:pypi/flask@2.0",
                    "other.in:1 pkg:pypi/jinja2@3.0",
                    "win/requirements.txt:1 pkg:pypi/six@1.16.0"
                ]
            );
            assert_eq!(collected.inventory.missed.len(), 1);
            let problems: Vec<_> =
                collected.problems.iter().map(|of| (&*of.path, of.place.map(|place| place.line))).collect();
            assert_eq!(
                problems,
                [("bad/package-lock.json", Some(2)), ("half/Cargo.lock", Some(3)), ("latin/go.mod", None)]
            );
            assert_eq!((collected.files, calls.into_inner()), (4, 7));
            assert!(collected.texts.contains_key("other.in"));
        }
    }

    #[test]
    fn what_is_installed_is_found_in_any_folder() {
        let folder = tempfile::tempdir().unwrap();
        put(
            folder.path(),
            &[
                ("web/node_modules/a/package.json", br#"{"name": "a", "version": "1.0.0"}"#),
                ("web/node_modules/a/node_modules/b/package.json", br#"{"name": "b", "version": "2.0.0"}"#),
                ("api/.venv/pyvenv.cfg", b"home = /usr/bin\n"),
                ("api/.venv/lib/python3.12/site-packages/x-1.dist-info/METADATA", b"Name: x\nVersion: 1\n"),
            ],
        );
        let collected = installed(folder.path()).unwrap();
        assert_eq!(
            names(&collected),
            [
                "api/.venv/lib/python3.12/site-packages/x-1.dist-info/METADATA:2 pkg:pypi/x@1",
                "web/node_modules/a/package.json:1 pkg:npm/a@1.0.0",
                "web/node_modules/a/node_modules/b/package.json:1 pkg:npm/b@2.0.0"
            ]
        );
        assert_eq!(host(folder.path()).unwrap().problems.len(), 1);
        assert!(installed(&folder.path().join("no")).is_err());
    }
}
