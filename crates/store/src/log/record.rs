//! One record of the write-ahead log: what one group commit made durable.
//!
//! ```text
//! magic u32 | head length u32 | body length u64 | sequence u64 | crc32c(head+body) u32 | crc32c(the 28 bytes before) u32
//! head: committed at i64 | keys u32 | key 32 bytes ... | parts u32 | (table u8, rows u32, length u64) ...
//! body: for each part an Arrow IPC stream, padded to 64 bytes
//! ```

use crate::limits::MAX_LOG_RECORD_BYTES;
use model::Table;

/// First bytes of every record.
pub const MAGIC: u32 = 0x4c4d_4454;
/// Length of the fixed part.
pub const FIXED_BYTES: usize = 32;
/// A key that recognises a retry.
pub type RetryKey = [u8; 32];

/// The fixed part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fixed {
    /// Length of the head.
    pub head: u32,
    /// Length of the body.
    pub body: u64,
    /// Commit sequence.
    pub sequence: u64,
    /// Checksum of head and body.
    pub crc: u32,
}

impl Fixed {
    /// The bytes on disk.
    pub fn encode(&self) -> [u8; FIXED_BYTES] {
        let mut out = [0; FIXED_BYTES];
        out[0..4].copy_from_slice(&MAGIC.to_le_bytes());
        out[4..8].copy_from_slice(&self.head.to_le_bytes());
        out[8..16].copy_from_slice(&self.body.to_le_bytes());
        out[16..24].copy_from_slice(&self.sequence.to_le_bytes());
        out[24..28].copy_from_slice(&self.crc.to_le_bytes());
        let own = crc32c::crc32c(&out[..28]);
        out[28..32].copy_from_slice(&own.to_le_bytes());
        out
    }

    /// Reads it back; `None` unless magic, own checksum and bounds hold.
    pub fn decode(bytes: &[u8]) -> Option<Fixed> {
        let bytes = bytes.get(..FIXED_BYTES)?;
        let mut reader = Reader(bytes);
        if reader.u32()? != MAGIC || crc32c::crc32c(&bytes[..28]).to_le_bytes() != bytes[28..32] {
            return None;
        }
        let fixed = Fixed { head: reader.u32()?, body: reader.u64()?, sequence: reader.u64()?, crc: reader.u32()? };
        (u64::from(fixed.head) + fixed.body <= u64::from(MAX_LOG_RECORD_BYTES)).then_some(fixed)
    }
}

/// One table's rows in a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The table.
    pub table: Table,
    /// Its rows.
    pub rows: u32,
    /// Length in the body, padding included.
    pub length: u64,
}

/// What a record says about its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// When it was committed, nanoseconds since 1970.
    pub at: i64,
    /// Retry keys of the requests in it.
    pub keys: Vec<RetryKey>,
    /// The parts, in the order of the body.
    pub parts: Vec<Part>,
}

impl Head {
    /// The bytes on disk.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.keys.len() * 32 + self.parts.len() * 13);
        out.extend_from_slice(&self.at.to_le_bytes());
        out.extend_from_slice(&(self.keys.len() as u32).to_le_bytes());
        for key in &self.keys {
            out.extend_from_slice(key);
        }
        out.extend_from_slice(&(self.parts.len() as u32).to_le_bytes());
        for part in &self.parts {
            let table = Table::ALL.iter().position(|table| *table == part.table).unwrap_or(0);
            out.push(table as u8);
            out.extend_from_slice(&part.rows.to_le_bytes());
            out.extend_from_slice(&part.length.to_le_bytes());
        }
        out
    }

    /// Reads it back.
    pub fn decode(bytes: &[u8]) -> Option<Head> {
        let mut reader = Reader(bytes);
        let at = reader.u64()? as i64;
        let mut head = Head { at, ..Head::default() };
        for _ in 0..reader.u32()? {
            head.keys.push(reader.take(32)?.try_into().ok()?);
        }
        for _ in 0..reader.u32()? {
            let table = *Table::ALL.get(usize::from(*reader.take(1)?.first()?))?;
            head.parts.push(Part { table, rows: reader.u32()?, length: reader.u64()? });
        }
        reader.0.is_empty().then_some(head)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_fixed_read_back_and_damage_is_seen() {
        let head = Head {
            at: -5,
            keys: vec![[7; 32], [9; 32]],
            parts: vec![Part { table: Table::Metrics, rows: 3, length: 640 }],
        };
        let bytes = head.encode();
        assert_eq!(Head::decode(&bytes), Some(head));
        assert_eq!(Head::decode(&bytes[..bytes.len() - 1]), None);

        let fixed = Fixed { head: 10, body: 20, sequence: 30, crc: 40 };
        let bytes = fixed.encode();
        assert_eq!(Fixed::decode(&bytes), Some(fixed));
        for at in 0..FIXED_BYTES {
            let mut damaged = bytes;
            damaged[at] ^= 1;
            assert_eq!(Fixed::decode(&damaged), None, "byte {at}");
        }
    }
}
