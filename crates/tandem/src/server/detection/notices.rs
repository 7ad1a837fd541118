//! Notices on their way out. Whatever hangs outside delays no detection, and no other channel for longer than one call.

use super::pause;
use crate::limits::{NOTICES_IDLE, RESPOND_TICK};
use crate::server::deliver::Content;
use crate::server::state::{App, now};
use anyhow::Result;
use ledger::Waiting;
use respond::{ChannelKind, Sending};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Sends until the server stops.
pub async fn run(app: Arc<App>) {
    while !*app.stopping.borrow() {
        let wait = match round(&app).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "notices have to wait; none is lost");
                NOTICES_IDLE
            }
        };
        tokio::select! {
            () = app.stopped() => return,
            () = app.detection.sending.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Sends what may leave; answers when the next may.
async fn round(app: &Arc<App>) -> Result<Duration> {
    let mut channels: BTreeMap<String, Vec<Sending>> = BTreeMap::new();
    for sending in app.responder.due(now()).await? {
        channels.entry(sending.channel.name.clone()).or_default().push(sending);
    }
    let mut tasks = JoinSet::new();
    for (_, sendings) in channels {
        tasks.spawn(channel(app.clone(), sendings));
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let next = app.responder.next_due().await?;
    let wait = next.map_or(NOTICES_IDLE, |next| Duration::from_nanos((next - now()).max(0) as u64));
    Ok(wait.clamp(Duration::from_millis(50), NOTICES_IDLE))
}

/// Sends over one channel, one after the other, until it takes no more.
async fn channel(app: Arc<App>, sendings: Vec<Sending>) -> Result<()> {
    for Sending { waiting, channel } in sendings {
        let (deliverer, content) = (app.deliverer.clone(), content(&channel.kind, &waiting));
        let sent = tokio::task::spawn_blocking(move || deliverer.send(&channel.name, content)).await?;
        // What is wrong with one notice is not wrong with the next.
        let goes_on = sent.as_ref().err().is_none_or(|failure| failure.permanent);
        if let Err(failure) = &sent {
            tracing::warn!(channel = waiting.channel, error = failure.why, "a notice was not taken");
        }
        app.detection.with(|numbers| match &sent {
            Ok(()) => numbers.notices.0 += 1,
            Err(_) => numbers.notices.1 += 1,
        });
        app.responder.done(&waiting, sent, now()).await?;
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// What is posted or mailed.
fn content(kind: &ChannelKind, waiting: &Waiting) -> Content {
    let (body, id) = (&*waiting.body, id(waiting));
    let field = |name: &str| {
        let value: Option<Value> = serde_json::from_str(body).ok();
        value.and_then(|value| value.get(name)?.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let json = |subject| Content {
        id: id.clone(),
        subject,
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
    };
    let text =
        |subject, body| Content { id: id.clone(), subject, content_type: "text/plain; charset=utf-8".to_owned(), body };
    match kind {
        ChannelKind::Email => text(field("subject"), field("text")),
        ChannelKind::Generic { template } if serde_json::from_str::<Value>(template).is_err() => {
            text(String::new(), field("text"))
        }
        _ => json(String::new()),
    }
}

/// The id by which receivers know a notice again: of what it was made for, so that it stays when the outbox is restored
/// or another server sends it.
fn id(waiting: &Waiting) -> String {
    let of = format!("{}\n{}\n{}", waiting.channel, waiting.at, waiting.key);
    format!("tandem-{}", &model::hex::encode(&crate::server::auth::digest(&of))[..32])
}

/// What time alone brings: digests, ends of suppressions, alerts that nobody looked at.
pub async fn tick(app: Arc<App>) {
    while pause(&app, RESPOND_TICK).await {
        match app.responder.tick(now()).await {
            Ok(done) if done.digests + done.announced > 0 => app.detection.hurry(),
            Ok(_) => {}
            Err(error) => tracing::warn!(error = format!("{error:#}"), "what time brings to alerts has to wait"),
        }
    }
}
