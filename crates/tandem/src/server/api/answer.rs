//! The answer to a statement, up to the most rows there may be; it knows whether there were more.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::StreamExt as _;
use store::{QueryError, QueryLimits, SqlResult, View};

/// Batches on their way.
pub struct Answer {
    /// Columns.
    pub schema: SchemaRef,
    result: SqlResult,
    room: Option<Room>,
}

/// Rows that may still be answered.
struct Room {
    left: usize,
    cut: bool,
}

impl Room {
    /// As much of a batch as there is room for.
    fn take(&mut self, batch: &RecordBatch) -> RecordBatch {
        let rows = batch.num_rows().min(self.left);
        self.left -= rows;
        self.cut |= rows < batch.num_rows();
        batch.slice(0, rows)
    }
}

impl Answer {
    /// Runs a statement; `most` rows are answered, or all within the limits.
    pub async fn of(view: &View, sql: &str, limits: QueryLimits, most: Option<usize>) -> Result<Self, QueryError> {
        // One more than may be answered tells whether it was cut.
        let rows = most.map_or(limits.rows, |most| Some(most.saturating_add(1)));
        let result = view.sql(sql, QueryLimits { rows, ..limits }).await?;
        let room = most.map(|left| Room { left, cut: false });
        Ok(Answer { schema: result.schema.clone(), result, room })
    }

    /// Whether there were more rows than there may be.
    pub fn is_cut(&self) -> bool {
        self.room.as_ref().is_some_and(|room| room.cut)
    }

    /// Bytes that were read so far; nothing for who does not see every dataset.
    pub fn read_bytes(&self) -> Option<u64> {
        self.result.read_bytes()
    }

    /// The next batch.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, QueryError>> {
        let batch = self.result.next().await?;
        match &mut self.room {
            Some(room) => Some(batch.map(|batch| room.take(&batch))),
            None => Some(batch),
        }
    }

    /// All batches.
    pub async fn collect(&mut self) -> Result<Vec<RecordBatch>, QueryError> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        Ok(batches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn what_is_cut_is_known() {
        let column: arrow_array::ArrayRef = Arc::new(arrow_array::Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("n", column)]).unwrap();
        for (rows, sizes, truncated) in [(6, [3, 3], false), (4, [3, 1], true), (3, [3, 0], true)] {
            let mut room = Room { left: rows, cut: false };
            assert_eq!([room.take(&batch).num_rows(), room.take(&batch).num_rows()], sizes);
            assert_eq!(room.cut, truncated, "{rows}");
        }
    }
}
