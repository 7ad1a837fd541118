//! A program that runs once: how long, how much of the processor, how much memory.

use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often its memory is looked at; the peak is kept by the system, so only what is reached later than the last look is missed.
const LOOK: Duration = Duration::from_millis(5);

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of processor time, of all threads.
    pub cpu: f64,
    /// The largest memory of the process, in MiB; of a script that starts another program, that of the script.
    pub peak: f64,
}

impl Took {
    /// How many times as much another program took: by the clock, and of the processor. What is below a hundredth of a second
    /// of processor time is told as that.
    pub fn times(self, other: Took) -> (f64, f64) {
        (other.wall / self.wall, other.cpu / self.cpu.max(0.01))
    }
}

/// The best of some runs. Which exit codes are right is told: scanners end with their own when they find something.
pub fn best(rounds: usize, codes: &[i32], command: &dyn Fn() -> Command) -> Result<Took> {
    let mut best: Option<Took> = None;
    for _ in 0..rounds {
        let took = once(codes, command())?;
        best = Some(match best {
            Some(other) => {
                Took { wall: other.wall.min(took.wall), cpu: other.cpu.min(took.cpu), peak: other.peak.max(took.peak) }
            }
            None => took,
        });
    }
    best.context("no round")
}

fn once(codes: &[i32], mut command: Command) -> Result<Took> {
    let name = Path::new(command.get_program()).display().to_string();
    let before = children_seconds()?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let mut peak = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // A process that has just ended has no memory any more.
        peak = crate::probe::memory_mib(child.id(), "VmHWM").unwrap_or(0.0).max(peak);
        std::thread::sleep(LOOK);
    };
    let wall = started.elapsed().as_secs_f64();
    let code = status.code().unwrap_or(-1);
    ensure!(codes.contains(&code), "{name} ended with {status}");
    Ok(Took { wall, cpu: children_seconds()? - before, peak })
}

/// Processor time of all children that ended.
pub fn children_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')').context("/proc/self/stat")?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).context("/proc/self/stat");
    // Ticks are hundredths on every Linux that Debian runs on.
    Ok((ticks(13)? + ticks(14)?) as f64 / 100.0)
}
