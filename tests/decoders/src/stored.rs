//! What holds when the store reads its files, whatever is in them. Checksums are made right here, since no
//! fuzzer guesses one, so that what stands behind them is read too.

use crate::index::postings::{self, Directory};
use crate::log::record::{Fixed, Head, Part};
use crate::log::{ipc, replay};
use crate::{filenames, segment};
use model::{EventBatch, Table};
use std::io::{Seek as _, Write as _};

/// Takes a length of one byte and so many bytes.
fn piece<'a>(data: &mut &'a [u8]) -> &'a [u8] {
    let Some((length, rest)) = data.split_first() else { return &[] };
    let (taken, rest) = rest.split_at(usize::from(*length).min(rest.len()));
    *data = rest;
    taken
}

fn word(bytes: &[u8]) -> u32 {
    let mut word = [0; 4];
    let length = bytes.len().min(4);
    word[..length].copy_from_slice(&bytes[..length]);
    u32::from_le_bytes(word)
}

/// The log record that holds this batch.
pub fn log_record(sequence: u64, batch: &EventBatch) -> Vec<u8> {
    let body = ipc::encode(&batch.rows).expect("a batch is written");
    let part = Part { table: batch.table, rows: batch.rows.num_rows() as u32, length: body.len() as u64 };
    let head = Head { at: 1, keys: vec![[1; 32]], parts: vec![part] }.encode();
    framed(sequence, &head, &body)
}

fn framed(sequence: u64, head: &[u8], body: &[u8]) -> Vec<u8> {
    let crc = crc32c::crc32c(&[head, body].concat());
    let fixed = Fixed { head: head.len() as u32, body: body.len() as u64, sequence, crc };
    [&fixed.encode(), head, body].concat()
}

/// A file of the log is replayed, and what is left of it is replayed the same again. With a first byte of 1
/// the rest is pieces that become records with right checksums.
pub fn store_log(data: &[u8]) {
    let Some((mode, mut rest)) = data.split_first() else { return };
    let bytes = if *mode == 1 {
        let mut file = Vec::new();
        while !rest.is_empty() {
            let (head, body) = (piece(&mut rest), piece(&mut rest));
            let sequence = file.len() as u64 + 1;
            file.extend(framed(sequence, head, body));
            if let Ok(at) = i64::try_from(head.len()) {
                let parts = vec![Part { table: Table::Logs, rows: word(body) % 4, length: body.len() as u64 }];
                file.extend(framed(sequence + 1, &Head { at, keys: Vec::new(), parts }.encode(), body));
            }
        }
        file
    } else {
        rest.to_vec()
    };
    // In memory where that is possible: a replay syncs what it cuts.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    std::fs::create_dir(filenames::log_dir(folder.path())).expect("a folder for the log");
    let path = filenames::log_file(folder.path(), 1);
    std::fs::write(&path, &bytes).expect("a log file");
    let again = || {
        let mut found = Vec::new();
        let replayed = replay::replay(folder.path(), |commit| {
            for (_, batch, _) in &commit.parts {
                assert!(batch.columns().iter().all(|column| column.to_data().validate_full().is_ok()));
            }
            found.push((commit.sequence, commit.keys, commit.parts));
            Ok(())
        });
        (replayed.expect("damage is no error"), found)
    };
    let (first, commits) = again();
    assert!(commits.windows(2).all(|two| two[0].0 < two[1].0), "commits in order, each once");
    let (second, same) = again();
    assert!(commits == same, "a second replay reads the same");
    assert!(second.damaged <= first.damaged);
}

/// A sidecar is read or refused, and memory follows its length.
pub fn store_sidecar(data: &[u8]) {
    let Some((mode, mut rest)) = data.split_first() else { return };
    let bytes = if *mode == 1 {
        let mut file = b"TNDMIDX1".to_vec();
        for _ in 0..3 {
            let section = piece(&mut rest);
            file.extend((section.len() as u32).to_le_bytes());
            file.extend_from_slice(section);
            file.extend(crc32c::crc32c(section).to_le_bytes());
        }
        file.extend_from_slice(rest);
        file
    } else {
        rest.to_vec()
    };
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&bytes).and_then(|()| file.rewind()).expect("written");
    if let Ok(read) = segment::sidecar::read(&mut file) {
        assert!(read.data_at <= read.bytes);
        assert!(read.meta.rows() >= read.meta.row_groups.iter().copied().max().unwrap_or(0).into());
    }
}

/// Blocks of an index with right checksums decode or are refused; what is encoded is found.
pub fn store_index(data: &[u8]) {
    let Some((header, mut rest)) = data.split_at_checked(5) else { return };
    let (mut directory, mut blocks) = (header.to_vec(), Vec::new());
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let block = piece(&mut rest);
        for number in [word(block), blocks.len() as u32, crc32c::crc32c(block)] {
            entries.extend(number.to_le_bytes());
        }
        blocks.extend_from_slice(block);
    }
    directory.extend((blocks.len() as u32).to_le_bytes());
    directory.extend(entries);
    let read = |from: u32, to: u32| match blocks.get(from as usize..to as usize) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => anyhow::bail!("beyond the end"),
    };
    if let Ok(directory) = Directory::decode(&directory) {
        for block in 0..directory.blocks() {
            if let Ok(entries) = directory.entries(block, read) {
                assert!(entries.is_sorted(), "entries in order");
                assert!(entries.iter().all(|entry| (*entry as u32) < directory.granules()), "granules of the file");
                if let Some(entry) = entries.first() {
                    let _ = directory.lookup((entry >> 32) as u32, read);
                }
            }
        }
    }
    let mut wanted: Vec<u64> = data.chunks(3).map(|bytes| u64::from(word(bytes)) << 32 | u64::from(bytes[0])).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let (directory, data) = postings::encode(&wanted, 256);
    let directory = Directory::decode(&directory).expect("what was encoded");
    let read = |from: u32, to: u32| Ok(data[from as usize..to as usize].to_vec());
    let found: Vec<u64> =
        (0..directory.blocks()).flat_map(|block| directory.entries(block, read).expect("what was encoded")).collect();
    assert_eq!(found, wanted);
}
