//! Gathers the facts of this machine and shows them as JSON lines, and on the other channel what each poll took:
//! `cargo run --release -p watch --example host_facts > facts.json`

use std::fs;
use std::io::{Write as _, stderr, stdout};
use std::time::{Instant, UNIX_EPOCH};
use watch::{FactsConfig, HostFacts};

/// More than the first search for sensitive files needs.
const POLLS: i64 = 30;

fn main() -> anyhow::Result<()> {
    let mut facts = HostFacts::new(FactsConfig::default())?;
    let now = i64::try_from(UNIX_EPOCH.elapsed()?.as_nanos())?;
    for poll in 0..POLLS {
        let (begun, ticks) = (Instant::now(), ticks());
        let said = facts.poll(now + poll * 10_000_000_000);
        facts.acknowledge()?;
        let (took, used) = (begun.elapsed(), self::ticks() - ticks);
        writeln!(stderr(), "poll {poll}: {took:?}, processor {used} ms, {} facts", said.len())?;
        writeln!(stdout(), "{}", serde_json::to_string(&said)?)?;
    }
    Ok(())
}

/// Processor time of this process in milliseconds, in the kernel's steps.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat.split_whitespace().skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<u64>() * 10
}
