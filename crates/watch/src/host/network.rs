//! Network interfaces and connections.

use super::points::{Kind, Metric, Number, Points};
use crate::limits::{MAX_CONNECTIONS, MAX_INTERFACES};
use model::ValueRef;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};

const IO: Metric =
    Metric { name: "system.network.io", kind: Kind::Counter, unit: "By", description: "Bytes sent and received." };
const PACKETS: Metric = Metric {
    name: "system.network.packets",
    kind: Kind::Counter,
    unit: "{packet}",
    description: "Packets sent and received.",
};
const ERRORS: Metric =
    Metric { name: "system.network.errors", kind: Kind::Counter, unit: "{error}", description: "Network errors." };
const DROPPED: Metric = Metric {
    name: "system.network.dropped",
    kind: Kind::Counter,
    unit: "{packet}",
    description: "Packets dropped although there was no error.",
};
const CONNECTIONS: Metric = Metric {
    name: "system.network.connection.count",
    kind: Kind::UpDown,
    unit: "{connection}",
    description: "TCP connections by state.",
};

/// Names of the kernel's TCP states 1 to 12.
const STATES: [&str; 12] = [
    "established",
    "syn_sent",
    "syn_received",
    "fin_wait_1",
    "fin_wait_2",
    "time_wait",
    "closed",
    "close_wait",
    "last_ack",
    "listen",
    "closing",
    "syn_received",
];
/// A line of `/proc/net/tcp6` has under 200 bytes.
const MAX_LINE_BYTES: u64 = 256;

/// False when the kernel does not show it.
pub(crate) fn interfaces(points: &mut Points) -> bool {
    let Ok(devices) = procfs::net::dev_status() else { return false };
    let mut devices: Vec<_> = devices.into_values().collect();
    devices.sort_by(|a, b| a.name.cmp(&b.name));
    for device in devices.iter().take(MAX_INTERFACES) {
        let directions = [
            ("receive", [device.recv_bytes, device.recv_packets, device.recv_errs, device.recv_drop]),
            ("transmit", [device.sent_bytes, device.sent_packets, device.sent_errs, device.sent_drop]),
        ];
        for (direction, values) in directions {
            let attributes = [
                ("network.interface.name", ValueRef::Str(&device.name)),
                ("network.io.direction", ValueRef::Str(direction)),
            ];
            for (metric, value) in [&IO, &PACKETS, &ERRORS, &DROPPED].into_iter().zip(values) {
                points.add(metric, &attributes, Number::Int(value));
            }
        }
    }
    true
}

/// False when the kernel does not show it.
pub(crate) fn connections(points: &mut Points) -> bool {
    let mut counts = [0u64; STATES.len()];
    let mut left = MAX_CONNECTIONS;
    let mut shown = false;
    for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(file) = File::open(path) else { continue };
        shown = true;
        // Line by line: the table of a busy proxy has many megabytes.
        let limit = MAX_LINE_BYTES.saturating_mul(left as u64);
        for line in BufReader::new(file.take(limit)).lines().skip(1).map_while(Result::ok) {
            if left == 0 {
                break;
            }
            left -= 1;
            if let Some(state) = state(&line) {
                counts[state] += 1;
            }
        }
    }
    let by_name = |name: &str| (0..STATES.len()).filter(|&at| STATES[at] == name).map(|at| counts[at]).sum::<u64>();
    // The last name is a second kind of `syn_received`.
    for name in &STATES[..STATES.len() - 1] {
        let attributes =
            [("network.connection.state", ValueRef::Str(name)), ("network.transport", ValueRef::Str("tcp"))];
        if shown {
            points.add(&CONNECTIONS, &attributes, Number::Int(by_name(name)));
        }
    }
    shown
}

/// Index into [`STATES`] of a line of `/proc/net/tcp`.
fn state(line: &str) -> Option<usize> {
    let code = u8::from_str_radix(line.split_ascii_whitespace().nth(3)?, 16).ok()?;
    let index = usize::from(code).checked_sub(1)?;
    (index < STATES.len()).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_connections() {
        let line =
            "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1681 1 0 100 0 0 10 0";
        assert_eq!(state(line).map(|at| STATES[at]), Some("listen"));
        assert_eq!(state("0: a b 0C x").map(|at| STATES[at]), Some("syn_received"));
        for wrong in ["", "0: a b", "0: a b 00 x", "0: a b FF x", "0: a b zz x"] {
            assert_eq!(state(wrong), None, "{wrong}");
        }
    }
}
