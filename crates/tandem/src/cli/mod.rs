//! The command line. One file a command.

pub mod search;
pub mod serve;
pub mod sql;

use crate::config::Options;
use crate::output;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Everything was fine.
pub const FINE: u8 = 0;
/// Something was found: the gate or a threshold said no.
pub const FOUND: u8 = 1;
/// Wrong use, or it did not work.
pub const WRONG: u8 = 2;
/// An answer that is not whole.
pub const INCOMPLETE: u8 = 3;

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 something was found, 2 wrong use or failed, 3 incomplete.";

/// One place for a team's telemetry: receive, keep, search.
#[derive(Parser)]
#[command(name = "tandem", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything here, watch this machine, and print the addresses.
    #[command(after_help = "Example: tandem up --data-dir /srv/tandem --retention 14d")]
    Up(serve::Up),
    /// Start the server alone.
    #[command(after_help = "Example: tandem serve --config /etc/tandem.toml")]
    Serve(serve::Serve),
    /// Search events, newest first.
    #[command(after_help = search::EXAMPLES)]
    Search(search::Search),
    /// Run one read-only SQL statement.
    #[command(after_help = sql::EXAMPLES)]
    Sql(sql::Sql),
    /// Print the version.
    Version,
}

/// Settings that `up`, `serve` and the offline commands share.
#[derive(Args, Clone)]
pub struct ServerArgs {
    /// The configuration, one TOML file with the names of the flags.
    #[arg(long, env = "TANDEM_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub options: Options,
}

impl ServerArgs {
    /// Flags and variables over the file.
    pub fn options(&self) -> Result<Options> {
        Ok(match &self.config {
            Some(path) => self.options.clone().over(crate::config::file::read(path)?),
            None => self.options.clone(),
        })
    }
}

/// Reads the command line and runs the command.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Up(up) => up.run(),
        Command::Serve(serve) => serve.run(),
        Command::Search(search) => search.run(),
        Command::Sql(sql) => sql.run(),
        Command::Version => {
            output::line(&format!("tandem {}", env!("CARGO_PKG_VERSION")));
            Ok(FINE)
        }
    };
    match result {
        Ok(code) => ExitCode::from(code),
        // Whoever reads the output has gone, such as `head`.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::from(FINE),
        Err(error) => {
            output::error(&error);
            ExitCode::from(WRONG)
        }
    }
}
