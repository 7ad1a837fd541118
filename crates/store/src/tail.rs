//! Live tail: committed batches as they come, bounded for each subscriber.

use arrow_array::cast::AsArray as _;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use model::columns::name;
use model::{Datasets, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// What a tail hears.
#[derive(Clone, Debug)]
pub enum TailItem {
    /// Committed rows: stored columns with `event_id`.
    Batch(Arc<RecordBatch>),
    /// This many rows were not delivered because the subscriber was too slow.
    Dropped(u64),
}

/// The receiving end of a subscription.
pub struct Tail {
    receiver: mpsc::Receiver<Arc<RecordBatch>>,
    datasets: Datasets,
    dropped: Arc<AtomicU64>,
}

/// The sending end.
pub(crate) struct Subscriber {
    pub(crate) table: Table,
    sender: mpsc::Sender<Arc<RecordBatch>>,
    dropped: Arc<AtomicU64>,
}

pub(crate) fn channel(table: Table, capacity: usize, datasets: Datasets) -> (Subscriber, Tail) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    let dropped = Arc::new(AtomicU64::new(0));
    (Subscriber { table, sender, dropped: dropped.clone() }, Tail { receiver, datasets, dropped })
}

impl Subscriber {
    /// False when nobody listens any more.
    pub(crate) fn offer(&self, rows: &Arc<RecordBatch>) -> bool {
        match self.sender.try_send(rows.clone()) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.dropped.fetch_add(rows.num_rows() as u64, Ordering::Relaxed);
                true
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }
}

impl Tail {
    /// The next item; `None` when the store has closed.
    pub async fn recv(&mut self) -> Option<TailItem> {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            return Some(TailItem::Dropped(dropped));
        }
        loop {
            let rows = self.receiver.recv().await?;
            if let Some(rows) = self.visible(rows) {
                return Some(TailItem::Batch(rows));
            }
        }
    }

    /// What of the rows may be seen; none when that is nothing.
    fn visible(&self, rows: Arc<RecordBatch>) -> Option<Arc<RecordBatch>> {
        if self.datasets == Datasets::All {
            return Some(rows);
        }
        let datasets = rows.column_by_name(name::DATASET)?.as_string_view_opt()?;
        let seen: BooleanArray = datasets.iter().map(|of| Some(of.is_some_and(|of| self.datasets.allow(of)))).collect();
        let rows = filter_record_batch(&rows, &seen).ok()?;
        (rows.num_rows() > 0).then(|| Arc::new(rows))
    }
}
