//! `/metrics`: the server's numbers in the text format of Prometheus.

use super::counters::{Histogram, LATENCY_BOUNDS};
use super::errors::ApiError;
use super::state::App;
use crate::own::Process;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use model::{Caller, Datasets};
use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::COMMIT_BOUNDS;

/// Streams that get numbers of their own here; the others are in `/api/v1/streams`. Every label set costs the
/// scraper memory for ever.
const MAX_STREAM_LABELS: usize = 200;

/// All numbers.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, description = "Prometheus text", content_type = "text/plain; version=0.0.4", body = String)))]
pub async fn metrics(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<impl IntoResponse, ApiError> {
    if caller.datasets() != Datasets::All {
        // The streams of all datasets are among them.
        return Err(ApiError::new(StatusCode::FORBIDDEN, "these numbers are for those who may see every dataset"));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render(&app)))
}

#[derive(Default)]
struct Text {
    out: String,
}

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.out.push_str(name);
        for (at, (key, value)) in labels.iter().enumerate() {
            self.out.push(if at == 0 { '{' } else { ',' });
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.out, "{key}=\"{value}\"");
        }
        self.out.push_str(if labels.is_empty() { " " } else { "} " });
        let _ = writeln!(self.out, "{value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.value(name, &[], value);
    }

    /// Buckets as they are counted, not cumulative; the last one is open.
    fn buckets(&mut self, name: &str, labels: &[(&str, &str)], bounds: &[f64], counts: &[u64], sum: f64) {
        let mut total = 0;
        let bounds = bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(counts) {
            total += count;
            let mut labels = labels.to_vec();
            labels.push(("le", &bound));
            self.value(&format!("{name}_bucket"), &labels, total);
        }
        self.value(&format!("{name}_sum"), labels, sum);
        self.value(&format!("{name}_count"), labels, total);
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        self.buckets(name, labels, &LATENCY_BOUNDS, &histogram.buckets, histogram.sum);
    }
}

