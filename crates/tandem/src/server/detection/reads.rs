//! Which streams the rules read: for the report of what is kept and read by nobody.
//!
//! An operational rule reads the rows that its search finds; whether a stream has such rows is asked of a day. A rule over
//! events reads what is in its log sources; whether a stream has such events is looked up in its latest ones. Rules that look at
//! every row whatever is in it, such as those about how much comes in, are left out: they read everything, and would
//! miss nothing of it. Which rows a statement in SQL looks at cannot be told from outside; whose tables it names is said.

use super::rules::RuleSet;
use crate::limits::{LOOK_TIMEOUT, MAX_HOMES, READ_ROWS, READ_SPAN, READ_STREAMS, SLOW_READS, SLOW_READS_LAST};
use crate::server::checks::key_of;
use anyhow::Result;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use detect::engine::{Compiled, Input};
use detect::event::PlainEvent;
use detect::rule::LogSource;
use know::inventory::{RulesRead, Statement, StreamSeen};
use model::{Datasets, Nanos, Table};
use query::ast::Query;
use query::sql::literal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;
use store::{QueryLimits, View};
use tokio::sync::Mutex;

/// What rules over events look at.
const EVENTS: [Table; 2] = [Table::Logs, Table::Spans];

/// What was looked up and took long, by the datasets that it was looked up within.
pub type Slow = Mutex<HashMap<String, Looked>>;

/// What the rules were found to read.
pub struct Looked {
    at: Instant,
    set: Arc<RuleSet>,
    read: RulesRead,
}

/// As [`reads`]; what took long may be [`SLOW_READS_LAST`] old. Those who ask at the same time wait for one who looks.
pub async fn recent(
    slow: &Slow,
    within: &Datasets,
    view: &View,
    set: &Arc<RuleSet>,
    streams: &[&StreamSeen],
    now: Nanos,
) -> Result<RulesRead> {
    let name = key_of(within);
    let mut slow = slow.lock().await;
    if let Some(known) =
        slow.get(&name).filter(|known| Arc::ptr_eq(&known.set, set) && known.at.elapsed() < SLOW_READS_LAST)
    {
        return Ok(known.read.clone());
    }
    let at = Instant::now();
    let read = reads(view, set, streams, now).await?;
    if at.elapsed() >= SLOW_READS {
        if slow.len() >= MAX_HOMES {
            slow.clear();
        }
        slow.insert(name, Looked { at: Instant::now(), set: set.clone(), read: read.clone() });
    }
    Ok(read)
}

/// Which of these streams the rules read, as far as somebody may see them.
pub async fn reads(view: &View, set: &Arc<RuleSet>, streams: &[&StreamSeen], now: Nanos) -> Result<RulesRead> {
    let mut read = RulesRead { statements: statements(set), ..RulesRead::default() };
    for table in Table::ALL {
        found_by(view, set, table, now, &mut read).await?;
    }
    for stream in streams.iter().take(READ_STREAMS) {
        let key = (stream.dataset.clone(), stream.service.clone());
        for table in EVENTS.iter().filter(|table| stream.tables.iter().any(|of| of == table.name())) {
            let rows = latest(view, *table, stream).await?;
            let set = set.clone();
            let rules = tokio::task::spawn_blocking(move || sources_of(&set, &rows)).await?;
            read.streams.entry(key.clone()).or_default().extend(rules);
        }
    }
    read.not_looked_at = streams.len().saturating_sub(READ_STREAMS);
    Ok(read)
}

/// Rules that are statements in SQL, and the tables that they name.
fn statements(set: &RuleSet) -> Vec<Statement> {
    let all = set.operational.iter().map(|rule| (rule, rule.reads()));
    let statements = all.filter(|(_, reads)| reads.searches.is_empty() && !reads.tables.is_empty());
    let statement = |(rule, reads): (&detect::ops::OpsRule, detect::ops::Reads)| Statement {
        rule: rule.meta.id.clone(),
        tables: reads.tables.iter().map(|table| table.name().to_owned()).collect(),
        dataset: reads.dataset,
    };
    statements.map(statement).collect()
}

