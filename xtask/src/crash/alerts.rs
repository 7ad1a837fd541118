//! Rules at work under `kill -9`: the alerts of a server that was killed again and again in the middle of windows are
//! those that `tandem detect` finds in the same events at one go. None lost, none counted twice, each citing its own events.

pub mod compare;
pub mod events;

use super::aim::{Aim, Open, is_acknowledged};
use super::{Folder, report};
use crate::http::Client;
use crate::random::Random;
use crate::server::{self, Server};
use crate::test::Tally;
use anyhow::{Context as _, Result, anyhow, ensure};
use compare::{Found, Wanted};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The name of the check.
pub const NAME: &str = "alerts rounds";
/// Senders at once.
const SENDERS: u64 = 3;
/// A server lives this long under load before it is killed, in milliseconds: the detector's memory is kept once a second,
/// so some kills fall before it and some after.
const LIFE: (u64, u64) = (300, 2_800);
/// Pause of a sender after an acknowledgement, in milliseconds: what is tested is where kills fall, not how much comes.
const PAUSE: u64 = 25;
/// Events of one request at most.
const BATCH: u64 = 16;
/// Alerts are complete within this time of the last event.
const TOLD: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// One check of `rounds` kills.
pub fn rounds(bin: &Path, rounds: u32, seed: u64) -> Result<Tally> {
    let mut tally = Tally::default();
    if rounds > 0 {
        let folder = Folder::new(NAME)?;
        let fine = report(&mut tally, NAME, killed(bin, &folder, rounds, seed));
        folder.finish(fine)?;
    }
    Ok(tally)
}

fn killed(bin: &Path, folder: &Folder, rounds: u32, seed: u64) -> Result<String> {
    let rules = folder.work.join("rules");
    std::fs::create_dir_all(&rules)?;
    std::fs::write(rules.join("crash.yml"), events::RULES)?;
    let mut random = Random::new(seed);
    let senders = Senders::start(seed)?;
    let (mut unread, mut kept) = (0, 0);
    for _ in 0..rounds {
        let server = start(bin, folder, &rules)?;
        senders.aim.at(Some(server.http));
        std::thread::sleep(Duration::from_millis(LIFE.0 + random.below(LIFE.1 - LIFE.0)));
        if let Ok(detection) = compare::detection(&server) {
            unread += u64::from(detection["behind"].as_u64() > Some(0));
            kept += u64::from(detection["state_bytes"].as_u64() > Some(0));
        }
        server.kill()?;
        senders.aim.at(None);
        senders.aim.fatal()?;
    }
    let server = start(bin, folder, &rules)?;
    senders.aim.at(Some(server.http));
    let sent = senders.finish()?;
    let wanted = at_one_go(bin, folder, &rules, &sent.lines)?;
    compare::stored(&server, sent.lines.len() as u64)?;
    let took = complete(&server, &wanted)?;
    let cited = compare::cites(&server, &wanted)?;
    server.stop()?;
    // And once more after a graceful stop: what is told again then would be counted twice.
    let server = start(bin, folder, &rules)?;
    complete(&server, &wanted)?;
    compare::cites(&server, &wanted)?;
    server.stop()?;
    Ok(format!(
        "{rounds} kills, {} events, {} alerts, 0 lost, 0 doubled; {} requests sent more than once, {cited} events cited, \
         complete after {} ms; before a kill memory was kept {kept} times and commits were unread {unread} times",
        sent.lines.len(),
        wanted.alerts(),
        sent.retried,
        took.as_millis()
    ))
}

fn start(bin: &Path, folder: &Folder, rules: &Path) -> Result<Server> {
    let rules = rules.to_str().context("the work folder's name is not UTF-8")?;
    let arguments = ["--no-watch", "--no-builtin-rules", "--rules", rules];
    Server::start_with(bin, &folder.data, &folder.log, &arguments)
}

