//! Sockets that listen, and which executable listens there.
//!
//! TCP sockets listen when the kernel says so. UDP has no such state: a UDP socket is a listener when it is bound and
//! has no peer, and either its port lies outside the range that the kernel hands to clients, or it was already there at
//! the last look: a client that asks something keeps its socket for moments.

use super::executables::executable;
use super::part::{Item, Part, attributes};
use super::{Look, read};
use model::{Facts, Nanos, entity};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// Lines read of each table; the table of a busy proxy has more, and listeners come first in it.
const MAX_LINES: usize = 50_000;
/// A line has under 200 bytes.
const MAX_LINE_BYTES: u64 = 256;
/// Listening sockets told.
const MAX_SOCKETS: usize = 2_048;
/// Handles looked at in one poll to find whose a socket is; found ones are remembered.
const MAX_HANDLES: usize = 100_000;
/// Processes looked at for that.
const MAX_PROCESSES: usize = 8_192;
/// Ports that the kernel hands to clients, where it does not say.
const CLIENT_PORTS: (u16, u16) = (32_768, 60_999);
const PART: &str = "sockets";

/// A bound socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Socket {
    udp: bool,
    local: SocketAddr,
    inode: u64,
}

/// The listening sockets of this machine.
#[derive(Default)]
pub(super) struct Sockets {
    pub part: Part,
    /// Whose a socket is: it stays so while the socket is there. Nothing where nobody was found.
    owners: HashMap<u64, Option<String>>,
    /// UDP sockets that were there at the last look.
    udp: HashSet<u64>,
}

impl Sockets {
    pub fn poll(&mut self, look: &mut Look<'_>, on: bool, interval: Nanos, facts: &mut Facts) {
        if !on {
            return self.part.withdraw(look.host, entity::LISTENS, true, look.now, facts);
        }
        if !self.part.due(look.now, interval) {
            return;
        }
        self.part.looked(look.now);
        look.notes.begin(PART);
        let proc = &look.config.proc;
        let mut sockets = Vec::new();
        let mut shown = false;
        for (name, udp) in [("tcp", false), ("tcp6", false), ("udp", true), ("udp6", true)] {
            let path = proc.join("net").join(name);
            match table(&path, udp, &mut sockets) {
                Ok(()) => shown = true,
                Err(error) => look.notes.failed(PART, format!("/proc/net/{name}"), &error),
            }
        }
        if !shown {
            return;
        }
        let clients = client_ports(proc);
        let there: HashSet<u64> = sockets.iter().filter(|socket| socket.udp).map(|socket| socket.inode).collect();
        sockets.retain(|socket| {
            let client = socket.udp && (clients.0..=clients.1).contains(&socket.local.port());
            !client || self.udp.contains(&socket.inode)
        });
        self.udp = there;
        sockets.sort_unstable();
        sockets.truncate(MAX_SOCKETS);
        self.find_owners(look, &sockets);
        let items = self.items(look, &sockets);
        self.part.tell(look.host, entity::LISTENS, true, items, look.now, facts);
    }

    fn items(&self, look: &Look<'_>, sockets: &[Socket]) -> Vec<Item> {
        // Several processes may listen at one place: the one whose path comes first tells, so that it is always the same.
        let mut places = BTreeMap::<(bool, SocketAddr), Option<&str>>::new();
        for socket in sockets {
            let owner = self.owners.get(&socket.inode).and_then(Option::as_deref);
            let known = places.entry((socket.udp, socket.local)).or_default();
            *known = match (*known, owner) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        let item = |((udp, local), owner): ((bool, SocketAddr), Option<&str>)| {
            let protocol = if udp { "udp" } else { "tcp" };
            let to = entity::on_host("socket", look.host, &format!("{protocol}/{local}")).ok()?;
            let mut attributes = attributes([
                ("protocol", Value::from(protocol)),
                ("address", local.ip().to_string().into()),
                ("port", local.port().into()),
                ("exposed", (!loopback(local.ip())).into()),
            ]);
            if let Some(owner) = owner {
                attributes.insert("executable".to_owned(), owner.into());
            }
            Some(Item::part(to, attributes))
        };
        places.into_iter().filter_map(item).collect()
    }

    /// Looks through the handles of all processes, but only when there is a socket that was not there before.
    fn find_owners(&mut self, look: &mut Look<'_>, sockets: &[Socket]) {
        let there: HashSet<u64> = sockets.iter().map(|socket| socket.inode).collect();
        self.owners.retain(|inode, _| there.contains(inode));
        let mut wanted: HashSet<u64> = there.into_iter().filter(|inode| !self.owners.contains_key(inode)).collect();
        if wanted.is_empty() {
            return;
        }
        let mut left = MAX_HANDLES;
        let mut refused = None;
        for process in processes(&look.config.proc).take(MAX_PROCESSES) {
            let handles = match fs::read_dir(process.join("fd")) {
                Ok(handles) => handles,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    refused = Some(error);
                    continue;
                }
                Err(_) => continue,
            };
            for handle in handles.flatten() {
                if left == 0 || wanted.is_empty() {
                    break;
                }
                left -= 1;
                let Some(inode) = fs::read_link(handle.path()).ok().and_then(|target| socket_inode(&target)) else {
                    continue;
                };
                if wanted.remove(&inode) {
                    let path = executable(&process).ok().map(|running| look.people.mask(&running.path));
                    self.owners.insert(inode, path);
                }
            }
        }
        // A socket of the kernel has no process, and one of another user may not be shown: that stays so.
        if let Some(error) = refused.filter(|_| !wanted.is_empty()) {
            look.notes.failed(PART, "/proc/[pid]/fd", &error);
        }
        self.owners.extend(wanted.into_iter().map(|inode| (inode, None)));
    }
}