/// The streams in which searches of operational rules found something within a day.
async fn found_by(view: &View, set: &RuleSet, table: Table, now: Nanos, read: &mut RulesRead) -> Result<()> {
    let mut rules: Vec<(&str, String)> = Vec::new();
    for rule in &set.operational {
        let reads = rule.reads();
        if reads.indifferent {
            continue;
        }
        for (_, search) in reads.searches.iter().filter(|(of, _)| *of == table) {
            let query = Query { filter: search.clone(), pipes: Vec::new() };
            let Ok(mut condition) = query.where_sql(table, now) else { continue };
            if let Some(dataset) = &reads.dataset {
                condition = format!("{condition} AND dataset = {}", literal(dataset));
            }
            rules.push((&rule.meta.id, format!("({condition})")));
        }
    }
    if rules.is_empty() {
        return Ok(());
    }
    let each: Vec<String> =
        rules.iter().enumerate().map(|(at, (_, condition))| format!("bool_or({condition}) AS r{at}")).collect();
    let any: Vec<&str> = rules.iter().map(|(_, condition)| condition.as_str()).collect();
    let sql = format!(
        "SELECT dataset, service_name, {} FROM {} WHERE timestamp >= to_timestamp_nanos({}) AND ({}) GROUP BY 1, 2",
        each.join(", "),
        table.name(),
        now - READ_SPAN,
        any.join(" OR ")
    );
    for batch in view.sql(&sql, limits()).await?.collect().await? {
        for row in 0..batch.num_rows() {
            let text = |column: usize| {
                let texts = batch.column(column).as_string_view_opt().filter(|texts| texts.is_valid(row));
                texts.map_or("", |texts| texts.value(row)).to_owned()
            };
            let holds = |at: usize| {
                let column = batch.column(at + 2).as_boolean_opt();
                column.is_some_and(|column| column.is_valid(row) && column.value(row))
            };
            let found = rules.iter().enumerate().filter(|(at, _)| holds(*at)).map(|(_, (rule, _))| (*rule).to_owned());
            read.streams.entry((text(0), text(1))).or_default().extend(found);
        }
    }
    Ok(())
}

fn limits() -> QueryLimits {
    QueryLimits { rows: None, timeout: Some(LOOK_TIMEOUT) }
}

/// The latest rows of a stream.
async fn latest(view: &View, table: Table, stream: &StreamSeen) -> Result<Vec<RecordBatch>> {
    let service = match stream.service.as_str() {
        "" => "(service_name IS NULL OR service_name = '')".to_owned(),
        service => format!("service_name = {}", literal(service)),
    };
    let sql = format!(
        "SELECT * FROM {} WHERE dataset = {} AND {service} ORDER BY timestamp DESC LIMIT {READ_ROWS}",
        table.name(),
        literal(&stream.dataset)
    );
    Ok(view.sql(&sql, limits()).await?.collect().await?)
}

/// The rules over events in whose log sources some of these rows are.
fn sources_of(set: &RuleSet, rows: &[RecordBatch]) -> BTreeSet<String> {
    // Without any rule: it only says what a row is as an event.
    let (reader, _) = Compiled::new(&[], Vec::new());
    let mut classes = BTreeSet::new();
    for batch in rows {
        let rows = reader.rows(batch);
        for row in 0..batch.num_rows() {
            let Ok(fields) = reader.plain(Input::Row(&rows, row)) else { continue };
            classes.extend(set.sources.of(&PlainEvent { fields, ..PlainEvent::default() }));
        }
    }
    let classes: Vec<usize> = classes.into_iter().collect();
    let mut by_source: BTreeMap<&LogSource, bool> = BTreeMap::new();
    let particular = set.rules.iter().filter(|rule| rule.source != LogSource::default());
    let reading = particular
        .filter(|rule| *by_source.entry(&rule.source).or_insert_with(|| set.sources.is_for(&rule.source, &classes)));
    reading.map(|rule| rule.meta.id.clone()).collect()
}
