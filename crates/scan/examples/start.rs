//! Where the time of a start goes: `start FOLDER`, in milliseconds.

use scan::scanner::{Options, Progress, scan};
use scan::secrets::Secrets;
use std::io::Write as _;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let mut out = std::io::stdout().lock();
    let mut at = Instant::now();
    let mut lap = |what: &str| -> std::io::Result<()> {
        let passed = at.elapsed().as_secs_f64() * 1e3;
        at = Instant::now();
        writeln!(out, "{passed:8.2} {what}")
    };
    let pack = scan::pack();
    lap("pack")?;
    let (rules, errors) = pack.load();
    lap("rules")?;
    let secrets = Secrets::builtin();
    lap("detectors")?;
    let options = Options {
        today: chrono::NaiveDate::default(),
        jobs: 2,
        foreign: false,
        advisories: None,
        secrets: None,
        key: None,
        clean: None,
        rendered: &[],
    };
    let scanned = scan(folder.as_ref(), &rules, options, &Progress::default());
    lap("scan")?;
    writeln!(
        out,
        "{} rules, {} errors, {} files, {} findings, detectors {}",
        rules.len(),
        errors.len(),
        scanned.files,
        scanned.findings.len(),
        secrets.is_ok()
    )
}
