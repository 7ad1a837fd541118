//! A ledger that cannot be written at the moment: full, locked, or of a newer version. Nothing is half-written, and the
//! message says what to do.

use super::damage::fill;
use super::{Home, sqlite};
use crate::crash::modes::SmallDisk;
use crate::crash::{Folder, report_left_out};
use crate::http::Answer;
use crate::random::Random;
use crate::server::{ANSWER_TIMEOUT, Server};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Room that is left on the full disk when the decisions begin, and what each of them takes.
const ROOM: u64 = 6 * 1024 * 1024;
const PAD: usize = 48 * 1024;
/// Decisions after which the disk must have been full.
const MOST: usize = 1_000;
/// A locked ledger is waited for, but no longer than this.
const BOUNDED: Duration = Duration::from_secs(25);
/// Requests of each kind that wait for the lock at once.
const AT_ONCE: usize = 3;
/// Once the lock is gone, requests are taken within this time.
const RECOVER: Duration = Duration::from_secs(30);

/// What the server itself sees of its machine comes as it likes, and is not counted.
const COUNTS: &str = "SELECT d.n, o.n, c.n, a.n FROM (SELECT count(*) AS n FROM decisions) d,
    (SELECT count(*) AS n FROM observations WHERE origin IN ('manual', 'crash')) o,
    (SELECT count(*) AS n FROM changes WHERE origin = 'crash') c,
    (SELECT count(*) AS n FROM audit WHERE action = 'decision') a";

fn counts(server: &Server) -> Result<[u64; 4]> {
    let rows = server.sql(COUNTS)?;
    let row = rows.first().context("an answer without counts")?;
    let count = |at: usize| row.get(at).and_then(Value::as_u64).context("an answer without counts");
    Ok([count(0)?, count(1)?, count(2)?, count(3)?])
}

/// A decision, a hand-over and facts: what each adds to the counts.
fn requests(number: usize, pad: &str) -> [(&'static str, Value, [u64; 4]); 3] {
    let (name, entity) = (format!("request {number}"), format!("service:refused-{number}"));
    let service = json!({"kind": "service", "key": format!("refused-{number}")});
    let decision = json!({"key": name, "kind": "triage", "at": 1, "reason": name, "body": {"pad": pad}});
    let hand_over = json!({"entity": entity, "owner": format!("team-{number}"), "reason": name, "at": 1_700_000_000});
    let facts = json!({"origin": "crash", "changes": [{"key": name, "kind": "deployment", "entity": service, "at": 1}],
        "observations": [{"about": {"entity": service}, "at": 1, "attributes": {"pad": pad}}]});
    [
        ("/api/v1/decisions", decision, [1, 0, 0, 1]),
        ("/api/v1/owners", hand_over, [1, 1, 0, 1]),
        ("/api/v1/facts", facts, [0, 1, 1, 0]),
    ]
}

fn refused_with(answer: &Answer, words: &str) -> Result<()> {
    let text = answer.text();
    ensure!(answer.status == 503 && text.contains(words), "answered {} instead of 503: {text}", answer.status);
    ensure!(answer.retry_after.is_some(), "it does not say when to come again: {text}");
    Ok(())
}

fn sum(counts: [u64; 4], added: [u64; 4]) -> [u64; 4] {
    std::array::from_fn(|at| counts[at] + added[at])
}

/// Decisions until the disk is full.
pub fn full_disk(bin: &Path, folder: &Folder, _: &mut Random) -> Result<String> {
    let path = folder.work.join("disk");
    let Some(_disk) = SmallDisk::mount(&path)? else { return Ok(report_left_out()) };
    let small = Folder { work: folder.work.clone(), data: path.join("data"), log: folder.log.clone() };
    let home = Home::sqlite(bin, &small);
    let server = home.start()?;
    let mut client = server.api();
    let mut expected = counts(&server)?;
    let ballast = path.join("ballast");
    fill_up(&ballast)?;
    let pad = "x".repeat(PAD);
    let mut number = 0;
    let refused = loop {
        ensure!(number < MOST, "the disk was not full after {MOST} decisions");
        let [(path, body, adds), ..] = requests(number, &pad);
        let answer = client.post_json(path, &body).context("a full disk must be answered, not cut off")?;
        if answer.status != 200 {
            refused_with(&answer, "no space left")?;
            break number;
        }
        (expected, number) = (sum(expected, adds), number + 1);
    };
    for (path, body, _) in requests(MOST, &pad) {
        refused_with(&client.post_json(path, &body)?, "no space left").with_context(|| path.to_owned())?;
    }
    ensure!(
        counts(&server)? == expected,
        "on the full disk there is {:?}, acknowledged {expected:?}",
        counts(&server)?
    );
    std::fs::remove_file(&ballast)?;
    let deadline = Instant::now() + RECOVER;
    for (path, body, adds) in requests(refused, &pad) {
        take(&server, path, &body, deadline)?;
        expected = sum(expected, adds);
    }
    ensure!(counts(&server)? == expected, "with room again there is {:?}, acknowledged {expected:?}", counts(&server)?);
    home.fine(&["audit", "verify"])?;
    server.kill()?;
    let server = home.start()?;
    ensure!(counts(&server)? == expected, "after a kill there is {:?}, acknowledged {expected:?}", counts(&server)?);
    home.fine(&["audit", "verify"])?;
    server.stop()?;
    Ok(format!("{refused} decisions until it was full, all there, none half-written; it went on with room again"))
}

/// Writes until nothing fits any more, and then takes a little away.
fn fill_up(path: &Path) -> Result<()> {
    let mut file = File::create(path)?;
    let block = vec![1; 1024 * 1024];
    while file.write_all(&block).is_ok() {}
    let size = file.metadata()?.len();
    file.set_len(size.checked_sub(ROOM).context("the small disk was full before")?)?;
    Ok(())
}

/// Sends until it is taken.
fn take(server: &Server, path: &str, body: &Value, deadline: Instant) -> Result<()> {
    loop {
        let answer = server.api().post_json(path, body)?;
        match answer.status {
            200 => return Ok(()),
            503 if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(100)),
            status => bail!("it does not go on: {path} answered {status}: {}", answer.text()),
        }
    }
}

