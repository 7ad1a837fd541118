//! The server: from settings to listening doors, and down again without losing anything.

pub mod api;
pub mod auth;
pub mod authors;
pub mod checks;
pub mod counters;
pub mod deliver;
pub mod detection;
pub mod drills;
pub mod errors;
pub mod feed;
pub mod gate;
pub mod grpc;
pub mod http;
pub mod ingest;
pub mod jobs;
pub mod knowledge;
pub mod listen;
pub mod openapi;
pub mod page;
pub mod prometheus;
pub mod rows;
pub mod seen;
pub mod serverfile;
pub mod small;
pub mod spans;
pub mod state;
pub mod streams;
pub mod syslog;
pub mod tls;

use crate::config::Settings;
use crate::failure::{Failure, Outcome, wrong_use};
use crate::limits::{
    CONNECTION_BUFFER_BYTES, HEADER_TIMEOUT, MAX_HTTP2_STREAMS, REFUSALS_INTERVAL, STOP_GRACE, STREAMS_INTERVAL,
};
use crate::own::{Own, Receiver, Sender};
use crate::{output, watchers};
use anyhow::Context as _;
use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use ledger::{Ledger, LedgerError};
use seen::Seen;
use serverfile::ServerFile;
use state::App;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{OpenError, Store};
use tls::Tls;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

/// What a server is started with.
pub struct Start {
    /// Checked settings.
    pub settings: Settings,
    /// Whether this machine is watched.
    pub watch: bool,
    /// Where own events go.
    pub own: Sender,
    /// Where they come out, when they are kept.
    pub receiver: Option<Receiver>,
}

/// The addresses, taken.
struct Doors {
    http: TcpListener,
    otlp_http: Option<TcpListener>,
    otlp_grpc: Option<TcpListener>,
    syslog: Option<(TcpListener, UdpSocket)>,
}

impl Doors {
    fn take(settings: &Settings) -> anyhow::Result<Doors> {
        let tcp = |name: &str, listen: listen::Listen| listen.0.map(|address| listen::tcp(name, address)).transpose();
        Ok(Doors {
            http: tcp("http", settings.http)?.context("--http-listen cannot be off")?,
            otlp_http: tcp("otlp-http", settings.otlp_http)?,
            otlp_grpc: tcp("otlp-grpc", settings.otlp_grpc)?,
            syslog: settings.syslog.0.map(|address| listen::tcp_and_udp("syslog", address)).transpose()?,
        })
    }

    /// What `server.json` says of them.
    fn describe(&self, tls: bool, control: String) -> anyhow::Result<ServerFile> {
        let scheme = if tls { "https" } else { "http" };
        let address = |listener: &TcpListener| anyhow::Ok(reachable(listener.local_addr()?).to_string());
        let option = |listener: Option<&TcpListener>| listener.map(address).transpose();
        Ok(ServerFile {
            http: format!("{scheme}://{}", address(&self.http)?),
            otlp_grpc: option(self.otlp_grpc.as_ref())?,
            otlp_http: option(self.otlp_http.as_ref())?.map(|address| format!("{scheme}://{address}")),
            syslog: option(self.syslog.as_ref().map(|(tcp, _)| tcp))?,
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            control,
        })
    }
}

/// The address by which this machine reaches a listener on all addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    address
}

