//! A real server as a child process, started on free ports of the loopback.

use crate::http::Client;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What the tools ask their servers with.
pub const API_TOKEN: &str = "xtask-0123456789abcdef";
/// Longest wait for `ready`. A start is meant to take under 2 s; this only ends a hang, also on a
/// machine that is busy with other things.
pub const READY_TIMEOUT: Duration = Duration::from_secs(120);
/// Longest wait for one answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(180);
/// Longest wait for a graceful stop before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(120);

/// Between the last line of a server that gives up and its exit code.
const ENDING: Duration = Duration::from_secs(30);

/// Rows that the server writes about itself between a flush and the look at it.
const OWN_ROWS: u64 = 10_000;

/// What became of a start.
pub enum Start {
    /// It runs.
    Ready(Server),
    /// It said why it does not.
    Refused(Refused),
}

/// A start that came to nothing.
#[derive(Debug)]
pub struct Refused {
    /// The exit code; nothing when it had to be killed.
    pub code: Option<i32>,
    /// The end of its standard error.
    pub words: String,
    /// What was missing on its standard output.
    pub printed: String,
    /// How long that took.
    pub after: Duration,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or_else(|| "it had to be killed".to_owned(), |code| format!("exit code {code}"));
        write!(f, "{code}; {}; its last words:\n{}", self.printed, self.words)
    }
}

/// A running server.
pub struct Server {
    child: Child,
    /// Web and API.
    pub http: SocketAddr,
    /// OTLP over HTTP.
    pub otlp_http: SocketAddr,
    /// How long it took from the start of the process to `ready`.
    pub ready_after: Duration,
    /// Where its standard error goes, appended over restarts.
    pub log: PathBuf,
}

impl Server {
    /// Starts `bin` on `data_dir`, without watching the machine, and waits until it is ready.
    pub fn start(bin: &Path, data_dir: &Path, log: &Path) -> Result<Server> {
        Self::start_with(bin, data_dir, log, &["--no-watch"])
    }

    /// Starts `bin` with more arguments, and waits until it is ready.
    pub fn start_with(bin: &Path, data_dir: &Path, log: &Path, arguments: &[&str]) -> Result<Server> {
        match Self::attempt(bin, data_dir, log, arguments)? {
            Start::Ready(server) => Ok(server),
            Start::Refused(refused) => bail!("the server did not start: {refused}"),
        }
    }

    /// Starts `bin` and waits until it is ready or has given up.
    pub fn attempt(bin: &Path, data_dir: &Path, log: &Path, arguments: &[&str]) -> Result<Start> {
        let stderr = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let before = stderr.metadata()?.len() as usize;
        let started = Instant::now();
        let mut child = command(bin, data_dir, stderr)
            .args(arguments)
            .spawn()
            .with_context(|| format!("cannot start {}; build it or name it with --bin", bin.display()))?;
        let lines = read_lines(child.stdout.take().context("the server has no standard output")?);
        match wait_ready(&lines, started + READY_TIMEOUT) {
            Ok(addresses) => Ok(Start::Ready(Server {
                child,
                http: addresses.http,
                otlp_http: addresses.otlp_http,
                ready_after: started.elapsed(),
                log: log.to_owned(),
            })),
            Err(error) => {
                // It closes its output a moment before it ends.
                let status = ended(&mut child, if started.elapsed() < READY_TIMEOUT { ENDING } else { Duration::ZERO });
                let _ = child.kill();
                let _ = child.wait();
                let text = std::fs::read(log).unwrap_or_default();
                let text = String::from_utf8_lossy(text.get(before..).unwrap_or_default()).into_owned();
                let tail: Vec<&str> = text.lines().rev().take(15).collect();
                let words = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
                let code = status.and_then(|status| status.code());
                Ok(Start::Refused(Refused { code, words, printed: format!("{error:#}"), after: started.elapsed() }))
            }
        }
    }

