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

/// Encodes sorted entries. Answers directory bytes and data bytes.
pub fn encode(entries: &[u64], granules: u32) -> (Vec<u8>, Vec<u8>) {
    let terms = entries.chunk_by(|a, b| a >> 32 == b >> 32);
    let count = terms.clone().count().max(1) as u64;
    let k = ((1u64 << 32) / count).max(1).ilog2().min(30);
    let width = granule_width(granules);
    let mut blocks = Vec::new();
    let mut data = Vec::new();
    let mut terms = terms.peekable();
    while let Some(first) = terms.peek() {
        let first = (first[0] >> 32) as u32;
        let mut writer = BitWriter::default();
        let mut previous = first;
        let mut count = 0u16;
        while let Some(term) = (usize::from(count) < BLOCK_TERMS).then(|| terms.next()).flatten() {
            let fingerprint = (term[0] >> 32) as u32;
            writer.rice(fingerprint - previous, k);
            previous = fingerprint;
            writer.gamma(term.len() as u32);
            if let [only] = term {
                writer.bits(*only as u32, width);
            } else {
                let mut next = 0;
                for entry in term {
                    let granule = *entry as u32;
                    writer.gamma(granule - next + 1);
                    next = granule + 1;
                }
            }
            count += 1;
        }
        let offset = data.len() as u32;
        data.extend_from_slice(&count.to_le_bytes());
        data.extend(writer.finish());
        blocks.push((first, offset, crc32c::crc32c(&data[offset as usize..])));
    }
    let mut directory = Vec::with_capacity(13 + blocks.len() * DIRECTORY_ENTRY);
    directory.extend_from_slice(&granules.to_le_bytes());
    directory.push(k as u8);
    directory.extend_from_slice(&(data.len() as u32).to_le_bytes());
    for (first, offset, crc) in blocks {
        directory.extend_from_slice(&first.to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(&crc.to_le_bytes());
    }
    (directory, data)
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

    /// All entries in order, as [`encode`] took them.
    pub fn entries(&self, data: &[u8]) -> Result<Vec<u64>> {
        let mut all = Vec::new();
        for block in 0..self.blocks.len() {
            let read = |from: u32, to: u32| {
                let bytes = data.get(from as usize..to as usize);
                bytes.map(<[u8]>::to_vec).ok_or_else(|| anyhow::anyhow!("the index is cut short"))
            };
            self.decode_block(block, read, |fingerprint, granules| {
                all.extend(granules.iter().map(|granule| u64::from(fingerprint) << 32 | u64::from(*granule)));
                true
            })?;
        }
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
        let mut one = || -> Option<bool> {
            fingerprint = fingerprint.checked_add(reader.rice(self.k)?)?;
            let count = reader.gamma()?;
            granules.clear();
            if count == 1 {
                granules.push(reader.bits(width)?);
            } else {
                let mut next = 0u32;
                for _ in 0..count.min(self.granules) {
                    let granule = next.checked_add(reader.gamma()? - 1)?;
                    granules.push(granule);
                    next = granule + 1;
                }
            }
            Some(each(fingerprint, &granules))
        };
        for _ in 0..count {
            match one() {
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
            prop_assert_eq!(&directory.entries(&data).unwrap(), &entries);
            let read = |from: u32, to: u32| Ok(data[from as usize..to as usize].to_vec());
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
