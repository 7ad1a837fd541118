//! Tables of small facts that something else keeps, such as the ledger: `entities` as of now, and `entities_at(valid)`
//! or `entities_at(valid, known)` as of two times.

use crate::limits::SMALL_TABLE_BYTES;
use crate::state::now;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue, plan_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use model::Datasets;
use std::fmt::Debug;
use std::sync::Arc;

/// What is asked of a small table.
#[derive(Clone, Debug)]
pub struct SmallScan {
    /// Columns of the answer, by their place in the schema.
    pub columns: Vec<usize>,
    /// Text columns that must have a value; the others may be answered too.
    pub equal: Vec<(usize, String)>,
    /// When it was so, in nanoseconds since 1970.
    pub valid: i64,
    /// As it was known then.
    pub known: i64,
    /// Rows of these datasets alone.
    pub datasets: Datasets,
    /// Rows that are enough.
    pub limit: Option<usize>,
    /// Bytes that an answer may have; beyond them it is an error.
    pub bytes: usize,
}

/// A table that something else keeps. Its columns are text, 64-bit integers and times in nanoseconds.
#[async_trait::async_trait]
pub trait SmallTable: Debug + Send + Sync + 'static {
    /// Its name in SQL.
    fn name(&self) -> &str;
    /// Its columns.
    fn schema(&self) -> SchemaRef;
    /// Its rows.
    async fn scan(&self, scan: SmallScan) -> anyhow::Result<RecordBatch>;
}

/// A small table as of two times.
#[derive(Debug)]
pub struct AsOf {
    table: Arc<dyn SmallTable>,
    valid: i64,
    known: i64,
    datasets: Datasets,
}

impl AsOf {
    /// As it is now, with all that is known.
    pub fn now(table: Arc<dyn SmallTable>, datasets: Datasets) -> Self {
        Self { table, valid: now(), known: i64::MAX, datasets }
    }

    /// The value that a text column must have by a filter.
    fn equality(&self, filter: &Expr) -> Option<(usize, String)> {
        let Expr::BinaryExpr(binary) = filter else { return None };
        let (Operator::Eq, Expr::Column(column), Expr::Literal(value, _)) =
            (binary.op, binary.left.as_ref(), binary.right.as_ref())
        else {
            return None;
        };
        let at = self.table.schema().index_of(&column.name).ok()?;
        let text = value.try_as_str().flatten()?.to_owned();
        self.table.schema().field(at).data_type().is_string().then_some((at, text))
    }
}

#[async_trait::async_trait]
impl TableProvider for AsOf {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let of = |filter: &&Expr| match self.equality(filter) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(of).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.table.schema();
        let columns = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let schema = Arc::new(schema.project(&columns)?);
        let scan = SmallScan {
            columns,
            equal: filters.iter().filter_map(|filter| self.equality(filter)).collect(),
            valid: self.valid,
            known: self.known,
            datasets: self.datasets.clone(),
            limit,
            bytes: SMALL_TABLE_BYTES,
        };
        let part = Arc::new(Part { table: self.table.clone(), schema: schema.clone(), scan });
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![part], None, None, false, limit)?))
    }
}

/// The whole answer, asked for when it is read.
#[derive(Debug)]
struct Part {
    table: Arc<dyn SmallTable>,
    schema: SchemaRef,
    scan: SmallScan,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (table, scan) = (self.table.clone(), self.scan.clone());
        let answer = async move {
            let name = table.name().to_owned();
            table.scan(scan).await.map_err(|error| DataFusionError::Execution(format!("{name}: {error:#}")))
        };
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), futures::stream::once(answer)))
    }
}

/// `entities_at(valid)`, `entities_at(valid, known)`.
#[derive(Debug)]
pub struct AtFunction(pub Arc<dyn SmallTable>, pub Datasets);

impl TableFunctionImpl for AtFunction {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let times = args.exprs().iter().map(|expr| time(args.session(), expr)).collect::<Result<Vec<i64>>>()?;
        let (valid, known) = match times[..] {
            [valid] => (valid, i64::MAX),
            [valid, known] => (valid, known),
            _ => {
                let name = self.0.name();
                return plan_err!("{name}_at takes when it was so and, if wanted, as it was known when: two times");
            }
        };
        Ok(Arc::new(AsOf { table: self.0.clone(), valid, known, datasets: self.1.clone() }))
    }
}

/// A time that is written down: RFC 3339 text, a timestamp, or `now()`.
fn time(session: &dyn Session, expr: &Expr) -> Result<i64> {
    if matches!(expr, Expr::ScalarFunction(call) if call.name() == "now") {
        return Ok(now());
    }
    let empty = DFSchema::empty();
    let value = session.create_physical_expr(expr.clone(), &empty).and_then(|expr| {
        let row = arrow_array::RecordBatchOptions::new().with_row_count(Some(1));
        let row = RecordBatch::try_new_with_options(empty.inner().clone(), Vec::new(), &row)?;
        ScalarValue::try_from_array(expr.evaluate(&row)?.into_array(1)?.as_ref(), 0)
    });
    let utc = DataType::Timestamp(TimeUnit::Nanosecond, Some("+00:00".into()));
    match value.and_then(|value| value.cast_to(&utc)) {
        Ok(ScalarValue::TimestampNanosecond(Some(time), _)) => Ok(time),
        _ => plan_err!("{expr} is no time: write one such as '2026-01-31T10:00:00Z', or now()"),
    }
}
