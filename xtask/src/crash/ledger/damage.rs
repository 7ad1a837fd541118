//! A ledger that was damaged or cut while no server ran: it says so, also after it went on, or it was harmless.

use super::recorded::{self, Recorded};
use super::writers::{Person, Told, Writers};
use super::{Home, sqlite};
use crate::crash::{Folder, modes};
use crate::random::Random;
use crate::server::{Server, Start};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Requests that fill the ledger: few enough to lie in SQLite's log when the server is killed.
const FILLING: usize = 60;
/// Bytes flipped, each in a ledger that is whole but for it.
const FLIPS: usize = 8;
/// Kills at the first start, and how much later each comes than the one before.
const STARTS: u32 = 16;
const STEP_MICROS: u64 = 8_000;
/// Entries that are cut off the end of the trail.
const CUT: u32 = 5;

/// What is in a ledger that nobody has open.
pub struct Filled {
    base: i64,
    told: Vec<Told>,
}

impl Filled {
    /// Everything is there, and nothing else.
    pub fn look(&self, server: &Server) -> Result<Recorded> {
        let found = recorded::look(server, self.base)?;
        found.exactly(&self.told)?;
        Ok(found)
    }
}

/// A ledger with decisions, left behind by a killed server.
pub fn fill(home: &Home<'_>) -> Result<Filled> {
    let server = home.start()?;
    let persons = ["ada", "grace"].map(|name| Person::join(&server, &format!("{name}@crash.example")));
    let writers = Writers::start(&persons.into_iter().collect::<Result<Vec<_>>>()?)?;
    let base = writers.base();
    writers.aim(Some(server.http));
    while writers.told()?.iter().map(Vec::len).sum::<usize>() < FILLING {
        std::thread::sleep(Duration::from_millis(5));
    }
    let filled = Filled { base, told: writers.finish()?.told };
    filled.look(&server)?;
    server.kill()?;
    Ok(filled)
}

/// A decision after the damage; the server goes on.
fn decide(server: &Server, key: &str) -> Result<()> {
    let decision = json!({"key": key, "kind": "triage", "reason": "goes on"});
    let answer = server.api().post_json("/api/v1/decisions", &decision)?;
    ensure!(answer.status == 200, "a decision after the damage was answered {}: {}", answer.status, answer.text());
    Ok(())
}

/// One byte at a time: in the log that a killed server leaves, and in the file of one that was stopped.
pub fn flipped(bin: &Path, folder: &Folder, random: &mut Random) -> Result<String> {
    let home = Home::sqlite(bin, folder);
    let filled = fill(&home)?;
    let (killed, stopped) = (folder.work.join("killed"), folder.work.join("stopped"));
    copy(&home.ledger(), &killed)?;
    home.start()?.stop()?;
    copy(&home.ledger(), &stopped)?;
    let mut seen = Vec::new();
    for flip in 0..FLIPS {
        let (whole, file) = [(&killed, "ledger.sqlite-wal"), (&stopped, "ledger.sqlite")][flip % 2];
        std::fs::remove_dir_all(home.ledger())?;
        copy(whole, &home.ledger())?;
        let what = modes::flip_byte(&home.ledger().join(file), &home.ledger(), random)?;
        let outcome = look_again(&home, &filled).with_context(|| format!("flipped {what}"))?;
        seen.push(format!("{what}: {outcome}"));
    }
    Ok(seen.join("; "))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)?.flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Starts on a damaged ledger: what it answers is right, or it says that something is wrong.
