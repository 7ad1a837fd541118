//! The index on disk: sorted fingerprints in blocks, each with its granules.
//!
//! ```text
//! granules u32 | k u8 | blocks u32 | (first fingerprint u32, offset u32, crc32c u32) ... | blocks
//! block: count u16, then per term: Rice(fingerprint - previous), gamma(number of granules),
//!        one granule in fixed width, or the gaps between several in gamma
//! ```

use super::bits::{BitReader, BitWriter};
use anyhow::{Result, ensure};

/// Terms of a block: what one lookup decodes.
const BLOCK_TERMS: usize = 1024;
/// Bytes of a directory entry.
const DIRECTORY_ENTRY: usize = 12;

/// Where the blocks are; small, kept in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Directory {
    granules: u32,
    k: u32,
    /// First fingerprint, offset in the data, checksum.
    blocks: Vec<(u32, u32, u32)>,
    data_bytes: u32,
}

fn granule_width(granules: u32) -> u32 {
    32 - granules.saturating_sub(1).leading_zeros()
}

/// Writes terms in order of their fingerprints.
pub struct Encoder {
    granules: u32,
    k: u32,
    width: u32,
    /// First fingerprint, offset in the data, checksum.
    blocks: Vec<(u32, u32, u32)>,
    data: Vec<u8>,
    writer: BitWriter,
    /// Terms of the block being written, the first of them and the last.
    count: u16,
    first: u32,
    previous: u32,
}

impl Encoder {
    /// For a file with so many granules and about so many terms.
    pub fn new(granules: u32, terms: u64) -> Self {
        Self {
            granules,
            k: ((1u64 << 32) / terms.max(1)).max(1).ilog2().min(30),
            width: granule_width(granules),
            blocks: Vec::new(),
            data: Vec::new(),
            writer: BitWriter::default(),
            count: 0,
            first: 0,
            previous: 0,
        }
    }

    /// Adds the entries of one term.
    pub fn push(&mut self, term: &[u64]) {
        let fingerprint = (term[0] >> 32) as u32;
        if usize::from(self.count) == BLOCK_TERMS {
            self.close_block();
        }
        if self.count == 0 {
            (self.first, self.previous) = (fingerprint, fingerprint);
        }
        self.writer.rice(fingerprint - self.previous, self.k);
        self.previous = fingerprint;
        self.writer.gamma(term.len() as u32);
        if let [only] = term {
            self.writer.bits(*only as u32, self.width);
        } else {
            let mut next = 0;
            for entry in term {
                let granule = *entry as u32;
                self.writer.gamma(granule - next + 1);
                next = granule + 1;
            }
        }
        self.count += 1;
    }

    fn close_block(&mut self) {
        if self.count == 0 {
            return;
        }
        let offset = self.data.len();
        self.data.extend_from_slice(&self.count.to_le_bytes());
        self.data.extend(std::mem::take(&mut self.writer).finish());
        self.blocks.push((self.first, offset as u32, crc32c::crc32c(&self.data[offset..])));
        self.count = 0;
    }

    /// Answers directory bytes and data bytes.
    pub fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        self.close_block();
        let mut directory = Vec::with_capacity(9 + self.blocks.len() * DIRECTORY_ENTRY);
        directory.extend_from_slice(&self.granules.to_le_bytes());
        directory.push(self.k as u8);
        directory.extend_from_slice(&(self.data.len() as u32).to_le_bytes());
        for (first, offset, crc) in self.blocks {
            directory.extend_from_slice(&first.to_le_bytes());
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(&crc.to_le_bytes());
        }
        (directory, self.data)
    }
}

fn terms(entries: &[u64]) -> impl Iterator<Item = &[u64]> {
    entries.chunk_by(|a, b| a >> 32 == b >> 32)
}

/// Encodes sorted entries. Answers directory bytes and data bytes.
pub fn encode(entries: &[u64], granules: u32) -> (Vec<u8>, Vec<u8>) {
    let mut encoder = Encoder::new(granules, terms(entries).count() as u64);
    terms(entries).for_each(|term| encoder.push(term));
    encoder.finish()
}

/// Encodes several indexes as one, a block of each in memory. `read(input, block)` answers the entries of a
/// block, none after the last; granules must grow from input to input.
pub fn merge(
    granules: u32,
    inputs: &[&Directory],
    mut read: impl FnMut(usize, usize) -> Result<Option<Vec<u64>>>,
) -> Result<(Vec<u8>, Vec<u8>)> {
    struct Cursor {
        entries: Vec<u64>,
        at: usize,
        block: usize,
    }
    let mut cursors: Vec<Cursor> = inputs.iter().map(|_| Cursor { entries: Vec::new(), at: 0, block: 0 }).collect();
    // Inputs share terms, so this is more than there will be; the code loses little by it.
    let most: usize = inputs.iter().map(|input| input.blocks.len() * BLOCK_TERMS).sum();
    let mut encoder = Encoder::new(granules, most as u64);
    let mut term = Vec::new();
    loop {
        for (input, cursor) in cursors.iter_mut().enumerate() {
            if cursor.at == cursor.entries.len() {
                cursor.entries = read(input, cursor.block)?.unwrap_or_default();
                (cursor.at, cursor.block) = (0, cursor.block + 1);
            }
        }
        let heads = cursors.iter().filter_map(|cursor| cursor.entries.get(cursor.at));
        let Some(least) = heads.map(|entry| entry >> 32).min() else { return Ok(encoder.finish()) };
        term.clear();
        for cursor in &mut cursors {
            while let Some(entry) = cursor.entries.get(cursor.at).filter(|entry| *entry >> 32 == least) {
                term.push(*entry);
                cursor.at += 1;
            }
        }
        encoder.push(&term);
    }
}

