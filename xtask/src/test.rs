//! `cargo xtask test`: every test of the repository, and one line of figures at the end.

use crate::{crash, postgres, run, server, web};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// Overload and each fuzz target in the nightly run.
const OVERLOAD_SECONDS: u32 = 300;
const FUZZ_SECONDS: u32 = 600;

/// What passed and what failed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Checks that held.
    pub passed: u64,
    /// Checks that did not.
    pub failed: u64,
}

impl Tally {
    /// Counts one check.
    pub fn count(&mut self, held: bool) {
        if held {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs everything, also after a failure, and fails at the end.
pub fn test(nightly: bool) -> Result<()> {
    let mut total = Tally::default();
    let mut step = |name: &str, work: &mut dyn FnMut() -> Result<Tally>| {
        println!("\n=== {name}");
        let started = Instant::now();
        let tally = work().unwrap_or_else(|error| {
            eprintln!("error: {name}: {error:#}");
            Tally { passed: 0, failed: 1 }
        });
        let seconds = started.elapsed().as_secs();
        println!("=== {name}: {} passed, {} failed in {seconds} s", tally.passed, tally.failed);
        total += tally;
    };
    step("tools of the page", &mut || web::install().map(|()| Tally::default()));
    step("rust tests", &mut rust_tests);
    let mut bin = PathBuf::new();
    step("release build", &mut || {
        bin = run::build_server()?;
        Ok(Tally::default())
    });
    if bin.as_os_str().is_empty() {
        eprintln!("error: client tests and crash rounds need the release build");
    } else {
        step("client tests", &mut || client_tests(&bin));
        step("page", &mut || web::tests(&bin));
        let rounds = if nightly { crash::Rounds::NIGHTLY } else { crash::Rounds::ORDINARY };
        step("crash", &mut || crash::all(&bin, rounds, crash::DEFAULT_SEED, None));
    }
    if nightly {
        step("overload", &mut || {
            run::bench(&["overload".into(), format!("--seconds={OVERLOAD_SECONDS}")])?;
            Ok(Tally { passed: 1, failed: 0 })
        });
        step("fuzz", &mut fuzz);
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        bail!("{} tests failed", total.failed);
    }
    Ok(())
}

fn rust_tests() -> Result<Tally> {
    // The ledger's tests start one of their own.
    postgres::install()?;
    let nextest = run::available(&mut run::cargo(&["nextest", "--version"]));
    let arguments: &[&str] = if nextest {
        &["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--locked", "--workspace", "--no-fail-fast"]
    };
    let (status, text) = watch(&mut run::cargo(arguments))?;
    let mut tally = if nextest { nextest_tally(&text) } else { libtest_tally(&text) };
    require(&mut tally, status);
    if nextest {
        // nextest leaves the examples in the documentation out.
        let (status, text) = watch(&mut run::cargo(&["test", "--locked", "--workspace", "--doc"]))?;
        let mut examples = libtest_tally(&text);
        require(&mut examples, status);
        tally += examples;
    }
    Ok(tally)
}

/// A failure that named no failed test is one all the same, for example a build error.
pub(crate) fn require(tally: &mut Tally, status: ExitStatus) {
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
}

/// `Summary [ 1.2s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 0 skipped`.
fn nextest_tally(text: &str) -> Tally {
    let summary = text.lines().rev().find(|line| line.trim_start().starts_with("Summary ["));
    let counts = summary.and_then(|line| line.split_once("run:")).map_or("", |(_, counts)| counts);
    let mut tally = Tally::default();
    for part in counts.split(',') {
        let mut words = part.split_whitespace();
        let Some(count) = words.next().and_then(|word| word.parse::<u64>().ok()) else { continue };
        match words.next() {
            Some("passed") => tally.passed += count,
            Some("skipped") | None => {}
            Some(_) => tally.failed += count,
        }
    }
    tally
}

/// `test result: ok. 3 passed; 0 failed; ...`, once for each test binary.
fn libtest_tally(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let count = pair[0].parse().unwrap_or(0);
            match pair[1] {
                "passed;" => tally.passed += count,
                "failed;" => tally.failed += count,
                _ => {}
            }
        }
    }
    tally
}

/// Python's unittest ends with `Ran 3 tests in 1.2s` and `FAILED (failures=1, errors=1)`.
fn unittest_tally(text: &str) -> Tally {
    let number = |text: &str| -> u64 {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    let ran = text.lines().filter_map(|line| line.strip_prefix("Ran ")).map(number).next_back().unwrap_or(0);
    let failed = text.lines().rev().find(|line| line.starts_with("FAILED (")).map_or(0, |line| {
        ["failures=", "errors="].iter().filter_map(|name| line.split_once(name)).map(|(_, rest)| number(rest)).sum()
    });
    Tally { passed: ran.saturating_sub(failed), failed }
}

/// Real clients: the OpenTelemetry SDK, Elasticsearch's bulk helper, `logger`.
fn client_tests(bin: &Path) -> Result<Tally> {
    if !run::available(Command::new("logger").arg("--version")) {
        bail!("the program `logger` is missing; run: apt-get install bsdutils");
    }
    let folder = run::root().join("tests").join("clients");
    let python = python(&folder)?;
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_")))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    scripts.sort();
    let work = server::work_dir("clients")?;
    let mut tally = Tally::default();
    for script in scripts {
        let mut command = Command::new(&python);
        command.arg(&script).arg("-v").current_dir(&folder);
        command.env("TANDEM_BIN", bin).env("TMPDIR", &work).env("PYTHONDONTWRITEBYTECODE", "1");
        let (status, text) = watch(&mut command)?;
        let mut one = unittest_tally(&text);
        if one == Tally::default() {
            one.failed = 1;
        }
        require(&mut one, status);
        tally += one;
    }
    std::fs::remove_dir_all(&work)?;
    Ok(tally)
}

/// The Python of a virtual environment with the pinned clients, made when they changed.
fn python(folder: &Path) -> Result<PathBuf> {
    let requirements = folder.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).context("cannot read tests/clients/requirements.txt")?;
    let home = run::target_dir()?.join("clients-python");
    let (python, done) = (home.join("bin").join("python"), home.join("installed.txt"));
    let works = || run::available(Command::new(&python).arg("--version"));
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) && works() {
        return Ok(python);
    }
    let how = "cannot make a Python environment; run: apt-get install python3 python3-venv";
    run::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home)).context(how)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
    run::run(&mut pip).context("cannot install the client libraries; is the package index in reach?")?;
    std::fs::write(&done, wanted)?;
    Ok(python)
}

