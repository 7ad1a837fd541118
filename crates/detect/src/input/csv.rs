//! Tables whose first line names the columns.

use super::{Bad, Out, guess};
use crate::event::{PlainEvent, Scalar};
use crate::limits::MAX_EVENT_BYTES;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// A reader that gives only so much for one record: a quote that is never closed would take the whole file.
struct PerRecord<R> {
    input: R,
    read: Rc<Cell<usize>>,
}

impl<R: Read> Read for PerRecord<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.get() > MAX_EVENT_BYTES {
            let reason =
                format!("a record has more than {MAX_EVENT_BYTES} bytes (MAX_EVENT_BYTES): is a quote not closed?");
            return Err(io::Error::other(reason));
        }
        let read = self.input.read(buffer)?;
        self.read.set(self.read.get() + read);
        Ok(read)
    }
}

/// Cells without a value are not there.
pub(super) fn read(input: impl Read, head: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
    let first = String::from_utf8_lossy(head);
    let delimiter = guess::delimiter(first.lines().next().unwrap_or_default());
    let since = Rc::new(Cell::new(0));
    let input = PerRecord { input, read: since.clone() };
    let mut table = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(input);
    let mut record = csv::ByteRecord::new();
    let mut columns: Vec<String> = Vec::new();
    loop {
        since.set(0);
        let line = table.position().line();
        if !table.read_byte_record(&mut record).map_err(io::Error::other)? {
            return Ok(());
        }
        let mut cells = record.iter().map(String::from_utf8_lossy);
        if columns.is_empty() {
            columns = cells.map(|cell| cell.trim().to_owned()).collect();
            continue;
        }
        if record.len() > columns.len() {
            let reason = format!("the record has {} cells, but there are {} columns", record.len(), columns.len());
            out.bad(Bad { line, column: 1, reason });
            continue;
        }
        let mut event = PlainEvent::default();
        for (column, cell) in columns.iter().zip(&mut cells) {
            if !cell.is_empty() && !column.is_empty() {
                event.fields.push((column.clone(), Scalar::Text(cell.into_owned())));
            }
        }
        if !event.fields.is_empty() {
            out.event(event, line);
        }
        if out.stopped {
            return Ok(());
        }
    }
}
