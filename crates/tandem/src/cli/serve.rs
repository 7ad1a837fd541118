//! `tandem up` and `tandem serve`.

use super::{FINE, ServerArgs};
use crate::config::Settings;
use crate::output;
use crate::server::{Addresses, Server};
use anyhow::{Context as _, Result};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

/// Start everything here.
#[derive(Args)]
pub struct Up {
    #[command(flatten)]
    server: ServerArgs,
    /// Do not watch this machine.
    #[arg(long)]
    no_watch: bool,
}

/// Start the server alone.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    server: ServerArgs,
}

impl Up {
    /// Serves and watches until a signal.
    pub fn run(self) -> Result<u8> {
        let settings = self.server.options()?.settle()?;
        serve(settings, !self.no_watch)
    }
}

impl Serve {
    /// Serves until a signal.
    pub fn run(self) -> Result<u8> {
        let settings = self.server.options()?.settle()?;
        serve(settings, false)
    }
}

fn serve(settings: Settings, watch: bool) -> Result<u8> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        // Before the start, so that a signal during it is not lost.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let server = tokio::select! {
            server = Server::start(&settings) => server?,
            _ = interrupt.recv() => return Ok(FINE),
            _ = terminate.recv() => return Ok(FINE),
        };
        let _ = watch;
        announce(&server.addresses);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        server.stop().await?;
        Ok(FINE)
    })
}

/// Tells people and scripts where the server is.
fn announce(addresses: &Addresses) {
    output::line(&format!("http      {}", addresses.http));
    for (name, address) in
        [("otlp-grpc", &addresses.otlp_grpc), ("otlp-http", &addresses.otlp_http), ("syslog", &addresses.syslog)]
    {
        if let Some(address) = address {
            output::line(&format!("{name:<9} {address}"));
        }
    }
    output::line("ready");
}
