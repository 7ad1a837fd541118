//! Disks and file systems.

use super::points::{Kind, Metric, Number, Points, ratio};
use crate::limits::{MAX_DISKS, MAX_FILESYSTEMS};
use model::ValueRef;
use std::collections::HashSet;

const DISK_IO: Metric = Metric {
    name: "system.disk.io",
    kind: Kind::Counter,
    unit: "By",
    description: "Bytes moved to and from the disk.",
};
const DISK_OPERATIONS: Metric = Metric {
    name: "system.disk.operations",
    kind: Kind::Counter,
    unit: "{operation}",
    description: "Completed disk operations.",
};
const DISK_IO_TIME: Metric =
    Metric { name: "system.disk.io_time", kind: Kind::Counter, unit: "s", description: "Time the disk was busy." };
const DISK_OPERATION_TIME: Metric = Metric {
    name: "system.disk.operation_time",
    kind: Kind::Counter,
    unit: "s",
    description: "Sum of the time each operation took.",
};
const FILESYSTEM_USAGE: Metric = Metric {
    name: "system.filesystem.usage",
    kind: Kind::UpDown,
    unit: "By",
    description: "File system space by state.",
};
const FILESYSTEM_UTILIZATION: Metric = Metric {
    name: "system.filesystem.utilization",
    kind: Kind::Gauge,
    unit: "1",
    description: "Used share of the file system.",
};

/// The unit of `/proc/diskstats`, whatever the disk's own sectors are.
const SECTOR_BYTES: u64 = 512;

/// False when the kernel does not show it.
pub(crate) fn disks(points: &mut Points) -> bool {
    let Ok(disks) = procfs::diskstats() else { return false };
    // Loop and memory devices show the work of others once more; idle ones say nothing.
    let real = |name: &str| !["loop", "ram", "zram", "fd", "sr"].iter().any(|kind| is_numbered(name, kind));
    let used = disks.iter().filter(|disk| real(&disk.name) && disk.reads.saturating_add(disk.writes) > 0);
    for disk in used.take(MAX_DISKS) {
        let device = ("system.device", ValueRef::Str(&disk.name));
        let directions = [
            ("read", disk.sectors_read, disk.reads, disk.time_reading),
            ("write", disk.sectors_written, disk.writes, disk.time_writing),
        ];
        for (direction, sectors, operations, millis) in directions {
            let attributes = [device, ("disk.io.direction", ValueRef::Str(direction))];
            points.add(&DISK_IO, &attributes, Number::Int(sectors.saturating_mul(SECTOR_BYTES)));
            points.add(&DISK_OPERATIONS, &attributes, Number::Int(operations));
            points.add(&DISK_OPERATION_TIME, &attributes, Number::Float(millis as f64 / 1000.0));
        }
        points.add(&DISK_IO_TIME, &[device], Number::Float(disk.time_in_progress as f64 / 1000.0));
    }
    true
}

fn is_numbered(name: &str, kind: &str) -> bool {
    name.strip_prefix(kind).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether asking for the space is useful and safe. Asking a network or user-space file system can wait
/// for ever when its other side is gone, and kernel interfaces have no space.
fn is_local(kind: &str, device: &str) -> bool {
    const REMOTE: [&str; 12] =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "9p", "afs", "autofs", "sshfs"];
    const MEMORY: [&str; 3] = ["tmpfs", "overlay", "zfs"];
    !REMOTE.contains(&kind) && !kind.starts_with("fuse") && (device.starts_with('/') || MEMORY.contains(&kind))
}

/// False when the kernel does not show it.
pub(crate) fn filesystems(points: &mut Points) -> bool {
    let Ok(mounts) = procfs::mounts() else { return false };
    let mut seen = HashSet::new();
    let mut left = MAX_FILESYSTEMS;
    for mount in mounts {
        let (kind, device, mountpoint) = (&mount.fs_vfstype, &mount.fs_spec, &mount.fs_file);
        if left == 0 {
            break;
        }
        // One device mounted at several places (bind mounts of containers) is one file system.
        let place = if device.starts_with('/') { device } else { mountpoint };
        if !is_local(kind, device) || seen.contains(place) {
            continue;
        }
        let Ok(space) = rustix::fs::statvfs(mountpoint.as_str()) else { continue };
        let bytes = |blocks: u64| blocks.saturating_mul(space.f_frsize);
        // A file bound over by a container has the space of its file system and the device's name.
        if space.f_blocks == 0 || std::fs::metadata(mountpoint).is_ok_and(|metadata| metadata.is_file()) {
            continue;
        }
        seen.insert(place.clone());
        left -= 1;
        let mode = if mount.fs_mntops.contains_key("ro") { "ro" } else { "rw" };
        let attributes = [
            ("system.device", ValueRef::Str(device)),
            ("system.filesystem.mode", ValueRef::Str(mode)),
            ("system.filesystem.mountpoint", ValueRef::Str(mountpoint)),
            ("system.filesystem.type", ValueRef::Str(kind)),
        ];
        let used = space.f_blocks.saturating_sub(space.f_bfree);
        let reserved = space.f_bfree.saturating_sub(space.f_bavail);
        for (state, blocks) in [("used", used), ("free", space.f_bavail), ("reserved", reserved)] {
            let mut all = attributes.to_vec();
            all.push(("system.filesystem.state", ValueRef::Str(state)));
            points.add(&FILESYSTEM_USAGE, &all, Number::Int(bytes(blocks)));
        }
        // As `df` counts: of what a user without privileges can have.
        if let Some(share) = ratio(used, used.saturating_add(space.f_bavail)) {
            points.add(&FILESYSTEM_UTILIZATION, &attributes, Number::Float(share));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_file_systems_with_space_are_asked() {
        assert!(is_local("ext4", "/dev/sda1") && is_local("tmpfs", "tmpfs") && is_local("overlay", "overlay"));
        assert!(!is_local("nfs4", "/srv:/x") && !is_local("fuse.sshfs", "/x") && !is_local("proc", "proc"));
        assert!(is_numbered("loop0", "loop") && is_numbered("sr0", "sr") && !is_numbered("sramdisk", "sr"));
    }
}
