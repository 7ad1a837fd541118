//! Damage that a kill alone does not do: a cut log, a flipped byte in each kind of file, a full disk.

use super::aim::is_acknowledged;
use super::load::{batch, post};
use super::verify::{self, Found};
use super::{Folder, ledger, report_left_out, reported};
use crate::http::Client;
use crate::random::Random;
use crate::server::{ANSWER_TIMEOUT, Server};
use anyhow::{Context as _, Result, bail, ensure};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// One check.
pub struct Mode {
    /// Its name in the output and for `--only`.
    pub name: &'static str,
    /// Runs it and says what it saw.
    pub run: fn(&Path, &Folder, &mut Random) -> Result<String>,
}

/// Every check.
pub const ALL: &[Mode] = &[
    Mode { name: "cut tail of the log", run: cut_log },
    Mode { name: "flipped byte, log", run: |bin, folder, random| flip(bin, folder, random, Kind::Log) },
    Mode { name: "flipped byte, events", run: |bin, folder, random| flip(bin, folder, random, Kind::Events) },
    Mode { name: "flipped byte, index", run: |bin, folder, random| flip(bin, folder, random, Kind::Index) },
    Mode { name: "flipped byte, catalog", run: |bin, folder, random| flip(bin, folder, random, Kind::Catalog) },
    Mode { name: "flipped byte, catalog log", run: |bin, folder, random| flip(bin, folder, random, Kind::CatalogLog) },
    Mode { name: "flipped byte, other files", run: |bin, folder, random| flip(bin, folder, random, Kind::Other) },
    Mode { name: "flipped byte, positions", run: super::watched::flipped_positions },
    Mode { name: "kill -9 while reading files", run: super::watched::killed_while_reading },
    Mode { name: "full disk", run: full_disk },
    Mode { name: "ledger, killed at the first start", run: ledger::damage::killed_at_first },
    Mode { name: "ledger, flipped bytes", run: ledger::damage::flipped },
    Mode { name: "ledger, checkpoint removed", run: ledger::damage::checkpoint_removed },
    Mode { name: "ledger, audit trail cut", run: ledger::damage::cut_trail },
    Mode { name: "ledger, full disk", run: ledger::refusals::full_disk },
    Mode { name: "ledger, locked", run: ledger::refusals::locked },
    Mode { name: "ledger, newer version", run: ledger::refusals::newer },
];

/// Rows in each part of the folder that is damaged: enough for several log records.
const ROWS: u64 = 6_000;
const BATCH: u64 = 500;
/// The clients: rows of the first two lie in a file each, those of the third in the log.
const FIRST_FILE: usize = 0;
const SECOND_FILE: usize = 1;
const IN_LOG: usize = 2;

/// A kind of file in the data folder.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Log,
    Events,
    Index,
    Catalog,
    CatalogLog,
    /// Streams and whatever else is kept; positions have a check of their own.
    Other,
}

impl Kind {
    fn of(path: &Path) -> Option<Kind> {
        let name = path.file_name()?.to_str()?;
        let suffix = Path::new(name).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        match suffix {
            "log" => Some(Kind::Log),
            "parquet" => Some(Kind::Events),
            "idx" => Some(Kind::Index),
            "sqlite" => Some(Kind::Catalog),
            "sqlite-wal" => Some(Kind::CatalogLog),
            // Rebuilt by SQLite whenever it opens the file.
            "sqlite-shm" => None,
            // A flip turns the one digit of `format` into a newer format, which is refused, rightly.
            _ if name == "format" || name == "lock" => None,
            _ => Some(Kind::Other),
        }
    }
}

fn files(folder: &Path, kind: Kind) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // The ledger has checks of its own.
            if path.file_name().is_none_or(|name| name != "ledger") {
                found.extend(files(&path, kind)?);
            }
        } else if Kind::of(&path) == Some(kind) && path.metadata()?.len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A folder with two files and a log, left behind by a killed server.
fn fill(bin: &Path, folder: &Folder, random: &mut Random) -> Result<()> {
    let server = folder.start(bin)?;
    let mut client = Client::new(server.otlp_http, ANSWER_TIMEOUT);
    for number in [FIRST_FILE, SECOND_FILE, IN_LOG] {
        for first in (0..ROWS).step_by(BATCH as usize) {
            let answer = post(&mut client, &batch(number, first, BATCH, random), None)?;
            ensure!(is_acknowledged(&answer)?, "a server at rest answered {}: {}", answer.status, answer.text());
        }
        if number != IN_LOG {
            server.flush()?;
        }
    }
    server.kill()
}

/// Starts the server on the damaged folder and looks at everything in it.
fn look_again(bin: &Path, folder: &Folder) -> Result<(Server, Found)> {
    let server = folder.start(bin)?;
    verify::read_everything(&server)?;
    let found = verify::look(&server)?;
    Ok((server, found))
}

/// Searches rows of the clients that are whole.
fn search(server: &Server, found: &Found) -> Result<()> {
    for client in [FIRST_FILE, SECOND_FILE, IN_LOG] {
        if found.whole(client, ROWS) {
            for number in [0, ROWS / 2, ROWS - 1] {
                verify::search_one(server, client, number)?;
            }
        }
    }
    Ok(())
}