/// Folders of the processes.
pub(super) fn processes(proc: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let entries = fs::read_dir(proc).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit)).map(|one| one.path())
}

/// `socket:[4711]`.
fn socket_inode(target: &Path) -> Option<u64> {
    target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

fn loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
    }
}

fn client_ports(proc: &Path) -> (u16, u16) {
    let read = || {
        let text = read::text(&proc.join("sys/net/ipv4/ip_local_port_range"), MAX_LINE_BYTES).ok()?;
        let mut numbers = text.split_ascii_whitespace();
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    read().unwrap_or(CLIENT_PORTS)
}

/// Adds what listens in one of the kernel's tables. Line by line: a table may have many megabytes.
fn table(path: &Path, udp: bool, sockets: &mut Vec<Socket>) -> io::Result<()> {
    let limit = MAX_LINE_BYTES.saturating_mul(MAX_LINES as u64);
    for line in BufReader::new(File::open(path)?.take(limit)).lines().skip(1).take(MAX_LINES) {
        sockets.extend(line.ok().and_then(|line| listener(&line, udp)));
    }
    Ok(())
}

fn listener(line: &str, udp: bool) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (local, peer, state) = (fields.next()?, fields.next()?, fields.next()?);
    // 0A is listening; a UDP socket without a peer is "closed".
    if state != if udp { "07" } else { "0A" } {
        return None;
    }
    let (local, peer) = (address(local)?, address(peer)?);
    if local.port() == 0 || peer.port() != 0 || !peer.ip().is_unspecified() {
        return None;
    }
    // Queues, timer, retransmissions, user and timeout come before it.
    let inode = fields.nth(5)?.parse().ok()?;
    Some(Socket { udp, local, inode })
}

/// `0100007F:1F90`: words of 32 bits in the machine's order, and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let native = |word: &[u8]| u32::from_be_bytes([word[0], word[1], word[2], word[3]]).to_ne_bytes();
    let ip = if ip.len() == 8 {
        IpAddr::V4(Ipv4Addr::from(native(&model::hex::decode::<4>(ip)?)))
    } else {
        let mut all = model::hex::decode::<16>(ip)?;
        for word in all.chunks_exact_mut(4) {
            let turned = native(word);
            word.copy_from_slice(&turned);
        }
        IpAddr::V6(Ipv6Addr::from(all))
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_tables() {
        let tcp =
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0";
        let socket = listener(tcp, false).unwrap();
        assert_eq!((socket.local.to_string().as_str(), socket.inode), ("127.0.0.1:8080", 4711));
        assert!(loopback(socket.local.ip()));
        let six =
            "0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 5 1";
        assert_eq!(listener(six, false).unwrap().local.to_string(), "[::1]:22");
        let mapped =
            "0: 0000000000000000FFFF00000100007F:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 5";
        assert!(loopback(listener(mapped, false).unwrap().local.ip()));
        let udp = "9: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 99 2 0 0";
        assert_eq!(listener(udp, true).unwrap().local.port(), 53);
        for (line, is_udp) in [
            (tcp.replace(" 0A ", " 01 "), false),
            (udp.replace("00000000:0000 07", "0100007F:0035 07"), true),
            (udp.replace("0035", "0000"), true),
            (tcp.replace("4711", "x"), false),
            (tcp.replace("0100007F:", "0100:"), false),
            (String::new(), false),
        ] {
            assert_eq!(listener(&line, is_udp), None, "{line}");
        }
    }
}