/// Another program that holds the ledger.
struct Holder(Child);

impl Holder {
    fn of(path: &Path) -> Result<Holder> {
        const PROGRAM: &str = "
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute('BEGIN EXCLUSIVE')
print('held', flush=True)
sys.stdin.read()
";
        let mut python = Command::new("python3");
        python.args(["-c", PROGRAM]).arg(path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().context("cannot run python3")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line.trim() == "held", "the ledger cannot be locked from outside");
        Ok(Holder(child))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program holds the ledger for as long as it likes: whoever waits is told so in time.
pub fn locked(bin: &Path, folder: &Folder, _: &mut Random) -> Result<String> {
    let home = Home::sqlite(bin, folder);
    fill(&home)?;
    let server = home.start()?;
    let before = counts(&server)?;
    let holder = Holder::of(&home.sqlite_file())?;
    let all: Vec<_> = (0..AT_ONCE).flat_map(|number| requests(number, "")).collect();
    let started = Instant::now();
    std::thread::scope(|scope| -> Result<()> {
        let send = |path: &'static str, body: &Value| -> Result<()> {
            let mut client = crate::http::Client::new(server.http, ANSWER_TIMEOUT).with_token(crate::server::API_TOKEN);
            refused_with(&client.post_json(path, body)?, "locked").with_context(|| path.to_owned())
        };
        let waiting: Vec<_> = all.iter().map(|(path, body, _)| scope.spawn(move || send(path, body))).collect();
        for thread in waiting {
            thread.join().map_err(|_| anyhow::anyhow!("a sender panicked"))??;
        }
        Ok(())
    })?;
    let waited = started.elapsed();
    ensure!(waited < BOUNDED, "a locked ledger was waited for {} s", waited.as_secs());
    server.status().context("with a locked ledger it answers no status")?;
    ensure!(counts(&server)? == before, "something was written past the lock: {:?}, {before:?}", counts(&server)?);
    drop(holder);
    let (mut expected, deadline) = (before, Instant::now() + RECOVER);
    for (path, body, adds) in &all {
        take(&server, path, body, deadline)?;
        expected = sum(expected, *adds);
    }
    ensure!(
        counts(&server)? == expected,
        "without the lock there is {:?}, acknowledged {expected:?}",
        counts(&server)?
    );
    home.fine(&["audit", "verify"])?;
    server.stop()?;
    let holder = Holder::of(&home.sqlite_file())?;
    let refused = home.refused()?;
    ensure!(refused.code == Some(2) && refused.words.contains("locked"), "a start on a locked ledger: {refused}");
    ensure!(refused.after < BOUNDED, "a start waited {} s for a locked ledger", refused.after.as_secs());
    drop(holder);
    home.start()?.stop()?;
    Ok(format!(
        "{} requests were told within {:.1} s, a start after {:.1} s; nothing half-written, all taken afterwards",
        all.len(),
        waited.as_secs_f64(),
        refused.after.as_secs_f64()
    ))
}

/// A newer program wrote it.
pub fn newer(bin: &Path, folder: &Folder, _: &mut Random) -> Result<String> {
    let home = Home::sqlite(bin, folder);
    let filled = fill(&home)?;
    let newer = "INSERT INTO ledger_version (version) SELECT max(version) + 1 FROM ledger_version";
    sqlite(&home.sqlite_file(), newer)?;
    let refused = home.refused()?;
    let words = refused.words.lines().last().unwrap_or_default().to_owned();
    ensure!(refused.code == Some(2) && words.contains("use the newer program"), "a newer ledger: {refused}");
    let (sound, said) = home.tool(&["doctor"])?;
    ensure!(!sound && said.contains("use the newer program"), "the doctor says of a newer ledger: {said}");
    sqlite(
        &home.sqlite_file(),
        "DELETE FROM ledger_version WHERE version = (SELECT max(version) FROM ledger_version)",
    )?;
    let server = home.start()?;
    filled.look(&server)?;
    server.stop()?;
    Ok(format!("exit code 2: {words}"))
}
