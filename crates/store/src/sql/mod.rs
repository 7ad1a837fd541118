//! Queries: DataFusion over pinned tables, on threads of their own, bounded in memory and time.

pub mod adapter;
pub mod functions;
pub mod memory_scan;
pub mod needs;
pub mod planner;
pub mod small;
pub mod table;
pub mod threads;
pub mod unions;
pub mod yielding;

use crate::config::Config;
use crate::error::QueryError;
use crate::limits::{MAX_SQL_BYTES, MAX_SQL_OPERATORS};
use crate::segment::reader::{Footers, ReadBytes};
use crate::state::{Pin, Shared};
use crate::view::Sight;
use anyhow::Result;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::catalog::{CatalogProvider as _, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider as _};
use datafusion::catalog::{CatalogProviderList as _, MemoryCatalogProviderList};
use datafusion::common::{DFSchema, Result as DataFusionResult, plan_err};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::{SQLOptions, SessionContext, SessionState};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use futures::{Stream, StreamExt as _};
use model::{Datasets, Table};
use needs::Need;
use small::SmallTable;
use std::pin::Pin as StdPin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;
use threads::{Pace, Threads};
use tokio::sync::{Notify, mpsc};

/// Rows of a batch on its way through a query.
const BATCH_ROWS: usize = 8192;

/// More parts than cores, because row groups are few and a core that is done takes another part.
const PARTITIONS_PER_CORE: usize = 2;

/// Functions whose results grow without bound from small arguments, outside of what the memory limit sees.
const UNBOUNDED: [&str; 9] =
    ["arrow_cast", "repeat", "lpad", "rpad", "array_repeat", "array_resize", "range", "generate_series", "gen_series"];

/// How the optimizer begins the name of an attribute that it moves to the scan.
const MOVED_ATTRIBUTE: &str = "__datafusion_extracted";

/// Bounds of one query; `None` takes the store's.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueryLimits {
    /// Time.
    pub timeout: Option<Duration>,
    /// Rows of the answer; the query ends after them.
    pub rows: Option<usize>,
}

/// An answer on its way. Dropping it stops the work.
pub struct SqlResult {
    /// Columns of the answer.
    pub schema: SchemaRef,
    read: Option<ReadBytes>,
    receiver: mpsc::Receiver<Result<RecordBatch, QueryError>>,
    task: tokio::task::JoinHandle<()>,
}

impl Stream for SqlResult {
    type Item = Result<RecordBatch, QueryError>;

    fn poll_next(mut self: StdPin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(context)
    }
}

impl Drop for SqlResult {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SqlResult {
    /// Bytes that were read so far. Not told within some datasets: what others' rows cost would tell of them.
    pub fn read_bytes(&self) -> Option<u64> {
        self.read.as_ref().map(|read| read.load(Ordering::Relaxed))
    }

    /// All batches.
    pub async fn collect(mut self) -> Result<Vec<RecordBatch>, QueryError> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        Ok(batches)
    }
}

/// What runs queries.
pub struct Engine {
    state: SessionState,
    timeout: Duration,
    threads: Threads,
    footers: Arc<Footers>,
    /// Tables that something else keeps.
    small: RwLock<Vec<Arc<dyn SmallTable>>>,
    /// Woken when a query fails: it may have met a damaged file.
    failed: Arc<Notify>,
}

