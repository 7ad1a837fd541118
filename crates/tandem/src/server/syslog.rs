//! Syslog over UDP and TCP. Nobody is answered: over TCP a full store slows the reader down, over UDP what
//! does not fit is dropped and counted.

use super::counters::Counters;
use super::state::{App, now};
use super::streams;
use crate::limits::*;
use anyhow::Result;
use axum::http::StatusCode;
use model::Context;
use model::DEFAULT_DATASET;
use receive::syslog::Framer;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::AppendError;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// The door in the data and in the numbers.
pub const DOOR: &str = "syslog";
/// Pause before the store is asked again.
const FULL_PAUSE: Duration = Duration::from_millis(200);

/// Starts both servers; they end when the server stops.
pub fn start(
    app: &Arc<App>,
    tcp: std::net::TcpListener,
    udp: std::net::UdpSocket,
) -> Result<Vec<tokio::task::JoinHandle<()>>> {
    let listener = TcpListener::from_std(tcp)?;
    let socket = UdpSocket::from_std(udp)?;
    let (sender, receiver) = mpsc::channel(SYSLOG_QUEUE);
    Ok(vec![
        tokio::spawn(listen(app.clone(), listener)),
        tokio::spawn(datagrams(app.clone(), socket, sender)),
        tokio::spawn(batches(app.clone(), receiver)),
    ])
}

type Message = (IpAddr, Vec<u8>);

/// Takes datagrams off the socket at once, since the system's own queue is short.
async fn datagrams(app: Arc<App>, socket: UdpSocket, sender: mpsc::Sender<Message>) {
    let mut buffer = vec![0; MAX_DATAGRAM_BYTES];
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut buffer) => received,
            () = app.stopped() => return,
        };
        match received {
            Ok((length, peer)) => {
                if sender.try_send((peer.ip(), buffer[..length].to_vec())).is_err() {
                    Counters::lost(&app.counters.syslog_dropped, 1);
                }
            }
            // An ICMP answer to something else; the socket stays good.
            Err(error) => {
                tracing::debug!(%error, "syslog datagram");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Gathers datagrams of the same moment into one batch. Ends when the socket's task has ended.
async fn batches(app: Arc<App>, mut receiver: mpsc::Receiver<Message>) {
    let mut messages = Vec::new();
    while let Some(first) = receiver.recv().await {
        messages.push(first);
        let deadline = tokio::time::Instant::now() + SYSLOG_WAIT;
        while messages.len() < SYSLOG_BATCH {
            match tokio::time::timeout_at(deadline, receiver.recv()).await {
                Ok(Some(message)) => messages.push(message),
                _ => break,
            }
        }
        // One batch per peer, in the order of arrival.
        while let Some((peer, _)) = messages.first() {
            let peer = *peer;
            let (mine, rest): (Vec<Message>, Vec<Message>) = messages.drain(..).partition(|(ip, _)| *ip == peer);
            messages = rest;
            let mine: Vec<&[u8]> = mine.iter().map(|(_, message)| message.as_slice()).collect();
            keep(&app, &mine, peer, false).await;
        }
    }
}

async fn listen(app: Arc<App>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(MAX_SYSLOG_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.stopped() => return,
        };
        match accepted {
            Ok((stream, peer)) => match places.clone().try_acquire_owned() {
                Ok(place) => drop(tokio::spawn(connection(app.clone(), stream, peer, place))),
                Err(_) => {
                    app.counters.refused(DOOR, StatusCode::TOO_MANY_REQUESTS.as_u16());
                    tracing::warn!(%peer, "more than {MAX_SYSLOG_CONNECTIONS} syslog connections; this one is closed")
                }
            },
            Err(error) => {
                tracing::warn!(%error, "syslog connection not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(app: Arc<App>, mut stream: TcpStream, peer: SocketAddr, _place: OwnedSemaphorePermit) {
    let mut framer = Framer::new();
    let mut buffer = vec![0; SYSLOG_READ_BYTES];
    let mut waiting: Vec<Vec<u8>> = Vec::new();
    loop {
        let wait = if waiting.is_empty() { SYSLOG_IDLE } else { SYSLOG_WAIT };
        let read = tokio::select! {
            read = tokio::time::timeout(wait, stream.read(&mut buffer)) => read,
            () = app.stopped() => Ok(Ok(0)),
        };
        let ended = match read {
            Ok(Ok(0) | Err(_)) => true,
            Ok(Ok(length)) => {
                if let Err(error) = framer.push(&buffer[..length]) {
                    app.counters.refused(DOOR, StatusCode::BAD_REQUEST.as_u16());
                    tracing::warn!(%peer, %error, "syslog connection closed");
                    true
                } else {
                    false
                }
            }
            Err(_) if waiting.is_empty() => true,
            Err(_) => {
                flush(&app, &mut waiting, peer.ip()).await;
                continue;
            }
        };
        while let Some(message) = framer.next() {
            waiting.push(message);
            if waiting.len() >= SYSLOG_BATCH {
                flush(&app, &mut waiting, peer.ip()).await;
            }
        }
        if ended {
            waiting.extend(framer.finish());
            flush(&app, &mut waiting, peer.ip()).await;
            return;
        }
    }
}

async fn flush(app: &App, waiting: &mut Vec<Vec<u8>>, peer: IpAddr) {
    if !waiting.is_empty() {
        let messages: Vec<&[u8]> = waiting.iter().map(Vec::as_slice).collect();
        keep(app, &messages, peer, true).await;
        waiting.clear();
    }
}

/// Makes messages durable. When the store is full, `wait`s or gives them up.
async fn keep(app: &App, messages: &[&[u8]], peer: IpAddr, wait: bool) {
    let received = now();
    let mut context = Context::new(DEFAULT_DATASET, DOOR, received);
    context.oldest = app.store.oldest_accepted(received);
    let bytes = messages.iter().map(|message| message.len()).sum();
    let decoded = receive::syslog::decode(messages, &peer.to_string(), &context, &app.redactor);
    app.counters.counts(decoded.counts);
    let started = Instant::now();
    loop {
        match app.append(decoded.batches.clone(), None, DEFAULT_DATASET).await {
            Ok(_) => {
                let runs: Vec<_> = decoded.batches.iter().map(|batch| (batch.table, streams::runs(batch))).collect();
                app.streams.received(&runs, DEFAULT_DATASET, DOOR, bytes, received);
                app.counters.kept(DOOR, decoded.accepted, decoded.rejected, bytes, started.elapsed());
                return;
            }
            Err(error) => {
                let again = wait && !matches!(error, AppendError::Closed | AppendError::Invalid(_));
                if !again || *app.stopping.borrow() {
                    Counters::lost(&app.counters.syslog_failed, messages.len());
                    tracing::warn!(%error, messages = messages.len(), "syslog messages were lost");
                    return;
                }
                tokio::time::sleep(FULL_PAUSE).await;
            }
        }
    }
}