/// Every target of `fuzz/`, each for ten minutes.
fn fuzz() -> Result<Tally> {
    let nightly = |arguments: &[&str]| {
        let mut command = Command::new("rustup");
        command.args(["run", "nightly", "cargo"]).args(arguments).current_dir(run::root());
        // Set by the cargo that runs us; they belong to the stable toolchain.
        command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
        command
    };
    if !run::available(&mut nightly(&["--version"])) {
        bail!("fuzzing needs a nightly toolchain; run: rustup toolchain install nightly --profile minimal");
    }
    if !run::available(&mut nightly(&["fuzz", "--version"])) {
        run::run(&mut nightly(&["install", "--locked", "cargo-fuzz"]))?;
    }
    let mut targets: Vec<String> = std::fs::read_dir(run::root().join("fuzz").join("fuzz_targets"))
        .context("cannot list fuzz/fuzz_targets")?
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    targets.sort();
    let limit = format!("-max_total_time={FUZZ_SECONDS}");
    let mut tally = Tally::default();
    for target in targets {
        // 2 GiB is what a decoder with all its limits never comes near.
        let arguments = ["fuzz", "run", &target, "--", &limit, "-rss_limit_mb=2048", "-timeout=25"];
        let result = run::run(&mut nightly(&arguments));
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        tally.count(result.is_ok());
    }
    Ok(tally)
}

/// Runs a command, showing what it prints as it comes, and answers all of it.
pub(crate) fn watch(command: &mut Command) -> Result<(ExitStatus, String)> {
    println!("$ {}", run::show(command));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let out = child.stdout.take().map(collect);
    let err = child.stderr.take().map(collect);
    let mut text = String::new();
    for thread in [out, err].into_iter().flatten() {
        text.push_str(&thread.join().unwrap_or_default());
    }
    Ok((child.wait()?, text))
}

fn collect(stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        for line in BufReader::new(stream).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read() {
        let nextest =
            "x\n     Summary [   1.204s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 4 skipped\ny";
        assert_eq!(nextest_tally(nextest), Tally { passed: 9, failed: 3 });
        assert_eq!(nextest_tally("no summary"), Tally::default());
        let libtest = "test result: ok. 3 passed; 0 failed; 0 ignored;\ntest result: FAILED. 1 passed; 2 failed; 0 x";
        assert_eq!(libtest_tally(libtest), Tally { passed: 4, failed: 2 });
        assert_eq!(unittest_tally("Ran 5 tests in 1.2s\n\nOK\n"), Tally { passed: 5, failed: 0 });
        let failed = "Ran 5 tests in 1.2s\n\nFAILED (failures=1, errors=2)\n";
        assert_eq!(unittest_tally(failed), Tally { passed: 2, failed: 3 });
    }

    #[test]
    fn a_failure_without_a_failed_test_counts() {
        let (status, text) = watch(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert_eq!((status.code(), text.as_str()), (Some(3), "out\nerr\n"));
        let mut tally = Tally { passed: 4, failed: 0 };
        require(&mut tally, status);
        assert_eq!(tally.failed, 1);
    }
}