/// Waits until the server's alerts are those wanted; what is too much is an error at once.
fn complete(server: &Server, wanted: &Wanted) -> Result<Duration> {
    let began = Instant::now();
    loop {
        let found = Found::ask(server)?;
        wanted.no_more(&found)?;
        let missing = wanted.missing(&found);
        if missing.is_empty() {
            compare::nothing_late(server)?;
            return Ok(began.elapsed());
        }
        ensure!(began.elapsed() < TOLD, "after {} s there is missing: {}", TOLD.as_secs(), missing.join("; "));
        std::thread::sleep(LOOK);
    }
}

/// What nobody interrupted says of the same events.
fn at_one_go(bin: &Path, folder: &Folder, rules: &Path, lines: &[String]) -> Result<Wanted> {
    let path: PathBuf = folder.work.join("events.jsonl");
    std::fs::write(&path, lines.join("\n") + "\n")?;
    let mut tool = server::tool(bin);
    tool.args(["detect", "--format", "json", "--rules"]).arg(rules).arg(&path);
    let output = tool.stdin(Stdio::null()).output().context("cannot run `tandem detect`")?;
    // It ends with 1 when there are alerts.
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(1), "`tandem detect` ended with {}: {said}", output.status);
    let wanted = Wanted::read(&String::from_utf8(output.stdout)?)?;
    ensure!(wanted.all_rules_fired(), "some rules of the round never fire: they prove nothing");
    Ok(wanted)
}

#[derive(Default)]
struct Senders {
    aim: Arc<Aim<SocketAddr>>,
    retried: Arc<AtomicU64>,
    threads: Vec<JoinHandle<Result<Vec<String>>>>,
}

/// What was acknowledged in the end.
struct Sent {
    lines: Vec<String>,
    retried: u64,
}

impl Senders {
    fn start(seed: u64) -> Result<Senders> {
        let mut senders = Senders::default();
        for sender in 0..SENDERS {
            let (aim, retried) = (senders.aim.clone(), senders.retried.clone());
            let random = Random::new(seed ^ (sender + 1).wrapping_mul(0x9e37));
            let run = move || send(sender, &aim, &retried, random);
            senders.threads.push(std::thread::Builder::new().spawn(run)?);
        }
        Ok(senders)
    }

    fn finish(self) -> Result<Sent> {
        self.aim.stop();
        let mut lines = Vec::new();
        for thread in self.threads {
            lines.extend(thread.join().map_err(|_| anyhow!("a sender panicked"))??);
        }
        self.aim.fatal()?;
        Ok(Sent { lines, retried: self.retried.load(Ordering::SeqCst) })
    }
}

/// Sends until it is stopped; answers the lines, all of them acknowledged.
fn send(sender: u64, aim: &Aim<SocketAddr>, retried: &AtomicU64, mut random: Random) -> Result<Vec<String>> {
    let (mut lines, mut open): (Vec<String>, Open<SocketAddr>) = (Vec::new(), None);
    while !aim.is_stopped() {
        let count = 1 + random.below(BATCH);
        let now = events::now();
        let batch: Vec<String> =
            (0..count).map(|n| events::line(sender, lines.len() as u64 + n, now, &mut random)).collect();
        let body = batch.join("\n");
        match deliver(aim, &mut open, &body) {
            Ok(attempts) => drop(retried.fetch_add(u64::from(attempts > 1), Ordering::SeqCst)),
            Err(error) => {
                aim.fail(format!("sender {sender}: {error:#}"));
                return Err(error);
            }
        }
        lines.extend(batch);
        std::thread::sleep(Duration::from_millis(random.below(PAUSE)));
    }
    Ok(lines)
}

fn deliver(aim: &Aim<SocketAddr>, open: &mut Open<SocketAddr>, body: &str) -> Result<u64> {
    let headers = [("content-type", "application/x-ndjson")];
    let (_, attempts) = aim.deliver(
        |address| address,
        open,
        |connection: &mut Client| {
            let answer = connection.request("POST", "/api/v1/ingest/json", &headers, body.as_bytes())?;
            ensure!(
                !is_acknowledged(&answer)? || answer.text().contains("\"rejected\":0"),
                "not all was taken: {}",
                answer.text()
            );
            Ok(answer)
        },
    )?;
    Ok(attempts)
}
