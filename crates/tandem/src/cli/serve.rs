//! `tandem up` and `tandem serve`.

use super::ServerArgs;
use crate::config::Settings;
use crate::failure::{Outcome, wrong_use};
use crate::own::{self, OwnLayer};
use crate::server::{self, Start};
use clap::Args;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Start everything here.
#[derive(Args)]
pub struct Up {
    #[command(flatten)]
    server: ServerArgs,
    /// Do not watch this machine.
    #[arg(long)]
    no_watch: bool,
}

impl Up {
    /// Serves and watches until a signal.
    pub fn run(self) -> Outcome {
        run(self.server.options()?.settle().map_err(wrong_use)?, !self.no_watch)
    }
}

/// Serves until a signal.
pub fn run(settings: Settings, watch: bool) -> Outcome {
    let (sender, receiver) = own::channel();
    tracing_subscriber::registry().with(super::terminal_log()).with(OwnLayer::new(sender.clone())).init();
    let keep_own = !settings.options.no_self.unwrap_or(false);
    super::block_on(server::run(Start { settings, watch, own: sender, receiver: keep_own.then_some(receiver) }))
}