/// Runs until a signal or a failure; returns when everything is kept and closed.
pub async fn run(start: Start) -> Outcome {
    let Start { settings, watch, own, receiver } = start;
    let data_dir = &settings.store.data_dir;
    let tls = settings.tls.as_ref().map(|certificate| Tls::of(certificate, data_dir)).transpose().map_err(wrong_use)?;
    // Before anything that takes time, so that a signal during the start is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let hangup = signal(SignalKind::hangup())?;
    let doors = Doors::take(&settings).map_err(wrong_use)?;
    writable(&settings.store.data_dir).map_err(wrong_use)?;
    let store = Store::open(settings.store.clone()).await.map_err(cannot_open)?;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let app = match around(&settings, &store, stopping, own).await {
        Ok(app) => app,
        Err(failure) => {
            store.close().await?;
            return Err(failure);
        }
    };
    let ledger = app.ledger.clone();
    configured(&app).await?;
    if let Err(error) = app.knowledge.keep(&ledger).await {
        // What was kept before is in force, and it is tried again: no full disk keeps a server from starting.
        tracing::warn!(error = format!("{error:#}"), "the controls of files are not kept yet");
    }
    let detecting = detection::begin(&app).await?;
    let first = app.access.first_user(&ledger, state::now()).await?;
    let file = doors.describe(app.tls, app.control.clone())?;
    let mut servers = Servers::start(doors, &app, tls.map(Arc::new))?;
    let guard = file.write(&settings.store.data_dir)?;
    let mut threads = Vec::new();
    if watch {
        threads = watchers::start(&app, &settings);
    }
    let mut background = background(&app, receiver);
    background.extend(jobs::start(&app));
    background.extend(detection::start(&app, detecting));
    background.push(tokio::spawn(detection::reload::on_hangup(app.clone(), hangup)));
    app.ready.store(true, Ordering::Relaxed);
    announce(&file, &settings, first)?;
    let failed = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        failed = servers.failed() => Some(failed),
    };
    tracing::info!("stopping");
    app.ready.store(false, Ordering::Relaxed);
    let _ = stop.send(true);
    servers.stop().await;
    let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
    let _ = joined.await;
    for task in background {
        let _ = task.await;
    }
    if let Err(error) = app.streams.save() {
        tracing::warn!(%error, "the counts of the streams could not be written");
    }
    if let Err(error) = app.checker.count(&app).await {
        tracing::warn!(error = format!("{error:#}"), "some verdicts were not counted");
    }
    if let Err(error) = app.seen.write(&ledger).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the last that telemetry said of its senders was not written down"
        );
    }
    ledger.close().await;
    store.close().await?;
    drop(guard);
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Refuses a folder that this user may not write in, before its catalog seems damaged for not opening.
fn writable(data_dir: &Path) -> Result<(), OpenError> {
    match rustix::fs::access(data_dir, rustix::fs::Access::WRITE_OK) {
        // The store makes it, or says why it cannot.
        Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
        Err(error) => Err(OpenError::NotWritable { path: data_dir.to_owned(), reason: error.to_string() }),
    }
}

fn cannot_open(error: OpenError) -> Failure {
    match error {
        OpenError::Other(error) => Failure::from(error.context("cannot open the data folder")),
        refused => wrong_use(refused),
    }
}

/// Writes down that the configuration is another one than at the last start; secrets are no part of it.
async fn configured(app: &App) -> anyhow::Result<()> {
    let settings = serde_json::to_value(&app.settings)?.to_string();
    let digest = model::hex::encode(&auth::digest(&settings));
    let object = format!("settings:{digest}");
    if app.ledger.last_audited("configuration").await?.as_deref() != Some(object.as_str()) {
        let by = ledger::Person("owner of the server");
        app.ledger.audit("configuration", by, &object, &settings, state::now()).await?;
    }
    Ok(())
}

/// Everything around an open store.
async fn around(
    settings: &Settings,
    store: &Store,
    stopping: tokio::sync::watch::Receiver<bool>,
    own: Sender,
) -> Outcome<Arc<App>> {
    let ledger = Ledger::open(settings.ledger.clone()).await.map_err(cannot_open_ledger)?;
    small::add(store, &ledger);
    let seen = Seen::start(&ledger, settings.telemetry_lease).await?;
    App::new(settings, store.clone(), ledger, seen, stopping, own).map_err(wrong_use)
}

fn cannot_open_ledger(error: LedgerError) -> Failure {
    match error {
        LedgerError::NewerVersion { .. } | LedgerError::Locked(_) | LedgerError::Gone { .. } => wrong_use(error),
        other => Failure::from(anyhow::Error::from(other).context("cannot open the ledger")),
    }
}

/// The lines that scripts and people wait for.
fn announce(file: &ServerFile, settings: &Settings, first: Option<(&str, String)>) -> std::io::Result<()> {
    let mut text = format!("data      {}\nhttp      {}\n", settings.store.data_dir.display(), file.http);
    let others = [("otlp-grpc", &file.otlp_grpc), ("otlp-http", &file.otlp_http), ("syslog   ", &file.syslog)];
    for (name, address) in others {
        if let Some(address) = address {
            text.push_str(&format!("{name} {address}\n"));
        }
    }
    if let Some((user, password)) = first {
        // Once: only its hash is kept.
        text.push_str(&format!("user      {user}\npassword  {password}\n"));
    }
    text.push_str("ready\n");
    output::print(&text)
}

