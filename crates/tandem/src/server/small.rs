//! The tables of the ledger as the store's SQL sees them.

use anyhow::{Context as _, Result};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampNanosecondArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use ledger::{AsOf, Cell, ColumnKind, Ledger, Scan, TABLES, Table};
use std::fmt;
use std::sync::Arc;
use store::{SmallScan, SmallTable, Store};
use tokio::runtime::Handle;

/// Lets SQL ask every table of the ledger.
pub fn add(store: &Store, ledger: &Ledger) {
    for table in TABLES {
        store.add_table(Arc::new(LedgerTable { table, ledger: ledger.clone(), runtime: Handle::current() }));
    }
}

struct LedgerTable {
    table: &'static Table,
    ledger: Ledger,
    /// Where the database is asked: the threads that run queries wait for nothing but time.
    runtime: Handle,
}

impl fmt::Debug for LedgerTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LedgerTable").field(&self.table.name).finish()
    }
}

#[async_trait::async_trait]
impl SmallTable for LedgerTable {
    fn name(&self) -> &str {
        self.table.name
    }

    fn schema(&self) -> SchemaRef {
        let field =
            |(name, kind, _): &(&'static str, ColumnKind, &'static str)| Field::new(*name, data_type(*kind), true);
        Arc::new(Schema::new(self.table.columns.iter().map(field).collect::<Vec<_>>()))
    }

    async fn scan(&self, scan: SmallScan) -> Result<RecordBatch> {
        let schema = Arc::new(self.schema().project(&scan.columns)?);
        let SmallScan { columns, mut equal, valid, known, datasets, limit, bytes } = scan;
        // What several sources say is one only after it was read.
        equal.retain(|(at, _)| self.table.columns[*at].1 == ColumnKind::Text);
        let as_of = AsOf::at(valid).known(known).within(datasets);
        let scan = Scan { columns, equal, as_of, limit, bytes };
        let (ledger, table) = (self.ledger.clone(), self.table);
        let rows = self.runtime.spawn(async move { ledger.scan(table, &scan).await });
        let rows = rows.await.context("the ledger stopped")??;
        let columns = schema.fields().iter().enumerate().map(|(at, field)| column(field.data_type(), &rows, at));
        let count = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(schema.clone(), columns.collect(), &count)?)
    }
}

fn data_type(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Number => DataType::Int64,
        ColumnKind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("+00:00".into())),
        ColumnKind::Text | ColumnKind::Merged => DataType::Utf8,
    }
}

fn column(kind: &DataType, rows: &[Vec<Cell>], at: usize) -> ArrayRef {
    let numbers = || {
        rows.iter().map(move |row| match &row[at] {
            Cell::Number(number) => Some(*number),
            _ => None,
        })
    };
    let texts = || {
        rows.iter().map(move |row| match &row[at] {
            Cell::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    match kind {
        DataType::Int64 => Arc::new(numbers().collect::<Int64Array>()),
        DataType::Timestamp(..) => Arc::new(numbers().collect::<TimestampNanosecondArray>().with_timezone("+00:00")),
        _ => Arc::new(texts().collect::<StringArray>()),
    }
}
