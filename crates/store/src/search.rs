//! Searches: newest first, in waves of files, so that the first rows come long before the last file is read.

use crate::error::QueryError;
use crate::limits::{GRANULE_ROWS, MAX_HISTOGRAM_BUCKETS, MAX_SEARCH_ROWS, SEARCH_CHUNK_ROWS};
use crate::segment::Segment;
use crate::sql::QueryLimits;
use crate::state::Pin;
use crate::view::View;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampNanosecondType, UInt64Type};
use futures::StreamExt as _;
use model::columns::name;
use model::{Datasets, Table};
use query::{Expr, Query};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Granules that the first wave may read, a row group's; every wave doubles.
const FIRST_WAVE: usize = 32;
/// Most granules of a wave: two full files.
const LARGEST_WAVE: usize = 1024;
/// Up to so many granules the rows are read whole at once: finding them first would cost a query more.
const READ_WHOLE: usize = 4;
/// Up to so many granules the condition also narrows the second step of finding rows.
const NARROW: usize = 128;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Where.
    pub table: Table,
    /// Which rows.
    pub filter: Expr,
    /// From this time on.
    pub from: i64,
    /// Before this time.
    pub to: i64,
    /// How many rows.
    pub limit: usize,
    /// Bars of the histogram; 0 for none, and then the search ends with the last row.
    pub histogram_buckets: usize,
    /// The time that relative times in the filter count from.
    pub now: i64,
}

/// A part of the answer.
#[derive(Clone, Debug)]
pub enum SearchEvent {
    /// Logical columns, newest first; the next rows are older.
    Rows(RecordBatch),
    /// The histogram so far.
    Histogram {
        /// Width of a bar in nanoseconds.
        width: i64,
        /// Start and count of the bars that are not empty.
        buckets: Vec<(i64, u64)>,
        /// Whether all files are counted.
        complete: bool,
    },
    /// The end.
    Done {
        /// Rows sent.
        rows: u64,
        /// Rows that match, when a histogram was asked for.
        matched: Option<u64>,
        /// Bytes that were read, for who sees every dataset.
        read: Option<u64>,
    },
}

/// The answer on its way. Dropping it stops the work.
pub type SearchStream = ReceiverStream<Result<SearchEvent, QueryError>>;

/// A file that may hold rows, and in how many of its granules.
struct Candidate {
    segment: Arc<Segment>,
    granules: usize,
}

/// What one wave looks at.
struct Part {
    pin: Pin,
    /// Granules of the files, and as many as the rows in memory would fill.
    granules: usize,
    /// The newest time in the files after these.
    newest_left: Option<i64>,
}

/// Rows of a wave, and their times when they were looked for.
#[derive(Default)]
struct Found {
    rows: Vec<RecordBatch>,
    times: Option<Vec<i64>>,
}

struct Search {
    view: View,
    request: SearchRequest,
    condition: String,
    sender: mpsc::Sender<Result<SearchEvent, QueryError>>,
    sent: usize,
    bars: BTreeMap<i64, u64>,
    width: i64,
    read: AtomicU64,
}

/// The receiver went away or the query failed.
enum Stop {
    Gone,
    Failed(QueryError),
}

impl From<QueryError> for Stop {
    fn from(error: QueryError) -> Self {
        Stop::Failed(error)
    }
}

impl View {
    /// Starts a search.
    pub fn search(&self, mut request: SearchRequest) -> Result<SearchStream, QueryError> {
        if request.from >= request.to {
            return Err(QueryError::Invalid("the search ends before it begins".to_owned()));
        }
        request.limit = request.limit.min(MAX_SEARCH_ROWS);
        request.histogram_buckets = request.histogram_buckets.min(MAX_HISTOGRAM_BUCKETS);
        let query = Query { filter: request.filter.clone(), pipes: Vec::new() };
        let condition =
            query.where_sql(request.table, request.now).map_err(|error| QueryError::Invalid(error.to_string()))?;
        let (sender, receiver) = mpsc::channel(4);
        self.store.parts.shared.counters.queries.fetch_add(1, Ordering::Relaxed);
        let (view, bars, read) = (self.clone(), BTreeMap::new(), AtomicU64::new(0));
        let search = Search { view, request, condition, sender, sent: 0, bars, width: 0, read };
        tokio::spawn(search.run());
        Ok(ReceiverStream::new(receiver))
    }
}

impl Search {
    async fn run(mut self) {
        let sender = self.sender.clone();
        let ended = tokio::select! {
            ended = self.waves() => ended,
            // Nobody listens any more: the query that runs ends with its future.
            () = sender.closed() => return,
        };
        if let Err(Stop::Failed(error)) = ended {
            let _ = sender.send(Err(error)).await;
        }
    }

