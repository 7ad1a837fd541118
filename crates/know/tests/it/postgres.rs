//! A PostgreSQL for a test: a database of the server that `TANDEM_TEST_POSTGRES` names, or a server started for it.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The user that the server runs as when the tests run as root, which it refuses.
const NOBODY: u32 = 65_534;

/// An empty database, and its server when it was started for it.
pub struct Postgres {
    pub url: String,
    server: Option<tempfile::TempDir>,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(dir) = &self.server {
            // In order, so that it takes its shared memory with it.
            let stop =
                program("pg_ctl").arg("-D").arg(dir.path().join("data")).args(["-m", "fast", "-w", "stop"]).status();
            drop(stop);
        }
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A program of the newest PostgreSQL that is installed.
fn program(name: &str) -> Command {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").map(|dir| dir.flatten().map(|entry| entry.path().join("bin")));
    let found: Option<PathBuf> =
        versions.ok().and_then(|paths| paths.filter(|path| path.join("initdb").exists()).max());
    let found =
        found.expect("PostgreSQL is missing; run: apt-get install postgresql, or name one with TANDEM_TEST_POSTGRES");
    let mut command = Command::new(found.join(name));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

impl Postgres {
    /// A database that nothing was written to.
    pub fn fresh() -> Postgres {
        if let Ok(url) = std::env::var("TANDEM_TEST_POSTGRES") {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
            let name = format!("tandem_know_{}_{now:x}", std::process::id());
            let made =
                Command::new("psql").arg(&url).args(["-c", &format!("CREATE DATABASE {name}")]).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            let (server, _) = url.rsplit_once('/').expect("the URL names a database");
            return Postgres { url: format!("{server}/{name}"), server: None };
        }
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if is_root() {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
            std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut init = program("initdb");
        init.arg("-D").arg(&data).args(["-U", "tandem", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        assert!(init.status().unwrap().success(), "initdb failed");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off");
        let mut start = program("pg_ctl");
        start.arg("-D").arg(&data).args(["-w", "-t", "60", "-o", &options, "start"]);
        assert!(start.status().unwrap().success(), "PostgreSQL does not come up");
        Postgres { url: format!("postgres://tandem@127.0.0.1:{port}/postgres"), server: Some(dir) }
    }
}
