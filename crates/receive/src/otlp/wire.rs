//! The protobuf wire format, read in place: no copy, no tree.

use crate::error::DecodeError;
use std::borrow::Cow;

/// Wire types of the begin and the end of a group.
const GROUP: u64 = 3;
const GROUP_END: u64 = 4;
/// Deepest nesting of groups that are skipped.
const MAX_GROUPS: usize = 100;

/// What is wrong with a message. Small and without a destructor, for every step may answer it.
#[derive(Clone, Copy, Debug)]
pub enum Bad {
    /// No protobuf: why, and the address of the byte.
    Wire(&'static str, usize),
    /// A field has another type than in OTLP. A trace sent to the address of logs must not become logs
    /// of nothing.
    OtherType,
}

impl From<Bad> for DecodeError {
    /// `at` is an address until [`in_request`] makes it a place.
    #[cold]
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Wire(why, address) => DecodeError::Malformed {
                what: format!("not a protobuf message ({why})"),
                at: Some(address),
                remedy: "send OTLP as application/x-protobuf, or JSON as application/json",
            },
            Bad::OtherType => DecodeError::Malformed {
                what: "not the message expected here (a field has another type)".to_owned(),
                at: None,
                remedy: "send logs to /v1/logs, traces to /v1/traces, metrics to /v1/metrics",
            },
        }
    }
}

/// The error with its place counted from the start of the request.
pub fn in_request(mut error: DecodeError, request: &[u8]) -> DecodeError {
    if let DecodeError::Malformed { at, .. } = &mut error {
        // What lies outside was put together from pieces and has no place.
        *at = at.and_then(|at| at.checked_sub(request.as_ptr().addr())).filter(|at| *at <= request.len());
    }
    error
}

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
    /// The bytes of a message or string.
    #[inline]
    pub fn bytes(self) -> Result<&'a [u8], Bad> {
        if let Wire::Bytes(bytes) = self { Ok(bytes) } else { Err(Bad::OtherType) }
    }

    /// Any number.
    #[inline]
    pub fn number(self) -> Result<u64, Bad> {
        match self {
            Wire::Varint(value) | Wire::Fixed64(value) => Ok(value),
            Wire::Fixed32(value) => Ok(u64::from(value)),
            Wire::Bytes(_) => Err(Bad::OtherType),
        }
    }

    /// A 32-bit number; protobuf drops the upper half of a longer one.
    #[inline]
    pub fn number32(self) -> Result<u32, Bad> {
        Ok(self.number()? as u32)
    }

    /// A double.
    #[inline]
    pub fn double(self) -> Result<f64, Bad> {
        Ok(f64::from_bits(self.number()?))
    }

    /// A zigzag-coded 32-bit integer.
    #[inline]
    pub fn sint32(self) -> Result<i32, Bad> {
        let value = self.number32()?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }
}

/// Reads the fields of one message.
#[derive(Clone, Default)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// From the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn malformed(&self, why: &'static str) -> Bad {
        Bad::Wire(why, self.bytes.as_ptr().addr() + self.at)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Bad> {
        // Nearly all tags and lengths, and most numbers.
        if let Some(&byte) = self.bytes.get(self.at)
            && byte < 0x80
        {
            self.at += 1;
            return Ok(byte.into());
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Bad> {
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

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let Some(bytes) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) else {
            return Err(self.malformed("a number is cut short"));
        };
        self.at += N;
        Ok(*bytes)
    }

    #[inline(always)]
    fn tag(&mut self) -> Result<(u32, u64), Bad> {
        let tag = self.varint()?;
        match u32::try_from(tag >> 3) {
            Ok(number) if number > 0 => Ok((number, tag & 7)),
            _ => Err(self.malformed("a field has no number")),
        }
    }

    /// The next field, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u32, Wire<'a>)>, Bad> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        match self.tag()? {
            (number, GROUP) => self.after_groups(number),
            (number, kind) => Ok(Some((number, self.value(kind)?))),
        }
    }

    /// OTLP has no groups, but unknown fields may be some: the next field behind them.
    #[cold]
    fn after_groups(&mut self, number: u32) -> Result<Option<(u32, Wire<'a>)>, Bad> {
        let mut open = vec![number];
        while !open.is_empty() || self.at < self.bytes.len() {
            match self.tag()? {
                (number, GROUP) if open.len() < MAX_GROUPS => open.push(number),
                (_, GROUP) => return Err(self.malformed("groups nest too deeply")),
                (number, GROUP_END) if open.last() == Some(&number) => {
                    open.pop();
                }
                (_, GROUP_END) => return Err(self.malformed("a group ends that did not begin")),
                (number, kind) => {
                    let value = self.value(kind)?;
                    if open.is_empty() {
                        return Ok(Some((number, value)));
                    }
                }
            }
        }
        Ok(None)
    }

    // Copied from call to call, a field would cost more than reading it.
    #[inline(always)]
    fn value(&mut self, kind: u64) -> Result<Wire<'a>, Bad> {
        Ok(match kind {
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
            GROUP_END => return Err(self.malformed("a group ends that did not begin")),
            _ => return Err(self.malformed("an unknown wire type")),
        })
    }
}

