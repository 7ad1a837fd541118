//! The protobuf wire format, read in place: no copy, no tree.

use crate::error::DecodeError;

/// One field's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wire<'a> {
    /// Varint.
    Varint(u64),
    /// Eight bytes.
    Fixed64(u64),
    /// Length-delimited.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32(u32),
}

impl<'a> Wire<'a> {
    /// The bytes of a message or string; empty when the sender used another wire type.
    pub fn bytes(self) -> &'a [u8] {
        if let Wire::Bytes(bytes) = self { bytes } else { &[] }
    }

    /// Any number.
    pub fn number(self) -> u64 {
        match self {
            Wire::Varint(value) | Wire::Fixed64(value) => value,
            Wire::Fixed32(value) => u64::from(value),
            Wire::Bytes(_) => 0,
        }
    }

    /// A double.
    pub fn double(self) -> f64 {
        f64::from_bits(self.number())
    }

    /// A zigzag-coded 32-bit integer.
    pub fn sint32(self) -> i32 {
        let value = self.number() as u32;
        (value >> 1) as i32 ^ -((value & 1) as i32)
    }
}

/// Reads the fields of one message.
#[derive(Clone)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// From the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn malformed(&self, what: &str) -> DecodeError {
        DecodeError::Malformed {
            what: format!("not a protobuf message ({what})"),
            at: Some(self.at),
            remedy: "send OTLP as application/x-protobuf, or JSON as application/json",
        }
    }

    fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else { return Err(self.malformed("a number is cut short")) };
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift.min(63);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.malformed("a number is too long"))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some(bytes) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) else {
            return Err(self.malformed("a number is cut short"));
        };
        self.at += N;
        Ok(*bytes)
    }

    /// The next field, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u32, Wire<'a>)>, DecodeError> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = match u32::try_from(tag >> 3) {
            Ok(number) if number > 0 => number,
            _ => return Err(self.malformed("a field has no number")),
        };
        let value = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.take()?)),
            2 => {
                let length = self.varint()?;
                let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
                let Some(bytes) = end.and_then(|end| self.bytes.get(self.at..end)) else {
                    return Err(self.malformed("a length goes beyond the end"));
                };
                self.at += bytes.len();
                Wire::Bytes(bytes)
            }
            5 => Wire::Fixed32(u32::from_le_bytes(self.take()?)),
            _ => return Err(self.malformed("an unknown wire type")),
        };
        Ok(Some((number, value)))
    }
}

/// Numbers of a repeated field, packed or not, at most `limit`; answers how many were left out.
pub fn packed_fixed64(value: Wire<'_>, limit: usize, mut push: impl FnMut(u64)) -> usize {
    match value {
        Wire::Bytes(bytes) => {
            let (words, _) = bytes.as_chunks::<8>();
            words.iter().take(limit).for_each(|word| push(u64::from_le_bytes(*word)));
            words.len().saturating_sub(limit)
        }
        _ if limit == 0 => 1,
        other => {
            push(other.number());
            0
        }
    }
}

/// Varints of a repeated field, packed or not, at most `limit`; answers how many were left out.
pub fn packed_varint(value: Wire<'_>, limit: usize, mut push: impl FnMut(u64)) -> Result<usize, DecodeError> {
    let Wire::Bytes(bytes) = value else {
        if limit > 0 {
            push(value.number());
        }
        return Ok(usize::from(limit == 0));
    };
    let mut fields = Fields::new(bytes);
    let mut count = 0usize;
    while fields.at < bytes.len() {
        let number = fields.varint()?;
        if count < limit {
            push(number);
        }
        count += 1;
    }
    Ok(count.saturating_sub(limit))
}
