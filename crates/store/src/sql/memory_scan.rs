//! A scan of the memory table that evaluates what is pushed into it against the stored columns.

use super::adapter::Adapter;
use crate::memory::MemoryBatch;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_schema::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_expr_adapter::PhysicalExprAdapter as _;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::StreamExt as _;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Batches that go, one by one, as they are read: a query that runs on must not hold rows that were flushed meanwhile.
type Slots = Arc<Vec<Mutex<Option<Arc<MemoryBatch>>>>>;

/// Reads memory batches.
#[derive(Debug, Clone)]
pub struct MemoryScan {
    logical: SchemaRef,
    batches: Slots,
    /// Part of a recursion, which reads it again and again.
    again: bool,
    projection: ProjectionExprs,
    /// One after the other, each on what those before it left.
    predicates: Vec<Arc<dyn PhysicalExpr>>,
    properties: Arc<PlanProperties>,
}

impl MemoryScan {
    /// A scan of logical columns, filtered by predicates over all of them, one after the other.
    pub fn new(
        logical: &SchemaRef,
        batches: Vec<Arc<MemoryBatch>>,
        columns: Option<&Vec<usize>>,
        predicates: Vec<Arc<dyn PhysicalExpr>>,
        partitions: usize,
    ) -> Result<Self> {
        let all: Vec<usize> = (0..logical.fields().len()).collect();
        let projection = ProjectionExprs::from_indices(columns.unwrap_or(&all), logical);
        let partitions = partitions.clamp(1, batches.len().max(1));
        let properties = properties(logical, &projection, partitions)?;
        let batches = batches.into_iter().map(|batch| Mutex::new(Some(batch))).collect();
        Ok(Self {
            logical: logical.clone(),
            batches: Arc::new(batches),
            again: false,
            projection,
            predicates,
            properties,
        })
    }

    fn partitions(&self) -> usize {
        self.properties.output_partitioning().partition_count()
    }

    fn read(&self, index: usize) -> Result<RecordBatch> {
        let mut slot = self.batches[index].lock().unwrap_or_else(PoisonError::into_inner);
        let batch = if self.again { slot.clone() } else { slot.take() };
        drop(slot);
        match batch {
            Some(batch) => self.evaluate(&batch.rows),
            // A nested loop join that may spill to disk would read its input again; ours may not.
            None => internal_err!("memory was read twice"),
        }
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let adapter = Adapter { logical: self.logical.clone(), stored: batch.schema() };
        let mut batch = batch.clone();
        for predicate in &self.predicates {
            let mask = adapter.rewrite(predicate.clone())?.evaluate(&batch)?.into_array(batch.num_rows())?;
            batch = datafusion::arrow::compute::filter_record_batch(&batch, mask.as_boolean())?;
        }
        let mut columns = Vec::new();
        for projected in self.projection.iter() {
            columns.push(adapter.rewrite(projected.expr.clone())?.evaluate(&batch)?.into_array(batch.num_rows())?);
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema(), columns, &options)?)
    }
}

fn properties(logical: &SchemaRef, projection: &ProjectionExprs, partitions: usize) -> Result<Arc<PlanProperties>> {
    let schema = Arc::new(projection.project_schema(logical)?);
    Ok(Arc::new(PlanProperties::new(
        EquivalenceProperties::new(schema),
        Partitioning::UnknownPartitioning(partitions),
        EmissionType::Incremental,
        Boundedness::Bounded,
    )))
}

impl DisplayAs for MemoryScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryScan: batches={}", self.batches.len())?;
        self.predicates.iter().try_for_each(|predicate| write!(f, ", predicate={predicate}"))
    }
}

impl ExecutionPlan for MemoryScan {
    fn name(&self) -> &str {
        "MemoryScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let mut recursion = TreeNodeRecursion::Continue;
        for expr in self.projection.iter().map(|projected| &projected.expr).chain(&self.predicates) {
            recursion = recursion.visit_sibling(|| visit(expr))?;
        }
        Ok(recursion)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { exec_err!("MemoryScan has no children") }
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let scan = self.clone();
        let indices = (partition..self.batches.len()).step_by(self.partitions());
        let stream = futures::stream::iter(indices)
            .map(move |index| scan.read(index))
            .filter(|result| std::future::ready(!matches!(result, Ok(batch) if batch.num_rows() == 0)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }

    /// Takes a projection in, so that attributes are read from their columns and not from a whole object.
    fn try_swapping_with_projection(&self, projection: &ProjectionExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let projection = self.projection.try_merge(projection.projection_expr())?;
        let properties = properties(&self.logical, &projection, self.partitions())?;
        Ok(Some(Arc::new(Self { projection, properties, ..self.clone() })))
    }

    /// What is executed more than once is reset before each time, the first included.
    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self { again: true, ..self.as_ref().clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, TimestampNanosecondArray};
    use datafusion::physical_plan::collect;
    use futures::executor::block_on;
    use model::columns::name;

    fn batch() -> Arc<MemoryBatch> {
        let times: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1, 2, 3]).with_timezone("UTC"));
        let rows = RecordBatch::try_from_iter([(name::TIMESTAMP, times)]).unwrap();
        Arc::new(MemoryBatch::new(&rows, 1, 0, 24).unwrap())
    }

    fn scan(batch: Arc<MemoryBatch>) -> Arc<dyn ExecutionPlan> {
        let schema = batch.rows.schema();
        Arc::new(MemoryScan::new(&schema, vec![batch], None, Vec::new(), 1).unwrap())
    }

    fn rows(plan: &Arc<dyn ExecutionPlan>) -> usize {
        let batches = block_on(collect(plan.clone(), Arc::default())).unwrap();
        batches.iter().map(RecordBatch::num_rows).sum()
    }

    #[test]
    fn what_was_read_is_let_go() {
        let batch = batch();
        let weak = Arc::downgrade(&batch);
        let plan = scan(batch);
        assert_eq!(rows(&plan), 3);
        assert!(weak.upgrade().is_none(), "the plan still holds the rows");
        let second = block_on(collect(plan, Arc::default())).unwrap_err();
        assert!(second.to_string().contains("read twice"), "{second}");
    }

    #[test]
    fn a_recursion_reads_again() {
        let plan = scan(batch()).reset_state().unwrap();
        assert_eq!((rows(&plan), rows(&plan)), (3, 3));
        assert_eq!(rows(&plan.clone().reset_state().unwrap()), 3);
    }
}
