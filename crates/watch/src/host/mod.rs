//! Host metrics from `/proc`, under OpenTelemetry's `system.*` and `process.*` names and units.
//!
//! What a container or an old kernel does not show is left out and listed by [`Host::missing`].

mod network;
mod points;
mod processes;
mod resource;
mod storage;
mod system;

use anyhow::Result;
use model::batch::Origin;
use model::metrics::MetricsBuilder;
use model::{Context, EventBatch};
use points::Points;
use std::collections::BTreeSet;

pub use resource::host_name;
pub(crate) use resource::{distribution, members};

/// Scope of the points.
const SCOPE: &str = "tandem.watch.host";

/// The machine's metrics; holds what the last sample saw, for the values over an interval.
pub struct Host {
    origin: Origin,
    dataset: String,
    boot: Option<i64>,
    cpu: system::CpuMemory,
    processes: processes::ProcessMemory,
    missing: BTreeSet<&'static str>,
}

impl Host {
    /// Into the dataset `default`.
    pub fn new() -> Result<Host> {
        Self::into_dataset("default")
    }

    /// Into the given dataset. Fails where there is no `/proc` at all.
    pub fn into_dataset(dataset: impl Into<String>) -> Result<Host> {
        use anyhow::Context as _;
        std::fs::metadata("/proc/self/stat").context("no /proc here: host metrics need it mounted")?;
        let boot = procfs::boot_time_secs().ok().and_then(|seconds| i64::try_from(seconds).ok());
        Ok(Host {
            origin: Origin {
                resource_attributes: Some(resource::attributes()),
                scope_name: Some(SCOPE.to_owned()),
                scope_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                ..Origin::default()
            },
            dataset: dataset.into(),
            boot: boot.and_then(|seconds| seconds.checked_mul(1_000_000_000)),
            cpu: system::CpuMemory::default(),
            processes: processes::ProcessMemory::default(),
            missing: BTreeSet::new(),
        })
    }

    /// Measures everything once. Values over an interval come from the second sample on.
    pub fn sample(&mut self, now: i64) -> Result<EventBatch> {
        let mut builder = MetricsBuilder::new(Context::new(self.dataset.clone(), "host", now));
        builder.set_origin(self.origin.clone());
        let mut points = Points::new(builder, now, self.boot);
        let part = |name: &'static str, there: bool, missing: &mut BTreeSet<&'static str>| {
            if there {
                missing.remove(name);
            } else if missing.insert(name) {
                tracing::info!(part = name, "this machine does not show this; its metrics are left out");
            }
        };
        let missing = &mut self.missing;
        part("/proc/stat", self.cpu.sample(&mut points), missing);
        part("/proc/loadavg", system::load(&mut points), missing);
        part("/proc/meminfo", system::memory(&mut points), missing);
        part("/proc/uptime", system::uptime(&mut points), missing);
        part("/proc/diskstats", storage::disks(&mut points), missing);
        part("/proc/self/mounts", storage::filesystems(&mut points), missing);
        part("/proc/net/dev", network::interfaces(&mut points), missing);
        part("/proc/net/tcp", network::connections(&mut points), missing);
        part("/proc/[pid]/stat", self.processes.sample(&mut points), missing);
        points.finish()
    }

    /// Parts of `/proc` that could not be read in the last sample.
    pub fn missing(&self) -> Vec<&'static str> {
        self.missing.iter().copied().collect()
    }

    /// Resource attributes of this machine as attribute JSON: `host.*` and `os.*`.
    pub fn resource() -> String {
        resource::attributes()
    }
}
