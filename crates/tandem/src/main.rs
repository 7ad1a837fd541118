//! Tandem: one binary that receives, keeps and searches telemetry.
//!
//! The only crate that sees all the others: command line, servers, wiring.

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

/// Gives memory back to the system sooner and fragments less than the system's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
