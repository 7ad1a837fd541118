//! The ledger under `kill -9`, on SQLite and on PostgreSQL: writers decide while the server, and PostgreSQL too, are
//! killed. Every acknowledged decision is there once, with its facts, and the audit trail is whole, also after names
//! were erased.

pub mod damage;
pub mod recorded;
pub mod refusals;
pub mod writers;

use super::{Folder, report};
use crate::postgres::Postgres;
use crate::random::Random;
use crate::run;
use crate::server::{self, API_TOKEN, Refused, Server, Start};
use crate::test::Tally;
use anyhow::{Context as _, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use writers::{Person, Writers, counts};

/// Writers at once.
const WRITERS: usize = 4;
/// A server lives this long under load before it is killed, in milliseconds.
const LIFE: (u64, u64) = (200, 1_000);
/// Load around a kill of PostgreSQL, and around an erasure.
const MEANWHILE: Duration = Duration::from_millis(300);

/// The databases, by the name of their check.
const DATABASES: [(&str, bool); 2] = [("sqlite ledger rounds", false), ("postgres ledger rounds", true)];

/// A data folder with its database.
pub struct Home<'a> {
    bin: &'a Path,
    folder: &'a Folder,
    postgres: Option<Postgres>,
}

impl<'a> Home<'a> {
    /// With SQLite.
    pub fn sqlite(bin: &'a Path, folder: &'a Folder) -> Home<'a> {
        Home { bin, folder, postgres: None }
    }

    fn arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["--no-watch"];
        if let Some(postgres) = &self.postgres {
            arguments.extend(["--ledger", &postgres.url]);
        }
        arguments
    }

    /// Starts a server here.
    pub fn start(&self) -> Result<Server> {
        Server::start_with(self.bin, &self.folder.data, &self.folder.log, &self.arguments())
    }

    /// Starts one that may refuse.
    pub fn attempt(&self) -> Result<Start> {
        Server::attempt(self.bin, &self.folder.data, &self.folder.log, &self.arguments())
    }

    /// Starts one that must refuse.
    pub fn refused(&self) -> Result<Refused> {
        match self.attempt()? {
            Start::Refused(refused) => Ok(refused),
            Start::Ready(_) => bail!("the server started"),
        }
    }

    /// Runs a command on the data folder: whether it was fine, and all that it printed.
    pub fn tool(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let mut tool = server::tool(self.bin);
        tool.args(arguments).arg("--data-dir").arg(&self.folder.data).env("TANDEM_TOKEN", API_TOKEN);
        if let Some(postgres) = &self.postgres {
            tool.env("TANDEM_LEDGER", &postgres.url);
        }
        let output = tool.stdin(Stdio::null()).output().with_context(|| format!("cannot run {}", run::show(&tool)))?;
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        Ok((output.status.success(), text))
    }

    /// Runs a command that must not fail.
    pub fn fine(&self, arguments: &[&str]) -> Result<String> {
        let (fine, text) = self.tool(arguments)?;
        ensure!(fine, "`tandem {}` failed: {}", arguments.join(" "), text.trim());
        Ok(text)
    }

    /// The folder of keys, checkpoint and SQLite's file.
    pub fn ledger(&self) -> PathBuf {
        self.folder.data.join("ledger")
    }

    /// SQLite's file.
    pub fn sqlite_file(&self) -> PathBuf {
        self.ledger().join("ledger.sqlite")
    }

    /// Nobody runs: the last checkpoint in the file is one that the database has.
    fn checkpoint_is_known(&self) -> Result<()> {
        let path = self.ledger().join("audit.checkpoint");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut lines = text.lines().skip(1);
        let (size, root) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let size: u64 = size.parse().with_context(|| format!("{} names no size: {text}", path.display()))?;
        let sql = format!("SELECT count(*) FROM checkpoints WHERE size = {size} AND root = '{root}'");
        let known = match &self.postgres {
            Some(postgres) => postgres.ask(&sql)?,
            None => {
                // To open it would end what the kill left open: its log is written back.
                let copy = self.folder.work.join("copy");
                let _ = std::fs::remove_dir_all(&copy);
                std::fs::create_dir(&copy)?;
                for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
                    if self.ledger().join(name).exists() {
                        std::fs::copy(self.ledger().join(name), copy.join(name))?;
                    }
                }
                sqlite(&copy.join("ledger.sqlite"), &sql)?
            }
        };
        ensure!(size == 0 || known == "1", "the checkpoint of {size} entries is ahead of the database");
        Ok(())
    }

    /// Fails when a name is in a file of the data folder.
    fn nowhere(&self, names: &[&str]) -> Result<()> {
        for path in files(&self.folder.data)? {
            let bytes = std::fs::read(&path)?;
            let text = String::from_utf8_lossy(&bytes);
            for name in names {
                ensure!(!text.contains(name), "{} still holds {name}", path.display());
            }
        }
        Ok(())
    }
}

