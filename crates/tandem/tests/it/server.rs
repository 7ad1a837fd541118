//! The binary as a child process that never outlives its test.

use crate::http::{self, Answer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ureq::Agent;

/// Ends a hang. All pages of all rules run for half a minute of processor time in a debug build, and the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(240);
/// Between two looks at a condition.
const LOOK: Duration = Duration::from_millis(10);

/// A fresh folder, removed with its test.
pub fn fresh() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Looks until there is something, and fails when there is nothing for too long.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "in vain: {what}");
        std::thread::sleep(LOOK);
    }
}

/// The binary, without what the person's own shell sets.
pub fn tandem<const N: usize>(arguments: [&str; N]) -> Command {
    binary(Path::new(env!("CARGO_BIN_EXE_tandem")), &arguments)
}

/// A copy of the binary at another place.
pub fn binary(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TANDEM_") {
            command.env_remove(name);
        }
    }
    command
}

/// Free ports, by the variables: a flag of the test wins over them.
pub fn free_ports(command: &mut Command) {
    for door in ["HTTP", "OTLP_GRPC", "OTLP_HTTP", "SYSLOG"] {
        command.env(format!("TANDEM_{door}_LISTEN"), "127.0.0.1:0");
    }
}

/// `tandem serve` on a folder and free ports, without rows about itself.
pub fn serve(data_dir: &Path) -> Command {
    let mut command = tandem(["serve", "--data-dir"]);
    command.arg(data_dir).env("TANDEM_NO_SELF", "true");
    free_ports(&mut command);
    command
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The single line of JSON that it printed.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks the exit code, and that the error names all of these.
    pub fn says(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is missing in: {}", self.err);
        }
    }
}

/// Runs a command to its end, with nothing to read.
pub fn run(mut command: Command) -> Ended {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let out = read_all(child.stdout.take().unwrap());
    let err = read_all(child.stderr.take().unwrap());
    let mut child = Killed(child);
    let status = eventually("the end of a command", || child.0.try_wait().unwrap());
    Ended { code: status.code(), out: out.join().unwrap(), err: err.join().unwrap() }
}

