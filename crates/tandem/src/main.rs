//! Tandem: one binary that receives, keeps and searches telemetry.
//!
//! The only crate that sees all the others: command line, servers, wiring.

mod access;
mod agent;
mod cli;
mod config;
mod failure;
mod limits;
mod output;
mod own;
mod server;
mod watchers;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
