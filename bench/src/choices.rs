//! `bench choices`: figures behind two decisions, on the service logs of `bench store`.
//!
//! The index: which granules hold a term, against which rows hold it and against Bloom filters. The
//! batch: columns between receiving, storing and detecting, against records. Both in one process, so
//! that nothing but the choice differs. The pages in `docs/decisions` quote what this prints.

use crate::logs::Logs;
use anyhow::{Context as _, Result};
use model::logs::{LogRow, LogsBuilder};
use model::{Table, ValueRef};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use prost::Message as _;
use query::Filter;
use receive::Redactor;
use receive::otlp::Encoding;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use xtask::args::Args;

/// Rows of a row group; postings and filters start anew with each.
const GROUP: u64 = 262_144;
/// Sizes of a granule that are compared.
const GRANULES: [u64; 3] = [1_024, 8_192, 65_536];
/// Bits of a Bloom filter for each term: one wrong answer in a hundred.
const BLOOM_BITS: u64 = 10;
/// Hash functions that fit so many bits.
const BLOOM_HASHES: u64 = 7;
/// Requests of the comparison of batches.
const REQUESTS: u64 = 50;

/// Runs both.
pub fn run(args: &Args) -> Result<()> {
    let rows = args.number("rows", 2 * GROUP)?.next_multiple_of(GROUP);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    let logs = Logs::new(20_26, rows, now);
    index(&logs, rows);
    batch(&logs)
}

/// Tokens of the text and `key=value` pairs of a row, as 32-bit fingerprints.
fn terms(logs: &Logs, row: u64, hasher: &BuildHasherDefault<DefaultHasher>) -> Vec<u32> {
    let row = logs.row(row);
    let mut terms: Vec<u32> = query::text::tokens(&row.body).map(|token| hasher.hash_one(token) as u32).collect();
    for (key, value) in &row.attributes {
        let text = match value {
            crate::logs::Value::Text(text) => text.clone(),
            crate::logs::Value::Int(int) => int.to_string(),
            crate::logs::Value::Bool(bool) => bool.to_string(),
            crate::logs::Value::Double(_) => continue,
        };
        terms.push(hasher.hash_one((key, text)) as u32);
    }
    terms.extend(row.trace.map(|(trace, _)| hasher.hash_one(trace) as u32));
    terms
}

fn index(logs: &Logs, rows: u64) {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let all: Vec<Vec<u32>> = (0..rows).map(|row| terms(logs, row, &hasher)).collect();
    let text: usize = (0..rows).map(|row| logs.row(row).body.len()).sum();
    println!("# Index\n\n{rows} rows, {} bytes of text a row; bytes are bytes a row\n", text as u64 / rows);
    println!("| index | bytes | build ns a row | places asked for one term | rows read for a unique one |");
    println!("|---|--:|--:|--:|--:|");
    for granule in GRANULES {
        let started = Instant::now();
        let mut bits = 0;
        for group in all.chunks(GROUP as usize) {
            bits += fingerprints(group, granule);
        }
        let (bytes, nanos) = (bits as f64 / 8.0 / rows as f64, per_row(started, rows));
        println!("| fingerprint to granules of {granule} | {bytes:.1} | {nanos:.0} | 1 a file | {granule} |");
    }
    let started = Instant::now();
    let bytes: u64 = all.chunks(GROUP as usize).map(postings).sum();
    let (bytes, nanos) = (bytes as f64 / rows as f64, per_row(started, rows));
    println!("| fingerprint to rows | {bytes:.1} | {nanos:.0} | 1 a file | 1 |");
    for granule in GRANULES {
        let started = Instant::now();
        let bytes: u64 = all.chunks(granule as usize).map(bloom).sum();
        let (bytes, nanos) = (bytes as f64 / rows as f64, per_row(started, rows));
        println!(
            "| Bloom filter for each {granule} rows | {bytes:.1} | {nanos:.0} | {} a million rows | {granule}, and 1 % of all |",
            1_000_000 / granule
        );
    }
}

fn per_row(started: Instant, rows: u64) -> f64 {
    started.elapsed().as_nanos() as f64 / rows as f64
}