/// New rows are still taken and found: damage never leaves a server that only reads.
fn goes_on(server: &Server, random: &mut Random) -> Result<()> {
    const CLIENT: usize = 7;
    let mut client = Client::new(server.otlp_http, ANSWER_TIMEOUT);
    let answer = post(&mut client, &batch(CLIENT, 0, BATCH, random), None)?;
    ensure!(is_acknowledged(&answer)?, "after the damage it answered {}: {}", answer.status, answer.text());
    server.flush()?;
    ensure!(verify::look(server)?.whole(CLIENT, BATCH), "rows sent after the damage are missing");
    Ok(())
}

/// The last record of the log is unfinished, as after a power cut in the middle of a write.
fn cut_log(bin: &Path, folder: &Folder, random: &mut Random) -> Result<String> {
    fill(bin, folder, random)?;
    let path = files(&folder.data, Kind::Log)?.pop().context("there is no log file")?;
    let bytes = std::fs::read(&path)?;
    // The file may be allocated ahead: the tail is where its content ends.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let cut = 1 + random.below(2_000.min(end as u64 / 2)) as usize;
    File::options().write(true).open(&path)?.set_len((end - cut) as u64)?;
    let (server, found) = look_again(bin, folder)?;
    ensure!(
        found.whole(FIRST_FILE, ROWS) && found.whole(SECOND_FILE, ROWS),
        "rows of whole files are missing: {found:?}"
    );
    let rows = found.client(IN_LOG);
    ensure!(rows.found == rows.end, "rows before the cut are missing: {rows:?}");
    ensure!(rows.found < ROWS, "a cut of {cut} bytes lost nothing, so this check checks nothing");
    ensure!(rows.found + 2 * BATCH * 4 >= ROWS, "a cut of {cut} bytes lost {} rows", ROWS - rows.found);
    ensure!(reported(&server)?, "the cut was not reported");
    search(&server, &found)?;
    goes_on(&server, random)?;
    server.stop()?;
    Ok(format!("{cut} bytes cut, {} of {ROWS} rows in the log found, reported", rows.found))
}

fn flip(bin: &Path, folder: &Folder, random: &mut Random, kind: Kind) -> Result<String> {
    fill(bin, folder, random)?;
    let found_files = files(&folder.data, kind)?;
    if found_files.is_empty() && matches!(kind, Kind::CatalogLog | Kind::Other) {
        return Ok("there is no such file after a kill".to_owned());
    }
    ensure!(!found_files.is_empty(), "there is no file of kind {kind:?}");
    // Of the small files every one, of the big ones any.
    let chosen = if kind == Kind::Other { found_files } else { vec![random.pick(&found_files).clone()] };
    let mut what = Vec::new();
    for path in &chosen {
        what.push(flip_byte(path, &folder.data, random)?);
    }
    let what = what.join(", ");
    check_flip(bin, folder, random, kind)
        .with_context(|| format!("flipped {what}"))
        .map(|seen| format!("{what}: {seen}"))
}

pub(super) fn flip_byte(path: &Path, root: &Path, random: &mut Random) -> Result<String> {
    let bytes = std::fs::read(path)?;
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1) as u64;
    let at = random.below(end);
    let flipped = bytes[at as usize] ^ (1 << random.below(8));
    let file = File::options().write(true).open(path)?;
    file.write_all_at(&[flipped], at)?;
    file.sync_all()?;
    Ok(format!("byte {at} of {end} in {}", path.strip_prefix(root).unwrap_or(path).display()))
}

fn check_flip(bin: &Path, folder: &Folder, random: &mut Random, kind: Kind) -> Result<String> {
    let (server, found) = look_again(bin, folder)?;
    search(&server, &found)?;
    let whole: Vec<bool> = [FIRST_FILE, SECOND_FILE, IN_LOG].iter().map(|client| found.whole(*client, ROWS)).collect();
    let all = whole.iter().all(|whole| *whole);
    match kind {
        // What is damaged is gone; what is not must be found.
        Kind::Log => ensure!(whole[FIRST_FILE] && whole[SECOND_FILE], "rows of whole files are missing: {found:?}"),
        Kind::Events => {
            ensure!(whole[IN_LOG], "rows in the log are missing: {found:?}");
            ensure!(whole[FIRST_FILE] || whole[SECOND_FILE], "rows of the undamaged file are missing: {found:?}");
        }
        // The rows are not in these files.
        Kind::Index | Kind::Catalog | Kind::CatalogLog | Kind::Other => {
            ensure!(all, "no row was damaged, but not all are found: {found:?}");
        }
    }
    let told = reported(&server)?;
    if matches!(kind, Kind::Log | Kind::Events | Kind::Index) || !all {
        ensure!(told, "the damage was not reported");
    }
    goes_on(&server, random)?;
    server.stop()?;
    let told = if told { "reported" } else { "nothing to report" };
    Ok(format!("{} of {} rows found, {told}", found.rows(), 3 * ROWS))
}

