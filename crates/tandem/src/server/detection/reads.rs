//! Which streams the rules read: for the report of what is kept and read by nobody.
//!
//! An operational rule reads the rows that its search finds; whether a stream has such rows is asked of a day. A rule over
//! events reads what is in its log sources; whether a stream has such events is looked up in its latest ones. Rules that look at
//! every row whatever is in it, such as those about how much comes in, are left out: they read everything, and would
//! miss nothing of it. Which rows a statement in SQL looks at cannot be told from outside; whose tables it names is said.
//!
//! Where a day has millions of rows, all that takes a while. Then it goes on beside whoever asked, on threads that
//! give way to people's questions, and is kept for the next.

use super::rules::RuleSet;
use crate::limits::{LOOK_TIMEOUT, MAX_HOMES, READ_MATCHES, READ_ROUNDS, READ_ROWS, READ_SPAN, READ_STREAMS};
use crate::limits::{READS_LAST, SLOW_READS};
use anyhow::Result;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use detect::engine::{Compiled, Input};
use detect::event::PlainEvent;
use detect::ops::{OpsRule, Reads};
use detect::rule::LogSource;
use futures::StreamExt as _;
use know::inventory::{RulesRead, Statement, StreamKey, StreamSeen};
use model::columns::name;
use model::{Datasets, Nanos, Table};
use query::ast::{Expr, Leaf, Test};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::{SearchEvent, SearchRequest, View};

/// What rules over events look at.
const EVENTS: [Table; 2] = [Table::Logs, Table::Spans];

/// Looks at what rules read: one at a time, and what took long is kept.
#[derive(Default)]
pub struct Looks {
    turn: tokio::sync::Mutex<()>,
    kept: Mutex<HashMap<(u32, Datasets), Looked>>,
}

/// What the rules were found to read.
struct Looked {
    at: Instant,
    set: Arc<RuleSet>,
    read: RulesRead,
}

/// Of what a look is, and for whom.
#[derive(Clone)]
pub struct Look {
    /// Those who see the same datasets, and ask for streams unread for as many days, share an answer.
    pub key: (u32, Datasets),
    /// What they see.
    pub view: View,
    /// The rules.
    pub set: Arc<RuleSet>,
    /// The streams in question.
    pub streams: Vec<StreamSeen>,
    /// When it is.
    pub now: Nanos,
}

impl Looks {
    /// What the rules read; what took long may be [`READS_LAST`] old. After so much patience what was found before, or
    /// nothing: the look goes on, and who asks next has its answer.
    pub async fn recent(self: &Arc<Self>, look: Look, patience: Duration) -> Result<Option<RulesRead>> {
        if let Some(read) = self.known(&look, Some(READS_LAST)) {
            return Ok(Some(read));
        }
        let (looks, one) = (self.clone(), look.clone());
        let looking = tokio::spawn(async move {
            let _turn = looks.turn.lock().await;
            if let Some(read) = looks.known(&one, Some(READS_LAST)) {
                return Ok(read);
            }
            let at = Instant::now();
            let read = reads(&one).await?;
            if at.elapsed() >= SLOW_READS {
                looks.keep(&one, &read);
            }
            Ok(read)
        });
        match tokio::time::timeout(patience, looking).await {
            Ok(read) => read?.map(Some),
            Err(_) => Ok(self.known(&look, None)),
        }
    }

    fn known(&self, look: &Look, age: Option<Duration>) -> Option<RulesRead> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.get(&look.key).filter(|known| Arc::ptr_eq(&known.set, &look.set))?;
        age.is_none_or(|age| known.at.elapsed() < age).then(|| known.read.clone())
    }

    fn keep(&self, look: &Look, read: &RulesRead) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_HOMES {
            kept.clear();
        }
        kept.insert(look.key.clone(), Looked { at: Instant::now(), set: look.set.clone(), read: read.clone() });
    }
}

