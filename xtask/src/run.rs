//! Starting cargo and other programs.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub fn root() -> PathBuf {
    // As cargo says when it runs us: checkouts that share a build cache share this program too.
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().unwrap_or(&manifest).to_owned()
}

/// A cargo command at the root, by the cargo that runs us.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// Says what it runs, runs it, and fails when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    println!("\n$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// Runs it silently and answers its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` did not print UTF-8"))
}

/// Whether a program is there and answers `--version`.
pub fn available(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A command as a person would read it.
pub fn show(command: &Command) -> String {
    let mut shown = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}

/// `cargo metadata` of the workspace's own crates.
pub fn metadata() -> Result<Value> {
    let text = output(&mut cargo(&["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    serde_json::from_str(&text).context("cargo metadata printed something that is not JSON")
}

/// The folder cargo builds into; honours `CARGO_TARGET_DIR`.
pub fn target_dir() -> Result<PathBuf> {
    let metadata = metadata()?;
    Ok(metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?.into())
}

/// Builds the release binary that the client tests, the crash rounds and the benchmarks start.
pub fn build_server() -> Result<PathBuf> {
    // As the README says it, so that it stays true.
    run(cargo(&["run", "--release", "--locked", "--", "--version"]).env("TANDEM_WEB", "required"))?;
    let bin = target_dir()?.join("release").join("tandem");
    if !bin.is_file() {
        bail!("cargo built no {}", bin.display());
    }
    Ok(bin)
}

/// Compares the two evaluators of rules over recorded events.
pub fn detect_verify(arguments: &[String]) -> Result<()> {
    let example = ["run", "--release", "--locked", "--package", "decoders", "--example", "verify", "--"];
    run(cargo(&example).args(arguments))
}

/// Compares components with what other tools say, and matches with what a simple evaluator says.
pub fn parts_verify(arguments: &[String]) -> Result<()> {
    let example = ["run", "--release", "--locked", "--package", "scan", "--example", "parts_verify", "--"];
    run(cargo(&example).args(arguments))
}

/// Builds the server and runs the `bench` crate with these arguments.
pub fn bench(arguments: &[String]) -> Result<()> {
    let mut command = cargo(&["run", "--release", "--locked", "--package", "bench", "--"]);
    // Detection alone needs no server, and neither do pages.
    let alone = match arguments.first().map(String::as_str) {
        Some("detect") => !arguments.iter().any(|word| word == "--server"),
        Some("knowledge") => true,
        _ => false,
    };
    if !alone {
        command.env("TANDEM_BIN", build_server()?);
    }
    run(command.args(arguments))
}