impl Directory {
    /// Reads the directory back.
    pub fn decode(bytes: &[u8]) -> Result<Directory> {
        ensure!(
            bytes.len() >= 9 && (bytes.len() - 9).is_multiple_of(DIRECTORY_ENTRY),
            "the index directory has a wrong length"
        );
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let blocks =
            (9..bytes.len()).step_by(DIRECTORY_ENTRY).map(|at| (word(at), word(at + 4), word(at + 8))).collect();
        let directory = Directory { granules: word(0), k: u32::from(bytes[4]), blocks, data_bytes: word(5) };
        ensure!(directory.k <= 30, "the index directory is damaged");
        Ok(directory)
    }

    /// Number of granules in the file.
    pub fn granules(&self) -> u32 {
        self.granules
    }

    fn block_range(&self, block: usize) -> (u32, u32) {
        let end = self.blocks.get(block + 1).map_or(self.data_bytes, |next| next.1);
        (self.blocks[block].1, end)
    }

    /// The granules that may hold a term. `read(from, to)` reads bytes of the data.
    pub fn lookup(&self, term: u32, read: impl FnOnce(u32, u32) -> Result<Vec<u8>>) -> Result<Vec<u32>> {
        let after = self.blocks.partition_point(|block| block.0 <= term);
        let Some(block) = after.checked_sub(1) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        self.decode_block(block, read, |fingerprint, granules| {
            if fingerprint == term {
                found.extend_from_slice(granules);
            }
            fingerprint < term
        })?;
        Ok(found)
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The entries of one block in order.
    pub fn entries(&self, block: usize, read: impl FnOnce(u32, u32) -> Result<Vec<u8>>) -> Result<Vec<u64>> {
        let mut all = Vec::with_capacity(BLOCK_TERMS * 2);
        self.decode_block(block, read, |fingerprint, granules| {
            all.extend(granules.iter().map(|granule| u64::from(fingerprint) << 32 | u64::from(*granule)));
            true
        })?;
        Ok(all)
    }

    fn decode_block(
        &self,
        block: usize,
        read: impl FnOnce(u32, u32) -> Result<Vec<u8>>,
        mut each: impl FnMut(u32, &[u32]) -> bool,
    ) -> Result<()> {
        let (from, to) = self.block_range(block);
        let bytes = read(from, to)?;
        ensure!(
            crc32c::crc32c(&bytes) == self.blocks[block].2 && bytes.len() >= 2,
            "block {block} of the index is damaged"
        );
        let count = u16::from_le_bytes([bytes[0], bytes[1]]);
        let mut reader = BitReader::new(&bytes[2..]);
        let width = granule_width(self.granules);
        let mut fingerprint = self.blocks[block].0;
        let mut granules = Vec::new();
        let mut one = |first: bool| -> Option<bool> {
            let step = reader.rice(self.k)?;
            // Terms and granules grow: nothing else was written.
            if step == 0 && !first {
                return None;
            }
            fingerprint = fingerprint.checked_add(step)?;
            let count = reader.gamma()?;
            granules.clear();
            if count == 1 {
                granules.push(reader.bits(width)?);
            } else {
                let mut next = 0u32;
                for _ in 0..count {
                    let granule = next.checked_add(reader.gamma()? - 1).filter(|granule| *granule < self.granules)?;
                    granules.push(granule);
                    next = granule + 1;
                }
            }
            granules.last().filter(|last| **last < self.granules)?;
            Some(each(fingerprint, &granules))
        };
        for number in 0..count {
            match one(number == 0) {
                Some(true) => {}
                Some(false) => break,
                None => anyhow::bail!("block {block} of the index does not decode"),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_goes_in_is_found(
            pairs in proptest::collection::btree_set((0u32..5000, 0u32..40), 0..4000),
            spread in 1u32..800_000,
            absent in any::<u32>(),
        ) {
            let entries: Vec<u64> =
                pairs.iter().map(|(term, granule)| u64::from(term * spread) << 32 | u64::from(*granule)).collect();
            let (directory, data) = encode(&entries, 40);
            let directory = Directory::decode(&directory).unwrap();
            let read = |from: u32, to: u32| Ok(data[from as usize..to as usize].to_vec());
            let all = |directory: &Directory, data: &[u8]| -> Vec<u64> {
                let read = |from: u32, to: u32| Ok(data[from as usize..to as usize].to_vec());
                (0..directory.blocks()).flat_map(|block| directory.entries(block, read).unwrap()).collect()
            };
            prop_assert_eq!(&all(&directory, &data), &entries);
            // The same index twice, the second behind the first, is one index.
            let inputs = [&directory, &directory];
            let (both, both_data) = merge(80, &inputs, |input, block| {
                let entries = (block < directory.blocks()).then(|| directory.entries(block, read).unwrap());
                Ok(entries.map(|entries| entries.into_iter().map(|entry| entry + 40 * input as u64).collect()))
            }).unwrap();
            let mut expected: Vec<u64> = entries.iter().flat_map(|entry| [*entry, entry + 40]).collect();
            expected.sort_unstable();
            prop_assert_eq!(all(&Directory::decode(&both).unwrap(), &both_data), expected);
            for entry in entries.iter().step_by(17) {
                let found = directory.lookup((entry >> 32) as u32, read).unwrap();
                prop_assert!(found.contains(&(*entry as u32)));
            }
            let expected: Vec<u32> =
                entries.iter().filter(|entry| (**entry >> 32) as u32 == absent).map(|entry| *entry as u32).collect();
            prop_assert_eq!(directory.lookup(absent, read).unwrap(), expected);
        }
    }
}
