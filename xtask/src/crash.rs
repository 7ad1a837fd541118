//! `cargo xtask crash`: the real server, killed at random moments, with damaged files, on a full disk; its ledger, and its alerts.
//!
//! What is held: nothing acknowledged is missing, nothing is there twice, no row is ever wrong, and
//! the server always starts again.

pub mod aim;
pub mod alerts;
pub mod ledger;
pub mod load;
pub mod modes;
pub mod verify;
pub mod watched;

use crate::args::Args;
use crate::random::Random;
use crate::server::{Server, work_dir};
use crate::test::Tally;
use crate::{run, server};
use anyhow::{Context as _, Result, bail};
use load::Load;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Memory for queries: millions of ids are counted exactly.
const COUNTING_MEMORY: &str = "4GiB";

/// Seed of an ordinary run; another one is given by `--seed`.
pub const DEFAULT_SEED: u64 = 1;
/// Senders at once: more than cores, so that several requests share a group commit.
const CLIENTS: usize = 4;
/// A server lives this long before it is killed, in milliseconds.
const LIFE: (u64, u64) = (150, 2_500);

/// `cargo xtask crash`.
pub fn run(args: &Args) -> Result<()> {
    let bin = match args.text("bin") {
        Some(bin) => std::fs::canonicalize(bin).with_context(|| format!("there is no server at {bin}"))?,
        None => run::build_server()?,
    };
    let rounds = Rounds {
        store: args.number("rounds", Rounds::ORDINARY.store)?,
        ledger: args.number("rounds", Rounds::ORDINARY.ledger)?,
        alerts: args.number("rounds", Rounds::ORDINARY.alerts)?,
    };
    let tally = all(&bin, rounds, args.number("seed", DEFAULT_SEED)?, args.text("only"))?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 {
        bail!("{} crash checks failed", tally.failed);
    }
    Ok(())
}

/// How often the server is killed.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// While it takes events.
    pub store: u32,
    /// While it takes decisions, on each database.
    pub ledger: u32,
    /// While rules are at work.
    pub alerts: u32,
}

impl Rounds {
    /// In an ordinary run.
    pub const ORDINARY: Rounds = Rounds { store: 5, ledger: 3, alerts: 5 };
    /// In the nightly run.
    pub const NIGHTLY: Rounds = Rounds { store: 50, ledger: 20, alerts: 40 };
}

/// Every check, or those whose name contains `only`.
pub fn all(bin: &Path, rounds: Rounds, seed: u64, only: Option<&str>) -> Result<Tally> {
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only));
    let mut tally = Tally::default();
    if wanted("rounds") {
        tally += kill_rounds(bin, rounds.store, seed)?;
    }
    if wanted(alerts::NAME) {
        tally += alerts::rounds(bin, rounds.alerts, seed)?;
    }
    tally += ledger::rounds(bin, rounds.ledger, seed, &wanted)?;
    for mode in modes::ALL.iter().filter(|mode| wanted(mode.name)) {
        let folder = Folder::new(mode.name)?;
        let result = (mode.run)(bin, &folder, &mut Random::new(seed));
        folder.finish(report(&mut tally, mode.name, result))?;
    }
    Ok(tally)
}

/// Prints one check and counts it.
fn report(tally: &mut Tally, name: &str, result: Result<String>) -> bool {
    tally.count(result.is_ok());
    match &result {
        Ok(detail) => println!("ok    {name}: {detail}"),
        Err(error) => println!("FAIL  {name}: {error:#}"),
    }
    result.is_ok()
}

/// A data folder and the log of the servers on it; kept when a check failed.
pub struct Folder {
    /// Both.
    pub work: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// Standard error of the servers.
    pub log: PathBuf,
}

impl Folder {
    fn new(name: &str) -> Result<Self> {
        let work = work_dir(&format!("crash-{}", name.replace([' ', ','], "-")))?;
        Ok(Self { data: work.join("data"), log: work.join("server.log"), work })
    }

    /// Starts a server here.
    pub fn start(&self, bin: &Path) -> Result<Server> {
        Server::start_with(bin, &self.data, &self.log, &["--no-watch", "--query-memory", COUNTING_MEMORY])
    }

    fn finish(self, fine: bool) -> Result<()> {
        if fine {
            std::fs::remove_dir_all(&self.work)?;
        } else {
            println!("      kept {}", self.work.display());
        }
        Ok(())
    }
}

/// Kills a server under load again and again; one check a round and one at the end.
fn kill_rounds(bin: &Path, rounds: u32, seed: u64) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut random = Random::new(seed);
    let folder = Folder::new("rounds")?;
    let load = Load::start(CLIENTS, seed)?;
    let mut fine = true;
    for round in 1..=rounds {
        let result = kill_round(bin, &folder, &load, &mut random);
        let stop = result.is_err();
        fine &= report(&mut tally, &format!("kill -9, round {round} of {rounds}"), result);
        if stop {
            break;
        }
    }
    let result = last_round(bin, &folder, load);
    fine &= report(&mut tally, "kill -9, everything counted at the end", result);
    folder.finish(fine)?;
    Ok(tally)
}

fn kill_round(bin: &Path, folder: &Folder, load: &Load, random: &mut Random) -> Result<String> {
    let server = folder.start(bin)?;
    // Nobody sends now, so what was acknowledged before the kill must be there, plus at most the
    // requests that were never answered.
    let acknowledged = load.acknowledged();
    let found = verify::look(&server)?;
    found.at_least(&acknowledged)?;
    load.aim(Some((server.http, server.otlp_http)));
    let life = LIFE.0 + random.below(LIFE.1 - LIFE.0);
    std::thread::sleep(Duration::from_millis(life));
    let ready = server.ready_after;
    server.kill()?;
    load.aim(None);
    load.fatal()?;
    Ok(format!(
        "{} rows found, {} acknowledged since, ready after {} ms, killed after {life} ms",
        found.rows(),
        load.acknowledged().iter().sum::<u64>() - acknowledged.iter().sum::<u64>(),
        ready.as_millis()
    ))
}

fn last_round(bin: &Path, folder: &Folder, load: Load) -> Result<String> {
    let server = folder.start(bin)?;
    load.aim(Some((server.http, server.otlp_http)));
    let sent = load.finish()?;
    verify::look(&server)?.exactly(&sent.acknowledged)?;
    server.stop()?;
    // And once more after a graceful stop.
    let server = folder.start(bin)?;
    verify::look(&server)?.exactly(&sent.acknowledged)?;
    server.stop()?;
    Ok(format!(
        "{} rows acknowledged, {} requests, {} of them sent more than once",
        sent.acknowledged.iter().sum::<u64>(),
        sent.requests,
        sent.retried
    ))
}

/// What a check says that needs a small disk and gets none.
fn report_left_out() -> String {
    "left out: it needs the right to mount a small disk (run as root)".to_owned()
}

/// Whether a damage was told: in the status, or in the server's own log.
pub fn reported(server: &Server) -> Result<bool> {
    let status = server.status()?;
    if server::find(&status, "quarantined").and_then(serde_json::Value::as_u64).is_some_and(|count| count > 0) {
        return Ok(true);
    }
    let log = std::fs::read_to_string(&server.log)?.to_ascii_lowercase();
    Ok(log.contains("quarantine") || log.contains("damaged"))
}
