//! What the operating system says about the server: time, memory, bytes on disk.

use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Seconds of processor time, user and system, that a process has used.
pub fn core_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the server is gone")?;
    let ticks = parse_ticks(&stat).context("/proc/PID/stat has another form")?;
    Ok(ticks as f64 / ticks_per_second())
}

fn parse_ticks(stat: &str) -> Option<u64> {
    // The name in parentheses may hold anything; after it come the fields from the third on.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

fn ticks_per_second() -> f64 {
    let output = Command::new("getconf").arg("CLK_TCK").output().ok();
    // 100 on every Linux that Debian runs on.
    output.and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok()).unwrap_or(100.0)
}

/// A memory figure of a process in MiB: `VmRSS` now, `VmHWM` at most.
pub fn memory_mib(pid: u32, name: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib: f64 =
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).context("no such memory figure")?;
    Ok(kib / 1_024.0)
}

/// Memory of a process that has come to rest: the same in several looks, a quarter of a second apart.
pub fn idle_mib(pid: u32, within: Duration) -> Result<f64> {
    let began = Instant::now();
    let (mut last, mut same) = (memory_mib(pid, "VmRSS")?, 0);
    while same < 8 {
        ensure!(began.elapsed() < within, "the server's memory is not at rest after {} s", within.as_secs());
        std::thread::sleep(Duration::from_millis(250));
        let now = memory_mib(pid, "VmRSS")?;
        same = if (now - last).abs() < 0.5 { same + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}

/// Bytes of all files below a folder.
pub fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // A file may be replaced while we look.
        let Ok(metadata) = path.symlink_metadata() else { continue };
        bytes += if metadata.is_dir() { bytes_below(&path)? } else { metadata.len() };
    }
    Ok(bytes)
}

/// Drops the page cache; false when we may not.
pub fn drop_caches() -> bool {
    let _ = Command::new("sync").status();
    std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

/// The machine in one line.
pub fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("", |(_, m)| m.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib =
        meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
    format!("{cores} cores ({model}), {} GiB", kib.unwrap_or(0) / (1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_this_process() {
        let stat = "12 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(parse_ticks(stat), Some(300));
        let pid = std::process::id();
        assert!(core_seconds(pid).unwrap() >= 0.0);
        assert!(memory_mib(pid, "VmHWM").unwrap() > 0.5);
        assert!(memory_mib(pid, "VmNothing").is_err());
    }
}