fn look_again(home: &Home<'_>, filled: &Filled) -> Result<&'static str> {
    let server = match home.attempt()? {
        Start::Ready(server) => server,
        Start::Refused(refused) => {
            ensure!(refused.code.is_some(), "it neither started nor ended: {refused}");
            ensure!(refused.words.contains("ledger"), "it does not say why it does not start: {refused}");
            return Ok("refused to start, and said why");
        }
    };
    let answers = filled.look(&server);
    let (verified, _) = home.tool(&["audit", "verify"])?;
    // Whatever was written since must not hide what was found before.
    let _ = decide(&server, "after the flip");
    let (still, _) = home.tool(&["audit", "verify"])?;
    server.kill()?;
    let (sound, said) = home.tool(&["doctor"])?;
    ensure!(verified || !still || !sound, "a decision hid what `tandem audit verify` said before");
    match answers {
        Ok(_) if verified && sound => Ok("harmless"),
        Ok(_) => Ok("told, and everything is there"),
        Err(_) if !verified || !sound => Ok("told"),
        Err(wrong) => Err(wrong.context(format!("wrong answers, and nobody says so; the doctor: {}", said.trim()))),
    }
}

/// Kills while the ledger is made, each a little later than the one before, in a folder of its own and in one for all.
pub fn killed_at_first(bin: &Path, folder: &Folder, random: &mut Random) -> Result<String> {
    for start in 0..STARTS {
        let home = Home::sqlite(bin, folder);
        let after = Duration::from_micros(u64::from(start) * STEP_MICROS + random.below(STEP_MICROS));
        Server::kill_starting(bin, &folder.data, &folder.log, &home.arguments(), after)?;
        if start % 2 == 0 {
            let server = home.start().with_context(|| format!("killed {after:?} after its first start"))?;
            home.fine(&["audit", "verify"]).with_context(|| format!("killed {after:?} after its first start"))?;
            server.stop()?;
            home.fine(&["doctor"])?;
            std::fs::remove_dir_all(&folder.data)?;
        }
    }
    Ok(format!("{STARTS} kills at the first start, it started again after each"))
}

/// The file that would show that the end is missing is itself missing.
pub fn checkpoint_removed(bin: &Path, folder: &Folder, _: &mut Random) -> Result<String> {
    let home = Home::sqlite(bin, folder);
    fill(&home)?;
    std::fs::remove_file(home.ledger().join("audit.checkpoint"))?;
    told_for_good(&home, "audit.checkpoint")
}

/// The newest entries, their checkpoints and decisions are deleted around the server, as if they had never been.
pub fn cut_trail(bin: &Path, folder: &Folder, _: &mut Random) -> Result<String> {
    let home = Home::sqlite(bin, folder);
    fill(&home)?;
    let statements = format!(
        "BEGIN; DELETE FROM audit WHERE seq > (SELECT max(seq) - {CUT} FROM audit);
         DELETE FROM checkpoints WHERE size > (SELECT max(seq) + 1 FROM audit);
         DELETE FROM decisions WHERE 'decision:' || id NOT IN (SELECT object FROM audit); COMMIT;
         SELECT max(seq) + 1 FROM audit"
    );
    let left: u64 = sqlite(&home.sqlite_file(), &statements)?.parse().context("the trail cannot be cut")?;
    let signed = format!("{} entries were signed", left + u64::from(CUT));
    told_for_good(&home, &signed)
}

/// The doctor says it; the verification says it at once, and after the trail went on, also after another start.
fn told_for_good(home: &Home<'_>, words: &str) -> Result<String> {
    let told = |when: &str, arguments: &[&str]| -> Result<String> {
        let (fine, text) = home.tool(arguments)?;
        let line = text.lines().find(|line| line.contains(words)).map(str::to_owned);
        ensure!(!fine, "{when}, `tandem {}` finds nothing wrong: {}", arguments.join(" "), text.trim());
        line.with_context(|| format!("{when}, `tandem {}` says something else: {}", arguments.join(" "), text.trim()))
    };
    told("before a start", &["doctor"])?;
    let server = home.start()?;
    let line = told("at the start", &["audit", "verify"])?;
    decide(&server, "after the damage")?;
    told("after a decision", &["audit", "verify"])?;
    server.stop()?;
    let server = home.start()?;
    decide(&server, "after another start")?;
    told("after another start", &["audit", "verify"])?;
    server.stop()?;
    Ok(format!("told at once and for good: {line}"))
}
