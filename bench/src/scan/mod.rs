//! `bench scan`: the scanner beside its peers, each on the peer's own ground, in one run.
//!
//! Without folders of one's own it makes them from a seed. A peer that is not named is left out.

mod asked;
pub mod program;
mod tree;

use anyhow::{Context as _, Result, ensure};
use asked::Asked;
use program::{Took, best};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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
/// Seconds from start to result on an empty folder.
const EMPTY: f64 = 0.05;
/// How many times as fast as a peer it has to be.
const ZIZMOR: f64 = 1.0;
const HADOLINT: f64 = 10.0;
const CHECKOV: f64 = 40.0;
const KINGFISHER: f64 = 1.0;
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

/// One run of the benchmark.
struct Bench<'a> {
    args: &'a Args,
    bin: &'a Path,
    rounds: usize,
    asked: Asked,
}

/// Runs it.
pub fn run(bin: &Path, args: &Args) -> Result<()> {
    let work = work_dir("bench-scan")?;
    let mut bench = Bench { args, bin, rounds: args.number("rounds", 3)?, asked: Asked::default() };
    let grounds = grounds(args, &work)?;
    println!("\n{:<34} {:>10} {:>10} {:>9} {:>11} {:>16}", "", "seconds", "cpu", "MiB", "MB/s a core", "against ours");
    bench.empty(&work)?;
    bench.pipelines(&grounds.workflows)?;
    bench.images(&grounds.docker)?;
    bench.manifests(&grounds.kubernetes)?;
    bench.secrets(&grounds.sources)?;
    bench.history(&grounds.history)?;
    if args.flag("gigabyte") {
        bench.gigabyte(&work)?;
    }
    println!("\n{}", bench.asked.summary());
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

impl Bench<'_> {
    /// The scanner on a folder.
    fn scan(&self, folder: &Path, more: &[&str]) -> Result<Took> {
        best(self.rounds, &[0], &|| self.command(folder, more))
    }

    fn command(&self, folder: &Path, more: &[&str]) -> Command {
        let mut command = tool(self.bin);
        command.args(["scan", "--format", "json"]).args(more).arg(folder);
        command
    }

    /// The same on a ground, once what it finds was looked at: a scanner that finds nothing there is quick, and measures nothing.
    fn scan_ground(&self, name: &str, bytes: u64, folder: &Path, more: &[&str]) -> Result<Took> {
        let out = self.command(folder, more).stderr(Stdio::null()).output().context("tandem cannot be started")?;
        let said: serde_json::Value = serde_json::from_slice(&out.stdout).context("tandem scan wrote no JSON")?;
        let count = |of: &str| said["summary"][of].as_u64().unwrap_or_default();
        let (files, open) = (count("files"), count("open"));
        ensure!(files > 0 && open > 0, "tandem scan found {open} things in {files} files of {}", folder.display());
        let took = self.scan(folder, more)?;
        line(&format!("{name}: tandem"), took, bytes, None);
        println!("    {open} findings in {files} files");
        Ok(took)
    }

    fn empty(&mut self, work: &Path) -> Result<()> {
        let folder = work.join("empty");
        std::fs::create_dir_all(&folder)?;
        let took = self.scan(&folder, &[])?;
        line("an empty folder: tandem", took, 0, None);
        self.asked.most("an empty folder", took.wall, EMPTY, "s");
        Ok(())
    }

    fn pipelines(&mut self, folder: &Path) -> Result<()> {
        let bytes = tree::bytes(folder)?;
        let ours = self.scan_ground("workflows", bytes, folder, &["--no-cache"])?;
        self.peer("zizmor", "workflows", bytes, ours, Some(ZIZMOR), &|command| {
            command.args(["--offline", "--no-progress", "--format=json"]).arg(folder);
        })
    }

    fn images(&mut self, folder: &Path) -> Result<()> {
        let bytes = tree::bytes(folder)?;
        let ours = self.scan_ground("Dockerfiles", bytes, folder, &["--no-cache"])?;
        let files = named(folder, "Dockerfile")?;
        self.peer("hadolint", "Dockerfiles", bytes, ours, Some(HADOLINT), &|command| {
            command.args(["--no-fail", "--format", "json"]).args(&files);
        })?;
        self.peer("checkov", "Dockerfiles", bytes, ours, Some(CHECKOV), &|command| {
            command.args(["--quiet", "--compact", "--skip-download", "--framework", "dockerfile", "-o", "json", "-d"]);
            command.arg(folder);
        })
    }

    fn manifests(&mut self, folder: &Path) -> Result<()> {
        let bytes = tree::bytes(folder)?;
        let ours = self.scan_ground("manifests", bytes, folder, &["--no-cache"])?;
        self.peer("checkov", "manifests", bytes, ours, Some(CHECKOV), &|command| {
            command.args(["--quiet", "--compact", "--skip-download", "--framework", "kubernetes", "-o", "json", "-d"]);
            command.arg(folder);
        })
    }

    fn secrets(&mut self, folder: &Path) -> Result<()> {
        let bytes = tree::bytes(folder)?;
        let ours = self.scan_ground("secrets in sources", bytes, folder, &["--no-cache"])?;
        line("the same again: tandem", self.scan(folder, &[])?, bytes, Some(ours));
        self.asked.least("secrets in sources", rate(ours, bytes), SECRETS_RATE, "MB/s a core");
        self.peer("kingfisher", "secrets in sources", bytes, ours, None, &|command| {
            command.args(["scan", "--no-validate", "--no-update-check", "--git-history", "none", "-f", "json"]);
            command.args(["-o", "/dev/null"]).arg(folder);
        })?;
        self.peer("betterleaks", "secrets in sources", bytes, ours, None, &|command| {
            command.args(["--no-color", "--redact"]).arg(folder);
        })
    }

    fn history(&mut self, folder: &Path) -> Result<()> {
        let ours = self.scan_ground("secrets in a history", 0, folder, &["--history"])?;
        self.peer("kingfisher", "secrets in a history", 0, ours, Some(KINGFISHER), &|command| {
            command.args(["scan", "--no-validate", "--no-update-check", "-f", "json", "-o", "/dev/null"]).arg(folder);
        })?;
        self.peer("betterleaks", "secrets in a history", 0, ours, None, &|command| {
            command.args(["git", "--no-color", "--redact"]).arg(folder);
        })
    }

    fn gigabyte(&mut self, work: &Path) -> Result<()> {
        let folder = work.join("gigabyte");
        tree::sources(&folder, 1 << 30, SEED + 2)?;
        let took = self.scan(&folder, &["--no-cache"])?;
        line("1 GB of files: tandem", took, tree::bytes(&folder)?, None);
        self.asked.most("memory on 1 GB of files", took.peak, MEMORY, "MiB");
        Ok(())
    }

    /// A peer on the same ground, when its program was named, and how many times as much as ours it has to take.
    fn peer(
        &mut self,
        name: &str,
        ground: &str,
        bytes: u64,
        ours: Took,
        least: Option<f64>,
        with: &dyn Fn(&mut Command),
    ) -> Result<()> {
        let Some(program) = self.args.text(name) else { return Ok(()) };
        let took = best(self.rounds, &CODES, &|| {
            let mut command = Command::new(program);
            with(&mut command);
            command
        })?;
        line(&format!("{ground}: {name}"), took, bytes, Some(ours));
        if let Some(least) = least {
            self.asked.times(&format!("{ground}: {name}"), ours, took, least);
        }
        Ok(())
    }
}

/// Megabytes a second of one core.
fn rate(took: Took, bytes: u64) -> f64 {
    bytes as f64 / 1e6 / took.cpu.max(0.01)
}

fn line(name: &str, took: Took, bytes: u64, ours: Option<Took>) {
    let rate = if bytes > 0 { format!("{:.0}", rate(took, bytes)) } else { String::new() };
    let against = ours.map_or(String::new(), |ours| {
        let (clock, cpu) = ours.times(took);
        format!("{clock:.1}x, cpu {cpu:.1}x")
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