fn read_all(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A child that ends with its owner.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
pub struct Server {
    child: Killed,
    pub data_dir: PathBuf,
    pub agent: Agent,
    /// What API requests are sent with; without it, the key of the server's own user.
    pub token: Option<String>,
    /// Nobody asks: neither token nor key.
    pub nobody: bool,
    printed: HashMap<String, String>,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// On a folder, with the defaults.
    pub fn start(data_dir: &Path) -> Server {
        Self::spawn(serve(data_dir))
    }

    /// On a folder, with more arguments.
    pub fn with(data_dir: &Path, arguments: &[&str]) -> Server {
        let mut command = serve(data_dir);
        command.args(arguments);
        Self::spawn(command)
    }

    /// By a command, once it says `ready`.
    pub fn spawn(mut command: Command) -> Server {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = follow(child.stdout.take().unwrap(), Arc::default());
        follow(child.stderr.take().unwrap(), log.clone());
        let child = Killed(child);
        let mut printed = HashMap::new();
        loop {
            match lines.recv_timeout(DEADLINE) {
                Ok(line) if line == "ready" => break,
                Ok(line) => {
                    let (name, value) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
                    printed.insert(name.to_owned(), value.trim().to_owned());
                }
                Err(_) => panic!("the server is not ready: {printed:?} {}", log.lock().unwrap()),
            }
        }
        let data_dir = PathBuf::from(&printed["data"]);
        Server { child, data_dir, agent: http::agent(None), token: None, nobody: false, printed, log }
    }

    /// What it printed under a name at its start.
    pub fn address(&self, name: &str) -> &str {
        self.printed.get(name).unwrap_or_else(|| panic!("no address {name} in {:?}", self.printed))
    }

    /// Whether it printed something under a name at its start.
    pub fn prints(&self, name: &str) -> bool {
        self.printed.contains_key(name)
    }

    /// A request to the web's port without token, key or cookie.
    pub fn ask_as_nobody(&self, method: &str, path: &str) -> Answer {
        self.ask_as_nobody_with(method, path, &[])
    }

    /// A request to the web's port with these headers alone.
    pub fn ask_as_nobody_with(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::send(&self.agent, method, &format!("{}{path}", self.address("http")), headers, b"")
    }

    /// The address of a door without its scheme.
    pub fn socket(&self, name: &str) -> SocketAddr {
        self.address(name).split("//").last().unwrap().parse().unwrap()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// What it wrote to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// `kill -9`: it gets no chance to write anything.
    pub fn kill(self) {}

    /// Asks it to stop; answers its exit code.
    pub fn stop(mut self) -> Option<i32> {
        // The standard library only knows SIGKILL.
        let status = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.pid())]).status().unwrap();
        assert!(status.success());
        eventually("the end of the server", || self.child.0.try_wait().unwrap()).code()
    }

    /// The most memory it ever had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
    }

    /// User and system time of the process so far.
    pub fn cpu_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        // The name in parentheses may hold spaces; hundredths of a second follow it.
        let numbers: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        Duration::from_millis((numbers[11].parse::<u64>().unwrap() + numbers[12].parse::<u64>().unwrap()) * 10)
    }

    /// A request to the web's port.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let control = self.control();
        let mut headers = headers.to_vec();
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        // Who says who it is in another way, says that.
        let says = |name: &str| headers.iter().any(|(given, _)| *given == name);
        if !self.nobody && !["authorization", "cookie", "x-tandem-control"].into_iter().any(says) {
            headers.push(("x-tandem-control", &control));
        }
        http::send(&self.agent, method, &format!("{}{path}", self.address("http")), &headers, body)
    }

    /// The key of the server's own user.
    pub fn control(&self) -> String {
        let file = std::fs::read(self.data_dir.join("server.json")).unwrap_or_default();
        let file: Value = serde_json::from_slice(&file).unwrap_or_default();
        file["control"].as_str().unwrap_or_default().to_owned()
    }

    /// `GET` from the web's port.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    /// `POST` of JSON to the web's port.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// `POST` to the OTLP port.
    pub fn otlp(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        http::send(&self.agent, "POST", &format!("{}{path}", self.address("otlp-http")), headers, body)
    }

    /// `POST` of OTLP JSON.
    pub fn otlp_json(&self, path: &str, body: &Value) -> Answer {
        self.otlp(path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// `POST` of OTLP protobuf.
    pub fn otlp_protobuf(&self, path: &str, body: &[u8]) -> Answer {
        self.otlp(path, &[("content-type", "application/x-protobuf")], body)
    }

    /// The rows of a statement.
    pub fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        let answer = self.post("/api/v1/sql", &json!({"sql": sql}));
        assert_eq!(answer.status, 200, "{sql}: {}", answer.text());
        let mut answer = answer.json();
        assert!(answer.get("error").is_none(), "{sql}: {answer}");
        serde_json::from_value(answer["rows"].take()).unwrap()
    }

    /// The only value of a statement.
    pub fn value(&self, sql: &str) -> Value {
        let mut rows = self.sql(sql);
        assert_eq!((rows.len(), rows[0].len()), (1, 1), "{sql}");
        rows.remove(0).remove(0)
    }

    /// A number of `/metrics`, 0 when it is not told yet. `name` has its labels.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Sends the record that must survive whatever the test does next.
    pub fn accept_good(&self) {
        let answer = self.otlp_json("/v1/logs", &crate::otlp::log("good"));
        assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
        self.has_good();
    }

    /// Takes and shows one more record.
    pub fn accept_again(&self) {
        assert_eq!(self.otlp_json("/v1/logs", &crate::otlp::log("again")).status, 200);
        assert_eq!(self.value("SELECT count(*) FROM logs WHERE body = 'again'"), 1);
    }

    /// Sends one more record that nobody looks for.
    pub fn accept_more(&self) {
        assert_eq!(self.otlp_json("/v1/logs", &crate::otlp::log("more")).status, 200);
    }

    /// The record of [`Self::accept_good`] is there, once.
    pub fn has_good(&self) {
        assert_eq!(self.value("SELECT count(*) FROM logs WHERE body = 'good'"), 1);
    }
}

/// Lines of a pipe as they come; also gathered as text. Reads on for as long as the process lives, so that it never
/// blocks on a full pipe.
pub fn follow(pipe: impl Read + Send + 'static, text: Arc<Mutex<String>>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { break };
            text.lock().unwrap().push_str(&format!("{line}\n"));
            let _ = sender.send(line);
        }
    });
    receiver
}
