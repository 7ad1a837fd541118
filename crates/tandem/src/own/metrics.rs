//! Tandem's own numbers as metric points: the most useful ones of `/metrics`.

use crate::server::state::App;
use model::batch::Origin;
use model::metrics::{MetricRow, MetricsBuilder};
use model::value::ValueRef;
use model::{Context, EventBatch};

struct Points {
    builder: MetricsBuilder,
    now: i64,
    start: i64,
}

impl Points {
    fn push(&mut self, name: &str, unit: &str, kind: &str, value: f64, attributes: &[(&str, &str)]) {
        for (key, value) in attributes {
            self.builder.attributes().push(key, ValueRef::Str(value));
        }
        let sum = kind == "sum";
        self.builder.push(&MetricRow {
            timestamp: self.now,
            start_timestamp: sum.then_some(self.start),
            name: Some(name),
            kind,
            unit: Some(unit),
            temporality: sum.then_some("cumulative"),
            is_monotonic: sum.then_some(true),
            value: Some(value),
            ..MetricRow::default()
        });
    }

    fn sum(&mut self, name: &str, unit: &str, value: u64, attributes: &[(&str, &str)]) {
        self.push(name, unit, "sum", value as f64, attributes);
    }

    fn gauge(&mut self, name: &str, unit: &str, value: u64, attributes: &[(&str, &str)]) {
        self.push(name, unit, "gauge", value as f64, attributes);
    }
}

/// All points of this moment.
pub fn sample(app: &App, context: Context, origin: Origin) -> Option<EventBatch> {
    let now = context.received;
    let uptime = i64::try_from(app.started.elapsed().as_nanos()).unwrap_or(i64::MAX);
    let mut builder = MetricsBuilder::new(context);
    builder.set_origin(Origin { scope_name: Some("tandem::own".to_owned()), ..origin });
    let mut points = Points { builder, now, start: now.saturating_sub(uptime) };
    let counts = app.counters.snapshot();
    for (door, numbers) in &counts.doors {
        let source = [("source", *door)];
        points.sum("tandem.ingest.records", "{record}", numbers.records, &source);
        points.sum("tandem.ingest.rejected", "{record}", numbers.rejected, &source);
        points.sum("tandem.ingest.requests", "{request}", numbers.requests, &source);
        points.sum("tandem.ingest.io", "By", numbers.bytes, &source);
    }
    for ((door, status), count) in &counts.refused {
        points.sum("tandem.ingest.refused", "{request}", *count, &[("source", door), ("status", &status.to_string())]);
    }
    for (kind, histogram) in &counts.queries {
        points.sum("tandem.query.count", "{query}", histogram.count, &[("kind", kind)]);
        points.push("tandem.query.time", "s", "sum", histogram.sum, &[("kind", kind)]);
    }
    let stats = app.store.stats();
    for (table, numbers) in &stats.tables {
        let table = [("table", *table)];
        points.gauge("tandem.store.rows", "{row}", numbers.rows, &table);
        points.gauge("tandem.store.size", "By", numbers.file_bytes, &table);
        points.gauge("tandem.store.files", "{file}", numbers.files, &table);
    }
    points.gauge("tandem.store.memory", "By", stats.memory_bytes, &[]);
    points.gauge("tandem.store.log.size", "By", stats.log_bytes, &[]);
    points.gauge("tandem.store.queue.size", "By", stats.queue_bytes, &[]);
    points.sum("tandem.store.busy", "{request}", stats.busy, &[]);
    points.sum("tandem.store.quarantined", "{file}", stats.quarantined, &[]);
    if let Some(process) = Process::read() {
        points.gauge("process.memory.usage", "By", process.memory_bytes, &[]);
        points.push("process.cpu.time", "s", "sum", process.cpu_seconds, &[]);
    }
    points.builder.finish().ok()
}

/// This process in numbers.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    /// Resident memory.
    pub memory_bytes: u64,
    /// User and system time.
    pub cpu_seconds: f64,
}

impl Process {
    /// From `/proc`; nothing where there is none.
    pub fn read() -> Option<Process> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = resident.split_whitespace().next()?.parse().ok()?;
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name in parentheses may hold spaces; the numbers follow it.
        let numbers: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u64 = numbers.get(11)?.parse::<u64>().ok()? + numbers.get(12)?.parse::<u64>().ok()?;
        // Linux counts process times for /proc in hundredths of a second on every machine.
        Some(Process { memory_bytes: kib * 1024, cpu_seconds: ticks as f64 / 100.0 })
    }
}
