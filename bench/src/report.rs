//! The figures as a page of Markdown, kept in `bench/results`.

use crate::drive::quantile;
use crate::probe;
use crate::searches::Timing;
use anyhow::Result;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use xtask::run;

/// One kind of data sent.
pub struct Ingest {
    /// What was sent.
    pub name: &'static str,
    /// Rows acknowledged.
    pub rows: u64,
    /// Payload, uncompressed.
    pub bytes: u64,
    /// Answers that said "later".
    pub refused: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Times to the acknowledgement, sorted, in seconds.
    pub latencies: Vec<f64>,
    /// Server core-seconds until the last answer.
    pub sending: f64,
    /// Server core-seconds until flush and compaction were quiet.
    pub core_seconds: f64,
    /// Event files and their indexes, when measured apart.
    pub stored_bytes: Option<u64>,
}

/// All figures of a run.
#[derive(Default)]
pub struct Report {
    rows: u64,
    connections: usize,
    /// One for each kind of data.
    pub ingests: Vec<Ingest>,
    /// Memory of a server that has nothing to do.
    pub idle_mib: f64,
    /// Most memory until compaction was quiet.
    pub peak_mib: f64,
    /// Most memory of the server that answered the searches.
    pub peak_search_mib: f64,
    /// The whole data folder of the service logs.
    pub stored_bytes: u64,
    /// Event files and their indexes alone.
    pub event_bytes: u64,
    /// `sample_rows` rows as JSON lines, compressed by zstd at level 3.
    pub zstd_bytes: u64,
    /// The same, plain.
    pub json_bytes: u64,
    /// Rows of that sample.
    pub sample_rows: u64,
    /// Time from start to ready.
    pub restart_seconds: Vec<(&'static str, f64)>,
    /// Searches.
    pub timings: Vec<Timing>,
}

impl Report {
    /// A report without figures.
    pub fn new(rows: u64, connections: usize) -> Self {
        Self { rows, connections, ..Self::default() }
    }

    /// The page.
    pub fn markdown(&self) -> String {
        let mut page = format!("# `bench store`, {} rows of service logs\n\n", grouped(self.rows));
        let _ = writeln!(
            page,
            "- machine: {}\n- commit: {}\n- sent over {} connections in batches of 1,000 over OTLP/HTTP (wide JSON: JSON \
             lines), generated in flight on the same machine; synced before each answer, redaction and all other \
             defaults on\n",
            probe::machine(),
            commit(),
            self.connections
        );
        self.write_ingest(&mut page);
        self.write_sizes(&mut page);
        self.write_searches(&mut page);
        page
    }

    fn write_ingest(&self, page: &mut String) {
        page.push_str(
            "## Ingest\n\nCore-seconds are user and system time of the server until compaction was quiet.\n\n",
        );
        page.push_str("| data | rows | bytes a row | MB/s | rows/s | MB/s per core-second | rows/s per core-second | of it while sending | answer p50 | p99 | later |\n");
        page.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        for ingest in &self.ingests {
            let megabytes = ingest.bytes as f64 / 1e6;
            let _ = writeln!(
                page,
                "| {} | {} | {:.0} | {:.0} | {} | **{:.1}** | {} | {:.0} % | {:.1} ms | {:.1} ms | {} |",
                ingest.name,
                grouped(ingest.rows),
                ingest.bytes as f64 / ingest.rows as f64,
                megabytes / ingest.seconds,
                grouped((ingest.rows as f64 / ingest.seconds) as u64),
                megabytes / ingest.core_seconds,
                grouped((ingest.rows as f64 / ingest.core_seconds) as u64),
                100.0 * ingest.sending / ingest.core_seconds,
                quantile(&ingest.latencies, 0.5) * 1e3,
                quantile(&ingest.latencies, 0.99) * 1e3,
                ingest.refused,
            );
        }
    }

    fn write_sizes(&self, page: &mut String) {
        let rows = self.rows as f64;
        let zstd = self.zstd_bytes as f64 / self.sample_rows as f64;
        let _ = writeln!(
            page,
            "\n## Memory, size, restart\n\n| figure | |\n|---|--:|\n\
             | idle memory | {:.0} MiB |\n| peak memory, ingest and compaction | {:.0} MiB |\n\
             | peak memory, searches after a restart | {:.0} MiB |\n\
             | stored bytes a row, index included | {:.1} |\n| whole data folder, bytes a row | {:.1} |\n\
             | JSON lines, bytes a row | {:.1} |\n| zstd -3 of the JSON lines, bytes a row | {zstd:.1} |\n\
             | stored / zstd -3 | {:.2} |",
            self.idle_mib,
            self.peak_mib,
            self.peak_search_mib,
            self.event_bytes as f64 / rows,
            self.stored_bytes as f64 / rows,
            self.json_bytes as f64 / self.sample_rows as f64,
            self.event_bytes as f64 / rows / zstd,
        );
        for ingest in &self.ingests {
            if let Some(bytes) = ingest.stored_bytes {
                let _ = writeln!(
                    page,
                    "| {}, stored bytes a row | {:.1} |",
                    ingest.name,
                    bytes as f64 / ingest.rows as f64
                );
            }
        }
        for (name, seconds) in &self.restart_seconds {
            let _ = writeln!(page, "| restart to ready, {name} | {seconds:.2} s |");
        }
    }

    fn write_searches(&self, page: &mut String) {
        page.push_str(
            "\n## Searches\n\nOver all rows. Cold: nothing in the page cache. Warm: median and slowest of seven.\n\n",
        );
        page.push_str("| question | cold | warm | slowest | answer |\n|---|--:|--:|--:|--:|\n");
        for timing in &self.timings {
            let cold = timing.cold.map_or("not measured".to_owned(), |seconds| format!("{:.1} ms", seconds * 1e3));
            let _ = writeln!(
                page,
                "| {} | {cold} | {:.1} ms | {:.1} ms | {} |",
                timing.name,
                timing.warm * 1e3,
                timing.slowest * 1e3,
                grouped(timing.answer)
            );
        }
    }

    /// Writes the page; the history of the repository keeps the earlier ones.
    pub fn keep(&self) -> Result<PathBuf> {
        let folder = run::root().join("bench").join("results");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("store-{}.md", self.rows));
        std::fs::write(&path, self.markdown())?;
        Ok(path)
    }
}

fn commit() -> String {
    let mut git = Command::new("git");
    let output = git.current_dir(run::root()).args(["describe", "--always", "--dirty"]).output();
    output.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default().trim().to_owned()
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(100_000_000), "100,000,000");
    }

    #[test]
    fn a_page_with_every_table() {
        let mut report = Report::new(1_000, 2);
        report.sample_rows = 1_000;
        report.timings.push(Timing { name: "unique token", cold: None, warm: 0.001, slowest: 0.002, answer: 1 });
        let page = report.markdown();
        for part in ["## Ingest", "## Memory", "## Searches", "| unique token | not measured | 1.0 ms | 2.0 ms | 1 |"] {
            assert!(page.contains(part), "{page}");
        }
    }
}
