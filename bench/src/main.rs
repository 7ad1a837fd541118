//! Figures of the release build against generated data: `cargo xtask bench store`.
//!
//! It talks to the server as its clients do, through its ports, and reads the rest from `/proc`.

// A tool of the repository talks to the person who started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod checks;
mod choices;
mod detect;
mod drive;
mod kinds;
mod knowledge;
mod ledger;
mod logs;
mod overload;
mod probe;
mod report;
mod scan;
mod searches;
mod store;
mod wire;
mod words;

use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;
use xtask::args::Args;

const USAGE: &str = "\
Usage: cargo xtask bench store [--rows N] [--connections N] [--keep]
       cargo xtask bench overload [--seconds N]
       cargo xtask bench choices [--rows N]
       cargo xtask bench checks [--seconds N] [--connections N]
       cargo xtask bench ledger [--observations N] [--findings N]
       cargo xtask bench knowledge [--pages N] [--keep]
       cargo xtask bench detect [--rules DIR] [--events N] [--rsigma PATH] [--figure TEXT]
       cargo xtask bench scan [--workflows DIR] [--docker DIR] [--kubernetes DIR] [--sources DIR] [--history DIR] [--gigabyte]
                        [--zizmor PATH] [--hadolint PATH] [--checkov PATH] [--kingfisher PATH] [--betterleaks PATH] [--rounds N]
       cargo xtask bench detect --server [--rules DIR] [--events N] [--connections N] [--rounds N] [--paced N]
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((what, rest)) = arguments.split_first() else { bail!("{USAGE}") };
    if what == "detect" {
        let options = ["rules", "events", "rsigma", "figure", "connections", "rounds", "paced"];
        return detect::run(&Args::parse(rest, &options, &["server"])?);
    }
    if what == "knowledge" {
        return knowledge::run(&Args::parse(rest, &["pages"], &["keep"])?);
    }
    let bin = PathBuf::from(std::env::var_os("TANDEM_BIN").context("run it by `cargo xtask bench`")?);
    match what.as_str() {
        "store" => store::run(&bin, &Args::parse(rest, &["rows", "connections"], &["keep"])?),
        "checks" => checks::run(&bin, &Args::parse(rest, &["seconds", "connections"], &[])?),
        "choices" => choices::run(&Args::parse(rest, &["rows"], &[])?),
        "ledger" => ledger::run(&Args::parse(rest, &["observations", "findings"], &[])?, &bin),
        "scan" => scan::run(&bin, &Args::parse(rest, &scan::OPTIONS, &["gigabyte"])?),
        "overload" => overload::run(&bin, &Args::parse(rest, &["seconds"], &[])?),
        other => bail!("there is no benchmark `{other}`\n{USAGE}"),
    }
}
