//! The server: takes its ports, opens the store, serves, and stops in order.

pub mod api;
pub mod auth;
pub mod counters;
pub mod errors;
pub mod gate;
pub mod grpc;
pub mod http;
pub mod ingest;
pub mod listen;
pub mod openapi;
pub mod rows;
pub mod state;
pub mod streams;
pub mod syslog;
pub mod tls;

use crate::config::Settings;
use crate::config::paths::SERVER_FILE;
use crate::limits::{STOP_GRACE, STREAMS_INTERVAL};
use anyhow::{Context as _, Result};
use axum::Router;
use serde::{Deserialize, Serialize};
use state::App;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::Store;
use tls::Tls;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where a running server is; kept in its data folder for the client commands.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Addresses {
    /// Web page and API.
    pub http: String,
    /// OTLP over gRPC.
    pub otlp_grpc: Option<String>,
    /// OTLP over HTTP.
    pub otlp_http: Option<String>,
    /// Syslog.
    pub syslog: Option<String>,
    /// The process.
    pub pid: u32,
}

/// Ports that are taken and not yet served.
struct Doors {
    http: TcpListener,
    otlp_grpc: Option<TcpListener>,
    otlp_http: Option<TcpListener>,
    syslog: Option<(TcpListener, std::net::UdpSocket)>,
}

impl Doors {
    fn take(settings: &Settings) -> Result<Doors> {
        let tcp = |name: &str, listen: listen::Listen| listen.0.map(|address| listen::tcp(name, address)).transpose();
        Ok(Doors {
            http: tcp("http", settings.http)?.context("--http-listen cannot be off")?,
            otlp_grpc: tcp("otlp-grpc", settings.otlp_grpc)?,
            otlp_http: tcp("otlp-http", settings.otlp_http)?,
            syslog: settings.syslog.0.map(|address| listen::tcp_and_udp("syslog", address)).transpose()?,
        })
    }

    fn addresses(&self, scheme: &str) -> Result<Addresses> {
        let port = |listener: Option<&TcpListener>| listener.map(|listener| reachable(listener.local_addr()?)).transpose();
        Ok(Addresses {
            http: format!("{scheme}://{}", reachable(self.http.local_addr()?)?),
            otlp_grpc: port(self.otlp_grpc.as_ref())?,
            otlp_http: port(self.otlp_http.as_ref())?.map(|address| format!("{scheme}://{address}")),
            syslog: port(self.syslog.as_ref().map(|(tcp, _)| tcp))?,
            pid: std::process::id(),
        })
    }
}

/// Where a listener is reached from this machine.
fn reachable(mut address: SocketAddr) -> Result<String> {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    Ok(address.to_string())
}

/// A server that runs.
pub struct Server {
    /// What requests share.
    pub app: Arc<App>,
    /// Where it is.
    pub addresses: Addresses,
    stop: watch::Sender<bool>,
    handles: Vec<axum_server::Handle<SocketAddr>>,
    tasks: Vec<JoinHandle<()>>,
    file: PathBuf,
}

impl Server {
    /// Takes the ports, opens the store and serves.
    pub async fn start(settings: &Settings) -> Result<Server> {
        let tls = settings.tls.as_ref().map(|(cert, key)| Tls::load(cert, key)).transpose()?;
        // Ports first: what is wrong with them is known at once, opening a store may take a second.
        let doors = Doors::take(settings)?;
        let addresses = doors.addresses(if tls.is_some() { "https" } else { "http" })?;
        let store = Store::open(settings.store.clone()).await?;
        let (stop, stopping) = watch::channel(false);
        let app = App::new(settings, store, stopping)?;
        let mut server = Server {
            file: settings.store.data_dir.join(SERVER_FILE),
            app: app.clone(),
            addresses,
            stop,
            handles: Vec::new(),
            tasks: Vec::new(),
        };
        server.serve(doors.http, http::router(app.clone()), tls.as_ref())?;
        if let Some(listener) = doors.otlp_grpc {
            server.serve(listener, grpc::router(app.clone()), tls.as_ref())?;
        }
        if let Some(listener) = doors.otlp_http {
            server.serve(listener, ingest::otlp::router(app.clone()), tls.as_ref())?;
        }
        if let Some((tcp, udp)) = doors.syslog {
            server.tasks.extend(syslog::start(&app, tcp, udp)?);
        }
        server.tasks.push(tokio::spawn(save_streams(app.clone())));
        server.write_file().with_context(|| format!("cannot write {}", server.file.display()))?;
        app.ready.store(true, Ordering::Relaxed);
        Ok(server)
    }

    fn serve(&mut self, listener: TcpListener, router: Router, tls: Option<&Tls>) -> Result<()> {
        let handle = axum_server::Handle::new();
        self.handles.push(handle.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum_server::from_tcp(listener)?.handle(handle);
        let served: JoinHandle<()> = match tls {
            None => tokio::spawn(async move { ended(server.serve(service).await) }),
            Some(tls) => {
                let acceptor = tls.acceptor();
                tokio::spawn(async move { ended(server.acceptor(acceptor).serve(service).await) })
            }
        };
        self.tasks.push(served);
        Ok(())
    }

    /// Replaced as a whole, so that a client never reads half of it.
    fn write_file(&self) -> Result<()> {
        let temporary = self.file.with_extension("json.tmp");
        std::fs::write(&temporary, serde_json::to_vec_pretty(&self.addresses)?)?;
        std::fs::rename(temporary, &self.file)?;
        Ok(())
    }

    /// Lets requests end, then closes the store.
    pub async fn stop(self) -> Result<()> {
        self.app.ready.store(false, Ordering::Relaxed);
        let _ = std::fs::remove_file(&self.file);
        let _ = self.stop.send(true);
        for handle in &self.handles {
            handle.graceful_shutdown(Some(STOP_GRACE));
        }
        for task in self.tasks {
            // Beyond the grace connections are cut, so this ends.
            if tokio::time::timeout(STOP_GRACE * 2, task).await.is_err() {
                tracing::warn!("a part of the server did not stop in time");
            }
        }
        if let Err(error) = self.app.streams.save() {
            tracing::warn!(%error, "the stream counts were not written");
        }
        self.app.store.clone().close().await
    }
}

fn ended(result: std::io::Result<()>) {
    if let Err(error) = result {
        tracing::error!(%error, "a listener ended");
    }
}

async fn save_streams(app: Arc<App>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(STREAMS_INTERVAL) => {}
            () = app.stopped() => return,
        }
        if let Err(error) = app.streams.save() {
            tracing::warn!(%error, "the stream counts were not written");
        }
    }
}