/// Bits of the sorted fingerprints with their granules: gaps in Rice code, granules in gamma code.
fn fingerprints(group: &[Vec<u32>], granule: u64) -> u64 {
    let mut entries: Vec<u64> = Vec::new();
    for (number, rows) in group.chunks(granule as usize).enumerate() {
        let distinct: BTreeSet<u32> = rows.iter().flatten().copied().collect();
        entries.extend(distinct.into_iter().map(|term| u64::from(term) << 32 | number as u64));
    }
    entries.sort_unstable();
    let distinct = entries.chunk_by(|a, b| a >> 32 == b >> 32).count() as u64;
    let k = ((1u64 << 32) / distinct.max(1)).ilog2();
    let (mut bits, mut previous) = (0, 0);
    for same in entries.chunk_by(|a, b| a >> 32 == b >> 32) {
        let gap = (same[0] >> 32) - previous;
        previous = same[0] >> 32;
        bits += (gap >> k) + 1 + u64::from(k);
        let mut last = 0;
        bits += 2 * u64::from((same.len() as u64).ilog2()) + 1;
        for entry in same {
            let granule = (entry & 0xffff_ffff) + 1;
            bits += 2 * u64::from((granule - last).max(1).ilog2()) + 1;
            last = granule;
        }
    }
    bits
}

/// Bytes of a dictionary of fingerprints with the rows of each as variable-length gaps.
fn postings(group: &[Vec<u32>]) -> u64 {
    let mut rows: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (row, terms) in group.iter().enumerate() {
        for term in terms {
            let (last, bytes) = rows.entry(*term).or_default();
            let gap = row as u64 + 1 - *last;
            if gap > 0 {
                *bytes += u64::from(gap.ilog2() / 7 + 1);
                *last = row as u64 + 1;
            }
        }
    }
    // Fingerprint and offset of each, and its rows.
    rows.values().map(|(_, bytes)| 4 + 2 + bytes).sum()
}

/// Bytes of the filter of one granule; it is filled, so that its time counts.
fn bloom(rows: &[Vec<u32>]) -> u64 {
    let distinct: BTreeSet<u32> = rows.iter().flatten().copied().collect();
    let bits = (distinct.len() as u64 * BLOOM_BITS).next_multiple_of(64).max(64);
    let mut words = vec![0u64; (bits / 64) as usize];
    for term in distinct {
        let (mut at, step) = (u64::from(term) * 0x9e37_79b9, u64::from(term.rotate_left(16) | 1));
        for _ in 0..BLOOM_HASHES {
            at = at.wrapping_add(step.wrapping_mul(0x85eb_ca6b));
            let bit = at % bits;
            words[(bit / 64) as usize] |= 1 << (bit % 64);
        }
    }
    black_box(words.len() as u64 * 8)
}

