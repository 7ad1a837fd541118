//! What is computed of a table is computed where it is scanned, also where some of it is in memory.

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, make_with_child};
use datafusion::physical_plan::union::UnionExec;
use std::sync::Arc;

/// DataFusion takes a projection below a union only where fewer columns are left. An attribute is read from a column of its
/// own where files are scanned; above the union the whole object would be made of all columns, for each row.
#[derive(Debug)]
pub struct ThroughUnions;

impl PhysicalOptimizerRule for ThroughUnions {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| Ok(below(&plan)?.map_or_else(|| Transformed::no(plan), Transformed::yes))).data()
    }

    fn name(&self) -> &'static str {
        "through_unions"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A projection of a union as a union of what each of its inputs makes of the projection; nothing where one makes nothing.
fn below(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(projection) = plan.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let Some(union) = projection.input().downcast_ref::<UnionExec>() else { return Ok(None) };
    let mut inputs = Vec::new();
    for input in union.inputs() {
        let above = make_with_child(projection, input)?;
        let Some(above) = above.downcast_ref::<ProjectionExec>() else { return Ok(None) };
        let Some(within) = input.try_swapping_with_projection(above)? else { return Ok(None) };
        inputs.push(within);
    }
    UnionExec::try_new(inputs).map(Some)
}
