//! `bench scan`: the scanner beside its peers, each on the peer's own ground, in one run.
//!
//! Without folders of one's own it makes them from a seed. A peer that is not named is left out.

pub mod program;
mod tree;

use anyhow::{Context as _, Result};
use program::{Took, best};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::args::Args;
use xtask::server::{tool, work_dir};

/// The options of the command line.
pub const OPTIONS: [&str; 11] = [
    "workflows",
    "docker",
    "kubernetes",
    "sources",
    "history",
    "rounds",
    "zizmor",
    "hadolint",
    "checkov",
    "kingfisher",
    "betterleaks",
];
/// Exit codes of scanners that found something, or nothing.
const CODES: [i32; 12] = [0, 1, 2, 3, 10, 11, 12, 13, 14, 200, 205, 206];
/// Seed of everything that is made.
const SEED: u64 = 20_26;
/// Megabytes a second of one core that are asked for on secrets.
const SECRETS_RATE: f64 = 60.0;
/// Memory that a tree of 1 GB may take, in MiB.
const MEMORY: f64 = 300.0;

/// Folders to scan.
struct Grounds {
    workflows: PathBuf,
    docker: PathBuf,
    kubernetes: PathBuf,
    sources: PathBuf,
    history: PathBuf,
}

/// Runs it.
pub fn run(bin: &Path, args: &Args) -> Result<()> {
    let work = work_dir("bench-scan")?;
    let rounds: usize = args.number("rounds", 3)?;
    let grounds = grounds(args, &work)?;
    let empty = work.join("empty");
    std::fs::create_dir_all(&empty)?;
    println!("\n{:<34} {:>10} {:>10} {:>9} {:>11} {:>16}", "", "seconds", "cpu", "MiB", "MB/s a core", "against ours");
    let scan = |folder: &Path, more: &[&str]| {
        let mut command = tool(bin);
        command.args(["scan", "--format", "json"]).args(more).arg(folder);
        command
    };
    line("an empty folder: tandem", best(rounds, &[0], &|| scan(&empty, &[]))?, 0, None);
    pipelines(args, &grounds, rounds, &scan)?;
    images(args, &grounds, rounds, &scan)?;
    manifests(args, &grounds, rounds, &scan)?;
    secrets(args, &grounds, rounds, &scan)?;
    history(args, &grounds, rounds, bin)?;
    if args.flag("gigabyte") {
        let folder = work.join("gigabyte");
        tree::sources(&folder, 1 << 30, SEED + 2)?;
        let took = best(1, &[0], &|| scan(&folder, &["--no-cache"]))?;
        line("1 GB of files: tandem", took, tree::bytes(&folder)?, None);
        println!("{:<34} {} (asked: {MEMORY} MiB)", "", if took.peak < MEMORY { "reached" } else { "MISSED" });
    }
    std::fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))
}

/// What was given, or made.
fn grounds(args: &Args, work: &Path) -> Result<Grounds> {
    let given = |name: &str, make: &dyn Fn(&Path) -> Result<()>| -> Result<PathBuf> {
        match args.text(name) {
            Some(folder) => Ok(PathBuf::from(folder)),
            None => {
                let folder = work.join(name);
                make(&folder)?;
                Ok(folder)
            }
        }
    };
    Ok(Grounds {
        workflows: given("workflows", &|folder| tree::workflows(folder, 500))?,
        docker: given("docker", &|folder| tree::dockerfiles(folder, 500))?,
        kubernetes: given("kubernetes", &|folder| tree::manifests(folder, 200))?,
        sources: given("sources", &|folder| tree::sources(folder, 80 << 20, SEED))?,
        history: given("history", &|folder| tree::history(folder, 1_000, SEED + 1))?,
    })
}

type Ours<'o> = &'o dyn Fn(&Path, &[&str]) -> Command;

fn pipelines(args: &Args, grounds: &Grounds, rounds: usize, scan: Ours<'_>) -> Result<()> {
    let folder = &grounds.workflows;
    let bytes = tree::bytes(folder)?;
    let ours = best(rounds, &[0], &|| scan(folder, &[]))?;
    line("workflows: tandem", ours, bytes, None);
    peer(args, "zizmor", "workflows", rounds, bytes, ours, &|command| {
        command.args(["--offline", "--no-progress", "--format=json"]).arg(folder);
    })
}

