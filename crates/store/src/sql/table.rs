//! A table of events for DataFusion: files through its own Parquet scan, memory beside them.

use super::adapter::Adapters;
use super::memory_scan::MemoryScan;
use super::needs::{self, Need};
use crate::limits::GRANULE_ROWS;
use crate::segment::Segment;
use crate::segment::reader::{Footers, ReadBytes, SegmentReaders};
use crate::state::Pin;
use arrow_schema::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Result, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, RowGroupAccess};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType, col, lit};
use datafusion::physical_expr::{PhysicalExpr, conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use model::columns::name;
use model::{Datasets, Table};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// One table as one query sees it.
#[derive(Debug)]
pub struct EventTable {
    table: Table,
    schema: SchemaRef,
    pin: Pin,
    datasets: Datasets,
    footers: Arc<Footers>,
    read: ReadBytes,
}

impl EventTable {
    /// The table with what it holds of these datasets at this moment.
    pub fn new(table: Table, pin: Pin, datasets: Datasets, footers: Arc<Footers>, read: ReadBytes) -> Self {
        Self { table, schema: table.logical_schema(), pin, datasets, footers, read }
    }

    /// Files that may hold matching rows, each with what to read of it.
    fn files(&self, need: &Need, times: needs::Times) -> Vec<PartitionedFile> {
        let mut files = Vec::new();
        for segment in self.pin.files.iter() {
            if !times.overlap(segment.meta.min_timestamp, segment.meta.max_timestamp) {
                continue;
            }
            let granules = need.granules(segment);
            if granules.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let mut file = PartitionedFile::new(format!("{}.parquet", segment.meta.stem), segment.meta.bytes)
                .with_extension(segment.clone());
            match granules.filter(|granules| granules.len() < segment.granules() as usize) {
                Some(granules) => file = file.with_extension(access_plan(segment, &granules)),
                None => {
                    let mut statistics = Statistics::new_unknown(&self.schema);
                    statistics.num_rows = Precision::Exact(segment.meta.rows() as usize);
                    file.statistics = Some(Arc::new(statistics));
                }
            }
            files.push(file);
        }
        files
    }

    /// That it may be seen, and what is asked: in this order, so that what is asked is never evaluated on a row that may
    /// not be seen. An error or a cost would tell of it.
    fn visible(&self, filters: &[Expr]) -> Vec<Expr> {
        let names = self.datasets.names().map(|names| names.iter().map(lit).collect());
        let seen = names.map(|names: Vec<Expr>| col(name::DATASET).in_list(names, false));
        seen.into_iter().chain(filters.iter().cloned()).collect()
    }

    fn file_scan(
        &self,
        state: &dyn Session,
        files: Vec<PartitionedFile>,
        projection: Option<&Vec<usize>>,
        predicate: Option<Arc<dyn PhysicalExpr>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let exact = predicate.is_none() && files.iter().all(|file| file.statistics.is_some());
        let rows: usize = files
            .iter()
            .filter_map(|file| file.statistics.as_ref().and_then(|statistics| statistics.num_rows.get_value()))
            .sum();
        let readers = SegmentReaders { footers: self.footers.clone(), read: self.read.clone() };
        let mut source = ParquetSource::new(self.schema.clone())
            .with_parquet_file_reader_factory(Arc::new(readers))
            .with_pushdown_filters(true)
            // Filters keep their order where some rows may not be seen.
            .with_reorder_filters(self.datasets == Datasets::All)
            .with_enable_page_index(false);
        if let Some(predicate) = predicate {
            source = source.with_predicate(predicate);
        }
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = if exact { Precision::Exact(rows) } else { Precision::Absent };
        let groups = balance(files, state.config().target_partitions());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .with_statistics(statistics)
            .with_expr_adapter(Some(Arc::new(Adapters)))
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// Reads only these granules.
fn access_plan(segment: &Segment, granules: &[u32]) -> ParquetAccessPlan {
    let mut wanted: Vec<Vec<u32>> = vec![Vec::new(); segment.meta.row_groups.len()];
    for granule in granules {
        let (group, within) = segment.locate(*granule);
        wanted[group].push(within);
    }
    let groups = wanted.into_iter().zip(&segment.meta.row_groups).map(|(granules, rows)| {
        if granules.is_empty() {
            return RowGroupAccess::Skip;
        }
        let rows = *rows as usize;
        if granules.len() == rows.div_ceil(GRANULE_ROWS) {
            return RowGroupAccess::Scan;
        }
        let mut selectors = Vec::with_capacity(granules.len() * 2 + 1);
        let mut at = 0;
        for granule in granules {
            let start = granule as usize * GRANULE_ROWS;
            let end = (start + GRANULE_ROWS).min(rows);
            if start > at {
                selectors.push(RowSelector::skip(start - at));
            }
            selectors.push(RowSelector::select(end - start));
            at = end;
        }
        if at < rows {
            selectors.push(RowSelector::skip(rows - at));
        }
        RowGroupAccess::Selection(RowSelection::from(selectors))
    });
    ParquetAccessPlan::new(groups.collect())
}

/// Spreads files over partitions by size, biggest first.
fn balance(mut files: Vec<PartitionedFile>, partitions: usize) -> Vec<FileGroup> {
    let count = partitions.clamp(1, files.len().max(1));
    files.sort_by_key(|file| std::cmp::Reverse(file.object_meta.size));
    let mut groups: Vec<(u64, Vec<PartitionedFile>)> = (0..count).map(|_| (0, Vec::new())).collect();
    for file in files {
        if let Some(least) = groups.iter_mut().min_by_key(|group| group.0) {
            least.0 += file.object_meta.size;
            least.1.push(file);
        }
    }
    groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect()
}

#[async_trait::async_trait]
impl TableProvider for EventTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let df_schema = DFSchema::try_from(self.schema.as_ref().clone())?;
        let filters = &self.visible(filters);
        let physical: Vec<Arc<dyn PhysicalExpr>> = filters
            .iter()
            .map(|filter| state.create_physical_expr(filter.clone(), &df_schema))
            .collect::<Result<_>>()?;
        // Lists cannot be tested inside the Parquet scan; those filters run behind it, on all columns.
        let (inside, behind): (Vec<_>, Vec<_>) =
            physical.into_iter().partition(|filter| flat_columns_only(filter, &self.schema));
        let times = needs::times(filters);
        let files = self.files(&needs::of_filters(self.table, filters), times);
        let memory: Vec<_> =
            self.pin.memory.iter().filter(|batch| times.overlap(batch.times.0, batch.times.1)).cloned().collect();
        let (inner_projection, inner_limit) = if behind.is_empty() { (projection, limit) } else { (None, None) };
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        let mut steps = inside.clone();
        let first = if self.datasets == Datasets::All { 0 } else { 1.min(steps.len()) };
        let asked = steps.split_off(first);
        steps.extend((!asked.is_empty()).then(|| conjunction(asked)));
        let predicate = (!inside.is_empty()).then(|| conjunction(inside));
        if !files.is_empty() {
            inputs.push(self.file_scan(state, files, inner_projection, predicate, inner_limit)?);
        }
        if !memory.is_empty() {
            let bytes: usize = memory.iter().map(|batch| batch.bytes).sum();
            self.read.fetch_add(bytes as u64, Ordering::Relaxed);
            let partitions = state.config().target_partitions();
            let scan = MemoryScan::new(&self.schema, memory, inner_projection, steps, partitions)?;
            inputs.push(Arc::new(scan));
        }
        let mut plan: Arc<dyn ExecutionPlan> = match inputs.len() {
            0 => {
                let schema = match inner_projection {
                    Some(columns) => Arc::new(self.schema.project(columns)?),
                    None => self.schema.clone(),
                };
                Arc::new(EmptyExec::new(schema))
            }
            1 => inputs.remove(0),
            _ => UnionExec::try_new(inputs)?,
        };
        if !behind.is_empty() {
            plan = Arc::new(FilterExec::try_new(conjunction(behind), plan)?);
            if let Some(columns) = projection {
                let schema = plan.schema();
                let columns = columns.iter().map(|index| {
                    let name = schema.field(*index).name().clone();
                    let column = datafusion::physical_expr::expressions::Column::new(&name, *index);
                    (Arc::new(column) as Arc<dyn PhysicalExpr>, name)
                });
                plan = Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), plan)?);
            }
        }
        Ok(plan)
    }
}

fn flat_columns_only(filter: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> bool {
    datafusion::physical_expr::utils::collect_columns(filter)
        .iter()
        .all(|column| schema.field_with_name(column.name()).is_ok_and(|field| !field.data_type().is_nested()))
}
