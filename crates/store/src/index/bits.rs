//! Bits in a row of bytes: fixed width, Rice and Elias gamma codes.

/// Writes bits, lowest first.
#[derive(Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Writes the lowest `width` bits of `value`; at most 32.
    pub fn bits(&mut self, value: u32, width: u32) {
        debug_assert!(width <= 32 && (width == 32 || value >> width == 0));
        self.pending |= u64::from(value) << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    fn zeros(&mut self, mut count: u32) {
        while count > 24 {
            self.bits(0, 24);
            count -= 24;
        }
        self.bits(0, count);
    }

    /// Rice code: quotient in unary, then `k` low bits. Quotients above 40 escape to the plain value.
    pub fn rice(&mut self, value: u32, k: u32) {
        let quotient = value >> k;
        if quotient >= 40 {
            self.zeros(40);
            self.bits(1, 1);
            self.bits(value, 32);
        } else {
            self.zeros(quotient);
            self.bits(1, 1);
            self.bits(value & ((1 << k) - 1), k);
        }
    }

    /// Elias gamma code of a value of at least 1.
    pub fn gamma(&mut self, value: u32) {
        debug_assert!(value >= 1);
        let width = 31 - value.leading_zeros();
        self.zeros(width);
        self.bits(1, 1);
        self.bits(value & ((1 << width) - 1), width);
    }

    /// The bytes, padded with zeros.
    pub fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

/// Reads them back; past the end everything is `None`.
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    pending: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    /// Starts at the first bit.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, pending: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(byte) = self.bytes.get(self.at) else { return };
            self.pending |= u64::from(*byte) << self.count;
            self.count += 8;
            self.at += 1;
        }
    }

    /// Reads `width` bits; at most 32.
    pub fn bits(&mut self, width: u32) -> Option<u32> {
        self.fill();
        if self.count < width {
            return None;
        }
        let value = (self.pending & ((1 << width) - 1)) as u32;
        self.pending >>= width;
        self.count -= width;
        Some(value)
    }

    fn unary(&mut self) -> Option<u32> {
        let mut zeros = 0;
        loop {
            self.fill();
            if self.count == 0 || zeros > 64 {
                return None;
            }
            let here = self.pending.trailing_zeros().min(self.count);
            zeros += here;
            if here < self.count {
                self.pending >>= here;
                self.pending >>= 1;
                self.count -= here + 1;
                return Some(zeros);
            }
            self.pending = 0;
            self.count = 0;
        }
    }

    /// Reads a Rice code.
    pub fn rice(&mut self, k: u32) -> Option<u32> {
        match self.unary()? {
            40 => self.bits(32),
            quotient @ 0..40 => Some(quotient << k | self.bits(k)?),
            _ => None,
        }
    }

    /// Reads an Elias gamma code.
    pub fn gamma(&mut self) -> Option<u32> {
        let width = self.unary()?;
        if width > 31 {
            return None;
        }
        Some(1 << width | self.bits(width)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_read_back(values in proptest::collection::vec((0u32..3, any::<u32>(), 0u32..31), 0..200)) {
            let mut writer = BitWriter::default();
            for (kind, value, k) in &values {
                match kind {
                    0 => writer.rice(*value, *k),
                    1 => writer.gamma((*value).max(1)),
                    _ => writer.bits(*value, 32),
                }
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for (kind, value, k) in values {
                let read = match kind {
                    0 => reader.rice(k),
                    1 => reader.gamma(),
                    _ => reader.bits(32),
                };
                prop_assert_eq!(read, Some(if kind == 1 { value.max(1) } else { value }));
            }
        }

        #[test]
        fn damage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..50), k in 0u32..31) {
            let mut reader = BitReader::new(&bytes);
            for _ in 0..100 {
                let _ = reader.rice(k);
                let _ = reader.gamma();
            }
        }
    }
}
