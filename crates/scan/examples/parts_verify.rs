//! Components against what the tools of each ecosystem say, and matches against an evaluator of its own, over real data:
//! `cargo xtask parts-verify [--node DIR] [--venv DIR] [--advisories DIR]...`. It ends with 1 when anything differs.

// It talks to the person who started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "parts_verify/advisories.rs"]
mod advisories;
#[path = "parts_verify/tools.rs"]
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut node, mut venv, mut folders) = (None, None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let Some(value) = arguments.next().map(PathBuf::from) else {
            eprintln!("{name} needs a folder");
            return ExitCode::from(2);
        };
        match name.as_str() {
            "--node" => node = Some(value),
            "--venv" => venv = Some(value),
            "--advisories" => folders.push(value),
            other => {
                eprintln!("there is no `{other}`: --node, --venv, --advisories");
                return ExitCode::from(2);
            }
        }
    }
    let mut good = tools::cargo() & tools::dpkg();
    if let Some(folder) = &node {
        good &= tools::npm(folder);
    }
    if let Some(folder) = &venv {
        good &= tools::pip(folder);
    }
    if !folders.is_empty() {
        match advisories::verify(&folders) {
            Ok(same) => good &= same,
            Err(error) => {
                eprintln!("{error}");
                good = false;
            }
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
