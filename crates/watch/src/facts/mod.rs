//! What this machine is and what runs on it, as facts: the host, its packages, listening sockets, running executables,
//! containers, accounts, and files that look sensitive.
//!
//! Polled by its owner, who passes the time. A poll tells what is due and has changed; the owner keeps it and then
//! acknowledges. What was not acknowledged is told again, so a lost answer loses nothing.
//!
//! Command lines, environments, contents of files and names of persons are never told.

mod accounts;
mod containers;
mod executables;
mod machine;
mod packages;
mod part;
mod people;
mod policy;
mod read;
mod sensitive;
mod sockets;

pub use policy::{Intervals, Parts, Policy};

use anyhow::{Context as _, Result};
use model::{EntityRef, Facts, Nanos, entity};
use part::Part;
use people::People;
use read::Notes;
use serde_json::Value;
use std::path::PathBuf;

/// Who says all this.
const ORIGIN: &str = "agent";
/// The host is taken to be there this long without being seen again: two polls and some patience.
const HOST_LEASE: Nanos = 30 * SECOND;
/// A part that did not change is told whole again after this long.
const WHOLE_NANOS: Nanos = 3600 * SECOND;
const SECOND: Nanos = 1_000_000_000;

/// Where to look. Other places than the usual ones are for tests, and for an agent in a container that has the machine's
/// folders mounted somewhere.
#[derive(Clone, Debug)]
pub struct FactsConfig {
    /// Where the files of the machine begin.
    pub root: PathBuf,
    /// The kernel's processes.
    pub proc: PathBuf,
    /// Sockets of the Docker Engine API: Docker's own, and Podman's that is compatible.
    pub docker_sockets: Vec<PathBuf>,
    /// The folder in which containerd keeps what runs.
    pub containerd: PathBuf,
    /// The program that reads the database of RPM packages.
    pub rpm: PathBuf,
    /// Where to remember packages and containers over a restart; without, no changes of packages are told.
    pub data: Option<PathBuf>,
    /// Who may see it.
    pub dataset: String,
    /// The machine's name; by default the one it gives itself.
    pub host_name: Option<String>,
    /// Patterns of names of further files that are sensitive, such as `*.vault`.
    pub sensitive: Vec<String>,
}

impl Default for FactsConfig {
    fn default() -> Self {
        Self {
            root: PathBuf::from("/"),
            proc: PathBuf::from("/proc"),
            docker_sockets: vec![PathBuf::from("/run/docker.sock"), PathBuf::from("/run/podman/podman.sock")],
            containerd: PathBuf::from("/run/containerd"),
            rpm: PathBuf::from("rpm"),
            data: None,
            dataset: "default".to_owned(),
            host_name: None,
            sensitive: Vec::new(),
        }
    }
}

/// The facts of this machine; holds what was told, to tell only what is new.
pub struct HostFacts {
    config: FactsConfig,
    policy: Policy,
    host: EntityRef,
    people: People,
    notes: Notes,
    boot: Option<i64>,
    labels: Part,
    packages: packages::Packages,
    sockets: sockets::Sockets,
    executables: executables::Executables,
    containers: containers::Containers,
    accounts: accounts::Accounts,
    sensitive: sensitive::Sensitive,
}

/// What a part needs in order to look.
struct Look<'a> {
    config: &'a FactsConfig,
    host: &'a EntityRef,
    people: &'a People,
    notes: &'a mut Notes,
    now: Nanos,
}

impl HostFacts {
    /// Fails where there is no `/proc`, a pattern is wrong, or the machine has no name.
    pub fn new(config: FactsConfig) -> Result<HostFacts> {
        let proc = &config.proc;
        std::fs::metadata(proc.join("stat"))
            .with_context(|| format!("no {}: facts of this machine need it mounted", proc.display()))?;
        let name = config.host_name.clone().or_else(crate::host::host_name);
        let name = name.context("this machine has no name; set one with hostnamectl")?;
        let host = entity::host(&name).context("this machine's name cannot be used")?;
        let (packages, containers) = match &config.data {
            Some(data) => (packages::Packages::load(data)?, containers::Containers::load(data)?),
            None => Default::default(),
        };
        let policy = Policy::default();
        Ok(HostFacts {
            people: People::new(&config.root),
            boot: machine::boot_time(&config.proc),
            sensitive: sensitive::Sensitive::new(&config.sensitive, &policy)?,
            packages,
            containers,
            policy,
            host,
            config,
            notes: Notes::default(),
            labels: Part::default(),
            sockets: sockets::Sockets::default(),
            executables: executables::Executables::default(),
            accounts: accounts::Accounts::default(),
        })
    }