/// The values of a repeated field of a message that was read to its end before. They are read again
/// instead of being kept, for two bytes are enough for a value on the wire, and a list takes 16 for it.
#[derive(Clone, Default)]
pub struct Repeated<'a> {
    fields: Fields<'a>,
    number: u32,
}

impl<'a> Repeated<'a> {
    /// The values of the field `number` from where `fields` stands.
    pub fn new(fields: Fields<'a>, number: u32) -> Self {
        Self { fields, number }
    }
}

impl<'a> Iterator for Repeated<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            match self.fields.next() {
                Ok(Some((number, Wire::Bytes(bytes)))) if number == self.number => return Some(bytes),
                Ok(Some(_)) => {}
                // Was an error of the first reading.
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

/// The first `LIMIT` values of a repeated field, and how many there were.
#[derive(Default)]
pub struct Values<'a, const LIMIT: usize> {
    kept: Vec<&'a [u8]>,
    count: usize,
}

impl<'a, const LIMIT: usize> Values<'a, LIMIT> {
    /// Adds a value, or counts it only.
    #[inline]
    pub fn push(&mut self, value: &'a [u8]) {
        if self.count < LIMIT {
            self.kept.push(value);
        }
        self.count += 1;
    }

    /// Those that are kept.
    pub fn kept(&self) -> &[&'a [u8]] {
        &self.kept
    }

    /// How many there were, when not all are kept.
    pub fn cut(&self) -> Option<usize> {
        (self.count > LIMIT).then_some(self.count)
    }

    /// Starts anew.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.count = 0;
    }
}

/// A message that is sent in several pieces is all of them, one after the other.
#[inline]
pub fn merge<'a>(whole: &mut Cow<'a, [u8]>, piece: &'a [u8]) {
    #[cold]
    fn append(whole: &mut Cow<'_, [u8]>, piece: &[u8]) {
        whole.to_mut().extend_from_slice(piece);
    }
    if whole.is_empty() {
        *whole = Cow::Borrowed(piece);
    } else {
        append(whole, piece);
    }
}

/// Numbers of a repeated field, packed or not, at most `limit`; answers how many were left out.
pub fn packed_fixed64(value: Wire<'_>, limit: usize, mut push: impl FnMut(u64)) -> Result<usize, Bad> {
    let Wire::Bytes(bytes) = value else { return one(value, limit, push) };
    let (words, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Fields { bytes, at: bytes.len() - rest.len() }.malformed("a number is cut short"));
    }
    words.iter().take(limit).for_each(|word| push(u64::from_le_bytes(*word)));
    Ok(words.len().saturating_sub(limit))
}

/// Varints of a repeated field, packed or not, at most `limit`; answers how many were left out.
pub fn packed_varint(value: Wire<'_>, limit: usize, mut push: impl FnMut(u64)) -> Result<usize, Bad> {
    let Wire::Bytes(bytes) = value else { return one(value, limit, push) };
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

fn one(value: Wire<'_>, limit: usize, mut push: impl FnMut(u64)) -> Result<usize, Bad> {
    if limit > 0 {
        push(value.number()?);
    }
    Ok(usize::from(limit == 0))
}
