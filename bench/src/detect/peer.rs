//! `rsigma` over the same rules and events, each event saying its log source itself.

use crate::scan::program::children_seconds;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// Events a second of processor time, without what starting and reading the rules takes.
pub fn measure(bin: &Path, rules: &Path, lines: &[String], work: &Path) -> Result<f64> {
    let file = work.join("labelled.ndjson");
    let few = lines.len() / 10;
    std::fs::write(&file, lines[..few].join("\n"))?;
    let start = run(bin, rules, &file)?;
    std::fs::write(&file, lines.join("\n"))?;
    let all = run(bin, rules, &file)?;
    ensure!(all > start, "{} events are too few to be measured", lines.len());
    Ok((lines.len() - few) as f64 / (all - start))
}

/// Processor time of one run.
fn run(bin: &Path, rules: &Path, events: &Path) -> Result<f64> {
    let before = children_seconds()?;
    let status = Command::new(bin)
        .args(["engine", "eval", "--logsource-routing", "--input-format", "json"])
        .args(["--logsource-field-map", "product=_product,category=_category,service=_service", "--rules"])
        .arg(rules)
        .arg("--event")
        .arg(format!("@{}", events.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("{} cannot be started", bin.display()))?;
    ensure!(status.success(), "{} ended with {status}", bin.display());
    Ok(children_seconds()? - before)
}
