//! A machine made of folders, and what its facts say.

use model::{About, Facts};
use serde_json::{Map, Value};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use watch::{FactsConfig, HostFacts, Policy};

/// One second.
pub const SECOND: i64 = 1_000_000_000;
/// A day in July 2026.
pub const T0: i64 = 1_783_500_000 * SECOND;

/// A machine named `web1`.
pub struct Machine {
    folder: TempDir,
}

impl Machine {
    /// With a name, a kernel, and a few accounts.
    pub fn new() -> Machine {
        let machine = Machine { folder: tempfile::tempdir().unwrap() };
        machine.mode("root", 0o755);
        machine.write("root/etc/os-release", "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n");
        machine.write(
            "root/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\n\
             daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n\
             www-data:x:33:33::/var/www:/usr/sbin/nologin\n\
             deploy:x:998:998::/srv/deploy:/bin/sh\n\
             ada:x:1000:1000:Ada Lovelace,,,:/home/ada:/bin/bash\n\
             grace:x:1001:1001:Grace Hopper,,,:/home/grace:/bin/bash\n\
             nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n",
        );
        machine.write("root/etc/group", "root:x:0:\nsudo:x:27:ada\ndocker:x:990:deploy,grace\nada:x:1000:\n");
        machine.write("proc/stat", "cpu 1 2 3\nbtime 1783400005\n");
        machine.write("proc/sys/kernel/osrelease", "6.1.0-40-amd64\n");
        machine
    }

    /// A path of the machine's folder, in which `root`, `proc` and `data` lie.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Sets the rights of a file or folder, which is made if it is not there.
    pub fn mode(&self, path: &str, mode: u32) {
        let path = self.path(path);
        if !path.exists() {
            fs::create_dir_all(&path).unwrap();
        }
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Makes a link that points at some text.
    pub fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// A process with an executable and a user; `sockets` are its handles.
    pub fn process(&self, pid: u32, exe: &str, uid: u32, sockets: &[u64]) {
        self.write(&format!("proc/{pid}/status"), format!("Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"));
        self.write(&format!("proc/{pid}/cgroup"), "0::/system.slice/x.service\n");
        self.link(&format!("proc/{pid}/exe"), exe);
        self.link(&format!("proc/{pid}/fd/0"), "/dev/null");
        for (at, inode) in sockets.iter().enumerate() {
            self.link(&format!("proc/{pid}/fd/{}", at + 3), &format!("socket:[{inode}]"));
        }
    }

    /// Where this machine's facts are gathered.
    pub fn config(&self) -> FactsConfig {
        fs::create_dir_all(self.path("data")).unwrap();
        FactsConfig {
            root: self.path("root"),
            proc: self.path("proc"),
            docker_sockets: vec![self.path("docker.sock")],
            containerd: self.path("containerd"),
            rpm: self.path("rpm"),
            data: Some(self.path("data")),
            host_name: Some("web1".to_owned()),
            ..FactsConfig::default()
        }
    }

    /// The facts of this machine from now on.
    pub fn facts(&self) -> HostFacts {
        HostFacts::new(self.config()).unwrap()
    }
}

/// Polls and says that it arrived.
pub fn poll(facts: &mut HostFacts, now: i64) -> Facts {
    let said = facts.poll(now);
    facts.acknowledge().unwrap();
    said
}

/// Attributes of an entity that was seen.
pub fn entity<'a>(facts: &'a Facts, name: &str) -> Option<&'a Map<String, Value>> {
    facts.observations.iter().find_map(|one| match &one.about {
        About::Entity(entity) if entity.to_string() == name && !one.ended => Some(&one.attributes),
        _ => None,
    })
}

/// `kind name` of all that a relation of the host points at, and its attributes.
pub fn related<'a>(facts: &'a Facts, kind: &str) -> Vec<(String, &'a Map<String, Value>)> {
    let relation = |one: &'a model::Observation| match &one.about {
        About::Relation(relation) if relation.kind == kind && !one.ended => {
            Some((relation.to.to_string(), &one.attributes))
        }
        _ => None,
    };
    facts.observations.iter().filter_map(relation).collect()
}

/// Names alone.
pub fn names(facts: &Facts, kind: &str) -> Vec<String> {
    related(facts, kind).into_iter().map(|(name, _)| name).collect()
}

/// Whether relations of a kind are told completely.
pub fn complete(facts: &Facts, kind: &str) -> bool {
    facts.complete.iter().any(|one| one.relation == kind && one.from.to_string() == "host:web1")
}

