//! What a source hands out.

use model::EventBatch;
use receive::error::Counts;

/// A batch to be made durable, and then acknowledged.
#[derive(Debug)]
pub struct Pending {
    /// Names the range of input that the batch was made from. The same range has the same id after a
    /// crash and another one never has it, so it serves as the idempotency id of the append.
    pub id: String,
    /// The events.
    pub batch: EventBatch,
    /// To be acknowledged once the batch is durable.
    pub ack: Position,
    /// Bytes of input.
    pub bytes: usize,
    /// What was cut, masked or mended.
    pub counts: Counts,
}

/// A place in a source; only the source that made it understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(pub(crate) At);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A range that became several batches; the last one stands for all.
    Part,
    /// End of a range of the file with this generation.
    File { generation: u64, end: u64 },
    /// Cursor of the last entry.
    Journal { cursor: String },
}

/// The batches of one range as pendings; the last one carries the position.
pub(crate) fn pendings(id: &str, batches: Vec<EventBatch>, last: At, bytes: usize, counts: Counts) -> Vec<Pending> {
    let count = batches.len();
    let mut out = Vec::with_capacity(count);
    let mut counts = Some(counts);
    for (index, batch) in batches.into_iter().enumerate() {
        let whole = index + 1 == count;
        out.push(Pending {
            id: if count == 1 { id.to_owned() } else { format!("{id}#{index}") },
            batch,
            ack: Position(if whole { last.clone() } else { At::Part }),
            bytes: if whole { bytes } else { 0 },
            counts: if whole { counts.take().unwrap_or_default() } else { Counts::default() },
        });
    }
    out
}
