//! Files that the server follows: every line once, across kills and damaged positions.

use super::{Folder, modes, reported};
use crate::random::Random;
use crate::server::Server;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Lines written at a time.
const LINES: u64 = 4_000;
/// Kills while the server reads.
const KILLS: u64 = 6;
/// A line is found within this time of being written.
const FOUND: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);

const COUNTS: &str = "
SELECT count(*), count(DISTINCT body),
       count(*) FILTER (WHERE body IS NULL OR NOT matches_regex(body, '^line [0-9]{10} of the file, [0-9a-f]{16}$'))
FROM logs WHERE source = 'file'";

/// A file that grows, and how many lines it has.
struct Growing {
    path: PathBuf,
    lines: u64,
    random: Random,
}

impl Growing {
    fn new(folder: &Folder, random: &mut Random) -> Self {
        Self { path: folder.work.join("grows.txt"), lines: 0, random: Random::new(random.bits()) }
    }

    fn grow(&mut self, lines: u64) -> Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        let mut text = String::new();
        for number in self.lines..self.lines + lines {
            text.push_str(&format!("line {number:010} of the file, {:016x}\n", self.random.bits()));
        }
        self.lines += lines;
        file.write_all(text.as_bytes()).context("cannot write the file to follow")
    }

    fn start(&self, bin: &Path, folder: &Folder) -> Result<Server> {
        let path = self.path.to_str().context("the work folder's name is not UTF-8")?;
        let arguments = ["--watch-file", path, "--watch-format", "plain", "--no-journal", "--no-host-metrics"];
        Server::start_with(bin, &folder.data, &folder.log, &arguments)
    }

    /// Waits until every line is found; answers how many rows are there more than once.
    fn await_all(&self, server: &Server) -> Result<u64> {
        self.await_lines(server, self.lines)
    }

    /// Waits until so many different lines are found.
    fn await_lines(&self, server: &Server, wanted: u64) -> Result<u64> {
        let deadline = Instant::now() + FOUND;
        loop {
            let rows = server.sql(COUNTS)?;
            let (found, lines, wrong) = (number(&rows, 0)?, number(&rows, 1)?, number(&rows, 2)?);
            ensure!(wrong == 0, "{wrong} rows are no line of the file");
            ensure!(lines <= self.lines, "{lines} different lines found, but only {} were written", self.lines);
            if lines >= wanted {
                return Ok(found - lines);
            }
            ensure!(Instant::now() < deadline, "{lines} of {wanted} lines found after {} s", FOUND.as_secs());
            std::thread::sleep(LOOK);
        }
    }
}

fn number(rows: &[Vec<Value>], at: usize) -> Result<u64> {
    rows.first().and_then(|row| row.get(at)).and_then(Value::as_u64).context("an answer without counts")
}

/// A damaged position is reported, and reading goes on. Where is not known any more: lines may be read
/// again, or those written while no server ran may be left out.
pub fn flipped_positions(bin: &Path, folder: &Folder, random: &mut Random) -> Result<String> {
    let mut file = Growing::new(folder, random);
    file.grow(LINES)?;
    let server = file.start(bin, folder)?;
    ensure!(file.await_all(&server)? == 0, "lines are there twice before anything was damaged");
    server.kill()?;
    let positions = folder.data.join("positions");
    let mut flipped = Vec::new();
    for entry in std::fs::read_dir(&positions).context("there is no folder of positions")? {
        let path = entry?.path();
        if path.is_file() && path.metadata()?.len() > 0 {
            flipped.push(modes::flip_byte(&path, &folder.data, random)?);
        }
    }
    ensure!(!flipped.is_empty(), "there is no file of positions");
    let what = flipped.join(", ");
    let mut after = || -> Result<String> {
        let server = file.start(bin, folder)?;
        // From the first new line that is found, all are.
        let deadline = Instant::now() + FOUND;
        while number(&server.sql(COUNTS)?, 1)? <= LINES {
            ensure!(Instant::now() < deadline, "no new line is found after {} s", FOUND.as_secs());
            file.grow(1)?;
            std::thread::sleep(LOOK);
        }
        file.grow(LINES)?;
        let twice = file.await_lines(&server, 2 * LINES)?;
        ensure!(reported(&server)?, "the damage was not reported");
        server.stop()?;
        Ok(format!("all new lines found, {twice} read again, reported"))
    };
    after().with_context(|| format!("flipped {what}")).map(|seen| format!("{what}: {seen}"))
}

/// Kills at any time while a file grows: every line is there once.
pub fn killed_while_reading(bin: &Path, folder: &Folder, random: &mut Random) -> Result<String> {
    let mut file = Growing::new(folder, random);
    for _ in 0..KILLS {
        let server = file.start(bin, folder)?;
        let end = Instant::now() + Duration::from_millis(300 + random.below(1_500));
        while Instant::now() < end {
            file.grow(1 + random.below(300))?;
            std::thread::sleep(Duration::from_millis(random.below(40)));
        }
        server.kill()?;
    }
    let server = file.start(bin, folder)?;
    let twice = file.await_all(&server)?;
    ensure!(twice == 0, "{twice} lines are there twice");
    server.stop()?;
    Ok(format!("{} lines found, each once, after {KILLS} kills", file.lines))
}
