//! What `cargo xtask` does: see [`USAGE`].
//!
//! Also used by `bench`: starting a server ([`server`]) and speaking HTTP to it ([`http`]).

// A tool of the repository talks to the person who started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

pub mod args;
pub mod arrows;
pub mod check;
pub mod crash;
pub mod http;
pub mod postgres;
pub mod random;
pub mod run;
pub mod server;
pub mod test;
pub mod web;

use args::Args;
use std::process::ExitCode;

/// Shown by `cargo xtask help`.
pub const USAGE: &str = "\
Usage: cargo xtask COMMAND

  check                        format, clippy, rustdoc and arrows, all with warnings as errors
  arrows                       which crate may use which, by the table of ARCHITECTURE.md
  test [--nightly]             Rust tests, client tests, the page in a browser and crash rounds; nightly: long crash, overload and fuzz runs
  crash [--rounds N] [--bin PATH] [--seed N] [--only NAME]
                               kill -9, damaged files and a full disk against the real server, its ledger and its alerts
  bench store [--rows N] [--connections N] [--keep]
                               ingest and search figures of the release build, kept in bench/results
  bench overload [--seconds N] twice the rate the server can take, and nothing acknowledged is lost
  detect-verify --rules DIR --events DIR [--every N] [--matches FILE] [--by-rule]
                               the engine against the simple evaluator, rule by rule, over recorded events
  parts-verify [--node DIR] [--venv DIR] [--advisories DIR]...
                               components against cargo, dpkg, npm and pip; matches against a simple evaluator, with times
  bench choices [--rows N]     what was chosen for the index and the batch against its alternatives
  bench detect [--rules DIR] [--events N] [--rsigma PATH]
                               events a second against thousands of Sigma rules
  bench knowledge [--pages N] [--keep]
                               searches over 20,000 pages, and the pages for alerts
  bench scan [--zizmor PATH] [--hadolint PATH] [--checkov PATH] [--kingfisher PATH] [--betterleaks PATH] [--gigabyte]
                               the scanner beside its peers, in one run
  bench detect --server [--rules DIR] [--events N] [--connections N] [--rounds N] [--paced N]
                               what detection costs a server that takes security events

Exit codes: 0 fine, 1 something failed, 2 wrong use.
";

/// Runs one command.
pub fn main(arguments: &[String]) -> ExitCode {
    let Some((command, rest)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let parsed = match command.as_str() {
        "check" | "arrows" => Args::parse(rest, &[], &[]),
        "test" => Args::parse(rest, &[], &["nightly"]),
        "crash" => Args::parse(rest, &["rounds", "bin", "seed", "only"], &[]),
        "bench" => return done(run::bench(rest)),
        "detect-verify" => return done(run::detect_verify(rest)),
        "parts-verify" => return done(run::parts_verify(rest)),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(anyhow::anyhow!("there is no command `{other}`")),
    };
    let args = match parsed {
        Ok(args) => args,
        Err(error) => {
            eprint!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    done(match command.as_str() {
        "check" => check::check(),
        "arrows" => arrows::run(),
        "test" => test::test(args.flag("nightly")),
        _ => crash::run(&args),
    })
}

fn done(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