fn render(app: &App) -> String {
    let mut text = Text::default();
    text.family("tandem_build_info", "gauge", "Version of the server.");
    text.value("tandem_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.one("tandem_uptime_seconds", "gauge", "Time since the start.", app.started.elapsed().as_secs_f64());
    if let Some(process) = Process::read() {
        text.one("process_resident_memory_bytes", "gauge", "Resident memory.", process.memory_bytes);
        text.one("process_cpu_seconds_total", "counter", "User and system time.", process.cpu_seconds);
    }
    ingest(&mut text, app);
    streams(&mut text, app);
    store(&mut text, app);
    detection(&mut text, app);
    text.out
}

fn detection(text: &mut Text, app: &App) {
    let numbers = app.detection.numbers();
    let (stats, windows) = (numbers.stats, numbers.stats.windows);
    let behind = app.store.committed().saturating_sub(numbers.through);
    text.one("tandem_detect_commits_behind", "gauge", "Commits that rules have not looked at yet.", behind);
    let counters = [
        ("tandem_detect_events_total", "Events that rules looked at.", stats.events),
        ("tandem_detect_unrouted_events_total", "Events that belong to no log source.", stats.unrouted),
        ("tandem_detect_candidates_total", "Rules that were evaluated, summed up over events.", stats.candidates),
        ("tandem_detect_matches_total", "Matches of rules.", stats.matches),
        ("tandem_detect_late_total", "Matches that came too late for their window.", windows.late),
        ("tandem_detect_evicted_keys_total", "Groups that went before their window was over.", windows.evicted_keys),
        (
            "tandem_detect_evicted_events_total",
            "Events that went before their window was over.",
            windows.evicted_entries,
        ),
        ("tandem_alerts_raised_total", "Alerts that are new.", numbers.told.raised),
        ("tandem_alerts_rolled_total", "Firings that were counted on an alert that was there.", numbers.told.rolled),
        ("tandem_alerts_hidden_total", "Firings that a suppression hid.", numbers.told.hidden),
        ("tandem_notices_sent_total", "Notices that a channel took.", numbers.notices.0),
        ("tandem_notices_failed_total", "Attempts to send a notice that failed.", numbers.notices.1),
    ];
    for (name, help, value) in counters {
        text.one(name, "counter", help, value);
    }
    text.one("tandem_detect_groups", "gauge", "Groups of open windows.", windows.keys);
    text.one("tandem_detect_window_events", "gauge", "Events in open windows.", windows.entries);
    text.family(
        "tandem_detect_alert_seconds",
        "histogram",
        "From the receipt of an event to the alert that it raised.",
    );
    text.histogram("tandem_detect_alert_seconds", &[], &numbers.latency);
}

/// Takes one number out of what is counted.
type Read<T> = fn(&T) -> u64;

fn ingest(text: &mut Text, app: &App) {
    let counts = app.counters.snapshot();
    let families: [(&str, &str, Read<super::counters::Door>); 4] = [
        ("tandem_ingest_requests_total", "Requests kept.", |door| door.requests),
        ("tandem_ingest_records_total", "Records kept.", |door| door.records),
        ("tandem_ingest_rejected_records_total", "Records refused one by one.", |door| door.rejected),
        ("tandem_ingest_bytes_total", "Bytes of requests after decompression.", |door| door.bytes),
    ];
    for (name, help, value) in families {
        text.family(name, "counter", help);
        for (source, door) in &counts.doors {
            text.value(name, &[("source", source)], value(door));
        }
    }
    text.family("tandem_ingest_refused_requests_total", "counter", "Requests refused whole, by status.");
    for ((source, status), count) in &counts.refused {
        let status = status.to_string();
        text.value("tandem_ingest_refused_requests_total", &[("source", source), ("status", &status)], count);
    }
    text.family("tandem_ingest_changed_total", "counter", "What was cut, masked or mended.");
    let changed = [
        ("cut_body", counts.counts.cut_bodies),
        ("cut_attributes", counts.counts.cut_attributes),
        ("redacted", counts.counts.redacted),
        ("skewed_time", counts.counts.skewed),
        ("invalid_utf8", counts.counts.invalid_utf8),
    ];
    for (change, count) in changed {
        text.value("tandem_ingest_changed_total", &[("change", change)], count);
    }
    text.family("tandem_ingest_lost_total", "counter", "What could not be kept and nobody could be told.");
    let lost = [
        ("syslog_queue_full", &app.counters.syslog_dropped),
        ("syslog_store_full", &app.counters.syslog_failed),
        ("own", &app.counters.self_dropped),
    ];
    for (reason, count) in lost {
        text.value("tandem_ingest_lost_total", &[("reason", reason)], count.load(Ordering::Relaxed));
    }
    text.one("tandem_ingest_in_flight_bytes", "gauge", "Bytes of requests being received.", app.gate.bytes());
    text.family("tandem_append_seconds", "histogram", "Time until a request was durable.");
    text.histogram("tandem_append_seconds", &[], &counts.append);
    text.family("tandem_query_seconds", "histogram", "Time until a query was answered.");
    for (kind, histogram) in &counts.queries {
        text.histogram("tandem_query_seconds", &[("kind", kind)], histogram);
    }
    text.one("tandem_tails", "gauge", "Live tails open.", app.tails.load(Ordering::Relaxed));
}

fn streams(text: &mut Text, app: &App) {
    let streams = app.streams.list();
    let families: [(&str, &str, Read<super::streams::Stream>); 2] = [
        ("tandem_stream_rows_total", "Rows by dataset, service and source; the largest streams.", |stream| stream.rows),
        ("tandem_stream_bytes_total", "Bytes by dataset, service and source; the largest streams.", |stream| {
            stream.bytes
        }),
    ];
    for (name, help, value) in families {
        text.family(name, "counter", help);
        for stream in streams.iter().take(MAX_STREAM_LABELS) {
            let labels = [
                ("dataset", stream.dataset.as_str()),
                ("service", stream.service.as_str()),
                ("source", stream.source.as_str()),
            ];
            text.value(name, &labels, value(stream));
        }
    }
}

fn store(text: &mut Text, app: &App) {
    let stats = app.store.stats();
    let families: [(&str, &str, &str, Read<store::TableStats>); 6] = [
        ("tandem_store_rows", "gauge", "Rows in files and in memory.", |table| table.rows),
        ("tandem_store_files", "gauge", "Event files.", |table| table.files),
        ("tandem_store_file_bytes", "gauge", "Bytes of event files, index included.", |table| table.file_bytes),
        ("tandem_store_index_bytes", "gauge", "Bytes of the token index.", |table| table.index_bytes),
        ("tandem_store_memory_rows", "gauge", "Rows not in files yet.", |table| table.memory_rows),
        ("tandem_store_received_rows_total", "counter", "Rows taken since the start.", |table| table.received_rows),
    ];
    for (name, kind, help, value) in families {
        text.family(name, kind, help);
        for (table, numbers) in &stats.tables {
            text.value(name, &[("table", table)], value(numbers));
        }
    }
    text.one("tandem_store_memory_bytes", "gauge", "Bytes of memory tables.", stats.memory_bytes);
    let lingering = stats.lingering_bytes;
    text.one("tandem_store_lingering_bytes", "gauge", "Bytes of flushed rows that queries have to read.", lingering);
    text.one("tandem_store_queue_bytes", "gauge", "Bytes waiting for the log.", stats.queue_bytes);
    text.one("tandem_store_log_bytes", "gauge", "Bytes of the write-ahead log.", stats.log_bytes);
    text.family("tandem_store_commit_seconds", "histogram", "Time of a group commit, sync to disk included.");
    let sum = stats.commit_seconds;
    text.buckets("tandem_store_commit_seconds", &[], &COMMIT_BOUNDS, &stats.commit_buckets, sum);
    let compacting = u8::from(stats.compaction == "running");
    text.one("tandem_store_compaction_running", "gauge", "Whether files are being merged.", compacting);
    let counters = [
        ("failed_commits", "Commits that failed.", stats.failed_commits),
        ("busy", "Requests refused because the store was busy.", stats.busy),
        ("duplicates", "Retries recognised.", stats.duplicates),
        ("retry_keys_dropped", "Retry keys forgotten before their time.", stats.retry_keys_dropped),
        ("quarantined", "Damaged things moved aside.", stats.quarantined),
        ("flushes", "Flushes.", stats.flushes),
        ("failed_flushes", "Flushes that failed.", stats.failed_flushes),
        ("compactions", "Merges of files.", stats.compactions),
        ("queries", "Queries.", stats.queries),
        ("expired_files", "Files removed by retention.", stats.expired_files),
        ("expired_rows", "Rows removed by retention.", stats.expired_rows),
    ];
    for (name, help, value) in counters {
        text.one(&format!("tandem_store_{name}_total"), "counter", help, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_buckets_add_up() {
        let mut text = Text::default();
        text.value("a", &[("b", "x\"y\\z\nw")], 1);
        assert_eq!(text.out, "a{b=\"x\\\"y\\\\z\\nw\"} 1\n");
        let mut text = Text::default();
        text.buckets("h", &[], &[0.5, 1.0], &[1, 2, 3], 4.5);
        assert_eq!(
            text.out,
            "h_bucket{le=\"0.5\"} 1\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 6\nh_sum 4.5\nh_count 6\n"
        );
    }
}