    async fn waves(&mut self) -> Result<(), Stop> {
        let pin = self.view.store.parts.shared.pin(self.request.table);
        let files = self.candidates(&pin)?;
        self.width = self.bar_width(&pin);
        let mut held: Option<RecordBatch> = None;
        // Given up with the first wave: rows in memory must not outlive their flush by a whole search.
        let mut memory = pin.memory;
        let mut at = 0;
        let mut wave = FIRST_WAVE;
        loop {
            let mut granules = memory.iter().map(|batch| batch.rows.num_rows()).sum::<usize>().div_ceil(GRANULE_ROWS);
            let first = at;
            while at < files.len() && (granules == 0 || granules + files[at].granules <= wave) {
                granules += files[at].granules;
                at += 1;
            }
            wave = (wave * 2).min(LARGEST_WAVE);
            let part = files[first..at].iter().map(|file| file.segment.clone()).collect();
            let part = Part {
                pin: Pin { files: Arc::new(part), memory: std::mem::take(&mut memory) },
                granules,
                newest_left: files.get(at).map(|file| file.segment.meta.max_timestamp),
            };
            held = self.wave(&part, held).await?;
            let enough = self.sent >= self.request.limit && self.request.histogram_buckets == 0;
            if part.newest_left.is_none() || enough {
                break;
            }
        }
        let matched = (self.request.histogram_buckets > 0).then(|| self.bars.values().sum());
        let read = (self.view.sight.datasets == Datasets::All).then(|| self.read.load(Ordering::Relaxed));
        self.send(SearchEvent::Done { rows: self.sent as u64, matched, read }).await
    }

    /// Files that may hold rows, those with the newest rows first.
    fn candidates(&self, pin: &Pin) -> Result<Vec<Candidate>, QueryError> {
        let need = self.view.store.parts.engine.need(self.request.table, &self.condition)?;
        let (from, to) = (self.request.from, self.request.to);
        let within = pin.files.iter().filter(|file| file.meta.min_timestamp < to && file.meta.max_timestamp >= from);
        let mut files: Vec<Candidate> = within
            .map(|segment| {
                let granules = need.granules(segment).map_or(segment.granules() as usize, |granules| granules.len());
                Candidate { segment: segment.clone(), granules }
            })
            .filter(|file| file.granules > 0)
            .collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.segment.meta.max_timestamp));
        Ok(files)
    }

    /// Looks at some files: sends rows and the histogram, answers the rows that may have to wait for older files.
    async fn wave(&mut self, part: &Part, held: Option<RecordBatch>) -> Result<Option<RecordBatch>, Stop> {
        let wanted = self.request.limit - self.sent;
        let empty = part.granules == 0;
        let found = if empty || wanted == 0 { Found::default() } else { self.rows(part, wanted).await? };
        if self.request.histogram_buckets > 0 {
            match &found.times {
                // Fewer than were asked for: these are all.
                Some(times) if times.len() < wanted => {
                    for time in times {
                        *self.bars.entry(time.div_euclid(self.width) * self.width).or_default() += 1;
                    }
                }
                _ if empty => {}
                _ => self.count(&part.pin).await?,
            }
            self.send_histogram(part.newest_left.is_none()).await?;
        }
        let mut rows = found.rows;
        rows.extend(held);
        self.send_rows(newest_first(&rows, wanted)?, part.newest_left).await
    }

    async fn send(&self, event: SearchEvent) -> Result<(), Stop> {
        self.sender.send(Ok(event)).await.map_err(|_| Stop::Gone)
    }

    async fn query(&self, sql: &str, part: &Pin) -> Result<Vec<RecordBatch>, QueryError> {
        let tables = vec![(self.request.table, part.clone())];
        let view = &self.view;
        let limits = QueryLimits::default();
        let mut result = view.store.parts.engine.run(sql, tables, &view.sight, view.pace, limits).await?;
        let mut batches = Vec::new();
        while let Some(batch) = result.next().await {
            batches.push(batch?);
        }
        self.read.fetch_add(result.read_bytes().unwrap_or(0), Ordering::Relaxed);
        Ok(batches)
    }

    fn range(&self, from: i64, to: i64) -> String {
        format!("timestamp >= to_timestamp_nanos({from}) AND timestamp < to_timestamp_nanos({to})")
    }

    /// The newest matching rows of a part.
    ///
    /// In two steps, so that only the rows that are shown are read whole.
    async fn rows(&self, part: &Part, wanted: usize) -> Result<Found, QueryError> {
        let table = self.request.table.name();
        let condition = format!("{} AND {}", self.range(self.request.from, self.request.to), self.condition);
        let newest = format!("ORDER BY timestamp DESC, event_id DESC LIMIT {wanted}");
        if part.granules <= READ_WHOLE {
            let rows = self.query(&format!("SELECT * FROM {table} WHERE {condition} {newest}"), &part.pin).await?;
            let times = rows.iter().filter_map(timestamps).flatten().copied().collect();
            return Ok(Found { rows, times: Some(times) });
        }
        let sql = format!("SELECT event_id, timestamp FROM {table} WHERE {condition} {newest}");
        let mut chosen = Vec::new();
        for batch in self.query(&sql, &part.pin).await? {
            let ids = batch.column(0).as_primitive::<UInt64Type>().values().to_vec();
            let times = batch.column(1).as_primitive::<TimestampNanosecondType>().values().to_vec();
            chosen.extend(times.into_iter().zip(ids));
        }
        let mut rows = Vec::new();
        for chunk in chosen.chunks(SEARCH_CHUNK_ROWS) {
            let times = chunk.iter().map(|(time, _)| *time);
            let (least, greatest) = times.fold((i64::MAX, i64::MIN), |(a, b), time| (a.min(time), b.max(time)));
            let ids: Vec<String> = chunk.iter().map(|(_, id)| id.to_string()).collect();
            let mut sql = format!(
                "SELECT * FROM {table} WHERE {} AND event_id IN ({})",
                self.range(least, greatest.saturating_add(1)),
                ids.join(",")
            );
            if part.granules <= NARROW {
                sql = format!("{sql} AND {}", self.condition);
            }
            rows.extend(self.query(&sql, &part.pin).await?);
        }
        Ok(Found { rows, times: Some(chosen.into_iter().map(|(time, _)| time).collect()) })
    }

    /// Sends the rows that nothing in the files left can precede; answers the others.
    async fn send_rows(
        &mut self,
        rows: Option<RecordBatch>,
        newest_left: Option<i64>,
    ) -> Result<Option<RecordBatch>, Stop> {
        let Some(rows) = rows else { return Ok(None) };
        let ready = match newest_left {
            None => rows.num_rows(),
            Some(newest) => {
                timestamps(&rows).map_or(0, |times| times.iter().take_while(|time| **time > newest).count())
            }
        };
        if ready > 0 {
            self.sent += ready;
            self.send(SearchEvent::Rows(rows.slice(0, ready))).await?;
        }
        Ok((ready < rows.num_rows()).then(|| rows.slice(ready, rows.num_rows() - ready)))
    }

    fn bar_width(&self, pin: &Pin) -> i64 {
        let times = pin.files.iter().map(|file| (file.meta.min_timestamp, file.meta.max_timestamp));
        let times = times.chain(pin.memory.iter().map(|batch| batch.times));
        let (least, greatest) = times.fold((i64::MAX, i64::MIN), |(a, b), (c, d)| (a.min(c), b.max(d)));
        let from = self.request.from.max(least);
        let to = self.request.to.min(greatest.saturating_add(1));
        let span = to.saturating_sub(from).max(1);
        nice_width(span / (self.request.histogram_buckets.max(1) as i64))
    }

    async fn count(&mut self, part: &Pin) -> Result<(), QueryError> {
        let sql = format!(
            "SELECT date_bin(INTERVAL '{} nanoseconds', timestamp) AS bar, count(*) AS n \
             FROM {} WHERE {} AND {} GROUP BY bar",
            self.width,
            self.request.table.name(),
            self.range(self.request.from, self.request.to),
            self.condition
        );
        for batch in self.query(&sql, part).await? {
            let bars = batch.column(0).as_primitive::<TimestampNanosecondType>();
            let counts = batch.column(1).as_primitive::<Int64Type>();
            for (bar, count) in bars.values().iter().zip(counts.values()) {
                *self.bars.entry(*bar).or_default() += *count as u64;
            }
        }
        Ok(())
    }

    async fn send_histogram(&self, complete: bool) -> Result<(), Stop> {
        let buckets = self.bars.iter().map(|(bar, count)| (*bar, *count)).collect();
        self.send(SearchEvent::Histogram { width: self.width, buckets, complete }).await
    }
}