/// Size of the small disk, and of the file on it that is removed to make room.
const DISK: &str = "160m";
const BALLAST_BYTES: u64 = 64 * 1024 * 1024;
/// Rows after which the disk must have been full.
const MOST_ROWS: u64 = 2_000_000;
/// After room is made, the server accepts again within this time.
const RECOVER: Duration = Duration::from_secs(60);
/// Pause before the same request is sent again.
const AGAIN: Duration = Duration::from_millis(200);

/// A small file system in memory, unmounted at the end.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it, if this process may.
    pub fn mount(path: &Path) -> Result<Option<SmallDisk>> {
        std::fs::create_dir_all(path)?;
        let mut mount = Command::new("mount");
        let output = mount.args(["-t", "tmpfs", "-o", &format!("size={DISK}"), "tmpfs"]).arg(path).output();
        match output {
            Ok(output) if output.status.success() => Ok(Some(SmallDisk(path.to_owned()))),
            Ok(output) => {
                println!("      cannot mount: {}", String::from_utf8_lossy(&output.stderr).trim());
                Ok(None)
            }
            Err(error) => {
                println!("      cannot mount: {error}");
                Ok(None)
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn full_disk(bin: &Path, folder: &Folder, random: &mut Random) -> Result<String> {
    let disk_path = folder.work.join("disk");
    let Some(disk) = SmallDisk::mount(&disk_path)? else {
        return Ok(report_left_out());
    };
    let ballast = disk_path.join("ballast");
    std::fs::write(&ballast, vec![1; BALLAST_BYTES as usize])?;
    let small = Folder { work: folder.work.clone(), data: disk_path.join("data"), log: folder.log.clone() };
    let server = small.start(bin)?;
    let mut client = Client::new(server.otlp_http, ANSWER_TIMEOUT);
    let (acknowledged, refused) = send_until_refused(&mut client, random)?;
    // Full is not down: it still answers questions, and keeps refusing what it cannot keep.
    server.status().context("a server on a full disk answers no status")?;
    verify::look(&server).context("a server on a full disk answers no SQL")?.at_least(&[acknowledged])?;
    std::fs::remove_file(&ballast)?;
    let deadline = Instant::now() + RECOVER;
    while !is_acknowledged(&post(&mut client, &refused, None)?)? {
        ensure!(Instant::now() < deadline, "there is room again, but it still refuses after {} s", RECOVER.as_secs());
        std::thread::sleep(AGAIN);
    }
    let sent = acknowledged + BATCH;
    verify::look(&server)?.exactly(&[sent])?;
    server.kill()?;
    let server = small.start(bin)?;
    verify::look(&server)?.exactly(&[sent])?;
    server.stop()?;
    drop(disk);
    Ok(format!("{acknowledged} rows until it was full, all found with room again and after a kill"))
}

/// Answers how many rows were acknowledged and the first request that was not, for want of room on the disk.
fn send_until_refused(client: &mut Client, random: &mut Random) -> Result<(u64, String)> {
    for first in (0..MOST_ROWS).step_by(BATCH as usize) {
        let body = batch(0, first, BATCH, random);
        let deadline = Instant::now() + RECOVER;
        loop {
            let answer = post(client, &body, None).context("a full disk must be answered, not cut off")?;
            if is_acknowledged(&answer)? {
                break;
            }
            match answer.status {
                503 if answer.text().contains("no space left") => return Ok((first, body)),
                // Busy, not full: it takes the request when a flush is done.
                429 => ensure!(Instant::now() < deadline, "still busy after {} s", RECOVER.as_secs()),
                status => bail!("a full disk was answered with {status}: {}", answer.text()),
            }
            std::thread::sleep(AGAIN);
        }
    }
    bail!("the disk of {DISK} was not full after {MOST_ROWS} rows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files() {
        for (path, kind) in [
            ("log/0000000000000001.log", Some(Kind::Log)),
            ("data/logs/dt=2026-01-01/01J.parquet", Some(Kind::Events)),
            ("data/logs/dt=2026-01-01/01J.idx", Some(Kind::Index)),
            ("catalog.sqlite", Some(Kind::Catalog)),
            ("catalog.sqlite-wal", Some(Kind::CatalogLog)),
            ("catalog.sqlite-shm", None),
            ("streams.json", Some(Kind::Other)),
            ("format", None),
        ] {
            assert_eq!(Kind::of(Path::new(path)), kind, "{path}");
        }
    }

    #[test]
    fn a_flip_changes_one_bit() {
        let folder = std::env::temp_dir().join(format!("tandem-xtask-flip-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("x");
        let before = vec![0xa5u8; 100];
        std::fs::write(&path, &before).unwrap();
        flip_byte(&path, &folder, &mut Random::new(3)).unwrap();
        let after = std::fs::read(&path).unwrap();
        let bits: u32 = before.iter().zip(&after).map(|(a, b)| (a ^ b).count_ones()).sum();
        assert_eq!((after.len(), bits), (100, 1));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
