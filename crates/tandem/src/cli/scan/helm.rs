//! The program `helm`, when it is installed, for charts that the scanner cannot render whole itself.
//!
//! A chart is somebody else's: `helm` sees a copy without links, so that nothing outside of it is read, and none of the user's
//! settings, plug-ins, registries or clusters. Templates of Helm run no programs, `lookup` finds nothing without a cluster, and names of
//! hosts are not resolved unless asked for. Whatever goes over HTTP (references of a schema) is sent to a proxy that is not there. Time
//! and output are bounded, memory is not.

use scan::families::helm::{KUBERNETES, NAMESPACE, Output};
use scan::limits::{MAX_CHART_FILES, MAX_HELM_OUTPUT_BYTES};
use scan::scanner;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long one chart may take. Large ones take two seconds.
const CHART_TIME: Duration = Duration::from_secs(20);
/// How long all charts of a scan may take; those after it are not rendered, and that is told.
const ALL_TIME: Duration = Duration::from_secs(120);
/// Bytes of one chart with its packed dependencies; Helm's own releases are at most 1 MB, packed.
const MAX_COPIED_BYTES: u64 = 64 * 1024 * 1024;
/// Folders in folders of one.
const MAX_COPIED_DEPTH: usize = 24;
/// Bytes of a message of `helm` that are read.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The proxy that is not there: nothing listens at the port for discarding.
const NO_PROXY: &str = "http://127.0.0.1:9";

/// What `helm` makes of the charts below a folder that cannot be rendered whole; nothing when it is not installed.
pub(super) fn rendered(root: &Path) -> Vec<Output> {
    let Some(program) = program() else { return Vec::new() };
    let until = Instant::now() + ALL_TIME;
    let one = |chart: String| {
        let folder = root.join(&chart);
        let documents = template(&program, &folder, until.min(Instant::now() + CHART_TIME));
        Output { chart, documents }
    };
    scanner::not_whole(root).into_iter().map(one).collect()
}

/// `helm` in the user's path. A relative entry could be a folder of what is scanned.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let runs = |file: &PathBuf| {
        fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join("helm")).find(runs)
}

fn template(program: &Path, chart: &Path, until: Instant) -> Result<String, String> {
    let told = |error: io::Error| error.to_string();
    let place = tempfile::Builder::new().prefix("tandem-helm").tempdir().map_err(told)?;
    let (home, copied) = (place.path().join("home"), place.path().join("chart"));
    fs::create_dir(&home).map_err(told)?;
    let mut left = Left { files: MAX_CHART_FILES, bytes: MAX_COPIED_BYTES };
    copy(chart, &copied, 0, &mut left)?;
    let mut command = Command::new(program);
    let (major, minor) = KUBERNETES;
    let version = format!("{major}.{minor}.0");
    command.args(["template", "release-name", "chart", "--namespace", NAMESPACE, "--kube-version", &version]);
    command.current_dir(place.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    for name in ["HOME", "TMPDIR", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "HELM_PLUGINS"] {
        command.env(name, &home);
    }
    for name in ["HELM_REGISTRY_CONFIG", "HELM_REPOSITORY_CONFIG", "HELM_REPOSITORY_CACHE", "KUBECONFIG"] {
        command.env(name, home.join("none"));
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env(name, NO_PROXY);
    }
    command.env("HELM_NO_PLUGINS", "1");
    // Of its own group, so that whatever it starts ends with it.
    let child = command.process_group(0).spawn().map_err(told)?;
    let printed = watch(child, until)?;
    String::from_utf8(printed).map_err(|_| "it printed what is no UTF-8".to_owned())
}

/// What may still be copied.
struct Left {
    files: usize,
    bytes: u64,
}

/// Copies folders and files; links and whatever else there is are left out.
fn copy(from: &Path, to: &Path, depth: usize, left: &mut Left) -> Result<(), String> {
    let told = |error: io::Error| format!("the chart could not be copied: {error}");
    let too_large = || "the chart is larger than is given to it (MAX_CHART_FILES, MAX_COPIED_BYTES)".to_owned();
    if depth > MAX_COPIED_DEPTH {
        return Err(too_large());
    }
    fs::create_dir(to).map_err(told)?;
    for entry in fs::read_dir(from).map_err(told)? {
        let entry = entry.map_err(told)?;
        let (kind, name) = (entry.file_type().map_err(told)?, entry.file_name());
        if kind.is_dir() && name != ".git" {
            copy(&entry.path(), &to.join(&name), depth + 1, left)?;
        } else if kind.is_file() {
            let bytes = entry.metadata().map_err(told)?.len();
            left.files = left.files.checked_sub(1).ok_or_else(too_large)?;
            left.bytes = left.bytes.checked_sub(bytes).ok_or_else(too_large)?;
            // It may have grown since it was looked at.
            let mut file = fs::File::open(entry.path()).map_err(told)?.take(bytes);
            let mut copied = fs::File::create(to.join(&name)).map_err(told)?;
            io::copy(&mut file, &mut copied).map_err(told)?;
        }
    }
    Ok(())
}

/// Its standard output, when it ends well in time.
fn watch(mut child: Child, until: Instant) -> Result<Vec<u8>, String> {
    let (sender, receiver) = mpsc::channel();
    read(child.stdout.take(), (true, MAX_HELM_OUTPUT_BYTES), sender.clone());
    read(child.stderr.take(), (false, MAX_MESSAGE_BYTES), sender);
    let ended = wait(&mut child, &receiver, until);
    if ended.is_err() {
        kill(&mut child);
    }
    ended
}

/// Whether it is output, no message; and the bytes.
type Printed = (bool, io::Result<Vec<u8>>);

/// Reads a pipe on a thread of its own, at most so much and one byte.
fn read(pipe: Option<impl Read + Send + 'static>, (is_output, most): (bool, usize), sender: mpsc::Sender<Printed>) {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |pipe| pipe.take(most as u64 + 1).read_to_end(&mut bytes));
        // Nobody waits any more when time is over.
        let _ = sender.send((is_output, read.map(|_| bytes)));
    });
}

fn wait(child: &mut Child, receiver: &mpsc::Receiver<Printed>, until: Instant) -> Result<Vec<u8>, String> {
    let late = || "it took too long".to_owned();
    let (mut out, mut message) = (None, None);
    while out.is_none() || message.is_none() {
        let (is_output, bytes) =
            receiver.recv_timeout(until.saturating_duration_since(Instant::now())).map_err(|_| late())?;
        let bytes = bytes.map_err(|error| error.to_string())?;
        if is_output && bytes.len() > MAX_HELM_OUTPUT_BYTES {
            return Err("it made more text than is read (MAX_HELM_OUTPUT_BYTES)".to_owned());
        }
        *(if is_output { &mut out } else { &mut message }) = Some(bytes);
    }
    // Both pipes are closed, so it is about to end; that is looked at some thousand times at most.
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if Instant::now() >= until => return Err(late()),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    if status.success() {
        return Ok(out.unwrap_or_default());
    }
    let message = String::from_utf8_lossy(&message.unwrap_or_default()).trim().to_owned();
    Err(if message.is_empty() { status.to_string() } else { message })
}

/// Ends it with all that it started.
fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}