fn timestamps(rows: &RecordBatch) -> Option<&[i64]> {
    let times = rows.column_by_name(name::TIMESTAMP)?.as_primitive_opt::<TimestampNanosecondType>()?;
    Some(times.values())
}

fn newest_first(batches: &[RecordBatch], limit: usize) -> Result<Option<RecordBatch>, QueryError> {
    let internal = |error: arrow_schema::ArrowError| QueryError::Internal(error.to_string());
    let Some(first) = batches.first() else { return Ok(None) };
    let all = arrow_select::concat::concat_batches(&first.schema(), batches).map_err(internal)?;
    let times = timestamps(&all).unwrap_or_default();
    let ids = all.column(0).as_primitive::<UInt64Type>().values();
    let mut order: Vec<u32> = (0..all.num_rows() as u32).collect();
    order.sort_unstable_by_key(|row| std::cmp::Reverse((times[*row as usize], ids[*row as usize])));
    order.truncate(limit);
    let order = arrow_array::UInt32Array::from(order);
    let sorted = arrow_select::take::take_record_batch(&all, &order).map_err(internal)?;
    Ok((sorted.num_rows() > 0).then_some(sorted))
}

/// The next width that people can read.
fn nice_width(least: i64) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    const STEPS: [i64; 20] = [
        SECOND / 1000,
        SECOND / 100,
        SECOND / 10,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        60 * SECOND,
        120 * SECOND,
        300 * SECOND,
        600 * SECOND,
        1800 * SECOND,
        3600 * SECOND,
        3 * 3600 * SECOND,
        6 * 3600 * SECOND,
        12 * 3600 * SECOND,
        86_400 * SECOND,
        7 * 86_400 * SECOND,
    ];
    STEPS.into_iter().find(|step| *step >= least).unwrap_or(30 * 86_400 * SECOND)
}
