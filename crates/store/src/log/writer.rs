//! Appends records to the log and cuts it behind the watermark.

use super::record::{FIXED_BYTES, Fixed, Head};
use crate::filenames;
use crate::limits::LOG_FILE_BYTES;
use anyhow::{Context as _, Result, bail};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{IoSlice, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The open end of the log.
pub struct LogWriter {
    root: PathBuf,
    file: File,
    /// Bytes of the open file that are whole records.
    length: u64,
    /// Set when the end of the open file is in doubt; the next append starts a new file.
    doubtful: bool,
    /// All files, oldest first: first sequence and bytes. The last one is open.
    files: VecDeque<(u64, u64)>,
}

impl LogWriter {
    /// Starts a new file after replay; `kept` are the files that replay found.
    pub fn start(root: &Path, next_sequence: u64, kept: Vec<(u64, u64)>) -> Result<Self> {
        let mut files: VecDeque<_> = kept.into();
        files.retain(|(first, _)| *first != next_sequence);
        let file = create(root, next_sequence)?;
        files.push_back((next_sequence, 0));
        Ok(Self { root: root.to_owned(), file, length: 0, doubtful: false, files })
    }

    /// Bytes in all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Appends a record and syncs it. On an error nothing of it is kept.
    pub fn append(&mut self, sequence: u64, head: &Head, bodies: &[&[u8]]) -> std::io::Result<()> {
        if self.doubtful || self.length >= LOG_FILE_BYTES {
            self.roll(sequence)?;
        }
        let head = head.encode();
        let crc = bodies.iter().fold(crc32c::crc32c(&head), |crc, body| crc32c::crc32c_append(crc, body));
        let body: usize = bodies.iter().map(|body| body.len()).sum();
        let fixed = Fixed { head: head.len() as u32, body: body as u64, sequence, crc }.encode();
        let mut slices = vec![IoSlice::new(&fixed), IoSlice::new(&head)];
        slices.extend(bodies.iter().map(|body| IoSlice::new(body)));
        let result = write_all(&mut self.file, &mut slices).and_then(|()| self.file.sync_data());
        if let Err(error) = result {
            self.undo();
            return Err(error);
        }
        self.length += (FIXED_BYTES + head.len() + body) as u64;
        if let Some(last) = self.files.back_mut() {
            last.1 = self.length;
        }
        Ok(())
    }

    /// Takes an unfinished record back. After a failed sync the kernel may have dropped the pages, so
    /// this file is not trusted with another record.
    fn undo(&mut self) {
        self.doubtful = true;
        let undone = self
            .file
            .set_len(self.length)
            .and_then(|()| self.file.seek(SeekFrom::Start(self.length)).map(drop))
            .and_then(|()| self.file.sync_data());
        if let Err(error) = undone {
            tracing::error!(%error, "an unfinished log record could not be taken back");
        }
    }

    fn roll(&mut self, sequence: u64) -> std::io::Result<()> {
        if self.length == 0 && !self.doubtful {
            return Ok(());
        }
        if self.files.back().is_some_and(|(first, _)| *first == sequence) {
            // Nothing was ever committed to the open file: use it again from its start.
            self.file.set_len(0)?;
            self.file.seek(SeekFrom::Start(0))?;
            self.file.sync_all()?;
        } else {
            self.file = create(&self.root, sequence).map_err(std::io::Error::other)?;
            self.files.push_back((sequence, 0));
        }
        self.length = 0;
        self.doubtful = false;
        Ok(())
    }

    /// Removes the files whose records are all at or below `watermark`.
    pub fn cut(&mut self, watermark: u64) -> Result<()> {
        while self.files.len() > 1 && self.files[1].0 <= watermark + 1 {
            let (first, _) = self.files[0];
            let path = filenames::log_file(&self.root, first);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    bail!("cannot remove {}: {error}", path.display())
                }
                _ => self.files.pop_front(),
            };
        }
        Ok(())
    }

    /// Closes the open file for appending when it holds something, so that [`LogWriter::cut`] can remove it.
    pub fn seal(&mut self, next_sequence: u64) -> Result<()> {
        if self.length > 0 {
            self.roll(next_sequence)?;
        }
        Ok(())
    }
}

fn create(root: &Path, first: u64) -> Result<File> {
    let path = filenames::log_file(root, first);
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&path)
        .with_context(|| format!("cannot create {}", path.display()))?;
    crate::disk::sync_dir(&filenames::log_dir(root))?;
    Ok(file)
}

fn write_all(file: &mut File, mut slices: &mut [IoSlice<'_>]) -> std::io::Result<()> {
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