fn images(args: &Args, grounds: &Grounds, rounds: usize, scan: Ours<'_>) -> Result<()> {
    let folder = &grounds.docker;
    let bytes = tree::bytes(folder)?;
    let ours = best(rounds, &[0], &|| scan(folder, &[]))?;
    line("Dockerfiles: tandem", ours, bytes, None);
    let files = named(folder, "Dockerfile")?;
    peer(args, "hadolint", "Dockerfiles", rounds, bytes, ours, &|command| {
        command.args(["--no-fail", "--format", "json"]).args(&files);
    })?;
    peer(args, "checkov", "Dockerfiles", 1, bytes, ours, &|command| {
        command.args(["--quiet", "--compact", "--skip-download", "--framework", "dockerfile", "-o", "json", "-d"]);
        command.arg(folder);
    })
}

fn manifests(args: &Args, grounds: &Grounds, rounds: usize, scan: Ours<'_>) -> Result<()> {
    let folder = &grounds.kubernetes;
    let bytes = tree::bytes(folder)?;
    let ours = best(rounds, &[0], &|| scan(folder, &[]))?;
    line("manifests: tandem", ours, bytes, None);
    peer(args, "checkov", "manifests", 1, bytes, ours, &|command| {
        command.args(["--quiet", "--compact", "--skip-download", "--framework", "kubernetes", "-o", "json", "-d"]);
        command.arg(folder);
    })
}

fn secrets(args: &Args, grounds: &Grounds, rounds: usize, scan: Ours<'_>) -> Result<()> {
    let folder = &grounds.sources;
    let bytes = tree::bytes(folder)?;
    let ours = best(rounds, &[0], &|| scan(folder, &["--no-cache"]))?;
    line("secrets in sources: tandem", ours, bytes, None);
    line("the same again: tandem", best(rounds, &[0], &|| scan(folder, &[]))?, bytes, Some(ours));
    let rate = bytes as f64 / 1e6 / ours.cpu.max(0.01);
    println!("{:<34} {} (asked: {SECRETS_RATE} MB/s)", "", if rate >= SECRETS_RATE { "reached" } else { "MISSED" });
    peer(args, "kingfisher", "secrets in sources", rounds, bytes, ours, &|command| {
        command.args(["scan", "--no-validate", "--no-update-check", "--git-history", "none", "-f", "json"]);
        command.args(["-o", "/dev/null"]).arg(folder);
    })?;
    peer(args, "betterleaks", "secrets in sources", rounds, bytes, ours, &|command| {
        command.args(["--no-color", "--redact"]).arg(folder);
    })
}

fn history(args: &Args, grounds: &Grounds, rounds: usize, bin: &Path) -> Result<()> {
    let folder = &grounds.history;
    let ours = best(rounds, &[0], &|| {
        let mut command = tool(bin);
        command.args(["scan", "--history", "--format", "json"]).arg(folder);
        command
    })?;
    line("secrets in a history: tandem", ours, 0, None);
    peer(args, "kingfisher", "secrets in a history", rounds, 0, ours, &|command| {
        command.args(["scan", "--no-validate", "--no-update-check", "-f", "json", "-o", "/dev/null"]).arg(folder);
    })?;
    peer(args, "betterleaks", "secrets in a history", rounds, 0, ours, &|command| {
        command.args(["git", "--no-color", "--redact"]).arg(folder);
    })
}

/// A peer on the same ground, when its program was named.
fn peer(
    args: &Args,
    name: &str,
    ground: &str,
    rounds: usize,
    bytes: u64,
    ours: Took,
    with: &dyn Fn(&mut Command),
) -> Result<()> {
    let Some(program) = args.text(name) else { return Ok(()) };
    let took = best(rounds, &CODES, &|| {
        let mut command = Command::new(program);
        with(&mut command);
        command
    })?;
    line(&format!("{ground}: {name}"), took, bytes, Some(ours));
    Ok(())
}

fn line(name: &str, took: Took, bytes: u64, ours: Option<Took>) {
    let rate = if bytes > 0 { format!("{:.0}", bytes as f64 / 1e6 / took.cpu.max(0.01)) } else { String::new() };
    let against = ours.map_or(String::new(), |ours| {
        format!("{:.1}x, cpu {:.1}x", took.wall / ours.wall, took.cpu / ours.cpu.max(0.01))
    });
    println!("{name:<34} {:>10.3} {:>10.2} {:>9.0} {rate:>11} {against:>16}", took.wall, took.cpu, took.peak);
}

/// Files of a name below a folder.
fn named(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(named(&path, name)?);
        } else if path.file_name().is_some_and(|file| file == name) {
            all.push(path);
        }
    }
    Ok(all)
}
