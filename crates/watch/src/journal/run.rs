//! Runs `journalctl` and reads its lines, bounded in size and time.

use crate::limits::{MAX_ENTRY_BYTES, MAX_STDERR_BYTES};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader, Read as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Lines read ahead. Few, because each may have [`MAX_ENTRY_BYTES`].
const READ_AHEAD: usize = 8;

/// A line, or nothing for one that was too long.
type Line = std::io::Result<Option<Vec<u8>>>;

/// Calls `each` for every line of output until it breaks, and answers how many lines were too long. An
/// error when the program cannot be run, fails, or is silent for longer than `patience`.
pub(crate) fn lines(
    program: &Path,
    arguments: &[String],
    patience: Duration,
    mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<usize> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .env("SYSTEMD_COLORS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("{} has no output", program.display());
    };
    // The readers end when the pipes close. They are not joined where the program was killed, because a
    // child of its own may hold the pipes.
    let (sender, receiver) = sync_channel(READ_AHEAD);
    thread::spawn(move || read_lines(BufReader::new(stdout), &sender));
    let complaint = thread::spawn(move || {
        let mut stderr = stderr;
        let mut text = Vec::new();
        let _ = stderr.by_ref().take(MAX_STDERR_BYTES).read_to_end(&mut text);
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        text
    });
    match receive(&receiver, patience, &mut each) {
        Ok((End::Whole, too_long)) => {
            let status = child.wait().context("cannot wait for journalctl")?;
            let complaint = complaint.join().unwrap_or_default();
            if !status.success() {
                let text = String::from_utf8_lossy(&complaint);
                let first = text.lines().next().unwrap_or("it says nothing");
                bail!("{} failed ({status}): {first}", program.display());
            }
            Ok(too_long)
        }
        Ok((End::Stopped, too_long)) => {
            end(&mut child);
            Ok(too_long)
        }
        Err(error) => {
            end(&mut child);
            Err(error.context(format!("cannot read from {}", program.display())))
        }
    }
}

enum End {
    Whole,
    Stopped,
}

fn receive(
    receiver: &Receiver<Line>,
    patience: Duration,
    each: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(End, usize)> {
    let mut too_long = 0;
    loop {
        match receiver.recv_timeout(patience) {
            Ok(Ok(Some(line))) => {
                if each(&line).is_break() {
                    return Ok((End::Stopped, too_long));
                }
            }
            Ok(Ok(None)) => too_long += 1,
            Ok(Err(error)) => return Err(error.into()),
            Err(RecvTimeoutError::Timeout) => bail!("silent for {} s", patience.as_secs_f32()),
            Err(RecvTimeoutError::Disconnected) => return Ok((End::Whole, too_long)),
        }
    }
}

/// Killing is safe: the program only reads.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn read_lines(mut input: impl BufRead, sender: &SyncSender<Line>) {
    loop {
        let mut line = Vec::new();
        let limit = MAX_ENTRY_BYTES as u64 + 1;
        let message = match input.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) if line.len() > MAX_ENTRY_BYTES && line.last() != Some(&b'\n') => {
                skip_line(&mut input).map(|()| None)
            }
            Ok(_) => Ok(Some(line)),
            Err(error) => Err(error),
        };
        let failed = message.is_err();
        if sender.send(message).is_err() || failed {
            return;
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                input.consume(at + 1);
                return Ok(());
            }
            None => {
                let length = buffer.len();
                input.consume(length);
            }
        }
    }
}
