//! The page: its types against the server's description, its size, its own tests, and a browser that uses it.

use crate::run;
use crate::test::{Tally, require, watch};
use anyhow::{Context as _, Result, bail, ensure};
use std::path::Path;
use std::process::Command;

/// Compressed script that the first load may have, in bytes: on a slow line it is there within a second.
const MAX_FIRST_LOAD: u64 = 250_000;
/// Debian's packages, and the programs that show they are there.
const PROGRAMS: [(&str, &str); 3] = [("nodejs", "node"), ("npm", "npm"), ("chromium", "chromium")];

/// Installs what bundling and looking need, unless it is there.
pub fn install() -> Result<()> {
    let missing: Vec<&str> = PROGRAMS
        .into_iter()
        .filter(|(_, program)| !run::available(Command::new(program).arg("--version")))
        .map(|(package, _)| package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let apt =
        |arguments: &[&str]| run::run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments));
    let install = [&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat();
    apt(&install)
        .or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
        .with_context(|| format!("the page's tests need {0}; run: apt-get install {0}", missing.join(" ")))
}

/// All of it, with the binary that is to be shown.
pub fn tests(bin: &Path) -> Result<Tally> {
    let web = run::root().join("web");
    packages(&web)?;
    packages(&web.join("e2e"))?;
    let mut tally = Tally::default();
    let mut check = |name: &str, result: Result<()>| {
        if let Err(error) = &result {
            eprintln!("error: {name}: {error:#}");
        }
        tally.count(result.is_ok());
    };
    check("the page's types hold", run::run(npm(&web).args(["run", "--silent", "check"])));
    check("the page's types are those of the server", types(&web, bin));
    check("the first load is small", size(&web));
    for folder in [web.join("tests"), web.join("e2e").join("tests")] {
        tally += node_tests(&folder, bin)?;
    }
    Ok(tally)
}

/// What the lock file names, installed once for each of its versions.
fn packages(folder: &Path) -> Result<()> {
    let lock = std::fs::read(folder.join("package-lock.json")).context("cannot read package-lock.json")?;
    let done = folder.join("node_modules").join(".done");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run::run(npm(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    Ok(std::fs::write(done, lock)?)
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}

/// The description that this binary prints gives the types that the page was written with.
fn types(web: &Path, bin: &Path) -> Result<()> {
    let file = crate::server::work_dir("openapi")?;
    let path = file.join("openapi.json");
    std::fs::write(&path, run::output(Command::new(bin).arg("openapi"))?)?;
    let result = run::run(Command::new("node").arg("api-types.mjs").arg(&path).arg("--check").current_dir(web));
    std::fs::remove_dir_all(&file)?;
    result
}

fn size(web: &Path) -> Result<()> {
    let out = crate::server::work_dir("page")?;
    run::run(Command::new("node").arg("build.mjs").arg("--out").arg(&out).current_dir(web))?;
    let manifest = std::fs::read(out.join("manifest.json"))?;
    std::fs::remove_dir_all(&out)?;
    let files: serde_json::Value = serde_json::from_slice(&manifest)?;
    let first = files.as_array().into_iter().flatten().filter(|file| file["first"] == true);
    let sum: u64 = first.filter_map(|file| file["packed"].as_u64()).sum();
    ensure!(sum > 0, "the manifest names no script of the first load");
    ensure!(sum <= MAX_FIRST_LOAD, "{sum} bytes of compressed script on first load; at most {MAX_FIRST_LOAD}");
    Ok(())
}

/// Node's own test runner over a folder.
fn node_tests(folder: &Path, bin: &Path) -> Result<Tally> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("there is no test in {}", folder.display());
    }
    let mut command = Command::new("node");
    command.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(&files).current_dir(folder);
    let (status, text) = watch(command.env("TANDEM_BIN", bin))?;
    let mut tally = node_tally(&text);
    require(&mut tally, status);
    Ok(tally)
}

/// `ℹ pass 12` and `ℹ fail 0`, as Node closes its runs.
fn node_tally(text: &str) -> Tally {
    let count = |name: &str| -> u64 {
        let line = text.lines().rev().find_map(|line| line.split_once(&format!(" {name} ")));
        line.and_then(|(_, number)| number.trim().parse().ok()).unwrap_or(0)
    };
    Tally { passed: count("pass"), failed: count("fail") + count("cancelled") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_node_are_read() {
        let text = "✔ it logs in (12ms)\nℹ tests 3\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\n";
        assert_eq!(node_tally(text), Tally { passed: 2, failed: 1 });
        assert_eq!(node_tally("nothing"), Tally::default());
    }
}
