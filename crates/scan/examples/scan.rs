//! The whole scanner over folders, histories or standard input: what was found, how fast.
//! `cargo run --release -p scan --example scan -- [--history] [--stdin NAME] [--detectors DIR] [--no-rules] [-q] [-j N] [DIR...]`
#![allow(clippy::print_stdout)]

use scan::pack::Pack;
use scan::scanner::{self, Options, Progress};
use scan::secrets::{FingerprintKey, Secrets};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut history, mut stdin, mut quiet, mut no_rules, mut jobs) = (false, None, false, false, 2);
    let (mut detectors, mut folders) = (scan::pack(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--history" => history = true,
            "--stdin" => stdin = Some(value()),
            "--detectors" => detectors = Pack::read(value().as_ref())?,
            "--no-rules" => no_rules = true,
            "-q" => quiet = true,
            "-j" => jobs = value().parse()?,
            _ => folders.push(argument),
        }
    }
    let began = Instant::now();
    let rules = if no_rules { Vec::new() } else { scan::pack().load().0 };
    let (detectors, errors) = detectors.load_detectors();
    let secrets = Secrets::new(detectors)?;
    let key = FingerprintKey::new(b"a trial");
    println!(
        "{} rules, {} detectors, {} refused: {:?}",
        rules.len(),
        secrets.detectors().len(),
        errors.len(),
        began.elapsed()
    );
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default();
    let options = Options { today, jobs, foreign: false, secrets: Some(&secrets), key: key.as_ref(), advisories: None };
    if let Some(name) = &stdin {
        folders = vec![name.clone()];
    }
    for folder in folders {
        let began = Instant::now();
        let scan = if stdin.is_some() {
            scanner::scan_reader(&folder, std::io::stdin().lock(), &rules, options)
        } else if history {
            scanner::history(folder.as_ref(), options)?
        } else {
            scanner::scan(folder.as_ref(), &rules, options, &Progress::default())
        };
        let took = began.elapsed().as_secs_f64();
        let found: Vec<_> = scan.findings.iter().filter(|found| !quiet && found.shown.line != "-").collect();
        for found in found {
            let finding = &found.finding;
            println!(
                "{}\t{}\t{}\t{}:{}\t{}\t{}",
                finding.rule,
                finding.severity.name(),
                finding.confidence.name(),
                finding.path,
                finding.start.line,
                finding.message,
                found.shown.line.trim()
            );
        }
        for problem in scan.problems.iter().take(if quiet { 0 } else { 50 }) {
            println!("problem\t{}\t{}", problem.path, problem.reason);
        }
        println!(
            "{folder}: {} files, {} binary, {:.1} MB in {took:.2} s, {:.1} MB/s, {} findings, {} cut, {} problems, {} undecided",
            scan.files,
            scan.binary,
            scan.bytes as f64 / 1e6,
            scan.bytes as f64 / 1e6 / took,
            scan.findings.len(),
            scan.cut,
            scan.problems.len(),
            scan.undecided.len()
        );
    }
    Ok(())
}