/// Runs statements on a file of SQLite, which comes with Python, and answers the first value of the last one.
pub fn sqlite(path: &Path, statements: &str) -> Result<String> {
    const PROGRAM: &str = "
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
row = None
for statement in sys.argv[2].split(';'):
    row = connection.execute(statement).fetchone()
print('' if row is None else row[0])
connection.close()
";
    let mut python = Command::new("python3");
    let text = run::output(python.args(["-c", PROGRAM]).arg(path).arg(statements))?;
    Ok(text.trim_end().to_owned())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// The rounds on both databases; one check a round, and one at the end.
pub fn rounds(bin: &Path, rounds: u32, seed: u64, wanted: &dyn Fn(&str) -> bool) -> Result<Tally> {
    let mut tally = Tally::default();
    for (name, postgres) in DATABASES.into_iter().filter(|(name, _)| rounds > 0 && wanted(name)) {
        let folder = Folder::new(name)?;
        let mut fine = true;
        let postgres = postgres.then(|| Postgres::fresh("tandem_crash")).transpose();
        let result = postgres.and_then(|postgres| {
            let home = Home { bin, folder: &folder, postgres };
            Rounds::begin(home, Random::new(seed))
        });
        match result {
            Ok(mut run) => {
                for round in 1..=rounds {
                    let result = run.round(round);
                    let stop = result.is_err();
                    fine &= report(&mut tally, &format!("{name}, {round} of {rounds}"), result);
                    if stop {
                        break;
                    }
                }
                fine &= report(&mut tally, &format!("{name}, everything at the end"), run.end());
            }
            Err(error) => fine &= report(&mut tally, name, Err(error)),
        }
        folder.finish(fine)?;
    }
    Ok(tally)
}

struct Rounds<'a> {
    home: Home<'a>,
    random: Random,
    writers: Writers,
    names: Vec<String>,
    bystander: String,
    kills: u32,
}