/// Which of these streams the rules read, as far as somebody may see them.
async fn reads(look: &Look) -> Result<RulesRead> {
    let Look { view, set, streams, now, .. } = look;
    let view = &view.in_background();
    let mut read = RulesRead { statements: statements(set), ..RulesRead::default() };
    if streams.is_empty() {
        return Ok(read);
    }
    for rule in &set.operational {
        let reads = rule.reads();
        if reads.indifferent {
            continue;
        }
        for (table, search) in &reads.searches {
            let dataset = reads.dataset.as_deref().map(|dataset| is(name::DATASET, dataset));
            let search = Expr::And(std::iter::once(search.clone()).chain(dataset).collect());
            match found_by(view, *table, &search, *now).await {
                Ok(found) => {
                    for stream in found {
                        read.streams.entry(stream).or_default().insert(rule.meta.id.clone());
                    }
                }
                Err(error) => {
                    tracing::warn!(rule = rule.meta.id, %error, "nobody knows which streams this rule reads");
                    read.statements.push(of_tables(rule, &reads));
                    break;
                }
            }
        }
    }
    for stream in streams.iter().take(READ_STREAMS) {
        let key = (stream.dataset.clone(), stream.service.clone());
        for table in EVENTS.iter().filter(|table| stream.tables.iter().any(|of| of == table.name())) {
            let rows = newest(view, *table, of_stream(&key), i64::MIN, *now, READ_ROWS).await?;
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
    statements.map(|(rule, reads)| of_tables(rule, &reads)).collect()
}

/// A rule of which only the tables are known.
fn of_tables(rule: &OpsRule, reads: &Reads) -> Statement {
    Statement {
        rule: rule.meta.id.clone(),
        tables: reads.tables.iter().map(|table| table.name().to_owned()).collect(),
        dataset: reads.dataset.clone(),
    }
}

/// The streams in which a search finds something within a day. Where it finds much, what it found is left out of the next
/// question, so that a stream with a row a minute is seen beside one with thousands a second.
async fn found_by(view: &View, table: Table, search: &Expr, now: Nanos) -> Result<BTreeSet<StreamKey>> {
    let mut found = BTreeSet::new();
    for _ in 0..READ_ROUNDS {
        let others = found.iter().map(|stream| Expr::Not(Box::new(of_stream(stream))));
        let filter = Expr::And(std::iter::once(search.clone()).chain(others).collect());
        let rows = newest(view, table, filter, now - READ_SPAN, now, READ_MATCHES).await?;
        let count: usize = rows.iter().map(RecordBatch::num_rows).sum();
        rows.iter().for_each(|rows| found.extend(streams_of(rows)));
        if count < READ_MATCHES {
            break;
        }
    }
    Ok(found)
}

/// The newest rows that a filter finds.
async fn newest(
    view: &View,
    table: Table,
    filter: Expr,
    from: Nanos,
    now: Nanos,
    limit: usize,
) -> Result<Vec<RecordBatch>> {
    let mut answer =
        view.search(SearchRequest { table, filter, from, to: i64::MAX, limit, histogram_buckets: 0, now })?;
    let all = async {
        let mut rows = Vec::new();
        while let Some(event) = answer.next().await {
            if let SearchEvent::Rows(batch) = event? {
                rows.push(batch);
            }
        }
        Ok(rows)
    };
    tokio::time::timeout(LOOK_TIMEOUT, all).await?
}

/// The streams that rows are of.
fn streams_of(rows: &RecordBatch) -> BTreeSet<StreamKey> {
    let column = |name| rows.column_by_name(name).and_then(|column| column.as_string_view_opt());
    let (datasets, services) = (column(name::DATASET), column(name::SERVICE_NAME));
    let text = |column: Option<&arrow_array::StringViewArray>, row| {
        column.filter(|texts| texts.is_valid(row)).map_or("", |texts| texts.value(row)).to_owned()
    };
    (0..rows.num_rows()).map(|row| (text(datasets, row), text(services, row))).collect()
}

/// That a row is of a stream.
fn of_stream((dataset, service): &StreamKey) -> Expr {
    let named = match service.as_str() {
        "" => {
            let present = Leaf { field: Some(name::SERVICE_NAME.to_owned()), test: Test::Present, span: 0..0 };
            Expr::Or(vec![is(name::SERVICE_NAME, ""), Expr::Not(Box::new(Expr::Leaf(present)))])
        }
        service => is(name::SERVICE_NAME, service),
    };
    Expr::And(vec![is(name::DATASET, dataset), named])
}

/// That a field is a text.
fn is(field: &str, text: &str) -> Expr {
    Expr::Leaf(Leaf { field: Some(field.to_owned()), test: Test::Is(text.to_owned()), span: 0..0 })
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