#[test]
fn the_host_is_seen_at_each_poll_with_a_lease() {
    let machine = Machine::new();
    machine.write("root/etc/machine-id", "0123456789abcdef\n");
    machine.write("root/run/reboot-required", "");
    machine.write("root/run/reboot-required.pkgs", "linux-image-amd64\nlibc6\nlibc6\n");
    let mut facts = machine.facts();
    for now in [T0, T0 + 10 * SECOND] {
        let said = poll(&mut facts, now);
        assert_eq!((said.origin.as_str(), said.dataset.as_str()), ("agent", "default"));
        let host = said.observations.iter().find(|one| one.about == About::Entity(facts.host().clone())).unwrap();
        assert_eq!((host.at, host.lease), (now, Some(30 * SECOND)));
        for (key, value) in [
            ("host.name", Value::from("web1")),
            ("host.id", "0123456789abcdef".into()),
            ("os.name", "Debian GNU/Linux".into()),
            ("os.version", "12".into()),
            ("os.build_id", "6.1.0-40-amd64".into()),
            ("host.boot_time", "2026-07-07T04:53:00Z".into()),
            ("host.uptime", "1 to 7 days".into()),
            ("reboot_required", true.into()),
            ("reboot_required_by", vec!["libc6", "linux-image-amd64"].into()),
        ] {
            assert_eq!(host.attributes.get(key), Some(&value), "{key}");
        }
    }
}

#[test]
fn a_policy_labels_the_machine_and_switches_parts_off() {
    let machine = Machine::new();
    machine.process(1, "/usr/lib/systemd/systemd", 0, &[]);
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    assert!(complete(&said, "executes") && complete(&said, "knows"));
    let json = br#"{"parts": {"executables": false}, "owner": "@acme/Platform", "environment": "production"}"#;
    facts.apply(&Policy::from_json(json).unwrap()).unwrap();
    let said = poll(&mut facts, T0 + SECOND);
    let host = entity(&said, "host:web1").unwrap();
    assert_eq!(
        (&host["owner"], &host["deployment.environment.name"]),
        (&"@acme/Platform".into(), &"production".into())
    );
    assert_eq!(names(&said, "owned_by"), ["team:platform"]);
    assert!(complete(&said, "executes") && names(&said, "executes").is_empty(), "what is not looked at has ended");
    let said = poll(&mut facts, T0 + 2 * SECOND);
    assert!(!complete(&said, "executes") && !complete(&said, "owned_by"), "both are told once");
    facts.apply(&Policy::default()).unwrap();
    let said = poll(&mut facts, T0 + 3 * SECOND);
    assert!(complete(&said, "owned_by") && names(&said, "owned_by").is_empty());
    assert_eq!(names(&said, "executes").len(), 1);
    assert!(facts.apply(&Policy { owner: Some(String::new()), ..Policy::default() }).is_err());
}

#[test]
fn what_did_not_arrive_is_told_again() {
    let machine = Machine::new();
    machine.process(1, "/sbin/init", 0, &[]);
    let mut facts = machine.facts();
    assert_eq!(names(&facts.poll(T0), "executes").len(), 1);
    assert_eq!(names(&poll(&mut facts, T0 + SECOND), "executes").len(), 1);
    assert_eq!(names(&poll(&mut facts, T0 + 2 * SECOND), "executes").len(), 0);
    assert_eq!(names(&poll(&mut facts, T0 + 3602 * SECOND), "executes").len(), 1, "once an hour");
}

#[test]
fn an_empty_or_broken_machine_is_no_reason_to_fail() {
    let machine = Machine::new();
    for path in ["root/etc/passwd", "root/etc/group", "root/etc/shadow", "root/etc/sudoers", "root/var/lib/dpkg/status"]
    {
        machine.write(path, [0xff, 0, b':', b'\n', b':', b':', b':', b':', b':', b':', 0xfe]);
    }
    fs::create_dir_all(machine.path("root/etc/os-release.d")).unwrap();
    machine.write("proc/net/tcp", "nonsense\nmore: nonsense\n");
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    assert!(entity(&said, "host:web1").is_some());
    let gone = FactsConfig { proc: Path::new("/nonexistent").to_owned(), ..machine.config() };
    assert!(HostFacts::new(gone).is_err());
    let wrong = FactsConfig { sensitive: vec!["[".to_owned()], ..machine.config() };
    assert!(HostFacts::new(wrong).is_err());
}