    /// Starts `bin` and kills it after a time, wherever it is then.
    pub fn kill_starting(bin: &Path, data_dir: &Path, log: &Path, arguments: &[&str], after: Duration) -> Result<()> {
        let stderr = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command(bin, data_dir, stderr).args(arguments).spawn()?;
        std::thread::sleep(after);
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`: the process gets no chance to write anything.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill().context("cannot kill the server")?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop and waits until it did.
    pub fn stop(mut self) -> Result<()> {
        // The standard library only knows SIGKILL.
        Command::new("sh").args(["-c", &format!("kill -TERM {}", self.pid())]).status()?;
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                if !status.success() {
                    bail!("the server stopped with {status}");
                }
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server did not stop within {} s of SIGTERM", STOP_TIMEOUT.as_secs())
    }

    /// Whether the process is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// A client of the API.
    pub fn api(&self) -> Client {
        Client::new(self.http, ANSWER_TIMEOUT).with_token(API_TOKEN)
    }

    /// `GET /api/v1/status`.
    pub fn status(&self) -> Result<Value> {
        let answer = self.api().get("/api/v1/status")?;
        if answer.status != 200 {
            bail!("status answered {}: {}", answer.status, answer.text());
        }
        serde_json::from_slice(&answer.body).context("status is not JSON")
    }

    /// Runs a SQL statement and answers its rows.
    pub fn sql(&self, sql: &str) -> Result<Vec<Vec<Value>>> {
        let answer = self.api().post_json("/api/v1/sql", &json!({"sql": sql, "format": "json"}))?;
        if answer.status != 200 {
            bail!("SQL answered {}: {}", answer.status, answer.text());
        }
        let mut answer: Value = serde_json::from_slice(&answer.body).context("the answer to SQL is not JSON")?;
        // A query that fails on its way has said 200 already.
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            bail!("SQL broke off: {error}");
        }
        serde_json::from_value(answer["rows"].take()).context("the answer to SQL has no rows")
    }

    /// Writes everything to files.
    pub fn flush(&self) -> Result<()> {
        let answer = self.api().post_json("/api/v1/flush", &json!({}))?;
        if !(200..300).contains(&answer.status) {
            bail!("flush answered {}: {}", answer.status, answer.text());
        }
        Ok(())
    }

    /// Flushes and waits until nothing that was sent is left to flush or to compact.
    pub fn settle(&self, timeout: Duration) -> Result<()> {
        self.flush()?;
        let deadline = Instant::now() + timeout;
        // Compaction may start a moment after a flush, so quiet means quiet for a second.
        let mut quiet = 0;
        while quiet < 10 {
            let status = self.status()?;
            let idle = find(&status, "compaction").is_some_and(|value| value == "idle");
            let pending = find(&status, "pending_flush").and_then(Value::as_u64).unwrap_or(0);
            quiet = if idle && pending <= OWN_ROWS { quiet + 1 } else { 0 };
            if Instant::now() > deadline {
                bail!("flush and compaction are not quiet after {} s: {status}", timeout.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Server {
    /// No tool leaves a server behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first value of this name anywhere in a JSON document.
pub fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name).or_else(|| members.values().find_map(|member| find(member, name))),
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}

/// A path under the target folder, made if need be: on a real disk, unlike most temporary folders.
pub fn work_dir(name: &str) -> Result<PathBuf> {
    let folder = crate::run::target_dir()?.join("work").join(format!("{name}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// A command of the program under test, without what the person's own shell sets for it.
pub fn tool(bin: &Path) -> Command {
    let mut command = Command::new(bin);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TANDEM_") {
            command.env_remove(name);
        }
    }
    command
}

/// How a process ended, if it does within a time.
fn ended(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + within;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            _ => return None,
        }
    }
}

fn command(bin: &Path, data_dir: &Path, stderr: File) -> Command {
    let mut command = tool(bin);
    command.arg("up").arg("--data-dir").arg(data_dir);
    for listen in ["http", "otlp-grpc", "otlp-http", "syslog"] {
        command.arg(format!("--{listen}-listen")).arg("127.0.0.1:0");
    }
    command.env("TANDEM_API_TOKEN", API_TOKEN);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    command
}

/// Reads on for as long as the server lives, so that it never blocks on a full pipe.
fn read_lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            let _ = sender.send(line);
        }
    });
    receiver
}

#[derive(Debug, PartialEq)]
struct Addresses {
    http: SocketAddr,
    otlp_http: SocketAddr,
}

fn wait_ready(lines: &Receiver<String>, deadline: Instant) -> Result<Addresses> {
    let mut seen = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if line.trim() == "ready" => return addresses(&seen),
            Ok(line) => seen.push(line),
            Err(_) => bail!("it printed no line `ready`, but: {}", seen.join(" | ")),
        }
    }
}

fn addresses(lines: &[String]) -> Result<Addresses> {
    let named = |name: &str| -> Result<SocketAddr> {
        lines
            .iter()
            .filter_map(|line| line.trim().split_once(char::is_whitespace))
            .find(|(first, _)| first.trim_end_matches(':') == name)
            .and_then(|(_, address)| address.split_whitespace().next())
            .map(|address| address.split("//").last().unwrap_or(address).trim_end_matches('/'))
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("the server printed no address `{name}`: {}", lines.join(" | ")))
    };
    Ok(Addresses { http: named("http")?, otlp_http: named("otlp-http")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_printed() {
        let lines = ["http  http://127.0.0.1:7400", "otlp-grpc 127.0.0.1:4317", "  otlp-http http://127.0.0.1:4318/"];
        let lines = lines.map(str::to_owned);
        assert_eq!(
            addresses(&lines).unwrap(),
            Addresses { http: "127.0.0.1:7400".parse().unwrap(), otlp_http: "127.0.0.1:4318".parse().unwrap() }
        );
        assert!(addresses(&lines[..1]).unwrap_err().to_string().contains("otlp-http"));
    }

    #[test]
    fn names_are_found_at_any_depth() {
        let status = json!({"store": [{"compaction": "idle"}], "pending_flush": 3});
        assert_eq!(find(&status, "compaction").unwrap(), "idle");
        assert_eq!(find(&status, "pending_flush").unwrap(), 3);
        assert!(find(&status, "absent").is_none());
    }
}
