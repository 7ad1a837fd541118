//! `tandem agent`.

use super::client::http;
use crate::agent::Settings;
use crate::config::paths::default_data_dir;
use crate::config::{Options, WatchOptions};
use crate::failure::{Outcome, wrong_use};
use anyhow::anyhow;
use clap::Args;
use std::path::PathBuf;

/// Watch this machine for a server elsewhere.
#[derive(Args)]
pub struct Agent {
    /// OTLP over HTTP of the server, such as `https://tandem.example:4318`. The token comes in TANDEM_TOKEN.
    #[arg(long, env = "TANDEM_URL", value_name = "URL")]
    url: String,
    /// Where positions are remembered [default: `agent` in the usual data folder].
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    watch: WatchOptions,
}

impl Agent {
    /// Watches and ships until a signal.
    pub fn run(self) -> Outcome {
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            return Err(wrong_use(anyhow!("--url needs http:// or https:// before {:?}", self.url)));
        }
        let data_dir = match self.data_dir {
            Some(data_dir) => data_dir,
            None => default_data_dir().map_err(wrong_use)?.join("agent"),
        };
        let settings = Settings {
            url: self.url.trim_end_matches('/').to_owned(),
            token: std::env::var("TANDEM_TOKEN").ok().filter(|token| !token.is_empty()),
            http: http(),
            data_dir,
            watch: self.watch,
            redactor: Options::default().redactor().map_err(wrong_use)?,
        };
        super::block_on(crate::agent::run(settings))
    }
}