    /// The machine, as all facts name it.
    pub fn host(&self) -> &EntityRef {
        &self.host
    }

    /// Follows a policy from now on. Relations of a part that is switched off are told to have ended.
    pub fn apply(&mut self, policy: &Policy) -> Result<()> {
        policy.check()?;
        if *policy != self.policy {
            self.sensitive.apply(policy);
            self.policy = policy.clone();
        }
        Ok(())
    }

    /// What to say now: the host, and each part that is due and changed, or was not told for an hour. Whoever calls
    /// this keeps it and then calls [`HostFacts::acknowledge`]; else the same is told again.
    pub fn poll(&mut self, now: Nanos) -> Facts {
        let mut facts = Facts::new(ORIGIN, self.config.dataset.clone());
        self.people.refresh(&mut self.notes);
        let Self { config, policy, host, people, notes, .. } = self;
        let Policy { parts, intervals, .. } = &*policy;
        let mut look = Look { config, host, people, notes, now };
        let every = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND);
        self.packages.poll(&mut look, parts.packages, every(intervals.packages), &mut facts);
        self.sockets.poll(&mut look, parts.sockets, every(intervals.sockets), &mut facts);
        self.executables.poll(&mut look, parts.executables, every(intervals.executables), &mut facts);
        self.containers.poll(&mut look, parts.containers, every(intervals.containers), &mut facts);
        self.accounts.poll(&mut look, parts.accounts, every(intervals.accounts), &mut facts);
        self.sensitive.poll(&mut look, parts.sensitive, every(intervals.sensitive), &mut facts);
        self.owner(now, &mut facts);
        self.machine(now, &mut facts);
        facts
    }

    /// Nobody heard this machine for a while, and may have taken what runs here to have ended: the next poll tells it
    /// again.
    pub fn tell_again(&mut self) {
        self.sockets.part.tell_again();
        self.executables.part.tell_again();
        self.containers.tell_again();
    }

    /// What the last poll said is kept: it need not be told again.
    pub fn acknowledge(&mut self) -> Result<()> {
        self.labels.acknowledge();
        self.sockets.part.acknowledge();
        self.executables.part.acknowledge();
        self.accounts.part.acknowledge();
        self.sensitive.part.acknowledge();
        let data = self.config.data.as_deref();
        let packages = self.packages.acknowledge(data);
        self.containers.acknowledge(data)?;
        packages
    }

    fn owner(&mut self, now: Nanos, facts: &mut Facts) {
        let owner = self.policy.owner.as_deref().and_then(|owner| entity::team(owner).ok());
        let items = owner.map(|team| part::Item { to: team, entity: None, relation: serde_json::Map::new() });
        if self.labels.due(now, 0) && (items.is_some() || self.labels.was_told()) {
            self.labels.tell(&self.host, entity::OWNED_BY, false, items.into_iter().collect(), now, facts);
        }
    }

    fn machine(&mut self, now: Nanos, facts: &mut Facts) {
        let mut attributes = machine::attributes(&self.config, self.boot, now, self.packages.reboot_required());
        if let Some(owner) = &self.policy.owner {
            attributes.insert("owner".to_owned(), owner.clone().into());
        }
        if let Some(environment) = &self.policy.environment {
            attributes.insert("deployment.environment.name".to_owned(), environment.clone().into());
        }
        if let Some(counts) = self.sensitive.counts() {
            attributes.insert("sensitive_files".to_owned(), counts);
        }
        let unreadable = self.notes.unreadable();
        if !unreadable.is_empty() {
            attributes.insert("unreadable".to_owned(), Value::from(unreadable));
        }
        facts.seen(self.host.clone(), now, attributes).lease = Some(HOST_LEASE);
    }
}