/// Ways that requests take: decoded to columns, or to records that become columns at the flush.
fn batch(logs: &Logs) -> Result<()> {
    let requests: Vec<Vec<u8>> = (0..REQUESTS).map(|number| logs.request(number * 1_000, 1_000)).collect();
    let bytes: usize = requests.iter().map(Vec::len).sum();
    let rows = REQUESTS * 1_000;
    let (redactor, none) = (Redactor::default_rules(), Redactor::none());
    let context = model::Context::new("default", "otlp", i64::MAX / 2);
    println!("\n# Batch\n\n{rows} rows of {} bytes, one thread; the best of five\n", bytes as u64 / rows);
    println!("| work | MB/s | ns a row |\n|---|--:|--:|");
    let line = |name: &str, time: Duration| {
        let nanos = time.as_nanos() as f64;
        println!("| {name} | {:.0} | {:.0} |", bytes as f64 * 1e3 / nanos, nanos / rows as f64);
    };
    let columns = |redactor: &Redactor| -> Result<Vec<_>> {
        let decoded = requests.iter().map(|body| receive::otlp::logs(body, Encoding::Protobuf, &context, redactor));
        decoded.map(|decoded| Ok(decoded?.batches)).collect()
    };
    let records = || -> Result<Vec<ExportLogsServiceRequest>> {
        requests.iter().map(|body| Ok(ExportLogsServiceRequest::decode(body.as_slice())?)).collect()
    };
    line("wire to columns, unmasked", best(|| columns(&none).map(drop))?);
    line("wire to columns, masked (what Tandem does)", best(|| columns(&redactor).map(drop))?);
    line("wire to records (prost alone)", best(|| records().map(drop))?);
    let rows_of = records()?;
    line("records to columns, at the flush", best(|| to_columns(&rows_of))?);
    let batches: Vec<_> = columns(&redactor)?.into_iter().flatten().collect();
    println!("\n| conditions | columns, ns a row | records, ns a row | rows found |\n|---|--:|--:|--:|");
    for count in [1, 10, 100] {
        let queries = (0..count).map(|number| {
            query::parse(&format!("http.response.status_code:{} \"took {number}\"", 200 + number))
                .map(|query| query.filter)
        });
        let queries = queries.collect::<Result<Vec<_>, _>>().ok().context("a query does not parse")?;
        let filters: Vec<Filter> =
            queries.iter().filter_map(|query| Filter::compile(query, Table::Logs, 0).ok()).collect();
        let mut found = 0;
        let by_columns = best(|| {
            let counts = batches.iter().flat_map(|batch| filters.iter().map(|filter| filter.matches(&batch.rows)));
            found = counts.map(|matches| matches.true_count()).sum::<usize>();
            Ok(())
        })?;
        let by_records = best(|| {
            let found = each_record(&rows_of).map(|record| (0..count).filter(|number| holds(record, *number)).count());
            black_box(found.sum::<usize>());
            Ok(())
        })?;
        let nanos = |time: Duration| time.as_nanos() as f64 / rows as f64;
        println!("| {count} | {:.0} | {:.0} | {found} |", nanos(by_columns), nanos(by_records));
    }
    Ok(())
}

fn best(mut work: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        work()?;
        best = best.min(started.elapsed());
    }
    Ok(best)
}

fn each_record(requests: &[ExportLogsServiceRequest]) -> impl Iterator<Item = &LogRecord> {
    let scopes = requests.iter().flat_map(|request| &request.resource_logs).flat_map(|resource| &resource.scope_logs);
    scopes.flat_map(|scope| &scope.log_records)
}

fn text(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::StringValue(text)) => Some(text),
        _ => None,
    }
}

/// The condition of the comparison, on a record.
fn holds(record: &LogRecord, number: i64) -> bool {
    let status = record.attributes.iter().find(|attribute| attribute.key == "http.response.status_code");
    let status = status.and_then(|attribute| attribute.value.as_ref()?.value.as_ref());
    matches!(status, Some(Value::IntValue(status)) if *status == 200 + number)
        && text(record.body.as_ref().and_then(|body| body.value.as_ref()))
            .is_some_and(|body| body.contains(&format!("took {number}")))
}

fn to_columns(requests: &[ExportLogsServiceRequest]) -> Result<()> {
    for request in requests {
        let mut builder = LogsBuilder::new(model::Context::new("default", "otlp", i64::MAX / 2));
        for record in each_record(std::slice::from_ref(request)) {
            for attribute in &record.attributes {
                let value = match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
                    Some(Value::StringValue(text)) => ValueRef::Str(text),
                    Some(Value::IntValue(int)) => ValueRef::Int(*int),
                    Some(Value::DoubleValue(double)) => ValueRef::Double(*double),
                    Some(Value::BoolValue(bool)) => ValueRef::Bool(*bool),
                    _ => continue,
                };
                builder.attributes().push(&attribute.key, value);
            }
            builder.push(&LogRow {
                timestamp: record.time_unix_nano as i64,
                severity_number: Some(record.severity_number),
                severity_text: Some(&record.severity_text),
                body: text(record.body.as_ref().and_then(|body| body.value.as_ref())),
                trace_id: record.trace_id.as_slice().try_into().ok(),
                span_id: record.span_id.as_slice().try_into().ok(),
                ..LogRow::default()
            });
        }
        black_box(builder.finish()?);
    }
    Ok(())
}
