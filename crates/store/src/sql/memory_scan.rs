//! A scan of the memory table that evaluates what is pushed into it against the stored columns.

use super::adapter::Adapter;
use crate::memory::MemoryBatch;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_schema::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, exec_err};
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
use std::sync::Arc;

/// Reads memory batches.
#[derive(Debug, Clone)]
pub struct MemoryScan {
    logical: SchemaRef,
    batches: Arc<Vec<Arc<MemoryBatch>>>,
    projection: ProjectionExprs,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    properties: Arc<PlanProperties>,
}

impl MemoryScan {
    /// A scan of logical columns, filtered by a predicate over all of them.
    pub fn new(
        logical: &SchemaRef,
        batches: Vec<Arc<MemoryBatch>>,
        columns: Option<&Vec<usize>>,
        predicate: Option<Arc<dyn PhysicalExpr>>,
        partitions: usize,
    ) -> Result<Self> {
        let all: Vec<usize> = (0..logical.fields().len()).collect();
        let projection = ProjectionExprs::from_indices(columns.unwrap_or(&all), logical);
        let partitions = partitions.clamp(1, batches.len().max(1));
        Self::with(logical.clone(), Arc::new(batches), projection, predicate, partitions)
    }

    fn with(
        logical: SchemaRef,
        batches: Arc<Vec<Arc<MemoryBatch>>>,
        projection: ProjectionExprs,
        predicate: Option<Arc<dyn PhysicalExpr>>,
        partitions: usize,
    ) -> Result<Self> {
        let schema = Arc::new(projection.project_schema(&logical)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self { logical, batches, projection, predicate, properties: Arc::new(properties) })
    }

    fn partitions(&self) -> usize {
        self.properties.output_partitioning().partition_count()
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let adapter = Adapter { logical: self.logical.clone(), stored: batch.schema() };
        let batch = match &self.predicate {
            None => batch.clone(),
            Some(predicate) => {
                let mask = adapter.rewrite(predicate.clone())?.evaluate(batch)?.into_array(batch.num_rows())?;
                datafusion::arrow::compute::filter_record_batch(batch, mask.as_boolean())?
            }
        };
        let mut columns = Vec::new();
        for projected in self.projection.iter() {
            columns.push(adapter.rewrite(projected.expr.clone())?.evaluate(&batch)?.into_array(batch.num_rows())?);
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema(), columns, &options)?)
    }
}

impl DisplayAs for MemoryScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryScan: batches={}", self.batches.len())?;
        match &self.predicate {
            Some(predicate) => write!(f, ", predicate={predicate}"),
            None => Ok(()),
        }
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
        for expr in self.projection.iter().map(|projected| &projected.expr).chain(&self.predicate) {
            recursion = recursion.visit_sibling(|| visit(expr))?;
        }
        Ok(recursion)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { exec_err!("MemoryScan has no children") }
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let scan = self.clone();
        let (batches, step) = (self.batches.clone(), self.partitions());
        let indices = (partition..batches.len()).step_by(step);
        let stream = futures::stream::iter(indices)
            .map(move |index| scan.evaluate(&batches[index].rows))
            .filter(|result| std::future::ready(!matches!(result, Ok(batch) if batch.num_rows() == 0)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }

    /// Takes a projection in, so that attributes are read from their columns and not from a whole object.
    fn try_swapping_with_projection(&self, projection: &ProjectionExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let merged = self.projection.try_merge(projection.projection_expr())?;
        let scan =
            Self::with(self.logical.clone(), self.batches.clone(), merged, self.predicate.clone(), self.partitions())?;
        Ok(Some(Arc::new(scan)))
    }
}
