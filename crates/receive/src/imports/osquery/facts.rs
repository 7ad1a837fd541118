//! Rows of osquery's tables as facts about their hosts.

use super::How;
use super::tables::{Row, Table};
use crate::imports::draft::{Draft, put};
use crate::imports::image::Reference;
use crate::imports::limits::LIST_LEASE_NANOS;
use crate::imports::purl::purl;
use chrono::DateTime;
use model::entity::{self, EXECUTES, HAS, KNOWS, LISTENS, RUNS_ON, USES_IMAGE};
use model::{EntityRef, Nanos};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Accounts from here on belong to persons, on Linux; names of persons are not kept.
const FIRST_PERSON: i64 = 1_000;
/// The account `nobody`.
const NOBODY: i64 = 65_534;

/// Hosts, by name, with what was read of them so far.
#[derive(Default)]
pub struct Hosts(BTreeMap<EntityRef, Host>);

#[derive(Default)]
struct Host {
    at: Nanos,
    attributes: Map<String, Value>,
    /// `debian`, `rhel`, `darwin`, ...: part of the names of its packages.
    platform: Option<String>,
    /// Executables of processes, by their id.
    processes: HashMap<String, String>,
    items: Vec<Item>,
}

/// What a row says, until everything is known that its name needs.
struct Item {
    at: Nanos,
    how: How,
    what: What,
}

