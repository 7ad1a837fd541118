//! The host itself: what it is, since when it runs, and whether it waits for a restart.

use super::part::Attributes;
use super::{FactsConfig, Nanos, SECOND, read};
use chrono::{DateTime, SecondsFormat};
use serde_json::Value;
use std::path::Path;

/// Largest kernel file read; `/proc/stat` has a line for each processor and one of all interrupts.
const MAX_KERNEL_BYTES: u64 = 1024 * 1024;
/// Packages told as the reason for a restart.
const MAX_REASONS: usize = 20;
const DAY: i64 = 24 * 3600;

/// Seconds since 1970 at which the machine started, to the minute: a corrected clock moves it by a second or two.
pub(super) fn boot_time(proc: &Path) -> Option<i64> {
    let stat = read::text(&proc.join("stat"), MAX_KERNEL_BYTES).ok()?;
    let seconds: i64 = stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(seconds.div_euclid(60) * 60)
}

/// The running kernel.
pub(super) fn kernel(proc: &Path) -> Option<String> {
    let text = read::text(&proc.join("sys/kernel/osrelease"), MAX_KERNEL_BYTES).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Attributes of the host. `newer_kernel` is what the packages say of a restart.
pub(super) fn attributes(
    config: &FactsConfig,
    boot: Option<i64>,
    now: Nanos,
    newer_kernel: Option<bool>,
) -> Attributes {
    let members = crate::host::members(&config.root);
    let mut out: Attributes = members.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
    if let Some(name) = &config.host_name {
        out.insert("host.name".to_owned(), name.clone().into());
    }
    if let Some(kernel) = kernel(&config.proc) {
        out.insert("os.build_id".to_owned(), kernel.into());
    }
    if let Some(boot) = boot {
        if let Some(time) = DateTime::from_timestamp(boot, 0) {
            out.insert("host.boot_time".to_owned(), time.to_rfc3339_opts(SecondsFormat::Secs, true).into());
        }
        out.insert("host.uptime".to_owned(), uptime(now / SECOND - boot).into());
    }
    // Debian's packages leave this file; that it is missing says something only where they do.
    let notice = config.root.join("run/reboot-required");
    if read::stamp(&notice).is_some() {
        out.insert("reboot_required".to_owned(), true.into());
        if let Ok(text) = read::text(&config.root.join("run/reboot-required.pkgs"), MAX_KERNEL_BYTES) {
            let mut packages: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            packages.sort_unstable();
            packages.dedup();
            packages.truncate(MAX_REASONS);
            out.insert("reboot_required_by".to_owned(), packages.into());
        }
    } else if let Some(newer) = newer_kernel {
        out.insert("reboot_required".to_owned(), newer.into());
    } else if config.root.join("var/lib/dpkg/status").exists() {
        out.insert("reboot_required".to_owned(), false.into());
    }
    out
}

/// Coarse, so that the attributes do not change with each poll.
fn uptime(seconds: i64) -> &'static str {
    match seconds / DAY {
        ..1 => "under 1 day",
        1..7 => "1 to 7 days",
        7..30 => "7 to 30 days",
        30..90 => "30 to 90 days",
        90..365 => "90 to 365 days",
        _ => "over 1 year",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_told_in_steps() {
        assert_eq!(uptime(-5), "under 1 day");
        assert_eq!(uptime(DAY), "1 to 7 days");
        assert_eq!(uptime(400 * DAY), "over 1 year");
    }
}
