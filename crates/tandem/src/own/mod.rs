//! Tandem's own logs, spans and metrics, kept like everybody else's with the source `tandem`.
//!
//! It never feeds on itself: what is appended here is neither logged nor a request, and what does not fit
//! the queue is dropped and counted.

mod layer;
mod metrics;

pub use layer::OwnLayer;
pub use metrics::Process;

use crate::limits::{SELF_FLUSH, SELF_METRICS, SELF_QUEUE};
use crate::server::counters::Counters;
use crate::server::state::{App, now};
use crate::server::streams;
use model::DEFAULT_DATASET;
use model::batch::Origin;
use model::logs::{LogRow, LogsBuilder};
use model::spans::{SpanRow, SpansBuilder};
use model::value::ValueRef;
use model::{Context, EventBatch, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// The door in the data and in the numbers.
pub const DOOR: &str = "tandem";

/// A line of the program's own log.
#[derive(Clone, Debug)]
pub struct OwnLine {
    /// When, nanoseconds since 1970.
    pub timestamp: i64,
    /// OpenTelemetry's severity number.
    pub severity: i32,
    /// Its name.
    pub severity_text: &'static str,
    /// Module.
    pub target: &'static str,
    /// Text.
    pub message: String,
    /// Fields.
    pub fields: Vec<(&'static str, Value)>,
}

/// A request that the server answered.
#[derive(Clone, Debug)]
pub struct OwnSpan {
    /// When it began, nanoseconds since 1970.
    pub timestamp: i64,
    /// Until the answer began.
    pub duration_ns: i64,
    /// Method.
    pub method: String,
    /// Route, with its parameters as they are declared.
    pub route: String,
    /// Status of the answer.
    pub status: u16,
    /// Trace, the caller's when it told one.
    pub trace_id: [u8; 16],
    /// This span.
    pub span_id: [u8; 8],
    /// The caller's span.
    pub parent: Option<[u8; 8]>,
}

/// What is kept.
#[derive(Clone, Debug)]
pub enum OwnEvent {
    /// A log line.
    Line(OwnLine),
    /// A request.
    Span(OwnSpan),
}

/// The sending end; never waits.
#[derive(Clone, Debug)]
pub struct Sender {
    queue: mpsc::Sender<OwnEvent>,
    dropped: Arc<AtomicU64>,
}

/// The receiving end.
#[derive(Debug)]
pub struct Receiver {
    queue: mpsc::Receiver<OwnEvent>,
    dropped: Arc<AtomicU64>,
}

/// A bounded queue of own events.
pub fn channel() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::channel(SELF_QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    (Sender { queue: sender, dropped: dropped.clone() }, Receiver { queue: receiver, dropped })
}

impl Sender {
    /// Queues an event, or counts it as dropped. Nothing happens when nobody keeps them.
    pub fn send(&self, event: OwnEvent) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(event) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Keeps own events until the server stops.
pub struct Own {
    app: Arc<App>,
    receiver: Receiver,
    origin: Origin,
}

impl Own {
    /// For a running server.
    pub fn new(app: Arc<App>, receiver: Receiver) -> Own {
        Own { app, receiver, origin: origin() }
    }

    /// Runs until the server stops, and keeps what came until then.
    pub async fn run(mut self) {
        let mut flush = tokio::time::interval(SELF_FLUSH);
        let mut measure = tokio::time::interval(SELF_METRICS);
        for timer in [&mut flush, &mut measure] {
            timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        }
        let app = self.app.clone();
        let stopped = app.stopped();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = &mut stopped => break,
                _ = flush.tick() => self.keep_events().await,
                _ = measure.tick() => self.keep_metrics().await,
            }
        }
        self.keep_events().await;
    }

    async fn keep_events(&mut self) {
        let dropped = self.receiver.dropped.swap(0, Ordering::Relaxed);
        Counters::lost(&self.app.counters.self_dropped, dropped as usize);
        let mut lines = Vec::new();
        let mut spans = Vec::new();
        while let Ok(event) = self.receiver.queue.try_recv() {
            match event {
                OwnEvent::Line(line) => lines.push(line),
                OwnEvent::Span(span) => spans.push(span),
            }
            if lines.len() + spans.len() >= SELF_QUEUE {
                break;
            }
        }
        let mut batches = Vec::new();
        batches.extend(self.logs(&lines));
        batches.extend(self.spans(&spans));
        self.append(batches, lines.len() + spans.len()).await;
    }

    async fn keep_metrics(&self) {
        let batch = metrics::sample(&self.app, self.context(), self.origin.clone());
        self.append(batch.into_iter().collect(), 0).await;
    }

    async fn append(&self, batches: Vec<EventBatch>, events: usize) {
        if batches.iter().all(EventBatch::is_empty) {
            return;
        }
        let runs: Vec<_> = batches.iter().map(|batch| (batch.table, streams::runs(batch))).collect();
        let bytes = batches.iter().map(|batch| batch.rows.get_array_memory_size()).sum();
        match self.app.append(batches, None, DEFAULT_DATASET).await {
            Ok(_) => self.app.streams.received(&runs, DEFAULT_DATASET, DOOR, bytes, now()),
            // Not logged: that line would come here again.
            Err(_) => Counters::lost(&self.app.counters.self_dropped, events),
        }
    }

    fn context(&self) -> Context {
        Context::new(DEFAULT_DATASET, DOOR, now())
    }

    fn logs(&self, lines: &[OwnLine]) -> Option<EventBatch> {
        if lines.is_empty() {
            return None;
        }
        let mut builder = LogsBuilder::new(self.context());
        let mut counts = receive::error::Counts::default();
        for line in lines {
            builder.set_origin(Origin { scope_name: Some(line.target.to_owned()), ..self.origin.clone() });
            for (key, value) in &line.fields {
                let text;
                let value = match value {
                    Value::Int(int) => ValueRef::Int(*int),
                    Value::Double(double) => ValueRef::Double(*double),
                    Value::Bool(bool) => ValueRef::Bool(*bool),
                    other => {
                        let whole = other.to_text().unwrap_or_default();
                        text = self.app.redactor.attribute(key, &whole, &mut counts).into_owned();
                        ValueRef::Str(&text)
                    }
                };
                builder.attributes().push(key, value);
            }
            let body = self.app.redactor.text(&line.message, &mut counts);
            builder.push(&LogRow {
                timestamp: line.timestamp,
                severity_number: Some(line.severity),
                severity_text: Some(line.severity_text),
                body: Some(&body),
                ..LogRow::default()
            });
        }
        self.app.counters.counts(counts);
        builder.finish().ok()
    }

    fn spans(&self, spans: &[OwnSpan]) -> Option<EventBatch> {
        if spans.is_empty() {
            return None;
        }
        let mut builder = SpansBuilder::new(self.context());
        builder.set_origin(Origin { scope_name: Some("tandem::server".to_owned()), ..self.origin.clone() });
        for span in spans {
            let attributes = builder.attributes();
            attributes.push("http.request.method", ValueRef::Str(&span.method));
            attributes.push("http.route", ValueRef::Str(&span.route));
            attributes.push("http.response.status_code", ValueRef::Int(i64::from(span.status)));
            builder.push(&SpanRow {
                timestamp: span.timestamp,
                duration_ns: span.duration_ns,
                name: Some(&format!("{} {}", span.method, span.route)),
                kind: "server",
                status_code: if span.status >= 500 { "error" } else { "unset" },
                trace_id: Some(span.trace_id),
                span_id: Some(span.span_id),
                parent_span_id: span.parent,
                ..SpanRow::default()
            });
        }
        builder.finish().ok()
    }
}

/// Who says all this: this program on this host.
fn origin() -> Origin {
    let mut resource = watch::Host::resource();
    if resource.ends_with('}') {
        resource.pop();
    }
    if resource == "{" {
        resource.clear();
    }
    let more = [
        ("service.name", ValueRef::Str(DOOR)),
        ("service.version", ValueRef::Str(env!("CARGO_PKG_VERSION"))),
        ("process.pid", ValueRef::Int(i64::from(std::process::id()))),
    ];
    for (key, value) in more {
        model::json::push_member(&mut resource, key, value);
    }
    resource.push('}');
    Origin { service_name: Some(DOOR.to_owned()), resource_attributes: Some(resource), ..Origin::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_is_json() {
        let resource = origin().resource_attributes.unwrap();
        let resource: serde_json::Value = serde_json::from_str(&resource).unwrap();
        assert_eq!(resource["service.name"], "tandem");
        assert_eq!(resource["process.pid"], std::process::id());
    }
}
