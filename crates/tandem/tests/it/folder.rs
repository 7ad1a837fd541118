//! A folder that cannot be had is refused with the reason, and what lies in it stays as it is.

use crate::server::{Server, binary, free_ports, fresh, run, serve, tandem};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Nobody's user and group on every Linux.
const NOBODY: u32 = 65_534;

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(folder).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn a_second_server_is_refused() {
    let folder = fresh();
    let mut first = Server::start(folder.path());
    first.accept_good();
    let pid = first.pid().to_string();
    let place = folder.path().to_str().unwrap();
    let second = run(serve(folder.path()));
    second.says(
        2,
        &[place, &format!("in use by process {pid}:"), "stop that server, or choose another folder with --data-dir"],
    );
    // It took nothing with it: neither the lock nor the file that clients find the first one by.
    first.has_good();
    first.accept_again();
    run(serve(folder.path())).says(2, &[&pid]);
    let mut erase = tandem(["erase", "body:good", "--yes", "--data-dir"]);
    erase.arg(folder.path());
    run(erase).says(2, &[place, &pid]);
    assert!(run(search(folder.path())).out.contains("good"));
    // A lock that a killed server left behind holds nobody up.
    first.kill();
    first = Server::start(folder.path());
    first.has_good();
}

fn search(data_dir: &Path) -> Command {
    let mut command = tandem(["search", "good", "--data-dir"]);
    command.arg(data_dir);
    command
}

/// A folder for a user who is not root, and the binary where that user may run it.
struct Unprivileged {
    folder: TempDir,
    program: PathBuf,
    root: bool,
}

impl Unprivileged {
    fn new() -> Unprivileged {
        let folder = fresh();
        let program = folder.path().join("tandem");
        let built = Path::new(env!("CARGO_BIN_EXE_tandem"));
        if std::fs::hard_link(built, &program).is_err() {
            std::fs::copy(built, &program).unwrap();
        }
        // Root may write everywhere, so as root the tests would show nothing.
        let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        if root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Unprivileged { folder, program, root }
    }

    fn serve(&self, data_dir: &Path) -> Command {
        let mut command = binary(&self.program, &["serve", "--no-self", "--data-dir"]);
        command.arg(data_dir);
        free_ports(&mut command);
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// Gives and takes the right to write in a folder.
    fn allow(&self, folder: &Path, mode: u32) {
        std::fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_read_only_folder_is_refused() {
    let user = Unprivileged::new();
    let data_dir = user.folder.path().join("data");
    let server = Server::spawn(user.serve(&data_dir));
    server.accept_good();
    assert_eq!(server.stop(), Some(0));
    let remedy = "make it writable for this user, or choose another folder with --data-dir";
    let place = data_dir.to_str().unwrap();
    // The folder with all that is in it, its lock alone, and a folder that is yet to be made in one like that.
    let lock = data_dir.join("lock");
    user.allow(&lock, 0o444);
    run(user.serve(&data_dir)).says(2, &[place, "cannot be written", "Permission denied", remedy]);
    user.allow(&lock, 0o644);
    user.allow(&data_dir, 0o555);
    run(user.serve(&data_dir)).says(2, &[place, "cannot be written", "Permission denied", remedy]);
    user.allow(&data_dir, 0o755);
    user.allow(user.folder.path(), 0o555);
    let missing = user.folder.path().join("missing");
    run(user.serve(&missing)).says(2, &[missing.to_str().unwrap(), "cannot be written", "Permission denied", remedy]);
    user.allow(user.folder.path(), 0o755);
    Server::spawn(user.serve(&data_dir)).has_good();
}

#[test]
fn a_flush_that_fails_says_why_and_loses_nothing() {
    let user = Unprivileged::new();
    let data_dir = user.folder.path().join("data");
    let server = Server::spawn(user.serve(&data_dir));
    server.accept_good();
    let log = data_dir.join("log");
    user.allow(&log, 0o555);
    server
        .post("/api/v1/flush", &json!({}))
        .says(500, &["the flush failed", log.to_str().unwrap(), "Permission denied"]);
    server.accept_again();
    user.allow(&log, 0o755);
    assert_eq!(server.post("/api/v1/flush", &json!({})).status, 200);
    server.kill();
    let server = Server::spawn(user.serve(&data_dir));
    server.has_good();
    assert_eq!(server.value("SELECT count(*) FROM logs"), 2);
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let folder = fresh();
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    run(serve(&file)).says(2, &[file.to_str().unwrap(), "cannot be written", "--data-dir"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn another_format_is_refused_and_left_alone() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    assert_eq!(server.stop(), Some(0));
    let format = folder.path().join("format");
    let ours = std::fs::read_to_string(&format).unwrap();
    for theirs in ["2", "99", "not a number"] {
        std::fs::write(&format, format!("{theirs}\n")).unwrap();
        let mut before = contents(folder.path());
        let told =
            [folder.path().to_str().unwrap(), &format!("format {theirs}, this program knows up to {}", ours.trim())];
        run(serve(folder.path())).says(2, &[told[0], told[1], "use the program that wrote it or a newer one"]);
        let mut after = contents(folder.path());
        // The process id of who looked.
        before.remove(&folder.path().join("lock"));
        after.remove(&folder.path().join("lock"));
        assert_eq!(before, after, "{theirs}");
    }
    std::fs::write(&format, ours).unwrap();
    Server::start(folder.path()).has_good();
}
