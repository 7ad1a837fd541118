//! Processors, load, memory, swap and uptime.

use super::points::{Kind, Metric, Number, Points, ratio};
use crate::limits::MAX_CPUS;
use model::ValueRef;
use procfs::{Current as _, CurrentSI as _};

const CPU_TIME: Metric = Metric {
    name: "system.cpu.time",
    kind: Kind::Counter,
    unit: "s",
    description: "Seconds each logical processor spent in each mode.",
};
const CPU_UTILIZATION: Metric = Metric {
    name: "system.cpu.utilization",
    kind: Kind::Gauge,
    unit: "1",
    description: "Share of all processors' time in each mode since the last sample.",
};
const LOAD: [Metric; 3] = [
    Metric {
        name: "system.cpu.load_average.1m",
        kind: Kind::Gauge,
        unit: "{thread}",
        description: "Average load over the last minute.",
    },
    Metric {
        name: "system.cpu.load_average.5m",
        kind: Kind::Gauge,
        unit: "{thread}",
        description: "Average load over the last 5 minutes.",
    },
    Metric {
        name: "system.cpu.load_average.15m",
        kind: Kind::Gauge,
        unit: "{thread}",
        description: "Average load over the last 15 minutes.",
    },
];
const MEMORY_USAGE: Metric =
    Metric { name: "system.memory.usage", kind: Kind::UpDown, unit: "By", description: "Memory in use by state." };
const MEMORY_UTILIZATION: Metric = Metric {
    name: "system.memory.utilization",
    kind: Kind::Gauge,
    unit: "1",
    description: "Share of the memory in each state.",
};
const PAGING_USAGE: Metric =
    Metric { name: "system.paging.usage", kind: Kind::UpDown, unit: "By", description: "Swap space by state." };
const PAGING_UTILIZATION: Metric = Metric {
    name: "system.paging.utilization",
    kind: Kind::Gauge,
    unit: "1",
    description: "Share of the swap space in each state.",
};
const UPTIME: Metric =
    Metric { name: "system.uptime", kind: Kind::Gauge, unit: "s", description: "Seconds since the system started." };

const MODES: [&str; 7] = ["user", "system", "nice", "idle", "iowait", "interrupt", "steal"];

/// Ticks per mode. The guest's time is already in `user` and `nice`.
type Ticks = [u64; MODES.len()];

fn ticks(time: &procfs::CpuTime) -> Ticks {
    [
        time.user,
        time.system,
        time.nice,
        time.idle,
        time.iowait.unwrap_or(0),
        time.irq.unwrap_or(0).saturating_add(time.softirq.unwrap_or(0)),
        time.steal.unwrap_or(0),
    ]
}

/// Processor times of the last sample.
#[derive(Default)]
pub(crate) struct CpuMemory {
    last: Option<Ticks>,
}

impl CpuMemory {
    /// False when the kernel does not show it.
    pub fn sample(&mut self, points: &mut Points) -> bool {
        let Ok(stats) = procfs::KernelStats::current() else {
            self.last = None;
            return false;
        };
        let per_second = procfs::ticks_per_second().max(1) as f64;
        for (number, time) in stats.cpu_time.iter().take(MAX_CPUS).enumerate() {
            for (mode, ticks) in MODES.into_iter().zip(ticks(time)) {
                let attributes =
                    [("cpu.logical_number", ValueRef::Int(number as i64)), ("cpu.mode", ValueRef::Str(mode))];
                points.add(&CPU_TIME, &attributes, Number::Float(ticks as f64 / per_second));
            }
        }
        let total = ticks(&stats.total);
        if let Some(last) = self.last.replace(total) {
            // Some kernels let idle and iowait fall a little.
            let spent: Vec<u64> = total.iter().zip(last).map(|(now, last)| now.saturating_sub(last)).collect();
            let all = spent.iter().sum();
            for (mode, spent) in MODES.into_iter().zip(spent) {
                if let Some(share) = ratio(spent, all) {
                    points.add(&CPU_UTILIZATION, &[("cpu.mode", ValueRef::Str(mode))], Number::Float(share));
                }
            }
        }
        true
    }
}

/// False when the kernel does not show it.
pub(crate) fn load(points: &mut Points) -> bool {
    let Ok(load) = procfs::LoadAverage::current() else { return false };
    for (metric, value) in LOAD.iter().zip([load.one, load.five, load.fifteen]) {
        // The kernel gives two decimals; the detour keeps them from becoming 0.10000000149.
        points.add(metric, &[], Number::Float((f64::from(value) * 100.0).round() / 100.0));
    }
    true
}

/// False when the kernel does not show it.
pub(crate) fn memory(points: &mut Points) -> bool {
    let Ok(info) = procfs::Meminfo::current() else { return false };
    let cached = info.cached.saturating_add(info.s_reclaimable.unwrap_or(0));
    let used = info.mem_total.saturating_sub(info.mem_free).saturating_sub(info.buffers).saturating_sub(cached);
    let states = [("used", used), ("free", info.mem_free), ("buffers", info.buffers), ("cached", cached)];
    for (state, bytes) in states {
        let attributes = [("system.memory.state", ValueRef::Str(state))];
        points.add(&MEMORY_USAGE, &attributes, Number::Int(bytes));
        if let Some(share) = ratio(bytes, info.mem_total) {
            points.add(&MEMORY_UTILIZATION, &attributes, Number::Float(share));
        }
    }
    for (state, bytes) in [("used", info.swap_total.saturating_sub(info.swap_free)), ("free", info.swap_free)] {
        let attributes = [("system.paging.state", ValueRef::Str(state))];
        points.add(&PAGING_USAGE, &attributes, Number::Int(bytes));
        if let Some(share) = ratio(bytes, info.swap_total) {
            points.add(&PAGING_UTILIZATION, &attributes, Number::Float(share));
        }
    }
    true
}

/// False when the kernel does not show it.
pub(crate) fn uptime(points: &mut Points) -> bool {
    let Ok(uptime) = procfs::Uptime::current() else { return false };
    points.add(&UPTIME, &[], Number::Float(uptime.uptime));
    true
}