/// Tasks beside the requests; all of them end when the server stops.
fn background(app: &Arc<App>, receiver: Option<Receiver>) -> Vec<tokio::task::JoinHandle<()>> {
    let mut tasks = Vec::new();
    if let Some(receiver) = receiver {
        let own = Own::new(app.clone(), receiver);
        tasks.push(tokio::spawn(own.run()));
    }
    let refusing = app.clone();
    tasks.push(tokio::spawn(async move {
        let refusals = &refusing.access.door.refusals;
        while tokio::time::timeout(REFUSALS_INTERVAL, refusing.stopped()).await.is_err() {
            refusals.flush(state::now(), false).await;
        }
        refusals.flush(state::now(), true).await;
    }));
    let app = app.clone();
    tasks.push(tokio::spawn(async move {
        while tokio::time::timeout(STREAMS_INTERVAL, app.stopped()).await.is_err() {
            let saving = app.clone();
            let saved = tokio::task::spawn_blocking(move || saving.streams.save()).await;
            if let Ok(Err(error)) = saved {
                tracing::warn!(%error, "the counts of the streams could not be written");
            }
        }
    }));
    tasks
}

/// Everything that listens.
struct Servers {
    tasks: JoinSet<(&'static str, std::io::Result<()>)>,
    handles: Vec<Handle<SocketAddr>>,
    syslog: Vec<tokio::task::JoinHandle<()>>,
    tls: Option<Arc<Tls>>,
}

impl Servers {
    fn start(doors: Doors, app: &Arc<App>, tls: Option<Arc<Tls>>) -> anyhow::Result<Servers> {
        let mut servers = Servers { tasks: JoinSet::new(), handles: Vec::new(), syslog: Vec::new(), tls };
        servers.serve("http", doors.http, http::router(app.clone()))?;
        if let Some(listener) = doors.otlp_http {
            servers.serve("otlp-http", listener, ingest::otlp::router(app.clone()))?;
        }
        if let Some(listener) = doors.otlp_grpc {
            servers.serve("otlp-grpc", listener, grpc::router(app.clone()))?;
        }
        if let Some((tcp, udp)) = doors.syslog {
            servers.syslog = syslog::start(app, tcp, udp)?;
        }
        Ok(servers)
    }

    fn serve(&mut self, name: &'static str, listener: TcpListener, router: Router) -> anyhow::Result<()> {
        let handle = Handle::new();
        self.handles.push(handle.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let mut server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(handle);
        let builder = server.http_builder();
        // Slow senders of headers hold a connection, nothing else, and not for long.
        builder
            .http1()
            .timer(hyper_util::rt::TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(CONNECTION_BUFFER_BYTES);
        builder.http2().timer(hyper_util::rt::TokioTimer::new()).max_concurrent_streams(MAX_HTTP2_STREAMS);
        match self.tls.clone() {
            Some(tls) => {
                let server = server.map(|plain| tls.acceptor().acceptor(plain));
                self.tasks.spawn(async move { (name, server.serve(service).await) });
            }
            None => {
                self.tasks.spawn(async move { (name, server.serve(service).await) });
            }
        }
        Ok(())
    }

    /// Waits for a door to fail; they do not end by themselves.
    async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok((name, Err(error)))) => anyhow::anyhow!("the {name} door failed: {error}"),
            Some(Ok((name, Ok(())))) => anyhow::anyhow!("the {name} door closed by itself"),
            Some(Err(error)) => anyhow::anyhow!("a door failed: {error}"),
            None => std::future::pending().await,
        }
    }

    /// Lets requests that run end, within bounds.
    async fn stop(mut self) {
        for handle in &self.handles {
            handle.graceful_shutdown(Some(STOP_GRACE));
        }
        while self.tasks.join_next().await.is_some() {}
        for task in self.syslog {
            let _ = tokio::time::timeout(STOP_GRACE, task).await;
        }
    }
}
