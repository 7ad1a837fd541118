//! PostgreSQL for the tests: Debian's package, and a database of one's own that may be killed.

use crate::run;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Names a PostgreSQL to use instead of one that is started for the tests.
pub const GIVEN: &str = "TANDEM_TEST_POSTGRES";
/// What to do without one.
const HOW: &str = "PostgreSQL is missing; run: apt-get install postgresql, or name one with TANDEM_TEST_POSTGRES";
/// Where it comes up within, also after a crash.
const READY: Duration = Duration::from_secs(60);
/// Pause between two looks at it.
const LOOK: Duration = Duration::from_millis(20);
/// The user that it runs as for root, whom it refuses.
const NOBODY: u32 = 65_534;

/// The programs of the newest version that is installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max()
}

/// Installs Debian's package unless there is one, or one is given.
pub fn install() -> Result<()> {
    if std::env::var_os(GIVEN).is_some() || programs().is_some() {
        return Ok(());
    }
    let apt =
        |arguments: &[&str]| run::run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments));
    // Refused to whoever is not root. An index that is too old names packages that are gone.
    let install = ["install", "-y", "--no-install-recommends", "postgresql"];
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install))).context(HOW)?;
    if programs().is_some() { Ok(()) } else { bail!(HOW) }
}

/// An empty database.
pub struct Postgres {
    /// Its address.
    pub url: String,
    of: Of,
}

/// Whose server it is in.
enum Of {
    /// One that was started for it.
    Own(Own),
    /// One that was given; it is left as it was found.
    Given { server: String, name: String },
}

struct Own {
    process: Option<Child>,
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// A database in the server that is given, or in one of its own.
    pub fn fresh(name: &str) -> Result<Postgres> {
        install()?;
        let name = format!("{name}_{}", std::process::id());
        if let Ok(server) = std::env::var(GIVEN) {
            ask(&server, &format!("CREATE DATABASE {name}"))?;
            let (address, _) = server.rsplit_once('/').with_context(|| format!("{GIVEN} names no database"))?;
            return Ok(Postgres { url: format!("{address}/{name}"), of: Of::Given { server, name } });
        }
        // Not in the work folder: another user must be able to walk there.
        let folder = std::env::temp_dir().join(&name);
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let own = Own { process: None, folder, programs: programs().context(HOW)?, port };
        let mut postgres = Postgres { url: format!("postgres://tandem@127.0.0.1:{port}/postgres"), of: Of::Own(own) };
        if let Of::Own(own) = &mut postgres.of {
            own.init()?;
            own.start()?;
        }
        Ok(postgres)
    }

    /// Runs a statement around the ledger and answers its rows, a line each, columns between bars.
    pub fn ask(&self, statement: &str) -> Result<String> {
        if let Of::Own(own) = &self.of {
            own.wait()?;
        }
        ask(&self.url, statement)
    }

    /// Whether it may be killed.
    pub fn is_own(&self) -> bool {
        matches!(self.of, Of::Own(_))
    }

    /// `kill -9` of one of its processes; the others start over by themselves.
    pub fn kill_one(&self, pick: impl FnOnce(&[u32]) -> u32) -> Result<()> {
        let Of::Own(own) = &self.of else { return Ok(()) };
        let children = own.children()?;
        ensure!(!children.is_empty(), "PostgreSQL has no processes");
        signal("KILL", &[pick(&children)])
    }

    /// `kill -9` of all its processes, and a new start.
    pub fn kill_all(&mut self) -> Result<()> {
        let Of::Own(own) = &mut self.of else { return Ok(()) };
        let mut all = own.children()?;
        if let Some(process) = &mut own.process {
            all.insert(0, process.id());
            signal("KILL", &all)?;
            process.wait()?;
        }
        own.start()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        match &mut self.of {
            Of::Own(own) => own.remove(),
            Of::Given { server, name } => {
                let _ = ask(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

impl Own {
    fn unprivileged(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/");
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn init(&self) -> Result<()> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        std::fs::create_dir_all(self.data()).with_context(|| format!("cannot make {}", self.folder.display()))?;
        if is_root() {
            std::fs::set_permissions(&self.folder, std::fs::Permissions::from_mode(0o755))?;
            std::os::unix::fs::chown(self.data(), Some(NOBODY), Some(NOBODY))?;
        }
        let mut init = self.unprivileged("initdb");
        init.arg("-D").arg(self.data()).args(["-U", "tandem", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run::output(&mut init).map(drop)
    }

    /// Starts it as often as it takes: after a kill, its last processes may still be there.
    fn start(&mut self) -> Result<()> {
        let deadline = Instant::now() + READY;
        let log = self.folder.join("log");
        while Instant::now() < deadline {
            let mut server = self.unprivileged("postgres");
            server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
            server.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
            server.stderr(File::options().create(true).append(true).open(&log)?);
            let mut process = server.spawn().context("cannot start PostgreSQL")?;
            while process.try_wait()?.is_none() && Instant::now() < deadline {
                if self.is_ready() {
                    self.process = Some(process);
                    return Ok(());
                }
                std::thread::sleep(LOOK);
            }
            let _ = process.kill();
            process.wait()?;
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        bail!("PostgreSQL does not come up: {}", said.lines().last().unwrap_or_default())
    }

    /// Until it has recovered.
    fn wait(&self) -> Result<()> {
        let deadline = Instant::now() + READY;
        while !self.is_ready() {
            ensure!(Instant::now() < deadline, "PostgreSQL does not recover within {} s", READY.as_secs());
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let mut ready = Command::new(self.programs.join("pg_isready"));
        run::available(ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]))
    }

    /// The processes that serve clients, write and clean up.
    fn children(&self) -> Result<Vec<u32>> {
        let Some(parent) = self.process.as_ref().map(Child::id) else { return Ok(Vec::new()) };
        let mut children = Vec::new();
        for entry in std::fs::read_dir("/proc")?.flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            if let Some(pid) = pid.filter(|_| parent_of(&stat) == Some(parent)) {
                children.push(pid);
            }
        }
        children.sort_unstable();
        Ok(children)
    }

    fn remove(&mut self) {
        if let Some(mut process) = self.process.take() {
            // At once, but in order: what it shares between its processes stays behind after SIGKILL.
            let _ = signal("QUIT", &[process.id()]);
            let deadline = Instant::now() + READY;
            while matches!(process.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(LOOK);
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The fourth word of `/proc/PID/stat`; the second is a name in brackets that may hold anything.
fn parent_of(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

/// The standard library only knows SIGKILL, and only for its own children.
fn signal(name: &str, processes: &[u32]) -> Result<()> {
    let processes: Vec<String> = processes.iter().map(u32::to_string).collect();
    // One that is gone already is no failure.
    Command::new("sh").args(["-c", &format!("kill -{name} {} 2>/dev/null || true", processes.join(" "))]).status()?;
    Ok(())
}

fn ask(url: &str, statement: &str) -> Result<String> {
    let program = programs().map(|bin| bin.join("psql")).filter(|psql| psql.exists());
    let mut psql = Command::new(program.as_deref().unwrap_or(Path::new("psql")));
    psql.args(["--no-psqlrc", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, url]);
    Ok(run::output(&mut psql)?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_read() {
        assert_eq!(parent_of("17 (postgres) S 12 17 17 0 -1"), Some(12));
        assert_eq!(parent_of("17 (a) b) S) R 3 17"), Some(3));
        assert_eq!(parent_of(""), None);
    }
}