impl<'a> Rounds<'a> {
    fn begin(home: Home<'a>, mut random: Random) -> Result<Rounds<'a>> {
        let mut name = |who: &str| format!("{who}.{:08x}@crash.example", random.bits() as u32);
        let names: Vec<String> = (0..WRITERS).map(|writer| name(&format!("writer{writer}"))).collect();
        let bystander = name("bystander");
        let server = home.start()?;
        let persons = names.iter().map(|name| Person::join(&server, name)).collect::<Result<Vec<_>>>()?;
        Person::join(&server, &bystander)?;
        server.kill()?;
        Ok(Rounds { home, random, writers: Writers::start(&persons)?, names, bystander, kills: 1 })
    }

    fn round(&mut self, round: u32) -> Result<String> {
        let server = self.home.start()?;
        let (base, told) = (self.writers.base(), self.writers.told()?);
        let found = recorded::look(&server, base)?;
        found.at_least(&told)?;
        self.home.fine(&["audit", "verify"])?;
        self.writers.aim(Some(server.http));
        let life = LIFE.0 + self.random.below(LIFE.1 - LIFE.0);
        let also = self.kill_postgres(round)?;
        std::thread::sleep(Duration::from_millis(life));
        let ready = server.ready_after;
        server.kill()?;
        self.kills += 1;
        self.writers.aim(None);
        self.home.checkpoint_is_known()?;
        let ((decisions, facts), before) = (counts(&self.writers.told()?), counts(&told));
        Ok(format!(
            "{} decisions and {} facts found, {} and {} acknowledged since, ready after {} ms, killed after {life} ms{also}",
            found.counts().0,
            found.counts().1,
            decisions - before.0,
            facts - before.1,
            ready.as_millis()
        ))
    }

    /// In two of three rounds PostgreSQL is killed first: one of its processes, or all.
    fn kill_postgres(&mut self, round: u32) -> Result<&'static str> {
        let Some(postgres) = self.home.postgres.as_mut().filter(|postgres| postgres.is_own()) else { return Ok("") };
        if round % 3 == 1 {
            return Ok("");
        }
        std::thread::sleep(MEANWHILE);
        if round % 3 == 2 {
            postgres.kill_one(|processes| *self.random.pick(processes))?;
            return Ok(", a process of PostgreSQL before");
        }
        postgres.kill_all()?;
        Ok(", all of PostgreSQL before")
    }

    /// Everything is counted, then the names are erased: one under load and before a last kill, the others at the end.
    fn end(self) -> Result<String> {
        let Rounds { home, writers, names, bystander, kills, .. } = self;
        let server = home.start()?;
        writers.aim(Some(server.http));
        std::thread::sleep(MEANWHILE);
        home.fine(&["user", "forget", &bystander, "--yes"])?;
        server.kill()?;
        writers.aim(None);
        home.nowhere(&[&bystander]).context("killed after an erasure was acknowledged")?;
        home.checkpoint_is_known()?;
        let server = home.start()?;
        let base = writers.base();
        writers.aim(Some(server.http));
        let written = writers.finish()?;
        recorded::look(&server, base)?.exactly(&written.told)?;
        home.fine(&["audit", "verify"])?;
        for name in &names {
            home.fine(&["user", "forget", name, "--yes"])?;
        }
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.push(&bystander);
        home.nowhere(&names).context("all names are erased")?;
        not_in_logs(&server, &names)?;
        let whole = home.fine(&["audit", "verify"])?;
        server.stop()?;
        // And once more after a graceful stop.
        home.nowhere(&names).context("after a graceful stop")?;
        home.fine(&["doctor"])?;
        let server = home.start()?;
        recorded::look(&server, base)?.exactly(&written.told)?;
        home.fine(&["audit", "verify"])?;
        server.stop()?;
        let (decisions, facts) = counts(&written.told);
        Ok(format!(
            "{} kills, {decisions} decisions and {facts} facts acknowledged, 0 lost, 0 doubled, {} requests sent more than \
             once, {} decisions were there already; {} names erased; {}",
            kills + 1,
            written.retried,
            written.repeated,
            names.len(),
            whole.trim()
        ))
    }
}

/// Event files are compressed: the server itself is asked for names, in parts, so that no question brings them back.
fn not_in_logs(server: &Server, names: &[&str]) -> Result<()> {
    server.flush()?;
    for table in ["logs", "spans", "metrics"] {
        for name in names {
            let (head, tail) = name.split_at(name.len() / 2);
            let first = if table == "logs" { "body" } else { "name" };
            let text = format!("concat_ws(' ', {first}, attributes, resource_attributes)");
            let sql = format!("SELECT count(*) FROM {table} WHERE strpos({text}, '{head}' || '{tail}') > 0");
            let rows = server.sql(&sql)?;
            let count = rows.first().and_then(|row| row[0].as_u64());
            ensure!(count == Some(0), "{count:?} {table} hold {name}");
        }
    }
    Ok(())
}
