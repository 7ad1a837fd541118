//! The agent: ships what it watches, masked as it is told, and says how that goes.

use crate::server::{DEADLINE, Killed, Server, eventually, follow, fresh, run, tandem};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A running agent.
struct Agent {
    _child: Killed,
    log: Arc<Mutex<String>>,
}

impl Agent {
    /// Once it says `ready`.
    fn spawn(mut command: Command) -> Agent {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        follow(child.stderr.take().unwrap(), log.clone());
        let lines = follow(child.stdout.take().unwrap(), Arc::default());
        let agent = Agent { _child: Killed(child), log };
        while lines.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("not ready: {}", agent.log())) != "ready" {}
        agent
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits for the line of the log with this text.
    fn says(&self, text: &str) -> String {
        eventually(text, || self.log().lines().find(|line| line.contains(text)).map(str::to_owned))
    }
}

/// An agent for a server, with its positions and a configuration in a folder.
fn agent(url: &str, folder: &Path, config: &str) -> Command {
    let path = folder.join("agent.toml");
    std::fs::write(&path, config).unwrap();
    let mut command = tandem(["agent", "--url", url, "--data-dir"]);
    command.arg(folder.join("positions")).arg("--config").arg(path);
    command
}

fn watching(log: &Path) -> String {
    format!("[watch]\nfiles = [{log:?}]\nno_journal = true\nno_host_metrics = true\nno_host_facts = true\n")
}

fn append(log: &Path, line: &str) {
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
    writeln!(file, "{line}").unwrap();
}

#[test]
fn it_masks_what_its_configuration_says() {
    let folder = fresh();
    // The server would mask what the agent did not.
    let server = Server::with(&folder.path().join("data"), &["--no-redact"]);
    let rule = "[[redact.rules]]\nkeyword = \"card\"\npattern = 'card=(?<secret>[0-9]+)'\n";
    for (name, arguments, body) in [
        ("masked", &[][..], "masked card=*** password=***"),
        ("open", &["--no-redact"][..], "open card=4711 password=hunter2"),
    ] {
        let place = folder.path().join(name);
        std::fs::create_dir(&place).unwrap();
        let log = place.join("app.log");
        append(&log, &format!("{name} card=4711 password=hunter2"));
        let mut command = agent(server.address("otlp-http"), &place, &format!("{}{rule}", watching(&log)));
        command.args(arguments);
        let _agent = Agent::spawn(command);
        let sql = format!("SELECT body FROM logs WHERE starts_with(body, '{name}')");
        let rows = eventually(name, || Some(server.sql(&sql)).filter(|rows| !rows.is_empty()));
        assert_eq!(rows, [[json!(body)]]);
    }
    assert_eq!(server.value("SELECT count(*) FROM metrics"), 0);
    let wrong =
        agent(server.address("otlp-http"), folder.path(), "[redact]\nrules = [{ keyword = \"x\", pattern = \"(\" }]\n");
    run(wrong).says(2, &["[redact]", "pattern"]);
}

#[test]
fn it_says_once_how_the_server_takes_records() {
    let folder = fresh();
    let log = folder.path().join("app.log");
    append(&log, "first");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let refusals = [(401, "no such token"), (401, "no such token"), (415, "not spoken here")];
        for (status, text) in refusals.into_iter().chain(std::iter::repeat((200, ""))) {
            answer(listener.accept().unwrap().0, status, text);
        }
    });
    let agent = Agent::spawn(agent(&url, folder.path(), &watching(&log)));
    let line = agent.says("sent again until it takes them");
    assert!(line.contains("401") && line.contains("no such token") && line.contains("TANDEM_TOKEN"), "{line}");
    let line = agent.says("refuses records for good");
    assert!(line.contains("415") && line.contains("not spoken here") && line.contains("records=1"), "{line}");
    append(&log, "second");
    let line = agent.says("takes records again");
    assert!(line.contains("skipped=1") && line.contains("failed=3"), "{line}");
    assert_eq!(agent.log().lines().count(), 3, "{}", agent.log());
}

#[test]
fn it_says_that_the_server_cannot_be_reached() {
    let folder = fresh();
    let log = folder.path().join("app.log");
    append(&log, "patient");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let agent = Agent::spawn(agent(&format!("http://{port}"), folder.path(), &watching(&log)));
    assert!(agent.says("cannot be reached").contains(&port.to_string()));
    let server = Server::with(&folder.path().join("data"), &["--otlp-http-listen", &port.to_string()]);
    agent.says("takes records again");
    assert_eq!(agent.log().lines().count(), 2, "{}", agent.log());
    assert_eq!(server.value("SELECT count(*) FROM logs WHERE body = 'patient'"), 1);
}

/// Answers one request and closes the connection.
fn answer(stream: TcpStream, status: u16, text: &str) {
    let mut reader = BufReader::new(&stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
    (&stream).write_all(format!("{head}{text}").as_bytes()).unwrap();
}