impl Engine {
    /// An engine for this machine's cores.
    pub fn new(config: &Config, failed: Arc<Notify>) -> Result<Engine> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let memory = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(GreedyMemoryPool::new(config.query_memory_bytes)))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
            .build_arc()?;
        let session = SessionConfig::new()
            .with_target_partitions(cores * PARTITIONS_PER_CORE)
            .with_batch_size(BATCH_ROWS)
            .with_information_schema(true)
            .with_default_catalog_and_schema("tandem", "public")
            .with_create_default_catalog_and_schema(false);
        let mut builder =
            SessionStateBuilder::new().with_config(session).with_runtime_env(memory).with_default_features();
        builder = builder
            .with_physical_optimizer_rule(Arc::new(unions::ThroughUnions))
            .with_physical_optimizer_rule(Arc::new(yielding::YieldingJoins));
        let planners = builder.expr_planners().get_or_insert_default();
        planners.insert(0, Arc::new(planner::AttributePlanner));
        let scalars = builder.scalar_functions().get_or_insert_default();
        scalars.retain(|function| !UNBOUNDED.contains(&function.name()));
        scalars.extend(functions::Kind::ALL.map(|kind| Arc::new(functions::TextFunction::udf(kind))));
        Ok(Engine {
            state: builder.build(),
            timeout: config.query_timeout,
            threads: Threads::start(cores)?,
            footers: Arc::default(),
            small: RwLock::default(),
            failed,
        })
    }

    /// Lets statements ask another table.
    pub fn add(&self, table: Arc<dyn SmallTable>) {
        self.small.write().unwrap_or_else(PoisonError::into_inner).push(table);
    }

    /// A session that sees these tables.
    fn session(
        &self,
        tables: Vec<(Table, Pin)>,
        sight: &Sight,
        read: &ReadBytes,
    ) -> Result<SessionContext, QueryError> {
        let schema = MemorySchemaProvider::new();
        for (table, pin) in tables {
            let (datasets, footers) = (sight.datasets.clone(), self.footers.clone());
            let events = table::EventTable::new(table, pin, datasets, footers, read.clone());
            schema.register_table(table.name().to_owned(), Arc::new(events))?;
        }
        let mut small = self.small.read().unwrap_or_else(PoisonError::into_inner).clone();
        small.retain(|table| !sight.hidden.contains(&table.name()));
        for table in &small {
            schema.register_table(
                table.name().to_owned(),
                Arc::new(small::AsOf::now(table.clone(), sight.datasets.clone())),
            )?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema("public", Arc::new(schema))?;
        let catalogs = MemoryCatalogProviderList::new();
        catalogs.register_catalog("tandem".to_owned(), Arc::new(catalog));
        let state =
            SessionStateBuilder::new_from_existing(self.state.clone()).with_catalog_list(Arc::new(catalogs)).build();
        let context = SessionContext::new_with_state(state);
        for table in small {
            context.register_udtf(
                &format!("{}_at", table.name()),
                Arc::new(small::AtFunction(table, sight.datasets.clone())),
            );
        }
        Ok(context)
    }

    /// What a condition on a table needs of a granule.
    pub fn need(&self, table: Table, condition: &str) -> Result<Need, QueryError> {
        let schema = DFSchema::try_from(table.logical_schema().as_ref().clone())?;
        let expr = self.state.create_logical_expr(condition, &schema)?;
        Ok(needs::of_filters(table, &[expr]))
    }

    /// Plans and starts a read-only statement within somebody's sight.
    pub async fn run(
        &self,
        sql: &str,
        tables: Vec<(Table, Pin)>,
        sight: &Sight,
        pace: Pace,
        limits: QueryLimits,
    ) -> Result<SqlResult, QueryError> {
        if sql.len() > MAX_SQL_BYTES {
            return Err(QueryError::Invalid(format!("the statement is longer than {MAX_SQL_BYTES} bytes")));
        }
        bounded(sql)?;
        let read = ReadBytes::default();
        let context = self.session(tables, sight, &read)?;
        let timeout = limits.timeout.unwrap_or(self.timeout).min(self.timeout);
        let (sql, whole) = (sql.to_owned(), sight.datasets == Datasets::All);
        let Some(runtime) = self.threads.of(pace) else { return Err(QueryError::Internal("no threads".to_owned())) };
        let planned = runtime.spawn(async move {
            let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
            let frame = context.sql_with_options(&sql, options).await?;
            let explained = matches!(frame.logical_plan(), LogicalPlan::Explain(_) | LogicalPlan::Analyze(_));
            if explained && !whole {
                // What is pruned and counted there tells of rows that may not be seen.
                return plan_err!("EXPLAIN is for those who may see every dataset");
            }
            let frame = match limits.rows {
                Some(rows) if !explained => frame.limit(0, Some(rows))?,
                _ => frame,
            };
            let (state, plan) = frame.into_parts();
            let task = state.task_ctx();
            execute_stream(physical(state, &plan).await?, task)
        });
        let guard = AbortOnDrop(planned);
        let mut stream = match tokio::time::timeout(timeout, guard).await {
            Err(_) => return Err(QueryError::Timeout(timeout)),
            Ok(Err(error)) => return Err(QueryError::Internal(error.to_string())),
            Ok(Ok(stream)) => stream?,
        };
        let schema = stream.schema();
        let (sender, receiver) = mpsc::channel(2);
        let woken = self.failed.clone();
        let task = runtime.spawn(async move {
            let deadline = tokio::time::Instant::now() + timeout;
            loop {
                let item = match tokio::time::timeout_at(deadline, stream.next()).await {
                    Err(_) => Some(Err(QueryError::Timeout(timeout))),
                    Ok(item) => item.map(|batch| batch.map_err(QueryError::from)),
                };
                let Some(item) = item else { return };
                let failed = item.is_err();
                if failed {
                    woken.notify_one();
                }
                // Whoever stops reading holds what others need.
                let sent = tokio::time::timeout_at(deadline, sender.send(item)).await;
                if !matches!(sent, Ok(Ok(()))) || failed {
                    return;
                }
            }
        });
        Ok(SqlResult { schema, read: (sight.datasets == Datasets::All).then_some(read), receiver, task })
    }
}

/// What is executed for a plan.
async fn physical(mut state: SessionState, plan: &LogicalPlan) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
    match state.create_physical_plan(plan).await {
        // Attributes are read where tables are scanned. Where a join compares an expression of such an attribute and the
        // table has another name, DataFusion loses the attribute on that way; so it stays where it is used.
        Err(error) if error.to_string().contains(MOVED_ATTRIBUTE) => {
            state.config_mut().options_mut().optimizer.enable_leaf_expression_pushdown = false;
            state.create_physical_plan(plan).await
        }
        planned => planned,
    }
}

/// Long chains of operators become deep trees, and walking those takes stack.
fn bounded(sql: &str) -> Result<(), QueryError> {
    let dialect = GenericDialect {};
    let Ok(tokens) = Tokenizer::new(&dialect, sql).tokenize() else { return Ok(()) };
    let is_operator = |token: &Token| match token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::UNION),
        Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_) => false,
        Token::Period | Token::LParen | Token::RParen | Token::LBracket | Token::RBracket => false,
        _ => true,
    };
    match tokens.iter().filter(|token| is_operator(token)).count() {
        count if count > MAX_SQL_OPERATORS => Err(QueryError::Invalid(format!(
            "the statement has {count} operators, more than {MAX_SQL_OPERATORS}: use IN for a list of values"
        ))),
        _ => Ok(()),
    }
}

/// A task that ends with its handle.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: StdPin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        StdPin::new(&mut self.0).poll(context)
    }
}

impl crate::store::Store {
    /// Lets SQL ask a table that something else keeps, by its name and by its name with `_at` as of two times.
    pub fn add_table(&self, table: Arc<dyn SmallTable>) {
        self.parts.engine.add(table);
    }

    /// Every table as it is now.
    pub(crate) fn pins(&self) -> Vec<(Table, Pin)> {
        let shared: &Shared = &self.parts.shared;
        Table::ALL.into_iter().map(|table| (table, shared.pin(table))).collect()
    }
}
