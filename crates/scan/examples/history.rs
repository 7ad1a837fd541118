//! Secrets in the history of a repository, and how fast. `cargo run --release -p scan --example history -- DIR [JOBS]`
#![allow(clippy::print_stdout)]

use scan::secrets::{Secrets, history};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| ".".to_owned());
    let jobs = arguments.next().map_or(Ok(2), |jobs| jobs.parse())?;
    let began = Instant::now();
    let secrets = Secrets::builtin()?;
    let found = history::history(path.as_ref(), &secrets, None, jobs)?;
    for past in &found.findings {
        let (finding, commit) = (&past.finding, past.commit.as_deref().unwrap_or("-"));
        println!(
            "{}\t{}:{}\t{}\t{}\t{:?}",
            finding.rule,
            finding.path,
            finding.start.line,
            finding.name,
            finding.mask,
            commit.get(..10)
        );
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "{} commits, {} blobs, {:.1} MB in {took:.2} s, {:.1} MB/s, {} findings, {} cut, {:?}",
        found.commits,
        found.blobs,
        found.bytes as f64 / 1e6,
        found.bytes as f64 / 1e6 / took,
        found.findings.len(),
        found.cut,
        found.problems
    );
    Ok(())
}
