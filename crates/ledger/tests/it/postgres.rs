//! A PostgreSQL for one test process: the one that `TANDEM_TEST_POSTGRES` names, or one started for it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where PostgreSQL comes up within.
const READY: Duration = Duration::from_secs(60);
/// The user that the server runs as when the tests run as root, which it refuses.
const NOBODY: u32 = 65_534;

/// A running server with an empty database.
pub struct Postgres {
    /// URL of the database.
    pub url: String,
    server: Option<(Child, tempfile::TempDir)>,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some((server, _)) = &mut self.server {
            // In order, so that it takes its shared memory with it.
            let pid = rustix::process::Pid::from_child(server);
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
            let _ = server.wait();
        }
    }
}

fn programs() -> PathBuf {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").map(|dir| dir.flatten().map(|entry| entry.path().join("bin")));
    let found = versions.ok().and_then(|paths| paths.filter(|path| path.join("initdb").exists()).max());
    found.expect("PostgreSQL is missing; run: apt-get install postgresql, or name one with TANDEM_TEST_POSTGRES")
}

fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

impl Postgres {
    /// A database that nothing was written to.
    pub async fn fresh() -> Postgres {
        if let Ok(url) = std::env::var("TANDEM_TEST_POSTGRES") {
            let name = format!("tandem_{}_{:x}", std::process::id(), rand_suffix());
            admin(&url, &format!("CREATE DATABASE {name}")).await;
            let (server, _) = url.rsplit_once('/').expect("the URL names a database");
            return Postgres { url: format!("{server}/{name}"), server: None };
        }
        let (programs, dir) = (programs(), tempfile::tempdir().unwrap());
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if rustix::process::geteuid().is_root() {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
            std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut init = unprivileged(&programs.join("initdb"));
        init.arg("-D").arg(&data).args(["-U", "tandem", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        assert!(init.status().unwrap().success(), "initdb failed");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = unprivileged(&programs.join("postgres"));
        server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        // What is tested here is what the ledger asks of it, not its disk.
        server.args(["-c", "unix_socket_directories=", "-c", "fsync=off"]).stderr(Stdio::null());
        let server = server.spawn().unwrap();
        let url = format!("postgres://tandem@127.0.0.1:{port}/postgres");
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() || !answers(&url).await {
            assert!(started.elapsed() < READY, "PostgreSQL does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Postgres { url, server: Some((server, dir)) }
    }
}

fn rand_suffix() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_nanos() as u64
}

async fn answers(url: &str) -> bool {
    use sqlx::Connection as _;
    sqlx::any::install_default_drivers();
    sqlx::AnyConnection::connect(url).await.is_ok()
}

async fn admin(url: &str, statement: &str) {
    use sqlx::{Connection as _, Executor as _};
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap();
}
