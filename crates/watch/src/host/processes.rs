//! Processes: how many in which state, and the few that use the most. Command lines are never read,
//! because they may hold secrets.

use super::points::{Kind, Metric, Number, Points};
use crate::limits::{MAX_PROCESSES, MAX_PROCESSES_SEEN};
use model::ValueRef;
use procfs::process::Stat;
use std::collections::{BTreeMap, HashMap, HashSet};

const COUNT: Metric = Metric {
    name: "system.process.count",
    kind: Kind::UpDown,
    unit: "{process}",
    description: "Processes in each state.",
};
const CPU_TIME: Metric = Metric {
    name: "process.cpu.time",
    kind: Kind::Counter,
    unit: "s",
    description: "Processor seconds of the process by mode.",
};
const MEMORY_USAGE: Metric =
    Metric { name: "process.memory.usage", kind: Kind::UpDown, unit: "By", description: "Physical memory in use." };

/// Tells a process from a later one with the same number.
type Identity = (i32, u64);

/// Processor ticks of the last sample.
#[derive(Default)]
pub(crate) struct ProcessMemory {
    last: HashMap<Identity, u64>,
}

impl ProcessMemory {
    /// False when the kernel shows none.
    pub fn sample(&mut self, points: &mut Points) -> bool {
        let Ok(processes) = procfs::process::all_processes() else { return false };
        // A process may end between being listed and being read.
        let stats: Vec<Stat> =
            processes.take(MAX_PROCESSES_SEEN).filter_map(|process| process.ok()?.stat().ok()).collect();
        let mut states = BTreeMap::<&str, u64>::new();
        for stat in &stats {
            *states.entry(status(stat.state)).or_default() += 1;
        }
        for (state, count) in states {
            points.add(&COUNT, &[("process.status", ValueRef::Str(state))], Number::Int(count));
        }
        for stat in self.top(&stats) {
            report(points, stat);
        }
        self.last = stats.iter().map(|stat| (identity(stat), ticks(stat))).collect();
        !stats.is_empty()
    }

    /// In turn the next by processor time since the last sample and by memory, until there are enough.
    fn top<'a>(&self, stats: &'a [Stat]) -> Vec<&'a Stat> {
        let spent = |stat: &Stat| ticks(stat).saturating_sub(self.last.get(&identity(stat)).copied().unwrap_or(0));
        let mut by_cpu: Vec<&Stat> = stats.iter().filter(|stat| spent(stat) > 0).collect();
        by_cpu.sort_by_key(|stat| (std::cmp::Reverse(spent(stat)), stat.pid));
        let mut by_memory: Vec<&Stat> = stats.iter().filter(|stat| stat.rss > 0).collect();
        by_memory.sort_by_key(|stat| (std::cmp::Reverse(stat.rss), stat.pid));
        let mut chosen = HashSet::new();
        let mut out = Vec::new();
        for index in 0..by_cpu.len().max(by_memory.len()) {
            for list in [&by_cpu, &by_memory] {
                if let Some(stat) = list.get(index)
                    && out.len() < MAX_PROCESSES
                    && chosen.insert(stat.pid)
                {
                    out.push(*stat);
                }
            }
        }
        out
    }
}

fn identity(stat: &Stat) -> Identity {
    (stat.pid, stat.starttime)
}

fn ticks(stat: &Stat) -> u64 {
    stat.utime.saturating_add(stat.stime)
}

fn report(points: &mut Points, stat: &Stat) {
    let per_second = procfs::ticks_per_second().max(1);
    let nanos = i64::try_from(u128::from(stat.starttime) * 1_000_000_000 / u128::from(per_second)).ok();
    // The boot time has whole seconds, so a young process could seem to start in the future.
    let start = points.boot().zip(nanos).map(|(boot, nanos)| boot.saturating_add(nanos).min(points.now()));
    let pid = ("process.pid", ValueRef::Int(i64::from(stat.pid)));
    let name = ("process.executable.name", ValueRef::Str(&stat.comm));
    for (mode, ticks) in [("user", stat.utime), ("system", stat.stime)] {
        let attributes = [pid, name, ("cpu.mode", ValueRef::Str(mode))];
        points.add_since(&CPU_TIME, &attributes, Number::Float(ticks as f64 / per_second as f64), start);
    }
    let memory = stat.rss.saturating_mul(procfs::page_size());
    points.add_since(&MEMORY_USAGE, &[pid, name], Number::Int(memory), start);
}

/// OpenTelemetry's name of a kernel's state letter.
fn status(letter: char) -> &'static str {
    match letter {
        'R' => "running",
        'S' | 'D' | 'I' => "sleeping",
        'T' | 't' => "stopped",
        'Z' | 'X' | 'x' => "defunct",
        _ => "other",
    }
}
