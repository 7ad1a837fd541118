//! Tandem: one place for a team's telemetry. This binary is server, client and everything between.

mod cli;
mod client;
mod config;
mod limits;
mod output;
mod server;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
