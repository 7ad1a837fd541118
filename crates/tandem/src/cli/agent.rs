//! `tandem agent`.

use super::client::{self, Trust};
use crate::agent::Settings;
use crate::config::paths::default_data_dir;
use crate::config::{Options, WatchOptions};
use crate::failure::{Outcome, wrong_use};
use anyhow::anyhow;
use clap::Args;
use std::path::PathBuf;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Watch this machine for a server elsewhere.
#[derive(Args)]
pub struct Agent {
    /// The configuration: of it `data_dir`, `no_redact`, `[redact]` and `[watch]` count.
    #[arg(long, env = "TANDEM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// OTLP over HTTP of the server, such as `https://tandem.example:4318`. The token comes in TANDEM_TOKEN.
    #[arg(long, env = "TANDEM_URL", value_name = "URL")]
    url: String,
    #[command(flatten)]
    trust: Trust,
    /// Where positions are remembered [default: `agent` in the usual data folder].
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Send secrets as they are. Masking them is the default.
    #[arg(long, env = "TANDEM_NO_REDACT", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    no_redact: Option<bool>,
    #[command(flatten)]
    watch: WatchOptions,
}

impl Agent {
    /// Watches and ships until a signal.
    pub fn run(self) -> Outcome {
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            return Err(wrong_use(anyhow!("--url needs http:// or https:// before {:?}", self.url)));
        }
        let given =
            Options { data_dir: self.data_dir, no_redact: self.no_redact, watch: self.watch, ..Options::default() };
        let options = super::over_file(given, self.config.as_deref())?;
        let redactor = options.redactor().map_err(wrong_use)?;
        let data_dir = match options.data_dir {
            Some(data_dir) => data_dir,
            None => default_data_dir().map_err(wrong_use)?.join("agent"),
        };
        let settings = Settings {
            url: self.url.trim_end_matches('/').to_owned(),
            token: client::token(),
            http: self.trust.http()?,
            data_dir,
            watch: options.watch,
            redactor,
        };
        tracing_subscriber::registry().with(super::terminal_log()).init();
        super::block_on(crate::agent::run(settings))
    }
}