enum What {
    /// Type of the package URL, name and version.
    Package(&'static str, String, String),
    /// The socket, and the process or executable behind it.
    Socket(String, Option<String>, Option<String>),
    Executable(String),
    /// Kind, name and attributes.
    Account(&'static str, String, Map<String, Value>),
    /// Id, image and attributes.
    Container(String, String, Map<String, Value>),
}

/// A column that is not empty.
fn get(row: &Row, column: &str) -> Option<String> {
    match row.get(column)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Hosts {
    /// Something was read of a host.
    pub fn saw(&mut self, host: &EntityRef, at: Nanos) {
        let known = self.0.entry(host.clone()).or_default();
        known.at = known.at.max(at);
    }

    /// Takes one row.
    pub fn row(&mut self, host: &EntityRef, table: Table, row: &Row, at: Nanos, how: How) {
        let host = self.0.entry(host.clone()).or_default();
        let package = |kind: &'static str, version: &str| {
            Some(What::Package(kind, get(row, "name")?, get(row, version).unwrap_or_default()))
        };
        let what = match table {
            Table::OsVersion | Table::KernelInfo | Table::Uptime => {
                if how != How::Removed {
                    host.describe(table, row, at);
                }
                None
            }
            Table::DebPackages => package("deb", "version"),
            Table::RpmPackages => package("rpm", "version").map(|what| with_release(what, row)),
            Table::HomebrewPackages => package("brew", "version"),
            Table::PythonPackages => package("pypi", "version"),
            Table::NpmPackages => package("npm", "version"),
            Table::Programs => package("generic", "version"),
            Table::Apps => package("generic", "bundle_short_version"),
            Table::ListeningPorts => socket(row),
            Table::Processes => {
                let path = get(row, "path");
                if let (Some(pid), Some(path), true) = (get(row, "pid"), &path, how != How::Removed) {
                    host.processes.insert(pid, path.clone());
                }
                path.map(What::Executable)
            }
            Table::Users => account(row),
            Table::Groups => group(row),
            Table::DockerContainers => container(row),
        };
        host.items.extend(what.map(|what| Item { at, how, what }));
    }

    /// Everything that was read, as facts.
    pub fn facts(self, draft: &mut Draft<'_>) {
        for (name, host) in self.0 {
            let observation = draft.facts.seen(name.clone(), host.at, host.attributes.clone());
            observation.lease = Some(LIST_LEASE_NANOS);
            let mut told = HashSet::new();
            for item in &host.items {
                if !host.tell(&name, item, &mut told, draft) {
                    draft.count("rows have a name that cannot be kept");
                }
            }
        }
    }
}

impl Host {
    fn describe(&mut self, table: Table, row: &Row, at: Nanos) {
        let columns: &[(&str, &str)] = match table {
            Table::OsVersion => {
                &[("os.name", "name"), ("os.version", "version"), ("os.build_id", "build"), ("host.arch", "arch")]
            }
            Table::KernelInfo => &[("kernelVersion", "version")],
            _ => &[],
        };
        for (name, column) in columns {
            put(&mut self.attributes, name, get(row, column).as_deref());
        }
        if table == Table::OsVersion {
            self.platform = get(row, "platform");
            put(&mut self.attributes, "os.platform", self.platform.as_deref());
        }
        let up = get(row, "total_seconds").and_then(|seconds| seconds.parse::<i64>().ok());
        if let Some(up) = up.filter(|_| table == Table::Uptime) {
            // To the minute: a second more or less is no news.
            let booted = at.saturating_div(1_000_000_000).saturating_sub(up).div_euclid(60).saturating_mul(60);
            let booted =
                DateTime::from_timestamp(booted, 0).map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            put(&mut self.attributes, "booted", booted.as_deref());
        }
    }

    /// Whether a row could be told: its name must be one.
    fn tell(
        &self,
        name: &EntityRef,
        item: &Item,
        told: &mut HashSet<(EntityRef, Nanos, bool)>,
        draft: &mut Draft<'_>,
    ) -> bool {
        let mut attributes = Map::new();
        let (relation, made) = match &item.what {
            What::Package(kind, package, version) => {
                put(&mut attributes, "name", Some(package));
                put(&mut attributes, "version", Some(version));
                (HAS, entity::package(&self.purl(kind, package, version)))
            }
            What::Socket(socket, pid, path) => {
                let path = path.as_ref().or_else(|| self.processes.get(pid.as_ref()?));
                put(&mut attributes, "process", path.map(String::as_str));
                (LISTENS, entity::on_host("socket", name, socket))
            }
            What::Executable(path) => (EXECUTES, entity::on_host("executable", name, path)),
            What::Account(kind, account, said) => {
                attributes.clone_from(said);
                (KNOWS, entity::on_host(kind, name, account))
            }
            What::Container(id, image, said) => return container_facts(name, item, (id, image, said), draft),
        };
        let Ok(to) = made else { return false };
        // A hundred processes of one executable are one.
        let ended = item.how == How::Removed;
        if told.insert((to.clone(), item.at, ended)) {
            let observation = draft.facts.related(name.clone(), relation, to, item.at);
            observation.attributes = attributes;
            observation.ended = ended;
            observation.lease = (item.how == How::Listed).then_some(LIST_LEASE_NANOS);
        }
        true
    }

    /// Packages of Debian and its kin, and RPM packages, bear the name of their distribution.
    fn purl(&self, kind: &str, name: &str, version: &str) -> String {
        match kind {
            "deb" => purl(kind, Some(self.platform.as_deref().unwrap_or("debian")), name, version),
            "rpm" => {
                let platform =
                    self.platform.as_deref().map(|platform| if platform == "rhel" { "redhat" } else { platform });
                purl(kind, platform, name, version)
            }
            "npm" => match name.split_once('/') {
                Some((scope, name)) => purl(kind, Some(scope), name, version),
                None => purl(kind, None, name, version),
            },
            _ => purl(kind, None, name, version),
        }
    }
}

fn with_release(what: What, row: &Row) -> What {
    match (what, get(row, "release")) {
        (What::Package(kind, name, version), Some(release)) => {
            What::Package(kind, name, format!("{version}-{release}"))
        }
        (what, _) => what,
    }
}

/// A socket that others can reach by a port; those of one machine's files are left out.
fn socket(row: &Row) -> Option<What> {
    let (port, address) = (get(row, "port")?, get(row, "address")?);
    let protocol = match get(row, "protocol")?.as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "132" => "sctp".to_owned(),
        number => format!("ip-{number}"),
    };
    if port == "0" || port == "-1" {
        return None;
    }
    let address = if address.contains(':') { format!("[{address}]") } else { address };
    // `path` of this table is that of a file's socket; joined with processes it is the executable.
    let process = get(row, "process_path").or(get(row, "path"));
    Some(What::Socket(format!("{protocol}/{address}:{port}"), get(row, "pid"), process))
}

/// An account of the system by its name, that of a person by its number.
fn account(row: &Row) -> Option<What> {
    let uid: i64 = get(row, "uid")?.parse().ok()?;
    let home = get(row, "directory").unwrap_or_default().replace('\\', "/");
    let persons = home.starts_with("/Users/") || home.contains(":/Users/") || home.starts_with("/home/");
    let person = persons || uid >= FIRST_PERSON && uid != NOBODY;
    let name = if person { format!("uid-{uid}") } else { get(row, "username")? };
    let mut attributes = Map::new();
    attributes.insert("uid".to_owned(), Value::from(uid));
    put(&mut attributes, "shell", get(row, "shell").as_deref());
    Some(What::Account("account", name, attributes))
}

/// A group; those from the first person on often bear a person's name.
fn group(row: &Row) -> Option<What> {
    let gid: i64 = get(row, "gid")?.parse().ok()?;
    let name = if gid >= FIRST_PERSON && gid != NOBODY { format!("gid-{gid}") } else { get(row, "groupname")? };
    let attributes = Map::from_iter([("gid".to_owned(), Value::from(gid))]);
    Some(What::Account("group", name, attributes))
}

fn container(row: &Row) -> Option<What> {
    let mut attributes = Map::new();
    put(&mut attributes, "name", get(row, "name").as_deref().map(|name| name.trim_start_matches('/')));
    put(&mut attributes, "state", get(row, "state").as_deref());
    Some(What::Container(get(row, "id")?, get(row, "image")?, attributes))
}

fn container_facts(
    host: &EntityRef,
    item: &Item,
    (id, image, said): (&str, &str, &Map<String, Value>),
    draft: &mut Draft<'_>,
) -> bool {
    let Ok(container) = entity::container(id) else { return false };
    let state = said.get("state").and_then(Value::as_str).unwrap_or_default();
    let ended = item.how == How::Removed || matches!(state, "exited" | "dead" | "removing");
    let lease = (item.how == How::Listed && !ended).then_some(LIST_LEASE_NANOS);
    let observation = draft.facts.seen(container.clone(), item.at, said.clone());
    (observation.ended, observation.lease) = (ended, lease);
    // An image that is known by its id alone is of this machine.
    let image =
        Some(image).filter(|image| !image.starts_with("sha256:")).and_then(|image| Reference::of(image).entity().ok());
    for (relation, to) in [(RUNS_ON, Some(host.clone())), (USES_IMAGE, image)] {
        if let Some(to) = to {
            let observation = draft.facts.related(container.clone(), relation, to, item.at);
            (observation.ended, observation.lease) = (ended, lease);
        }
    }
    true
}
